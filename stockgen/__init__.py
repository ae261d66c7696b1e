"""stockgen: job files in, upload-ready stock images out."""

__version__ = "0.1.0"
