"""Whatever lies in the file: a job, or an answer. Never anything else."""

from __future__ import annotations

from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest
from stockgen.jobfile import accepted, fixed, read, refused
from stockgen.jobfile.names import names

BOXED = settings(max_examples=200, deadline=5000, derandomize=True, suppress_health_check=list(HealthCheck))
ENDINGS = st.sampled_from(["a.yaml", "a.txt", "b.YML", "a.csv", "a.TSV", "a.json"])
WORDS = [
    "벚꽃",
    "5장",
    "x5",
    "16:9",
    "0x0",
    "1e400",
    "-1",
    "exact",
    "random",
    "auto",
    "adobe",
    "shut",
    "banner",
    "~",
]
YAML = [
    "[]",
    "{",
    "}",
    "[",
    "]",
    "|",
    ">",
    "- ",
    ": ",
    ":",
    ", ",
    "'",
    '"',
    "#",
    "# ",
    "&a",
    "*a",
    "!!int",
    "<<",
    "---\n",
]
TABLES = [
    "keywords,count\n",
    "키워드\t개수\n",
    "sep=;\n",
    "|---|\n",
    '"",',
    ";",
    "합계",
    "[나] [오후 3:12] ",
    "--ar 1:1",
    "#봄",
]
LINES = ["\n", "\n", "\n  ", "\t", "\r", "\u2028", "...\n", "%YAML", "```", "=", "{a|b}", "9" * 30]
ODD = ["：", "，", "“", "”", "\\x1b", "\\ud800", "\x07", "\u202e", "\u0301" * 20]
PIECES = st.sampled_from([*names().keys, *WORDS, *YAML, *TABLES, *LINES, *ODD])


def answered(data, name, known, say):
    try:
        request = read(data, name, known)
    except JobFileError as error:
        assert error.remarks
        assert error.code == "job_file"
        for each in say.values():
            refused(error, name, each)
        mended = fixed(data, name, error, partial(read, known=known))
        if mended:  # whatever was guessed is accepted
            assert read(mended[1], mended[0], known).orders
        return
    assert isinstance(request, JobRequest)
    assert 1 <= request.pictures <= known.images_per_job
    for each in say.values():
        accepted(request, "k7m2q", name, (), each)


@BOXED
@given(st.binary(max_size=300), ENDINGS)
def test_any_bytes_are_a_job_or_an_answer(known, say, data, name):
    answered(data, name, known, say)


@BOXED
@given(st.text(max_size=200), ENDINGS)
def test_any_text_is_a_job_or_an_answer(known, say, text, name):
    answered(text.encode("utf-8", "surrogatepass"), name, known, say)


@BOXED
@given(st.lists(PIECES, max_size=30), ENDINGS)
def test_any_heap_of_our_own_words_is_a_job_or_an_answer(known, say, pieces, name):
    answered("".join(pieces).encode(), name, known, say)


@BOXED
@given(st.lists(st.tuples(PIECES, PIECES), max_size=8), ENDINGS)
def test_any_keys_with_any_values_are_a_job_or_an_answer(known, say, pairs, name):
    answered("\n".join(f"{key}: {value}" for key, value in pairs).encode(), name, known, say)


@BOXED
@given(st.text(max_size=100), st.sampled_from(["utf-16", "cp949"]))
def test_any_text_in_an_older_encoding_is_a_job_or_an_answer(known, say, text, encoding):
    answered(text.encode(encoding, "ignore"), "a.txt", known, say)
