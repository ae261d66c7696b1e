"""Text models at work on words: what ideas are written with, and what puts refused words differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from stockgen.domain.protocols import Writer
from stockgen.modes.translating import Translator
from stockgen.modes.written import needs_writer, written_modes
from stockgen.pipeline.errand import Pen
from stockgen.pipeline.lawful import Clear
from stockgen.pipeline.other_words import Thesaurus
from stockgen.pipeline.sound import consistent
from stockgen.pipeline.writer_chain import WriterChain
from stockgen.pipeline.writing import Stopwatch

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue


def pen(catalogue: Catalogue) -> Pen:
    """What ideas are written with; the catalogue has a text model. Raises ConfigError."""
    material, prompts, seasons = catalogue.material, catalogue.prompts, catalogue.seasons
    writer, steps = _asked(catalogue, catalogue.writers), Counter[str]()
    return Pen(
        writer=writer,
        modes=written_modes(material, writer, prompts, seasons, lambda step: steps.update((step,))),
        needs=lambda order, look: needs_writer(order, material, look),
        translate=Translator(material, writer, prompts),
        clear=_clear(catalogue),
        steps=steps,
    )


def thesaurus(catalogue: Catalogue, writers: Mapping[str, Writer]) -> Thesaurus:
    """What refused words are put differently with. `writers`: of a thread of its own. Raises ConfigError."""
    return Thesaurus(_asked(catalogue, writers), catalogue.prompts, _clear(catalogue))


def _asked(catalogue: Catalogue, writers: Mapping[str, Writer]) -> Stopwatch:
    chain = WriterChain(tuple(writers.values()), catalogue.clock.monotonic)
    return Stopwatch(chain, catalogue.clock.monotonic)


def _clear(catalogue: Catalogue) -> Clear:
    return Clear(lambda: catalogue.lint, lambda idea: consistent(idea, catalogue.prompting))
