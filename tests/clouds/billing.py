"""What a picture costs: tokens by the services' own counts, money by their price lists of November 2026.

USD per million tokens is micro-USD per token. Prices and tokens of gpt-image-2, 2.5, 2.6 and gemini-nano-banana-2.1 are
those of the price pages and of their calculator; of gpt-image-1.5 and mini the table of tokens per picture that OpenAI
publishes; qualities above high, and the text of flash-lite, are guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

LETTERS = 4  # of a token, about
# Cells along the longer side, by the service's own calculator as its forum tells it (thread 1382699); 2.6 is a guess.
CELLS: Mapping[str, Mapping[str, int]] = MappingProxyType({
    "gpt-image-2": {"low": 16, "medium": 48, "high": 96},
    "gpt-image-2.5": {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96},
})  # fmt: skip
FIXED = MappingProxyType({"low": 272, "medium": 1056, "high": 4160})  # at 1024 × 1024; × 1.5 at the two larger sizes


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-USD per token of text in, of text out, of pictures out."""

    text: Fraction
    image: Fraction
    words: Fraction = Fraction(0)


def _price(text: str, image: str, words: str = "0") -> Price:
    return Price(Fraction(text), Fraction(image), Fraction(words))


PRICES: Mapping[str, Price] = MappingProxyType({
    "gpt-image-1-mini": _price("2", "8"), "gpt-image-1.5": _price("5", "32"), "chatgpt-image-latest": _price("5", "32"),
    "gpt-image-2": _price("5", "30"), "gemini-nano-banana-2.1": _price("1.5", "30", "7.5"),
    "gemini-3-pro-image": _price("2", "120", "12"), "gemini-3.1-flash-lite-image": _price("0.25", "30", "1.5"),
})  # fmt: skip
_SIZES = MappingProxyType({"1K": 1120, "2K": 1680, "4K": 2520})
GEMINI_TOKENS: Mapping[str, Mapping[str, int]] = MappingProxyType({
    "gemini-nano-banana-2.1": _SIZES, "gemini-3-pro-image": {"1K": 1120, "2K": 1120, "4K": 2000},
    "gemini-3.1-flash-lite-image": {"1K": 1120},
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens: of the prompt, of pictures, of text that was written."""

    text: int = 0
    image: int = 0
    words: int = 0

    def micros(self, model: str) -> int:
        """Micro-USD, rounded up to whole ones for each request."""
        price = price_of(model)
        exact = self.text * price.text + self.image * price.image + self.words * price.words
        return -(-exact.numerator // exact.denominator)


def price_of(model: str) -> Price:
    """Of a model; snapshots and the models of 2.5 and 2.6 cost what gpt-image-2 does."""
    if model in PRICES:
        return PRICES[model]
    return PRICES["gpt-image-2"]


def text_tokens(prompt: str) -> int:
    """Of a prompt, about."""
    return -(-len(prompt) // LETTERS)


def openai_tokens(model: str, size: tuple[int, int], quality: str) -> int:
    """Of one picture of so many pixels."""
    if price_of(model) is PRICES["gpt-image-2"]:
        cells = CELLS["gpt-image-2" if model.partition("-2026")[0] == "gpt-image-2" else "gpt-image-2.5"]
        longer, (less, more) = cells[quality], sorted(size)
        return round(longer * int(longer * less / more + 0.5) * (2 + less * more / 1e6) / 4)
    return round(FIXED[quality] * size[0] * size[1] / 1024**2)
