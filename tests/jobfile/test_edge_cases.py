"""Hostile files, each named by its accident: no crash, no hang, no flood, nothing run. All endings, in a box.

Which test covers which edge case of files' content (B1–B19 of our reliability notes):
B1 nothing: here · B2 too large: here (the daemon looks at the size first: tests/daemon/test_settle.py) · B3 pictures,
archives: here · B4 code: boxed · B5 alias bomb, B6 brackets, B7 merge bomb, B8 giant scalar: boxed · B9 numbers, B19
bounds: here and test_values.py · B10 double keys: here · B11 `no`, `0123`, `12:30:45`: here · B12 documents, B13 bare
strings and lists: here · B14 encodings: here and test_bytes.py · B15 line breaks: here · B16 recursive alias: boxed ·
B17 control signs: here and test_notes.py · B18 names: tests/ground/test_names.py and tests/daemon/test_intake.py.
"""

from __future__ import annotations

import codecs
import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest
from stockgen.jobfile import read, refused

ROOT = Path(__file__).parents[2]
ENDINGS = (".txt", ".yaml", ".csv", ".tsv", ".json")
PER_FILE = 5.0  # seconds that any file may take, on a machine that is busy with other tests
NOTE = 64 << 10  # bytes of the longest note
# One file of one subject with a count, in each form.
FORMS = {
    ".txt": "{subject} x{count}\n",
    ".yaml": "keywords: {subject}\ncount: {count}\n",
    ".csv": "keywords,count\n{subject},{count}\n",
    ".tsv": "keywords\tcount\n{subject}\t{count}\n",
    ".json": '{{"keywords": "{subject}",\n "count": {count}}}\n',
}
each_ending = pytest.mark.parametrize("ending", ENDINGS)
Reads = Callable[..., JobRequest]
Refuses = Callable[..., list[str]]


@pytest.fixture
def reads(known: Any) -> Reads:
    return lambda data, ending: read(data if isinstance(data, bytes) else data.encode(), f"a{ending}", known)


@pytest.fixture
def refuses(reads: Reads) -> Refuses:
    def codes(data: str | bytes, ending: str) -> list[str]:
        with pytest.raises(JobFileError) as caught:
            reads(data, ending)
        return [remark.code.removeprefix("job_file.") for remark in caught.value.remarks]

    return codes


def form(ending: str, subject: str = "벚꽃", count: str = "2") -> str:
    return FORMS[ending].format(subject=subject, count=count)


def boxed(*arguments: str) -> list[dict[str, Any]]:
    """What came of the files that a process with little memory and time has read."""
    command = [sys.executable, str(Path(__file__).with_name("boxed.py")), *arguments]
    world = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=world, capture_output=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-300:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def proven(rows: list[dict[str, Any]]) -> None:
    slow = [(row["accident"], row["ending"], row["seconds"]) for row in rows if row["seconds"] > PER_FILE]
    loud = [(row["accident"], row["ending"], row["note"]) for row in rows if row["note"] > NOTE]
    did = [(row["accident"], row["ending"], row["did"]) for row in rows if row["did"]]
    assert (slow, loud, did) == ([], [], [])


def test_no_hostile_file_crashes_hangs_floods_or_runs_anything() -> None:
    rows = boxed("hostile")
    proven(rows)
    bad = [row for row in rows if row["codes"] == ["accepted"]]
    assert {row["accident"] for row in bad} <= {
        "one subject a thousand times",
        "nothing but spaces",
        "nothing but escapes",
    }


def test_files_that_broke_on_the_way_are_answered() -> None:
    rows = boxed(str(Path(__file__).with_name("corpus")))
    proven(rows)
    assert len(rows) == 600


@pytest.mark.torture
def test_whole_mebibytes_of_one_sign_are_answered() -> None:
    rows = boxed("hostile", "--whole")
    assert [(row["accident"], row["did"]) for row in rows if row["did"] or row["note"] > NOTE] == []


# -- B1 … B3 -----------------------------------------------------------------------------------------------------


@each_ending
@pytest.mark.parametrize("data", ["", " \n\t\n", "\ufeff", "\n# memo\n"], ids=["bytes", "blank", "mark", "comment"])
def test_a_file_with_nothing_in_it_is_told_so(refuses: Refuses, ending: str, data: str) -> None:
    if data != "\n# memo\n" or ending != ".json":  # a comment is no JSON
        assert refuses(data, ending) == ["empty"]


@each_ending
def test_a_file_above_a_mebibyte_is_refused_before_it_is_read(refuses: Refuses, ending: str) -> None:
    assert refuses(b"\xff" * ((1 << 20) + 1), ending) == ["too_big"]


@each_ending
@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n\0", b"PK\x03\x04xl", b"%PDF-1.7", b"GIF89a", b"\xff\xd8\xff\xe0", b"{\\rtf1 a}", b"a\0b",
     b"\xd0\xcf\x11\xe0\xa1", "벚꽃\n".encode("utf-16-be")],
    ids=["png", "zip", "pdf", "gif", "jpeg", "rtf", "nul", "doc", "utf-16"],
)  # fmt: skip
def test_a_picture_or_document_under_our_ending_is_no_text(refuses: Refuses, ending: str, data: bytes) -> None:
    assert refuses(data, ending) == ["binary"]


# -- B9 … B13, B19 -----------------------------------------------------------------------------------------------


@each_ending
@pytest.mark.parametrize("count", ["0", "-1", "501", "1000000000", "9" * 5000, "1e400"])
def test_a_count_that_nobody_means_is_refused_and_never_a_crash(refuses: Refuses, ending: str, count: str) -> None:
    if ending == ".txt":
        assert set(refuses(f"벚꽃 | {count}\n", ending)) <= {"value", "value_near"}
    else:
        assert set(refuses(form(ending, count=count), ending)) <= {"value", "value_near"}


