"""Pictures like one that is there already: which one is meant, how it looks, and an order that says so."""

from __future__ import annotations
