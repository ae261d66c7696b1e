"""Where a picture came from, on one page: what a contributor shows to a market that asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockgen.data.catalog import Model
from stockgen.files import sha256_file
from stockgen.ledger import Ledger, Row
from stockgen.ledger.reworded import Reworded
from stockgen.messages import Messages
from stockgen.metadata.provenance import provenance
from stockgen.pipeline.describe import SOURCE_TYPES
from stockgen.pipeline.originals import original, watermark


@dataclass(frozen=True, slots=True)
class Origin:
    """Everything that the ledger knows of one picture. `intact`: its file is there with the bytes that were published;
    None = it is not there. `original`: the file that it was made from, where it was bought; `as_it_came`: whether that
    holds the bytes that came.
    """

    asset: Row
    attempts: tuple[Row, ...]
    submissions: tuple[Row, ...]
    source: str
    model: Model | None
    intact: bool | None
    original: Path | None = None
    as_it_came: bool | None = None


def origin(ledger: Ledger, outbox: Path, catalog: Mapping[str, Model], name: str, state: Path) -> Origin | None:
    """Given a picture's name, with or without its ending and folders, return what is known; None = no such picture."""
    rows = ledger.query(
        """SELECT a.*, s.prompt, s.provider, s.seed, s.wish, i.title_en, i.title_ko, j.source_name, j.accepted_at,
             f.path, f.sha256, s.raw_sha256
           FROM assets a JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
             JOIN jobs j ON j.id = a.job_id JOIN files f ON f.asset_id = a.id AND f.role = 'master'
           WHERE a.stem = :stem""",
        stem=Path(name).name.partition(".")[0].lower(),
    )  # fmt: skip
    if not rows:
        return None
    asset = rows[0]
    attempts = tuple(ledger.shots.attempts(asset["shot_id"]))
    made = next((one for one in reversed(attempts) if one["outcome"] == "rendered"), None)
    submissions = tuple(
        ledger.query("SELECT * FROM submissions WHERE asset_id = :id ORDER BY market", id=asset["id"])
    )  # fmt: skip
    source = ledger.jobs.source(asset["job_id"]).decode("utf-8", "replace")
    model = catalog.get(made["model"]) if made else None
    intact = _intact(outbox / asset["path"], asset["sha256"])
    kept = original(state, asset["job_id"], asset["stem"])
    as_it_came = _intact(kept, asset["raw_sha256"] or "") if kept else None
    return Origin(asset, attempts, submissions, source, model, intact, kept, as_it_came)


def page(told: Origin, say: Messages) -> str:
    """The page as text: a line for each fact, then the job file word for word."""
    lines = [f"{say(f'proof.{key}')}: {value}" for key, value in facts(told, say).items() if value not in (None, "")]
    return "\n".join([say("proof.head", name=told.asset["stem"]), "", *lines, "", say("proof.source"), told.source, ""])


def facts(told: Origin, say: Messages) -> dict[str, Any]:
    """The facts in order, by their message's key."""
    asset, wish, model = told.asset, json.loads(told.asset["wish"]), told.model
    made = next((one for one in reversed(told.attempts) if one["outcome"] == "rendered"), None)
    how, said = json.loads(made["facts"]) if made else {}, Reworded.of(wish)
    return {
        "title_en": asset["title_en"], "title_ko": asset["title_ko"], "prompt": asset["prompt"],
        "reworded": said.words if said and said.by == asset["provider"] else None,
        "negative_prompt": wish.get("negative_prompt"), "seed": asset["seed"],
        "model": made and f"{made['provider']} / {made['model']}", "revision": how.get("revision"),
        "licence": model and f"{model.licence} ({model.source})", "steps": how.get("steps"),
        "kind": SOURCE_TYPES[asset["look"]], "job": f"{asset['job_id']} – {asset['source_name']}",
        "asked": asset["accepted_at"], "made": made and made["started_at"], "finished": asset["created_at"],
        "size": f"{asset['width']} × {asset['height']}", "file": asset["path"], "sha256": asset["sha256"],
        "intact": say(f"proof.{'intact_yes' if told.intact else 'intact_no' if told.intact is False else 'gone'}"),
        "original": told.original and str(told.original), "carries": _carried(told, say),
        "checks": ", ".join(f"{one['name']} {one['value']:g}" for one in json.loads(asset["checks"])),
        "markets": "; ".join(_submissions(told, say)),
    }  # fmt: skip


def _submissions(told: Origin, say: Messages) -> Iterator[str]:
    for one in told.submissions:
        reason = f" ({one['reason']})" if one["reason"] else ""
        yield say(f"submission.{one['state']}", market=one["market"]) + f" {one['at'][:10]}{reason}"


def _carried(told: Origin, say: Messages) -> str | None:
    """What the original says of where it is from; None = there is no original."""
    if told.original is None:
        return None
    if not told.as_it_came:
        return say("proof.original_changed")
    found = provenance(told.original.read_bytes())
    mark = watermark(told.model, found)
    marks = [say("proof.c2pa")] if found.c2pa else []
    marks += [say("proof.watermark", name=mark)] if mark else []
    marks += [say("proof.source_type", name=found.source_type)] if found.source_type else []
    return "; ".join(marks) or say("proof.no_marks")


def _intact(path: Path, sha256: str) -> bool | None:
    try:
        return sha256_file(path) == sha256
    except OSError:
        return None