@each_ending
def test_what_stands_twice_is_not_silently_the_last_one(refuses: Refuses, ending: str) -> None:
    twice = {
        ".txt": "count: 1\ncount: 2\n벚꽃\n", ".yaml": "keywords: a\ncount: 1\ncount: 2\n",
        ".csv": "keywords,count,count\na,1,2\n", ".tsv": "keywords\tcount\tcount\na\t1\t2\n",
        ".json": '{"keywords": "a", "count": 1, "count": 2}',
    }  # fmt: skip
    assert refuses(twice[ending], ending) == ["twice"]


@each_ending
@pytest.mark.parametrize("word", ["no", "0123", "12:30:45", "1.10", "2026-13-45", "0x10", "true", "1e3x"])
def test_a_subject_stays_the_text_that_was_written(reads: Reads, ending: str, word: str) -> None:
    text = f"{word} | 2\n" if ending == ".txt" else form(ending, word)
    assert [(o.subject, o.count) for o in reads(text, ending).orders] == [(word, 2)]


@each_ending
def test_a_bare_subject_and_several_are_a_job(reads: Reads, ending: str) -> None:
    one = {".json": '"벚꽃"'}.get(ending, "벚꽃\n")
    many = {".json": '["벚꽃", "바다"]', ".yaml": "- 벚꽃\n- 바다\n"}.get(ending, "벚꽃\n바다\n")
    assert [o.subject for o in reads(one, ending).orders] == ["벚꽃"]
    assert [o.subject for o in reads(many, ending).orders] == ["벚꽃", "바다"]


@pytest.mark.parametrize(("ending", "between"), [(".yaml", "---\n"), (".json", "")])
def test_several_documents_are_orders_of_one_job(reads: Reads, ending: str, between: str) -> None:
    text = between.join(form(ending, subject) for subject in ("벚꽃", "바다"))
    assert [o.subject for o in reads(text, ending).orders] == ["벚꽃", "바다"]


@each_ending
@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", "-1"), ("seed", "4294967296"), ("size", "0x0"), ("size", "1000000x1000000"), ("guidance", "1e400"),
     ("steps", "0"), ("priority", "101")],
)  # fmt: skip
def test_numbers_out_of_bounds_are_refused_by_their_key(refuses: Refuses, ending: str, key: str, value: str) -> None:
    text = {
        ".txt": f"{key}: {value}\n벚꽃\n",
        ".yaml": f"keywords: a\n{key}: {value}\n",
        ".csv": f"keywords,{key}\na,{value}\n",
        ".tsv": f"keywords\t{key}\na\t{value}\n",
        ".json": f'{{"keywords": "a", "{key}": "{value}"}}',
    }
    assert refuses(text[ending], ending) == ["value"]


# -- B14, B15 ----------------------------------------------------------------------------------------------------


@each_ending
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE),
     ("cp949", b"")],
    ids=["utf-8", "utf-8 mark", "utf-16 le", "utf-16 be", "cp949"],
)  # fmt: skip
def test_korean_of_any_editor_is_the_same_korean(reads: Reads, ending: str, encoding: str, mark: bytes) -> None:
    request = reads(mark + form(ending, "고양이 낮잠").encode(encoding), ending)
    assert [(o.subject, o.count) for o in request.orders] == [("고양이 낮잠", 2)]
    told = [remark.facts["encoding"] for remark in request.remarks]
    assert told == ([] if encoding == "utf-8" else [encoding[:6].upper().rstrip("-")])


@each_ending
def test_letters_of_a_mac_are_composed(reads: Reads, ending: str) -> None:
    data = unicodedata.normalize("NFD", form(ending, "봄 소풍"))
    assert reads(data, ending).orders[0].subject == "봄 소풍"


@each_ending
def test_bytes_that_are_no_encoding_are_refused(refuses: Refuses, ending: str) -> None:
    assert refuses(b"caf\xe9 \xff\xff", ending) == ["encoding"]


@each_ending
@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85"])
def test_every_kind_of_line_break_ends_a_line(reads: Reads, ending: str, breaks: str) -> None:
    assert reads(form(ending, "봄").replace("\n", breaks), ending).orders[0].count == 2


# -- B17 ---------------------------------------------------------------------------------------------------------


@each_ending
@pytest.mark.parametrize("sign", ["\x1b[31m", "\x07", "\x00", "\x9b", "\ufffd"])
def test_a_sign_that_steers_a_terminal_reaches_neither_note_nor_log(
    known: Any, say: Any, ending: str, sign: str
) -> None:
    with pytest.raises(JobFileError) as caught:
        read(form(ending, f"봄{sign}꽃").encode(), f"a{ending}", known)
    seen = refused(caught.value, f"a{sign}{ending}", say["ko"]).decode("utf-8-sig") + str(caught.value)
    assert not set(seen) & set("\x1b\x07\x00\x9b")


@each_ending
def test_marks_that_turn_the_direction_of_text_are_dropped(reads: Reads, ending: str) -> None:
    assert reads(form(ending, "봄\u202e꽃\u2066"), ending).orders[0].subject == "봄꽃"


@each_ending
def test_a_file_of_faults_does_not_flood_note_or_log(known: Any, say: Any, ending: str) -> None:
    bad = {".yaml": "kez{0}: 1\n", ".json": "", ".txt": "http://a.b/{0}\n"}.get(ending, "http://a.b/{0}\n")
    text = "".join(bad.format(at) for at in range(5000)) or '{"kez": 1}\n' * 3000
    with pytest.raises(JobFileError) as caught:
        read(text.encode(), f"a{ending}", known)
    assert len(caught.value.remarks) <= 101
    assert len(refused(caught.value, "a", say["ko"])) < NOTE
