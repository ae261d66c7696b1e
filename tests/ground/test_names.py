"""Names survive Windows, cloud drives and markets, whatever the job file is called."""

from __future__ import annotations

import re
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stockgen.domain.names import CROCKFORD, folder_name, job_id, slug

anything = some.text(max_size=120) | some.text(alphabet='가나다 ./\\:*?"<>|con.\u202e\x00é', max_size=80)


@given(anything)
def test_a_slug_is_short_plain_and_never_empty(text):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(text))
    assert len(slug(text)) <= 15


@given(anything, some.integers(min_value=8, max_value=80))
def test_a_folder_name_is_one_that_windows_takes(text, limit):
    name = folder_name(text, limit)
    assert name == name.strip(" .")
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE)
    assert name == unicodedata.normalize("NFC", name)


@given(some.text(alphabet="가나다라 _", max_size=100), some.integers(min_value=3, max_value=60))
def test_hangul_is_cut_between_letters_and_within_the_limit(text, limit):
    assert len(folder_name(text, limit).encode()) <= max(limit, len("job"))


@pytest.mark.parametrize(("text", "name"), [
    ("봄꽃", "봄꽃"),
    ("하늘 배경.최종", "하늘_배경.최종"),
    ("a/b\\c:d*e", "a_b_c_d_e"),
    ("CON", "job_CON"),
    ("nul.txt", "job_nul.txt"),
    ("   ...", "job"),
    ("name.", "name"),
    ("", "job"),
    ("\u1103\u1161", "다"),  # letters apart, as macOS writes them
])  # fmt: skip
def test_folder_names_by_example(text, name):
    assert folder_name(text) == name


@pytest.mark.parametrize(("text", "name"), [
    ("Cherry blossom background", "cherry-blossom"),
    ("벚꽃", "picture"),
    ("Café au lait!", "cafe-au-lait"),
    ("internationalisation", "internationalis"),
])  # fmt: skip
def test_slugs_by_example(text, name):
    assert slug(text) == name


def test_a_stem_with_its_ending_fits_into_adobes_thirty_characters():
    assert len(f"{slug('x' * 99)}-{job_id(Random(1))}-999.jpeg") <= 30


def test_job_ids_have_no_letters_that_people_mistake():
    assert not set("ilou") & set(CROCKFORD)
    assert all(set(job_id(Random(seed))) <= set(CROCKFORD) for seed in range(50))
