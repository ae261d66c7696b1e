"""Other words for a prompt that a provider has refused: kept with the shot, and true of that provider alone. All others
are told what was meant in the first place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from stockgen.domain.protocols import Shot
from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row

KEY = "rephrase"  # in a shot's wish


@dataclass(frozen=True, slots=True)
class Reworded:
    """`by` has refused `before`, because of `why` (as the ledger keeps reasons). `words`: what it is told instead, put
    by `writer`; "" = there are none, or none yet.
    """

    by: str
    before: str
    why: str = ""
    words: str = ""
    writer: str = ""

    @classmethod
    def of(cls, wish: Mapping[str, Any]) -> Reworded | None:
        """That of a shot's wish; None = nothing was ever put in other words."""
        return cls(**wish[KEY]) if KEY in wish else None

    def to_json(self) -> dict[str, str]:
        """As people's scripts read it."""
        return {"refused_by": self.by, "before": self.before, "after": self.words, "writer": self.writer}


def worded(shot: Shot) -> Shot:
    """The shot with the words that the provider is told whose turn it is. Safe to repeat, also for another's turn."""
    told = Reworded.of(shot.wish)
    if told is None:
        return shot
    mine = told.words and shot.chain[shot.chain_pos] == told.by
    return replace(shot, prompt=told.words if mine else told.before)


def unmarked(shot: Shot) -> Shot:
    """The shot as if nobody had ever refused its words."""
    told = Reworded.of(shot.wish)
    wish = {key: value for key, value in shot.wish.items() if key != KEY}
    return replace(shot, prompt=told.before, wish=wish) if told else shot


def unsaid(shot: Shot) -> str:
    """Why the provider whose turn it is gets nothing: it refused the only words that there are. "" = it has not."""
    told = Reworded.of(shot.wish)
    return told.why if told and not told.words and shot.chain[shot.chain_pos] == told.by else ""


class Rewordings:
    """Shots that wait for other words, and those that have got them."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def want(self, shot: int, told: Reworded, until: float, now: float) -> None:
        """A planned shot whose words were refused waits for others, until `until` at most (wall seconds)."""
        self._db.write(
            f"""UPDATE shots SET wish = json_set(wish, '$.{KEY}', json(:told)), not_before = :until, updated_at = :now
                WHERE id = :id AND state = 'planned' AND provider = :by""",
            id=shot, told=_text(told), until=iso(until), now=iso(now), by=told.by,
        )  # fmt: skip

    def waiting(self) -> list[Row]:
        """Those that wait for words, in the order in which they will be begun."""
        return self._db.rows(
            f"""SELECT * FROM shots INDEXED BY shots_reworded WHERE state = 'planned' AND {_MARKED}
                  AND wish ->> '$.{KEY}.words' = '' AND wish ->> '$.{KEY}.by' = provider AND not_before <> ''
                ORDER BY priority DESC, rank, turn, id"""
        )

    def put(self, shot: int, told: Reworded, stack: str, now: float) -> None:
        """It has its words, or will never have any; `stack`: what its provider would load for it now."""
        self._db.write(
            f"""UPDATE shots SET wish = json_set(wish, '$.{KEY}', json(:told)), stack = :stack, updated_at = :now,
                  not_before = coalesce((SELECT not_before FROM jobs WHERE jobs.id = shots.job_id), '')
                WHERE id = :id AND state = 'planned' AND provider = :by""",
            id=shot, told=_text(told), stack=stack, now=iso(now), by=told.by,
        )  # fmt: skip


def _text(told: Reworded) -> str:
    return json.dumps(asdict(told), ensure_ascii=False)


_MARKED = f"wish ->> '$.{KEY}' IS NOT NULL"  # in these words SQLite sees that the index of them will do
