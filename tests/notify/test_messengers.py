"""Each service gets what its wire format demands, and says in plain words what to mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.hiding import hidden
from stockgen.domain.telling import Letter, NotDelivered
from stockgen.keyring import Keyring
from stockgen.messengers.addresses import messenger
from stockgen.messengers.telegram import cut, update_of
from tests.notify.servers import CHAT, TOKEN, listening, mail, telegram


def to(address: str, kept: Path) -> Any:
    kept.mkdir(exist_ok=True)
    (kept / "notify_me").write_text(address)
    (kept / "notify_me").chmod(0o600)
    return messenger("me", {}, kept, Keyring({}, kept).hide)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    (tmp_path / "sheet.jpg").write_bytes(b"\xff\xd8 picture")
    return tmp_path / "sheet.jpg"


def test_telegram_gets_a_sheet_with_its_words_and_the_words_that_do_not_fit(tmp_path: Path, sheet: Path) -> None:
    with telegram() as bot:
        name = to(bot.address, tmp_path / "kept").send(Letter("아침 보고\n" + "가" * 1500, sheet))
        assert name == f"{CHAT}:1"
        assert [one["method"] for one in bot.sent] == ["sendPhoto", "sendMessage"]
        assert bot.sent[0]["photo"] == b"\xff\xd8 picture"
        assert bot.sent[0]["text"] == "아침 보고"
        assert bot.sent[1]["text"] == "가" * 1500


def test_signs_of_two_units_never_make_a_message_too_long() -> None:
    first, rest = cut("🌸" * 3000, 4096)
    assert (len(first), len(rest)) == (2048, 952)


@pytest.mark.parametrize(("address", "code"), [
    ("tgram://123456789:AAwrong_token_wrong_token_wrong/4242", "notify_token"),
    (f"tgram://{TOKEN}/77", "notify_chat"),
    (f"tgram://{TOKEN}/", "notify_telegram_address"),
    ("nonsense", "notify_address"),
])  # fmt: skip
def test_a_wrong_address_is_told_by_what_is_wrong_with_it(tmp_path: Path, address: str, code: str) -> None:
    with telegram() as bot, pytest.raises(NotDelivered) as told:
        to(f"{address}?api={bot.url}", tmp_path / "kept").send(Letter("hello"))
    assert told.value.code == code
    assert TOKEN not in str(told.value)


def test_no_network_says_so_without_the_token(tmp_path: Path) -> None:
    with pytest.raises(NotDelivered) as told:
        to(f"tgram://{TOKEN}/1?api=http://127.0.0.1:9", tmp_path / "kept").send(Letter("hello"))
    assert told.value.code == "notify_away"
    assert TOKEN[10:20] not in repr(told.value.__cause__) + str(told.value)


def test_a_busy_telegram_says_when_to_come_back(tmp_path: Path) -> None:
    with telegram() as bot, pytest.raises(NotDelivered) as told:
        bot.fault = (429, {"ok": False, "parameters": {"retry_after": 17}})
        to(bot.address, tmp_path / "kept").send(Letter("hello"))
    assert (told.value.retry_after, told.value.for_good) == (17.0, False)


@pytest.mark.parametrize("raw", [
    {"update_id": 1, "edited_message": {"message_id": 1, "chat": {"id": 1}, "text": "x"}},
    {"update_id": 1, "message": None}, {"update_id": 1, "message": {"chat": []}},
    {"update_id": 1, "message": {"message_id": "1", "chat": {"id": "1"}}}, {"update_id": 1},
])  # fmt: skip
def test_what_is_no_new_message_is_none(raw: dict[str, Any]) -> None:
    assert update_of(raw) is None


def test_ntfy_gets_the_words(tmp_path: Path) -> None:
    got: list[tuple[str, bytes]] = []

    def reply(path: str, _: Any, body: bytes) -> tuple[int, Any]:
        got.append((path, body))
        return 200, {}

    pytest.importorskip("apprise")
    with listening(reply) as url:
        to(f"ntfy://{url.removeprefix('http://')}/my-topic", tmp_path / "kept").send(Letter("봄 # 3"))
    assert b"my-topic" in got[0][1] or "my-topic" in got[0][0]
    assert "봄 # 3" in got[0][1].decode() or "\\ubd04 # 3" in got[0][1].decode()


def test_a_service_of_apprise_that_refuses_is_told_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    with listening(lambda *_: (403, {})) as url, pytest.raises(NotDelivered) as told:
        to(f"ntfy://user:verysecretword@{url.removeprefix('http://')}/a-topic", tmp_path / "kept").send(Letter("x"))
    assert told.value.code == "notify_away"
    assert "verysecretword" not in str(told.value)


def test_mail_gets_words_and_picture(tmp_path: Path, sheet: Path) -> None:
    pytest.importorskip("apprise")
    with mail() as (port, mails):
        address = f"mailto://127.0.0.1:{port}?from=a@example.com&to=b@example.com"
        to(address, tmp_path / "kept").send(Letter("report", sheet))
    assert b"sheet.jpg" in mails[0]


def test_the_parts_of_an_address_are_hidden_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "notify_discord").write_text("discord://123456789012345678/tokentokentokentoken")
    (tmp_path / "notify_mail").write_text("mailto://me:pass%20word.1@example.com")
    hide = Keyring({}, tmp_path).hide
    said = hide("https://x.example.com/api/tokentokentokentoken and pass word.1 at smtp.example.com")
    assert "tokentoken" not in said
    assert "pass word" not in said
    assert "smtp.example.com" in said
    assert TOKEN not in hidden(f"https://api.telegram.org/bot{TOKEN}/sendMessage")
