"""The seams. Fixed early, because fallback, batches, paid pictures, crashes and (later) Ray all meet here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal, Protocol

from stockgen.domain.errors import NotConfigured, WriterLacks
from stockgen.domain.retouch import Retouch, Retouched
from stockgen.domain.words import Idea, Look, Order, Place, Remark

Micros = int  # USD x 1e-6, never a float
Need = Literal["control", "lora"]  # without it the picture is wrong, not just different


class Clock(Protocol):
    """Time, handed in. `wall` is for people and the ledger, `monotonic` for waiting: it never jumps."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from some fixed point."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One image to make, frozen at planning.

    `width`, `height` in pixels are what the order wants; the provider's `fit` says what it will really draw. `wish`:
    kind, style, negative_prompt, steps, guidance… as the job file gave them; `models`: provider → the model of the
    catalogue that the job named; `transparent`: true = without a background, and `crop`: how large and how tight then
    (`data.sizes.Crop`); `lora`: lists of name and weight; `control`: image, type, strength; `like`: the image, both
    names in the state's `references/`. `needs`: those of them without which the picture would be wrong. `solo`: a batch
    with it killed a lane.
    `chain`: provider names, resolved at planning; `chain_pos` says whose turn it is.
    """

    id: int
    job: str
    idea: int
    prompt: str
    seed: int
    width: int
    height: int
    needs: frozenset[Need] = frozenset()
    wish: Mapping[str, Any] = field(default_factory=dict)
    solo: bool = False
    chain: tuple[str, ...] = ()
    chain_pos: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a provider would really do for a shot: pure, no I/O; kept in the attempt.

    `stack`: equal stacks share a batch and need no swap of models; what stands in front of a `|` is loaded, what stands
    behind it is laid over that in a moment. `request`: at least `width` and `height` in pixels, and whatever `render`
    needs; `alpha`: true = the provider itself draws without a background. `dropped`: job-file key -> message key of why
    it is not honoured. `quote`: upper bound in micro-dollars, reserved before the call; 0 = free.
    """

    shot: Shot
    provider: str
    model: str
    stack: str
    request: Mapping[str, Any]
    dropped: Mapping[str, str] = field(default_factory=dict)
    quote: Micros = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one shot of a batch ended; streamed one by one, never pixels in memory.

    `file`: raw bytes in the local spool, fsynced before this object exists; `sha256` its hex digest. `error`: one of
    `domain.errors`. `cost` None = maybe billed: settle at the quote. `seconds` of wall time for this picture.
    """

    shot: int
    seconds: float
    error: Exception | None = None
    file: Path | None = None
    sha256: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    cost: Micros | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a provider may be asked; the default is one of our own: free, one picture after the other.

    `paid`: it costs money, so nothing is asked of it until a cap is written. `parallel`: requests at the same time.
    `per_minute`: pictures begun within any 60 s, 0 = as many as there are. `spacing`: seconds between the starts of two
    requests, drawn evenly from this range.
    """

    paid: bool = False
    parallel: int = 1
    per_minute: int = 0
    spacing: tuple[float, float] = (0.0, 0.0)


OURS = Terms()


class Reporter(Protocol):
    """Heartbeat of a render; called at every step."""

    def __call__(self, shot: int, step: int, steps: int) -> None:
        """Tell that `shot` has done `step` of `steps`. Raises Cancelled when the shot is no longer wanted."""
        ...


class Provider(Protocol):
    """Makes pictures. One file in `stockgen/providers/`, with `Options` (closed pydantic) and
    `build(options, tools)`."""

    look: Look
    place: Place  # which lanes may host it
    batch: int  # shots of one stack that it renders together at most
    terms: Terms

    def missing(self, model: str = "") -> NotConfigured | None:
        """What a person must add before it can draw with `model` ("" = its own), with the command; None = it is ready.

        Looks, without loading anything; asked at planning, so that a job does not wait for what is not there.
        """
        ...

    def fit(self, shot: Shot) -> Fit:
        """What would be done for `shot`; pure. Raises Unfit, NotConfigured or Retired: the next provider's turn."""
        ...

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """Render shots of one stack; yield exactly one Outcome for each, as soon as it is there.

        Files go into `spool` (an existing folder of this batch alone) and are fsynced before they are yielded. Errors
        of a single picture are yielded in its Outcome; an error that is raised ends the whole batch.
        """
        ...

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """What `render` into `spool` had been given, whole, by somebody who charges for it, before it was cut off.

        Asks nobody. Shots of whose answer nothing or only a part came are left out; so is everything of a provider
        that is free.
        """
        ...


