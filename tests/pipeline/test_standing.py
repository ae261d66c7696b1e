"""People read of each provider whether it is open, closed until when, or not set up; and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stockgen.messages import Messages
from stockgen.pipeline.standing import lacks, standing
from tests.house import House
from tests.lanes.harness import HandClock

Build = Callable[..., House]
SHOP: dict[str, Any] = {
    "scripted": {"place": "net", "quote": 40_000}, "second": {"place": "net"},
}  # fmt: skip
CHAINS = {"auto": ["scripted"], "both": ["scripted", "second"], "wide": ["both", "sdxl"]}


def told(one: House) -> dict[str, tuple[str, str | None, bool]]:
    """name → (state, reason, whether an end is known)."""
    dispatcher = one.app.engine.parts.dispatcher
    found = standing(lacks(dispatcher.chains), dispatcher.closed, one.app.clock.wall(), Messages("en"))
    return {each["name"]: (each["state"], each["reason"], each["until"] is not None) for each in found}


def open_shop(build: Build, cap: float) -> House:
    return build(
        {"providers": SHOP, "chains": CHAINS, "money": {"per_month_usd": cap}}, clock=HandClock()
    )  # fmt: skip


def test_each_that_is_named_stands_once(house: Build) -> None:
    assert told(open_shop(house, 9.0)) == {
        "procedural": ("open", None, False), "scripted": ("open", None, False), "second": ("open", None, False),
        "sdxl": ("not_configured", "it is not set up here.", False),
    }  # fmt: skip


def test_who_may_not_spend_is_not_set_up(house: Build) -> None:
    state, reason, _ = told(open_shop(house, 0.0))["scripted"]
    assert (state, reason and "no cap is written" in reason) == ("not_configured", True)


def test_who_is_closed_says_until_when_and_a_model_that_is_no_more_for_ever(house: Build) -> None:
    one = open_shop(house, 9.0)
    one.make("prompt: a spent sea\nmodel: both\nsize: 64x64\n")
    assert told(one)["scripted"] == ("closed", "quota_spent", True)
    other = open_shop(house, 9.0)
    other.make("prompt: a gone sea\nmodel: both\nsize: 64x64\n")
    assert told(other)["scripted"] == ("open", "scripted: retired", False)
