"""Jobs that come by themselves: when they are due, whether they are made, and what became of each due time."""
