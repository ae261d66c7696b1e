"""`config.yaml`: read once, frozen, handed in."""

from stockgen.config.load import changed, faults, find, load
from stockgen.config.model import Config

__all__ = ["Config", "changed", "faults", "find", "load"]
