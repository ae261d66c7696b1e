"""A brand in a file costs its own line, not the night: the other lines are made, and the author is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config
from stockgen.domain.errors import ConfigError, JobFileError
from stockgen.domain.words import JobRequest
from stockgen.jobfile import accepted
from stockgen.messages import Messages

Read = Callable[..., JobRequest]


def catalogue_in(folder: Path) -> Catalogue:
    styles = {"forest": {"prompt": "soft studio ghibli look"}}
    config = Config.model_validate({"language": "en", "styles": styles}).placed(folder)
    return Catalogue(config, folder / "my")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return catalogue_in(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def read(catalogue: Catalogue) -> Read:
    def request(text: str, name: str = "job.txt") -> JobRequest:
        return catalogue.read(text.encode(), name)

    return request


def subjects(request: JobRequest) -> list[str]:
    return [order.subject or order.prompt for order in request.orders]


def codes(request: JobRequest) -> list[tuple[int | None, str]]:
    return [(one.line, one.code) for one in request.remarks if one.code.startswith("lint.")]


def test_a_line_with_a_name_is_left_out_and_the_others_are_made(read: Read) -> None:
    request = read("벚꽃 3장\n나이키 운동화 5장\n가을 숲\n디즈니풍 성\n")
    assert subjects(request) == ["벚꽃", "가을 숲"]
    assert codes(request) == [(2, "lint.brands"), (4, "lint.characters")]


def test_one_subject_of_a_list_is_left_out_alone(read: Read) -> None:
    request = read("keywords: [rose, eiffel tower at night, sea]\ncount: 2\n", "job.yaml")
    assert subjects(request) == ["rose", "sea"]
    assert codes(request) == [(1, "lint.places")]


def test_every_name_of_a_line_is_told_at_once(read: Read) -> None:
    with pytest.raises(JobFileError) as caught:
        read("pikachu with nike shoes\n")
    assert [one.code for one in caught.value.remarks] == ["lint.characters", "lint.brands"]


def test_where_no_line_is_left_the_file_is_refused(read: Read) -> None:
    with pytest.raises(JobFileError) as caught:
        read("나이키 운동화\nBTS 콘서트\n")
    assert [(one.line, one.code) for one in caught.value.remarks] == [(1, "lint.brands"), (2, "lint.people")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("prompt: a garden in the style of Monet\n", "lint.artists"),
        ("keywords: village\nstyle: studio ghibli watercolor\n", "lint.characters"),
        ("keywords: village\nstyle: forest\n", "lint.characters"),
        ("keywords: birthday cake with the text hello\n", "lint.text"),
        ("keywords: NASA rocket\n", "lint.agencies"),
    ],
)
def test_whatever_would_come_into_a_prompt_is_looked_at(read: Read, text: str, code: str) -> None:
    with pytest.raises(JobFileError) as caught:
        read(text, "job.yaml")
    assert [one.code for one in caught.value.remarks] == [code]


def test_what_should_not_be_seen_may_name_anything(read: Read) -> None:
    request = read("prompt: running shoes\nnegative_prompt: nike logo, text\n", "job.yaml")
    assert request.orders[0].negative_prompt == "nike logo, text"
    assert codes(request) == []


def test_a_name_in_a_title_or_tag_costs_only_the_word(read: Read) -> None:
    request = read("prompt: white shoes\ntitle: Nike-style white shoes\ntags: [nike, shoes, sport]\n", "job.yaml")
    assert (request.orders[0].title, request.orders[0].tags) == ("white shoes", ("shoes", "sport"))
    assert codes(request) == [(1, "lint.title"), (1, "lint.tags")]


def test_artificial_intelligence_and_cameras_may_be_drawn(read: Read) -> None:
    assert len(read("인공지능 배경\nAI chip\n오래된 카메라\nrose, 85mm lens\n").orders) == 4


def test_my_vocabulary_can_not_bring_a_name_in_by_the_back_door(tmp_path: Path) -> None:
    folder = tmp_path / "my" / "vocabulary"
    folder.mkdir(parents=True)
    (folder / "subjects.yaml").write_text("sneaker: {en: nike sneaker, ko: 멋진신발, category: lifestyle}\n")
    with pytest.raises(JobFileError) as caught:
        catalogue_in(tmp_path).read("멋진신발\n".encode(), "job.txt")
    assert [one.code for one in caught.value.remarks] == ["lint.brands"]


def test_a_korean_name_that_the_vocabulary_says_in_other_words_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "my" / "vocabulary"
    folder.mkdir(parents=True)
    notes = "sticky_notes: {en: sticky notes, ko: 접착 메모지, words: [포스트잇], category: business}\n"
    (folder / "subjects.yaml").write_text(notes, encoding="utf-8")
    mine = catalogue_in(tmp_path)
    assert subjects(mine.read("포스트잇 배경\n".encode(), "job.txt")) == ["포스트잇 배경"]
    with pytest.raises(JobFileError):
        mine.read("포스트잇과 레고 배경\n".encode(), "job.txt")
    with pytest.raises(JobFileError):
        mine.read("prompt: 포스트잇 배경\n".encode(), "job.yaml")


def test_a_list_of_mine_that_can_not_be_read_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "blocked.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"blocked\.txt"):
        catalogue_in(tmp_path).check()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_note_says_what_was_left_out_why_and_what_to_do(catalogue: Catalogue, language: str) -> None:
    say = Messages("ko" if language == "ko" else "en")
    request = catalogue.read("벚꽃\n나이키 운동화\n".encode(), "job.txt")
    note = accepted(request, "k7m2q", "job.txt", (), say).decode("utf-8-sig")
    (line,) = [line for line in note.splitlines() if "나이키" in line]
    assert "나이키 운동화" in line
    assert "my/blocked.txt" in line
    assert "!나이키" in line
    assert ("2번째 줄" if language == "ko" else "Line 2") in line
