"""Subjects and prompts with variants are understood in every kind of file, or refused with the place of the slip."""

from __future__ import annotations

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config
from stockgen.domain.errors import JobFileError
from stockgen.jobfile import accepted, refused
from stockgen.messages import Messages


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """An installation that draws, with a list of its own."""
    root = tmp_path_factory.mktemp("templates")
    (root / "my" / "wildcards" / "가게").mkdir(parents=True)
    (root / "my" / "wildcards" / "가게" / "간판.txt").write_text("# 우리 것\n빨간\n3::파란\n", encoding="utf-8")
    (root / "my" / "wildcards" / "cp949.txt").write_bytes("붕어빵\n호떡\n".encode("cp949"))
    (root / "my" / "wildcards" / "picture.txt").write_bytes(b"\xff\xd8\xff\xe0\x00\x81")
    (root / "my" / "wildcards" / "tree.yaml").write_text(
        "봄: [벚꽃, 개나리]\ndeep: {more: ['no', 12:30]}\n", encoding="utf-8"
    )
    return Catalogue(Config.model_validate({"providers": {"procedural": {}}}).placed(root), root / "my")


@pytest.mark.parametrize(
    ("name", "text", "subjects"),
    [
        ("a.txt", "{봄|가을} 공원 | 3", ["{봄|가을} 공원"]),
        (
            "a.txt",
            "{2$$ and $$rose|{red|pink} tulip|lily}\tx\n".replace("\tx", " x2"),
            ["{2$$ and $$rose|{red|pink} tulip|lily}"],
        ),
        ("a.txt", "{{red|blue}|mint} door", ["{{red|blue}|mint} door"]),
        ("a.txt", r"rose \{a|3", [r"rose \{a"]),
        ("a.txt", "키워드|개수\n{봄|가을} 공원|2\n", ["{봄|가을} 공원"]),
        ("a.csv", "키워드,개수\n{봄|가을} 공원,2\n", ["{봄|가을} 공원"]),
        ("a.yaml", "keywords: ['{봄|가을} 공원', __season__ park]", ["{봄|가을} 공원", "__season__ park"]),
        ("a.yaml", "keywords: {'{a|b}': 2}", ["{a|b}"]),
        ("a.json", '{"keywords": "${x={a|b}} ${x}"}', ["${x={a|b}} ${x}"]),
    ],
)
def test_a_bar_inside_braces_parts_no_cells(here: Catalogue, name: str, text: str, subjects: list[str]) -> None:
    assert [order.subject for order in here.read(text.encode(), name).orders] == subjects


def test_variants_hold_for_exact_prompts_and_for_lists_of_ones_own(here: Catalogue) -> None:
    file = "mode: exact\n__가게/간판__ door\n__cp949__, soft light\n__tree/봄__ __tree/deep/*__\n"
    assert len(here.read(file.encode(), "a.txt").orders) == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("벚꽃\n__seasn__ park", "2 template.unknown_near nearest=season"),
        ("벚꽃\n\n{봄|가을 공원", "3 template.open at=1"),
        ("벚꽃 ${색}", "1 template.unset at=4"),
        ("{9$$a|b}", "1 template.pick options=2"),
        ("__picture__", "1 template.list_broken found=picture"),
    ],
)
def test_a_slip_is_told_with_its_line_its_place_and_the_nearest_name(here: Catalogue, text: str, fault: str) -> None:
    with pytest.raises(JobFileError) as caught:
        here.read(text.encode(), "a.txt")
    (told,) = caught.value.remarks
    line, code, fact = fault.split()
    assert (str(told.line), told.code) == (line, f"job_file.{code}")
    assert str(told.facts[fact.split("=")[0]]) == fact.split("=")[1]


def test_a_list_one_slip_away_is_mended(here: Catalogue) -> None:
    data = "벚꽃\n__seasn__ park\n".encode()
    with pytest.raises(JobFileError) as caught:
        here.read(data, "a.txt")
    mended = here.mended(data, "a.txt", caught.value)
    assert mended is not None
    assert [order.subject for order in here.read(mended[1], "a.txt").orders] == ["벚꽃", "__season__ park"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{벚꽃|장미} | 2", "plan.texts"),
        ("{벚꽃|장미} | 3", "plan.texts_few"),
        ("{2$$__color__} {4$$__color__}", "plan.texts_many"),
    ],
)
def test_the_note_says_how_many_different_texts_there_are(here: Catalogue, text: str, code: str) -> None:
    request = here.read(text.encode(), "a.txt")
    assert code in [remark.code for remark in request.remarks]
    for language in ("ko", "en"):
        note = accepted(request, "k7m2q", "a.txt", (), Messages(language)).decode("utf-8-sig")  # type: ignore[arg-type]
        assert "{texts}" not in note
        assert ("1,000" in note or "1000" in note) == (code == "plan.texts_many")


def test_words_that_nobody_can_translate_refuse_the_file_and_the_copy_has_the_other_lines(here: Catalogue) -> None:
    data = "벚꽃\n꿻뚫 뷁\n장미 꿻뚫\n".encode()
    with pytest.raises(JobFileError) as caught:
        here.read(data, "a.txt")
    assert [(told.line, told.code) for told in caught.value.remarks] == [(2, "job_file.untranslated")]
    for language in ("ko", "en"):
        assert "꿻뚫 뷁" in refused(caught.value, "a.txt", Messages(language)).decode("utf-8-sig")  # type: ignore[arg-type]
    mended = here.mended(data, "a.txt", caught.value)
    assert mended is not None
    request = here.read(mended[1], "a.txt")
    assert [order.subject for order in request.orders] == ["벚꽃", "장미 꿻뚫"]
    left_out = [remark.facts["words"] for remark in request.remarks if remark.code == "plan.unknown_words"]
    assert left_out == [["꿻뚫"]]


def test_what_was_understood_stands_at_its_order(here: Catalogue) -> None:
    request = here.read("떡국 한 그릇\n{봄|가을} 바다\n".encode(), "a.txt")
    note = accepted(request, "k7m2q", "a.txt", (), Messages("ko")).decode("utf-8-sig")
    assert "떡국 한 그릇 (tteokguk rice cake soup in a bowl)" in note
    assert "sea waves" in note


def test_the_lists_that_there_are_are_named_whole(here: Catalogue) -> None:
    with pytest.raises(JobFileError) as caught:
        here.read(b"__zzzzz__ sea\n", "a.txt")
    told = Messages("en").tell(caught.value.remarks[0])
    there = told.partition("There are: ")[2].partition(". Put")[0].split(", ")
    assert set(there) <= {*here.wildcards.names, "…"}
    assert len(there) > 6
