"""Modes with a text model: it thinks of several ideas at a time, and is asked again for those that are not new."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from stockgen.answers.asking import asked
from stockgen.answers.ideas import WrittenIdea
from stockgen.data.prompts import Prompts
from stockgen.data.seasons import Season
from stockgen.data.templates import is_template
from stockgen.domain.errors import BadAnswer, JobFileError
from stockgen.domain.protocols import Past, Writer, WrittenMode
from stockgen.domain.words import Idea, Look, Order, Remark
from stockgen.modes.avoiding import Avoiding
from stockgen.modes.briefs import NEAR, PER_CALL, RECENT, REFUSED, SPARE, Asking, Told
from stockgen.modes.material import Material
from stockgen.modes.retelling import Retelling
from stockgen.modes.siblings import Unlike
from stockgen.modes.translating import phrases
from stockgen.modes.variants import understood

BARREN = 3  # calls in a row without a new idea: then the model has no more to say
BAD = 2  # answers in a row of which nothing could be used
AWAIT = 0.4  # of a call's ideas that are new in the worst case that is waited for; it bounds the calls

Note = Callable[[str], None]
Needs = Literal["no", "helps", "must"]


def written_modes(
    material: Material, writer: Writer, prompts: Prompts, seasons: Mapping[str, Season], note: Note
) -> dict[str, WrittenMode]:
    """The modes that think with `writer`, by name: `dynamic` of a theme or a season, `keyword` of a subject.

    A subject with variants (`{red|blue} door`) is not among them: its author has said what the pictures are of, word
    for word, and templates make exactly those. Nor is what a program draws: it has no things that could be thought of.
    `note` gets the name of each step, to be counted: those of `answers.asking.asked`, and `call`, `idea.new`,
    `idea.near` (as an earlier one), `idea.same` (as one of this order), `idea.avoided`, `idea.like` (it shows
    what the picture shows that it is to be like).
    """
    mode = _Written(material, writer, prompts, seasons, note)
    return {"dynamic": mode, "keyword": mode}


def needs_writer(order: Order, material: Material, look: Look) -> Needs:
    """Whether an order wants a text model: `must` = no word of it can be drawn without, so it waits for one; `helps` =
    its ideas get better by one, or some of its words are unknown; `no` = it is made as well without, or its variants
    can't be understood, which whoever makes them tells.
    """
    try:
        if understood(order, material).nothing:
            return "must"
        if phrases(order, material):
            return "helps"
    except JobFileError:
        return "no"
    thought_of = order.mode == "dynamic" or (order.mode == "keyword" and not is_template(order.subject))
    return "helps" if thought_of and look == "diffusion" else "no"


@dataclass(frozen=True, slots=True)
class _Written:
    """`WrittenMode` for `dynamic` and `keyword`: they differ in what the order says."""

    material: Material
    writer: Writer
    prompts: Prompts
    seasons: Mapping[str, Season]
    note: Note

    def __call__(self, order: Order, look: Look, count: int, rng: Random, past: Past) -> Iterator[Idea | Remark]:
        """As `WrittenMode`. What is drawn, and a subject with variants, is left to whoever makes it without a model:
        nothing is yielded.
        """
        if look != "drawn" and not is_template(order.subject):
            yield from _Run(self, order, rng, past).ideas(count)


class _Run:
    """One order on its way."""

    def __init__(self, mode: _Written, order: Order, rng: Random, past: Past) -> None:
        self._mode, self._order, self._rng, self._past = mode, order, rng, past
        self._recent = list(past.recent(RECENT))
        self._refused = past.refused(REFUSED)
        self._asking = Asking(mode.material, mode.prompts, mode.seasons, order)
        self._retelling = Retelling(mode.material, order, mode.writer, self._recent)
        self._avoiding = Avoiding(order, mode.material)
        self._unlike = Unlike(order.like, mode.material) if order.akin and order.like else None
        self._near: list[str] = []

    def ideas(self, count: int) -> Iterator[Idea | Remark]:
        """Up to `count` new ones; a remark at the end where there are fewer."""
        made, barren, bad = 0, 0, 0
        for _ in range(most_calls(count)):
            if made == count or barren == BARREN:
                break
            try:
                answers = self._asked(count - made)
            except BadAnswer:
                bad += 1
                if bad == BAD:
                    raise
                continue
            bad, before = 0, made
            for idea in self._new(answers):
                yield idea
                made += 1
                if made == count:
                    return
            barren = 0 if made > before else barren + 1
        if made < count:
            yield self._fewer(made, count)

    def _asked(self, missing: int) -> list[WrittenIdea]:
        wanted = min(PER_CALL, missing + SPARE)
        told = Told(recent=self._recent, refused=self._refused, near=self._near[-NEAR:])
        brief = self._asking.brief(wanted, told, self._rng)
        self._near = []
        self._mode.note("call")
        return list(asked(self._mode.writer, brief, self._mode.note))

    def _new(self, answers: list[WrittenIdea]) -> Iterator[Idea]:
        for answer in answers:
            if self._retelling.same(answer):
                self._mode.note("idea.same")
                self._near.append(answer.title["en"])
                continue
            idea = self._retelling.idea(answer)
            if self._avoiding.shown(idea):
                self._mode.note("idea.avoided")
                continue
            if self._unlike and self._unlike.shown(idea):
                self._mode.note("idea.like")
                self._near.append(idea.title["en"])
                continue
            idea = self._avoiding.untagged(idea)
            near = self._past.near(idea)
            if near is not None:
                self._mode.note("idea.near")
                self._near.append(f"{idea.title['en']} (= {near})" if near != idea.title["en"] else near)
                continue
            self._mode.note("idea.new")
            self._recent.insert(0, idea.title["en"])
            yield idea

    def _fewer(self, made: int, count: int) -> Remark:
        order = self._order
        like = order.like.name if order.akin and order.like else ""
        about = order.subject or order.theme or order.season or like or "–"
        facts = {"made": made, "count": count, "about": about, "writer": self._mode.writer.name}
        return Remark("plan.ideas_used_up", order.line, facts)


def most_calls(count: int) -> int:
    """How often a model is asked for `count` ideas at most."""
    return math.ceil(count / (PER_CALL * AWAIT)) + BARREN
