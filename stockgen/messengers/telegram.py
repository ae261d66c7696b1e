"""Telegram's Bot API; the only file that knows it (core.telegram.org/bots/api)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from stockgen.domain.telling import Letter, NotDelivered, Update

if TYPE_CHECKING:
    import requests

API = "https://api.telegram.org"
TEXT, CAPTION = 4096, 1024  # most signs of a message and of the words under a picture (sendMessage, sendPhoto)
TIMEOUT = (5.0, 30.0)  # seconds for the connection, and for each piece of an answer
LARGEST = 1 << 20  # bytes of an answer that is read: 100 updates of 4096 signs are less
MOST = 20  # updates of one answer


class Telegram:
    """A bot that writes into one chat, and hears what is written to it. `name`: what the config calls the address."""

    def __init__(self, token: str, chat: str, name: str, api: str = API) -> None:
        self.chat = chat
        self._token, self._name, self._api = token, name, api

    def send(self, letter: Letter) -> str:
        """Words, or a picture with its words; those that don't fit under it follow. Raises NotDelivered."""
        place = {"chat_id": letter.chat or self.chat}
        if letter.reply_to:  # a message that was deleted is answered all the same
            place["reply_parameters"] = json.dumps(
                {"message_id": int(letter.reply_to), "allow_sending_without_reply": True}
            )
        if letter.picture is None or not letter.picture.is_file():
            return self._words(place, letter.text)
        first, rest = cut(letter.text, CAPTION)
        sent = self._picture(place, first, letter)
        if rest:
            self._words(place, rest)
        return sent

    def fetch(self, offset: int, seconds: float) -> tuple[Sequence[Update], int]:
        """See `Mailbox`. What is no message counts as seen."""
        asked = {"offset": offset, "timeout": int(seconds), "limit": MOST, "allowed_updates": '["message"]'}
        raw = [one for one in _list(self._ask("getUpdates", asked)) if isinstance(_at(one, "update_id"), int)]
        updates = [read for one in raw if (read := update_of(one)) is not None]
        return updates, max((one["update_id"] + 1 for one in raw), default=offset)

    def _words(self, place: Mapping[str, str], text: str) -> str:
        sent, rest = "", text
        while rest:
            piece, rest = cut(rest, TEXT)
            said = {"text": piece, "disable_web_page_preview": "true"}
            sent = sent or _named(self._ask("sendMessage", {**place, **said}))
        return sent

    def _picture(self, place: Mapping[str, str], caption: str, letter: Letter) -> str:
        """A sheet that is too long or too large for a photo goes as a file, which has no such limits."""
        try:
            return _named(self._ask("sendPhoto", {**place, "caption": caption}, photo=letter))
        except NotDelivered as error:
            if error.code != "notify_refused":
                raise
        return _named(self._ask("sendDocument", {**place, "caption": caption}, document=letter))

    def _ask(self, method: str, said: Mapping[str, object], **files: Letter) -> Any:
        import requests

        url = f"{self._api}/bot{self._token}/{method}"
        try:
            with ExitStack() as opened, requests.Session() as session:
                parts = {name: (one.picture.name, opened.enter_context(one.picture.open("rb")))
                         for name, one in files.items() if one.picture}  # fmt: skip
                answer = session.post(
                    url, data=dict(said), files=parts or None, timeout=TIMEOUT, stream=True, allow_redirects=False
                )
                return self._read(answer)
        except (requests.RequestException, OSError) as error:  # its text holds the address with the token
            raise NotDelivered("notify_away", name=self._name, detail=type(error).__name__) from None

    def _read(self, answer: requests.Response) -> Any:
        """What Telegram answered. Raises NotDelivered in words that help."""
        body = bytearray()
        for piece in answer.iter_content(1 << 16):
            body += piece
            if len(body) > LARGEST:
                raise NotDelivered("notify_away", name=self._name, detail="too long")
        try:
            told = json.loads(bytes(body))
        except (ValueError, RecursionError):
            told = {}
        if answer.ok and _at(told, "ok") is True:
            return told.get("result")
        raise self._refusal(answer.status_code, str(_at(told, "description") or "")[:200], _at(told, "parameters"))

    def _refusal(self, status: int, said: str, parameters: Any) -> NotDelivered:
        after = _at(parameters, "retry_after")
        if status == 429 or status >= 500 or status == 409:
            wait = float(after) if isinstance(after, int | float) else 0.0
            return NotDelivered("notify_away", name=self._name, detail=f"HTTP {status}", retry_after=min(wait, 3600.0))
        if status in (401, 404):  # 404: the token does not even look like one
            return NotDelivered("notify_token", name=self._name)
        if "chat not found" in said.casefold() or status == 403:  # 403: it was blocked, or thrown out of the group
            return NotDelivered("notify_chat", name=self._name)
        return NotDelivered("notify_refused", name=self._name, detail=f"HTTP {status}: {said}", for_good=True)


def cut(text: str, most: int) -> tuple[str, str]:
    """The beginning that fits, and the rest, parted at a line's end where there is one. Telegram counts in UTF-16."""
    size = 0
    for at, sign in enumerate(text):
        size += 2 if ord(sign) > 0xFFFF else 1
        if size > most:
            end = text.rfind("\n", 0, at) + 1 or at
            return text[:end].rstrip("\n") or text[:at], text[end:]
    return text, ""


def update_of(raw: Mapping[str, Any]) -> Update | None:
    """An update that is a new message, as far as we need it; None = any other, such as an edited one."""
    message = _at(raw, "message")
    chat, number = _at(_at(message, "chat"), "id"), _at(message, "message_id")
    if not isinstance(chat, int) or not isinstance(number, int):
        return None
    words = _at(message, "text")
    replied = _at(_at(message, "reply_to_message"), "message_id")
    return Update(
        id=raw["update_id"], chat=chat, message=number, text=words if isinstance(words, str) else None,
        answers=f"{chat}:{replied}" if isinstance(replied, int) else "",
    )  # fmt: skip


def _named(sent: Any) -> str:
    return f"{_at(_at(sent, 'chat'), 'id')}:{_at(sent, 'message_id')}"


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
