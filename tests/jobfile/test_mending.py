"""The mended copy of a refused file: the author's own text, and sure to be accepted."""

from __future__ import annotations

import codecs
from functools import partial

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.jobfile import fixed, read


def mended(known, text, name="job.yaml"):
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(JobFileError) as caught:
        read(data, name, known)
    found = fixed(data, name, caught.value, partial(read, known=known))
    if found is None:
        return None
    assert read(found[1], found[0], known).orders  # whatever it is, it is accepted
    return found[0], found[1].decode("utf-8-sig").replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("modle: flux\nkeywords: a\n", "model: flux\nkeywords: a\n"),
        ("키워드: 벚꽃  # 봄\n갯쑤: 5\n", "키워드: 벚꽃  # 봄\n갯수: 5\n"),
        ("keywords: a\ncount: 5쪽\n", "keywords: a\ncount: 5\n"),
        ("keywords: a\nmodel: flxu\n", "keywords: a\nmodel: flux\n"),
        ("keywords: a\nkind: phot\nsize: sqare\n", "keywords: a\nkind: photo\nsize: square\n"),
        ("keywords:a\ncount:5\n", "keywords: a\ncount: 5\n"),
        ("keywords:\n\t- a\n\t- b\n", "keywords:\n  - a\n  - b\n"),
        ("prompt: {soft} light\n", 'prompt: "{soft} light"\n'),
        ("prompt: {soft}\n", 'prompt: "{soft}"\n'),
        ("- prompt: a: b\n- c\n", '- prompt: "a: b"\n- c\n'),
        ("a\nb\n", "- a\n- b\n"),
        ("keywords: a\ncount: 2\ncount: 2\n", "keywords: a\ncount: 2\n"),
        ("keywords: a\ncount:\n", "keywords: a\n"),
        ("keywords: a\nbest_of: 3개\n", "keywords: a\nbest_of: 3\n"),
        ("keywords: a\nlora: papr:0.5, ink\n", "keywords: a\nlora: paper:0.5, ink\n"),
        (
            "keywords: a\ncontrol:\n  image: b.png\n  type: 윤과\n",
            "keywords: a\ncontrol:\n  image: b.png\n  type: 윤곽\n",
        ),
        ("keywords: a\nmodel: Gone/Banned\n", "keywords: a\nmodel: flux\n"),
        ("keywords: a\nmarkets: [adobe, shut]\n", "keywords: a\nmarkets: [adobe]\n"),
        ("prompt: a --ar 16:9 --v 6\n", "prompt: a\nsize: 16:9\n"),
    ],
)
def test_a_slip_is_mended_on_its_own_line_and_nothing_else_is_touched(known, text, copy):
    assert mended(known, text) == ("job.fixed.yaml", copy)


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("벚꽃 5장\n바다 그려줘\n# 메모\n산\n", "벚꽃 5장\n# 메모\n산\n"),
        ("https://a.b\n산\n", "산\n"),
        ("벚꽃, 5\n산\n", "벚꽃 | 5\n산\n"),
        ("벚꽃: 5\n", "벚꽃 | 5\n"),
        ("5장 벚꽃\n", "벚꽃 | 5\n"),
        ("벚꽃 5~6장\n산\n", "산\n"),
        ("산\ncount: 3\n", "count: 3\n산\n"),
        ("count = 3\n산\n", "count: 3\n산\n"),
        ("Sunset: golden hour\n", '"Sunset: golden hour"\n'),
        ("산 | 3 | flxu\n", "산 | 3 | flux\n"),
        ("#1 산\n바다 # 내일\n", "산\n바다\n"),
        ("산\x1b[31m과 들\x07\n", "산과 들\n"),
    ],
)
def test_lines_that_were_asked_about_are_left_out_and_the_others_kept(known, text, copy):
    assert mended(known, text, "봄.txt") == ("봄.fixed.txt", copy)


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("a.txt", "keywords:\n  - a\n", "a.fixed.yaml"),
        ("a.txt", '{"keywords": "a"}\n', "a.fixed.json"),
        ("a.txt", "- keywords: a\n  count: 2\n- keywords: b\n", "a.fixed.yaml"),
        ("a.md", "- a\n- b\n", "a.fixed.txt"),
        ("a", "벚꽃\n", "a.fixed.txt"),
        ("a.json", "{keywords: a}\n", "a.fixed.yaml"),
        ("a.fixed.txt", "산\nwww.a.b\n", "a.fixed.txt"),
        ("a.CSV", "keywords,cuont\na,2\n", "a.fixed.csv"),
    ],
)
def test_a_file_under_the_wrong_ending_gets_the_right_one(known, name, text, made):
    found = mended(known, text, name)
    assert found is not None
    assert found[0] == made


@pytest.mark.parametrize(
    "text",
    [
        "keywords: a\ntheme: b\n", "mode: dynamic\nkeywords: a\n", "kind: element\nkeywords: a\ntransparent: no\n",
        "keywords: a\ncount: 2\ncount: 3\n", "keywords: a\nprompt: b\n", "keywords: [a, b]\ncounts: [1]\n",
        "keywords: a\ncount: 900\n", "keywords: a\nmarkets: shut\n", "- &a x\n- *a\n", "keywords: a\nzebra: 1\n",
        b"\x89PNG\r\n", b"caf\xe9 \xff\xff", "keywords: a\npreset: broken\n", "",
    ],
)  # fmt: skip
def test_where_only_the_author_can_know_there_is_no_copy(known, text):
    assert mended(known, text) is None


def test_no_copy_says_something_else_than_the_author_asked_for(known):
    assert mended(known, "산 그려줘\n바다 그려줘\n", "a.txt") is None  # nothing would be left
    assert mended(known, "keywords:\n  - a\nmode: dynamic\n", "a.txt") is None  # it is YAML, and no good one


def test_the_copy_of_a_korean_windows_file_opens_in_any_editor(known):
    data = "벚꽃 5장\r\n그려 주세요\r\n".encode("cp949")
    with pytest.raises(JobFileError) as caught:
        read(data, "a.txt", known)
    found = fixed(data, "a.txt", caught.value, partial(read, known=known))
    assert found == ("a.fixed.txt", codecs.BOM_UTF8 + "벚꽃 5장\r\n".encode())


def test_the_name_of_a_copy_is_one_that_the_inbox_takes():
    from daemon.ignored import is_conflict, is_ignored

    assert not is_ignored("봄.fixed.txt")
    assert not is_conflict("봄.fixed.txt")


def test_a_file_that_no_hand_wrote_is_not_mended_for_seconds(known):
    data = b"keywords: a\n" + b"modle: b\n" * 4000
    with pytest.raises(JobFileError) as caught:
        read(data, "a.yaml", known)
    assert fixed(data, "a.yaml", caught.value, partial(read, known=known)) is None
