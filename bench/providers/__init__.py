"""Providers to measure with."""
