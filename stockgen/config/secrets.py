"""Keys that people set: kept in a folder of the state, one file each, which only their owner may read.

Where a key is looked for, and which one counts, is told by `stockgen.keyring`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stockgen.domain.errors import NotConfigured, UsageError
from stockgen.files import discard, fsync_dir, make_folders, translated, write_private
from stockgen.keyring import Found, address_key, is_shown, places, secret, shown

__all__ = [
    "KNOWN",
    "Listed",
    "called",
    "cleaned",
    "forget",
    "keep",
    "lacking",
    "listed",
    "named",
    "open_files",
    "secret",
    "shown",
]

# What people call them -> the key. Google's second name is the one that is kept, so that either variable of the
# environment comes before the file.
KNOWN: Mapping[str, str] = {"openai": "OPENAI_API_KEY", "gemini": "GEMINI_API_KEY", "hf": "HF_TOKEN"}
_ALSO: Mapping[str, str] = {
    "google": "GEMINI_API_KEY", "huggingface": "HF_TOKEN", "hugging face": "HF_TOKEN", "허깅페이스": "HF_TOKEN",
    "GOOGLE_API_KEY": "GOOGLE_API_KEY",
}  # fmt: skip
ADDRESSES = ("telegram", "ntfy", "discord", "mail")  # of `notify.urls`, known before the config names them
_LEAST, _MOST = 8, 4096  # characters of a key
_ASSIGNED = re.compile(r"^(?:export\s+)?[A-Z][A-Z0-9_]*\s*=\s*(?=\S)")
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"
_BLANK = "\ufeff\u200b\u00a0"  # what chats and PDFs put around what is copied


@dataclass(frozen=True, slots=True)
class Listed:
    """One key that there may be. `called`: what people call it; `found`: where it is, the one that counts first."""

    name: str
    called: str
    found: tuple[Found, ...]


def lacking(
    provider: str, names: Sequence[str], environment: Mapping[str, str], kept: Path | None, *, own: bool = False
) -> NotConfigured | None:
    """Why a provider has none of the keys `names`, with the command that helps; None = it has one. `own`: whether the
    config says what its key is called.
    """
    if any(secret(name, environment, kept) for name in names):
        return None
    file = next((file for name in names if (file := shown(name, environment, kept))), None)
    if file is None and own:
        return NotConfigured("cloud_no_key", provider=provider, key=names[0])
    if file is None:
        return NotConfigured("no_key", provider=provider)
    return NotConfigured("key_open", provider=provider, quoted=shlex.quote(str(file)))


def named(asked: str, others: Iterable[str] = ()) -> str:
    """The key that somebody means, by its short name or its own. `others`: names of writers' keys. Raises UsageError,
    which does not repeat what was asked: it may be a key.
    """
    known = {name.casefold(): key for name, key in {**KNOWN, **_ALSO, **{key: key for key in KNOWN.values()}}.items()}
    known |= {one: address_key(one) for one in ADDRESSES}
    for key in others:
        known |= {key.casefold(): key, key.removeprefix(address_key("")).casefold(): key}
    if asked.casefold() not in known:
        raise UsageError("secret_name", known=", ".join([*KNOWN, *ADDRESSES, *sorted({*others} - {*KNOWN.values()})]))
    return known[asked.casefold()]


def called(asked: str) -> str:
    """The short name of the key that somebody means; "" = of none that is known, and it may be a key itself."""
    word = asked.casefold()
    return next((name for name, key in KNOWN.items() if word in (name, key.casefold())), word if word in _ALSO else "")


def cleaned(text: str) -> str:
    """A key as it was pasted, without what is around it. Raises UsageError where it can be none."""
    key = text.strip().strip(_BLANK).strip()
    key = _ASSIGNED.sub("", key) if "=" in key.rstrip("=") else key
    key = key.strip(_QUOTES).strip()
    if not key:
        raise UsageError("secret_empty")
    if any(sign.isspace() for sign in key):
        raise UsageError("secret_space")
    if not (key.isascii() and key.isprintable() and _LEAST <= len(key) <= _MOST):
        raise UsageError("secret_odd", least=_LEAST)
    return key


def keep(name: str, key: str, kept: Path) -> Path:
    """Write a key for its owner alone, durably; return its file. Raises StorageFull, StorageLost."""
    make_folders(kept)
    with translated(kept):
        kept.chmod(0o700)
    file = kept / name.casefold()
    write_private(file, key.encode() + b"\n")
    return file


def forget(name: str, kept: Path) -> bool:
    """Remove a key's file; False = there was none. Raises StorageLost."""
    file = kept / name.casefold()
    with translated(file):
        if not file.exists():
            return False
        file.unlink()
    discard(file.with_name(f".{file.name}.tmp"))
    fsync_dir(kept)
    return True


def listed(environment: Mapping[str, str], kept: Path, others: Iterable[str] = ()) -> list[Listed]:
    """Every key that could be used, with where it is."""
    called = {"OPENAI_API_KEY": "openai", "GOOGLE_API_KEY": "gemini", "GEMINI_API_KEY": "gemini", "HF_TOKEN": "hf"}
    names = [*called, *(name for name in sorted({*others}) if name not in called)]
    return [Listed(name, called.get(name, name), tuple(places(name, environment, kept))) for name in names]


def open_files(kept: Path) -> list[Path]:
    """Files of keys that others than their owner may read."""
    return sorted(file for file in kept.glob("[!.]*") if file.is_file() and is_shown(file)) if kept.is_dir() else []
