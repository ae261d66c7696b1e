"""Power cuts: a daemon is killed at a system call, its two disks are what had reached them, and the next one starts."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image as Pictures

from stockgen.domain.errors import StockgenError
from stockgen.ledger import Ledger
from stockgen.pipeline.commands import Command, write_command
from tests.house import write_config
from tests.outbox_rules import sound
from tests.pipeline.stage import open_shop
from tests.torture.calls import CONFIG, Nest, Point, numbers, points
from tests.torture.disks import Pair, first_loop_taken
from tests.torture.promises import broken
from tests.torture.whole import faults, notes

KILL = "signal=KILL"
SIDE = 64  # pixels
MENDED = ".fixed.yaml"  # what lies beside a refused file, as its author may have meant it
UNNOTED = (f"{MENDED}.note.txt", ".png.note.txt")  # a picture is told of in the note of the job that named it
EMPTY_CELL = (232, 232, 232)  # of a contact sheet
TWO = f"prompt: a calm sea\nsize: {SIDE}x{SIDE}\ncount: 2\nmarkets: [adobe_stock]\n"
TRIES = f"prompt: a village\nsize: {SIDE}x{SIDE}\nbest_of: 2\ncontrol: village.png\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a daemon finds. `dropped`: files in the inbox; `before`: a life that nobody disturbs comes first, and then
    `ordered` is laid into `control/`. `pictures` and `baskets`: how many there must be in the end. `first`: nothing has
    ever been started there, so that the ledger is made, too.
    """

    dropped: Mapping[str, bytes]
    pictures: int
    refused: int = 0
    baskets: int = 0
    ordered: tuple[Command, ...] = ()
    first: bool = False


def _picture() -> bytes:
    out = io.BytesIO()
    Pictures.new("RGB", (32, 24), "red").save(out, "PNG")
    return out.getvalue()


FILES = {"sea.yaml": TWO.encode(), "wrong.yaml": b"promt: a fault\n"}
SCENES: Mapping[str, Scene] = MappingProxyType({
    "pictures": Scene(FILES, 2, refused=1),
    "first": Scene(FILES, 2, refused=1, first=True),
    "tries": Scene({"village.yaml": TRIES.encode(), "village.png": _picture()}, 1),
    "basket": Scene({"sea.yaml": TWO.encode()}, 2, baskets=1,
                    ordered=(Command(id="c1", name="basket", arguments={"market": "adobe_stock"}),)),
})  # fmt: skip


@dataclass
class Tally:
    """How many points were tried, and what was bad at which."""

    tried: int = 0
    bad: list[tuple[Point, list[str]]] = field(default_factory=list)


class Cutting:
    """Cuts of one scene, each from the same two disks. Everything lies in `folder`."""

    def __init__(self, nest: Nest, folder: Path, system: str, scene: Scene) -> None:
        self._nest, self._folder, self._scene = nest, folder, scene
        self._number = 0
        folder.mkdir()
        self._disks = Pair.made(folder / "disks", system)
        self.root = folder / "place"
        with self._disks.mounted(self.root):
            self._furnish()
        self._calls: dict[str, dict[str, list[int]]] = {}

    def _furnish(self) -> None:
        """Lay everything in place; it is on the disk once they are unmounted."""
        open_shop(self.root)
        write_config(self.root, CONFIG | {"markets": {"adobe_stock": {"per_week": 100, "basket": 50}}})
        inbox = self.root / "inbox"
        inbox.mkdir()
        if not self._scene.first:
            assert self._nest.life(self.root, log=self._folder / "born.log") == 0
        for name, data in self._scene.dropped.items():
            (inbox / name).write_bytes(data)
        if self._scene.ordered:
            assert self._nest.life(self.root, log=self._folder / "before.log") == 0
        for command in self._scene.ordered:
            write_command(self.root / ".stockgen" / "control", command)

    # -- which points there are --------------------------------------------------------------------------------

    def points(self, phase: str) -> dict[str, list[Point]]:
        """All of a phase, by call: each changes something on one of the disks."""
        if phase not in self._calls:
            with self._life(f"calls-{phase}") as life:
                life.lived(self._nest, Point(phase, "", 0, ""))
                came = life.trace.exists()  # not every scene comes to every phase
                self._calls[phase] = numbers(life.trace, str(self.root)) if came else {}
        found: dict[str, list[Point]] = {}
        for point in points(self._calls[phase], phase, KILL):
            found.setdefault(point.call, []).append(point)
        return found

    def shuffled(self, seed: str, phases: Sequence[str] = ("start", "shot.claimed")) -> Iterator[Point]:
        """Points in an order that the seed chooses, one of each call and phase after the other."""
        rng, turns = Random(seed), [each for phase in phases for each in self.points(phase).values()]
        for each in turns:
            rng.shuffle(each)
        for turn in range(max(map(len, turns))):
            yield from (each[turn] for each in turns if turn < len(each))

    # -- cutting -----------------------------------------------------------------------------------------------

    def cut(self, point: Point, spoil: str = "") -> list[str] | None:
        """Cut the power at a point and start again; return all that is not as it must be, None = it was never hit.

        `spoil`: a bug that the life before the cut has.
        """
        with self._life(str(self._number)) as life:
            self._number += 1
            if not os.WIFSIGNALED(life.lived(self._nest, point, spoil)):
                return None
            life.lose_power()
            found = broken(self.root, life.log, life.folder / "seen")
            return found or self._started_again(life)

    def every(self, phase: str, most: int) -> Iterator[Point]:
        """All points of a phase among the first `most` calls of a kind by a thread."""
        for each in self.points(phase).values():
            yield from (point for point in each if point.when <= most)

    def tried(self, points: Iterable[Point], enough: Callable[[], bool] = lambda: False, spoil: str = "") -> Tally:
        """Cut at one point after the other until it is enough."""
        tally = Tally()
        for point in points:
            if enough():
                break
            found = self.cut(point, spoil)
            if found is not None:
                tally.tried += 1
                tally.bad += [(point, found)] if found else []
        return tally

    def traced(self, spoil: str = "") -> tuple[Path, Path]:
        """A life that is not cut: where its trace and its log lie."""
        with self._life(f"traced {spoil}", keep=True) as life:
            life.lived(self._nest, Point("start", "", 0, ""), spoil)
            return life.trace, life.log

    def _started_again(self, life: _Life) -> list[str]:
        status = self._nest.life(self.root, log=life.folder / "after.log")
        code = os.waitstatus_to_exitcode(status)
        if code not in ((0, 1) if self._scene.refused else (0,)):
            return [f"the next start ends with {code}: {(life.folder / 'after.log').read_text()[-2000:]}"]
        try:
            unnoted = [each for each in notes(self.root) if not each.endswith(UNNOTED)]
            return faults(self.root) + unnoted + list(_ended(self.root, self._scene))
        except (StockgenError, OSError) as error:
            return [f"what is left can't be read: {error!r}"]

    @contextmanager
    def _life(self, name: str, keep: bool = False) -> Iterator[_Life]:
        folder = self._folder / name
        life = _Life(folder, self.root, self._disks.copied(folder / "disks"))
        life.mount()
        try:
            yield life
        finally:
            life.unmount()
            if not keep:
                shutil.rmtree(folder)


