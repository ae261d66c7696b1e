"""What was paid for is kept as it came, once, under its picture's name; the master has our words and no manifest."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stockgen.files import sha256_file
from stockgen.messages import Messages
from stockgen.metadata.provenance import provenance
from stockgen.pipeline.marks.origin import facts, origin
from stockgen.pipeline.originals import Originals
from stockgen.pipeline.places import Places
from tests.house import House, broken_promises, litter
from tests.pipeline.dying import Died, Doomed, fates
from tests.pipeline.stage import attempts, only_rendered, restart, states

Build = Callable[..., House]
SEA = "prompt: a {kind} sea\nsize: 96x64\nmodel: bought\n"
MODEL = (
    "bought: {{title: {{en: bought, ko: bought}}, provider: bought, licence: MIT, sellable: true, look: diffusion, "
    "source: tests, cloud: {{id: bought, listed: {{sizes: [96x64], tokens: {{low: 1}}}}, watermark: {watermark}}}}}\n"
)
kinds = pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])


def market(
    house: Build, tmp_path: Path, watermark: str = '""', checks: dict[str, Any] | None = None, **options: Any
) -> House:
    """A house that buys its pictures from a model with this watermark. Its first folder is house0."""
    entry = tmp_path / "house0" / "my" / "catalog" / "tests.yaml"
    entry.parent.mkdir(parents=True)
    entry.write_text(MODEL.format(watermark=watermark))
    over = {
        "providers": {"scripted": {"place": "net"}, "bought": {"place": "net", **options}},
        "chains": {"auto": ["scripted"]}, "money": {"per_month_usd": 100},
        "checks": {"duplicate": {"distance": 0}, "border": {"width": 0.5}, **(checks or {})},
    }  # fmt: skip
    return house(over, thread=True)


def originals(one: House) -> list[Path]:
    folder = one.app.places.state / "originals"
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def sidecar(one: House, job: str) -> dict[str, Any]:
    (path,) = (one.folder(job) / "info").glob(f"*-{job}-*.json")
    told: dict[str, Any] = json.loads(path.read_bytes())
    return told


@kinds
def test_the_bytes_that_came_are_kept_and_the_master_carries_no_manifest(
    house: Build, tmp_path: Path, kind: str
) -> None:
    one = market(house, tmp_path, watermark="SynthID")
    job = one.make(SEA.format(kind=kind))
    (picture,), (kept,) = one.pictures(job), originals(one)
    assert kept.parent.name == job
    assert kept.stem == picture.stem
    assert kept.suffix == {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}[kind]
    assert kept.stat().st_nlink == 1
    assert provenance(kept.read_bytes()).c2pa
    assert sidecar(one, job)["provenance"] == {
        "c2pa": True, "watermark": "SynthID", "source_type": None,
        "original": str(kept.relative_to(one.app.places.state)), "original_sha256": sha256_file(kept),
    }  # fmt: skip
    assert sidecar(one, job)["provenance"]["original_sha256"] == one.shots(job)[0]["raw_sha256"]
    master = picture.read_bytes()
    assert not provenance(master).c2pa
    assert not any(mark in master for mark in (b"jumb", b"c2pa", b"caBX", b"C2PA", b"made elsewhere"))
    assert litter(one.root) == []


@kinds
@pytest.mark.exiftool
@pytest.mark.skipif(not shutil.which("exiftool"), reason="the exiftool program is not installed")
def test_an_independent_reader_finds_the_manifest_in_the_original_and_no_fault_in_the_master(
    house: Build, tmp_path: Path, kind: str
) -> None:
    one = market(house, tmp_path)
    job = one.make(SEA.format(kind=kind))
    (picture,), (kept,) = one.pictures(job), originals(one)
    if kind != "webp":  # whose chunk exiftool knows only since 12.85
        assert "c2pa" in _exiftool("-G1", "-a", kept).lower()
    said = _exiftool("-G1", "-a", "-validate", "-warning", "-error", picture)
    assert "OK" in said
    assert "jumbf" not in _exiftool("-G1", "-a", picture).lower()


def _exiftool(*words: str | Path) -> str:
    return subprocess.run(["exiftool", *map(str, words)], check=True, capture_output=True, text=True).stdout


def test_a_picture_that_goes_to_review_is_kept_too(house: Build, tmp_path: Path) -> None:
    one = market(house, tmp_path, checks={"flat": {"spread": 255}})
    job = one.make(SEA.format(kind="png"))
    assert states(one, job) == [("review", "flat")]
    assert len(originals(one)) == 1
    assert sidecar(one, job)["provenance"]["original"]


def test_what_was_made_here_leaves_no_original(house: Build, tmp_path: Path) -> None:
    one = market(house, tmp_path)
    job = one.make("prompt: a sea\nsize: 96x64\n")
    assert originals(one) == []
    assert sidecar(one, job)["provenance"] == {
        "c2pa": False, "watermark": None, "source_type": None, "original": None, "original_sha256": None,
    }  # fmt: skip


def test_what_a_free_tier_gave_is_kept_because_of_who_made_it(house: Build, tmp_path: Path) -> None:
    one = market(house, tmp_path, quote=0)
    one.make(SEA.format(kind="png"))
    assert len(originals(one)) == 1


def test_a_death_at_any_step_of_publishing_leaves_one_original_and_nothing_is_bought_again(
    house: Build, tmp_path: Path
) -> None:
    one, deaths = market(house, tmp_path), 0
    for fate in fates():
        job = one.order(SEA.format(kind="jpeg"))
        only_rendered(one, job)
        sha256 = one.shots(job)[0]["raw_sha256"]
        try:
            Doomed(one, fate).finish()
        except Died:
            deaths += 1
        restart(one)
        one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")  # noqa: B023
        assert len(attempts(one, job)) == 1
        (kept,) = (one.app.places.state / "originals" / job).iterdir()
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == sha256
        assert kept.stem == one.pictures(job)[0].stem
        assert kept.stat().st_nlink == 1
        assert litter(one.root) == []
        assert broken_promises(one.app.ledger) == {}
    assert deaths > 20


def test_a_picture_that_gets_another_name_after_a_death_takes_its_original_along(house: Build, tmp_path: Path) -> None:
    one, renamed = market(house, tmp_path), 0
    for fate in fates():
        job = one.order(SEA.format(kind="png"))
        only_rendered(one, job)
        with suppress(Died):
            Doomed(one, fate).finish()
        if one.states().get("publishing"):
            asset = one.app.ledger.assets.of_shot(one.shots(job)[0]["id"])
            for file in one.app.ledger.assets.files_of(asset["id"]):
                master = one.outbox / file["path"]
                master.parent.mkdir(parents=True, exist_ok=True)
                master.unlink(missing_ok=True)
                master.write_bytes(b"somebody else's")
        restart(one)
        one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")  # noqa: B023
        assert len(attempts(one, job)) == 1
        (kept,) = (one.app.places.state / "originals" / job).iterdir()
        assert kept.stem == one.app.ledger.assets.of_shot(one.shots(job)[0]["id"])["stem"]
        renamed += kept.stem.endswith("002")
    assert renamed > 3


def test_a_raw_picture_that_somebody_took_away_stops_nobody(house: Build, tmp_path: Path) -> None:
    one = market(house, tmp_path)
    job = one.order(SEA.format(kind="png"))
    only_rendered(one, job)
    for fate in fates():
        with suppress(Died):
            Doomed(one, fate).finish()
        if one.states().get("publishing"):
            break
    (one.app.places.spool / one.shots(job)[0]["raw_path"]).unlink(missing_ok=True)
    shutil.rmtree(one.app.places.state / "originals", ignore_errors=True)
    restart(one)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert originals(one) == []
    assert len(one.events("original.lost")) == 1
    assert [state for state, _ in states(one, job)] == ["done"]


def test_a_file_system_without_links_keeps_originals_too_and_gives_them_back(tmp_path: Path) -> None:
    def no_link(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "exFAT")

    places = Places(tmp_path, tmp_path / "staging", tmp_path / "outbox")
    originals = Originals(places, (), no_link)
    raw = places.spool / "batch" / "1.png"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(b"bought")
    for _ in range(2):
        assert originals.keep("batch/1.png", "originals/k7m2q/sea-k7m2q-001.png")
        assert (tmp_path / "originals/k7m2q/sea-k7m2q-001.png").read_bytes() == b"bought"
        assert not raw.exists()
    raw.parent.rmdir()
    originals.withdraw("batch/1.png", "originals/k7m2q/sea-k7m2q-001.png")
    assert raw.read_bytes() == b"bought"


def test_proof_shows_where_the_original_is_and_what_it_carries(house: Build, tmp_path: Path) -> None:
    one = market(house, tmp_path, watermark="SynthID")
    job = one.make(SEA.format(kind="webp"))
    (kept,), stem = originals(one), one.pictures(job)[0].stem

    def told(language: str = "en") -> dict[str, Any]:
        found = origin(one.app.ledger, one.outbox, one.app.catalogue.models, stem, one.app.places.state)
        assert found is not None
        return facts(found, Messages(language))  # type: ignore[arg-type]

    assert told()["original"] == str(kept)
    assert told()["carries"] == "Content Credentials (C2PA); SynthID, a watermark that is not seen"
    assert "C2PA" in told("ko")["carries"]
    os.truncate(kept, 10)
    assert told()["carries"] == "was changed since it came"
    kept.unlink()
    assert told()["original"] is None
