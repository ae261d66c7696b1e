"""Claiming with a million shots in the ledger against claiming with a thousand, in the same run.

Two shapes: `mixed`, a ledger after years (one shot in fifty is still planned), and `planned`, nothing made yet. Ledgers
are filled by SQL; what is timed are the real calls of the dispatcher, `candidates` and `claim`, with their commit.
The calls on the small and the large ledger alternate, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.figures import Aim, Effort, Figure, median
from stockgen.domain.protocols import Fit
from stockgen.ledger import Ledger
from stockgen.ledger.claims import Candidate

PROVIDER = "paced"
LOOKAHEAD = 32  # config's limits.lookahead
PER_JOB = 100
AIM = 2.0
Shape = Literal["mixed", "planned"]
OPEN = {"mixed": 50, "planned": 1}  # one job in so many of the large ledger is open, with all its shots planned
SMALL_OPEN = 2  # of the small one: more than the look-ahead must be there, or it would have less to read


@dataclass(frozen=True, slots=True)
class Size:
    """Shots in the small and in the large ledger, and how often each is asked."""

    small: int
    large: int
    rounds: int


SIZES: dict[Effort, Size] = {
    "tiny": Size(200, 1_000, 3), "quick": Size(1_000, 100_000, 60), "full": Size(1_000, 1_000_000, 200),
}  # fmt: skip


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    shapes: tuple[Shape, ...] = ("mixed", "planned")
    return [figure for shape in shapes for figure in _compared(shape, SIZES[effort], folder)]


def _compared(shape: Shape, size: Size, folder: Path) -> list[Figure]:
    small = filled(folder / f"{shape}-small", size.small, 1 if shape == "planned" else SMALL_OPEN)
    large = filled(folder / f"{shape}-large", size.large, OPEN[shape])
    claims, searches, turns = (_alternating(small, large, size.rounds, act) for act in (_claim, _search, _turn))
    small.close()
    large.close()
    name = f"{size.large:,} ÷ {size.small:,} shots, {shape}"
    return [
        _ratio(f"claim, {name}", claims, Aim(AIM)),
        _ratio(f"search alone, {name}", searches, Aim(AIM)),
        _ratio(f"a turn's other questions, {name}", turns, None),
    ]


def _ratio(measure: str, times: tuple[float, float], aim: Aim | None) -> Figure:
    small, large = (one * 1e3 for one in times)
    how = f"{large:.2f} ÷ {small:.2f} ms, medians"
    return Figure(measure=measure, value=large / small, unit="", aim=aim, how=how)


def _alternating(small: Ledger, large: Ledger, rounds: int, act: Callable[[Ledger, int], float]) -> tuple[float, float]:
    """Median seconds on each ledger."""
    taken = [(act(small, number), act(large, number)) for number in range(rounds)]
    return median([one for one, _ in taken]), median([other for _, other in taken])


def _claim(ledger: Ledger, number: int) -> float:
    """Seconds to find and claim one shot; it is given back outside the time."""
    wall, token = time.time(), f"token-{number}"
    began = time.perf_counter()
    found = ledger.claims.candidates([PROVIDER], wall, LOOKAHEAD, ())
    claimed = ledger.claims.claim([_fit(found[0])], token, wall)
    taken = time.perf_counter() - began
    ledger.claims.give_back(claimed[0].shot.id, token, wall)
    return taken


def _search(ledger: Ledger, number: int) -> float:
    """Seconds to find what could be claimed: the part of a claim that no disk hides."""
    began = time.perf_counter()
    ledger.claims.candidates([PROVIDER], time.time(), LOOKAHEAD, ())
    return time.perf_counter() - began


def _turn(ledger: Ledger, number: int) -> float:
    """Seconds for what every turn of the loop asks besides."""
    began = time.perf_counter()
    ledger.tries.backlog()
    ledger.tries.due(3)
    ledger.jobs.unplanned()
    ledger.jobs.ready_to_close()
    return time.perf_counter() - began


def _fit(one: Candidate) -> Fit:
    return Fit(shot=one.shot, provider=PROVIDER, model=PROVIDER, stack=one.stack, request={"width": 1024})


def filled(folder: Path, shots: int, one_in: int) -> Ledger:
    """A new ledger with jobs of a hundred shots; the newest, one in `one_in`, are open and all their shots planned.

    Rows of one job are spread over the whole table, as those of jobs that take turns are.
    """
    folder.mkdir()
    ledger = Ledger.opened(folder)
    jobs = max(1, shots // PER_JOB)
    with ledger.atomic():
        for statement in _FILL:
            ledger.query(statement, shots=shots, jobs=jobs, first_open=jobs - max(1, jobs // one_in), provider=PROVIDER)
    return ledger


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
_AT = "2026-01-01T00:00:00.000Z"
_FILL = (
    f"""INSERT INTO jobs (id, kind, state, result, source_name, source_sha256, source, folder, orders, remarks,
                          accepted_at, closed_at)
        {_NUMBERS.format(count=":jobs")}
        SELECT printf('j%06d', i), 'file', 'open', NULL, 'a.yaml', printf('%064d', i), x'00', printf('f/%d', i),
               '[]', '[]', '{_AT}', NULL FROM n""",
    f"""INSERT INTO ideas (job_id, position, order_index, mode, prompt, title_en, title_ko, description_en,
                           description_ko, tags_en, tags_ko, category, created_at)
        SELECT id, 0, 0, 'exact', 'misty hills', 'Hills', '언덕', 'Hills.', '언덕.', '[]', '[]', 'landscapes', '{_AT}'
        FROM jobs""",
    f"""INSERT INTO shots (job_id, idea_id, position, state, prompt, seed, width, height, wish, needs, chain, provider,
                           stack, priority, rank, waiting_since, updated_at, turn)
        {_NUMBERS.format(count=":shots")}
        SELECT printf('j%06d', i % :jobs), 1 + i % :jobs, i / :jobs,
               CASE WHEN i % :jobs >= :first_open THEN 'planned' ELSE 'done' END,
               'misty hills at dawn, view ' || i, i, 2500, 2500, '{{}}', '[]', '["' || :provider || '"]', :provider,
               :provider, (i % :jobs) % 3, 0, '{_AT}', '{_AT}', i / :jobs FROM n""",
    f"""UPDATE jobs SET state = 'closed', result = 'done', closed_at = '{_AT}'
        WHERE NOT EXISTS (SELECT 1 FROM shots WHERE job_id = jobs.id AND shots.state = 'planned')""",
)
