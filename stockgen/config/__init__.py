"""`config.yaml`: read once, frozen, handed in."""

from stockgen.config.faults import faults
from stockgen.config.load import changed, find, load, named
from stockgen.config.model import Config

__all__ = ["Config", "changed", "faults", "find", "load", "named"]
