"""What is said about a finished picture: the words in its file, and its sidecar."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stockgen import __version__
from stockgen.data.catalog import Model
from stockgen.domain.words import Idea, Look, Order
from stockgen.ledger import Ledger, Row
from stockgen.ledger.reworded import Reworded
from stockgen.metadata.words import Metadata, SourceType
from stockgen.pipeline.retouching import Redone

SOURCE_TYPES: Mapping[Look, SourceType] = {"drawn": "algorithmicMedia", "diffusion": "trainedAlgorithmicMedia"}
TOOL = f"stockgen {__version__}"
SIDECAR_SCHEMA = 1
UNAIDED = frozenset({"native", "lanczos"})  # in place of a model that cuts out or enlarges: there was none
ITSELF = "own"  # in place of a part's name: the model looks at pictures itself
# What a local model's picture has besides: where and how it was held, which weights, tokens of the prompt that its
# encoder could not read, and the pictures that it was shown.
LOCAL = ("refiner", "revision", "device", "plan", "vae_dtype", "cut", "control", "like")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Whose pictures they are; the prompt travels with a file only if its author wants that."""

    creator: str
    copyright: str
    prompt_in_file: bool


@dataclass(frozen=True, slots=True)
class Worn:
    """A LoRA that was laid over a picture's model. `model` None: not in the catalogue, so its licence is unknown."""

    name: str
    weight: float
    model: Model | None

    @property
    def sellable(self) -> bool:
        """Whether pictures made with it may be sold."""
        return self.model is not None and self.model.role == "lora" and self.model.sellable

    def to_json(self) -> dict[str, Any]:
        """What a sidecar tells of it."""
        licence = self.model.licence if self.model is not None else "unknown"
        return {"name": self.name, "weight": self.weight, "licence": licence, "sellable": self.sellable}


@dataclass(frozen=True, slots=True)
class Described:
    """Everything known about one shot that has rendered."""

    shot: Row
    idea: Idea
    order: Order
    attempt: Row  # the one that succeeded
    look: Look
    model: Model | None  # None: not in the catalogue, so it may not be sold
    redone: Redone | None = None  # by models that are not the one that drew it
    helpers: Sequence[Model] = ()  # those models
    loras: Sequence[Worn] = ()
    parts: Sequence[Model | None] = ()  # what else had a hand in it; None: not in the catalogue
    uncut: bool = False  # it should have no ground, and has it still, or nothing but that

    @property
    def sellable(self) -> bool:
        """Whether the picture may be sold: all that had a hand in it must allow that, also what was loaded with its
        model and laid over it. One that has a ground and should have none is not what was ordered.
        """
        allowed = all(one is not None and one.sellable for one in (self.model, *self.parts))
        allowed = allowed and all(one.sellable for one in self.helpers) and all(one.sellable for one in self.loras)
        return allowed and not (self.uncut or (self.redone and self.redone.opaque))


def described(
    ledger: Ledger, shot: Row, looks: Mapping[str, Look], catalog: Mapping[str, Model], redone: Redone | None = None
) -> Described:
    """Gather what the ledger knows about a shot; `redone`: what was done to it since it was drawn."""
    idea, index = ledger.jobs.idea(shot["idea_id"])
    attempt = attempt_of(ledger, shot["id"])
    order = ledger.jobs.orders(shot["job_id"])[index]
    look = looks.get(attempt["provider"], "diffusion")
    redoing = [name for name in (redone.models if redone else ()) if name not in UNAIDED]
    helpers = [catalog[name] for name in redoing if name in catalog]
    asked, model = json.loads(attempt["request"] or "{}"), catalog.get(attempt["model"])
    loras = worn(asked.get("loras", ()), catalog)
    parts = [*loaded(asked, model, catalog), *(None for name in redoing if name not in catalog)]
    return Described(shot, idea, order, attempt, look, model, redone, helpers, loras, parts)


def loaded(asked: Mapping[str, Any], model: Model | None, catalog: Mapping[str, Model]) -> list[Model | None]:
    """What a request loads with its model: a refiner, what reads pictures, the pipeline that it completes, its VAE.

    None: not in the catalogue.
    """
    named = [*asked.get("parts", {}).values(), *((model.base, model.vae) if model else ())]
    return [catalog.get(name) for name in named if name not in ("", ITSELF)]


