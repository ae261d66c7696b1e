"""Measures what docs promise: one file a measure, `python -m bench.run` runs them and writes RESULTS.md."""
