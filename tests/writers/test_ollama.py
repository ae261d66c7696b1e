"""The writer for Ollama against a server that speaks as Ollama does, and goes wrong as it does."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest

from stockgen.answers import read
from stockgen.domain.errors import WriterAway, WriterLacks
from stockgen.domain.protocols import Brief
from stockgen.domain.words import Language
from stockgen.messages import Messages
from stockgen.writers._here import is_here, is_near
from stockgen.writers.ollama import MARGIN, Ollama, Options
from tests.ollama import Fault, OllamaServer
from tests.ollama.state import GIB
from tests.ollama.vectors import letters

BRIEF = Brief(text="Two ideas.", schema={"type": "object", "required": ["ideas"]}, tokens=700, temperature=0.5, seed=3)
LANGUAGES: tuple[Language, ...] = ("en", "ko")
MODELS = {"qwen2.5:14b": 9 * GIB, "llava:7b": 5 * GIB, "bge-m3:latest": GIB, "other:latest": GIB}


def ollama(server: OllamaServer | str, **options: Any) -> Ollama:
    url = server if isinstance(server, str) else server.url
    return Ollama(Options.model_validate({"url": url, "model": "qwen2.5:14b", "timeout": "20s"} | options))


def away(writer: Ollama, brief: Brief = BRIEF) -> WriterAway:
    with pytest.raises(WriterAway) as error:
        writer.write(brief)
    return error.value


def lacks(writer: Ollama, brief: Brief = BRIEF) -> WriterLacks:
    with pytest.raises(WriterLacks) as error:
        writer.write(brief)
    return error.value


def test_the_brief_arrives_whole() -> None:
    """Schema, length, seed, context: what is not asked for is not kept."""
    with OllamaServer("{}") as server:
        ollama(server, context=16384, keep_alive="10m").write(Brief(**_fields(BRIEF), system="Be brief."))
        (asked,) = server.asked("/api/chat")
    assert asked.body == {
        "model": "qwen2.5:14b",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Two ideas."}],
        "stream": True,
        "format": {"type": "object", "required": ["ideas"]},
        "keep_alive": 600.0,
        "options": {"num_ctx": 16384, "num_predict": 700, "temperature": 0.5, "seed": 3},
        "think": False,
    }


def _fields(brief: Brief) -> dict[str, Any]:
    return {name: getattr(brief, name) for name in Brief.__slots__ if name not in ("system",)}


@pytest.mark.parametrize("unstreamed", [True, False])
def test_letters_of_all_scripts_come_through(unstreamed: bool) -> None:
    text = "".join(f'{{"a{n}": "벚꽃 🌸 <b>&</b> \\n \u2028 é"}}' for n in range(40))
    with OllamaServer(text, unstreamed=unstreamed) as server:
        assert ollama(server).write(Brief(text="?", schema={}, tokens=-1)) == text


def test_what_it_thinks_is_no_part_of_the_answer() -> None:
    with OllamaServer('{"a": 1}', thinking="let me think", refuses=["think"]) as server:
        writer = ollama(server)
        assert writer.write(BRIEF) == '{"a": 1}'
        assert writer.write(BRIEF) == '{"a": 1}'
        bodies = [asked.body for asked in server.asked("/api/chat")]
    assert ["think" in body for body in bodies] == [True, False, False]


def test_a_longer_answer_than_asked_for_ends_there() -> None:
    with OllamaServer("x" * 400) as server:
        assert len(ollama(server).write(Brief(text="?", schema={}, tokens=10))) == 50


def test_pictures_go_to_the_model_that_sees() -> None:
    brief = Brief(text="What is this?", schema={}, images=(b"\x89PNG", b"\xff\xd8"))
    with OllamaServer("{}", MODELS) as server:
        ollama(server, vision="llava:7b").write(brief)
        (asked,) = server.asked("/api/chat")
        assert lacks(ollama(server), brief).code == "writer_blind"
    assert asked.body["model"] == "llava:7b"
    assert asked.body["messages"][0]["images"] == [base64.b64encode(one).decode() for one in brief.images]


def test_a_loop_is_hung_up_on_and_what_came_before_is_used() -> None:
    """Otherwise a small model writes the same word until its limit: minutes of the card for nothing."""
    good = '{"ideas": [{"title_en": "Sky", "title_ko": "하늘", "prompt": "soft pastel sky with clouds"}, {"tags_en": ['
    with OllamaServer(good + '"sky", ' * 20_000) as server:
        answer = ollama(server).write(Brief(text="?", schema={}, tokens=-1))
        assert server.hung_up(10)
        assert server.written < 25_000
    assert len(answer) < 5_000
    assert read(answer).items[0]["title_ko"] == "하늘"


def test_an_answer_that_never_ends_is_cut_after_the_total_time() -> None:
    with OllamaServer("so many different words, and more of them, 123 and 456 " * 3) as server:
        server.fail(Fault("slow", seconds=0.05))
        start = time.monotonic()
        answer = ollama(server, total="300ms").write(BRIEF)
        assert time.monotonic() - start < 5
    assert 5 <= len(answer) < 100


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("drop"), "writer_hung_up"),
        (Fault("drop", after=3), "writer_hung_up"),
        (Fault("html"), "writer_error"),
        (Fault("garbage"), "writer_no_json"),
        (Fault("status", status=500), "writer_no_memory"),
        (
            Fault("status", status=500, text="model requires more system memory (9 GiB) than is available"),
            "writer_no_memory",
        ),
        (Fault("status", status=500, text="unexpected EOF"), "writer_error"),
        (
            Fault("status", status=503, text="server busy, please try again. maximum pending requests exceeded"),
            "writer_busy",
        ),
        (Fault("error_line", after=3), "writer_no_memory"),
    ],
)
def test_whatever_goes_wrong_has_a_sentence_of_its_own(fault: Fault, code: str) -> None:
    with OllamaServer('{"a": "some words"}') as server:
        server.fail(fault, "/api/chat")
        error = away(ollama(server))
        assert error.code == code
        for language in LANGUAGES:
            assert len(Messages(language).tell(error.remark)) > 20
        assert ollama(server).write(BRIEF) == '{"a": "some words"}'


@pytest.mark.parametrize("after", [0, 3])
def test_a_server_that_falls_silent_is_left_after_the_time_out(after: int) -> None:
    with OllamaServer('{"a": "some words"}') as server:
        server.fail(Fault("hang", after=after), "/api/chat")
        error = away(ollama(server, timeout="300ms"))
    assert (error.code, error.facts["seconds"]) == ("writer_silent", 0.3)


def test_ollama_that_is_not_running_is_told_with_the_command_that_starts_it() -> None:
    error = away(ollama("http://127.0.0.1:9"))
    assert Messages("en").tell(error.remark) == "Ollama does not answer at http://127.0.0.1:9. Start it: ollama serve"


def test_a_model_that_is_not_pulled_is_told_with_the_command_that_pulls_it() -> None:
    with OllamaServer("{}", {}) as server:
        writer = ollama(server)
        lack = writer.missing()
        assert lack is not None
        assert "ollama pull qwen2.5:14b" in Messages("ko").tell(lack.remark)
        assert lacks(writer).facts == lack.facts
        with pytest.raises(WriterLacks):
            writer.needs()


@pytest.mark.parametrize(
    ("wanted", "pulled", "there"),
    [
        ("qwen2.5", "qwen2.5:latest", True),
        ("qwen2.5:latest", "qwen2.5:latest", True),
        ("qwen2.5", "qwen2.5:14b", False),
        ("hf.co/x/y:Q4", "hf.co/x/y:Q4", True),
        ("registry:5000/x", "registry:5000/x:latest", True),
    ],
)
def test_a_name_without_a_tag_is_the_latest(wanted: str, pulled: str, there: bool) -> None:
    with OllamaServer("{}", {pulled: GIB}) as server:
        server.models[pulled] = GIB
        assert (ollama(server, model=wanted).missing() is None) == there


def test_the_card_is_told_as_it_is_and_given_back() -> None:
    """Only our own models: somebody else's stay."""
    with OllamaServer("{}", MODELS, embed=letters, linger=2) as server:
        writer = ollama(server, embed="bge-m3", vision="llava:7b")
        assert writer.on_card() == 0
        assert writer.needs() == round(9 * GIB * MARGIN)
        writer.write(BRIEF)
        writer.embed(["a"])
        server.load("other:latest")
        assert writer.on_card() == 9 * GIB * 11 // 10 + GIB * 11 // 10
        writer.release()
        assert set(server.loaded) == {"other:latest"}
        assert writer.on_card() == 0
        sent = [asked.body for asked in server.asked("/api/generate")]
    assert sorted(one["model"] for one in sent) == ["bge-m3:latest", "qwen2.5:14b"]
    assert all(one["keep_alive"] == 0 for one in sent)


