"""Keys that ask for more than words: cut-outs, tries, LoRAs, pictures that say where things are, likeness."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Control, Like, Lora
from stockgen.jobfile import Known, accepted, read
from tests.jobfile.conftest import Faults, Read

SAME_IN_EVERY_FORMAT = (
    ("job.yaml", "키워드: 고양이\n로라: 종이:0.8\n참고사진: 고양이.png\nbest of: 3\n누끼: 네\n처럼: cat-k7m2q-003\n"),
    ("job.txt", "로라: 종이:0.8\n참고사진: 고양이.png\nbest of: 3\n누끼: 네\n처럼: cat-k7m2q-003\n\n고양이\n"),
    ("job.csv", "키워드,로라,참고사진,best_of,누끼,처럼\n고양이,종이:0.8,고양이.png,3,네,cat-k7m2q-003\n"),
    ("job.json", '{"키워드": "고양이", "lora": {"name": "종이", "weight": 0.8}, "control": {"image": "고양이.png"}, '
     '"best_of": 3, "transparent": true, "like": "cat-k7m2q-003"}'),
)  # fmt: skip


@pytest.mark.parametrize(("name", "text"), SAME_IN_EVERY_FORMAT)
def test_they_mean_the_same_in_every_kind_of_file(known: Known, name: str, text: str) -> None:
    (order,) = read(text.encode(), name, known).orders
    assert (order.subject, order.lora, order.control) == ("고양이", (Lora("paper", 0.8),), Control("고양이.png"))
    assert (order.best_of, order.transparent, order.like) == (3, True, Like("cat-k7m2q-003"))


@pytest.mark.parametrize("text", ["kind: element", "종류: 누끼", "종류: 요소", "kind: Elements"])
def test_an_element_is_cut_out_without_another_word(yaml: Read, text: str) -> None:
    (order,) = yaml(f"keywords: a cat\n{text}\n").orders
    assert (order.kind, order.cut) == ("element", True)


def test_an_element_with_a_background_is_asked_about_and_never_made_one_way(yaml_faults: Faults) -> None:
    assert yaml_faults("keywords: a\nkind: element\ntransparent: no\n") == ["3 element_ground"]
    assert yaml_faults("keywords: a\ntransparent: no\npreset: sticker\n") == ["2 element_ground"]


def test_an_order_that_wants_an_element_wins_over_its_preset(yaml: Read) -> None:
    (order,) = yaml("keywords: a\nkind: element\npreset: opaque\n").orders
    assert (order.kind, order.transparent) == ("element", True)
    assert not yaml("keywords: a\ntransparent: no\n").orders[0].cut


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("paper", (Lora("paper"),)),
        ("종이", (Lora("paper"),)),
        ("paper:0.8", (Lora("paper", 0.8),)),
        ("'paper : 0.8, ink'", (Lora("paper", 0.8), Lora("ink"))),
        ("{name: paper}", (Lora("paper"),)),
        ("{이름: 종이, 세기: '0,8'}", (Lora("paper", 0.8),)),
        ("{paper: 0.8, ink: 2}", (Lora("paper", 0.8), Lora("ink", 2.0))),
        ("[ink, {name: paper, weight: 0}]", (Lora("ink"), Lora("paper", 0.0))),
        ("\n- ink: 0.3\n- paper:1.5", (Lora("ink", 0.3), Lora("paper", 1.5))),
    ],
)
def test_a_lora_may_be_written_with_its_weight_in_every_way_that_people_write_it(
    yaml: Read, written: str, meant: tuple[Lora, ...]
) -> None:
    assert yaml(f"keywords: a\nlora: {written}\n").orders[0].lora == meant


@pytest.mark.parametrize(
    ("written", "faults"),
    [
        ("papr", ["2 value_near"]),
        ("zebra:0.5", ["2 value"]),
        ("paper:2.1", ["2 value"]),
        ("paper:-1", ["2 value"]),
        ("paper, papr:1, ink:9", ["2 value_near", "2 value"]),
        ("{weight: 1}", ["2 no_value"]),
        ("{name: paper, wieght: 1}", ["2 unknown_part_near"]),
        ("{name: paper, weight: [1]}", ["2 not_list"]),
        ("[paper, paper:0.3]", ["2 lora_twice"]),
        ("[]", ["2 no_value"]),
        ("','", ["2 no_value"]),
    ],
)
def test_a_slip_in_a_lora_never_makes_pictures_without_it(yaml_faults: Faults, written: str, faults: list[str]) -> None:
    assert yaml_faults(f"keywords: a\nlora: {written}\n") == faults


def test_who_has_no_lora_at_all_is_told_where_one_would_lie(known: Known, say) -> None:
    with pytest.raises(JobFileError) as caught:
        read(b"keywords: a\nlora: paper\n", "a.yaml", replace(known, loras={}))
    (told,) = caught.value.remarks
    assert all("my/loras/" in say[language].tell(told) for language in ("en", "ko"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("village.png", Control("village.png")),
        ("마을 그림.JPG", Control("마을 그림.JPG")),
        ("{image: a.webp, type: depth, strength: 0.5}", Control("a.webp", "depth", 0.5)),
        ("{사진: a.jpeg, 종류: 포즈, 세기: 1}", Control("a.jpeg", "pose", 1.0)),
        ("{파일: a.png, 종류: 외곽선}", Control("a.png", "canny")),
        ("{image: a.png, type: Depth Map}", Control("a.png", "depth")),
    ],
)
def test_a_picture_that_says_where_things_are(yaml: Read, written: str, meant: Control) -> None:
    assert yaml(f"keywords: a\ncontrol: {written}\n").orders[0].control == meant


@pytest.mark.parametrize(
    ("written", "faults"),
    [
        ("../secret.png", ["2 picture_folder"]),
        (r"C:\Users\me\a.png", ["2 picture_folder"]),
        ("a.gif", ["2 value"]),
        ("village", ["2 value"]),
        (".png", ["2 value"]),
        (f"{'가' * 70}.png", ["2 value"]),
        ("[a.png, b.png]", ["2 not_list"]),
        ("{type: depth}", ["2 no_value"]),
        ("{image: a.png, type: dpeth}", ["2 value_near"]),
        ("{image: a.png, type: scribble}", ["2 value"]),
        ("{image: a.png, strength: 1.5}", ["2 value"]),
        ("{image: a.png, image: b.png}", ["2 twice"]),
        ("{image: a.png, 사진: b.png}", ["2 twice"]),
        ("{zebra: a.png}", ["2 unknown_part", "2 no_value"]),
        ("{strength: 7, type: scribble, zebra: 1}", ["2 value", "2 value", "2 unknown_part", "2 no_value"]),
    ],
)
def test_a_picture_that_can_not_be_meant_is_told_while_it_can_be_mended(
    yaml_faults: Faults, written: str, faults: list[str]
) -> None:
    assert yaml_faults(f"keywords: a\ncontrol: {written}\n") == faults


@pytest.mark.parametrize(
    "written",
    [
        "cherry-blossom-k7m2q-003", "cherry-blossom-k7m2q-003.jpg", "Cherry-Blossom-K7M2Q-003.PNG",
        "outbox/2026-11/23_봄꽃_k7m2q/images/cherry-blossom-k7m2q-003.jpg",
        r"'D:\그림\cherry-blossom-k7m2q-003.jpg'",
    ],
)  # fmt: skip
def test_a_picture_of_ours_is_named_as_it_is_found_in_the_outbox(yaml: Read, written: str) -> None:
    assert yaml(f"keywords: a\nlike: {written}\n").orders[0].like == Like("cherry-blossom-k7m2q-003")


@pytest.mark.parametrize("written", ["IMG_1234.jpg", "벚꽃", "cherry-blossom-003", "a cat"])
def test_what_is_no_picture_of_ours_is_not_looked_for(yaml_faults: Faults, written: str) -> None:
    assert yaml_faults(f"keywords: a\nlike: {written}\n") == ["2 value"]


def test_tries_are_those_of_the_order_then_of_its_preset_then_of_the_config(known: Known) -> None:
    def tries(text: str, usual: int) -> int:
        return read(text.encode(), "a.yaml", _usually(known, usual)).orders[0].best_of

    assert tries("keywords: a\n", 1) == 1
    assert tries("keywords: a\n", 2) == 2
    assert tries("keywords: a\npreset: sticker\n", 2) == 3
    assert tries("keywords: a\npreset: sticker\nbest_of: 8\n", 2) == 8


@pytest.mark.parametrize("written", ["0", "9", "many"])
def test_tries_without_end_are_refused(yaml_faults: Faults, written: str) -> None:
    assert yaml_faults(f"keywords: a\nbest_of: {written}\n") == ["2 value"]


def test_a_file_is_not_refused_for_tries_that_nobody_gets(yaml: Read) -> None:
    assert yaml("keywords: a\ncount: 500\nbest_of: 8\n").pictures == 500


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "like: cat-k7m2q-003; LoRA: paper (0.8), ink; control: b.png (pose, 0.5); the best of 3 tries each; no "
               "background"),
        ("ko", "닮을 그림: cat-k7m2q-003; 로라: paper (0.8), ink; 참고사진: b.png (자세, 0.5); "
               "3번 그려 가장 좋은 것만; 배경 없음"),
    ],
)  # fmt: skip
def test_the_note_says_what_was_understood(known: Known, say, language: str, told: str) -> None:
    text = ("keywords: a\nlike: cat-k7m2q-003\nlora: paper:0.8, ink\nbest_of: 3\ntransparent: yes\n"
            "control: {image: b.png, type: pose, strength: 0.5}\n")  # fmt: skip
    request = read(text.encode(), "a.yaml", known)
    assert told in accepted(request, "k7m2q", "a.yaml", (), say[language]).decode("utf-8-sig")


def _usually(known: Known, tries: int) -> Known:
    return replace(known, defaults=replace(known.defaults, best_of=tries))


def test_all_slips_of_one_file_come_at_once(known: Known) -> None:
    text = "keywords: a\nlora: papr\ncontrol: a.gif\nlike: b.jpg\nbest_of: 9\ntransparent: maybe\n"
    with pytest.raises(JobFileError) as caught:
        read(text.encode(), "a.yaml", known)
    assert [remark.line for remark in caught.value.remarks] == [2, 3, 4, 5, 6]
