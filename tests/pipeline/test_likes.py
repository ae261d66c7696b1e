"""Pictures like one that is there: the same look, other subjects; asked for by a job file or by `more`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stockgen.checks.likeness import likeness_of
from stockgen.domain.errors import JobFileError
from stockgen.domain.names import REFERENCES
from stockgen.domain.words import Like, Lora, Order
from stockgen.ledger import Row
from stockgen.ledger.jobs import remarks_of
from stockgen.messages import Messages
from stockgen.pipeline.commands import Command
from stockgen.pipeline.likes.look import Here, alike
from stockgen.pipeline.likes.original import original
from stockgen.pipeline.likes.picture import colours_of, copied
from tests.house import House, broken_promises, write_config
from tests.pipeline.stage import command, restart

Build = Callable[..., House]
BLOSSOM = (
    "keywords: cherry blossom\nkind: illustration\nstyle: watercolor\nsize: 96x64\nnegative_prompt: people\nsteps: 9\n"
)
CALM = {"place": "net", "misbehave": False}  # views say `framed` and `blurred`, which the providers for tests obey
BOTH: dict[str, Any] = {"providers": {"scripted": CALM, "second": dict(CALM)}}
DRAWN = {"chains": {"auto": ["procedural"]}, "providers": {"procedural": {}}}


def first(one: House, text: str = BLOSSOM) -> str:
    """Make a picture; return its name."""
    return str(one.app.ledger.assets.of_job(one.make(text))[0]["stem"])


def order_of(one: House, job: str) -> Order:
    (order,) = one.app.ledger.jobs.orders(job)
    return order


def wish_of(shot: Row) -> dict[str, Any]:
    return dict(json.loads(shot["wish"]))


def titles(one: House, job: str) -> list[str]:
    return [row["title_en"] for row in one.app.ledger.query("SELECT title_en FROM ideas WHERE job_id = :j", j=job)]


def told(one: House, job: str) -> list[str]:
    return [remark["code"] for remark in json.loads(one.app.ledger.jobs.get(job)["remarks"])]


def refused(one: House, text: str) -> list[tuple[str, str]]:
    with pytest.raises(JobFileError) as caught:
        one.order(text)
    return [(remark.code, remark.facts.get("nearest", "")) for remark in caught.value.remarks]


def test_thirty_like_one_have_its_look_and_none_has_its_subject_or_one_anothers_title(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    (kind, style, palette) = ("illustration", "soft watercolor painting, paper texture, gentle washes", "")
    job = one.make(f"like: {name}\ncount: 30\n")
    order, shots = order_of(one, job), one.shots(job)
    palette = f"color palette of {order.palette}"
    assert (order.kind, order.style, order.model) == (kind, style, ("scripted",))
    assert (order.negative_prompt, order.steps, order.size.width) == ("people", 9, 96)
    assert order.palette and len({shot["prompt"] for shot in shots}) == 30
    assert all(style in shot["prompt"] and palette in shot["prompt"] for shot in shots)
    assert not [shot["prompt"] for shot in shots if "cherry" in shot["prompt"].partition(",")[0]]
    named = [*titles(one, job), *titles(one, one.app.ledger.jobs.listed()[-1]["id"])]
    assert len({title.casefold() for title in named}) == 31
    assert len({shot["prompt"].partition(",")[0] for shot in shots}) > 15  # other subjects, not one in thirty lights
    assert broken_promises(one.app.ledger) == {}


def test_a_model_that_looks_gets_a_copy_that_stays_whatever_becomes_of_the_picture(house: Build) -> None:
    one = house(BOTH)
    name = first(one, BLOSSOM.replace("96x64", "2400x1600"))
    job = one.order(f"like: {name}\n")
    one.app.engine.parts.planner.step(one.app.clock.monotonic())
    for path in one.outbox.rglob(f"{name}.jpg"):
        path.unlink()
    one.work()
    (shot,) = one.shots(job)
    copy = one.root / ".stockgen" / REFERENCES / wish_of(shot)["like"]["image"]
    with Image.open(copy) as picture:
        assert (picture.format, picture.mode, max(picture.size)) == ("JPEG", "RGB", 1024)
    again = one.make(f"like: {name}\n")  # its file is gone now: its words and colours are left
    assert order_of(one, again).palette == order_of(one, job).palette != ""
    assert "like" not in wish_of(one.shots(again)[0])
    assert "plan.like_gone" in told(one, again)
    assert "plan.like_gone" not in told(one, job)


def test_whoever_cant_be_shown_a_picture_is_told_words_and_colours_and_the_author_is_told_that(
    house: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    providers = {"scripted": CALM, "openai": {"model": "gpt-image-1.5"}}
    one = house({"providers": providers, "chains": {"auto": ["scripted"]}, "money": {"per_month_usd": 5}})
    name = first(one)
    command(one, "pause")  # nothing is sent to anybody
    job = one.order(f"like: {name}\nmodel: openai\n")
    one.work()
    (shot,) = one.shots(job)
    (remark,) = [
        each for each in remarks_of(one.app.ledger.jobs.get(job)["remarks"]) if each.facts.get("key") == "like"
    ]
    assert (shot["provider"], remark.code, remark.facts["why"].code) == ("openai", "plan.dropped", "dropped.like")
    assert "color palette of" in shot["prompt"]
    said = {language: Messages(language).tell(remark) for language in ("en", "ko")}
    assert "in words alone" in said["en"] and "말로만" in said["ko"]


@pytest.mark.parametrize(
    "written",
    ["{name}", "{name}.jpg", "/home/me/outbox/2026-11/23_봄꽃_k7m2q/images/{name}.jpg", "C:\\올리기\\{NAME}.JPG",
     "{name} (1).jpg", "{name} - 복사본.jpg", "{job} 1", "{job}-001", "last #1"],
)  # fmt: skip
def test_a_picture_is_known_by_what_people_call_it(house: Build, written: str) -> None:
    one = house(BOTH)
    name = first(one)
    text = written.format(name=name, NAME=name.upper(), job=name[-9:-4])
    job = one.order(f"like: '{text}'\n" if "#" in text else f"like: {text}\n")
    like = order_of(one, job).like
    assert like and (like.name, like.shot) == (name, one.app.ledger.finding.named(name)["shot_id"])  # type: ignore[index]


def test_a_name_that_is_none_of_ours_is_refused_with_the_nearest(house: Build) -> None:
    one = house(BOTH)
    assert refused(one, "like: cherry-blossom-k7m2q-003\n") == [("job_file.like_unknown", "")]
    name = first(one)
    slip = name.replace("cherry", "chery")
    assert refused(one, f"- like: {slip}\n- {{like: {name[:-3]}002, keywords: a}}\n") == [
        ("job_file.like_near", name), ("job_file.like_near", name),
    ]  # fmt: skip
    assert refused(one, "like: last 9\n") == [("job_file.like_unknown", "")]


def test_what_the_author_says_himself_is_not_taken_from_the_picture(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    job = one.order(f"like: {name}\nkeywords: [sea, harbor]\nkind: background\nsize: 64x64\nmodel: second\n")
    orders = one.app.ledger.jobs.orders(job)
    assert [(order.mode, order.subject) for order in orders] == [("keyword", "sea"), ("keyword", "harbor")]
    order = orders[0]
    # `background` is what an order without any kind gets: it must be told from one that was written
    assert (order.kind, order.size.width, order.model) == ("background", 64, ("second",))
    assert (order.steps, order.negative_prompt) == (None, "people")  # steps mean something to their model alone
    styled = order_of(one, one.order(f"like: {name}\nstyle: flat\n"))
    assert (styled.style, styled.kind) == ("flat", "illustration")


def test_a_background_asked_for_of_an_element_is_not_lost_without_a_word(house: Build) -> None:
    one = house({"chains": {"auto": ["cutter"]}, "providers": {"cutter": {"place": "net"}}}, thread=True)
    job = one.order("keywords: acorn\nkind: element\nsize: 96x64\n")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    name = str(one.app.ledger.assets.of_job(job)[0]["stem"])
    assert refused(one, f"like: {name}\ntransparent: no\n") == [("job_file.like_element", "")]
    grounded = order_of(one, one.order(f"like: {name}\ntransparent: no\nkind: illustration\n"))
    assert (grounded.kind, grounded.cut) == ("illustration", False)
    assert order_of(one, one.order(f"like: {name}\n")).cut


def test_subjects_of_ones_own_get_the_look_and_may_be_the_pictures(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    job = one.make(f"like: {name}\nkeywords: cherry blossom\ncount: 3\n")
    assert all(shot["prompt"].startswith("cherry blossom,") for shot in one.shots(job))
    exact = one.make(f"like: {name}\nprompt: a lighthouse\n")
    (shot,) = one.shots(exact)
    assert shot["prompt"].startswith("a lighthouse, soft watercolor painting") and "color palette of" in shot["prompt"]


def test_neither_a_restart_nor_another_config_changes_what_was_understood(house: Build) -> None:
    one = house(BOTH | {"styles": {"ours": {"prompt": "thick felt, stitched seams"}}})
    name = first(one, BLOSSOM.replace("watercolor", "ours"))
    job = one.order(f"like: {name}\ncount: 2\n")
    text = one.config_path.read_text("utf-8").replace("thick felt, stitched seams", "glass")
    one.config_path.write_text(text.replace("auto:\n  - scripted", "auto:\n  - second"))
    one.again()
    one.work()
    assert all("thick felt, stitched seams" in shot["prompt"] for shot in one.shots(job))
    assert {shot["provider"] for shot in one.shots(job)} == {"scripted"}


def test_loras_come_along_with_their_weights_as_far_as_they_are_here_and_their_model_makes_it(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    of, material = original(one.app.ledger, name), one.app.catalogue.material
    worn = replace(of, order=replace(of.order, lora=(Lora("paper", 0.8), Lora("ink"))))
    here = Here("scripted", {"paper"}, (), (), material)
    asked = Order(mode="random", count=1, like=Like(name))
    assert alike(asked, worn, here).lora == (Lora("paper", 0.8),)
    assert alike(asked, worn, replace(here, model="")).lora == ()
    other = replace(asked, model=("second",), like=Like(name, said=("model",)))
    assert alike(other, worn, here).lora == ()
    own = replace(asked, lora=(Lora("felt"),), like=Like(name, said=("lora",)))
    assert alike(own, worn, here).lora == (Lora("felt"),)


def test_where_its_model_is_gone_others_make_it_and_that_is_told(house: Build) -> None:
    one = house(BOTH)
    name = first(one, BLOSSOM + "model: second\n")
    write_config(one.root, {"providers": {"scripted": CALM}, "chains": {"auto": ["scripted"]}})
    one.again()
    job = one.make(f"like: {name}\n")
    assert "plan.like_model" in told(one, job)
    assert order_of(one, job).model == ("auto",)
    assert {shot["provider"] for shot in one.shots(job)} == {"scripted"}


def test_what_somebody_dropped_or_a_market_refused_may_be_liked_and_is_told(shop: Build) -> None:
    one = shop(BOTH)
    name = first(one, BLOSSOM + "markets: [adobe_stock]\n")
    command(one, "basket", market="adobe_stock")
    command(one, "mark", market="adobe_stock", state="rejected", text=f"{name}.jpg\n")
    command(one, "drop", numbers="1", job="last")
    assert {"plan.like_dropped", "plan.like_refused"} <= set(told(one, one.order(f"like: {name}\n")))


def test_more_is_a_job_of_its_own_that_goes_on_from_the_pictures_job(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    parent = one.app.ledger.finding.named(name)["job_id"]  # type: ignore[index]
    answer, *others = command(one, "more", picture=f"{name}.jpg", count=5)
    assert (answer.code, answer.facts["of"], answer.facts["pictures"], answer.facts["model"]) == (
        "command.more", name, 5, ["scripted"],
    )  # fmt: skip
    assert [(remark.code, remark.line) for remark in others] == [("plan.like", None)]
    job = answer.facts["job"]
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    row = one.app.ledger.jobs.get(job)
    assert (row["kind"], row["parent_id"], row["result"], row["source_name"]) == ("more", parent, "done", name)
    assert name in row["folder"] and len(one.pictures(job)) == 5
    assert broken_promises(one.app.ledger) == {}


def test_more_without_a_number_makes_as_many_as_the_config_says_and_never_more_than_it_allows(house: Build) -> None:
    limits = {"free_disk": "0B", "images_per_job": 7}
    one = house(BOTH | {"defaults": {"count": 3, "markets": []}, "limits": limits})
    name = first(one, BLOSSOM + "count: 1\n")
    assert command(one, "more", picture=name)[0].facts["pictures"] == 3
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"picture": name, "count": 8}, "job_file.value"),
        ({"picture": "cherry"}, "job_file.like_unknown"),
        ({"picture": name, "model": "nobody"}, "job_file.value"),
    ]
    for number, (arguments, code) in enumerate(wishes):
        answer = one.app.desk.apply(Command(id=f"m{number}", name="more", arguments=arguments))
        assert (answer.result, [(each.code, each.line) for each in answer.told]) == ("refused", [(code, None)])
    assert len(one.app.ledger.jobs.listed()) == 2


def test_more_of_the_same_picture_does_not_begin_with_what_there_is_of_it(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    jobs = [command(one, "more", picture=name, count=20)[0].facts["job"] for _ in range(4)]
    one.work()
    motifs = [{row["motif_id"] for row in one.app.ledger.motifs.of_job(job)} for job in jobs]
    assert sum(map(len, motifs)) == len(set().union(*motifs)) > 70


def test_a_drawn_picture_has_brothers_of_its_palette_and_family(house: Build) -> None:
    one = house(DRAWN)
    name = first(one, "keywords: spring sea\nsize: 300x200\n")
    job = command(one, "more", picture=name, count=8)[0].facts["job"]
    one.work()
    made = [json.loads(one.app.ledger.shots.attempts(shot["id"])[-1]["request"]) for shot in one.shots(job)]
    was = json.loads(one.app.ledger.shots.attempts(one.app.ledger.finding.named(name)["shot_id"])[-1]["request"])  # type: ignore[index]
    assert {(each["family"], each["palette"]) for each in made} == {(was["family"], was["palette"])}
    assert len({each["variant"] for each in made}) > 3
    assert "plan.dropped" not in told(one, job) and "plan.drawn" not in told(one, job)


def test_a_drawing_of_colours_that_its_author_wrote_keeps_just_those(house: Build) -> None:
    one = house(DRAWN)
    name = first(one, "prompt: 'waves #112233 #ffcc00 #ee8899'\nsize: 300x200\n")
    job = command(one, "more", picture=name, count=2)[0].facts["job"]
    one.work()
    made = [json.loads(one.app.ledger.shots.attempts(shot["id"])[-1]["request"]) for shot in one.shots(job)]
    assert [each["colours"] for each in made] == [["#112233", "#ffcc00", "#ee8899"]] * 2


def test_a_job_for_more_is_cancelled_and_made_again_like_any_other(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    command(one, "pause")
    job = command(one, "more", picture=name, count=3)[0].facts["job"]
    one.work()
    command(one, "cancel", job="last")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    command(one, "resume")
    again = command(one, "retry", job=job)[0].facts["job"]
    one.work(lambda: one.app.ledger.jobs.get(again)["state"] == "closed")
    assert len(one.pictures(again)) == 3
    assert {shot["prompt"] for shot in one.shots(again)} == {shot["prompt"] for shot in one.shots(job)}


def test_a_planning_that_is_killed_goes_on_with_other_pictures(house: Build) -> None:
    one = house(BOTH)
    name = first(one)
    command(one, "pause")
    job = command(one, "more", picture=name, count=12)[0].facts["job"]
    planner = one.app.engine.parts.planner
    planning = planner._begin()
    assert planning
    for _ in range(5):
        planner._advance(planning)
    restart(one)
    command(one, "resume")
    one.work()
    assert len({shot["prompt"] for shot in one.shots(job)}) == 12
    assert len({wish_of(shot)["like"]["image"] for shot in one.shots(job)}) == 1
    assert len(list((one.root / ".stockgen" / REFERENCES).iterdir())) == 1


def drawn(**over: Any) -> Image.Image:
    cut = Image.new("RGBA", (2000, 1000), over.get("ground", (0, 0, 0, 0)))
    cut.paste((216, 38, 44, 255), (200, 200, 1800, 800))
    cut.paste((20, 29, 56, 255), (200, 200, 600, 800))
    return cut


def test_what_is_kept_of_a_picture_tells_its_colours_without_its_file(tmp_path: Path) -> None:
    row = {"kept": likeness_of(drawn(ground=(239, 228, 207, 255))).kept, "path": "gone.jpg"}
    assert colours_of(row, tmp_path, cut=False)[:3] == ("beige", "red", "navy")
    older = {"kept": None, "path": "a.jpg"}
    drawn(ground=(239, 228, 207, 255)).convert("RGB").save(tmp_path / "a.jpg")
    assert colours_of(older, tmp_path, cut=False)[:3] == ("beige", "red", "navy")
    assert colours_of({"kept": None, "path": "none.jpg"}, tmp_path, cut=False) == ()


def test_the_white_on_which_an_element_is_looked_at_is_none_of_its_colours(tmp_path: Path) -> None:
    drawn().save(tmp_path / "a.png")
    kept = likeness_of(drawn()).kept
    found = colours_of({"kept": kept, "path": ""}, tmp_path, cut=True)
    assert found[:2] == ("red", "navy") and not [name for name in found if "white" in name or "pale" in name]
    assert colours_of({"kept": None, "path": "a.png"}, tmp_path, cut=True) == ("red", "navy")
    assert "white" in colours_of({"kept": kept, "path": ""}, tmp_path, cut=False)


def test_an_element_is_shown_on_white_and_what_is_no_picture_is_not_shown(tmp_path: Path) -> None:
    drawn().save(tmp_path / "a.png")
    with Image.open(tmp_path / copied(tmp_path / "a.png", tmp_path)) as picture:
        assert (picture.format, picture.size, picture.getpixel((0, 0))) == ("JPEG", (1024, 512), (255, 255, 255))
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "c.jpg").write_bytes((tmp_path / "a.png").read_bytes()[:900])
    assert [copied(tmp_path / name, tmp_path) for name in ("b.png", "c.jpg", "none.jpg")] == ["", "", ""]
