"""Text → template. What can't be understood is refused with its place, never guessed and never waited for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any, Protocol

from stockgen.data.templates.nodes import Choice, Chosen, Keep, Literal, Node, Said, Sequel
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Remark

MOST_DEEP = 20  # groups in groups and lists in lists; the depth that YAML may have too
MOST_SIZE = 32_000  # the longest prompt of any provider (OpenAI's image API), and the work for one text
MOST_PICKED = 20  # of one group; a prompt that lists more shows nothing of it
# Linear, so that a hostile line of a mebibyte ends as well.
_VARIANTS = re.compile(r"\{\d{1,4}(?:-\d{1,4})?\$\$|__[^\W_][^\s{}|$]{0,80}?__|\$\{")
_LIST = re.compile(r"__([^\W_][^\s{}|$]{0,80}?)__(?!_)")
_PICK = re.compile(r"\s*(\d{1,4})(?:-(\d{1,4}))?\$\$(?:([^{}|$]{0,40})\$\$)?")
_WEIGHT = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4})?)::")
_NAME = re.compile(r"[^\W\d]\w{0,40}")
_ESCAPED = frozenset("{}|$_\\")
_PLAIN = re.compile(r"[^\\{}|$_]+")


class Lists(Protocol):
    """Where `__name__` is looked up."""

    def node(self, pattern: str, deep: int) -> Choice:
        """The lines of all lists that `pattern` names. Raises JobFileError."""
        ...


class Template:
    """A parsed text."""

    def __init__(self, root: Node) -> None:
        self._root = root

    @property
    def combinations(self) -> int:
        """How many texts it can make; equal ones may be among them."""
        return self._root.combinations

    @property
    def root(self) -> Node:
        """Its parts."""
        return self._root

    def draw(self, rng: Random) -> Chosen:
        """One text, by weight."""
        out = Chosen()
        self._root.draw(out, rng)
        return out

    def at(self, index: int) -> Chosen:
        """Text number `index`."""
        out = Chosen()
        self._root.at(index, out)
        return out


def is_template(text: str) -> bool:
    """Whether a text has variants; others are taken as they are, backslashes and all."""
    return _VARIANTS.search(text) is not None or _has_choice(text)


def _has_choice(text: str) -> bool:
    """Whether a bar stands inside braces."""
    depth = 0
    for sign in text if "|" in text else "":
        depth = max(0, depth + (sign == "{") - (sign == "}"))
        if sign == "|" and depth:
            return True
    return False


def parse(text: str, lists: Lists) -> Template:
    """A template; a text without variants has one combination, itself. Raises JobFileError with place and reason."""
    if not is_template(text):
        return Template(Literal(text))
    return Template(Parser(text, lists).whole())


def fault(code: str, **facts: Any) -> JobFileError:
    """One fault of a text with variants."""
    return JobFileError("job_file", [Remark(f"job_file.template.{code}", facts=facts)])


class Parser:
    """Reads one text, or one line of a list (`variables` False: what it keeps would be known to nobody else)."""

    def __init__(self, text: str, lists: Lists, deep: int = 0, *, variables: bool = True) -> None:
        self._text, self._lists, self._deep = text, lists, deep
        self._at = 0
        self._variables: dict[str, int] | None = {} if variables else None

    def whole(self) -> Node:
        """Everything. Raises JobFileError."""
        node = self._sequel("", self._deep)
        if node.size > MOST_SIZE:
            raise fault("long", limit=MOST_SIZE)
        return node

    def option(self) -> tuple[float, Node]:
        """A line of a list, which may begin with its weight. Raises JobFileError."""
        return self._weight(), self.whole()

    def _sequel(self, ends: str, deep: int) -> Node:
        if deep > MOST_DEEP:
            raise fault("deep", limit=MOST_DEEP)
        nodes = list(self._nodes(ends, deep))
        return nodes[0] if len(nodes) == 1 else Sequel(nodes)

    def _nodes(self, ends: str, deep: int) -> Iterator[Node]:
        while self._at < len(self._text) and self._text[self._at] not in ends:
            sign, rest = self._text[self._at], self._text[self._at + 1 : self._at + 2]
            named = _LIST.match(self._text, self._at) if sign == "_" else None
            if sign == "\\" and rest in _ESCAPED and rest:
                yield self._literal(rest, 2)
            elif sign == "$" and rest == "{":
                yield self._variable(deep)
            elif sign == "{":
                yield self._group(deep)
            elif named:
                self._at = named.end()
                yield self._lists.node(named[1], deep + 1)
            else:
                plain = _PLAIN.match(self._text, self._at)
                yield self._literal(plain[0] if plain else sign, len(plain[0]) if plain else 1)

    def _literal(self, text: str, read: int) -> Literal:
        self._at += read
        return Literal(text)

    def _group(self, deep: int) -> Node:
        """`{…}`; without variants in it, braces are signs like any other: `{soft}` is how some programs stress."""
        began, self._at = self._at, self._at + 1
        pick = _PICK.match(self._text, self._at)
        self._at = pick.end() if pick else self._at
        options: list[tuple[float, Node]] = []
        more = True
        while more:
            weight = self._weight()
            options.append((weight, self._sequel("|}", deep + 1)))
            if self._at >= len(self._text):
                if len(options) > 1 or pick:
                    raise fault("open", at=began + 1, found=self._text[began : began + 20])
                return Sequel([Literal("{"), options[0][1]])
            more = self._text[self._at] == "|"
            self._at += 1
        if len(options) == 1 and not pick:
            return Sequel([Literal("{"), options[0][1], Literal("}")])
        return self._chosen(options, pick, began)

    def _chosen(self, options: list[tuple[float, Node]], pick: re.Match[str] | None, began: int) -> Choice:
        if not any(weight for weight, _ in options):
            raise fault("weights", at=began + 1)
        options = [one for one in options if one[0] > 0]
        if pick is None:
            return Choice(_merged(options))
        inner = options[0][1]
        if len(options) == 1 and isinstance(inner, Choice):  # {2$$__flower__}: two lines of the list
            options = list(inner.options)
        low, high = int(pick[1]), int(pick[2] or pick[1])
        if not 0 <= low <= high <= min(len(options), MOST_PICKED) or not high:
            raise fault("pick", at=began + 1, found=pick[0].strip(), options=len(options), limit=MOST_PICKED)
        return Choice(options, low, high, ", " if pick[3] is None else pick[3])

    def _weight(self) -> float:
        found = _WEIGHT.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return float(found[1]) if found else 1.0

    def _variable(self, deep: int) -> Node:
        began, self._at = self._at, self._at + 2
        name = _NAME.match(self._text, self._at)
        sign = self._text[name.end() : name.end() + 1] if name else ""
        if not name or sign not in ("=", "}") or not sign:
            raise fault("variable", at=began + 1, found=self._text[began : began + 20])
        self._at = name.end() + 1
        if self._variables is None:
            raise fault("variable_in_list", found=f"${{{name[0]}}}")
        return self._said(name[0], began) if sign == "}" else self._keep(name[0], began, deep)

    def _said(self, name: str, began: int) -> Said:
        known = self._variables or {}
        if name not in known:
            raise fault("unset", at=began + 1, found=name, known=", ".join(known) or "–")
        return Said(name, known[name])

    def _keep(self, name: str, began: int, deep: int) -> Keep:
        if deep > self._deep:
            raise fault("variable_inside", at=began + 1, found=name)
        self._at += self._text[self._at : self._at + 1] == "!"  # other programs write ${x=!…} for "chosen once"
        kept = Keep(name, self._sequel("}", deep + 1))
        if self._at >= len(self._text):
            raise fault("open", at=began + 1, found=self._text[began : began + 20])
        self._at += 1
        if self._variables is not None:
            self._variables[name] = kept.value_size
        return kept


def _merged(options: list[tuple[float, Node]]) -> list[tuple[float, Node]]:
    """The same options with equal texts once, their weights added: `{a|a|b}` makes two texts."""
    texts: dict[str, int] = {}
    kept: list[tuple[float, Node]] = []
    for weight, node in options:
        text = node.text.strip() if isinstance(node, Literal) else None
        if text is not None and text in texts:
            at = texts[text]
            kept[at] = (kept[at][0] + weight, kept[at][1])
            continue
        if text is not None:
            texts[text] = len(kept)
        kept.append((weight, node))
    return kept
