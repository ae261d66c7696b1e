"""The model hub: what a repository holds, its files fetched so that a broken download goes on, and deleted again.

The only file that knows huggingface_hub. Files go into its ordinary cache, where other programs find them too.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stockgen.domain.errors import NotConfigured, NotPulled, StockgenError
from stockgen.files import sha256_file, storage_error, why
from stockgen.gpu.headers import LENGTH, Header, header_length, parsed_header
from stockgen.gpu.repository import RemoteFile, Repository, folder_name


class Hub:
    """`again`: the command that a person is told to type once what was in the way is mended. `endpoint`, `cache`: None
    = as huggingface_hub finds them (`HF_ENDPOINT`, `HF_HOME`).

    Every method raises NotPulled with a sentence of what to do, and NotConfigured `no_packages`.
    """

    def __init__(
        self, again: str, token: str | None = None, endpoint: str | None = None, cache: Path | None = None
    ) -> None:
        self.again = again
        self._token = token
        self._endpoint = endpoint
        self._cache = cache

    @property
    def cache(self) -> Path:
        """The folder with all repositories."""
        with _packages():
            from huggingface_hub import constants

        return self._cache or Path(constants.HF_HUB_CACHE).expanduser()

    def look(self, source: str, revision: str) -> Repository:
        """A repository as it is at `revision`, which becomes a commit."""
        with self._translated(source, revision):
            info = self._api().model_info(source, revision=revision, files_metadata=True)
        files = {one.rfilename: RemoteFile(one.size or 0, one.lfs.sha256 if one.lfs else "") for one in info.siblings}
        card = info.card_data.to_dict() if info.card_data else {}
        licence = card.get("license_name") or card.get("license") or ""
        link = str(card.get("license_link") or "")
        link = link if "://" in link else ""  # else it is the name of a file beside the card
        origin = card.get("base_model") or ()
        made_from = (origin,) if isinstance(origin, str) else tuple(map(str, origin))
        return Repository(source, str(info.sha), files, _words(licence), link, bool(info.gated), made_from)

    def read(self, at: Repository, path: str) -> bytes:
        """One small file."""
        from huggingface_hub import hf_hub_download

        with self._translated(at.source, at.commit):
            local = hf_hub_download(
                at.source, path, revision=at.commit, token=self._token, endpoint=self._endpoint, cache_dir=self.cache
            )
            return Path(local).read_bytes()

    def header(self, at: Repository, path: str) -> Header:
        """What a `.safetensors` says of itself, without fetching the rest."""
        length = header_length(self._part(at, path, 0, LENGTH), path)
        return parsed_header(self._part(at, path, LENGTH, length), path)

    def coming(self, at: Repository, paths: Sequence[str]) -> int:
        """Bytes that fetching these would still bring."""
        with self._translated(at.source, at.commit):
            told = self._snapshot(at, paths, dry_run=True)
        return sum((one.file_size or 0) - self._begun(at, one.filename) for one in told if one.will_download)

    def fetch(self, at: Repository, paths: Sequence[str], told: Callable[[int], None]) -> Path:
        """Fetch these files and return the folder that they lie in. `told`: bytes that have come since the last call.

        huggingface_hub 2.4 begins a file anew after its process was killed, so large files are fetched here into its
        cache first; what it then finds is not fetched again.
        """
        with self._translated(at.source, at.commit):
            for path in paths:
                if at.files[path].sha256 and not (self._blobs(at.source) / at.files[path].sha256).exists():
                    self._fetch(at, path, told)
            return Path(self._snapshot(at, paths))

    # -- one file ----------------------------------------------------------------------------------------------

    def _fetch(self, at: Repository, path: str, told: Callable[[int], None]) -> None:
        """Go on with a large file where an earlier process ended. It is under its name only when its sum is right."""
        from huggingface_hub import constants
        from huggingface_hub.file_download import http_get

        wanted = at.files[path]
        if wanted.bytes > constants.MAX_HTTP_DOWNLOAD_SIZE:
            return  # only huggingface_hub's own protocol brings these
        blob, partial = self._blobs(at.source) / wanted.sha256, self._partial(at.source, wanted)
        # The very lock that huggingface_hub takes, so that other programs wait for us and we for them.
        lock = self.cache / ".locks" / folder_name(at.source) / f"{wanted.sha256}.lock"
        for folder in (lock.parent, blob.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with _inside().WeakFileLock(lock):
            if blob.exists():
                return
            url, headers = self._place(at, path)
            partial.touch()
            begun = self._begun(at, path)
            with partial.open("r+b") as file:
                file.seek(begun)
                file.truncate()
                http_get(
                    url, file, resume_size=begun, headers=headers, expected_size=wanted.bytes, tqdm_class=_bar(told)
                )
            self._sealed(at, path, partial, blob)

    def _sealed(self, at: Repository, path: str, partial: Path, blob: Path) -> None:
        if sha256_file(partial) != at.files[path].sha256:
            partial.unlink()
            raise NotPulled("hub_damaged", source=at.source, file=path, command=self.again)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(blob)

    def _place(self, at: Repository, path: str) -> tuple[str, dict[str, str]]:
        """Where a file really lies, and what to send there: no token to a foreign host."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        url = hf_hub_url(at.source, path, revision=at.commit, endpoint=self._endpoint)
        headers = dict(_inside().build_hf_headers(token=self._token)) | {"Accept-Encoding": "identity"}
        found = get_hf_file_metadata(url, token=self._token, endpoint=self._endpoint)
        if urlsplit(found.location).netloc != urlsplit(url).netloc:
            headers.pop("authorization", None)
        return found.location, headers

    def _part(self, at: Repository, path: str, start: int, count: int) -> bytes:
        with self._translated(at.source, at.commit):
            url, headers = self._place(at, path)
            headers["Range"] = f"bytes={start}-{start + count - 1}"
            with _inside().get_session().stream("GET", url, headers=headers) as answer:
                _inside().hf_raise_for_status(answer)
                if answer.status_code != 206:  # it would send gigabytes
                    raise NotPulled("hub_trouble", source=at.source, status=answer.status_code, command=self.again)
                return bytes(answer.read())

    def _begun(self, at: Repository, path: str) -> int:
        partial = self._partial(at.source, at.files[path])
        return min(partial.stat().st_size, at.files[path].bytes) if at.files[path].sha256 and partial.exists() else 0

    def _partial(self, source: str, file: RemoteFile) -> Path:
        return self._blobs(source) / f"{file.sha256}.incomplete"

    def _blobs(self, source: str) -> Path:
        return self.cache / folder_name(source) / "blobs"

    # -- huggingface_hub ---------------------------------------------------------------------------------------

    def _api(self) -> Any:
        from huggingface_hub import HfApi

        return HfApi(endpoint=self._endpoint, token=self._token)

    def _snapshot(self, at: Repository, paths: Sequence[str], **more: Any) -> Any:
        from huggingface_hub import snapshot_download

        exactly = [glob.escape(path) for path in paths]
        return snapshot_download(
            at.source, revision=at.commit, allow_patterns=exactly, token=self._token, endpoint=self._endpoint,
            cache_dir=self.cache, tqdm_class=_silent(), **more,
        )  # fmt: skip

    @contextmanager
    def _translated(self, source: str, revision: str) -> Iterator[None]:
        with _packages():
            foreign = _foreign()
        _inside().logging.set_verbosity_error()  # its warnings are English and name addresses that open without a token
        try:
            yield
        except foreign as error:
            ours = self._ours(error, source, revision)
            if ours is None:
                raise
            raise ours from error

    def _ours(self, error: Exception, source: str, revision: str) -> StockgenError | None:
        from huggingface_hub import errors

        wrapped = isinstance(error, errors.LocalEntryNotFoundError | errors.DryRunError)
        cause = error.__cause__ if wrapped and error.__cause__ else error
        told = {"source": source, "command": self.again}
        match cause:
            case errors.GatedRepoError():
                return NotPulled("hub_gated", **told)
            case errors.RepositoryNotFoundError() | errors.HFValidationError():
                return NotPulled("hub_no_repository", **told)
            case errors.RevisionNotFoundError():
                return NotPulled("hub_no_revision", revision=revision, **told)
            case errors.OfflineModeIsEnabled():
                return NotPulled("hub_offline", **told)
            case errors.HfHubHTTPError():
                return self._status(cause.response.status_code, source)
        return self._system(cause, source)

    def _status(self, status: int, source: str) -> StockgenError:
        if status in (401, 403):
            return NotPulled("hub_token", source=source, command=self.again)
        return NotPulled("hub_trouble", source=source, status=status, command=self.again)

    def _system(self, error: BaseException, source: str) -> StockgenError | None:
        if isinstance(error, OSError) and error.errno is not None:
            if storage_error(error, self.cache) is None:
                return None
            return NotPulled("hub_storage", path=str(self.cache), detail=why(error), command=self.again)
        if isinstance(error, ValueError):
            return None
        return NotPulled("hub_unreachable", source=source, command=self.again)