class Device(Protocol):
    """What models are rendered on, and its memory. `module`, `dtype`: torch's, which the ground does not know."""

    name: str

    def free(self) -> int:
        """Bytes that can still be used."""
        ...

    def dtype(self, wanted: str) -> Any:
        """The torch.dtype to load a model in that wants `float16` or `bfloat16`."""
        ...

    def put(self, module: Any) -> None:
        """Move a part of a model onto the device. Raises torch.OutOfMemoryError."""
        ...

    def park(self, module: Any) -> None:
        """Move it into the computer's memory."""
        ...

    def empty(self) -> None:
        """Give what is not used back to others."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What a lane is doing now. `pid` 0 = none of its own; `state` as in `status --json`.

    `left`: seconds until the picture in hand is made, at the speed of its steps so far; None = not known yet.
    """

    state: Literal["starting", "idle", "loading", "rendering", "stuck", "dead"]
    pid: int = 0
    shot: int | None = None
    step: int = 0
    steps: int = 0
    left: float | None = None


class Lane(Protocol):
    """Where shots are rendered: a thread, a spawned process, later a Ray actor. The dispatcher can't tell which."""

    name: str
    place: Place
    providers: frozenset[str]  # names of the providers that it hosts

    @property
    def warm(self) -> str | None:
        """The stack that costs nothing now."""
        ...

    def offer(self, batch: Sequence[Fit], spool: Path, ahead: int = 0) -> bool:
        """Hand over a batch of one stack. Never blocks; False = full, or not up yet.

        `ahead`: how many more shots of that stack wait, as far as was looked.
        """
        ...

    def take(self) -> Sequence[Outcome]:
        """What has come since the last call. A lane that died yields LaneDied for each unfinished shot, once."""
        ...

    def news(self) -> Sequence[tuple[str, str]]:
        """Events about models since the last call, for the log: (`model.loaded` or `model.unloaded`, stack)."""
        ...

    def cancel(self, shots: frozenset[int]) -> None:
        """Ask for these to end at the next step; each still yields an Outcome (Cancelled, or done if it was late)."""
        ...

    def health(self, now: float) -> tuple[Literal["up", "stuck", "dead"], str]:
        """`now` monotonic seconds. `stuck`: no heartbeat for longer than the lane's patience."""
        ...

    def progress(self) -> Progress:
        """What it is doing, for people."""
        ...

    def release(self) -> None:
        """Give the device back (pause, another program), stay ready to load again."""
        ...

    def kill(self) -> None:
        """End it at once; unfinished shots come out of `take` as LaneDied."""
        ...

    def close(self, deadline: float) -> None:
        """End it by `deadline` (monotonic seconds), by force if need be; nothing of it is left when this returns."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A reason why something may not be claimed now. Empty sets = all. `until`: wall seconds, None = unknown."""

    hold: Literal["pause", "disk", "gpu_hours", "gpu_busy", "money", "not_before", "writer", "closed", "stopping"]
    reason: str
    until: float | None = None
    kinds: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()
    shots: frozenset[int] = frozenset()
    providers: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether it forbids all that its place could do."""
        return not (self.kinds or self.jobs or self.shots or self.providers)


class Hold(Protocol):
    """Computed at every turn, shown, never a state."""

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """What may not be claimed at `place` at wall time `now`, and why."""
        ...


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a shot after an error: the whole fallback policy is `route(…) -> Next`.

    `not_before`: wall seconds, 0 = at once. `solo`: from now on rendered alone. `passed`: providers that were passed
    over without being asked, and why; None = it is back at this one.
    """

    action: Literal["requeue", "fail", "cancel"]
    chain_pos: int
    not_before: float
    degraded: bool
    solo: bool
    reason: str
    passed: Mapping[str, str | None] = field(default_factory=dict)


