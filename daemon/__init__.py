"""When: folders, events, clocks, the service. What is made is the business of `stockgen`."""
