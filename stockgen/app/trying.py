"""One picture now, without the daemon: a real lane for one shot of one model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from stockgen.app.catalogue import Catalogue
from stockgen.app.plugins import configured
from stockgen.data.catalog import Model
from stockgen.domain.errors import LaneDied, PluginBroke, StockgenError
from stockgen.domain.protocols import Clock, Fit, Outcome, Progress, Shot
from stockgen.files import translated
from stockgen.lanes.process import ProcessLane
from stockgen.lanes.spec import LaneSpec, ProviderSpec, Setup, build, furnished

PATIENCE = 300.0  # seconds of silence after which the lane counts as stuck: large models load for minutes
LOOK = 0.1  # seconds between looks at how far it is
END = 5.0  # seconds that the lane gets to end
PIXELS = 1024 * 1024  # of a model that says nothing of its own
ONE = 1  # the shot's number


def device_of_lane(catalogue: Catalogue) -> tuple[Setup, Mapping[str, str]]:
    """The device that a single picture is drawn on, with the variables that the lane's process needs for it."""
    devices = catalogue.devices
    return catalogue.setup, devices[0].environment if devices else {}


def provider_of(catalogue: Catalogue, model: Model) -> ProviderSpec:
    """The provider of a model, as the config has it or with its own defaults. Raises ConfigError."""
    options = catalogue.config.providers.get(model.provider, {})
    return configured(catalogue.plugin_modules, {model.provider: options})[model.provider]


def try_(
    catalogue: Catalogue, model: Model, prompt: str, seed: int, clock: Clock, told: Callable[[Progress], None]
) -> tuple[Outcome, bytes]:
    """Draw one picture; return what is known of it and the file's bytes. `told` is called while it is drawn.

    Raises NotConfigured where something is missing, RenderError where no picture came.
    """
    spec = provider_of(catalogue, model)
    setup, environment = device_of_lane(catalogue)
    provider = build(spec, furnished(setup, clock.monotonic))
    missing = provider.missing(model.name)
    if missing is not None:
        raise missing
    fit = provider.fit(_shot(model, prompt, seed))
    with tempfile.TemporaryDirectory(prefix="stockgen-try-") as folder:
        spool, wake = Path(folder) / "spool", Event()
        spool.mkdir()
        place = LaneSpec("try", provider.place, (spec,), PATIENCE, setup, environment)
        lane = ProcessLane(place, clock, wake.set, Path(folder) / "children")
        try:
            outcome = _drawn(lane, fit, spool, clock, wake, told)
            return outcome, _bytes(outcome)
        finally:
            lane.close(clock.monotonic() + END)


def as_png(raw: bytes, target: Path) -> None:
    """Save a raw picture (PNG, PPM, TIFF) as PNG. Raises StorageFull, StorageLost."""
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(raw)) as picture, translated(target):
        picture.save(target, "PNG")


def _shot(model: Model, prompt: str, seed: int) -> Shot:
    side = int((model.drawing.pixels if model.drawing else PIXELS) ** 0.5)
    wish = {"models": {model.provider: model.name}, "exact": True}
    return Shot(id=ONE, job="try", idea=ONE, prompt=prompt, seed=seed, width=side, height=side, wish=wish,
                chain=(model.provider,))  # fmt: skip


def _drawn(
    lane: ProcessLane, fit: Fit, spool: Path, clock: Clock, wake: Event, told: Callable[[Progress], None]
) -> Outcome:
    """Wait for the lane, then for the picture. Raises LaneDied, or whatever the picture's error is."""
    offered = False
    while True:
        offered = offered or lane.offer([fit], spool)
        came = lane.take()
        if came:
            return _good(came[0])
        health, why = lane.health(clock.monotonic())
        if health != "up":
            raise LaneDied("lane_died", lane=lane.name, why=why)
        told(lane.progress())
        wake.wait(LOOK)
        wake.clear()


def _good(outcome: Outcome) -> Outcome:
    if isinstance(outcome.error, StockgenError):
        raise outcome.error
    if outcome.error is not None or outcome.file is None:
        raise PluginBroke("plugin_broke", detail=str(outcome.error or "no file"))
    return outcome


def _bytes(outcome: Outcome) -> bytes:
    assert outcome.file is not None
    return outcome.file.read_bytes()
