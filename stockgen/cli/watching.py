"""Commands that look."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockgen.cli import tries
from stockgen.cli.desk import Session
from stockgen.cli.providers import closed, known
from stockgen.cli.schedules import brief, coming
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.ledger import Ledger, Row

Json = Annotated[bool, typer.Option("--json")]
LAST = "last"


def daemon(context: typer.Context, until_idle: Annotated[bool, typer.Option("--until-idle")] = False) -> None:
    """Become the daemon: the same process, so that a service manager sees it."""
    session: Session = context.obj
    # -P: a user's own daemon.py or random.py in this folder must not be taken for ours.
    arguments = [sys.executable, "-P", "-m", "daemon", "--config", str(session.path)]
    os.execv(sys.executable, [*arguments, "--until-idle"] if until_idle else arguments)


def status(context: typer.Context, as_json: Json = False) -> int:
    """What is going on."""
    session: Session = context.obj
    told = _facts(session)
    if as_json:
        session.json(told)
    else:
        _show(session, told)
    return 0


def _facts(session: Session) -> dict[str, Any]:
    from stockgen.pipeline.status import facts

    config = session.catalogue.config
    catalogue = session.catalogue
    told = facts(
        session.reading(), config.state, config.outbox.path, holder(config.state),
        {name: (market, catalogue.quotas[name]) for name, market in catalogue.markets.items()},
        partial(known, session), time.time(),
    )  # fmt: skip
    told["disk"]["reserve_bytes"] = config.limits.free_disk
    told["schedules"] = brief(session, told["schedules"])
    told["models"] = [{**one.facts, "gone": one.code == "model.gone"} for one in catalogue.departures]
    # Only a daemon knows more of its inbox than where it is.
    unknown = {"watch": None, "ok": None, "problem": None, "waiting": None, "rejected": None, "last_scan": None}
    return told | {"inbox": {"path": str(config.inbox.path), **unknown, **told["inbox"]}}


def _show(session: Session, told: dict[str, Any]) -> None:
    say = session.say
    shots, now = told["shots"], told["daemon"]
    made = shots["done"] + shots["review"]
    waiting = shots["planned"] + shots["rendering"] + shots["rendered"] + shots["publishing"]
    by = {held["reason"] for held in told["holds"] if held["hold"] == "pause"}
    if now["state"] == "paused" and by and "command" not in by:
        session.write(say("status.paused_file", pid=now["pid"], file=min(by)) + "\n")
    else:
        session.write(say(f"status.{now['state']}", pid=now["pid"]) + "\n")
    session.write(say("status.pictures", made=made, waiting=waiting, review=shots["review"], failed=shots["failed"]))
    session.write("\n")
    if told["jobs"]["planning"]:
        session.write(say("status.planning", jobs=told["jobs"]["planning"]) + "\n")
    for lane in told["lanes"]:
        code = "status.lane" if lane["job"] else "status.lane_free"
        session.write(say(code, name=lane["name"], doing=say(f"lane.{lane['state']}"), job=lane["job"]))
        session.write("\n")
    for rest in told["rests"]:
        session.write(say("status.rest", **rest) + "\n")
    from stockgen.pipeline.eta import waiting as sentences

    for held in sentences(told["holds"], session.catalogue.config.timezone):
        session.write(say.tell(held) + "\n")
    session.tell(*closed(session, told["providers"]), *_pauses(session, told["pauses"]))
    from stockgen.pipeline.costs import told as costs

    money = session.catalogue.config.money
    session.tell(*costs(told["spend"], money.warn_at, money.krw_per_usd), *coming(session, told["schedules"]),
                 *session.catalogue.departures)  # fmt: skip
    problem = told["inbox"].get("problem")
    if problem:
        session.write(say("status.inbox_problem", path=told["inbox"]["path"], problem=problem) + "\n")
    config = session.catalogue.config
    ours = {*config.defaults.markets, *config.markets}
    for market in told["markets"]:
        if market["name"] in ours or market["week_used"]:
            session.write(say("status.market", **market) + "\n")
    if told["sync"]["last"]:
        from stockgen.domain.times import local, wall

        moment = local(wall(told["sync"]["last"]), config.timezone)
        session.write(say("status.synced", when=f"{moment:%m-%d %H:%M}") + "\n")


def _pauses(session: Session, told: Sequence[Mapping[str, Any]]) -> Iterator[Remark]:
    """A sentence for each provider that is asked again in a moment: else a lost connection would look like slowness."""
    from stockgen.domain.times import local, wall

    for one in told:
        again = local(wall(one["until"]), session.catalogue.config.timezone)
        why = tries.in_words(session.say, one["reason"] or "cloud_busy")
        yield Remark("status.pause", facts={"provider": one["provider"], "why": why, "until": f"{again:%H:%M:%S}"})


def jobs(
    context: typer.Context, limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20, as_json: Json = False
) -> int:
    """The newest jobs."""
    session: Session = context.obj
    rows = session.reading().jobs.listed(limit)
    if as_json:
        session.json([_job_facts(row) for row in rows])
        return 0
    if not rows:
        session.tell(Remark("error.no_jobs"))
        return 0
    lines = [(row["id"], _file(session, row), _state(session, row), *_sums(row["shots"])) for row in rows]
    session.table(("job", "file", "state", "made", "waiting", "failed"), lines)
    return 0


def job(context: typer.Context, number: Annotated[str, typer.Argument()] = LAST, as_json: Json = False) -> int:
    """One job: what was understood, and what became of each picture."""
    session: Session = context.obj
    ledger = session.reading()
    row = _row(ledger, number.lower())
    name = row["id"]
    pictures = list(_pictures(ledger, name))
    assets = {asset["shot_id"]: asset for asset in ledger.assets.of_job(name)}
    stems = {shot: asset["stem"] for shot, asset in assets.items()}
    numbers = {shot: asset["number"] for shot, asset in assets.items()}  # those of the sheet, which keep and drop take
    if as_json:
        told = [
            picture | {"stem": stems.get(picture["shot"]), "number": numbers.get(picture["shot"])}
            for picture in pictures
        ]
        rest = {"rest": ledger.retries.rest(name)}
        spent = {"spent_micros": ledger.spend.job(name)}
        session.json(_job_facts(row | spent | {"shots": ledger.jobs.counts(name)}) | rest | {"pictures": told})
        return 0
    from stockgen.ledger.jobs import remarks_of
    from stockgen.pipeline.wordings import refusals

    say = session.say
    session.write(say("job.head", id=name, file=row["source_name"], folder=row["folder"]) + "\n")
    for sentence in say.each(remarks_of(row["remarks"])):
        session.write(f"- {sentence}\n")
    session.tell(*_cost(session, ledger.spend.job(name), row["budget_micros"]))
    session.table(
        ("number", "picture", "state", "provider", "why"),
        [
            (numbers.get(one["shot"], ""), stems.get(one["shot"], one["prompt"][:50]),
             say(_standing(one["state"], assets.get(one["shot"]))), one["provider"],
             "; ".join(filter(None, [tries.in_words(say, one["reason"]) or _cut(session, one["cut"]),
                                     tries.best_of(say, one)])))
            for one in pictures
        ],
    )  # fmt: skip
    session.tell(*_waiting(session, pictures), *_reworded(pictures), *refusals(ledger, _leading(ledger, name)),
                 *_rests(ledger, name))  # fmt: skip
    tried = [line for one in pictures for line in tries.lines(say, one | {"number": numbers.get(one["shot"])})]
    if tried:
        session.write("\n".join(["", say("try.head"), *(f"  {line}" for line in tried)]) + "\n")
    return 0


def _waiting(session: Session, pictures: Sequence[Mapping[str, Any]]) -> list[Remark]:
    """What keeps a job's pictures waiting: closed services, and what a running daemon says of all that wait."""
    from stockgen.pipeline.eta import waiting
    from stockgen.pipeline.status import held_at

    config = session.catalogue.config
    whose = {one["provider"] for one in pictures if one["state"] == "planned"}
    if not whose:
        return []
    holds = held_at(config.state) if holder(config.state) is not None else []
    shut = [one for one in known(session) if one["name"] in whose]
    return [*waiting(holds, config.timezone), *closed(session, shut)]


