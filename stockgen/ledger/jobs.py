"""Jobs and the ideas they were planned into."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from stockgen.domain.names import job_id
from stockgen.domain.times import iso
from stockgen.domain.words import Idea, JobRequest, Language, Order, Remark
from stockgen.ledger.connection import Connection, Row

AWAITED = "plan.words_awaited"  # told of words until somebody has put them into English, or has not


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a job came from. `arrival` identifies a file that still has to be moved out of the inbox; `parent`: the job
    that this one goes on from.
    """

    kind: str
    name: str
    sha256: str
    data: bytes
    arrival: str | None = None
    parent: str | None = None


class Jobs:
    """What one file or command asks for: planning → open → closed."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def new_id(self, rng: Random) -> str:
        """A job id that this ledger has never used."""
        while True:
            candidate = job_id(rng)
            taken = "SELECT 1 FROM jobs WHERE id = :id UNION ALL SELECT 1 FROM meta WHERE key = 'spent ' || :id"
            if not self._db.rows(taken, id=candidate):
                return candidate

    def spend(self, job: str) -> None:
        """An id that was used once, by a job that a restored ledger does not know: it is never used again."""
        self._db.write("INSERT INTO meta VALUES ('spent ' || :id, '') ON CONFLICT (key) DO NOTHING", id=job)

    def add(self, job: str, request: JobRequest, source: Source, folder: str, now: float) -> None:
        """Accept a job. When this returns, it survives a power cut."""
        self._db.write(
            """INSERT INTO jobs (id, kind, parent_id, state, source_name, source_sha256, source, preset, priority,
                                 not_before, budget_micros, folder, orders, remarks, arrival, accepted_at)
               VALUES (:id, :kind, :parent, 'planning', :name, :sha, :data, :preset, :priority, :start, :budget,
                       :folder, :orders, :remarks, :arrival, :now)""",
            id=job, kind=source.kind, parent=source.parent, name=source.name, sha=source.sha256, data=source.data,
            preset=request.preset,
            priority=request.priority, start=None if request.not_before is None else iso(request.not_before),
            budget=request.budget, folder=folder, arrival=source.arrival, now=iso(now),
            orders=_TEXT([order.to_json() for order in request.orders]),
            remarks=remarks_to(request.remarks),
        )  # fmt: skip

    def get(self, job: str) -> Row:
        """One job without its source bytes. Raises LookupError."""
        return self._db.one(f"SELECT {_COLUMNS} FROM jobs WHERE id = :id", id=job)

    def latest(self) -> str:
        """Id of the job that somebody asked for last: none that only carries the rest of another one.

        Raises LookupError where there is none.
        """
        return str(self._db.one("SELECT id FROM jobs WHERE kind <> 'rest' ORDER BY rowid DESC LIMIT 1")["id"])

    def source(self, job: str) -> bytes:
        """The bytes of the file as it was dropped."""
        return bytes(self._db.one("SELECT source FROM jobs WHERE id = :id", id=job)["source"])

    def orders(self, job: str) -> list[Order]:
        """The job's orders as they were understood."""
        return [Order.from_json(one) for one in json.loads(self.get(job)["orders"])]

    def listed(self, limit: int = 20) -> list[Row]:
        """The newest jobs first, with counts of their pictures by state."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM jobs ORDER BY rowid DESC LIMIT :limit", limit=limit)
        return [row | {"shots": self.counts(row["id"])} for row in rows]

    def counts(self, job: str) -> dict[str, int]:
        """How many of the job's pictures are in each state."""
        rows = self._db.rows(
            "SELECT state, count(*) AS n FROM shots WHERE job_id = :job AND lead = 1 GROUP BY state", job=job
        )
        return {row["state"]: row["n"] for row in rows}

    def rendered(self, job: str) -> int:
        """How many of a job's shots need no rendering any more, each try of a picture counted."""
        row = self._db.one(
            "SELECT count(*) AS n FROM shots WHERE job_id = :job AND state NOT IN ('planned', 'rendering')", job=job
        )
        return int(row["n"])

    def by_arrival(self, arrival: str) -> str | None:
        """The job made from this very file, where it could not be moved away yet; None = this file is new."""
        found = self._db.rows("SELECT id FROM jobs WHERE arrival = :arrival", arrival=arrival)
        return str(found[0]["id"]) if found else None

    def arrived(self, job: str, arrival: str) -> None:
        """The file that could not be moved away was touched: this is how it is known now."""
        self._db.write("UPDATE jobs SET arrival = :arrival WHERE id = :id", id=job, arrival=arrival)

    def named(self, name: str) -> list[Row]:
        """The unfinished jobs of a name that nobody cancelled, newest first: `id`, `kind`, `source_sha256`."""
        return self._db.rows(
            f"""SELECT id, kind, source_sha256 FROM jobs INDEXED BY jobs_open_name
                WHERE source_name = :name AND {_WORKING} AND NOT cancelled ORDER BY rowid DESC""",
            name=name,
        )  # fmt: skip

    def begun(self, job: str) -> bool:
        """Whether a picture of a job has ever been claimed."""
        return bool(
            self._db.rows(
                """SELECT 1 FROM shots WHERE job_id = :job
                   AND (starts > 0 OR state NOT IN ('planned', 'failed', 'cancelled')) LIMIT 1""",
                job=job,
            )
        )

    def moved(self, jobs: Sequence[str], folder: str | None) -> None:
        """These jobs' files are out of the inbox for good; `folder` tells the one in which they lie now, None = in
        none that we know. The file of a job is that of its rest, too.
        """
        with self._db.atomic():
            self._db.write_each(
                "UPDATE jobs SET arrival = NULL, resting = :folder WHERE id = :id",
                [{"id": job, "folder": folder} for job in jobs],
            )
            self._db.write(
                f"""UPDATE jobs SET resting = :folder WHERE {_WORKING} AND kind = 'rest'
                    AND parent_id IN (SELECT value FROM json_each(:jobs))""",
                folder=folder, jobs=_TEXT(list(jobs)),
            )  # fmt: skip

    def resting(self, folder: str) -> list[tuple[str, str, str]]:
        """(id, kind, name of its file) of the unfinished jobs whose files were laid into a folder."""
        rows = self._db.rows(
            f"SELECT id, kind, source_name FROM jobs WHERE {_WORKING} AND resting = :folder AND NOT cancelled",
            folder=folder,
        )
        return [(row["id"], row["kind"], row["source_name"]) for row in rows]

    def unrest(self) -> None:
        """The folder in which files of jobs lay is no more."""
        self._db.write(f"UPDATE jobs SET resting = NULL WHERE {_WORKING} AND resting IS NOT NULL")

    def tell(self, job: str, remark: Remark) -> None:
        """Add something to what a job's author is told."""
        with self._db.atomic():
            before = self._db.one("SELECT remarks FROM jobs WHERE id = :id", id=job)["remarks"]
            remarks = remarks_to([*remarks_of(before), remark])
            self._db.write("UPDATE jobs SET remarks = :remarks WHERE id = :id", id=job, remarks=remarks)

    def tell_once(self, job: str, remark: Remark) -> None:
        """The same, where it was not told before."""
        with self._db.atomic():
            if remark not in remarks_of(self._db.one("SELECT remarks FROM jobs WHERE id = :id", id=job)["remarks"]):
                self.tell(job, remark)

    def untell(self, job: str, code: str, line: int | None) -> None:
        """Take back what was told of a line, because it is known now; to be called inside `atomic`."""
        kept = [one for one in remarks_of(self.get(job)["remarks"]) if (one.code, one.line) != (code, line)]
        self._db.write("UPDATE jobs SET remarks = :remarks WHERE id = :id", id=job, remarks=remarks_to(kept))

    def unplanned(self, but: Sequence[str] = ()) -> list[str]:
        """The job that is planned next, if any: priority first, then in the order in which they came. `but`: jobs that
        are passed over.
        """
        others = "AND id NOT IN (SELECT value FROM json_each(:but))" if but else ""
        rows = self._db.rows(
            f"""SELECT id FROM jobs INDEXED BY jobs_planning WHERE state = 'planning' {others}
                ORDER BY priority DESC, accepted_at, rowid LIMIT 1""",
            **({"but": _TEXT(list(but))} if but else {}),
        )
        return [row["id"] for row in rows]

    def reword(self, job: str, index: int, order: Order) -> None:
        """One of a job's orders is understood otherwise from now on; to be called inside `atomic`."""
        orders = json.loads(self.get(job)["orders"])
        orders[index] = order.to_json()
        self._db.write("UPDATE jobs SET orders = :orders WHERE id = :id", id=job, orders=_TEXT(orders))

    def waiting(self, now: float) -> list[Row]:
        """Unfinished jobs whose own time has not come, by that time: `id`, `not_before`."""
        return self._db.rows(
            """SELECT id, not_before FROM jobs INDEXED BY jobs_not_before
               WHERE state <> 'closed' AND not_before > :now ORDER BY not_before, rowid""",
            now=iso(now),
        )  # fmt: skip

    def planned(self, job: str, told: Sequence[Remark]) -> None:
        """Planning is complete; `told` is added to what the author is told. Words that still await a translation got
        none, and were left out.
        """
        with self._db.atomic():
            before = self._db.one("SELECT remarks FROM jobs WHERE id = :id", id=job)["remarks"]
            self._db.write(
                "UPDATE jobs SET state = 'open', remarks = :remarks WHERE id = :id AND state = 'planning'",
                id=job,
                remarks=remarks_to([*map(_over, remarks_of(before)), *told]),
            )

    def ideas_planned(self, job: str) -> int:
        """How many ideas of a job are in the ledger already; a killed planning goes on there."""
        return int(self._db.one("SELECT count(*) AS n FROM ideas WHERE job_id = :job", job=job)["n"])

    def prompts(self, job: str, order: int) -> list[str]:
        """The prompts of the ideas that an order has already, in order."""
        rows = self._db.rows(
            "SELECT prompt FROM ideas WHERE job_id = :job AND order_index = :order ORDER BY position",
            job=job, order=order,
        )  # fmt: skip
        return [row["prompt"] for row in rows]

    def add_idea(self, job: str, position: int, order: int, mode: str, idea: Idea, now: float) -> int:
        """Store one idea and return its id; to be called inside `atomic` together with its shots."""
        row = self._db.one(
            """INSERT INTO ideas (job_id, position, order_index, mode, writer, prompt, title_en, title_ko,
                                  description_en, description_ko, tags_en, tags_ko, category, created_at)
               VALUES (:job, :position, :order, :mode, :writer, :prompt, :ten, :tko, :den, :dko, :gen, :gko,
                       :category, :now)
               RETURNING id""",
            job=job, position=position, order=order, mode=mode, writer=idea.writer or None, prompt=idea.prompt,
            ten=idea.title["en"], tko=idea.title["ko"], den=idea.description["en"], dko=idea.description["ko"],
            gen=_TEXT(idea.tags["en"]), gko=_TEXT(idea.tags["ko"]),
            category=idea.category, now=iso(now),
        )  # fmt: skip
        return int(row["id"])

    def describe(self, idea: int, description: Mapping[Language, str]) -> None:
        """What is really seen, instead of what was meant."""
        self._db.write(
            "UPDATE ideas SET description_en = :en, description_ko = :ko WHERE id = :id",
            id=idea, en=description["en"], ko=description["ko"],
        )  # fmt: skip

    def idea(self, idea: int) -> tuple[Idea, int]:
        """An idea and the index of the order that it belongs to."""
        row = self._db.one("SELECT * FROM ideas WHERE id = :id", id=idea)
        return idea_of(row), int(row["order_index"])

    def ready_to_close(self) -> list[str]:
        """Open jobs whose every shot has ended."""
        rows = self._db.rows(
            f"""SELECT id FROM jobs WHERE state = 'open' AND {_WORKING} AND NOT EXISTS
                  (SELECT 1 FROM shots WHERE job_id = jobs.id
                   AND state IN ('planned', 'rendering', 'rendered', 'publishing')) ORDER BY accepted_at, rowid"""
        )
        return [row["id"] for row in rows]

    def close(self, job: str, result: str, now: float) -> None:
        """The job folder is final."""
        self._db.write(
            "UPDATE jobs SET state = 'closed', result = :result, closed_at = :now WHERE id = :id AND state = 'open'",
            id=job, result=result, now=iso(now),
        )  # fmt: skip

    def cancel(self, job: str, now: float) -> list[int]:
        """End what has not started. Return the shots that are rendering: the lanes must be asked to stop them."""
        with self._db.atomic():
            self._db.write("UPDATE jobs SET cancelled = 1 WHERE id = :id AND state <> 'closed'", id=job)
            self._db.write(
                """UPDATE shots SET state = 'cancelled', reason = 'cancelled', updated_at = :now
                   WHERE job_id = :id AND state = 'planned'""",
                id=job, now=iso(now),
            )  # fmt: skip
            rows = self._db.rows("SELECT id FROM shots WHERE job_id = :id AND state = 'rendering'", id=job)
        return [row["id"] for row in rows]

    def by_state(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return {row["state"]: row["n"] for row in self._db.rows("SELECT state, count(*) AS n FROM jobs GROUP BY state")}


_TEXT = json.JSONEncoder(ensure_ascii=False).encode  # what json.dumps would build anew for each column
_WORKING = "state <> 'closed'"  # in these words SQLite sees that the index of unfinished jobs will do
_COLUMNS = """id, kind, parent_id, state, result, source_name, source_sha256, preset, priority, not_before,
    budget_micros, folder, orders, remarks, cancelled, accepted_at, closed_at"""


def idea_of(row: Row) -> Idea:
    """The idea in a row with the columns of `ideas`."""
    return Idea(
        prompt=row["prompt"],
        title={"en": row["title_en"], "ko": row["title_ko"]},
        description={"en": row["description_en"], "ko": row["description_ko"]},
        tags={"en": tuple(json.loads(row["tags_en"])), "ko": tuple(json.loads(row["tags_ko"]))},
        category=row["category"],
        writer=row["writer"] or "",
    )


def remarks_to(remarks: Sequence[Remark]) -> str:
    """Remarks as a column keeps them; `remarks_of` is the inverse."""
    return _TEXT([one.to_json() for one in remarks])


def _over(remark: Remark) -> Remark:
    """A remark once nothing is awaited any more."""
    return replace(remark, code="plan.unknown_words") if remark.code == AWAITED else remark


def remarks_of(text: str) -> list[Remark]:
    """The remarks of a column."""
    return [Remark.from_json(one) for one in json.loads(text)]
