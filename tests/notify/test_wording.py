"""What people write in a chat, and what they mean by it."""

from __future__ import annotations

import pytest

from daemon.wording import Order, understood


@pytest.mark.parametrize(("text", "order"), [
    ("3 5 7 빼", Order("drop", {"numbers": "3 5 7", "job": "j"})),
    ("drop 3,5", Order("drop", {"numbers": "3,5", "job": "j"})),
    ("keep 2", Order("keep", {"numbers": "2", "job": "j"})),
    ("3번 남겨줘", Order("keep", {"numbers": "3번", "job": "j"})),
    ("3 5", Order("drop", {"numbers": "3 5", "job": "j"}, guessed=True)),
    ("nice!", Order("help")),
    ("drop 3 keep", Order("drop", wrong="notify.which")),
    ("drop 0", Order("drop", wrong="notify.which")),
])  # fmt: skip
def test_a_reply_to_a_sheet_judges_its_pictures(text: str, order: Order) -> None:
    assert understood(text, replying=True, job="j") == order


@pytest.mark.parametrize(("text", "order"), [
    ("pause", Order("pause")),
    ("Pause 3h", Order("pause", seconds=10800.0)),
    ("일시정지 3시간", Order("pause", seconds=10800.0)),
    ("pause for ever", Order("pause", wrong="notify.how_long")),
    ("재개", Order("resume")),
    ("/status@my_bot", Order("status")),
    ("/unknown", Order("help")),
    ("drop 3", Order("drop", {"numbers": "3", "job": "last"})),
    ("3 5", Order("drop", wrong="notify.which")),
    ("a calm sea | 3", None),
    ("봄꽃 | 2", None),
    ("2 cats", None),
])  # fmt: skip
def test_a_message_of_its_own_is_a_command_or_a_job(text: str, order: Order | None) -> None:
    assert understood(text, replying=False, job=None) == order


def test_numbers_in_a_reply_to_something_unknown_never_fall_on_the_last_job() -> None:
    assert understood("drop 3", replying=True, job=None) == Order("drop", wrong="notify.which")