class _Life:
    """Two disks in place, until the power is cut; then what is left of them in the same place."""

    def __init__(self, folder: Path, root: Path, disks: Pair) -> None:
        self.folder, self.root, self._disks = folder, root, disks
        self.log, self.trace = folder / "log", folder / "trace"
        self._mounted: Any = None

    def mount(self) -> None:
        self._mounted = self._disks.mounted(self.root)
        self._mounted.__enter__()

    def unmount(self) -> None:
        if self._mounted:
            mounted, self._mounted = self._mounted, None
            mounted.__exit__(None, None, None)

    def lived(self, nest: Nest, point: Point, spoil: str = "") -> int:
        return nest.life(self.root, point, self.trace, self.log, spoil)

    def lose_power(self) -> None:
        left = self._disks.copied(self.folder / "left")
        self.unmount()
        before, self._disks = self._disks, left
        with first_loop_taken(before.files.file):
            self.mount()


def _ended(root: Path, scene: Scene) -> Iterator[str]:
    """What must be true of a scene when nothing is left to do."""
    inbox, outbox = root / "inbox", root / "outbox"
    for path in (*inbox.rglob("*"), *outbox.rglob("*")):
        if path.is_file() and not path.stat().st_size:
            yield f"nothing in it: {path.relative_to(root)}"
    masters = list(outbox.glob("*/*/images/*.jpg"))
    if len(masters) != scene.pictures:
        yield f"{len(masters)} pictures instead of {scene.pictures}"
    for path in masters:
        yield from (f"{path.name}: {fault}" for fault in sound(path.read_bytes(), (SIDE, SIDE)))
    yield from (f"a cell of {path.name} is empty" for path in outbox.glob("*/*/sheet-*.jpg") if _lacks(path))
    baskets = list(outbox.glob("upload/*/*"))
    if len(baskets) != scene.baskets:
        yield f"{len(baskets)} baskets instead of {scene.baskets}"
    for basket in baskets:
        names = {path.name for path in (basket / "1_pictures").iterdir()}
        table = (basket / "2_adobe_stock.csv").read_text()
        if len(names) != scene.pictures or any(name not in table for name in names):
            yield f"{basket.name} has {names}"
        for path in (basket / "1_pictures").iterdir():
            yield from (f"{path.name}: {fault}" for fault in sound(path.read_bytes(), (SIDE, SIDE)))
    refused = [path for path in (inbox / "rejected").iterdir() if not path.name.endswith((".note.txt", MENDED))]
    if len(refused) != scene.refused:
        yield f"{len(refused)} refused files instead of {scene.refused}"
    ledger = Ledger.reading(root / ".stockgen")
    try:
        if len(ledger.jobs.listed()) != 1:
            yield f"jobs: {ledger.jobs.listed()}"
        told = {row["sha256"] for row in ledger.query("SELECT sha256 FROM files WHERE role = 'master'")}
        if len(told) != scene.pictures:
            yield "the same picture twice"
    finally:
        ledger.close()


def _lacks(sheet: Path) -> bool:
    pixels = np.asarray(Pictures.open(sheet).convert("RGB"), np.int16)
    return bool((np.abs(pixels - EMPTY_CELL).max(axis=2) <= 2).mean() > 0.1)
