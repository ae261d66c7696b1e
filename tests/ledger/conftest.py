"""A fresh ledger that still keeps its promises when its test has ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import broken_promises
from tests.ledger.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    yield made
    broken = broken_promises(made.ledger)
    made.ledger.close()
    assert broken == {}
