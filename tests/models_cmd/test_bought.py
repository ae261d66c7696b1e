"""`models` and `doctor` about what is bought: prices, dates, and nobody pulls or buys by mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.cli import main
from stockgen.domain.errors import NotConfigured
from stockgen.domain.times import SystemClock, local
from stockgen.ledger import Ledger
from tests.house import write_config

PLUGINS = ("tests.providers_for_tests", "tests.services_for_tests")
CAP = {"per_month_usd": 5}
Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types a command with a config; keywords replace parts of it."""

    def answer(*words: str, **over: object) -> tuple[int, str]:
        base = {"providers": {"openai": {}, "gemini": {}}, "chains": {"auto": ["openai"]}, "money": CAP}
        write_config(tmp_path, base | over)
        capsys.readouterr()
        code = main(["--config", str(tmp_path / "config.yaml"), *words], PLUGINS)
        out, err = capsys.readouterr()
        return code, out + err

    return answer


def test_the_list_tells_what_a_picture_costs_and_until_when_a_model_is_there(desk) -> None:
    rows = {row["name"]: row for row in desk("list", "--json").json}
    assert rows["gpt-image-2"]["usd"] == [0.00732, 0.88944]
    assert rows["gpt-image-2"]["gone"] is False
    gone = rows["dall-e-3"]
    assert (gone["gone"], gone["retires"], gone["successor"], gone["usd"]) == (True, "2026-05-12", "gpt-image-2", None)
    assert rows["gpt-image-1.5"]["retires"] == "2026-12-01"
    assert "usd" not in rows["sdxl-base"]
    table = desk("list").out
    assert "USD 0.0074 – 0.89" in table
    assert table.count("dall-e-3 → gpt-image-2") == 1  # in the line below, not as one that can be had


def test_a_model_is_shown_with_its_price_in_dollars_and_won(desk, typed: Typed) -> None:
    code, said = typed("models", "show", "gpt-image-2", money=CAP | {"krw_per_usd": 2000})
    assert code == 0
    assert "1024x1024 high: 0.27 USD (about 527 won)" in said
    assert "any, in steps of 16 pixels, 655360 to 8294400 pixels in all, 3840 a side at most, up to 3:1" in said
    assert "OpenAI Terms of Use" in said and "own the output" in said
    _, said = typed("models", "show", "나노바나나", language="ko")
    assert "4K: 0.15달러" in said and "SynthID" in said


def test_a_retired_model_is_shown_with_its_day_and_what_came_after(typed: Typed) -> None:
    _, said = typed("models", "show", "DALL-E 3")
    assert "switched off on: 2026-05-12" in said and "after that: gpt-image-2" in said
    assert "costs" not in said


def test_the_plain_list_names_what_is_gone_last_with_what_came_after(typed: Typed) -> None:
    _, said = typed("list", "models")
    rows = {line.split()[0]: line for line in said.splitlines() if line.split()}
    assert "DALL·E 3. off since 2026-05-12 → gpt-image-2" in rows["dall-e-3"]
    assert [*rows].index("dall-e-3") > [*rows].index("sdxl-base")


def test_a_common_name_shows_the_model_that_the_config_gives_it(typed: Typed) -> None:
    _, said = typed("models", "show", "달리", providers={"openai": {"model": "gpt-image-2.5-flare"}})
    assert said.startswith("name: gpt-image-2.5-flare\n")
    _, said = typed("models", "show", "달리")
    assert said.startswith("name: gpt-image-2\n")


@pytest.mark.parametrize(("word", "hint"), [
    ("gpt-image-2", "stockgen secret set openai"), ("나노 바나나 프로", "stockgen secret set gemini"),
    ("dall-e-3", "stockgen models show gpt-image-2"), ("imagen 4", "stockgen models show gemini-nano-banana-2.1"),
])  # fmt: skip
def test_nothing_is_downloaded_for_what_is_bought(typed: Typed, word: str, hint: str) -> None:
    code, said = typed("models", "pull", word)
    assert code == 2
    assert hint in said