def worn(loras: Iterable[tuple[str, float]], catalog: Mapping[str, Model]) -> list[Worn]:
    """The LoRAs of a request, as the catalogue knows them."""
    return [Worn(name, weight, catalog.get(name)) for name, weight in loras]


def attempt_of(ledger: Ledger, shot: int) -> Row:
    """The attempt that a rendered shot's picture came from."""
    return [one for one in ledger.shots.attempts(shot) if one["outcome"] == "rendered"][-1]


def told(this: Described) -> str:
    """The prompt as the model got it."""
    said = Reworded.of(json.loads(this.shot["wish"]))
    words = said.words if said and said.by == this.attempt["provider"] else ""
    return str(json.loads(this.attempt["request"]).get("prompt", words or this.shot["prompt"]))


def words(this: Described, rights: Rights, created: str) -> Metadata:
    """The words that the master's file carries."""
    drawn = this.look == "drawn"
    return Metadata(
        title=this.idea.title, description=this.idea.description, keywords=this.idea.tags[this.order.language],
        default_language=this.order.language, source_type=SOURCE_TYPES[this.look], tool=TOOL, created=created,
        system="" if drawn else this.attempt["model"],
        prompt=told(this) if rights.prompt_in_file else "",
        creator=rights.creator, copyright=rights.copyright,
    )  # fmt: skip


def sidecar(this: Described, stem: str, facts: Mapping[str, Any], attempts: Sequence[Row], created: str) -> bytes:
    """The JSON beside a picture. `facts`: width, height, checks, score, sha256 of the finished file."""
    rendered = json.loads(this.attempt["facts"])
    wish, asked = json.loads(this.shot["wish"]), json.loads(this.attempt["request"])
    tree = {
        "schema": SIDECAR_SCHEMA, "stem": stem, "job": this.shot["job_id"], "shot": this.shot["id"],
        "provider": this.attempt["provider"], "model": this.attempt["model"],
        "licence": this.model.licence if this.model else None, "sellable": this.sellable,
        "prompt": told(this), **_rephrased(wish),
        "negative_prompt": asked.get("negative_prompt", wish.get("negative_prompt")), "seed": this.shot["seed"],
        "steps": rendered.get("steps", wish.get("steps")), "guidance": rendered.get("guidance", wish.get("guidance")),
        "batch_size": rendered.get("batch_size", 1), "dtype": rendered.get("dtype"),
        **{key: rendered[key] for key in LOCAL if key in rendered}, **_drawn(rendered),
        **({"loras": [one.to_json() for one in this.loras]} if this.loras else {}),
        "versions": rendered.get("versions", {}) | {"stockgen": __version__},
        "attempts": [_attempt(one) for one in attempts], "degraded": bool(this.shot["degraded"]),
        "title": dict(this.idea.title), "description": dict(this.idea.description),
        "tags": {language: list(tags) for language, tags in this.idea.tags.items()},
        "category": this.idea.category,
        "digital_source_type": f"http://cv.iptc.org/newscodes/digitalsourcetype/{SOURCE_TYPES[this.look]}",
        "created": created, **_redone(this), **facts,
    }  # fmt: skip
    return json.dumps(tree, ensure_ascii=False, indent=1).encode()


def _drawn(rendered: Mapping[str, Any]) -> dict[str, Any]:
    """The size in which a service delivered it, which may be another than was asked for, and than the file's."""
    return {"drawn": f"{rendered['width']}x{rendered['height']}"} if "width" in rendered else {}


def _redone(this: Described) -> dict[str, Any]:
    """What models did to it that did not draw it, by which licences, or why they did not."""
    if this.redone is None:
        return {}
    licences = {one.name: one.licence for one in this.helpers}
    failed = {"failed": this.redone.failed} if this.redone.failed else {}
    told = {"seconds": round(this.redone.seconds, 3), **this.redone.facts, "licences": licences, **failed}
    return {"retouched": told}


def _rephrased(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Both wordings, where a provider had refused the first one; whoever made the picture was told `prompt`."""
    said = Reworded.of(wish)
    return {"rephrased": said.to_json()} if said and said.words else {}


def _attempt(row: Row) -> dict[str, Any]:
    return {
        "provider": row["provider"],
        "outcome": row["outcome"],
        "seconds": row["seconds"],
        "cost_usd": (row["reserved_micros"] if row["billed"] == "maybe" else row["cost_micros"] or 0) / 1e6,
        "reason": row["reason"],
    }
