"""The first evening: each thing that doesn't work comes with what helps."""

from __future__ import annotations

from tests.ollama import OllamaServer


def test_config_check_says_what_the_config_means(desk):
    here = desk(inbox={"path": "in", "settle": "1500ms"})
    said = here("config", "check")
    assert said.code == 0
    assert f"{here.root}/in once they have been quiet for 1.5 seconds" in said.out


def test_config_check_for_scripts_is_the_whole_config(desk):
    here = desk()
    told = here("config", "check", "--json").json
    assert told["outbox"]["path"] == str(here.root / "outbox")
    assert told["defaults"]["count"] == 1


def test_config_check_finds_names_of_nothing(desk):
    said = desk(chains={"auto": ["zebra"]})("config", "check")
    assert said.code == 2
    assert "zebra" in said.err


def test_doctor_is_content_with_a_fresh_folder(desk):
    said = desk()("doctor")
    assert said.code in (0, 1)  # 1 where this machine has little disk or few watches
    assert "✓" in said.out
    assert {one["check"] for one in desk()("doctor", "--json").json} - {"state", "service"} == {
        "config", "daemon", "folders", "disk", "inotify", "local", "cards",
    }  # fmt: skip


def test_doctor_tells_a_broken_config_once_and_still_looks_at_the_rest(desk):
    said = desk(inboks={}, language="kor")("doctor")
    assert said.code == 1
    assert said.out.count("inboks") == 1
    assert said.out.count("✗") == 1
    assert "✓" in said.out


def test_doctor_names_the_setting_where_outbox_and_staging_cannot_be_linked(desk):
    said = desk(outbox={"path": "/dev/shm/stockgen-no", "staging": "/proc/stockgen-no"})("doctor")
    assert said.code == 1
    assert "✗" in said.out


def test_doctor_says_why_image_models_cannot_run_and_what_helps(desk):
    here = desk(providers={"scripted": {"place": "gpu"}}, gpu={"devices": [7]})
    said = here("doctor")
    assert said.code == 1
    assert "✗ `gpu.devices` names card 7, which is not there." in said.out
    assert "No graphics card can be used: " in said.out or "✓ Graphics card 0" in said.out


def test_doctor_is_content_without_a_card_where_nothing_needs_one(desk):
    told = desk()("doctor", "--json").json
    assert [one["ok"] for one in told if one["check"] in ("cards", "local")] == [True, True]
    assert "providers" not in {one["check"] for one in told}


def test_doctor_says_of_a_text_model_that_does_not_answer_how_to_start_it(desk):
    over = {"writers": {"ollama": {"url": "http://127.0.0.1:9", "model": "qwen2.5:14b"}}}
    said = desk(**over)("doctor")
    assert said.code == 1
    assert "✗ The text model ollama/qwen2.5:14b can't" in said.out
    assert "ollama serve" in said.out


def test_doctor_says_of_a_text_model_that_it_answers_or_how_to_get_it(desk):
    with OllamaServer(answers="hello", models={"qwen2.5:14b": 9 << 30}) as server:
        for model, code in (("qwen2.5:14b", True), ("qwen2.5:7b", False)):
            here = desk(writers={"ollama": {"url": server.url, "model": model}})
            found = [one for one in here("doctor", "--json").json if one["check"] == "writers"]
            assert [one["ok"] for one in found] == [code]
            assert code or "ollama pull qwen2.5:7b" in found[0]["told"]


def test_doctor_says_of_each_provider_that_needs_a_card_whether_it_is_ready(desk):
    here = desk(providers={"scripted": {"place": "gpu"}, "second": {}}, gpu={"devices": ["cpu", "cpu"]})
    told = here("doctor", "--json").json
    assert [one["told"] for one in told if one["check"] == "providers"] == ["scripted is ready."]
    assert [one["told"] for one in told if one["check"] == "cards"] == [
        "Image models run on the processor; a picture takes minutes."
    ]


def test_doctor_says_of_each_text_model_what_it_lacks_with_the_command(desk):
    with OllamaServer("{}", {"qwen2.5:14b": 9}) as server:
        ollama = {"url": server.url, "model": "qwen2.5:14b", "vision": "qwen2.5vl:7b", "embed": "bge-m3"}
        here = desk(writers={"canned": {"answers": "none.txt"}, "ollama": ollama})
        told = [(one["ok"], one["told"]) for one in here("doctor", "--json").json if one["check"] == "writers"]
    assert [ok for ok, _ in told] == [False, True, False, False]
    assert "none.txt" in told[0][1]
    assert told[1][1] == "The text model ollama/qwen2.5:14b is ready."
    assert told[2][1].endswith("ollama pull qwen2.5vl:7b")
    assert told[3][1].endswith("ollama pull bge-m3")
    off = here("doctor")  # the server is gone
    assert "ollama serve" in off.out
    assert off.code == 1


