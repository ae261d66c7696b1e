"""What is read once: both message files as their authors wrote them, and every code that the source speaks of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("stockgen/**/*.py"), *ROOT.glob("daemon/**/*.py"), *ROOT.glob("examples/*.py")])
LANGUAGES = ("en", "ko")


def flat(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


@pytest.fixture(scope="session")
def texts() -> dict[str, dict[str, str]]:
    """language → code → sentence with its places."""
    folder = ROOT / "stockgen" / "messages"
    return {one: dict(flat(yaml.safe_load((folder / f"{one}.yaml").read_text("utf-8")))) for one in LANGUAGES}


def spoken(node: ast.expr) -> Iterator[str]:
    """The codes that an expression may be: a text, both branches of an `if`, an f-string with * for what varies."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*spoken(node.body), *spoken(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)


def keyworded() -> Iterator[tuple[str, ast.Call]]:
    """(what is called, the call) for all calls of the program."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Those that are given something in its place."""
    return ((name, call) for name, call in keyworded() if call.args)


def our_errors() -> set[str]:
    """The names of all classes that descend from StockgenError."""
    bases = {}
    for path in SOURCES:
        classes = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef))
        bases |= {one.name: {getattr(base, "id", "") for base in one.bases} for one in classes}
    ours = {"StockgenError"}
    while more := {name for name, above in bases.items() if above & ours} - ours:
        ours |= more
    return ours


@pytest.fixture(scope="session")
def raised() -> set[str]:
    """Every code that one of our errors is made with."""
    ours = our_errors()
    return {code for name, call in calls() if name in ours for code in spoken(call.args[0])}


@pytest.fixture(scope="session")
def holds() -> set[str]:
    """Every hold that somebody may put on."""
    given = (word.value for name, call in keyworded() if name == "Held" for word in call.keywords if word.arg == "hold")
    return {code for value in given for code in spoken(value)}


@pytest.fixture(scope="session")
def said() -> set[str]:
    """Every code that is put into words somewhere."""
    speakers = ("Remark", "say", "_say")
    return {code for name, call in calls() if name in speakers for code in spoken(call.args[0])}


@pytest.fixture(scope="session")
def words_of_source() -> set[str]:
    """Every text in the source: a code that stands nowhere is used by nobody."""
    found = set()
    for path in SOURCES:
        found |= {code for node in ast.walk(ast.parse(path.read_text("utf-8"))) for code in spoken(node)
                  if isinstance(node, ast.expr)}  # fmt: skip
    return found
