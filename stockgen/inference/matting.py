"""rembg: what of a picture is the thing that it shows. The only file that knows it.

Its sessions are asked for by name, never its default, whose model may not be sold with. It looks for a model's file in
its own folder and would fetch what is not there: so its folder is one of ours, with links to what was pulled.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stockgen.domain.errors import BadPicture, NotConfigured
from stockgen.files import make_folders, translated
from stockgen.inference.offline import Offline
from stockgen.inference.sessions import PROVIDERS, options
from stockgen.inference.sessions import translated as understood
from stockgen.inference.words import Tool

HOME = "U2NET_HOME"  # where rembg 2.0.86 looks first, whatever else is set


def at_home(environment: MutableMapping[str, str], home: Path) -> None:
    """Make `home` the folder that rembg looks in; to be called before it is imported."""
    environment[HOME] = str(home)


class Matting:
    """One model, loaded. `home` as in `at_home`. Raises NotConfigured, OutOfMemory, StorageFull, StorageLost."""

    def __init__(self, tool: Tool, home: Path) -> None:
        self.tool = tool
        custom = tool.session.endswith("_custom")
        file = home / "models" / (_own(tool) if custom else f"{tool.session}/{tool.session}.onnx")
        _link(file, tool.path)
        named = {"model_path": str(file)} if custom else {}
        self._session = _session(tool, named)

    def matte(self, picture: Image.Image) -> NDArray[np.uint8]:
        """How opaque each pixel is, height × width, 255 = wholly. `picture`: RGB.

        Raises BadPicture where the model finds nothing at all, NotConfigured, OutOfMemory.
        """
        with understood(self.tool.name):
            try:
                # It spreads whatever comes from the least to the most, and divides by nothing where all is one.
                with np.errstate(invalid="raise", divide="raise"):
                    (found, *_) = self._session.predict(picture)
            except FloatingPointError as error:
                raise BadPicture("cutout_nothing", model=self.tool.name) from error
            except (IndexError, ValueError, TypeError) as error:  # it takes another shape for granted
                raise _unusable(self.tool, error) from error
        return np.asarray(found.convert("L"), np.uint8)


def _session(tool: Tool, named: dict[str, str]) -> Any:
    with understood(tool.name):
        try:
            from rembg.session_factory import new_session  # type: ignore[import-untyped]

            return new_session(tool.session, providers=[*PROVIDERS], sess_opts=options(), **named)
        except ImportError as error:
            raise NotConfigured("no_onnx_packages") from error
        except Offline as error:
            command = f"stockgen models pull {tool.name}"
            raise NotConfigured("weights_missing", model=tool.name, command=command) from error
        except ValueError as error:
            raise _unusable(tool, error) from error


def _unusable(tool: Tool, error: Exception) -> NotConfigured:
    return NotConfigured("onnx_unusable", model=tool.name, detail=str(error)[:160])


def _own(tool: Tool) -> str:
    """A custom file's name there: one for each path, so that two are never taken for each other."""
    return f"{tool.session}/{hashlib.sha256(os.fsencode(tool.path)).hexdigest()[:16]}.onnx"


def _link(link: Path, target: Path) -> None:
    """Lead from `link` to `target`, whatever it led to before."""
    make_folders(link.parent)
    target = target.absolute()
    with translated(link):
        if link.is_symlink() and link.readlink() == target:
            return
        beside = link.with_name(f".{link.name}.tmp")
        beside.unlink(missing_ok=True)
        beside.symlink_to(target)
        beside.replace(link)
