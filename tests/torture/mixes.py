"""What a night may bring: job files, commands, hands in the outbox, and ends of the daemon in between; by hypothesis.

A `Mix` is plain data whose `repr` can be pasted into a test: everything that happens follows from it, but for the
moment at which the kernel lets a process run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from tests.torture.killing import EVENTS, OFTEN

GOOD = frozenset({"done"})
REVIEW = frozenset({"review"})
MAY_FAIL = frozenset({"done", "failed"})
FEW = "few"  # a preset, and the folder that stands for it
PRICE = 0.02  # USD: more than any picture of the stand-in costs

End = Literal["kill", "stop", "stop twice", "reload", "bad reload", "interrupt"]
# Most of them kill: that is what nobody can prepare for.
ENDS: tuple[End, ...] = ("kill", "kill", "kill", "kill", "reload", "bad reload", "stop", "stop twice", "interrupt")


@dataclass(frozen=True)
class Wish:
    """A job file: `pictures` that it asks for, 0 = refused at the door; how they may `end` where nobody interferes."""

    sort: str
    ending: str
    text: str
    pictures: int
    ends: frozenset[str] = GOOD
    paid: bool = False
    budget: float = 0.0  # USD
    folder: str = ""
    beside: str = ""  # the name of a picture that comes with it


@dataclass(frozen=True)
class Act:
    """Something that a person does: `drop` or `like` a picture, a command, or a hand in the outbox. `number` chooses
    among what there is then.
    """

    what: Literal["drop", "like", "cancel", "retry", "pause", "resume", "keep", "away", "delete", "folder away"]
    number: int = 0
    wish: Wish | None = None


@dataclass(frozen=True)
class Life:
    """One daemon: what was done before it starts and while it runs, and its end so many seconds after an event."""

    before: tuple[Act, ...]
    during: tuple[Act, ...]
    event: str
    seconds: float
    end: End


@dataclass(frozen=True)
class Mix:
    """Where the first provider renders, and lives one after the other."""

    place: Literal["cpu", "net"]
    lives: tuple[Life, ...]

    @property
    def paid(self) -> bool:
        """Whether anything of it must be bought."""
        return any(act.wish and act.wish.paid for life in self.lives for act in (*life.before, *life.during))


# -- job files -------------------------------------------------------------------------------------------------

_WORDS = ("calm sea", "cherry blossom", "벚꽃", "snow forest", "구름", "marble", "paper lantern")
_subject = st.sampled_from(_WORDS)
_count = st.integers(1, 3)
_priority = st.sampled_from(("", "priority: 40\n", "우선: 급함\n", "priority: -20\n"))


def _yaml(subject: str, count: int, rest: str, **of: object) -> Wish:
    text = f"prompt: a {subject} %s\nsize: 96x64\ncount: {count}\n{rest}"
    return Wish(**{"sort": "yaml", "ending": "yaml", "text": text, "pictures": count} | of)  # type: ignore[arg-type]


def _paid(subject: str, count: int, budget: float) -> Wish:
    lines = "".join(f'  - "a {subject} %s number {each}"\n' for each in range(count))
    told = f"budget: {budget}\n" if budget else ""
    text = f"prompts:\n{lines}size: 1024x640\nmodel: openai\n{told}"
    return Wish("bought", "yaml", text, count, MAY_FAIL if budget else GOOD, paid=True, budget=budget)


def _both(word: str, count: int, ends: frozenset[str]) -> Wish:
    """The first provider misbehaves, and the second is asked; `flat` is taken and looked at by a person."""
    model = "" if word == "flat" else "model: both\n"
    return _yaml(word, count, model, sort=word, ends=ends)


_plain = st.one_of(
    st.builds(_yaml, _subject, _count, _priority),
    st.builds(lambda s, n, of: _yaml(s, n, f"best_of: {of}\n", sort="best_of"), _subject, _count, st.integers(2, 3)),
    st.builds(lambda s, n: _yaml(s, n, "model: cutter\nkind: element\n", sort="element"), _subject, _count),
    st.builds(lambda s, n: _yaml(s, n, "transparent: yes\nmodel: cutter\n", sort="transparent"), _subject, _count),
    st.builds(lambda s, n: _yaml(s, n, "control: %s.png\n", sort="control", beside="%s.png"), _subject, _count),
)
_tables = st.one_of(
    st.builds(lambda s, n: Wish("txt", "txt", f"size: 96x64\n{s} | {n}\n", n), _subject, _count),
    st.builds(lambda s, n: Wish("korean", "txt", f"크기: 96x64\n# 오늘\n- {s} {n}장\n", n), _subject, _count),
    st.builds(
        lambda s, n: Wish("csv", "csv", f"subject,count,size\n{s},{n},96x64\nlake,1,96x64\n", n + 1), _subject, _count
    ),
    st.builds(
        lambda s, n: Wish("json", "json", f'{{"keywords": ["{s}"], "count": {n}, "size": "96x64"}}', n),
        _subject,
        _count,
    ),
    st.builds(lambda s: Wish("preset", "txt", f"{s}\n", 2, folder=FEW), _subject),
)
_strange = st.one_of(
    st.builds(lambda n: _both("flat", n, REVIEW), _count),
    st.builds(lambda word, n: _both(word, n, GOOD), st.sampled_from(("refuse", "truncated", "raise")), _count),
    st.builds(lambda n: Wish("refused", "yaml", f"promt: a sea %s\ncount: {n}\n", 0), _count),
    st.just(Wish("unknown folder", "txt", "구름\n", 0, folder="nobody")),
)
_bought = st.builds(_paid, _subject, _count, st.sampled_from((0.0, 0.0, PRICE, 5 * PRICE)))
wishes = st.one_of(_plain, _plain, _tables, _strange, _bought)

# -- acts and lives --------------------------------------------------------------------------------------------

_number = st.integers(0, 9)
_drops = st.builds(lambda wish: Act("drop", wish=wish), wishes)
_said = st.builds(Act, st.sampled_from(("cancel", "retry", "pause", "resume", "keep")), _number)
_hands = st.builds(Act, st.sampled_from(("away", "delete", "folder away", "like")), _number)
_acts = st.one_of(_drops, _drops, _said, _hands)
_event = st.sampled_from([name for name, often in zip(EVENTS, OFTEN, strict=True) for _ in range(often)])
_lives = st.builds(
    lambda before, during, event, share, end: Life(before, during, event, round(share * EVENTS[event], 4), end),
    st.lists(_acts, max_size=2).map(tuple), st.lists(_acts, max_size=3).map(tuple), _event, st.floats(0.0, 1.0),
    st.sampled_from(ENDS),
)  # fmt: skip


def mixes(least: int, most: int) -> st.SearchStrategy[Mix]:
    """Mixes of so many lives; the first has something to do."""
    first = st.builds(lambda wish, life: Life((Act("drop", wish=wish), *life.before), life.during, life.event,
                                              life.seconds, life.end), wishes, _lives)  # fmt: skip
    rest = st.lists(_lives, min_size=least - 1, max_size=most - 1)
    lives = st.tuples(first, rest).map(lambda two: (two[0], *two[1]))
    return st.builds(Mix, st.sampled_from(("cpu", "net")), lives)
