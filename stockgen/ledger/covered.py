"""What there is already for a season: pictures that were ordered for it, or that carry its name."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.ledger.connection import Connection

MOST = 1_000  # pictures; nobody needs to know of more

# Pictures that exist, or will: a job that is still being planned counts with what it asks for. CROSS JOIN: in this
# order, because SQLite would rather read all shots than the few jobs of a season.
_COUNTS = """s.lead = 1 AND s.state NOT IN ('failed', 'cancelled') AND NOT EXISTS
    (SELECT 1 FROM assets a WHERE a.shot_id = s.id AND a.state = 'dropped')"""
_PICTURES = f"""
SELECT count(*) AS n FROM (
  SELECT id FROM (
    SELECT s.id FROM jobs j CROSS JOIN json_each(j.orders) o
      CROSS JOIN ideas i ON i.job_id = j.id AND i.order_index = o.key CROSS JOIN shots s ON s.idea_id = i.id
    WHERE j.orders LIKE :marked AND j.state <> 'planning' AND json_extract(o.value, '$.season') = :season AND {_COUNTS}
    LIMIT :most)
  UNION
  SELECT id FROM (
    SELECT s.id FROM ideas_words w CROSS JOIN ideas i ON i.id = w.rowid CROSS JOIN jobs j ON j.id = i.job_id
      CROSS JOIN shots s ON s.idea_id = i.id
    WHERE ideas_words MATCH :words AND j.state <> 'planning' AND {_COUNTS} LIMIT :most)
)"""
_ASKED = """
SELECT coalesce(sum(json_extract(o.value, '$.count')), 0) AS n FROM jobs j, json_each(j.orders) o
WHERE j.state = 'planning' AND NOT j.cancelled AND json_extract(o.value, '$.season') = :season"""


class Covered:
    """Counts pictures for seasons."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def pictures(self, season: str, names: Sequence[str]) -> int:
        """How many pictures there are or will be, 1,000 at most: their order named the `season`, or a title or tag has
        one of its `names` (a word stands for all that begin with it; English ones are compared by their stems).
        """
        made = self._db.one(_PICTURES, season=season, marked=f'%"season": "{season}"%', words=_query(names), most=MOST)
        asked = self._db.one(_ASKED, season=season)
        return min(MOST, int(made["n"]) + int(asked["n"]))


def _query(names: Sequence[str]) -> str:
    """Any of the names, as FTS5 wants it; a name of several words is a phrase."""
    plain = (" ".join(name.replace('"', " ").split()) for name in names)
    return "{title_en title_ko tags_en tags_ko} : (" + " OR ".join(f'"{name}"*' for name in plain if name) + ")"
