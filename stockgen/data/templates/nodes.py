"""What a text with variants consists of. Every part knows how many texts it makes and how long they may be, so nothing
has to be expanded to be counted or refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from math import prod
from random import Random


@dataclass
class Chosen:
    """One text and what was chosen for it, in the order in which it stands there. `variables` by name."""

    parts: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text, with single spaces."""
        return " ".join("".join(self.parts).split())

    def said(self, since: int) -> str:
        """What was written since there were `since` parts."""
        return " ".join("".join(self.parts[since:]).split())


class Node(ABC):
    """A part. `size`: a bound of the length of its texts and of the work for one."""

    size: int

    @property
    @abstractmethod
    def combinations(self) -> int:
        """How many texts it can make. Not asked before `size` is known to be small: its digits are as many."""

    @abstractmethod
    def draw(self, out: Chosen, rng: Random) -> None:
        """Write one text, by weight."""

    @abstractmethod
    def at(self, index: int, out: Chosen) -> None:
        """Write text number `index`, from 0 below `combinations`."""


@dataclass(frozen=True)
class Literal(Node):
    """Text that is the same each time."""

    text: str

    @property
    def combinations(self) -> int:
        return 1

    @property
    def size(self) -> int:  # type: ignore[override]
        return 1 + len(self.text)

    def draw(self, out: Chosen, rng: Random) -> None:
        out.parts.append(self.text)

    def at(self, index: int, out: Chosen) -> None:
        out.parts.append(self.text)


class Sequel(Node):
    """Parts one after the other."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = tuple(nodes)
        self.size = 1 + sum(node.size for node in nodes)

    @cached_property
    def combinations(self) -> int:
        return prod(node.combinations for node in self.nodes)

    def draw(self, out: Chosen, rng: Random) -> None:
        for node in self.nodes:
            node.draw(out, rng)

    def at(self, index: int, out: Chosen) -> None:
        for node in self.nodes:
            index, own = divmod(index, node.combinations)
            node.at(own, out)


class Choice(Node):
    """`low` to `high` of the options, each at most once, in the order in which they are written.

    Their order makes no other picture, so `{2$$a|b|c}` makes three texts and not six.
    """

    def __init__(self, options: Sequence[tuple[float, Node]], low: int = 1, high: int = 1, joiner: str = "") -> None:
        self.options = tuple(options)
        self._low, self._high, self._joiner = low, high, joiner
        longest = sorted((node.size for _, node in options), reverse=True)[:high]
        self.size = 1 + sum(longest) + len(joiner) * high

    @cached_property
    def combinations(self) -> int:
        return sum(self._ways[0][taken] for taken in range(self._low, self._high + 1))

    @cached_property
    def _ways(self) -> list[list[int]]:
        """[from option][how many are still to be taken] → combinations."""
        ways = [[1] + [0] * self._high]
        for _, node in reversed(self.options):
            after = ways[-1]
            ways.append([1, *(after[k] + node.combinations * after[k - 1] for k in range(1, self._high + 1))])
        return ways[::-1]

    def draw(self, out: Chosen, rng: Random) -> None:
        left = list(range(len(self.options)))
        taken = []
        for _ in range(rng.randint(self._low, self._high)):
            weights = [self.options[one][0] for one in left]
            taken.append(left.pop(rng.choices(range(len(left)), weights)[0]))
        self._write(out, [(one, lambda node: node.draw(out, rng)) for one in sorted(taken)])

    def at(self, index: int, out: Chosen) -> None:
        ways, wanted = self._ways, self._low
        while index >= ways[0][wanted]:
            index, wanted = index - ways[0][wanted], wanted + 1
        taken: list[tuple[int, Callable[[Node], None]]] = []
        for number, (_, node) in enumerate(self.options):
            if not wanted:
                break
            with_it = node.combinations * ways[number + 1][wanted - 1]
            if index < with_it:
                index, own = divmod(index, node.combinations)
                taken.append((number, lambda node, own=own: node.at(own, out)))  # type: ignore[misc]
                wanted -= 1
            else:
                index -= with_it
        self._write(out, taken)

    def _write(self, out: Chosen, taken: Sequence[tuple[int, Callable[[Node], None]]]) -> None:
        for place, (number, write) in zip(count(), taken, strict=False):
            if place:
                out.parts.append(self._joiner)
            since, place_of_choice = len(out.parts), len(out.choices)
            write(self.options[number][1])
            said = out.said(since)
            if said and said not in out.choices:
                out.choices.insert(place_of_choice, said)  # before what was chosen inside it


class Keep(Node):
    """`${name=…}`: chooses a value for the rest of the text and writes nothing."""

    def __init__(self, name: str, value: Node) -> None:
        self.name, self._value = name, value
        self.size = 1 + value.size

    @property
    def combinations(self) -> int:
        return self._value.combinations

    @property
    def value_size(self) -> int:
        """A bound of the length of its value."""
        return self._value.size

    def draw(self, out: Chosen, rng: Random) -> None:
        self._kept(out, lambda inside: self._value.draw(inside, rng))

    def at(self, index: int, out: Chosen) -> None:
        self._kept(out, lambda inside: self._value.at(index, inside))

    def _kept(self, out: Chosen, write: Callable[[Chosen], None]) -> None:
        inside = Chosen(choices=out.choices, variables=out.variables)
        write(inside)
        out.variables[self.name] = inside.text


class Said(Node):
    """`${name}`: the value that was chosen for it. `size`: that of the longest value."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self.size = 1 + size

    @property
    def combinations(self) -> int:
        return 1

    def draw(self, out: Chosen, rng: Random) -> None:
        out.parts.append(out.variables[self._name])

    def at(self, index: int, out: Chosen) -> None:
        out.parts.append(out.variables[self._name])
