"""Decisions, tables and origins from the command line, with the text that somebody pastes."""

from __future__ import annotations

import io
import sys

import pytest

from tests.pipeline.stage import open_shop

SEA = "- {prompt: a calm sea, title: 'Calm sea', tags: 'sea, wave', size: 96x64, markets: [adobe_stock]}\n"


@pytest.fixture
def sold(desk):
    """A desk with a picture in a basket."""
    here = desk()
    open_shop(here.root)
    assert here("run", here.write("sea.yaml", SEA)).code == 0
    assert here("basket").code == 0
    return here


@pytest.fixture
def paste(monkeypatch):
    """What stands on standard input."""
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def stem(desk):
    return desk("find", "sea", "--json").json[0]["stem"]


def test_a_pasted_text_is_noted_and_what_was_not_found_is_told(sold, paste):
    name = stem(sold)
    paste(f"파일명,사유\n{name}.jpg,비슷한 그림\n".encode("cp949"))
    said = sold("mark", "Adobe", "rejected")
    assert (said.code, "refused: 1" in said.out) == (0, True)
    assert sold("find", "sea", "--json").json[0]["markets"] == "adobe_stock rejected"
    paste(b"nothing of ours")
    said = sold("mark", "adobe_stock", "rejected")
    assert (said.code, "none of our pictures" in said.out) == (1, True)


def test_a_basket_is_marked_by_its_name(sold):
    (basket,) = (sold.root / "outbox" / "upload").glob("*/*")
    assert sold("mark", "adobe_stock", "uploaded", basket.name).code == 0
    assert sold("find", "sea", "--json").json[0]["markets"] == "adobe_stock uploaded"


def test_a_wrong_market_or_decision_is_told_with_what_there_is(sold):
    assert "adobe_stock" in sold("mark", "adobee", "rejected", "x").err
    assert "rejected" in sold("mark", "adobe_stock", "grumbled", "x").err


def test_the_baskets_own_table_comes_back_edited(sold):
    (table,) = (sold.root / "outbox" / "upload").glob("*/*/2_*.csv")
    edited = sold.root / "edited.csv"
    edited.write_bytes(table.read_bytes().replace(b"Calm sea", b"Glassy water"))
    assert sold("titles", edited).code == 0
    assert sold("find", "glassy").code == 0
    other = sold.write("list.csv", "name;x\n1;2\n")
    assert (sold("titles", other).code, "--market" in sold("titles", other).err) == (2, True)


def test_the_origin_of_a_picture_is_told_for_people_and_for_scripts(sold):
    name = stem(sold)
    said = sold("proof", f"{name}.jpg")
    assert said.code == 0
    assert "a calm sea" in said.out and "Licence of the model: MIT" in said.out
    assert sold("proof", name, "--json").json["prompt"] == "a calm sea"
    assert (sold("proof", "nothing").code, "stockgen find" in sold("proof", "nothing").err) == (2, True)
