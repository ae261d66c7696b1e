"""Every code that the program can speak has its sentence, and no sentence is left over."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import get_args, get_type_hints

from stockgen.domain.protocols import Progress
from stockgen.pipeline.status import SHOT_STATES

RESULTS = ("done", "partial", "failed", "cancelled")
# `job_file.*` has tests of its own (tests/jobfile/test_sentences.py).
ELSEWHERE = ("job_file.",)


def missing(codes, texts):
    return sorted(code for code in codes if not any(fnmatchcase(one, code) for one in texts["en"]))


def test_every_error_that_is_raised_can_be_told(raised, texts):
    # JobFileError is told by its remarks alone: its note says the rest.
    assert missing({f"error.{code}" for code in raised if code != "job_file"}, texts) == []


def test_every_remark_can_be_told(said, texts):
    assert missing({code for code in said if "." in code and not code.startswith(ELSEWHERE)}, texts) == []


def test_every_reason_why_there_is_no_picture_is_told_in_words(raised, texts):
    not_render_errors = {"flat", "degraded", "quarantined", "not_configured"}
    of_pictures = {"undecodable", "wrong_size", "not_a_number", "raw_lost", "raw_damaged", "plugin_broke", "unfit",
                   "finish_broke", "lane_died", "card_broke", "no_picture", "cancelled"}  # fmt: skip
    assert missing({f"reason.{code}" for code in not_render_errors | (raised & of_pictures)}, texts) == []
    assert of_pictures <= raised


def test_every_state_can_be_shown(texts, holds):
    lanes = get_args(get_type_hints(Progress)["state"])
    states = {"shot_state": SHOT_STATES, "lane": lanes, "job_state": ("planning", "open", *RESULTS), "hold": holds}
    for group, names in states.items():
        assert missing({f"{group}.{name}" for name in names}, texts) == []


def test_no_sentence_is_left_over(texts, raised, words_of_source):
    spoken = {code for code in words_of_source if "." in code and not code.startswith("*")} - {"error.*"}
    spoken |= {f"error.{code}" for code in raised}
    left = [code for code in texts["en"] if "." in code and not code.startswith(ELSEWHERE)]
    assert [code for code in left if not any(fnmatchcase(code, one) for one in spoken)] == []