def test_a_model_that_does_not_leave_is_told_and_not_waited_for_without_end() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with OllamaServer("{}", linger=10_000) as server:
        server.load("qwen2.5:14b")
        writer = Ollama(Options(url=server.url, model="qwen2.5:14b"), monotonic=lambda: now[0], sleep=sleep)
        with pytest.raises(WriterAway) as error:
            writer.release()
    assert error.value.code == "writer_stays"
    assert 30 < now[0] < 32


def test_a_server_elsewhere_costs_nothing_here_and_is_left_alone() -> None:
    with OllamaServer("{}") as server:
        server.load("qwen2.5:14b")
        writer = ollama(server, shares_card=False)
        assert (writer.on_card(), writer.needs()) == (0, 0)
        writer.release()
        assert set(server.loaded) == {"qwen2.5:14b"}
        assert server.requests == []


def test_where_a_server_is() -> None:
    assert is_here("http://localhost:11434")
    assert is_here("http://127.0.0.1")
    assert is_here("http://0.0.0.0:1")
    assert not is_here("http://192.0.2.7:11434")
    assert not is_here("http://no-such-host.invalid")
    assert is_near("http://localhost:1")
    assert is_near("http://gpubox:1")
    assert is_near("http://192.168.0.7")
    assert is_near("http://gpubox.local")
    assert not is_near("https://api.openai.com/v1")
    assert not is_near("http://8.8.8.8")


