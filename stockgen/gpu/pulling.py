"""Which files a model needs, whether they fit on the disk, and their way into and out of the hub's cache."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Protocol

from stockgen.data.catalog import Model, Weights
from stockgen.domain.errors import NotPulled
from stockgen.gpu.hub import Hub, delete
from stockgen.gpu.repository import Repository, repository_folder, sweep
from stockgen.gpu.weights import Pulled, WeightsIndex, size_of

INDEX = "model_index.json"
WEIGHTS = ".safetensors"
WORDS = (".json", ".txt", ".model", ".jinja")  # configs, vocabularies (`.model` is SentencePiece's), chat templates
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")  # loading one runs whatever its maker put in
SPARE = 1 << 30  # bytes that stay free: the ledger and pictures are written meanwhile
GIB = 1 << 30
_COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What pulling one model means. `paths`: its files; `coming`: bytes that are not here yet."""

    model: Model
    at: Repository
    paths: Sequence[str]
    coming: int


def needed(models: Mapping[str, Model], name: str) -> list[Model]:
    """A model and all that it can't draw without: its base, and the VAE of either."""
    found: dict[str, Model] = {}
    waiting = [name]
    while waiting:
        model = models[waiting.pop(0)]
        if model.name not in found:
            found[model.name] = model
            waiting += [each for each in (model.base, model.vae) if each in models]
    return list(found.values())


def dependents(models: Mapping[str, Model], name: str) -> list[str]:
    """Models that can't draw without this one."""
    return [one for one in models if one != name and any(each.name == name for each in needed(models, one))]


def planned(model: Model, weights: Weights, hub: Hub, index: WeightsIndex) -> Plan | None:
    """What is to be fetched, at the commit that was kept, else at what `revision` is now; None = it is all here.

    Raises NotPulled.
    """
    kept = index.pulled(model.name)
    pinned = _COMMIT.fullmatch(weights.revision) is not None
    if kept is not None and (not pinned or kept.revision == weights.revision) and _is_whole(kept):
        return None
    revision = kept.revision if kept is not None and not pinned else weights.revision
    at = hub.look(weights.source, revision)
    paths = wanted(at, weights.files, hub)
    return Plan(model, at, paths, hub.coming(at, paths))


class Coming(Protocol):
    """Something that will be fetched."""

    @property
    def coming(self) -> int:
        """Bytes that are not here yet."""
        ...


def check_room(plans: Iterable[Coming], cache: Path, free: Callable[[Path], int], again: str) -> None:
    """`free`: bytes that are left where a folder lies. Raises NotPulled `hub_no_room`."""
    coming, room = sum(plan.coming for plan in plans), free(cache)
    if coming and coming + SPARE > room:
        facts = {"needed": f"{(coming + SPARE) / GIB:.1f}", "free": f"{room / GIB:.1f}", "path": str(cache)}
        raise NotPulled("hub_no_room", command=again, **facts)


def carry_out(plan: Plan, hub: Hub, index: WeightsIndex, told: Callable[[int], None]) -> Pulled:
    """Fetch what is planned; it is written down only when every file is there, whole. Raises NotPulled."""
    folder = hub.fetch(plan.at, plan.paths, told)
    sizes = {path: _size(folder / path) for path in plan.paths}
    short = [path for path in plan.paths if sizes[path] != plan.at.files[path].bytes]
    if short:
        raise NotPulled("hub_short", source=plan.at.source, files=short, command=hub.again)
    pulled = Pulled(str(folder), plan.at.commit, sum(sizes.values()))
    index.record(plan.model.name, pulled)
    return pulled


def removed(model: Model, hub: Hub, index: WeightsIndex) -> int:
    """Forget a model and delete its files, but those that another one uses. Return the bytes freed."""
    pulled = index.pulled(model.name)
    index.forget(model.name)
    if model.weights is None or not model.weights.on_hub:
        return 0
    others = {kept.path for kept in map(index.pulled, index.names()) if kept}
    freed = 0
    folder = repository_folder(hub.cache, model.weights.source)
    if pulled is not None:
        folder = Path(pulled.path).parents[1]  # the cache may have been elsewhere then
        freed = delete(Path(pulled.path)) if pulled.path not in others and Path(pulled.path).is_dir() else 0
    return freed + sweep(folder)


# -- which files ---------------------------------------------------------------------------------------------------


def wanted(at: Repository, patterns: Sequence[str], hub: Hub) -> list[str]:
    """The files of a repository that a model needs: what its catalogue entry names, else the whole pipeline.

    Raises NotPulled `hub_pickle` where weights are there as pickles only, `hub_nothing` where none are.
    """
    if patterns:
        chosen = [path for path in at.files if any(_fits(path, pattern) for pattern in patterns)]
    else:
        chosen = pipeline_files(at.files, parts(hub.read(at, INDEX)) if INDEX in at.files else None)
    safe = [path for path in chosen if path.endswith((WEIGHTS, *WORDS))]
    with_weights = {_folder(path) for path in safe if path.endswith(WEIGHTS)}
    pickled = [path for path in chosen if path.endswith(PICKLES) and _folder(path) not in with_weights]
    if pickled:
        raise NotPulled("hub_pickle", source=at.source, files=pickled)
    if not with_weights:
        raise NotPulled("hub_nothing", source=at.source)
    return safe


def parts(index: bytes) -> list[str]:
    """The folders that a `model_index.json` speaks of. Raises NotPulled `bad_index`."""
    try:
        plain = json.loads(index)
        return [name for name, one in plain.items() if isinstance(one, list) and one[0]]
    except (ValueError, AttributeError, IndexError) as error:
        raise NotPulled("bad_index") from error


def pipeline_files(files: Iterable[str], folders: Sequence[str] | None) -> list[str]:
    """The files of a pipeline's parts, in half precision where both are there; `folders` None: those at the top.

    Many repositories hold the same weights two or three times: whole checkpoints, fp16 and fp32, ONNX.
    """
    if folders is None:
        return [path for path in files if "/" not in path]
    inside = [path for path in files if path == INDEX or _folder(path) in folders]
    halves = {_folder(path) for path in inside if is_half(path)}
    doubled = [path for path in inside if is_weights(path) and _folder(path) in halves and not is_half(path)]
    return [path for path in inside if path not in doubled]


def is_weights(path: str) -> bool:
    """Whether a file holds weights, or says in which files they are."""
    return path.endswith((WEIGHTS, f"{WEIGHTS}.index.json", *PICKLES))


def is_half(path: str) -> bool:
    """Whether this is the half-precision twin of other weights."""
    return path.endswith(WEIGHTS) and ".fp16" in PurePosixPath(path).name


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path, f"{pattern}*" if pattern.endswith("/") else pattern)


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _is_whole(kept: Pulled) -> bool:
    folder = Path(kept.path)
    return folder.is_dir() and size_of(folder) >= kept.bytes


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else -1
