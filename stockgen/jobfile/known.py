"""What a job file may speak of besides its own keys; the app gathers it from config and shipped data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from stockgen.data.templates import Wildcards
from stockgen.domain.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What an order gets that neither it nor its preset says; `model` and `markets` as canonical names."""

    count: int = 4
    best_of: int = 1
    model: tuple[str, ...] = ("auto",)
    markets: tuple[str, ...] = ()
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Refused:
    """A model that is not to be used. `reason`: in the language of the notes; `instead`: a model that may be, or ""."""

    name: str
    reason: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Unready:
    """Something that makes pictures but is not in the config. `add`: the line under `providers` that it takes.

    `off`: the day on which its service switches it off; `after`: what takes its place from then on.
    """

    name: str
    add: str
    off: date | None = None
    after: Unready | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names that exist here. Aliases are lower-case, canonical names as the rest of the program knows them.

    `models`: alias → name of a chain, a model or a provider. `markets`: alias → name. `closed`: market → why
    it takes no generated pictures, in the language of the notes. `presets`: name → job-file keys with values.
    `categories`, `loras`: alias → name. `seasons`: alias → key of `vocabulary/seasons.yaml`. `images_per_job`: most
    pictures that one file may ask for. `refused`, `unready`: alias → models that can't be named here, and why; what
    stands in `models` wins over both. `wildcards`: the lists that
    `__name__` in a subject or prompt may stand for. `now`: wall seconds at which
    the file is read, `timezone` an IANA name or `local`: moments in the file are local. `krw_per_usd`: won of a dollar.
    """

    models: Mapping[str, str]
    markets: Mapping[str, str]
    refused: Mapping[str, Refused] = field(default_factory=dict)
    unready: Mapping[str, Unready] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    styles: frozenset[str] = frozenset()
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    seasons: Mapping[str, str] = field(default_factory=dict)
    loras: Mapping[str, str] = field(default_factory=dict)
    wildcards: Wildcards = field(default_factory=Wildcards)
    timezone: str = "local"
    now: float = 0.0
    krw_per_usd: float = 1400.0
    defaults: Defaults = Defaults()
    images_per_job: int = 500
