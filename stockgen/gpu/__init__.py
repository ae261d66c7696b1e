"""The graphics card: what fits on it, what is warm on it, who else uses it. Heavy libraries only inside functions."""