def test_config_check_and_list_know_who_thinks_and_who_looks(desk):
    assert "come from the word lists" in desk()("config", "check").out
    ollama = {"model": "qwen2.5:14b", "vision": "qwen2.5vl:7b"}
    here = desk(writers={"ollama": ollama, "canned": {"answers": "a.txt"}}, checks={"vision": {"least": 6}})
    said = here("config", "check").out
    assert "canned/a.txt → ollama/qwen2.5:14b" in said
    assert "fewer than 6 marks of 10" in said
    assert here("list", "writers", "--json").json == [
        {"name": "canned", "what": "canned/a.txt"}, {"name": "ollama", "what": "ollama/qwen2.5:14b, looks at pictures"},
    ]  # fmt: skip


def test_doctor_says_how_each_card_would_hold_the_models_that_are_set_up(tmp_path):
    from stockgen.cli import examining
    from stockgen.gpu.cards import Card
    from tests.cli.rig import rig
    from tests.house import write_config

    config = write_config(tmp_path, {"providers": {"sdxl": {"refiner": "sdxl-refiner"}, "flux": {}}, "chains": {}})
    free = [int((total - 0.8) * 1e9) for total in (6, 12, 24)]
    cards = tuple(Card(number, "RTX", one + 1, one, "580.1") for number, one in enumerate(free))
    session = rig(config, *cards)
    told = [(ok, session.say.tell(remark)) for ok, remark in examining.CHECKS["plans"](session)]
    sdxl = [line for _, line in told if line.startswith("sdxl-base")]
    assert "streamed through" in sdxl[0] or "one part after the other" in sdxl[0]
    assert "one part after the other" in sdxl[1]
    assert "stays on it whole" in sdxl[2]
    assert len(told) == 6


def test_doctor_takes_models_that_were_never_fetched_for_no_fault_where_another_one_is_ready(tmp_path):
    import yaml

    from stockgen.cli import examining
    from stockgen.cli.desk import Session
    from tests.house import write_config

    (tmp_path / "weights").mkdir()
    (tmp_path / "my" / "catalog").mkdir(parents=True)
    drawing = {"pipeline": "StableDiffusionXLPipeline", "steps": 30, "guidance": 5.0, "guided": True, "tokens": 77,
               "dtype": "float16"}  # fmt: skip
    mine = {"title": {"en": "a", "ko": "b"}, "provider": "sdxl", "licence": "MIT", "sellable": True, "source": "here",
            "look": "diffusion", "weights": {"source": "../weights"}, "drawing": drawing}  # fmt: skip
    (tmp_path / "my" / "catalog" / "mine.yaml").write_text(yaml.safe_dump({"mine": mine}), "utf-8")
    providers = {"sdxl": {"model": "mine"}, "flux2_klein": {}}
    for ready in (True, False):
        over = {"providers": providers if ready else {"flux2_klein": {}}, "chains": {}, "gpu": {"devices": ["cpu"]}}
        session = Session(write_config(tmp_path, over))
        told = {session.say.tell(remark): ok for ok, remark in examining.CHECKS["providers"](session)}
        (about,) = [line for line in told if line.startswith("flux2_klein")]
        assert (told[about], "stockgen models pull flux2-klein-4b" in about) == (ready, True)


def test_rules_that_nobody_looked_up_for_long_are_a_warning_and_no_failure(desk):
    here = desk(defaults={"count": 1, "markets": ["adobe_stock"]})
    for name in ("adobe_stock", "vecteezy"):
        (here.root / "my" / "markets").mkdir(parents=True, exist_ok=True)
        (here.root / "my" / "markets" / f"{name}.yaml").write_text("verified_at: 2025-01-15\n")
    said = here("doctor")
    (line,) = [line for line in said.out.splitlines() if line.startswith("! ")]
    assert "adobe_stock: its rules were looked up" in line  # the other market is not used here
    assert "2025-01-15" in line
    assert said.code == 0
    assert {"check": "markets", "ok": None, "told": line[2:]} in here("doctor", "--json").json
    told = {row["name"]: row["what"] for row in here("list", "markets", "--json").json}
    assert "days ago (2025-01-15)" in told["vecteezy"]


def test_the_list_of_markets_says_what_each_takes_and_why_one_is_closed(desk):
    told = {row["name"]: row["what"] for row in desk()("list", "markets", "--json").json}
    assert "background, illustration, element" in told["miricanvas"]
    assert told["shutterstock"].startswith("closed: Shutterstock takes no AI")
    assert "may close accounts" in told["shutterstock"]


def test_doctor_says_what_is_missing_to_cut_out_only_where_the_config_orders_it(desk):
    assert "cut out" not in desk()("doctor").out
    presets = {"sticker": {"kind": "element", "markets": ["miricanvas"]}}
    said = desk(presets=presets)("doctor")
    assert "stockgen models pull birefnet-general" in said.out
    assert said.code == 1
    named = desk(finish={"cutout": "u2net"})("doctor")
    assert "stockgen models pull u2net" in named.out


def test_a_model_that_can_not_do_what_it_is_named_for_is_a_fault_of_the_config(desk):
    said = desk(finish={"cutout": "sdxl-base", "upscale": "birefnet-general"})("config", "check")
    assert said.code == 2
    assert "finish.cutout" in said.err
    assert "isnet-general-use" in said.err  # what it could be
    assert "finish.upscale" in said.err
