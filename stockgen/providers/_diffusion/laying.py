"""LoRAs over a warm pipeline, and off it again: afterwards it draws bit for bit what it drew before.

Nothing is ever added into the model's own weights, which could not be taken back to the last bit: adapters of peft
stand beside its layers and are taken out again. One that leaves text encoders alone is swapped hot for the next where
that has the same layers or fewer of them: a compiled denoiser then stays compiled (huggingface/peft, "hotswap").
To be called on the thread that renders, as everything that changes models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from stockgen.domain.errors import NotConfigured
from stockgen.gpu.stack import Stack, bytes_of
from stockgen.providers._diffusion.adapters import (
    Matrices,
    adapted,
    enable,
    insert,
    prepare,
    read,
    restream,
    scales,
    strip,
)
from stockgen.providers._diffusion.loading import hush
from stockgen.providers._diffusion.loras import Worn
from stockgen.providers._diffusion.trouble import is_out_of_memory, is_poison

RANK = 32  # room that the slot has at least: most LoRAs have 4 to 32, and a larger one makes a slot anew
SLOT = "slot"


@dataclass
class Overlay:
    """What is laid over one pipeline. `worn` None = nobody knows, after a try that failed."""

    worn: tuple[Worn, ...] | None = ()
    made: dict[str, Matrices] = field(default_factory=dict)  # adapter → what it was made of
    own: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)  # adapter → its layers, each with its scale
    room: int = 0  # of the slot, 0 = there is none

    @property
    def reading(self) -> tuple[Worn, ...]:
        """Those that change what text encoders say."""
        return tuple(one for one in self.worn or () if self.made[_adapter(self, one)].encoders)


def lay(stack: Stack, pipe: Any, wanted: Sequence[Worn]) -> None:
    """Have exactly `wanted` over a stack's pipeline. Raises NotConfigured `lora_unusable` naming the one that can't be
    used; then nothing is over it.
    """
    wanted = tuple(wanted)
    if stack.overlay is None:
        if not wanted:
            return
        stack.overlay = Overlay()
    if stack.overlay.worn == wanted:
        return
    stack.overlay.worn, before = None, stack.overlay.worn
    try:
        _change(stack, pipe, before, wanted)
    except BaseException:
        _off(stack, pipe)
        raise
    stack.overlay.worn = wanted
    _measure(stack, pipe)


def reading(stack: Stack) -> tuple[Worn, ...]:
    """The LoRAs through which a stack's text encoders read: words that were read otherwise must be read again."""
    return stack.overlay.reading if stack.overlay is not None else ()


@contextmanager
def bare(module: Any) -> Iterator[None]:
    """While it lasts, a part works as if nothing were laid over it."""
    if getattr(module, "peft_config", None):
        enable(module, on=False)
        try:
            yield
        finally:
            enable(module, on=True)
    else:
        yield


def _change(stack: Stack, pipe: Any, before: tuple[Worn, ...] | None, wanted: tuple[Worn, ...]) -> None:
    overlay = stack.overlay
    if before is not None and [_file(one) for one in before] == [_file(one) for one in wanted] and wanted:
        _weigh(overlay, wanted)
    elif not wanted and overlay.room and stack.compiled and before is not None:
        for part in _parts(pipe).values():  # taking it out would have the denoiser compiled anew
            enable(part, on=False)
    elif not _swapped(stack, pipe, before, wanted):
        _off(stack, pipe)
        for one in wanted:
            _on(stack, pipe, one, alone=len(wanted) == 1)
        _weigh(stack.overlay, wanted)


