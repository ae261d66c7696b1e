"""The job of a schedule as a job file: the same words, and of its themes the one whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from stockgen.config.model import Schedule

THEME = "theme"
_WIDE = 1 << 30  # columns; a folded line would be read as several


def source_of(schedule: Schedule, turn: int = 0) -> bytes:
    """The job file of the `turn`-th firing (from 0), as YAML."""
    job: Mapping[str, object] = schedule.job
    if schedule.themes:
        job = {**job, THEME: schedule.themes[turn % len(schedule.themes)]}
    return yaml.dump(_text(job), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=_WIDE).encode()


def sources(schedule: Schedule) -> Iterator[bytes]:
    """All job files that a schedule can make: one, or one for each theme."""
    for turn in range(max(1, len(schedule.themes))):
        yield source_of(schedule, turn)


def file_name(schedule: str) -> str:
    """The name by which a schedule's job file is read; its ending says the format."""
    return f"{schedule}.yaml"


class _Plain(yaml.SafeDumper):
    """Job files are text throughout: but for `null` no word needs quotes lest it be taken for something else."""


_Plain.yaml_implicit_resolvers = {
    first: [one for one in pairs if one[0].endswith(":null")]
    for first, pairs in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


def _text(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _text(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_text(each) for each in value]
    return None if value is None else str(value)
