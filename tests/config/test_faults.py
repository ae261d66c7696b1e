"""Somebody who is no programmer mends a config in one go: every fault at once, where, what, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from stockgen.config.model import LATER


def test_all_faults_are_told_at_once(told):
    faults = told("inboks: {}\nlimits: {startz: 3, starts: 0}\nlanguage: kor\nnotify: {onn: []}\nstyles: {a: {}}\n")
    assert len(faults) == 6
    assert {re.search("`([^`]+)`", one)[1] for one in faults} == {
        "inboks", "limits.startz", "limits.starts", "language", "notify.onn", "styles.a.prompt",
    }  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), [
    ("inboks: {}", "inbox"),
    ("otubox: {}", "outbox"),
    ("inbox: {setttle: 2s}", "settle"),
    ("inbox: {stetle: 2s}", "settle"),
    ("defaults: {modle: auto}", "model"),
    ("markets: {adobe_stock: {per_wek: 3}}", "per_week"),
    ("checks: {flat: {spraed: 3}}", "spread"),
    ("log: {level: wraning}", "warning"),
    ("language: kor", "ko"),
])  # fmt: skip
def test_a_slip_of_the_finger_is_answered_with_the_word_that_was_meant(told, text, meant):
    (fault,) = told(text)
    assert re.search(f"Did you mean ['`]{meant}['`]", fault)


def test_a_key_that_resembles_nothing_is_answered_with_all_that_there_are(told):
    (fault,) = told("inbox: {zzz: 1}")
    assert fault.endswith("Known here: path, rescan, settle, watch")


@pytest.mark.parametrize(("text", "where", "found", "allowed"), [
    ("inbox: {settle: 2}", "inbox.settle", "2", "500ms, 2s, 15m, 24h or 14d"),
    ("inbox: {settle: 2 sec}", "inbox.settle", "2 sec", "with its unit"),
    ("inbox: {rescan: 0s}", "inbox.rescan", "0s", "more than 0"),
    ("inbox: {rescan: 9999999d}", "inbox.rescan", "9999999d", "with its unit"),
    ("retention: {spare: forever}", "retention.spare", "forever", "never (it stays for ever)"),
    ("limits: {starts: 0}", "limits.starts", "0", "1 or more"),
    ("finish: {quality: 101}", "finish.quality", "101", "100 or less"),
    ("defaults: {count: many}", "defaults.count", "many", "a whole number"),
    ("checks: {flat: {spread: .inf}}", "checks.flat.spread", "inf", ""),
    ("rights: {prompt_in_file: maybe}", "rights.prompt_in_file", "maybe", "true or false"),
    ("rights: {creator: 2026}", "rights.creator", "2026", "quotes"),
    ("defaults: {markets: adobe_stock}", "defaults.markets", "adobe_stock", "a list such as"),
    ("checks: true", "checks", "true", "indented"),
    ("log: {format: xml}", "log.format", "xml", "auto, json, human"),
    ("timezone: Mars/Olympus", "timezone", "Mars/Olympus", "Asia/Seoul"),
    ("gpu: {hours: 25:00-07:00}", "gpu.hours", "25:00-07:00", "23:00-07:00"),
    ("gpu: {hours: '7:00-07:00'}", "gpu.hours", "7:00-07:00", "two times"),
    ("gpu: {devices: []}", "gpu.devices", "[]", "card numbers"),
    ("gpu: {devices: gpu0}", "gpu.devices", "gpu0", "cpu or mps"),
    ("gpu: {devices: [0, 0]}", "gpu.devices", "[0, 0]", "each card once"),
    ("gpu: {compile: always}", "gpu.compile", "always", "auto, never"),
    ("timezone: Asia", "timezone", "Asia", "Asia/Seoul"),
    ("outbox: {path: ''}", "outbox.path", "", "the path of a folder"),
    ("state: ~nobody-at-all/x", "state", "~nobody-at-all/x", "the path of a folder"),
])  # fmt: skip
def test_a_value_is_told_with_its_place_and_what_may_stand_there(told, text, where, found, allowed):
    (fault,) = told(text)
    assert fault.startswith(f"`{where}` can't be '{found}'.")
    assert allowed in fault


def test_an_empty_value_is_called_empty_and_not_none(told):
    assert told("presets:") == [
        "`presets` is empty. Take the line out, or write `key: value` lines, indented below it."
    ]


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_key_of_a_later_version_is_refused_by_name(told, name):
    *above, last = name.split(".")
    text = "{" + last + ": {}}"
    for part in reversed(above):
        text = "{" + f"{part}: {text}" + "}"
    assert told(text) == [f"`{name}` is not in this version yet. Take the line out."]


def test_two_places_that_are_one_folder_are_refused(told):
    (fault,) = told("inbox: {path: box}\noutbox: {path: ./box}\n")
    assert fault.startswith("`outbox.path` and `inbox.path` are the same folder")


def test_no_fault_speaks_english_to_a_korean(told):
    text = "inbox: {settle: 2, rescan: 0s}\ndefaults: {count: x, markets: a}\nlanguage: kor\ntimezone: Mars\n"
    for fault in told(text + "styles: {a: {}}\npresets:\nrights: {creator: 1}\ninboks: a\n", "ko"):
        plain = re.sub(r"`[^`]*`|'[^']*'|\([^)]*\)|Asia/Seoul", "", fault)
        assert re.search("[가-힣]", fault)
        assert not re.search("[A-Za-z]{3,} [A-Za-z]{3,}", plain)


@pytest.mark.parametrize("written", ["5달러", "$5", "7000원", "five"])
def test_a_cap_with_a_sign_or_in_won_is_answered_with_the_currency_that_is_meant(told, written):
    (fault,) = told(f"money: {{per_month_usd: {written}}}")
    assert "money.per_month_usd" in fault and written in fault
    assert "US dollars" in fault and "not won" in fault


def test_an_address_with_a_token_is_refused_and_not_repeated(told: Callable[[str], list[str]]) -> None:
    (fault,) = told("notify: {urls: ['ntfy://user:verysecretword@example.com/topic']}\n")
    assert "secret:telegram" in fault
    assert "verysecretword" not in fault
