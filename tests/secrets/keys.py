"""Keys that no service ever gave to anybody, and where one is looked for."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

OPENAI = "sk-proj-Xq7Zt4kV9mR2wB6nJ1sD8fG3hL5pC0yTaEuIoNvMzQrWxKbUjSdFgHlPcYtAeIuO"
GOOGLE = "AIzaSyB7kQ2vXw9NmR4tZp6LsD1fG8hJ3cY5uEo"
PLAIN = "v3ryPrivate.local/server+Zq81mTx2Lw07"  # of a server that has no mark for its keys


def forms(key: str) -> dict[str, bytes]:
    """How a key's bytes may lie in a file: as they are, with slashes escaped, and within base64 at each of its three
    alignments.
    """
    found = {"plain": key.encode(), "half": key[: len(key) // 2].encode(), "rest": key[len(key) // 2 :].encode()}
    for encode in (b64encode, urlsafe_b64encode):
        for shift in range(3):
            text = encode(b"\0" * shift + key.encode()).rstrip(b"=")
            found[f"{encode.__name__} {shift}"] = text[4 if shift else 0 : -2]
    return found


def hits(data: bytes, key: str) -> list[str]:
    """In which forms a key is in some bytes."""
    return [name for name, form in forms(key).items() if form in data]


def leaks(root: Path, *keys: str) -> dict[str, list[str]]:
    """Every file below a folder that holds one of these keys, with the forms."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            forms_here = [form for key in keys for form in hits(data, key)]
            if forms_here:
                found[str(path.relative_to(root))] = forms_here
    return found