def _swapped(stack: Stack, pipe: Any, before: tuple[Worn, ...] | None, wanted: tuple[Worn, ...]) -> bool:
    """Whether the only LoRA could be swapped for the only one that is wanted."""
    overlay = stack.overlay
    if not overlay.room or before is None or len(wanted) != 1 or stack.streaming:
        return False
    new = _read(pipe, wanted[0])
    if new.encoders or new.rank > overlay.room or not new.layers <= overlay.made[SLOT].layers:
        return False
    try:
        for name, part in _parts(pipe).items():
            insert(part, name, new, SLOT, hot=True)
    except (ValueError, RuntimeError, NotImplementedError) as error:
        if is_out_of_memory(error) or is_poison(error):
            raise
        return False  # of another make, such as DoRA: it is laid in full
    overlay.made[SLOT] = replace(new, layers=overlay.made[SLOT].layers)
    for part in _parts(pipe).values():
        enable(part, on=True)
    overlay.own[SLOT] = [one for part in _parts(pipe).values() for one in scales(part, SLOT)]
    _weigh(overlay, wanted)
    return True


def _on(stack: Stack, pipe: Any, one: Worn, *, alone: bool) -> None:
    overlay, new = stack.overlay, _read(pipe, one)
    slot = alone and not new.encoders and not stack.streaming
    adapter = SLOT if slot else _plain(one)
    overlay.room = max(RANK, new.rank) if slot else 0
    with _told(one):
        for name, part in _parts(pipe).items():
            if slot:
                prepare(part, overlay.room)
            insert(part, name, new, adapter)
            restream(part)
        overlay.own[adapter] = [one for part in _parts(pipe).values() for one in scales(part, adapter)]
        if not overlay.own[adapter]:
            raise ValueError("no layer of the model has its name")
    overlay.made[adapter] = new


def _off(stack: Stack, pipe: Any) -> None:
    """The pipeline as it was loaded."""
    for part in _parts(pipe).values():
        if adapted(part):
            strip(part)
            restream(part)
    stack.overlay = Overlay()
    _measure(stack, pipe)


def _weigh(overlay: Overlay, wanted: Sequence[Worn]) -> None:
    """Each with its weight. peft's own `set_scale` reckons with the alpha of whatever was in the slot first."""
    adapters = {_adapter(overlay, one): one.weight for one in wanted}
    for adapter, weight in adapters.items():
        for layer, own in overlay.own[adapter]:
            layer.scaling[adapter] = own * weight
            layer.set_adapter([*adapters])
            layer.requires_grad_(False)


def _read(pipe: Any, one: Worn) -> Matrices:
    with _told(one):
        hush()
        return read(pipe, one.file, _parts(pipe))


@contextmanager
def _told(one: Worn) -> Iterator[None]:
    """Raises NotConfigured `lora_unusable`, `no_packages` where peft is missing."""
    try:
        from safetensors import SafetensorError

        yield
    except ImportError as error:
        raise NotConfigured("no_packages") from error
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RuntimeError, IndexError,
            SafetensorError) as error:  # fmt: skip
        if is_out_of_memory(error) or is_poison(error):
            raise
        detail = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise NotConfigured("lora_unusable", lora=one.name, detail=detail) from error


def _parts(pipe: Any) -> Mapping[str, Any]:
    """The parts that LoRAs can change, by their names in files."""
    import torch

    found = {name: getattr(pipe, name, None) for name in getattr(pipe, "_lora_loadable_modules", ())}
    return {name: part for name, part in found.items() if isinstance(part, torch.nn.Module)}


def _measure(stack: Stack, pipe: Any) -> None:
    """Its parts are larger, or as they were."""
    parts = [*_parts(pipe).values()]
    sizes = {name: bytes_of(part) for name, part in stack.parts.items() if any(part is one for one in parts)}
    stack.need = replace(stack.need, parts={**stack.need.parts, **sizes})


def _adapter(overlay: Overlay, one: Worn) -> str:
    return SLOT if overlay.room else _plain(one)


def _plain(one: Worn) -> str:
    """A name that a module may have: peft keeps adapters as modules of that name."""
    return "a" + one.name.encode().hex()


def _file(one: Worn) -> tuple[Any, ...]:
    return one.file, one.stamp
