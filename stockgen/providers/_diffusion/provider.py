"""The plugin's side of a diffusion model: what would be drawn, what is missing, and a batch handed to its work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stockgen.data.catalog import Drawing, Model, load_catalog
from stockgen.data.prompting import load_prompting
from stockgen.domain.errors import NotConfigured, Unfit
from stockgen.domain.names import base_of
from stockgen.domain.protocols import OURS, Fit, Outcome, Reporter, Shot
from stockgen.domain.words import Look, Place
from stockgen.gpu.lora_files import LoraFiles
from stockgen.lanes.spec import Tools
from stockgen.providers._diffusion.extras import Choice, extras
from stockgen.providers._diffusion.family import Family, Piece
from stockgen.providers._diffusion.lately import Lately
from stockgen.providers._diffusion.loading import Files
from stockgen.providers._diffusion.loras import Chosen, untold
from stockgen.providers._diffusion.maps import doubtful
from stockgen.providers._diffusion.shape import native
from stockgen.providers._diffusion.trouble import poison_ends_the_process
from stockgen.providers._diffusion.versions import versions
from stockgen.providers._diffusion.words import Sent, sent
from stockgen.providers._diffusion.work import Work

PACKAGES = ("torch", "diffusers", "transformers")
REMEMBERED = 256  # prompts with what their model is told


class Diffusion:
    """Any provider that draws with a model of the catalogue; see `Provider`. `family` knows its architecture."""

    look: Look = "diffusion"
    place: Place = "gpu"
    terms = OURS

    def __init__(self, choice: Choice, family: Family, tools: Tools) -> None:
        self._choice = choice
        self._family = family
        self._tools = tools
        self._models: Mapping[str, Model] = MappingProxyType(load_catalog(tools.shelf))
        self._prompting = load_prompting(tools.shelf)
        self._sent = lru_cache(REMEMBERED)(self._told)  # a shot that waits is asked about at every turn
        self._loras = LoraFiles(self._models, tools.weights)
        self._doubtful = lru_cache(REMEMBERED)(doubtful)  # a reference is called by what is in it, so that stays true
        now = tools.host.now
        self._ready, self._loadable = Lately(self._check, now), Lately(self._look, now)
        self._lora = Lately(self._loras.find, now)
        own = self._models.get(choice.model)
        self.batch = own.drawing.batch if own and own.drawing else 1

    # -- before ------------------------------------------------------------------------------------------------

    def missing(self, model: str = "") -> NotConfigured | None:
        """A card, packages, weights: whatever is missing first. An answer is good for a second."""
        return self._ready.lack(model)

    def fit(self, shot: Shot) -> Fit:
        """What would be drawn. Raises NotConfigured for a model that isn't this provider's, Unfit for shapes that it
        can't draw, for words that no encoder reads, and for shots that need a reference picture or a LoRA where it has
        nothing that reads the one, or the other is made for another architecture.
        """
        model, drawing = self._model(shot.wish.get("models", {}).get(self._choice.provider, ""))
        width, height = native(shot.width, shot.height, drawing)
        steps, guidance = shot.wish.get("steps"), shot.wish.get("guidance")
        words = self._words(shot, model)
        more = extras(shot, self._choice, drawing, self._lora, self._loadable.lack)
        trigger = untold(words.prompt, more.loras)
        return Fit(
            shot=shot,
            provider=self._choice.provider,
            model=model.name,
            stack="+".join((model.name, *more.parts.values())) + more.laid,
            request={
                "width": width,
                "height": height,
                "parts": dict(more.parts),
                "steps": min(steps or drawing.steps, drawing.most_steps),
                "guidance": guidance if guidance is not None and drawing.guided else drawing.guidance,
                "prompt": ", ".join((*trigger, words.prompt)),
                "negative_prompt": words.negative,
                **more.request,
                **({"trigger": ", ".join(trigger)} if trigger else {}),
            },
            dropped={**self._dropped(shot, drawing, words), **more.dropped, **self._doubted(more.request)},
        )

    def _words(self, shot: Shot, model: Model) -> Sent:
        """What the model is told. Raises Unfit where no word is left of it."""
        negative, exact = shot.wish.get("negative_prompt", ""), bool(shot.wish.get("exact"))
        words = self._sent(shot.prompt, negative, model.name, (exact, bool(shot.wish.get("transparent"))))
        if not any(sign.isalnum() for sign in words.prompt):
            raise Unfit("unfit_words", provider=self._choice.provider)
        return words

    def _told(self, prompt: str, negative: str, model: str, how: tuple[bool, bool]) -> Sent:
        _, drawing = self._model(model)
        exact, alone = how
        return sent(prompt, negative, drawing, self._prompting, exact=exact, alone=alone)

    def _dropped(self, shot: Shot, drawing: Drawing, words: Sent) -> dict[str, str]:
        told = {"prompt": words.told[0]} if words.told else {}
        if not drawing.guided:
            wished = [key for key in ("negative_prompt", "guidance") if shot.wish.get(key) not in (None, "")]
            told |= {key: f"dropped.diffusion.{key}" for key in wished}
        if (shot.wish.get("steps") or 0) > drawing.most_steps:
            told["steps"] = "dropped.diffusion.steps"
        return told

    def _doubted(self, request: Mapping[str, Any]) -> dict[str, str]:
        """A control picture that is taken though it looks like another thing."""
        wanted, folder = request.get("control"), self._tools.references
        doubtful = (
            wanted is not None and folder is not None and self._doubtful(folder / wanted["image"], wanted["type"])
        )
        return {"control": "dropped.control_map"} if doubtful else {}

    # -- rendering ---------------------------------------------------------------------------------------------

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """Draw shots of one stack. Raises NotConfigured where the weights can't be used, OutOfMemory where nothing
        helps, SystemExit(70) for a card that only a new process can use.
        """
        host, first = self._tools.host, batch[0]
        model, _ = self._model(first.model)
        files = self._files(model, first.request["parts"])
        worn = [Chosen(self._loras.find(name), weight).worn for name, weight in first.request.get("loras", ())]
        pieces = [Piece(fit.shot.id, fit.request["prompt"], fit.shot.seed, fit.request) for fit in batch]

        def told() -> None:
            report(first.shot.id, 0, first.request["steps"])

        told()
        with poison_ends_the_process():
            load = lambda: self._family.load(files, host.place, told)  # noqa: E731
            weights = sum(map(_weights, (model, *files.beside.values())))
            with host.lend(base_of(first.stack), weights, load) as stack:
                facts = {"device": host.place.name, "versions": versions(), **self._provenance(model, first)}
                work = Work(host, self._family, stack, spool, report, facts, self._tools.references, worn)
                yield from work.outcomes(pieces)

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """Nothing: what it draws costs nothing but time."""
        return ()

    def release(self) -> None:
        """Give the device back, for all providers that share it."""
        self._tools.host.release()

    # -- models ------------------------------------------------------------------------------------------------

    def _model(self, name: str) -> tuple[Model, Drawing]:
        found = self._models.get(name or self._choice.model)
        if found is None or found.drawing is None or found.provider != self._choice.provider:
            raise NotConfigured("no_model", provider=self._choice.provider, model=name or self._choice.model or "-")
        return found, found.drawing

    def _files(self, model: Model, parts: Mapping[str, str]) -> Files:
        """Where everything lies that a stack is made of. Raises NotConfigured naming what is not there."""
        weights = self._tools.weights
        base = self._models.get(model.base)
        named = {"base": base, "vae": self._models.get(model.vae or (base.vae if base else ""))}
        beside = {role: self._models[name] for role, name in parts.items() if name in self._models}
        found = {role: weights.find(one) for role, one in {**named, **beside}.items() if one is not None}
        return Files(model, weights.find(model), references=self._tools.references, beside=beside, **found)

    def _look(self, name: str) -> Path:
        """Where a model lies that is loaded beside another. Raises NotConfigured."""
        model = self._models.get(name)
        if model is None:
            raise NotConfigured("no_model", provider=self._choice.provider, model=name)
        return self._tools.weights.find(model)

    def _check(self, name: str) -> Files:
        """All that is loaded for a model. Raises NotConfigured for what is missing first."""
        if not self._tools.host.device:
            raise NotConfigured("no_gpu")
        if not all(find_spec(package) for package in PACKAGES):
            raise NotConfigured("no_packages")
        model, drawing = self._model(name)
        return self._files(model, {"refiner": self._choice.refiner} if drawing.guided else {})

    def _provenance(self, model: Model, fit: Fit) -> dict[str, Any]:
        """Which weights, for all of a stack: what it takes to make the picture again."""
        pulled = self._tools.weights.pulled(model.name)
        return {"refiner": fit.request["parts"].get("refiner", ""), "revision": pulled.revision if pulled else ""}


def _weights(model: Model) -> int:
    """Bytes that a model's own parts are expected to take; 0 = nobody has said."""
    memory = model.memory
    return memory.encoders + memory.denoiser + memory.decoder if memory else 0
