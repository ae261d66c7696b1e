"""The ledger: one SQLite file that knows every job, shot, attempt, asset, file and basket."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from stockgen.domain.times import iso
from stockgen.domain.words import Remark
from stockgen.ledger.assets import Assets
from stockgen.ledger.baskets import Baskets
from stockgen.ledger.care import refuse_lost, refuse_shared
from stockgen.ledger.claims import Claims
from stockgen.ledger.closures import Closures
from stockgen.ledger.connection import Connection, Row
from stockgen.ledger.covered import Covered
from stockgen.ledger.finding import Finding
from stockgen.ledger.jobs import Jobs, remarks_of, remarks_to
from stockgen.ledger.likeness import Likenesses
from stockgen.ledger.mark import Mark
from stockgen.ledger.marks import Marks
from stockgen.ledger.motifs import Motifs
from stockgen.ledger.notices import Notices
from stockgen.ledger.past import PastIdeas
from stockgen.ledger.queue import Queue
from stockgen.ledger.retries import Retries
from stockgen.ledger.reworded import Rewordings
from stockgen.ledger.schedules import Schedules
from stockgen.ledger.shots import Shots
from stockgen.ledger.spend import Spend
from stockgen.ledger.tries import Tries

FILE_NAME = "ledger.db"
PAUSED = "paused"  # a fact that survives a restart; any value = somebody paused
PAUSED_UNTIL = "paused_until"  # ISO-8601; "" = until somebody resumes


class Ledger:
    """All tables over one connection. Open it through `opened` (writes) or `reading` (the CLI beside a daemon)."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self.jobs = Jobs(connection)
        self.shots = Shots(connection)
        self.spend = Spend(connection)
        self.claims = Claims(connection, self.spend)
        self.closures = Closures(connection)
        self.queue = Queue(connection)
        self.retries = Retries(connection)
        self.rewordings = Rewordings(connection)
        self.assets = Assets(connection)
        self.tries = Tries(connection)
        self.baskets = Baskets(connection)
        self.motifs = Motifs(connection)
        self.notices = Notices(connection)
        self.past = PastIdeas(connection)
        self.marks = Marks(connection)
        self.finding = Finding(connection)
        self.covered = Covered(connection)
        self.schedules = Schedules(connection)
        self.likenesses = Likenesses(connection)

    @classmethod
    def opened(cls, state: Path) -> Ledger:
        """Open for writing and migrate. Only the process that holds the state's lock may.

        Raises LedgerRefused where the ledger is damaged, newer, or not what was written last, or where SQLite can't be
        trusted; then nothing was changed.
        """
        path = state / FILE_NAME
        refuse_shared(state)
        refuse_lost(path)
        connection = Connection(path)
        try:
            connection.migrate()
            connection.count(Mark(state))
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @classmethod
    def reading(cls, state: Path) -> Ledger:
        """Open read-only. Raises StorageLost where there is no ledger yet."""
        return cls(Connection(state / FILE_NAME, read_only=True))

    def atomic(self) -> AbstractContextManager[None]:
        """Several writes, all or none."""
        return self._db.atomic()

    @property
    def changes(self) -> int:
        """How many rows this connection has ever changed: the same number = nothing to look at again."""
        return self._db.changes

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    # -- small facts that must survive a restart ---------------------------------------------------------------

    def note(self, key: str, value: str) -> None:
        """Remember `value` under `key`."""
        self._db.write(
            "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value",
            key=key,
            value=value,
        )

    def noted(self, key: str, default: str = "") -> str:
        """What was remembered under `key`, else `default`."""
        found = self._db.rows("SELECT value FROM meta WHERE key = :key", key=key)
        return str(found[0]["value"]) if found else default

    # -- commands: what was asked, and what came of it ---------------------------------------------------------

    def record_command(self, key: str, name: str, arguments: Mapping[str, Any], result: str, told: Sequence[Remark],
                       now: float) -> None:  # fmt: skip
        """Keep the answer to a command, so that whoever asked can read it."""
        self._db.write(
            """INSERT INTO commands (id, command, arguments, result, told, at)
               VALUES (:id, :name, :arguments, :result, :told, :now) ON CONFLICT (id) DO NOTHING""",
            id=key, name=name, arguments=json.dumps(dict(arguments), ensure_ascii=False), result=result,
            told=remarks_to(told), now=iso(now),
        )  # fmt: skip

    def answer(self, key: str) -> tuple[str, list[Remark]] | None:
        """What came of a command; None = nobody has applied it yet."""
        found = self._db.rows("SELECT result, told FROM commands WHERE id = :id", id=key)
        return (str(found[0]["result"]), remarks_of(found[0]["told"])) if found else None

    def query(self, sql: str, **values: Any) -> list[Row]:
        """Read anything; for reports and tests."""
        return self._db.rows(sql, **values)


__all__ = ["FILE_NAME", "PAUSED", "PAUSED_UNTIL", "Ledger", "Row"]
