"""A basket is complete or not there; a picture is in one basket of a market at most; nothing is left out in silence."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from stockgen.pipeline.baskets.choosing import Choosing, Terms
from stockgen.pipeline.baskets.folder import Folders, Style
from stockgen.pipeline.baskets.making import Stall
from stockgen.pipeline.workshop import Workshop
from tests.house import House, litter, write_config
from tests.pipeline.dying import NOBODYS, Died, Doomed, Fate, fates, tree
from tests.pipeline.stage import command, only_rendered, restart

Build = Callable[..., House]
DAY = 86400.0


def order(*titles: str, extra: str = "") -> str:
    """One picture a title, each of a motif of its own, for Adobe Stock."""
    rest = f"tags: 'sea, wave', size: 64x64, markets: [adobe_stock]{extra}"
    return "".join(f"- {{prompt: 'a sea with {title}', title: '{title}', {rest}}}\n" for title in titles)


def baskets(one: House) -> list[Path]:
    return sorted(path for path in one.outbox.glob("upload/*/*") if path.is_dir())


def pictures(one: House) -> list[str]:
    """Names of all pictures in all baskets."""
    return sorted(path.name for basket in baskets(one) for path in (basket / "1_pictures").iterdir())


def left_out(one: House) -> list[str]:
    """Make baskets; return why pictures are in none."""
    return [why for _, why in left_out_stems(one)]


def left_out_stems(one: House) -> list[tuple[str, str]]:
    """Make baskets; return which pictures are in none, and why."""
    told = [remark for remark in command(one, "basket", market="adobe_stock") if remark.code == "basket.left_out"]
    return [(stem, remark.facts["why"].code) for remark in told for stem in remark.facts["stems"]]


# -- bytes -----------------------------------------------------------------------------------------------------


def test_the_read_me_opens_in_a_windows_editor(shop: Build) -> None:
    one = shop()
    one.make(order("Sea"))
    command(one, "basket")
    (basket,) = baskets(one)
    data = (basket / "0_READ_ME.txt").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n") > 5
    assert sorted(path.name for path in basket.iterdir()) == ["0_READ_ME.txt", "1_pictures", "2_adobe_stock.csv"]


def test_of_one_picture_nobody_says_pictures(shop: Build) -> None:
    one = shop()
    one.make(order("Sea"))
    (told,) = command(one, "basket")
    (basket,) = baskets(one)
    said = (basket / "0_READ_ME.txt").read_text("utf-8-sig") + one.app.catalogue.say.tell(told)
    assert said.count("pictures: 1)") == 2
    assert not re.search(r"\b1 (all )?pictures", said)


def test_what_is_too_light_for_a_market_is_told_in_one_sentence(shop: Build) -> None:
    one = shop()
    market = one.root / "my" / "markets" / "adobe_stock.yaml"
    market.write_text(market.read_text() + "\nmin_bytes: 2000000\n")
    one.again()
    one.make(order("Sea", "Tree", "Stone"))
    (told,) = [remark for remark in command(one, "basket") if remark.code == "basket.left_out"]
    assert told.facts["count"] == 3
    assert "smaller than 2.0 MB" in one.app.catalogue.say.tell(told)


def scan(path: Path) -> bytes:
    data = path.read_bytes()
    return data[data.rindex(b"\xff\xda") :]  # within a baseline scan 0xFF is stuffed


def test_a_picture_in_a_basket_has_the_masters_pixels_and_the_markets_words(shop: Build) -> None:
    one = shop()
    job = one.make(order("Sea, by night", extra=", language: ko"))
    command(one, "basket")
    (master,), (copy,) = one.pictures(job), list((baskets(one)[0] / "1_pictures").iterdir())
    assert scan(copy) == scan(master)
    assert copy.name == master.name
    assert copy.read_bytes() != master.read_bytes()
    assert b"Sea by night" in copy.read_bytes()
    with Image.open(io.BytesIO(copy.read_bytes())) as picture:
        assert picture.info["icc_profile"]
        assert picture.info["dpi"] == (300, 300)


# -- which pictures --------------------------------------------------------------------------------------------


def test_only_closed_jobs_give_pictures(shop: Build) -> None:
    one = shop()
    job = one.order(order("Sea"))
    only_rendered(one, job)
    Doomed(one, Fate(10_000)).finish()
    assert one.states() == {"done": 1}
    assert left_out(one) == []
    assert baskets(one) == []
    one.work()
    command(one, "basket")
    assert len(pictures(one)) == 1


def test_a_picture_that_its_owner_threw_away_is_in_no_basket(shop: Build) -> None:
    one = shop()
    job = one.make(order("Sea", "Tree"))
    one.pictures(job)[0].unlink()
    assert left_out(one) == []
    assert len(pictures(one)) == 1


def test_a_picture_whose_folder_was_moved_away_is_left_out_with_its_reason(shop: Build) -> None:
    one = shop()
    job = one.make(order("Sea"))
    one.folder(job).rename(one.root / "elsewhere")
    assert left_out(one) == ["basket.gone"]
    assert baskets(one) == []


def test_what_lies_in_review_and_what_may_not_be_sold_is_in_no_basket(house: Build, shop: Build) -> None:
    one = shop()
    one.make("- {prompt: a flat sea, title: Sea, size: 64x64, markets: [adobe_stock]}\n")
    assert left_out(one) == []
    other = house({"language": "en"}, thread=True)  # knows no licence of its provider
    other.make("- {prompt: a sea, title: Sea, size: 3000x2000, markets: [adobe_stock]}\n")
    assert left_out(other) == []
    assert baskets(one) == baskets(other) == []


def test_a_title_that_the_market_has_is_left_out_with_its_reason(shop: Build) -> None:
    one = shop()
    one.make(order("Sea", "Sea"))
    assert left_out(one) == ["basket.title_twice"]
    one.make(order("Sea"))
    assert left_out(one) == ["basket.title_twice"] * 2
    assert len(pictures(one)) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (order("Sea").replace("[adobe_stock]", "[]"), "basket.not_meant"),
        (order("A volcano by the sea"), "basket.title_word"),
    ],
)
def test_what_the_market_does_not_take_is_left_out_with_its_reason(shop: Build, text: str, why: str) -> None:
    one = shop()
    one.make(text)
    assert left_out(one) == [why]


def test_the_quota_of_a_week_and_the_size_of_a_basket(shop: Build) -> None:
    one = shop({"markets": {"adobe_stock": {"per_week": 5, "basket": 2}}})
    one.make(order("A", "B", "C", "D", "E", "F"))
    assert left_out(one) == ["basket.quota"]
    assert [len(list((path / "1_pictures").iterdir())) for path in baskets(one)] == [2, 2, 1]
    assert [path.name[-2:] for path in baskets(one)] == ["-a", "-b", "-c"]
    assert left_out(one) == ["basket.quota"]
    one.app.ledger._db.write("UPDATE baskets SET made_at = '2020-01-01T00:00:00.000Z'")
    assert left_out(one) == []  # the next week
    assert len(pictures(one)) == 6


def test_each_basket_needs_the_same_clicks_for_all_of_its_pictures(shop: Build) -> None:
    one = shop()
    one.make(order("A", "B") + order("C", extra=", kind: photo"))
    command(one, "basket")
    found = {path.parent.name: len(list((path / "1_pictures").iterdir())) for path in baskets(one)}
    assert found == {"adobe_stock-ai-illustration": 2, "adobe_stock-ai-photo": 1}


def test_a_picture_is_never_in_two_baskets_of_a_market(shop: Build) -> None:
    one = shop()
    one.make(order("A", "B"))
    command(one, "basket")
    assert [remark.code for remark in command(one, "basket", market="adobe_stock")] == ["basket.none"]
    one.make(order("C"))
    command(one, "basket")
    assert len(pictures(one)) == len(set(pictures(one))) == 3
    assert len(baskets(one)) == 2


def titled(one: House) -> list[str]:
    """The titles of all pictures in baskets, in the order of their tables."""
    tables = sorted(one.outbox.glob("upload/*/*/2_*.csv"))
    return [row["Title"] for path in tables for row in csv.DictReader(path.read_text("utf-8").splitlines())]


def test_the_best_come_first_and_of_equals_the_newest(shop: Build) -> None:
    one = shop({"markets": {"adobe_stock": {"per_week": 3}}})
    one.make(order("Sea", "Tree"))
    one.make(order("Hill", "Road"))
    one.app.ledger._db.write("UPDATE assets SET score = NULL")
    for title, score in (("Tree", 0.9), ("Road", 0.2)):
        one.app.ledger._db.write(
            """UPDATE assets SET score = :score FROM shots s JOIN ideas i ON i.id = s.idea_id
               WHERE s.id = assets.shot_id AND i.title_en = :title""",
            score=score, title=title,
        )  # fmt: skip
    command(one, "basket")
    assert titled(one) == ["Tree", "Road", "Hill"]


def test_a_title_that_says_the_same_as_one_of_this_basket_or_an_earlier_one_is_left_out(shop: Build) -> None:
    one = shop()
    one.make(order("Calm sea at dawn", "Dawn at a calm sea"))
    assert left_out(one) == ["basket.title_alike"]
    one.make(order("A calm sea at dawn"))
    assert left_out(one) == ["basket.title_alike"] * 2
    assert len(pictures(one)) == 1


def test_no_two_pictures_have_the_same_first_ten_keywords_in_any_basket(shop: Build) -> None:
    one = shop()
    tags = ", ".join(f"word{number}" for number in range(14))
    for titles in (("Sea", "Tree"), ("Hill", "Road")):
        one.make(order(*titles).replace("sea, wave", tags))
        command(one, "basket")
    rows = one.app.ledger.query("SELECT keywords FROM submissions")
    first = [json.loads(row["keywords"])[:10] for row in rows]
    assert len(first) == 4
    assert all(len({*this} & {*that}) < 8 for at, this in enumerate(first) for that in first[:at])
    told = [path.read_text("utf-8") for path in one.outbox.glob("upload/*/*/2_*.csv")]
    assert all(any(", ".join(words) in text for text in told) for words in first)  # what the ledger keeps was told


def test_a_picture_without_other_words_is_left_out_and_names_the_one_that_has_them(shop: Build) -> None:
    one = shop()
    one.make(order("Sea", "Tree"))
    one.app.ledger._db.write('UPDATE ideas SET tags_en = \'["sea", "wave", "blue"]\'')
    ((_, why),) = left_out_stems(one)
    assert why == "basket.keywords_alike"
    (told,) = (told for told in command(one, "basket", market="adobe_stock") if told.code == "basket.left_out")
    assert told.facts["why"].facts["other"] == pictures(one)[0].removesuffix(".jpg")


def test_what_may_no_longer_be_sold_is_left_out(shop: Build) -> None:
    one = shop()
    one.make(order("Sea"))
    now = stall(one)
    made, ((missed),) = one.app.baskets.make(Stall(now.market, now.quota, {}))
    assert (made, missed.why.code) == ([], "basket.not_sellable")


INK = """ink: {title: {en: Ink, ko: 먹}, provider: sdxl, licence: MIT, sellable: true, look: diffusion, source: a test,
  role: lora, lora: {}}"""


def test_a_lora_that_may_not_be_sold_keeps_its_pictures_out_and_is_named(shop: Build) -> None:
    one = shop()
    (one.root / "my" / "catalog").mkdir(parents=True, exist_ok=True)
    (one.root / "my" / "catalog" / "ink.yaml").write_text(INK, "utf-8")
    one.again()
    one.make(order("Sea", "Tree", "Hill"))
    laid = "UPDATE attempts SET request = json_set(request, '$.loras', json(:loras)) WHERE shot_id = :shot"
    one.app.ledger._db.write(laid, loras='[["ink", 0.6], ["never added", 1.0]]', shot=1)
    one.app.ledger._db.write(laid, loras='[["ink", 0.6]]', shot=2)
    one.app.ledger._db.write(laid, loras='[["ink", 0.6]]', shot=3)
    one.app.ledger._db.write("UPDATE assets SET sellable = 0 WHERE shot_id IN (1, 3)")
    told = [remark for remark in command(one, "basket", market="adobe_stock") if remark.code == "basket.left_out"]
    assert sorted((one.facts["why"].code, one.facts["why"].facts["loras"]) for one in told) == [
        ("basket.lora_not_sellable", ["never added"]), ("basket.lora_was_not", ["ink"]),
    ]  # fmt: skip
    assert len(pictures(one)) == 1


def test_a_picture_that_is_damaged_or_vanishes_meanwhile_is_left_out_and_the_others_are_not(shop: Build) -> None:
    one = shop()
    job = one.make(order("Sea", "Tree", "Hill"))
    sea, tree = (next(path for path in one.pictures(job) if path.name.startswith(name)) for name in ("sea", "tree"))
    sea.write_bytes(sea.read_bytes()[:100])
    now, places = stall(one), one.app.places
    terms = Terms(now=0.0, language="en", market=now.market, room=9, per_week=9)
    picks, _ = Choosing(one.app.ledger, places.outbox, terms, now.catalog).picked()
    tree.unlink()
    folders = Folders(Workshop(one.app.ledger, places, one.app.clock, one.app.log),
                      Style(upload="upload", rights=NOBODYS, language="en", timezone="UTC"))  # fmt: skip
    made, missed = folders.publish(now.market, picks[0].clicks, picks, now.catalog)
    assert made
    assert {one.stem[:3]: one.why.code for one in missed} == {"sea": "basket.damaged", "tre": "basket.gone"}
    assert [name[:5] for name in pictures(one)] == ["hill-"]
    assert titled(one) == ["Hill"]


def test_of_a_long_exact_prompt_as_many_go_in_as_the_market_takes_of_a_motif(shop: Build) -> None:
    one = shop()
    prompt = "a quiet village street with old stone walls, warm evening light"
    one.make(f"- {{prompt: '{prompt}', size: 64x64, count: 5, markets: [adobe_stock]}}\n")
    assert left_out(one) == ["basket.motif"] * 2
    assert len({*titled(one)}) == 3


# -- deaths ----------------------------------------------------------------------------------------------------


def stall(one: House) -> Stall:
    """What the command gives to `Baskets.make`."""
    now = one.app.catalogue
    return Stall(now.markets["adobe_stock"], now.quotas["adobe_stock"], now.models)


def test_a_death_at_any_step_of_a_basket_completes_or_forgets_it_and_loses_no_picture(shop: Build) -> None:
    one, completed, number = shop(), 0, 0
    one.make(order("Title x0"))
    for fate in fates():
        with suppress(Died):
            Doomed(one, fate).baskets().make(stall(one))
        if fate.struck and one.app.ledger.query("SELECT count(*) AS n FROM baskets") == [{"n": completed}]:
            continue  # no name was reserved yet; what lies in staging is swept when there was something to complete
        restart(one)
        command(one, "basket")
        completed, number = completed + 1, number + 1
        assert len(baskets(one)) == len(pictures(one)) == completed
        assert [len(tree(path)) for path in baskets(one)] == [3] * completed
        assert litter(one.root) == []
        one.make(order(f"Title x{number}"))
    assert completed >= 4


def test_a_basket_that_died_in_staging_is_forgotten(shop: Build) -> None:
    one = shop()
    one.make(order("Sea"))
    (one.app.places.staging / "basket-upload_x" / "1_pictures").mkdir(parents=True)
    restart(one)
    assert litter(one.root) == []
    command(one, "basket")
    assert len(pictures(one)) == 1


def test_a_basket_that_can_not_appear_gives_its_pictures_back(shop: Build) -> None:
    one = shop()
    one.make(order("Sea"))
    group = one.outbox / "upload" / "adobe_stock-ai-illustration"
    group.parent.mkdir()
    group.write_bytes(b"no folder")
    with pytest.raises(AssertionError, match="refused"):
        command(one, "basket")
    assert litter(one.root) == []
    group.unlink()
    command(one, "basket")
    assert len(pictures(one)) == 1


# -- language --------------------------------------------------------------------------------------------------


def test_a_korean_outbox_keeps_its_names_when_the_language_changes(shop: Build) -> None:
    one = shop({"language": "ko"})
    one.make(order("Sea") + "- {prompt: a flat sea, size: 64x64}\n")
    command(one, "basket")
    write_config(one.root, {"language": "en", "providers": {"scripted": {"place": "net"}, "second": {}}})
    one.again()
    one.make(order("Tree") + "- {prompt: a flat tree, size: 64x64}\n")
    command(one, "basket")
    assert sorted(path.name for path in one.outbox.iterdir() if not path.name.startswith("20")) == [
        "ledger.db", "올리기", "확인하기",
    ]  # fmt: skip
    read_me = [path.read_text(encoding="utf-8-sig") for path in sorted(one.outbox.rglob("0_READ_ME.txt"))]
    assert "여세요" not in read_me[1]
    assert read_me[0] != read_me[1]  # what is said follows the language, names do not
