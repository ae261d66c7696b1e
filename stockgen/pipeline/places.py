"""Where things lie: state, staging, outbox. Top-level names in the outbox are chosen once and never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stockgen.domain.errors import ConfigError, StorageFull, StorageLost
from stockgen.domain.names import REFERENCES, folder_name
from stockgen.domain.times import local
from stockgen.domain.words import Language, Remark
from stockgen.files import fsync_dir, link_new, make_folders, write_new
from stockgen.ledger import Ledger

TOP_FOLDERS: Mapping[Language, Mapping[str, str]] = {
    "en": {"upload": "upload", "review": "review", "reports": "reports"},
    "ko": {"upload": "올리기", "review": "확인하기", "reports": "보고서"},
}


@dataclass(frozen=True, slots=True)
class Places:
    """The three places (docs/architecture.md). Everything under `outbox` is created by one link or rename."""

    state: Path
    staging: Path
    outbox: Path

    @property
    def spool(self) -> Path:
        """Raw pictures, one folder a batch."""
        return self.state / "spool"

    @property
    def thumbs(self) -> Path:
        """Small pictures for the contact sheets of jobs that are still open."""
        return self.state / "thumbs"

    @property
    def references(self) -> Path:
        """Pictures that jobs were given beside their words, named by their content."""
        return self.state / REFERENCES

    @property
    def spare(self) -> Path:
        """Masters of tries that were not the best of their picture, for a while."""
        return self.state / "spare"

    @property
    def control(self) -> Path:
        """Commands to the process that holds the lock."""
        return self.state / "control"

    def make(self) -> None:
        """Create what is missing. Raises StorageFull, StorageLost."""
        for folder in (self.spool, self.thumbs, self.control, self.references, self.spare, self.staging, self.outbox):
            make_folders(folder)

    def prove_link(self) -> None:
        """Link a real file from staging into the outbox: bind mounts make any other test lie. Raises ConfigError."""
        source, target = self.staging / "link-test", self.outbox / ".stockgen-link-test"
        try:
            write_new(source, b"")
            target.unlink(missing_ok=True)
            link_new(source, target)
        except (OSError, StorageFull, StorageLost) as error:
            facts = {"staging": str(self.staging), "outbox": str(self.outbox), "detail": str(error.__cause__ or error)}
            raise ConfigError("config_faults", [Remark("error.no_link", facts=facts)], path="outbox.staging") from error
        finally:
            target.unlink(missing_ok=True)
            source.unlink(missing_ok=True)
        fsync_dir(self.outbox)


def top_folder(ledger: Ledger, language: Language, role: str) -> str:
    """The name of a top-level folder of the outbox (`upload`, `review`); follows `language` the first time only."""
    known = ledger.noted(f"folder.{role}")
    if known:
        return known
    name = TOP_FOLDERS[language][role]
    ledger.note(f"folder.{role}", name)
    return name


def job_folder(name: str, job: str, wall: float, timezone: str) -> str:
    """`2026-11/23_봄꽃_k7m2q`: local day, the file's own name without its ending, job id; relative to the outbox."""
    return f"{local(wall, timezone):%Y-%m/%d}_{folder_name(Path(name).stem)}_{job}"
