"""`models list` and `models show`: what is there, what is here, what is not to be used."""

from __future__ import annotations

from tests.models_cmd.weights import xl_pipeline

TRAP = """
trap:
  title: {en: a trap, ko: 함정}
  licence: non-commercial
  reason: {en: Its licence forbids sale., ko: 라이선스가 판매를 금지합니다.}
  source: https://huggingface.co/maker/trap
  hub: [maker/Trap]
  instead: mine
"""


def test_the_list_says_what_is_here_with_its_size(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    desk.model("mine", "maker/xl")
    desk.model("other", "maker/xl")
    desk("pull", "mine")
    rows = {row["name"]: row for row in desk("list", "--json").json}
    assert (rows["mine"]["here"], rows["other"]["here"]) == (True, False)
    assert rows["mine"]["bytes"] == desk.index.pulled("mine").bytes
    assert {"title", "provider", "licence", "sellable"} <= rows["mine"].keys()
    table = desk("list").out
    assert "mine" in table and "Apache-2.0" in table


def test_a_folder_of_ones_own_is_here_without_being_pulled(desk):
    (desk.root / "own").mkdir()
    (desk.root / "own" / "model.safetensors").write_bytes(b"x" * 100)
    desk.model("own", str(desk.root / "own"))
    desk.model("lost", str(desk.root / "lost"))
    rows = {row["name"]: row for row in desk("list", "--json").json}
    assert (rows["own"]["here"], rows["own"]["bytes"], rows["lost"]["here"]) == (True, 100, False)


def test_a_model_is_shown_with_its_sources_memory_and_place(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    memory = {"encoders": 1 << 30, "denoiser": 5 << 30, "decoder": 1 << 20, "working": 2 << 30, "each": 1 << 30}
    desk.model("mine", "maker/xl", memory=memory, sources={"licence": "https://example.com/terms"}, aliases=["내그림"])
    assert "0 B" not in desk("show", "mine").out  # its size is not known before it is here
    desk("pull", "mine")
    said = desk("show", "내그림").out
    for part in ("maker/xl", "5.0 GiB", "https://example.com/terms", "memory on the card", "pixels: 9216",
                 f"lies in: {desk.index.pulled('mine').path}\n"):  # fmt: skip
        assert part in said
    assert desk("show", "mine", "--json").json["path"] == desk.index.pulled("mine").path


def test_a_refused_model_is_shown_with_the_reason_and_what_to_use_instead(desk):
    desk.model("mine", "maker/xl")
    (desk.my / "catalog" / "refused.yaml").write_text(TRAP, "utf-8")
    for word in ("trap", "maker/trap"):
        said = desk("show", word)
        assert (said.code, "forbids sale" in said.out, "mine" in said.out) == (0, True, True)
    pulled = desk("pull", "trap")
    assert (pulled.code, "forbids sale" in pulled.err, "models show mine" in pulled.err) == (1, True, True)
