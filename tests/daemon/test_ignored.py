"""Half-written files of editors, browsers and sync programs are no jobs; a file that a person named is one."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from daemon.ignored import is_conflict, is_ignored

HALF_WRITTEN = {
    "hidden": [".hidden", ".DS_Store", ".~lock.job.ods#", ".#job.yaml", ".syncthing.job.yaml.tmp", ".stversions"],
    "vim": ["job.yaml~", "job.yaml.swp", "job.yaml.swx", "4913", ".job.yaml.swp"],
    "emacs": ["#job.yaml#", ".#job.yaml"],
    "kate": ["job.yaml.kate-swp"],
    "rsync": [".job.yaml.Xa4fGh"],
    "sed -i": ["sedAb12Xy"],
    "rclone": ["job.yaml.3f2a1b.partial", "job.yaml.partial"],
    "Syncthing": ["~syncthing~job.yaml.tmp", ".syncthing.job.yaml.tmp"],
    "Nextcloud": ["job.yaml.ocTransferId1234", "desktop.ini"],
    "unison": ["job.unison.tmp", "x.unison123"],
    "browser": ["job.yaml.crdownload", "job.yaml.part", "job.yaml.download", "job.yaml.opdownload", "Unconfirmed.tmp"],
    "torrent and loaders": ["job.yaml.!ut", "job.yaml.aria2", "job.yaml.filepart"],
    "Office": ["~$plan.txt", "~WRL0001.tmp"],
    "IntelliJ": ["job.yaml___jb_tmp___", "job.yaml___jb_old___"],
    "Windows": ["Thumbs.db", "THUMBS.DB", "Desktop.ini", "JOB.TMP", "job.Temp"],
    "our own": ["job.yaml.note.txt", "k7m2q_job.yaml.note.txt"],
}
CONFLICTS = [
    "job.sync-conflict-20261123-101500-ABCDEFG.yaml",
    "job (conflicted copy 2026-11-23).yaml",
    "job (Mina's conflicted copy 2026-11-23).yaml",
    "job_conflict-20261123-101500.yaml",
    "job.yaml.conflict1",
    "job (Mina의 충돌된 사본 2026-11-23).yaml",
    normalize("NFD", "job (Mina의 충돌된 사본 2026-11-23).yaml"),
    "job (SFConflict mina@example.com 2026-11-23-10-15-00).yaml",
]
REAL = [
    "job.yaml", "plan (1).yaml", "plan (2).txt", "봄꽃.yaml", "봄 꽃.TXT", "job.yml", "PAUSE", "temp.yaml", "part.txt",
    "notes.txt", "note.txt", "partial.yaml", "conflict.yaml", "sedative.txt", "sedan.txt", "job~2.yaml",
    "a.b.c.yaml", "5.txt",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for names in HALF_WRITTEN.values() for name in names])
def test_half_written_files_are_passed_over(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("name", CONFLICTS)
def test_copies_of_sync_programs_are_known_as_such(name: str) -> None:
    assert is_conflict(name)


@pytest.mark.parametrize("name", REAL)
def test_a_file_that_a_person_named_is_read(name: str) -> None:
    assert not is_ignored(name)
    assert not is_conflict(name)
