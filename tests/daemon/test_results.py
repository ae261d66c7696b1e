"""What markets say may be dropped as a file: it is read once, moved away, and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.results import RETRY, Results
from tests.daemon.door import QUIET, RESCAN, HandClock
from tests.house import House
from tests.pipeline.stage import open_shop

Build = Callable[..., House]
SEA = "- {prompt: a sea, title: 'Calm sea', tags: 'sea, wave', size: 64x64, markets: [adobe_stock]}\n"


class News:
    """A folder for results over a real app."""

    def __init__(self, house: House, clock: HandClock) -> None:
        self.house, self.clock = house, clock
        self.folder = house.root / "inbox" / "results"
        self.folder.mkdir(parents=True)
        self.results = Results(house.app, house.root / "inbox", QUIET, RESCAN)
        house.make(SEA)
        (row,) = house.app.ledger.query("SELECT stem FROM assets")
        self.stem = row["stem"]

    def drop(self, name: str, data: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def look(self) -> None:
        """Time passes until whatever lies there was read."""
        for _ in range(2):
            self.clock.now += RESCAN
            self.results.step(self.clock.now)

    def state(self) -> str | None:
        rows = self.house.app.ledger.query("SELECT state FROM submissions")
        return rows[0]["state"] if rows else None

    def there(self, folder: str = "") -> list[str]:
        where = self.folder / folder
        return sorted(path.name for path in where.iterdir() if path.is_file()) if where.is_dir() else []


@pytest.fixture
def news(house: Build, tmp_path: Path) -> Iterator[News]:
    clock = HandClock()
    open_shop(tmp_path / "house0")
    yield News(house(thread=True, clock=clock), clock)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("adobe_stock rejected.csv", "Filename\n{0}.jpg\n"),
        ("어도비 스톡 거절 11월.txt", "{0}"),
        ("mail.txt", "Adobe: rejected\nDear contributor, {0}.jpg is too similar."),
        ("list.txt", "# 어도비 거절\n{0}\n"),
    ],
)
def test_market_and_decision_stand_in_the_name_or_the_first_line(news: News, name: str, text: str) -> None:
    news.drop(name, text.format(news.stem))
    news.look()
    assert (news.state(), news.there()) == ("rejected", [])
    assert news.there("done") == [name, f"{name}.note.txt"]


def test_a_table_as_korean_excel_saves_it_is_read(news: News) -> None:
    news.drop("어도비 승인.csv", f"파일명,제목\r\n{news.stem}.jpg,잔잔한 바다\r\n".encode("cp949"))
    news.look()
    assert news.state() == "accepted"


@pytest.mark.parametrize(
    ("name", "text"),
    [("news.txt", "hello\n{0}"), ("adobe.txt", "{0}"), ("adobe accepted rejected.txt", "{0}"), ("어도비 거절.txt", "b"),
     ("adobe rejected.txt", "\x00\x01\x02")],
)  # fmt: skip
def test_what_cannot_be_understood_is_answered_and_changes_nothing(news: News, name: str, text: str) -> None:
    news.drop(name, text.format(news.stem))
    news.look()
    assert (news.state(), news.there(), news.there("done")) == (None, [], [])
    note = (news.folder / "unclear" / f"{name}.note.txt").read_bytes()
    assert note.startswith(b"\xef\xbb\xbf") and len(note) > 30


def test_a_file_that_is_still_being_written_is_left_alone(news: News) -> None:
    path = news.drop("adobe rejected.txt", "")
    with path.open("a") as writer:
        news.look()
        assert news.state() is None
        writer.write(news.stem)
        writer.flush()
        news.look()
        assert news.state() is None
    news.clock.now += RETRY + RESCAN
    news.look()
    assert news.state() == "rejected"


def test_half_written_hidden_and_copied_files_are_passed_over(news: News) -> None:
    for name in (".adobe rejected.txt", "adobe rejected.txt.part", "adobe rejected (conflicted copy).txt"):
        news.drop(name, news.stem)
    news.look()
    assert news.state() is None
    assert len(news.there()) == 3


def test_a_file_that_cannot_be_moved_is_told_once(news: News) -> None:
    news.drop("adobe rejected.txt", news.stem)
    (news.folder / "done").symlink_to("nowhere")
    for _ in range(4):
        news.look()
    assert news.state() == "rejected"
    assert len(news.house.events("file.ignored")) == 1


def test_a_second_file_of_the_same_name_does_not_replace_the_first(news: News) -> None:
    for _ in range(2):
        news.drop("adobe rejected.txt", news.stem)
        news.look()
    assert len(news.there("done")) == 4
