"""Prompts of any length for CLIP encoders, which read 77 tokens at a time: pieces are encoded one by one and joined.

The first piece alone gives the pooled embedding, as everybody does who chunks (the compel library, AUTOMATIC1111).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PIECE = 75  # tokens of a piece, between its start and its end
LOOK_BACK = PIECE // 2  # tokens from the end of a piece in which the end of a phrase is looked for
ENDS = frozenset((",</w>", ".</w>", ";</w>"))
# Words with which another phrase begins. Not `of`: a cup of tea is one.
_JOINING = ("with", "and", "in", "on", "under", "near", "beside", "behind", "against", "while")
JOINS = frozenset(f"{word}</w>" for word in _JOINING)


def pieces(tokenizer: Any, text: str) -> list[list[int]]:
    """The tokens of `text` in pieces of 75 at most, cut between phrases as far as that can be; one piece at least."""
    ids = list(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
    cut: list[list[int]] = []
    while len(ids) > PIECE:
        at = _cut(tokenizer.convert_ids_to_tokens(ids[:PIECE]))
        cut.append(ids[:at])
        ids = ids[at:]
    return [*cut, ids]


def _cut(tokens: Sequence[str]) -> int:
    """After how many tokens to cut: behind the last sign that ends a phrase, else before the last word that joins two,
    else behind the last whole word.
    """
    late = range(len(tokens) - LOOK_BACK, len(tokens))
    ends = [at for at in late if tokens[at] in ENDS]
    joins = [at - 1 for at in late if tokens[at] in JOINS]
    words = [at for at in range(1, len(tokens)) if tokens[at].endswith("</w>")]
    return (ends or joins or words or [len(tokens) - 1])[-1] + 1


def embedded(tokenizers: Sequence[Any], encoders: Sequence[Any], text: str, count: int = 1) -> tuple[Any, Any]:
    """The embedding of `text` by all encoders side by side, 1 × (77 · pieces) × width, and the pooled one, 1 × width.

    `count`: pieces at least; empty ones are added. Texts of up to 75 tokens come out as diffusers encodes them.
    """
    import torch

    joined, pooled = [], None
    for tokenizer, encoder in zip(tokenizers, encoders, strict=True):
        parts = pieces(tokenizer, text)
        parts += [[]] * (count - len(parts))
        states = []
        for number, part in enumerate(parts):
            output = encoder(_framed(tokenizer, part).to(_device(encoder)), output_hidden_states=True)
            states.append(output.hidden_states[-2])  # SDXL was trained on the last but one
            if number == 0 and output[0].ndim == 2:
                pooled = output[0]
        joined.append(torch.cat(states, dim=1))
    return torch.cat(joined, dim=-1), pooled


def _framed(tokenizer: Any, ids: Sequence[int]) -> Any:
    import torch

    row = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]
    row += [tokenizer.pad_token_id] * (tokenizer.model_max_length - len(row))
    return torch.tensor([row])


def _device(encoder: Any) -> Any:
    """Where its inputs go; streamed encoders say it by their hooks."""
    from diffusers.utils.torch_utils import get_module_execution_device

    return get_module_execution_device(encoder)
