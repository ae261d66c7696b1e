"""Addresses of people: secrets as a whole, because a token stands in nearly each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from stockgen.domain.hiding import Hide
from stockgen.domain.telling import Messenger, NotDelivered
from stockgen.keyring import address_key, secret
from stockgen.messengers.others import Others
from stockgen.messengers.telegram import API, Telegram

TELEGRAM = ("tgram", "tg")


def messenger(name: str, environment: Mapping[str, str], kept: Path, hide: Hide) -> Messenger:
    """Who carries to the address `name` of the config. Raises NotDelivered where there is none, or none that can be."""
    address = secret(address_key(name), environment, kept)
    if not address:
        raise NotDelivered("notify_no_address", name=name)
    return telegram_of(address, name) or Others(address, name, hide)


def lacking(name: str, environment: Mapping[str, str], kept: Path, hide: Hide) -> NotDelivered | None:
    """Why nothing can be sent to the address `name`, found without sending; None = nothing speaks against it."""
    try:
        found = messenger(name, environment, kept, hide)
    except NotDelivered as error:
        return error
    return found.lacking() if isinstance(found, Others) else None


def telegram_of(address: str, name: str) -> Telegram | None:
    """`tgram://TOKEN/CHAT`, with `?api=` for a Bot API server of one's own; None = another service. Raises
    NotDelivered.
    """
    scheme, _, rest = address.partition("://")
    if scheme.casefold() not in TELEGRAM:
        return None
    parts = urlsplit(f"//{rest}")
    token, chat = parts.netloc.removeprefix("bot"), parts.path.strip("/")
    if ":" not in token or not chat.removeprefix("-").isdecimal():
        raise NotDelivered("notify_telegram_address", name=name)
    return Telegram(token, chat, name, parse_qs(parts.query).get("api", [API])[0].rstrip("/"))
