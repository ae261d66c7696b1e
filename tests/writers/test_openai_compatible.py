"""The writer for servers with OpenAI's API: what each of them refuses, keys, pictures, vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import WriterAway, WriterLacks
from stockgen.domain.protocols import Brief
from stockgen.messages import Messages
from stockgen.writers._http import Line
from stockgen.writers.openai_compatible import OpenaiCompatible, Options
from tests.ollama import Fault, OllamaServer
from tests.ollama.vectors import letters

BRIEF = Brief(text="Two ideas.", schema={"type": "object"}, system="Be brief.", tokens=700, temperature=0.5, seed=3)
KEY = "sk-something-secret"


def writer(server: OllamaServer | str, environment: dict[str, str] | None = None, **options: Any) -> OpenaiCompatible:
    url = server if isinstance(server, str) else f"{server.url}/v1"
    given = {"url": url, "model": "qwen2.5:14b", "timeout": "20s"} | options
    return OpenaiCompatible(Options.model_validate(given), environment or {})


def test_the_brief_arrives_whole() -> None:
    with OllamaServer("{}") as server:
        writer(server).write(BRIEF)
        (asked,) = server.asked("/v1/chat/completions")
    assert asked.body == {
        "model": "qwen2.5:14b",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Two ideas."}],
        "stream": True,
        "temperature": 0.5,
        "seed": 3,
        "max_tokens": 700,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": False},
        },
    }


@pytest.mark.parametrize(
    ("refuses", "tries"),
    [
        ([], 1),
        (["json_schema"], 2),
        (["json_schema", "json_object"], 3),
        (["max_tokens", "temperature"], 3),
        (["json_schema", "json_object", "max_tokens", "temperature", "seed"], 6),
        (["stream"], 2),
    ],
)
def test_what_a_server_does_not_take_is_left_out_and_not_tried_again(refuses: list[str], tries: int) -> None:
    with OllamaServer('{"a": 1}', refuses=refuses) as server:
        one = writer(server)
        assert one.write(BRIEF) == '{"a": 1}'
        assert len(server.requests) == tries
        assert one.write(BRIEF) == '{"a": 1}'
        assert len(server.requests) == tries + 1
        last = server.requests[-1].body
    assert ("max_completion_tokens" in last) == ("max_tokens" in refuses)
    assert not {"temperature", "seed", "stream"} & set(refuses) & set(last)


def test_a_refusal_that_names_nothing_is_not_asked_again_and_again() -> None:
    with OllamaServer("{}") as server:
        server.fail(Fault("status", status=400, text="bad request"))
        with pytest.raises(WriterAway) as error:
            writer(server).write(BRIEF)
        assert len(server.requests) == 1
    assert error.value.facts["detail"] == "bad request"


@pytest.mark.parametrize("unstreamed", [True, False])
def test_letters_of_all_scripts_come_through(unstreamed: bool) -> None:
    text = "".join(f'{{"a{n}": "벚꽃 🌸 <b>&</b> \\n \u2028 data: é"}}' for n in range(40))
    with OllamaServer(text, unstreamed=unstreamed) as server:
        assert writer(server).write(Brief(text="?", schema={}, tokens=100_000)) == text


def test_a_loop_is_hung_up_on() -> None:
    with OllamaServer('{"a": [' + '"sky", ' * 20_000) as server:
        assert len(writer(server).write(Brief(text="?", schema={}, tokens=10**6))) < 5_000
        assert server.hung_up(10)


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path: Path) -> None:
    """Not into what is printed of the writer, its errors or its options."""
    (tmp_path / "stockgen_my_key").write_text(KEY + "\n", encoding="utf-8")
    with OllamaServer("{}", key=KEY) as server:
        for environment in ({"MY_KEY": KEY}, {"CREDENTIALS_DIRECTORY": str(tmp_path), "MY_KEY": "an old one"}):
            one = writer(server, environment, key="MY_KEY")
            assert one.missing() is None
            assert one.write(BRIEF) == "{}"
        wrong = writer(server, {"MY_KEY": KEY + "x"}, key="MY_KEY")
        with pytest.raises(WriterLacks) as error:
            wrong.write(BRIEF)
        lack = wrong.missing()
    assert error.value.code == "writer_key_wrong"
    assert lack is not None
    told = [str(error.value), repr(error.value.facts), str(lack), Messages("en").tell(lack.remark), repr(vars(wrong))]
    assert not [text for text in told[:4] if KEY in text]
    assert "MY_KEY" in told[3]


def test_a_key_that_is_not_there_is_told_before_anything_is_sent() -> None:
    with OllamaServer("{}", key=KEY) as server:
        one = writer(server, {}, key="MY_KEY")
        lack = one.missing()
        with pytest.raises(WriterLacks):
            one.write(BRIEF)
        assert server.requests == []
    assert lack is not None
    assert "stockgen secret set MY_KEY" in Messages("ko").tell(lack.remark)


def test_a_model_that_the_server_does_not_have_is_told_with_those_that_it_has() -> None:
    with OllamaServer("{}") as server:
        one = writer(server, model="gpt-9")
        lack = one.missing()
        with pytest.raises(WriterLacks):
            one.write(BRIEF)
    assert lack is not None
    assert lack.facts["known"] == "nomic-embed-text:latest, qwen2.5:14b"


def test_names_as_gemini_lists_them_and_servers_without_a_list_are_ready() -> None:
    with OllamaServer("{}", {"models/gemini-3-flash:x": 1}) as server:
        assert writer(server, model="gemini-3-flash:x").missing() is None
    with OllamaServer("{}", refuses=["models"]) as server:
        assert writer(server).missing() is None


def test_pictures_travel_as_data_urls() -> None:
    brief = Brief(text="What is this?", schema={}, images=(b"\x89PNG", b"\xff\xd8"))
    with OllamaServer("{}") as server:
        writer(server, vision=True).write(brief)
        (asked,) = server.requests
        with pytest.raises(WriterLacks):
            writer(server).write(brief)
    text, png, jpeg = asked.body["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    assert png["image_url"]["url"] == "data:image/png;base64,iVBORw=="
    assert jpeg["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_the_answer_is_shortened_to_what_the_context_leaves() -> None:
    with OllamaServer("{}") as server:
        writer(server, context=500).write(Brief(text="벚꽃 " * 300, schema={}, tokens=4096))
        writer(server, context=100_000).write(Brief(text="벚꽃 " * 300, schema={}, tokens=4096))
        limits = [asked.body["max_tokens"] for asked in server.requests]
    assert limits == [200, 4096]


def test_vectors_come_in_the_order_of_the_texts_whatever_the_order_of_the_answer() -> None:
    with OllamaServer("{}", embed=letters) as server:
        assert writer(server, embed="qwen2.5:14b").embed(["aaaa", "봄", "b"]) == letters(["aaaa", "봄", "b"])


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault("drop", after=3), WriterAway, "writer_hung_up"),
        (Fault("html"), WriterAway, "writer_error"),
        (Fault("garbage"), WriterAway, "writer_no_json"),
        (Fault("status", status=429, text="quota"), WriterAway, "writer_busy"),
        (Fault("status", status=400, text="maximum context length is 4096 tokens"), WriterLacks, "writer_context"),
        (Fault("error_line", after=3), WriterAway, "writer_error"),
    ],
)
def test_whatever_goes_wrong_has_a_sentence_of_its_own(fault: Fault, kind: type[Exception], code: str) -> None:
    with OllamaServer('{"a": "some words"}') as server:
        server.fail(fault, "/chat")
        with pytest.raises(kind) as error:
            writer(server).write(BRIEF)
    assert isinstance(error.value, WriterAway | WriterLacks)
    assert error.value.code == code
    assert "<" not in Messages("en").tell(error.value.remark)


def test_a_key_written_into_the_config_by_mistake_is_told_and_never_repeated() -> None:
    with OllamaServer("{}", key=KEY) as server:
        one = writer(server, {}, key=KEY)
        lack = one.missing()
        with pytest.raises(WriterLacks):
            one.write(BRIEF)
        assert server.requests == []
    assert lack is not None
    assert lack.code == "writer_key_shown"
    assert KEY not in Messages("en").tell(lack.remark) + repr(vars(one))


@pytest.mark.parametrize(("url", "billed", "lacks"), [
    ("https://api.example.com/v1", False, True), ("https://api.example.com/v1", True, False),
    ("http://localhost:9/v1", False, False), ("http://192.168.0.7:9/v1", False, False),
    ("http://box:9/v1", False, False),
])  # fmt: skip
def test_no_cent_is_spent_on_words_before_somebody_says_so(url: str, billed: bool, lacks: bool) -> None:
    writer = OpenaiCompatible(Options(url=url, model="a", key="KEY", billed=billed), {})
    with pytest.raises(WriterLacks) as caught:  # without its key nothing is sent anywhere
        writer.write(Brief(text="?", schema={}))
    assert (caught.value.code == "writer_may_cost") == lacks


@pytest.mark.parametrize("body", [
    '{"error": {"message": "the key KEY may not do that"}}', "<html>KEY</html>", '{"detail": "KEY"}', "KEY " * 60,
])  # fmt: skip
def test_a_server_that_tells_the_key_back_is_quoted_without_it(body: str) -> None:
    plain = "v3ryPrivate.local/server+Zq81mTx2"
    line = Line("http://127.0.0.1:1", "any", silence=1, total=1, headers=lambda: {"Authorization": f"Bearer {plain}"})
    for key in (plain, plain[:20], "sk-proj-Xq7Zt4kV9mR2wB6nJ1sD"):
        told = str(line.unlike(body.replace("KEY", key)))
        assert key not in told
        assert "***" in told
