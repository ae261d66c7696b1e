"""Each key's own values."""

from __future__ import annotations

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Size
from stockgen.jobfile import read
from stockgen.jobfile.field import Field
from stockgen.jobfile.names import known_key
from stockgen.jobfile.nodes import Text
from stockgen.jobfile.values import Money, money, yes_no


@pytest.mark.parametrize(
    "value", ["5쪽", "٥", "1e400", "-1", "0", "501", "9" * 5000, "0x10", "1_0", "5.0", "", "[a]", "{a: 1}"]
)
def test_a_count_that_is_none_is_a_fault_and_never_a_crash(yaml_faults, value):
    (fault,) = yaml_faults(f"keywords: a\ncount: {value}\n")
    assert fault.startswith("2 ")


@pytest.mark.parametrize("value", ["5", "05", "５", '"5"', "5장", "5 개", "x5", "다섯 장"])
def test_a_count_is_a_whole_number(yaml, value):
    assert yaml(f"keywords: a\ncount: {value}").orders[0].count == 5


def test_a_count_with_a_unit_that_counts_no_pictures_is_answered_with_the_number(known):
    with pytest.raises(JobFileError) as caught:
        read("개수: 5쪽".encode(), "a.yaml", known)
    assert caught.value.remarks[0].facts["nearest"] == "5"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("seed: 0", True), ("seed: 4294967295", True), ("seed: 4294967296", False), ("seed: -1", False),
        ("steps: 1", True), ("steps: 150", True), ("steps: 151", False), ("steps: 0", False),
        ("guidance: 0", True), ("guidance: 30.0", True), ("guidance: 30.1", False), ("guidance: nan", False),
        ("guidance: 1e400", False), ("guidance: -0.5", False),
        ("priority: -100", True), ("priority: 100", True), ("priority: 101", False), ("급함: 예", True),
    ],
)  # fmt: skip
def test_the_bounds_of_numbers_are_kept(yaml, yaml_faults, text, good):
    if good:
        assert yaml(text).pictures == 4
    else:
        assert yaml_faults(text) == ["1 value"]


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("1920x1080", Size(1920, 1080)), ("64×10000", Size(64, 10000)), ("1024 X 1024", Size(1024, 1024)),
        ("16:9", Size(ratio=16 / 9)), ("1.5:1", Size(ratio=1.5)), ("square", Size(ratio=1)),
        ("정사각형", Size(ratio=1)),
        ("wide", Size(ratio=16 / 9)), ("가로", Size(ratio=16 / 9)), ("Tall", Size(ratio=9 / 16)),
        ("세로", Size(ratio=9 / 16)), ("4K", Size(3840, 2160)), ("풀HD", Size(1920, 1080)),
        ("A4", Size(ratio=210 / 297)),
    ],
)  # fmt: skip
def test_sizes_are_pixels_ratios_and_words(yaml, value, size):
    assert yaml(f"크기: {value}").orders[0].size == size


@pytest.mark.parametrize("value", ["0x0", "63x64", "1000000x1000000", "16:0", "0:0", "1:1000", "1024", "big", "-1x5"])
def test_a_size_that_cannot_be_is_refused(yaml_faults, value):
    assert yaml_faults(f"size: {value}")[0].startswith("1 value")


def test_markets_may_be_none(yaml):
    assert yaml("keywords: a").orders[0].markets == ("adobe_stock",)
    assert yaml("keywords: a\nmarkets: []").orders[0].markets == ()
    assert yaml("keywords: a\n판매처: 없음").orders[0].markets == ()


def test_a_market_that_takes_no_generated_pictures_is_refused_with_its_reason(yaml_faults):
    assert yaml_faults("markets: [adobe, shut, adobbe]") == ["1 market_closed", "1 value_near"]


def test_the_reason_of_a_closed_market_is_said(known, say):
    with pytest.raises(JobFileError) as caught:
        read(b"markets: SHUT", "a.yaml", known)
    assert "no generated pictures" in say["ko"].tell(caught.value.remarks[0])


@pytest.mark.parametrize(
    ("written", "tier"), [("Premium", "Premium"), ("유료", "Premium"), ("standard", "Standard"), ("무료", "Standard")]
)
def test_a_picture_meant_to_be_free_or_paid_is_never_the_other(yaml, written, tier):
    assert yaml(f"keywords: a\n등급: {written}").orders[0].tier == tier
    assert yaml("keywords: a").orders[0].tier == ""


def test_a_tier_that_no_market_has_is_refused(yaml_faults):
    assert yaml_faults("keywords: a\ntier: Gold") == ["2 value"]


def test_names_are_found_in_any_case_and_language_once(yaml):
    order = yaml(
        "model: [Flux, 플럭스, 로컬]\nmarkets: Adobe Stock, 미리캔버스\ncategory: 자연\nlanguage: 한국어\nkind: 사진"
    ).orders[0]
    assert order.model == ("flux", "procedural")
    assert order.markets == ("adobe_stock", "miricanvas")
    assert (order.category, order.language, order.kind) == ("Nature", "ko", "photo")


def test_tags_are_a_list_or_text_with_commas(yaml):
    assert yaml("tags: 봄, 꽃,, 봄").orders[0].tags == ("봄", "꽃")
    assert yaml("tags: ['#봄', 'spring day']").orders[0].tags == ("봄", "spring day")


def test_a_style_in_free_words_is_allowed_and_a_near_name_is_told(yaml):
    assert yaml("style: Watercolor\nkeywords: a").orders[0].style == "watercolor"
    request = yaml("style: watercolour\nkeywords: a")
    assert request.orders[0].style == "watercolour"
    assert request.remarks[0].facts["nearest"] == "watercolor"


