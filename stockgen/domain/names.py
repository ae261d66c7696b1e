"""Names that people and markets see: job ids, slugs, folder names."""

from __future__ import annotations

import re
import unicodedata
from random import Random

# Crockford base32 without i, l, o, u: https://www.crockford.com/base32.html
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
JOB_ID_LENGTH = 5
SLUG_LENGTH = 15  # slug-jobid-NNN.jpg stays within Adobe Stock's 30 characters (its CSV page, 2026-06-11)

REFERENCES = "references"  # the state's folder of pictures that jobs were given beside their words

_REFERENCE = re.compile(r"[0-9a-f]{64}\.[a-z]{3,4}")

# Folders of the inbox with a use of their own, and names that pause: no preset may be called so.
RESERVED_FOLDERS = frozenset({"accepted", "rejected", "results", "결과"})
PAUSES = ("pause", "일시정지")

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_WINDOWS_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]')

_JOB = rf"[{CROCKFORD}]{{{JOB_ID_LENGTH}}}"
_STEM = re.compile(rf"(?<![a-z0-9-])[a-z0-9][a-z0-9-]{{0,{SLUG_LENGTH - 1}}}-{_JOB}-[0-9]{{3}}(?![a-z0-9])")
_NUMBERED = re.compile(rf"({_JOB}|last)[\s#-]+0*([0-9]{{1,4}})")


def base_of(stack: str) -> str:
    """What of a stack is loaded; the rest of its name is laid over that in a moment (`Fit.stack`)."""
    return stack.partition("|")[0]


def job_id(rng: Random) -> str:
    """Five characters of Crockford base32; the caller makes sure that it is unused."""
    return "".join(rng.choice(CROCKFORD) for _ in range(JOB_ID_LENGTH))


def slug(text: str, limit: int = SLUG_LENGTH) -> str:
    """Given any text, return `[a-z0-9-]` of at most `limit` characters, cut between words; never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = ""
    for word in words:
        longer = f"{kept}-{word}" if kept else word[:limit]
        if len(longer) > limit:
            break
        kept = longer
    return kept or "picture"


def is_reference(name: str) -> bool:
    """Whether a picture's name is that of a copy in `references/`: the sha256 of its bytes, not a name for people."""
    return _REFERENCE.fullmatch(name) is not None


def stem_in(text: str) -> str:
    """The stem of a picture that is named: with ending and folders or without, in any case, also where a program has
    hung something behind it ("… (1).jpg"); "" = none is.
    """
    found = _STEM.findall(_last(text))
    return found[-1] if found else ""


def numbered_in(text: str) -> tuple[str, int] | None:
    """A job, or `last`, with the number of a picture on its contact sheet: `k7m2q 3`, `k7m2q-003`; None = that is not
    what it says.
    """
    found = _NUMBERED.fullmatch(_last(text))
    return (found[1], int(found[2])) if found else None


def _last(text: str) -> str:
    """The last part of a path as names are compared; Windows parts them by the other stroke."""
    return unicodedata.normalize("NFC", text).replace("\\", "/").rstrip("/ ").rpartition("/")[2].strip().casefold()


def folder_name(text: str, limit_bytes: int = 60) -> str:
    """Given a file's name without its ending, return a part of a folder name that Windows and a cloud drive take.

    Hangul stays. Cut at `limit_bytes` of UTF-8 on a character boundary.
    """
    plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    plain = re.sub(r"[\s_]+", "_", plain)
    cut = plain.encode()[:limit_bytes].decode(errors="ignore").strip(" ._")
    if not cut or _WINDOWS_RESERVED.match(cut):
        return f"job_{cut}" if cut else "job"
    return cut
