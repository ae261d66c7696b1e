"""A night is not spent on pictures without what they were to have: who can't give it is told when the file comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config
from stockgen.domain.errors import JobFileError, NotConfigured, RenderError, Unfit
from stockgen.domain.protocols import Fit, Shot
from stockgen.pipeline.plan import wanted
from tests.house import TEST_PLUGINS, House
from tests.providers_for_tests.scripted import Scripted

Reading = Callable[..., Catalogue]
CONTROLLED = "prompt: a village\ncontrol: village.png\nsize: 96x64\nmarkets: []\n"


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """An installation with some providers: `procedural` reads words alone, the scripted ones whatever there is."""

    def made(*chain: str, language: str = "en") -> Catalogue:
        config = Config.model_validate(
            {"language": language, "providers": {name: {} for name in chain}, "chains": {"auto": list(chain)}}
        )
        return Catalogue(config.placed(tmp_path), tmp_path / "my", TEST_PLUGINS)

    return made


def refusal(catalogue: Catalogue, text: str) -> list[str]:
    with pytest.raises(JobFileError) as caught:
        catalogue.read(text.encode(), "job.yaml")
    return [catalogue.say.tell(remark) for remark in caught.value.remarks]


def test_what_nobody_can_give_is_refused_with_the_reason_in_both_languages(reading: Reading) -> None:
    assert refusal(reading("procedural"), CONTROLLED) == [
        "Line 1: Nobody here can make it (procedural): it draws from words alone, without a LoRA or a picture beside "
        "them. Name a model that can (docs/providers.md), or take that wish out."
    ]
    (said,) = refusal(reading("procedural", language="ko"), CONTROLLED)
    assert "procedural" in said
    assert "참고사진" in said


class Blind(Scripted):
    """`scripted` that can't do it for a reason of its own."""

    def __init__(self, other: Scripted, why: RenderError) -> None:
        super().__init__(other._options, other._host)
        self._why = why

    def fit(self, shot: Shot) -> Fit:
        """Nothing with a picture beside it."""
        if shot.needs:
            raise self._why
        return super().fit(shot)


def test_every_reason_is_told_once_and_what_is_missing_with_the_command_that_adds_it(reading: Reading) -> None:
    catalogue = reading("scripted", "second", "third")
    lack = NotConfigured("weights_missing", model="controlnet", command="stockgen models pull controlnet")
    blind = {"scripted": lack, **{one: Unfit("unfit_control", provider=one) for one in ("second", "third")}}
    for name, why in blind.items():
        catalogue.providers[name] = Blind(catalogue.providers[name], why)  # type: ignore[index, arg-type]
    missing, unable = refusal(catalogue, CONTROLLED)
    assert missing.startswith("Line 1: scripted can't make it yet:")
    assert "stockgen models pull controlnet" in missing
    assert "(second, third): it can't follow the picture" in unable


def test_who_can_not_give_it_is_passed_over_and_that_is_told(reading: Reading) -> None:
    request = reading("procedural", "scripted").read(CONTROLLED.encode(), "job.yaml")
    told = [remark.facts["provider"] for remark in request.remarks if remark.code == "plan.passed_over"]
    assert told == [["procedural"]]


def test_nothing_is_told_where_everybody_can(reading: Reading) -> None:
    request = reading("scripted", "second").read(CONTROLLED.encode(), "job.yaml")
    assert [remark.code for remark in request.remarks] == []


def test_a_shape_that_nobody_draws_is_no_fault_of_the_picture_beside_it(reading: Reading) -> None:
    text = CONTROLLED.replace("96x64", "9000x9000")
    assert reading("scripted").read(text.encode(), "job.yaml").orders


def test_every_order_that_nobody_can_make_is_told_at_once_and_alike_ones_once(reading: Reading) -> None:
    text = f"{CONTROLLED}---\nkeywords: [sea, hill]\ncontrol: b.png\n---\nkeywords: a lake\n"
    assert [one.split(":")[0] for one in refusal(reading("procedural"), text)] == ["Line 1", "Line 6"]


class Counting(Scripted):
    """`scripted` that knows how often it was asked."""

    def __init__(self, other: Scripted) -> None:
        super().__init__(other._options, other._host)
        self.asked = 0

    def fit(self, shot: Shot) -> Fit:
        """As it, counted."""
        self.asked += 1
        return super().fit(shot)


def test_orders_that_need_nothing_ask_nobody_and_a_hundred_alike_ask_once(reading: Reading) -> None:
    catalogue = reading("scripted")
    counting = Counting(catalogue.providers["scripted"])  # type: ignore[arg-type]
    catalogue.providers["scripted"] = counting  # type: ignore[index]
    catalogue.read(b"keywords: [sea, hill, lake]\nbest_of: 3\n", "job.yaml")
    assert counting.asked == 0
    catalogue.read("\n".join(["control: a.png", "", *(f"hill {n}" for n in range(99))]).encode(), "job.txt")
    assert counting.asked == 2  # with the picture, and without it


def test_the_door_asks_about_the_very_picture_that_will_be_planned(house: Callable[..., House]) -> None:
    one = house({"chains": {"auto": ["scripted"]}})
    job = one.order(f"{CONTROLLED}steps: 9\nstyle: watercolor\nkind: illustration\n")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] != "planning")
    (planned,) = one.app.ledger.shots.of_job(job)
    (order,) = one.app.ledger.jobs.orders(job)
    probe = wanted(order, one.app.catalogue.chains.resolve(order.model), (planned["width"], planned["height"]))
    assert probe.wish == json.loads(planned["wish"])
    assert sorted(probe.needs) == json.loads(planned["needs"]) == ["control"]
    assert list(probe.chain) == json.loads(planned["chain"])
