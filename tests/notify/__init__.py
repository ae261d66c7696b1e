"""Notifications and orders, against servers that speak the services' wire formats."""
