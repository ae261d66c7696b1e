"""What must be true of a folder after all lives of a mix, file by file and cent by cent."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stockgen.ledger import FILE_NAME
from tests.clouds import Clouds
from tests.torture.buying import bought_again
from tests.torture.mixes import Wish
from tests.torture.whole import faults, notes


def rows_of(root: Path, sql: str, *values: str) -> list[sqlite3.Row]:
    """Rows of the ledger there, read as any program may; none where there is no ledger yet, or only an empty one."""
    path = root / ".stockgen" / FILE_NAME
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'shots'").fetchone():
            return []
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


@dataclass(frozen=True)
class Reckoning:
    """`wishes`: what was dropped, by the file's name. `taken`: paths in the outbox that somebody took away.
    `cancelled`: jobs that somebody wanted to end.
    """

    root: Path
    wishes: Mapping[str, Wish]
    taken: Collection[str]
    cancelled: Collection[str]

    def all_faults(self) -> list[str]:
        """Everything that is not as it must be."""
        found = [one for one in faults(self.root) if one.removeprefix("missing: ") not in self.taken]
        found += [one for one in notes(self.root) if ".png" not in one and ".fixed." not in one]
        found += self._back_again()
        return found + [fault for name, wish in self.wishes.items() for fault in self._wrong(name, wish)]

    def _back_again(self) -> Iterator[str]:
        pictures = [path for path in self.taken if "/images/" in path]
        yield from (
            f"made again though taken away: {path}" for path in pictures if (self.root / "outbox" / path).exists()
        )

    def _wrong(self, name: str, wish: Wish) -> Iterator[str]:
        """What became of one file."""
        jobs = rows_of(self.root, "SELECT id, source_name FROM jobs WHERE kind = 'file'")
        mine = [row["id"] for row in jobs if row["source_name"].rpartition("/")[2] == name]
        if len(mine) != (1 if wish.pictures else 0):
            yield f"{name} ({wish.sort}) became {len(mine)} jobs"
            return
        if not wish.pictures:
            return
        rows = rows_of(self.root, "SELECT state, raw_sha256 FROM shots WHERE lead = 1 AND job_id = ?", mine[0])
        states = Counter(row["state"] for row in rows)
        ends = wish.ends | ({"cancelled", "failed", "done", "review"} if mine[0] in self.cancelled else set())
        if not ends >= states.keys() or (states.total() != wish.pictures and mine[0] not in self.cancelled):
            yield f"{name} ({wish.sort}) asked for {wish.pictures}: {dict(states)}"
        masters = "SELECT f.path FROM files f JOIN assets a ON a.id = f.asset_id WHERE f.role = 'master'"
        kept = rows_of(self.root, f"{masters} AND a.job_id = ?", mine[0])
        if len(kept) != states["done"] + states["review"]:
            yield f"{name} has {len(kept)} files for {dict(states)}"
        yield from self._money_of(mine[0], wish)

    def _money_of(self, job: str, wish: Wish) -> Iterator[str]:
        spent = "SELECT coalesce(sum(coalesce(settled_micros, reserved_micros)), 0) AS n FROM spend WHERE job_id = ?"
        (row,) = rows_of(self.root, spent, job)
        if (row["n"] and not wish.paid) or (wish.budget and row["n"] > wish.budget * 1e6):
            yield f"{job} ({wish.sort}) cost {row['n']} micro-USD, and may cost {wish.budget} USD"

    def books(self, clouds: Clouds, ends: list[float]) -> list[str]:
        """The service's own books against the ledger's: nothing was sold that the ledger doesn't know, nothing twice.

        `ends`: monotonic seconds at which a daemon ended without having been asked.
        """
        assert clouds.wait(quiet=True)
        arrivals = clouds.arrivals
        found = [f"bought again: {one}" for one in bought_again(arrivals, ends)]
        bought = "SELECT billed, coalesce(cost_micros, 0) AS cost, reserved_micros AS most FROM attempts"
        rows = rows_of(self.root, f"{bought} WHERE provider = 'openai'")
        sure = sum(row["cost"] for row in rows if row["billed"] == "yes")
        most = sum(row["cost"] if row["billed"] == "yes" else row["most"] for row in rows if row["billed"] != "no")
        billed = sum(one.micros for one in arrivals)
        if not sure <= billed <= most or (not ends and sure != billed):
            found.append(f"the service billed {billed}, the ledger says {sure} for sure and {most} at most")
        return found
