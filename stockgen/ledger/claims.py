"""Claims of shots and what comes of them: planned → rendering → rendered, or on along the chain; fenced by tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stockgen.domain.protocols import Fit, Held, Next, Outcome, Shot
from stockgen.domain.times import iso, wall
from stockgen.ledger.connection import Connection, Row
from stockgen.ledger.holds import not_held
from stockgen.ledger.shots import shot_of
from stockgen.ledger.spend import Spend


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shot that may be claimed, with what the dispatcher chooses by."""

    shot: Shot
    stack: str
    provider: str
    rank: tuple[int, int]  # priority first, then dropped files before schedules; equal ranks take turns
    waiting_since: float  # wall seconds


class Claims:
    """Who renders what. Every write after a claim is fenced by the claim's token."""

    def __init__(self, connection: Connection, spend: Spend) -> None:
        self._db = connection
        self._spend = spend

    def candidates(self, providers: Iterable[str], now: float, limit: int, held: Sequence[Held]) -> list[Candidate]:
        """The first `limit` shots in claim order that the given providers could start now and no hold forbids."""
        rows: list[Row] = []
        for provider in providers:
            where, values = not_held(provider, held)
            rows += self._db.rows(
                f"""SELECT * FROM shots INDEXED BY shots_claim WHERE state = 'planned' AND provider = :provider
                    AND not_before <= :now {where} ORDER BY priority DESC, rank, turn, id LIMIT :limit""",
                provider=provider, now=iso(now), limit=limit, **values,
            )  # fmt: skip
        rows.sort(key=lambda row: (-row["priority"], row["rank"], row["turn"], row["id"]))
        return [_candidate(row) for row in rows[:limit]]

    def claim(self, batch: Sequence[Fit], token: str, now: float) -> list[Fit]:
        """Claim the shots of a batch in one transaction; return those that were still planned and can be afforded.

        What they may cost is reserved with them; the others stay as they are.
        """
        with self._db.atomic():
            return [fit for fit in batch if self._spend.affords(fit, now) and self._begun(fit, token, now)]

    def _begun(self, fit: Fit, token: str, now: float) -> bool:
        won = self._db.write(
            """UPDATE shots SET state = 'rendering', starts = starts + 1, token = :token, updated_at = :now
               WHERE id = :id AND state = 'planned'""",
            id=fit.shot.id, token=token, now=iso(now),
        )  # fmt: skip
        if won:
            self._spend.reserve(self._begin_attempt(fit, now), fit, now)
        return bool(won)

    def _begin_attempt(self, fit: Fit, now: float) -> int:
        (begun,) = self._db.rows(
            """INSERT INTO attempts (shot_id, provider, model, request, started_at, dropped, reserved_micros)
               VALUES (:shot, :provider, :model, :request, :now, :dropped, :quote) RETURNING id""",
            shot=fit.shot.id, provider=fit.provider, model=fit.model, now=iso(now), quote=fit.quote,
            request=json.dumps(dict(fit.request), ensure_ascii=False, default=str),
            dropped=json.dumps(dict(fit.dropped)),
        )  # fmt: skip
        return int(begun["id"])

    # -- after a claim -----------------------------------------------------------------------------------------

    def rendered(self, outcome: Outcome, token: str, raw: str, now: float) -> bool:
        """The raw bytes are safe in the spool (`raw`: path relative to it). False = the claim is no longer ours."""
        with self._db.atomic():
            mine = self._db.write(
                """UPDATE shots SET state = 'rendered', raw_path = :raw, raw_sha256 = :sha, token = NULL,
                   updated_at = :now WHERE id = :id AND state = 'rendering' AND token = :token""",
                id=outcome.shot, token=token, raw=raw, sha=outcome.sha256, now=iso(now),
            )  # fmt: skip
            if mine:
                self._end_attempt(outcome.shot, "rendered", outcome, now)
        return bool(mine)

    def missed(self, outcome: Outcome, token: str, then: Next, stack: str, now: float) -> bool:
        """The attempt ended without a picture; `then` says what becomes of the shot, `stack` what its provider would
        load. False = the claim is no longer ours.
        """
        with self._db.atomic():
            mine = self._move(outcome.shot, then, stack, now, "state = 'rendering' AND token = :token", token=token)
            if mine:
                self._end_attempt(outcome.shot, "cancelled" if then.action == "cancel" else "failed", outcome, now)
        return bool(mine)

    def spoiled(self, shot: int, error: Exception, then: Next, stack: str, now: float) -> None:
        """What lies in the spool is no usable picture: its attempt failed after all, and the shot moves on."""
        with self._db.atomic():
            if self._move(shot, then, stack, now, "state = 'rendered'"):
                self._db.write(
                    """UPDATE attempts SET outcome = 'failed', error_class = :error, reason = :reason
                       WHERE id = (SELECT max(id) FROM attempts WHERE shot_id = :shot)""",
                    shot=shot, error=type(error).__name__, reason=str(error),
                )  # fmt: skip

    def moved(self, shot: int, then: Next, stack: str, now: float) -> None:
        """A planned shot that its provider can't do after all goes on along its chain, or fails at its end."""
        self._move(shot, then, stack, now, "state = 'planned'")

    def _move(self, shot: int, then: Next, stack: str, now: float, where: str, **values: str) -> int:
        """`degraded` is about the provider whose turn it is now: kept with it, forgotten with it."""
        return self._db.write(
            f"""UPDATE shots SET state = :state, reason = :reason, chain_pos = :pos, stack = :stack, token = NULL,
                  provider = json_extract(chain, '$[' || :pos || ']'),
                  degraded = CASE WHEN chain_pos = :pos THEN max(degraded, :degraded) ELSE :degraded END,
                  solo = max(solo, :solo), not_before = max(:not_before, {_START}), raw_path = NULL, raw_sha256 = NULL,
                  passed = json_patch(passed, :passed), updated_at = :now WHERE id = :id AND {where}""",
            id=shot, state=_AFTER[then.action], reason=None if then.action == "requeue" else then.reason,
            pos=then.chain_pos, stack=stack, degraded=then.degraded, solo=then.solo, now=iso(now),
            not_before=iso(then.not_before) if then.not_before else "", passed=json.dumps(dict(then.passed)), **values,
        )  # fmt: skip

    def give_back(self, shot: int, token: str, now: float, outcome: Outcome | None = None) -> bool:
        """A clean stop: the claim is as if it had never been made, but for what it has cost. False = it is no longer
        ours.

        `outcome` None: nobody knows how far it came, so it may have been billed. What its author has cancelled ends
        instead.
        """
        with self._db.atomic():
            mine = self._db.write(
                f"""UPDATE shots SET starts = starts - 1, token = NULL, updated_at = :now,
                      state = CASE WHEN {_CANCELLED} THEN 'cancelled' ELSE 'planned' END,
                      reason = CASE WHEN {_CANCELLED} THEN 'cancelled' END
                    WHERE id = :id AND token = :token AND state = 'rendering'""",
                id=shot, token=token, now=iso(now),
            )  # fmt: skip
            if mine:
                self._db.write(
                    f"UPDATE attempts SET outcome = 'stopped', {_COST} WHERE shot_id = :id AND outcome IS NULL",
                    id=shot, cost=outcome.cost if outcome else None,
                )  # fmt: skip
                if outcome and outcome.cost:
                    self._spend.unquoted(shot, now)
                self._spend.settle()
        return bool(mine)

    def _end_attempt(self, shot: int, result: str, outcome: Outcome, now: float) -> None:
        facts = {key: value for key, value in outcome.facts.items() if key != "traceback"}
        self._db.write(
            f"""UPDATE attempts SET outcome = :result, seconds = :seconds, error_class = :error, reason = :reason,
                  facts = :facts, {_COST} WHERE shot_id = :shot AND outcome IS NULL""",
            shot=shot, result=result, seconds=round(outcome.seconds, 3),
            error=type(outcome.error).__name__ if outcome.error else None,
            reason=str(outcome.error) if outcome.error else None,
            facts=json.dumps(facts, ensure_ascii=False, default=str), cost=outcome.cost,
        )  # fmt: skip
        if outcome.cost:
            self._spend.unquoted(shot, now)
        self._spend.settle()

    def recover(self, starts: int, now: float) -> int:
        """After a crash every rendering shot is an orphan: planned again and alone, or quarantined, or
        cancelled where its author had asked for that. What might have been billed counts as billed. Return how many.
        """
        with self._db.atomic():
            self._db.write(
                f"""UPDATE attempts SET outcome = 'lost', error_class = 'LaneDied', reason = 'daemon_died', {_COST}
                    WHERE outcome IS NULL""",
                cost=None,
            )
            self._spend.settle()
            return self._db.write(
                f"""UPDATE shots SET token = NULL, solo = 1, updated_at = :now,
                      state = CASE WHEN {_CANCELLED} THEN 'cancelled' WHEN starts >= :starts THEN 'failed'
                                   ELSE 'planned' END,
                      reason = CASE WHEN {_CANCELLED} THEN 'cancelled' WHEN starts >= :starts THEN 'quarantined' END
                    WHERE state = 'rendering'""",
                starts=starts, now=iso(now),
            )  # fmt: skip

    def forgive(self, now: float) -> None:
        """The clock was wrong when these failed: what was to be tried again at a time that is still far away is tried
        now. Only rows that were written "after" `now` can be meant.
        """
        self._db.write(
            f"""UPDATE shots SET not_before = {_START}, updated_at = :now WHERE state = 'planned' AND not_before > :now
               AND updated_at > :now AND EXISTS (SELECT 1 FROM attempts WHERE shot_id = shots.id)""",
            now=iso(now),
        )


_CANCELLED = "(SELECT cancelled FROM jobs WHERE jobs.id = shots.job_id)"
_START = "coalesce((SELECT not_before FROM jobs WHERE jobs.id = shots.job_id), '')"  # a job's own wins over a pause
# How an attempt ends for the purse, `:cost` NULL = nobody knows whether it was billed.
_COST = """cost_micros = CASE WHEN :cost IS NULL AND reserved_micros > 0 THEN NULL ELSE coalesce(:cost, 0) END,
    billed = CASE WHEN :cost > 0 THEN 'yes' WHEN :cost IS NULL AND reserved_micros > 0 THEN 'maybe' ELSE 'no' END"""
_AFTER = {"requeue": "planned", "fail": "failed", "cancel": "cancelled"}


def _candidate(row: Row) -> Candidate:
    rank = (-row["priority"], row["rank"])
    return Candidate(shot_of(row), row["stack"], row["provider"], rank, wall(row["waiting_since"]))
