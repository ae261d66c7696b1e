"""What a check of the doctor says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stockgen.cli.desk import Session
from stockgen.domain.words import Remark

Finding = tuple[bool | None, Remark]  # None: works, but is worth a look
Check = Callable[[Session], Iterator[Finding]]
GIB = 1 << 30