def test_braces_without_variants_are_wording(yaml):
    assert yaml("prompt: a {soft} my_file_name").orders[0].prompt == "a {soft} my_file_name"


@pytest.mark.parametrize("text", ["count:", "keywords: ~", "title: null", "markets:", "model: []", "keywords: []"])
def test_a_key_without_a_value_is_not_passed_over(yaml_faults, text):
    assert yaml_faults(text) == ["1 no_value"]


def test_a_prompt_longer_than_any_model_takes_is_refused(yaml_faults):
    assert yaml_faults(f"prompt: {'a' * 32_001}") == ["1 too_long"]


def test_text_is_brought_onto_one_line(yaml):
    assert yaml("prompt: |\n  a cat\n\n  on\ta mat\n").orders[0].prompt == "a cat on a mat"


# Every name of the contract's table, in both languages.
NAMES = {
    "keywords": "keywords 키워드 낱말 소재",
    "prompt": "prompt prompts 프롬프트",
    "count": "count counts 개수 장수 수량 갯수",
    "mode": "mode 방식",
    "model": "model 모델",
    "kind": "kind 종류",
    "size": "size 크기 비율",
    "style": "style 화풍 스타일",
    "transparent": "transparent 투명 누끼",
    "markets": "markets 마켓 판매처",
    "theme": "theme 주제",
    "season": "season 계절 시즌",
    "avoid": "avoid 피하기 제외",
    "like": "like 처럼",
    "lora": "lora 로라",
    "control": "control 참고사진",
    "negative_prompt": "negative_prompt 부정",
    "steps": "steps",
    "guidance": "guidance",
    "seed": "seed",
    "best_of": "best_of",
    "title": "title 제목",
    "tags": "tags 태그",
    "category": "category 분류",
    "language": "language 언어",
    "tier": "tier 등급",
    "priority": "priority 우선 급함",
    "not_before": "not_before 언제부터",
    "budget": "budget 예산",
    "preset": "preset",
}


@pytest.mark.parametrize(
    ("key", "name"), [(key, name) for key, all_of_it in NAMES.items() for name in all_of_it.split()]
)
def test_every_name_of_a_key_that_was_promised_is_known(key, name):
    assert known_key(name) == key


def field(key: str, value: str) -> Field:
    return Field(key, key, 1, Text(value, 1))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", True),
        ("네", True),
        ("예", True),
        ("TRUE", True),
        ("on", True),
        ("no", False),
        ("아니오", False),
        ("끄기", False),
    ],
)
def test_yes_and_no_are_understood_in_both_languages(known, written, meant):
    assert yes_no(field("transparent", written), known) is meant


@pytest.mark.parametrize(
    ("written", "micros", "currency"),
    [
        ("0.5", 500_000, "USD"), ("$0.50", 500_000, "USD"), ("2 USD", 2_000_000, "USD"), ("1.25달러", 1_250_000, "USD"),
        ("3000원", 3_000_000_000, "KRW"), ("3,000원", 3_000_000_000, "KRW"), ("₩3000", 3_000_000_000, "KRW"),
        ("3천원", 3_000_000_000, "KRW"), ("1만 원", 10_000_000_000, "KRW"), ("3000 KRW", 3_000_000_000, "KRW"),
    ],
)  # fmt: skip
def test_an_amount_of_money_is_exact_in_its_own_currency(known, written, micros, currency):
    assert money(field("budget", written), known) == Money(micros, currency)


@pytest.mark.parametrize(
    ("written", "micros"), [("0.5", 500_000), ("$2", 2_000_000), ("0", 0), ("1400원", 1_000_000), ("1원", 714)]
)
def test_a_budget_is_dollars_rounded_down_so_that_no_rounding_exceeds_it(yaml, written, micros):
    assert yaml(f"prompt: a sea\nbudget: {written}\n").budget == micros


def test_a_budget_belongs_to_the_whole_job(yaml, yaml_faults):
    assert yaml("prompt: a sea\nbudget: 1\n---\nprompt: a hill\n").budget == 1_000_000
    assert yaml("prompt: a sea\n").budget is None
    assert yaml_faults("prompt: a sea\nbudget: 1\n---\nprompt: a hill\nbudget: 2\n") == ["5 job_differs"]
    assert yaml_faults("prompt: a sea\nbudget: much\n") == ["2 value"]


@pytest.mark.parametrize("text", ["각 5장", "5장씩", "each 5", "다섯 장씩"])
def test_a_count_may_say_that_it_is_for_each(yaml, text):
    assert yaml(f"keywords: [a, b]\ncount: {text}").pictures == 10


def test_items_of_a_list_may_give_their_own_count(yaml, yaml_faults):
    orders = yaml("keywords:\n - sea\n - forest: 3\n - city: 1장\ncount: 2").orders
    assert [(o.subject, o.count, o.line) for o in orders] == [("sea", 2, 2), ("forest", 3, 3), ("city", 1, 4)]
    assert yaml_faults("keywords:\n - sea\n - forest: pine") == ["3 not_text"]


def test_a_count_behind_a_subject_is_read_in_every_kind_of_file(yaml, yaml_faults):
    assert [(o.subject, o.count) for o in yaml("키워드: [벚꽃 5장, 튤립]\n장수: 2").orders] == [
        ("벚꽃", 5),
        ("튤립", 2),
    ]
    assert yaml("keywords: macro lens x2").orders[0].subject == "macro lens x2"
    assert yaml("prompt: 벚꽃 5장").orders[0].prompt == "벚꽃 5장"
    assert yaml_faults("키워드: 벚꽃 5장\n장수: 2") == ["2 count_twice"]
