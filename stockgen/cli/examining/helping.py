"""What helps to draw and to sell: text models, keys, and what is known of markets and services."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from stockgen.cli.desk import Session
from stockgen.cli.examining.findings import Finding
from stockgen.cli.secrets import open_ones, whereabouts
from stockgen.config.secrets import listed
from stockgen.domain.errors import WriterAway, WriterError
from stockgen.domain.protocols import Writer
from stockgen.domain.words import Remark


def markets(session: Session) -> Iterator[Finding]:
    """Whether the rules of the markets that are used here were looked up not too long ago."""
    catalogue = session.catalogue
    used = {*catalogue.config.defaults.markets, *catalogue.config.markets}
    for name, told in catalogue.stale_markets.items():
        if name in used:
            yield None, told


def secrets(session: Session) -> Iterator[Finding]:
    """Which keys are here, and files of keys that others may read: those are not used."""
    for one in listed(os.environ, session.catalogue.secrets):
        if one.found and not one.found[0].shown:
            yield True, Remark("doctor.key", facts={"name": one.called, "where": whereabouts(one.found[0])})
    for told in open_ones(session):
        yield False, told


def writers(session: Session) -> Iterator[Finding]:
    """Each text model: does it answer, and is all there that the config promises of it?"""
    for writer in session.catalogue.writers.values():
        ready, lacking = _state_of(writer)
        if ready:
            yield True, Remark("doctor.writer_ready", facts={"writer": writer.name})
        for one in lacking:
            yield False, Remark("doctor.writer_not_ready", facts={"writer": writer.name, "why": one.remark})


def _state_of(writer: Writer) -> tuple[bool, Sequence[WriterError]]:
    """Whether it can write, and what it lacks for that, or else for the rest."""
    try:
        lack = writer.missing()
        return lack is None, [lack] if lack else [*writer.also_missing()]
    except WriterAway as error:
        return False, [error]


def leavers(session: Session) -> Iterator[Finding]:
    """Models of the config that their service has switched off, or soon will."""
    for told in session.catalogue.departures:
        yield None, told
