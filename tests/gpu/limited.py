"""A device with as much memory as it is told: a full `Device` on the CPU that counts what is put there and refuses
more, as a card does; also while layers work, whose activations it counts by the rows of a batch.
"""

from __future__ import annotations

from typing import Any

from stockgen.gpu.stack import bytes_of


class Limited:
    """`limit`: bytes. `row`: bytes of activations for each row of a batch that goes through a part; `dtype`: what all
    models are loaded in. `moves`: what came and went.
    """

    name = "cpu"

    def __init__(self, limit: int, row: int = 0, dtype: str = "float32") -> None:
        self.limit = limit
        self.row = row
        self._dtype = dtype
        self._there: dict[int, int] = {}
        self._hooks: dict[int, Any] = {}
        self.peak = 0
        self.refused = 0
        self.moves: list[str] = []

    @property
    def held(self) -> int:
        return sum(self._there.values())

    def free(self) -> int:
        return self.limit - self.held

    def dtype(self, wanted: str) -> Any:
        import torch

        return getattr(torch, self._dtype)

    def put(self, module: Any) -> None:
        self._take(bytes_of(module))
        self._there[id(module)] = bytes_of(module)
        self._hooks[id(module)] = module.register_forward_pre_hook(self._working, with_kwargs=True)
        self.moves.append(f"+{type(module).__name__}")

    def park(self, module: Any) -> None:
        self._there.pop(id(module))
        self._hooks.pop(id(module)).remove()
        self.moves.append(f"-{type(module).__name__}")

    def empty(self) -> None:
        """Nothing is cached."""

    def _working(self, _module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = [one for one in (*args, *kwargs.values()) if hasattr(one, "shape") and len(one.shape)]
        self._take(self.row * max(one.shape[0] for one in given))

    def _take(self, more: int) -> None:
        import torch

        if self.held + more > self.limit:
            self.refused += 1
            raise torch.OutOfMemoryError(f"{self.held} + {more} > {self.limit}")
        self.peak = max(self.peak, self.held + more)
