"""Whatever a service, a library or a traceback quotes, no key is left in it, and words stay words."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.domain.hiding import STARS, hidden, hidden_in, looks_like_a_key
from tests.secrets.keys import GOOGLE, OPENAI, PLAIN

QUOTES = [
    "Incorrect API key provided: {}. You can find your API key at https://platform.openai.com/account/api-keys.",
    'Headers({{"authorization": "Bearer {}", "accept": "*/*"}})',
    "{{'x-goog-api-key': '{}', 'user-agent': 'x'}}",
    "GET https://generativelanguage.googleapis.com/v1beta/models?key={}&alt=json",
    "client = OpenAI(api_key='{}')",
    "OPENAI_API_KEY={}",
    "[b'authorization', b'Bearer {}']",
    "{}",
]


@pytest.mark.parametrize("quote", QUOTES)
@pytest.mark.parametrize("key", [OPENAI, GOOGLE, "sk-svcacct-" + "a1B2" * 10, "hf_" + "aB3d" * 9])
def test_a_key_of_a_known_make_is_hidden_though_nobody_has_told_us_of_it(quote, key):
    told = hidden(quote.format(key))
    assert key not in told
    assert key[8:20] not in told
    assert STARS in told


@pytest.mark.parametrize("quote", QUOTES)
def test_a_key_without_any_mark_is_hidden_because_it_is_known(quote):
    assert PLAIN not in hidden(quote.format(PLAIN), [PLAIN])


@pytest.mark.parametrize("key", [OPENAI, GOOGLE, PLAIN])
@pytest.mark.parametrize("size", [0.6, 0.75, 0.95])
def test_a_key_that_was_cut_is_hidden_too(key, size):
    some = int(len(key) * size)
    assert key[:10] not in hidden(f"refused: {key[:some]}", [key])
    assert key[-10:] not in hidden(f"{key[-some:]} was refused", [key])


def test_a_known_key_in_base64_is_hidden():
    text = b64encode(PLAIN.encode()).decode()
    assert text not in hidden(f"sent {text}", [PLAIN])


@pytest.mark.parametrize("words", [
    "a flag bearer in front of Gwanghwamun", "basic shapes, flat design", "task-management-illustration-for-teams",
    "no_key: provider=openai", "desk-lamp-on-a-wooden-table", "spring-k7m2q-003.jpg", "AIza", "sk-",
    "key: OPENAI_API_KEY", "shot.failed seconds=12.25", "정적인 바다 sk-", "https://docs.example.com/keys?page=2",
])  # fmt: skip
def test_what_is_no_key_stays_as_it_is(words):
    assert hidden(words, [OPENAI, GOOGLE, "short", ""]) == words
    assert not looks_like_a_key(words)


def test_data_is_searched_at_any_depth_and_numbers_stay_numbers():
    tree = {"a": [{"b": f"x {OPENAI}"}, 7, None, True], OPENAI: 1.5, "Authorization": "whatever it is", "x-api-key": ""}
    assert hidden_in(tree) == {
        "a": [{"b": f"x {STARS}"}, 7, None, True], STARS: 1.5, "Authorization": STARS, "x-api-key": "",
    }  # fmt: skip


@given(st.text(alphabet="Authorization: Bearer sk-AIza?&=\"'{}x-goog-api-key12\n", max_size=200), st.text(max_size=40))
def test_any_text_comes_through_and_twice_is_once(text, key):
    once = hidden(text, [key])
    assert hidden(once, [key]) == once


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_surroundings_let_a_known_key_through(before, after):
    assert PLAIN not in hidden(f"{before}{PLAIN}{after}", [PLAIN])
    assert not re.search("B7kQ2vXw9NmR4tZp6LsD", hidden(f"{before}{GOOGLE}{after}", [GOOGLE]))


def test_a_megabyte_of_base64_is_searched_in_no_time():
    hidden("QUJD" * 250_000 + " " + "a" * 100_000, [OPENAI, PLAIN])  # quadratic would be minutes: pytest's time-out