class Mode(Protocol):
    """Turns an order into ideas; runs in the planning stage and yields as it goes, so each is committed alone."""

    def __call__(self, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
        """Yield `count` different ideas for `order`; the same `rng` state gives the same ideas.

        `look` is that of the first provider of the order's chain: what is drawn is described as what is seen.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a text model is asked.

    `schema`: JSON schema of the answer, which the server enforces where it can. `tokens`: the longest answer.
    `temperature`: 0 = always the likeliest word. `seed`: equal ones give equal answers where the server can. `images`:
    encoded pictures (JPEG or PNG bytes) to look at, for a model that sees.
    """

    text: str
    schema: Mapping[str, Any]
    system: str = ""
    tokens: int = 4096
    temperature: float = 0.9
    seed: int = 0
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """Where a writer finds what is this installation's own. `my`: the user's data; `secrets`: a folder of keys."""

    my: Path
    secrets: Path


class Writer(Protocol):
    """A text model. One file in `stockgen/writers/`, with `Options` (closed pydantic) and `build(options, home)`.

    Used from one thread at a time; every call may block for as long as its time-out, so never in the main loop.
    """

    name: str  # `ollama/qwen2.5:14b`: kept with every idea
    sees: bool  # whether a brief may have images
    embeds: bool  # whether `embed` works

    def missing(self) -> WriterLacks | None:
        """What a person must add before it can write, with the command; None = it is ready.

        Asks the server quickly. Raises WriterAway where that does not answer.
        """
        ...

    def also_missing(self) -> Sequence[WriterLacks]:
        """What a person must add before it can do the rest that its options promise: see, measure likeness. It writes
        without. Raises WriterAway.
        """
        ...

    def write(self, brief: Brief) -> str:
        """The answer as it came, whatever it is. Raises WriterAway, WriterLacks."""
        ...

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """A vector for each text, of equal length each. Raises WriterAway, WriterLacks."""
        ...

    def on_card(self) -> int:
        """Bytes of this computer's graphics cards that its models hold now; 0 = none, or it runs elsewhere.

        Raises WriterAway.
        """
        ...

    def needs(self) -> int:
        """Bytes of this computer's graphics cards that it takes to write, or to see, as far as is known; 0 = it runs
        elsewhere.

        Raises WriterAway, WriterLacks.
        """
        ...

    def release(self) -> None:
        """Let its models leave the card. Raises WriterAway."""
        ...


class Past(Protocol):
    """What was made before, asked while new ideas are written. Usable from any thread."""

    def recent(self, count: int) -> Sequence[str]:
        """English titles of the newest motifs, newest first."""
        ...

    def refused(self, count: int) -> Sequence[str]:
        """English titles of what markets refused or people dropped, newest first."""
        ...

    def near(self, idea: Idea) -> str | None:
        """The English title of an earlier idea that this one is too much like; None = it is new.

        An idea that is new counts as made from now on.
        """
        ...


class WrittenMode(Protocol):
    """Turns an order into ideas with a text model; runs in the writer's own thread and yields as it goes.

    A run that was cut off is not repeated but continued: `count` is then what is still missing.
    """

    def __call__(self, order: Order, look: Look, count: int, rng: Random, past: Past) -> Iterator[Idea | Remark]:
        """Yield up to `count` new ideas for `order`, and what its author is told. Raises WriterAway, WriterLacks;
        BadAnswer where no answer could be used: then whoever asked makes the rest without it.
        """
        ...


class Retoucher(Protocol):
    """Cuts out and enlarges, one picture after the other, beside the loop that asks. Whoever wakes that loop is told
    when something has come.
    """

    def missing(self, model: str) -> NotConfigured | None:
        """What a person must add before `model` can be used, with the command; None = it is ready."""
        ...

    def want(self, task: Retouch) -> None:
        """Queue a task. Never blocks; a second one of the same shot is none."""
        ...

    def take(self) -> Sequence[Retouched]:
        """What has come since the last call, exactly one for each task, also where the process that worked on it died
        (LaneDied)."""
        ...

    def step(self, now: float) -> None:
        """Look after the process; start it with the first task, end it when it is idle. `now` monotonic seconds."""
        ...

    def next_at(self) -> float:
        """When `step` has something to do though nothing happens: monotonic seconds, infinity = never."""
        ...

    def close(self, deadline: float) -> None:
        """End it by `deadline` (monotonic seconds), by force if need be."""
        ...
