"""Whether an idea is new (docs/novelty.md)."""

from stockgen.pipeline.novelty.novelty import Novelty

__all__ = ["Novelty"]
