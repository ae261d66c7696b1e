"""One batch through its phases: encode, denoise, refine, decode; pictures leave one by one."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from stockgen.domain.errors import BadPicture, Cancelled, NotConfigured, OutOfMemory
from stockgen.domain.protocols import Outcome, Reporter
from stockgen.gpu.host import ModelHost
from stockgen.gpu.stack import Stack
from stockgen.providers._diffusion import looking, safer
from stockgen.providers._diffusion.family import Family, Piece
from stockgen.providers._diffusion.laying import lay, reading
from stockgen.providers._diffusion.loras import Worn
from stockgen.providers._diffusion.raw import is_finite, saved
from stockgen.providers._diffusion.trouble import is_out_of_memory

PROBES = ("a red fox in the snow", "the sea at night")
LATENT = ("denoise", "refine", "whole")  # phases that are worked on several pictures at a time, step by step


class _Stopped(Exception):
    """Nobody wants any of the pictures that are being drawn."""


@dataclass
class Work:
    """Draws one batch with a stack that was lent. `facts`: what is kept with every picture of it; `references`: the
    folder of the pictures that requests name; `loras`: what is laid over the model for it.
    """

    host: ModelHost
    family: Family
    stack: Stack
    spool: Path
    report: Reporter
    facts: dict[str, Any]
    references: Path | None = None
    loras: Sequence[Worn] = ()

    def __post_init__(self) -> None:
        self._phases = {phase.name: phase for phase in self.stack.need.phases}
        self._unwanted: dict[int, Cancelled] = {}

    def outcomes(self, pieces: Sequence[Piece]) -> Iterator[Outcome]:
        """Exactly one for each piece. Raises OutOfMemory where even the most frugal plan can't draw one picture."""
        blind = self._looked(pieces)
        yield from blind.values()
        left = [piece for piece in pieces if piece.shot not in blind]
        while left:
            plan = self.stack.plan
            group = left[: plan.batch] if plan.name == "resident" else left
            if (yield from self._tried(group)) and not self.host.relax(self.stack):
                raise OutOfMemory("out_of_memory", plan=plan.name, exhausted=True)
            left = [piece for piece in left if "told" not in piece.done]

    def _tried(self, group: Sequence[Piece]) -> Generator[Outcome, None, bool]:
        """Draw a group and return whether the memory ran out. When this returns nothing of a failed try is alive: the
        traceback of an error keeps the tensors of its frames.
        """
        try:
            for piece, outcome in self._drawn(group):
                piece.done.add("told")
                yield outcome
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            return True
        return False

    def _drawn(self, group: Sequence[Piece]) -> Iterator[tuple[Piece, Outcome]]:
        began = time.monotonic()
        self._tell(group, 0)
        self._prove()
        lay(self.stack, self.family.layable(self.stack.pipes), self.loras)
        self._encode(self._wanted(group))
        for name in LATENT:
            self._latents(name, [piece for piece in self._wanted(group) if name not in piece.done])
        share = (time.monotonic() - began) / len(group)
        self.host.consider_compiling(self.stack, self._largest, share)
        for piece in group:
            if piece.shot in self._unwanted:
                yield piece, Outcome(shot=piece.shot, seconds=share, error=self._unwanted[piece.shot])
        yield from self._pictures(self._wanted(group), share)

    def _looked(self, pieces: Sequence[Piece]) -> dict[int, Outcome]:
        """Open what they are to be shown, each picture once; return how those end whose pictures can't be opened."""
        once = lru_cache(len(pieces))(partial(looking.shown, self.references))
        blind: dict[int, Outcome] = {}
        for piece in pieces:
            size = piece.request["width"], piece.request["height"]
            try:
                piece.seen = {key: once(key, name, size) for key, name in looking.names(piece.request)}
            except BadPicture as error:
                blind[piece.shot] = Outcome(shot=piece.shot, seconds=0.0, error=error)
        return blind

    # -- phases ------------------------------------------------------------------------------------------------

    def _prove(self) -> None:
        """Before anything is laid over it."""
        if not self.stack.proven:
            self._enter("encode")
            prove(self.family, self.stack)

    def _encode(self, pieces: Sequence[Piece]) -> None:
        kept, read_by = self.host.embeddings, (self.stack.key, reading(self.stack))
        for piece in pieces:
            told = piece.prompt, piece.request["negative_prompt"], *guided(piece.request["guidance"])
            key = (*read_by, *told, piece.shown("like"))
            known = kept.get(key)
            if known is None:
                self._enter("encode")
                known = kept.put(key, self.family.encode(self.stack.pipes, piece))
            piece.words = known

    def _latents(self, name: str, pieces: Sequence[Piece]) -> None:
        if name not in self._phases or not pieces:
            return
        self._enter(name)
        step = {"denoise": self.family.denoise, "refine": self.family.refine, "whole": self.family.denoise}[name]
        for chunk in self._chunks(pieces):
            try:
                latents = step(self.stack.pipes, chunk, partial(self._step, chunk))
            except _Stopped:
                continue
            for piece, latent in zip(chunk, latents, strict=True):
                piece.latent, piece.together = latent.to("cpu"), len(chunk)
                piece.done.add(name)

    def _pictures(self, pieces: Sequence[Piece], share: float) -> Iterator[tuple[Piece, Outcome]]:
        again: list[Piece] = []
        if pieces:
            self._enter("decode")
        for piece in pieces:
            began = time.monotonic()
            picture = self._decoded(piece)
            if picture is None:
                again.append(piece)
                continue
            file = saved(picture, piece.shot, self.spool)
            seconds = share + time.monotonic() - began
            yield piece, Outcome(shot=piece.shot, seconds=seconds, file=file, facts=self._facts(piece))
        if not again:
            return
        if not self.loras and safer.rebased(self.stack):  # the model must draw on without them as it did before
            for piece in again:
                piece.done.clear()
            yield from self._drawn(again)
        else:
            for piece in again:
                yield piece, Outcome(shot=piece.shot, seconds=share, error=BadPicture("not_a_number", exhausted=True))

    def _decoded(self, piece: Piece) -> Any:
        """The picture; None where it is no numbers, however carefully it is decoded."""
        if not is_finite(piece.latent):
            return None
        picture = self.family.decode(self.stack.pipes, piece)
        if not is_finite(picture) and safer.widened(self.stack):
            picture = self.family.decode(self.stack.pipes, piece)
        return picture if is_finite(picture) else None

    # -- small things ------------------------------------------------------------------------------------------

    def _enter(self, name: str) -> None:
        if name in self._phases:
            self.stack.enter(self._phases[name])

    def _chunks(self, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
        """Pictures that can be drawn together, as many as the plan has room for."""
        for _, alike in groupby(pieces, key=lambda piece: piece.alike):
            same, size = list(alike), self.stack.plan.batch
            yield from (same[at : at + size] for at in range(0, len(same), size))

    @property
    def _largest(self) -> str:
        """The part that does most of the work."""
        phase = self._phases.get("denoise") or self._phases["whole"]
        return max(phase.parts, key=lambda part: self.stack.need.parts[part])

    def _wanted(self, pieces: Sequence[Piece]) -> list[Piece]:
        return [piece for piece in pieces if piece.shot not in self._unwanted]

    def _step(self, chunk: Sequence[Piece], done: int) -> None:
        """Tell a step of each picture. Raises _Stopped when none of them is wanted any more."""
        self._tell(chunk, done)
        if not self._wanted(chunk):
            raise _Stopped

    def _tell(self, pieces: Sequence[Piece], done: int) -> None:
        for piece in self._wanted(pieces):
            try:
                self.report(piece.shot, done, piece.request["steps"])
            except Cancelled as error:
                self._unwanted[piece.shot] = error

    def _facts(self, piece: Piece) -> dict[str, Any]:
        stack = self.stack
        now = {"plan": stack.plan.name, "batch_size": piece.together, "dtype": safer.precision(stack, self._largest),
               "vae_dtype": safer.precision(stack, safer.VAE)}  # fmt: skip
        return {**self.facts, **now, **piece.words.told}


def guided(guidance: float) -> tuple[bool, bool]:
    """What decides whether words that are not wanted are encoded, too: some pipelines guide above 1, others above 0."""
    return guidance > 0, guidance > 1


def prove(family: Family, stack: Stack) -> None:
    """Once after loading: encoders must give numbers, and others for other words. A library that ties weights wrongly
    loads without a word (transformers #43880, #48154), and then every picture shows the same nothing.

    Raises NotConfigured `weights_unusable`.
    """
    plain = {"guidance": 0.0, "negative_prompt": ""}
    words = [family.encode(stack.pipes, Piece(0, probe, 0, plain)) for probe in PROBES]
    embedded = {name: one for name, one in words[0].tensors.items() if one is not None and name.endswith("embeds")}
    pairs = [(one, words[1].tensors[name]) for name, one in embedded.items()]
    if any(not is_finite(one) or not is_finite(other) or one.equal(other) for one, other in pairs):
        raise NotConfigured("weights_unusable", model=stack.key, detail="the text encoder does not tell words apart")
    stack.proven = True
