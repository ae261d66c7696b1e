"""A text model that answers what a test wants, a past that remembers, and a house that writes with them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.errors import BadAnswer, WriterAway, WriterError, WriterLacks
from stockgen.domain.protocols import Brief, Clock, Past, WrittenMode
from stockgen.domain.words import Idea, Look, Order, Remark
from stockgen.gpu.cards import Card
from stockgen.ledger import Ledger
from stockgen.logs import Logger, configure
from stockgen.pipeline.errand import Needs, Pen
from stockgen.pipeline.lawful import Clear
from stockgen.pipeline.writing import Stopwatch
from tests.house import TEST_PLUGINS, House

BATCH = 5  # ideas that are asked for at a time
AWAY = WriterAway("writer_away", writer="scripted", detail="connection refused")


class ScriptedWriter:
    """Writes numbered ideas. `fails`: what each call raises while it is set. `gate`: it waits for it before each
    answer, as a slow model does. `bytes`: what it takes of the card while it is `loaded`; 0 = it runs elsewhere.
    `seconds`: how long each answer takes. `lasts`: answers until it is away, None = it stays.
    """

    name = "scripted"
    sees = embeds = False

    def __init__(self) -> None:
        self.fails: WriterError | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Semaphore(0)  # released when an answer is waited for
        self.briefs: list[str] = []
        self.bytes, self.loaded, self.stays = 0, False, False
        self.load: Callable[[bool], None] = lambda _: None
        self.seconds = 0.0
        self.lasts: int | None = None
        self.wrong: Callable[[int], str] = lambda number: f"an idea of number {number}"

    def missing(self) -> WriterLacks | None:
        return None

    def write(self, brief: Brief) -> str:
        self.briefs.append(brief.text)
        self._loads(True)
        self.asked.release()
        self.gate.wait()
        time.sleep(self.seconds)
        if self.lasts is not None:
            self.lasts -= 1
            self.fails = AWAY if self.lasts < 0 else None
        if self.fails:
            raise self.fails
        return json.dumps([self.wrong(int(brief.seed) * 1000 + each) for each in range(int(brief.text.split()[0]))])

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        raise WriterLacks("no_embedding", writer=self.name, texts=len(texts))

    def on_card(self) -> int:
        return self.bytes if self.loaded else 0

    def needs(self) -> int:
        if self.fails:
            raise self.fails
        return self.bytes

    def release(self) -> None:
        self._loads(self.stays)

    def _loads(self, loaded: bool) -> None:
        self.loaded = loaded
        self.load(loaded)


class Remembering:
    """A past that knows what it was asked of, and what the ledger has."""

    def __init__(self, ledger: Ledger) -> None:
        self._titles = {row["title_en"] for row in ledger.query("SELECT title_en FROM ideas")}

    def recent(self, count: int) -> Sequence[str]:
        return sorted(self._titles)[:count]

    def refused(self, count: int) -> Sequence[str]:
        return ()[:count]

    def near(self, idea: Idea) -> str | None:
        if idea.title["en"] in self._titles:
            return idea.title["en"]
        self._titles.add(idea.title["en"])
        return None

    def alike(self, idea: Idea) -> Sequence[str]:
        del idea
        return ()

    def rest(self) -> None:
        self._titles = set()


def written(writer: Stopwatch) -> WrittenMode:
    """A mode that asks for a few ideas at a time and leaves out those that there were."""

    def ideas(order: Order, look: Look, count: int, rng: Random, past: Past) -> Iterator[Idea | Remark]:
        del look
        while count > 0:
            text = f"{min(count, BATCH)} ideas of {order.subject or order.theme}"
            answer = writer.write(Brief(text=text, schema={}, seed=rng.randrange(999)))
            made = [idea(one, writer.name) for one in _read(answer)]
            for each in made:
                if past.near(each) is None:
                    count -= 1
                    yield each

    return ideas


def _read(answer: str) -> list[str]:
    try:
        read = json.loads(answer)
    except ValueError as error:
        raise BadAnswer("bad_answer", writer="scripted") from error
    return list(map(str, read))


def idea(words: str, writer: str = "scripted") -> Idea:
    both: Mapping[Any, str] = {"en": words.capitalize(), "ko": f"그림 {words}"}
    tags: Mapping[Any, tuple[str, ...]] = {"en": ("sea", "calm"), "ko": ("바다", "고요")}
    return Idea(prompt=words, title=both, description=both, tags=tags, category="nature", writer=writer)


def needs(order: Order, look: Look) -> Needs:
    """Orders of a wonder must be written, those of the `keyword` mode can be."""
    del look
    if "wonder" in order.subject:
        return "must"
    return "helps" if order.mode == "keyword" else "no"


def translated(writer: ScriptedWriter, order: Order) -> tuple[Order, Sequence[Remark]]:
    """A word in front that nobody knows."""
    if not order.subject.startswith("zzz "):
        return order, ()
    writer.write(Brief(text="1 translation", schema={}))
    english = order.subject.removeprefix("zzz ")
    told = Remark("plan.translated", facts={"subject": order.subject, "words": english})
    return replace(order, subject=english), (told,)


def installation(writer: ScriptedWriter, there: Sequence[Card] = ()) -> type[Catalogue]:
    """One that has this text model, and these cards."""

    class Writing(Catalogue):
        cards = there

        @property
        def pen(self) -> Pen:
            timed = Stopwatch(writer, time.monotonic)
            return Pen(timed, {"keyword": written(timed)}, needs, partial(translated, writer),
                       Clear(lambda: self.lint, lambda one: "contrary" not in one.prompt))  # fmt: skip

        def past(self, ledger: Ledger, log: Logger) -> Remembering:
            del log
            return Remembering(ledger)

    return Writing


class WritingHouse(House):
    """A house with a text model; `card` tells who uses the only one of `cards`."""

    def __init__(self, root: Path, over: Mapping[str, Any] | None = None, *, clock: Clock | None = None,
                 card: Any = None, cards: Sequence[Card] = (), **options: Any) -> None:  # fmt: skip
        self.writer = ScriptedWriter()
        self.card = card
        self.kind = installation(self.writer, cards)
        super().__init__(root, over, clock=clock, **options)

    def open(self) -> App:
        catalogue = self.kind(load(self.config_path), self.root / "my", TEST_PLUGINS, self._clock)
        log = configure("debug", "json", self.out)
        return open_app(catalogue, self._clock, Random(self._seed), self.woken.release, log, probe=self.card)

    def ideas(self, job: str) -> list[dict[str, Any]]:
        """The ideas of a job, in order."""
        return self.app.ledger.query("SELECT * FROM ideas WHERE job_id = :job ORDER BY position", job=job)