def test_a_proxy_of_the_environment_does_not_catch_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with OllamaServer("{}") as server:
        assert ollama(server).write(BRIEF) == "{}"


def test_vectors_come_in_the_order_of_the_texts() -> None:
    with OllamaServer("{}", MODELS, embed=letters) as server:
        texts = ["aaaa", "bbbb", "봄"]
        assert ollama(server, embed="bge-m3").embed(texts) == letters(texts)
        (asked,) = server.asked("/api/embed")
        assert asked.body["input"] == texts
        with pytest.raises(WriterLacks):
            ollama(server, embed="not-pulled").embed(["a"])


def test_vectors_that_do_not_fit_the_texts_are_refused() -> None:
    with OllamaServer("{}", MODELS, embed=lambda texts: letters(texts)[1:]) as server, pytest.raises(WriterAway):
        ollama(server, embed="bge-m3").embed(["a", "b"])


def test_options_that_can_not_be_are_refused() -> None:
    addresses = ("ftp://x", "http://[::1", "http://box:port", "http://", "a b", "")
    for wrong in (
        *({"url": one} for one in addresses),
        {"context": 100},
        {"model": ""},
        {"timeout": "soon"},
        {"modell": "x"},
    ):
        with pytest.raises(ValueError, match="validation error"):
            Options.model_validate({"model": "x"} | wrong)


def test_an_address_may_be_written_short() -> None:
    assert Options(url="localhost:11434", model="x").url == "http://localhost:11434"
    assert Options(url="https://box.lan/ollama/", model="x").url == "https://box.lan/ollama"


def test_nothing_is_asked_before_it_is_needed(tmp_path: Path) -> None:
    with OllamaServer("{}") as server:
        ollama(server)
        assert server.requests == []
