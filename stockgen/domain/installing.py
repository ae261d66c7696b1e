"""How packages are added to the Python that runs this program, as a command to copy.

A `pip` of some folder is right only for whoever stands in that folder: the interpreter itself is right everywhere.
"""

from __future__ import annotations

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit


def pip(python: str = sys.executable) -> str:
    """`…/python -m pip install`, quoted for a shell."""
    return f"{shlex.quote(python)} -m pip install"


class Extras:
    """`extras["local,cutout"]`: the command that adds these extras to this installation; looked up when it is asked."""

    def __getitem__(self, names: str) -> str:
        return f"{pip()} {wanted(_told(), names)}"


def wanted(told: str, names: str) -> str:
    """What pip is to install, quoted. `told`: the `direct_url.json` of an installation (PEP 610), "" = it came from an
    index. A clone that is still there is installed again, and in the same way: a plain name could be another version.
    """
    try:
        origin = json.loads(told or "{}")
        address = urlsplit(str(origin.get("url", "")))
        folder = Path(unquote(address.path)) if address.scheme == "file" else None
        editable = bool(origin.get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        folder, editable = None, False
    extra = f"[{names}]"
    if folder is None or not (folder / "pyproject.toml").is_file():
        return shlex.quote(f"stockgen{extra}")
    return f"{'-e ' if editable else ''}{shlex.quote(f'{folder}{extra}')}"


def _told() -> str:
    try:
        return distribution("stockgen").read_text("direct_url.json") or ""
    except PackageNotFoundError:  # it runs from a folder that was never installed
        folder = Path(__file__).resolve().parents[2]
        return json.dumps({"url": folder.as_uri(), "dir_info": {"editable": True}})