def _reworded(pictures: Sequence[Mapping[str, Any]]) -> list[Remark]:
    """What was put in other words because somebody refused it, each wording once."""
    told: dict[tuple[str, str], Remark] = {}
    for said in (one["rephrased"] for one in pictures if one["rephrased"]):
        code = "job.rephrased" if said["after"] else "job.not_rephrased"
        facts = {"provider": said["refused_by"], **{key: said[key] for key in ("before", "after", "writer")}}
        told.setdefault((said["refused_by"], said["before"]), Remark(code, facts=facts))
    return list(told.values())


def _cost(session: Session, spent: int, budget: int | None) -> Iterator[Remark]:
    """What a job has cost; nothing is told of one that was free and was to be."""
    from stockgen.pipeline.costs import amount

    rate = session.catalogue.config.money.krw_per_usd
    if budget is not None:
        yield Remark("job.cost_of", facts={"cost": amount(spent, rate), "budget": amount(budget, rate)})
    elif spent:
        yield Remark("job.cost", facts={"cost": amount(spent, rate)})


def _rests(ledger: Ledger, job: str) -> list[Remark]:
    """How far the jobs are that carry the rest of this one."""
    told = []
    for rest in ledger.retries.line(job)[1:]:
        made, waiting, failed = _sums(ledger.jobs.counts(rest))
        told.append(Remark("job.rest", facts={"job": rest, "made": made, "waiting": waiting, "failed": failed}))
    return told