def test_no_picture_is_bought_beside_the_caps(typed: Typed) -> None:
    code, said = typed("models", "try", "gpt-image-2")
    assert code == 2
    assert "counted with jobs only" in said
    assert not list(Path().glob("try-gpt*.png"))


def found(typed: Typed, **over: object) -> list[str]:
    _, said = typed("doctor", **over)
    return [line for line in said.splitlines() if "openai" in line and "config.yaml is fine" not in line]


def test_doctor_tells_of_each_service_what_is_missing_and_the_command_for_it(typed: Typed) -> None:
    only = {"gemini": {"key": False}}
    (said,) = found(typed, providers={"openai": {}, **only})
    assert said.startswith("✓ openai has a key and a cap. A picture of gpt-image-2 costs USD 0.89 at most")
    assert said.endswith("Caps: up to 5.00 USD (about 7,000 won) a month.")
    for key, money, mark in ((True, CAP, "✓"), (False, {}, "✓"), (False, CAP, "✗")):
        keys = {"openai": {"key": False}, "gemini": {"key": key}}
        (said,) = found(typed, providers=keys, money=money)
        assert said.startswith(f"{mark} openai"), (key, money)  # a cap without any key is a key that was forgotten
        assert "stockgen secret set openai" in said
    for money in ({}, {"per_month_usd": 0, "per_day_usd": 1}, {"per_month_usd": None}):
        (said,) = found(typed, providers={"openai": {}, **only}, money=money)
        assert said.startswith("✗ openai can't make pictures yet") and "per_month_usd: 5" in said


def test_doctor_status_and_config_check_tell_of_a_model_that_is_gone(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / ".stockgen").mkdir()
    Ledger.opened(tmp_path / ".stockgen").close()
    providers = {"openai": {"model": "dall-e-3"}, "gemini": {"key": False}}
    told = "providers.openai.model: dall-e-3 was switched off on 2026-05-12; gpt-image-2 is used instead."
    assert f"! {told}" in typed("doctor", providers=providers)[1]
    for words in (("config", "check"), ("status",)):
        code, said = typed(*words, providers=providers)
        assert code == 0
        assert told in said


@pytest.mark.parametrize("model", ["", "gpt-image-2"])
def test_a_service_that_has_refused_the_key_is_not_told_to_be_ready(typed: Typed, tmp_path: Path, model: str) -> None:
    (tmp_path / ".stockgen").mkdir()
    ledger = Ledger.opened(tmp_path / ".stockgen")
    why = NotConfigured("cloud_key_refused", provider="openai", detail="no").remark
    now = SystemClock().wall()
    ledger.closures.close("openai", model, "NotConfigured", json.dumps(why.to_json()), now, now + 3600)
    ledger.closures.close("openai", "another", "NotConfigured", json.dumps(why.to_json()), now, now + 3600)
    ledger.close()
    over = {"providers": {"openai": {}, "gemini": {"key": False}}, "timezone": "UTC"}
    (said,) = found(typed, **over)
    assert said.startswith(f"✗ openai is not asked before {local(now + 3600, 'UTC'):%m-%d %H:%M} ")
    assert "stockgen resume" in said and (not model or f"{model}: " in said)
    ledger = Ledger.opened(tmp_path / ".stockgen")
    ledger.closures.open("openai", model)
    ledger.close()
    (said,) = found(typed, **over)
    assert said.startswith("✓ openai has a key"), said


def test_a_service_whose_closure_has_ended_is_ready_again(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / ".stockgen").mkdir()
    ledger = Ledger.opened(tmp_path / ".stockgen")
    why = json.dumps(NotConfigured("cloud_key_refused", provider="openai", detail="no").remark.to_json())
    now = SystemClock().wall()
    ledger.closures.close("openai", "", "NotConfigured", why, now - 60, now - 1)
    ledger.close()
    (said,) = found(typed, providers={"openai": {}, "gemini": {"key": False}})
    assert said.startswith("✓ openai has a key")
