"""Errors cross from a lane's process to the daemon's, with everything that they know."""

from __future__ import annotations

import pickle

import pytest

from stockgen.domain import errors
from stockgen.domain.errors import Busy, ConfigError, Faulty, StateHeld, StockgenError, UsageError, exit_code
from stockgen.domain.words import Remark

KINDS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, StockgenError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.__name__)
def test_an_error_arrives_whole_in_another_process(kind):
    given = kind("code", [Remark("a", 3, {"b": "c"})], path="x") if issubclass(kind, Faulty) else kind("code", path="x")
    there = pickle.loads(pickle.dumps(given))  # noqa: S301 - our own
    assert (type(there), there.code, there.facts, str(there)) == (kind, "code", {"path": "x"}, str(given))
    assert getattr(there, "remarks", ()) == getattr(given, "remarks", ())


def test_the_reason_names_code_and_facts():
    assert str(StockgenError("gone", path="a", tries=2)) == "gone: path=a, tries=2"
    assert "b" in str(Faulty("code", [Remark("a.b")]))


def test_busy_says_how_long():
    assert (Busy("busy", retry_after=3).retry_after, Busy("busy").retry_after) == (3.0, 10.0)


@pytest.mark.parametrize(("error", "code"), [
    (ConfigError("a"), 2), (UsageError("a"), 2), (StateHeld("a"), 3), (StockgenError("a"), 1),
])  # fmt: skip
def test_exit_codes_are_those_of_the_contract(error, code):
    assert exit_code(error) == code


def test_a_remark_keeps_the_remarks_inside_it():
    remark = Remark("a", 1, {"why": Remark("b", facts={"n": 1})})
    assert Remark.from_json(remark.to_json()) == remark
