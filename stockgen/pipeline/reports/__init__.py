"""The morning report: what the night brought, for a phone and as a page."""
