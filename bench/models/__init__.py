"""Measures of local models: tiny ones with random weights on the CPU, or full-size ones on a card."""
