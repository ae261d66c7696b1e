"""docs/providers.md says what each provider makes of each key, so that nobody writes a key that does nothing."""

from __future__ import annotations

from pathlib import Path

from bench import acceptance
from bench.acceptance import ALIKE, PAGE, ROWS, table, written


def test_the_page_says_what_providers_say_themselves(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, table(tmp_path)) == page, "python -m bench.acceptance --write"


def test_no_key_is_passed_over_in_silence(tmp_path: Path) -> None:
    """What changes nothing in the request must be told, unless it is in the prompt's words already."""
    columns = acceptance.providers(tmp_path)
    silent = {(row.key, row.value, name) for row in ROWS for name, one in columns.items()
              if acceptance.cell(row, name, one) == ALIKE}  # fmt: skip
    assert {one for one in silent if one[0] not in ("kind", "transparent")} == set()