def delete(snapshot: Path) -> int:
    """Delete one commit of a repository from the cache; what other commits need stays. Return the bytes freed."""
    with _packages():
        from huggingface_hub import scan_cache_dir
    plan = scan_cache_dir(snapshot.parents[2]).delete_revisions(snapshot.name)
    plan.execute()
    return int(plan.expected_freed_size)


def _words(licence: object) -> str:
    return ", ".join(str(one) for one in licence) if isinstance(licence, list) else str(licence)


def _foreign() -> tuple[type[Exception], ...]:
    """All that can go wrong between here and there; httpx2 is what huggingface_hub speaks with."""
    import httpx2
    from huggingface_hub.errors import EntryNotFoundError

    return OSError, ValueError, EntryNotFoundError, httpx2.HTTPError


def _inside() -> Any:
    """Its parts for those who build on it; they carry no types."""
    from huggingface_hub import utils

    return utils


@contextmanager
def _packages() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise NotConfigured("no_packages") from error


def _silent() -> Any:
    bar: Any = _inside().tqdm

    class Silent(bar):  # type: ignore[misc]
        """No bar: ours tells of all files at once."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named | {"disable": True})

    return Silent


def _bar(told: Callable[[int], None]) -> Any:
    class Bar:
        """What http_get takes for a bar."""

        def __init__(self, *_given: Any, **_named: Any) -> None:
            pass

        def update(self, count: float | None = 1) -> None:
            told(int(count or 0))

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    return Bar