def _file(session: Session, row: Row) -> str:
    """The file of a job, and of which one it is the rest."""
    if row["kind"] != "rest":
        return str(row["source_name"])
    return session.say("job.file_rest", file=row["source_name"], job=row["parent_id"])


def _standing(state: str, asset: Row | None) -> str:
    """The name of what is told of a picture: what its owner said of it outweighs how it was finished."""
    judged = asset is not None and (asset["state"] == "dropped" or (state == "review" and asset["state"] == "ready"))
    return f"asset_state.{asset['state']}" if asset is not None and judged else f"shot_state.{state}"


def _row(ledger: Ledger, asked: str) -> Row:
    try:
        return ledger.jobs.get(ledger.jobs.latest() if asked == LAST else asked)
    except LookupError as error:
        raise (UsageError("no_jobs") if asked == LAST else UsageError("no_job", job=asked)) from error


def _leading(ledger: Ledger, job: str) -> list[Row]:
    """The shots of a job that stand for its pictures."""
    return [shot for shot in ledger.shots.of_job(job) if shot["lead"]]


def _pictures(ledger: Ledger, job: str) -> Iterator[dict[str, Any]]:
    """A job's pictures in order, each with all that was tried for it."""
    shots, spares = ledger.shots.of_job(job), {one["shot_id"]: one for one in ledger.tries.spares(job)}
    for lead in (shot for shot in shots if shot["lead"]):
        each = [one for one in shots if one["idea_id"] == lead["idea_id"]] if lead["tries"] > 1 else [lead]
        attempts = [row for one in each for row in ledger.shots.attempts(one["id"])]
        told = _picture(sorted(attempts, key=lambda row: int(row["id"])), lead)
        yield told | ({"best_of": [tries.one_of(one, spares.get(one["id"])) for one in each]} if each[1:] else {})


def _picture(attempts: list[Row], shot: Row) -> dict[str, Any]:
    from stockgen.ledger.reworded import Reworded

    tried = [tries.facts(one) for one in attempts]
    told = {"position": shot["turn"], **{key: shot[key] for key in ("state", "reason", "prompt", "seed", "provider")}}
    made = [
        json.loads(one["facts"]) for one in attempts if (one["outcome"], one["shot_id"]) == ("rendered", shot["id"])
    ]
    said = Reworded.of(json.loads(shot["wish"]))
    told["rephrased"] = said.to_json() if said else None
    return {"shot": shot["id"], **told, "cut": made[-1].get("cut", 0) if made else 0,
            "passed": json.loads(shot["passed"]), "attempts": tried}  # fmt: skip


def _cut(session: Session, tokens: int) -> str:
    """What a prompt was too long for is told, not lost in silence."""
    return session.say("job.cut", tokens=tokens) if tokens else ""


def _state(session: Session, row: Row) -> str:
    return session.say(f"job_state.{row['result'] or row['state']}")


def _job_facts(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("orders", "remarks")}


def _sums(counts: dict[str, int]) -> tuple[int, int, int]:
    waiting = sum(counts.get(state, 0) for state in ("planned", "rendering", "rendered", "publishing"))
    made = counts.get("done", 0) + counts.get("review", 0)
    return made, waiting, counts.get("failed", 0) + counts.get("cancelled", 0)
