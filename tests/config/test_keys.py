"""A key in config.yaml would be copied, shown and mailed with it: it is refused, with what to do, and not told."""

from __future__ import annotations

import pytest

from tests.secrets.keys import GOOGLE, OPENAI, PLAIN

PLACES = [
    f"providers: {{openai: {{api_key: {PLAIN}}}}}",
    f"providers:\n  openai:\n    key: {OPENAI}\n",
    f"providers: {{gemini: {{model: {GOOGLE}}}}}",
    f"openai_api_key: {PLAIN}",
    f"GEMINI_API_KEY: {PLAIN}",
    f"hf-token: {PLAIN}",
    f"chains: {{auto: [openai, {OPENAI}]}}",
    f"styles: {{night: {{prompt: 'a {OPENAI} b'}}}}",
    f"schedules: {{nightly: {{cron: '0 0 * * *', job: {{prompt: {GOOGLE}}}}}}}",
    f"presets: {{mine: {{password: {PLAIN}}}}}",
    f"defaults: {{count: {OPENAI}}}",
    f"{OPENAI}: 1",
]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("text", PLACES)
def test_a_key_is_refused_wherever_it_stands_and_not_told(told, text, language):
    faults = told(text, language)
    assert len(faults) == 1
    assert "stockgen secret set" in faults[0]
    assert not any(key[:12] in faults[0] for key in (OPENAI, GOOGLE, PLAIN))


@pytest.mark.parametrize(("text", "command"), [
    (PLACES[0], "stockgen secret set openai"), (PLACES[2], "stockgen secret set gemini"),
    (PLACES[4], "stockgen secret set gemini"), (PLACES[5], "stockgen secret set hf"),
    (f"writers: {{openai_compatible: {{key: {OPENAI}}}}}", "stockgen secret set MY_API_KEY"),
    (f"writers: {{ollama: {{token: {PLAIN}}}}}", "stockgen secret set MY_API_KEY"),
])  # fmt: skip
def test_the_command_that_keeps_it_is_told(told, text, command):
    assert told(text)[0].endswith(command)


@pytest.mark.parametrize("text", [f'api_key: "{PLAIN}', f"openai:\n\tapi_key: {PLAIN}", f"money: [{OPENAI}\n"])
def test_a_key_in_a_line_that_can_not_be_read_is_not_quoted(told, text):
    assert not any(key[:12] in fault for fault in told(text) for key in (OPENAI, PLAIN))


@pytest.mark.parametrize("text", [
    "styles: {secret: {prompt: a secret garden}}", "styles: {token: {prompt: tokens}}",
    "writers: {openai_compatible: {url: 'localhost:1/v1', model: a, key: GROQ_API_KEY}}",
    "presets: {password: {kind: photo}}",
    "schedules: {nightly: {cron: '0 0 * * *', job: {keywords: [house key, api key, token]}}}",
])  # fmt: skip
def test_names_and_words_are_no_keys(read, text):
    read(text)
