"""Words and seams. Standard library only: nothing here knows PIL, torch, SQLite or HTTP."""
