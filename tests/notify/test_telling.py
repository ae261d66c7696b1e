"""From what has happened to the phone and back, with real threads and servers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGTERM
from typing import Any

import pytest

from daemon.orders import Orders
from daemon.telling import Telling
from stockgen.domain.telling import Update
from stockgen.domain.words import Remark
from stockgen.pipeline.money import WARNED
from tests.house import DaemonProcess, House, write_config
from tests.notify.servers import CHAT, TOKEN, Bot, telegram
from tests.still import StillClock


@pytest.fixture
def bot() -> Iterator[Bot]:
    with telegram() as one:
        yield one


def notify(**over: Any) -> dict[str, Any]:
    return {"notify": {"urls": ["secret:telegram"], **over}, "timezone": "UTC", "report": {"at": "07:40"}}


def key(root: Path, bot: Bot) -> None:
    kept = root / ".stockgen" / "secrets"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "notify_telegram").write_text(bot.address)
    (kept / "notify_telegram").chmod(0o600)


class Desk:
    """Telling over a real app; its clocks are moved by hand, its thread is real."""

    def __init__(self, house: Callable[..., House], bot: Bot, **over: Any) -> None:
        self.clock, self.bot, self.lost = StillClock(), bot, ""
        self.clock.now = 1_790_000_000.0
        self.house = house(notify(**over), thread=True, clock=self.clock)
        key(self.house.root, bot)
        (self.house.root / "inbox").mkdir(exist_ok=True)
        self.open()

    def open(self) -> None:
        self.telling = Telling(self.house.app, self.house.root / "inbox", lambda: self.lost or None,
                               self.house.woken.release)  # fmt: skip

    def until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + 30.0
        while not done():
            assert time.monotonic() < end, (self.bot.sent, self.rows(), self.house.out.getvalue()[-1500:])
            self.clock.now += 2.0
            self.telling.step(self.clock.monotonic())
            self.house.woken.acquire(timeout=0.05)

    def steps(self, count: int = 3, seconds: float = 70.0) -> None:
        for _ in range(count):
            self.clock.now += seconds
            self.telling.step(self.clock.monotonic())

    def rows(self) -> list[str]:
        return [f"{row['news'].split(':')[0]} {row['state']}" for row in self.house.app.ledger.query(
            "SELECT news, state FROM notices ORDER BY id")]  # fmt: skip


@pytest.fixture
def desk(house: Callable[..., House], bot: Bot) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def build(**over: Any) -> Desk:
        made.append(Desk(house, bot, **over))
        return made[-1]

    yield build
    for one in made:
        one.telling.close()


def test_without_an_address_there_is_no_thread(desk: Callable[..., Desk]) -> None:
    one = desk(urls=[])
    one.lost = "gone"
    one.steps()
    assert one.rows() == []
    assert not one.telling._outbound.begun


@pytest.mark.parametrize(("on", "told"), [(["watch"], ["watch sent"]), (["report"], [])])
def test_only_what_is_wanted_is_told(desk: Callable[..., Desk], on: list[str], told: list[str]) -> None:
    one = desk(on=on)
    one.lost = "the folder is gone"
    one.steps()
    one.until(lambda: "waiting" not in " ".join(one.rows()))
    assert one.rows() == told


def test_the_same_news_is_not_told_twice_not_even_after_a_restart(desk: Callable[..., Desk]) -> None:
    one = desk(on=["watch"])
    one.lost = "the folder is gone"
    one.until(lambda: one.rows() == ["watch sent"])
    one.telling.close()
    one.house.again()
    one.open()
    one.steps()
    assert one.rows() == ["watch sent"]
    one.lost = ""
    one.steps()
    one.until(lambda: one.rows() == ["watch sent", "watch sent"])
    assert [sent["text"] for sent in one.bot.sent][1] == "The inbox is watched again."


def test_a_letter_that_arrived_while_the_config_was_reloaded_is_not_sent_twice(desk: Callable[..., Desk]) -> None:
    one = desk(on=["watch"])
    one.lost = "the folder is gone"
    one.steps(1)
    one.bot.wait(1)
    one.telling.again()
    one.until(lambda: one.rows() == ["watch sent"])
    assert len(one.bot.sent) == 1


def test_many_failures_of_a_minute_are_one_message(desk: Callable[..., Desk]) -> None:
    one = desk(on=["failed"])
    one.steps(1)
    for number in range(12):
        one.house.make("prompt: unfit\nsize: 64x64\nmodel: scripted\n", f"job{number}.yaml")
    failed = [row for row in one.house.app.ledger.query("SELECT result FROM jobs") if row["result"] == "failed"]
    one.steps(2)
    one.until(lambda: one.rows() == ["failed sent"] if failed else True)
    assert len(failed) == 12
    assert "12" in one.bot.sent[0]["text"]


def test_done_jobs_come_with_their_sheet_and_numbers_in_a_reply_drop_and_keep(desk: Callable[..., Desk]) -> None:
    one = desk(on=["done"], telegram={"orders": True})
    one.steps(1)
    job = one.house.make("prompt: a sea\nsize: 64x64\ncount: 2\n")
    one.steps(1)
    one.until(lambda: "done sent" in one.rows())
    assert one.bot.sent[0]["method"] == "sendPhoto"
    assert one.bot.sent[0]["photo"][:2] == b"\xff\xd8"
    one.bot.write(501, "2", answers=1)
    one.until(lambda: len(one.bot.sent) == 2)
    assert "keep 2" in one.bot.sent[1]["text"]
    assert json.loads(one.bot.sent[1]["reply"])["message_id"] == 9501

    def states() -> list[str]:
        return [row["state"] for row in one.house.app.ledger.assets.of_job(job)]

    assert states().count("dropped") == 1
    one.bot.write(502, "keep 2", answers=1)
    one.until(lambda: len(one.bot.sent) == 3)
    assert states().count("dropped") == 0


def test_money_is_told_at_the_share_and_when_it_is_spent(desk: Callable[..., Desk]) -> None:
    one = desk(on=["money"])
    ledger = one.house.app.ledger
    ledger.spend.caps = ledger.spend.caps.__class__(month=10, day=None, job=None)
    ledger.note(f"{WARNED}.month", f"{ledger.spend.day_of(one.clock.wall())[:7]} 10")
    one.until(lambda: one.rows() == ["money sent"])
    one.steps()
    assert one.rows() == ["money sent"]


def test_what_can_not_be_sent_is_tried_again_and_dropped_after_a_day(desk: Callable[..., Desk]) -> None:
    one = desk(on=["watch"])
    one.bot.fault = (502, {})
    one.lost = "gone"
    one.until(lambda: bool(one.house.events("notify.failed")))
    assert one.rows() == ["watch waiting"]
    one.bot.fault = None
    one.until(lambda: one.rows() == ["watch sent"])
    one.bot.fault = (502, {})
    one.lost = ""
    one.steps(2)
    assert one.rows() == ["watch sent", "watch waiting"]
    one.clock.now += 86_500
    one.until(lambda: one.rows() == ["watch sent", "watch dropped"])
    assert one.house.events("notify.dropped")
    assert TOKEN[12:24] not in one.house.out.getvalue()


@pytest.mark.parametrize(("orders", "asked"), [(True, True), (False, False)])
def test_nobody_listens_unless_orders_are_wanted(desk: Callable[..., Desk], orders: bool, asked: bool) -> None:
    one = desk(on=["watch"], telegram={"orders": orders})
    one.lost = "gone"
    one.until(lambda: one.rows() == ["watch sent"] and (bool(one.bot.offsets) or not asked))
    assert bool(one.bot.offsets) == asked


@pytest.mark.parametrize(("chats", "taken"), [([77], True), ([], False)])
def test_a_stranger_is_ignored_and_named_once(desk: Callable[..., Desk], chats: list[int], taken: bool) -> None:
    one = desk(telegram={"orders": True, "chats": chats})
    one.bot.write(1, "a calm sea | 1", chat=77)
    one.bot.write(2, "a calm sea | 1", chat=77)
    one.until(lambda: (one.house.root / "inbox/telegram-2.txt").exists() or bool(one.house.events("telegram.stranger")))
    assert (one.house.root / "inbox/telegram-1.txt").exists() == taken
    assert [event["chat"] for event in one.house.events("telegram.stranger")] == ([] if taken else [77])


def update(number: int, text: str | None) -> Update:
    return Update(number, CHAT, 1, text)


def test_a_message_that_comes_again_makes_no_second_job(desk: Callable[..., Desk]) -> None:
    one = desk()
    inbox = one.house.root / "inbox"
    orders = Orders(one.house.app, inbox)
    assert list(orders.take(update(7, "a \x1b[2Jcalm\x00 sea\ud800"), [CHAT])) == []
    file = inbox / "telegram-7.txt"
    assert file.read_bytes() == b"a [2Jcalm sea?"
    one.house.order("prompt: a sea\n", file.name)  # it was taken in, and then the program was killed
    file.unlink()
    list(Orders(one.house.app, inbox).take(update(7, "a calm sea"), [CHAT]))
    assert not file.exists()


@pytest.mark.parametrize("text", [None, "x" * 9000])
def test_pictures_and_endless_messages_are_answered_and_nothing_else(
    desk: Callable[..., Desk], text: str | None
) -> None:
    one = desk()
    (answer,) = Orders(one.house.app, one.house.root / "inbox").take(update(8, text), [CHAT])
    assert answer.text == one.house.app.catalogue.say.tell(Remark("notify.only_text"))
    assert list((one.house.root / "inbox").glob("telegram-*")) == []


def test_a_pause_by_message_ends_by_itself(desk: Callable[..., Desk]) -> None:
    one = desk()
    (answer,) = Orders(one.house.app, one.house.root / "inbox").take(update(9, "pause 3h"), [CHAT])
    assert "Paused" in answer.text or "paused" in answer.text.casefold()
    assert one.house.app.engine.paused


def test_the_offset_survives_a_restart_and_is_forgotten_after_a_week(desk: Callable[..., Desk]) -> None:
    one = desk()
    Orders(one.house.app, one.house.root / "inbox").offset = 44
    again = Orders(one.house.app, one.house.root / "inbox")
    assert again.offset == 44
    one.clock.now += 7 * 86_400
    assert again.offset == 0


@pytest.mark.process
def test_a_message_to_a_real_daemon_becomes_a_job_and_is_answered_and_its_token_is_nowhere(
    tmp_path: Path, bot: Bot
) -> None:
    write_config(tmp_path, notify(on=["report"], telegram={"orders": True}))
    key(tmp_path, bot)
    bot.write(11, "a calm sea | 1\n")
    bot.write(12, "prompt: a sea\nnonsense: 3\nsize: 1x1")
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_for("daemon.ready")
        answers = bot.wait(2)
        begin = time.monotonic()
        daemon.send(SIGTERM)
        assert daemon.finish() == 0  # that a file was refused is no fault of a stop
        assert time.monotonic() - begin < 10.0
    assert {json.loads(one["reply"] or "{}").get("message_id") for one in answers} == {9011, 9012}, answers
    assert len(daemon.ledger().query("SELECT id FROM jobs")) >= 1
    secret = TOKEN.partition(":")[2].encode()
    files = [file for file in tmp_path.rglob("*") if file.is_file() and secret in file.read_bytes()]
    assert [file.name for file in files] == ["notify_telegram"]
    assert secret.decode() not in "".join(daemon.lines)
