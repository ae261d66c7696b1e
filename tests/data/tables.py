"""Ideas that are no trouble to people and every trouble to a table: those of the files in `tests/data/golden/`."""

from __future__ import annotations

from stockgen.data.market import Market
from stockgen.domain.words import Idea, Kind, Look
from stockgen.pipeline.wording import About, Worded, worded

MODEL = "Stable Diffusion XL 1.0"
EN = ("cherry blossom", "sakura", "flower", "spring", "pink", "petals", "bloom", "branch", "floral", "nature")
KO = ("벚꽃", "봄꽃", "꽃", "봄", "분홍", "꽃잎", "개화", "나뭇가지", "꽃놀이", "자연")


def _idea(title: tuple[str, str], description: str, tags: tuple[tuple[str, ...], tuple[str, ...]], category: str,
          prompt: str = "") -> Idea:  # fmt: skip
    return Idea(
        prompt=prompt, title={"en": title[0], "ko": title[1]}, description={"en": description, "ko": "설명"},
        tags={"en": tags[0], "ko": tags[1]}, category=category,
    )  # fmt: skip


PLAIN = _idea(
    ("Cherry blossom in soft morning light", "부드러운 아침 빛의 벚꽃"),
    "Cherry blossom in soft morning light, calm in mood. Room for words, useful for posters.",
    (EN, KO), "plants", "cherry blossom, wide view, soft morning light, calm mood",
)  # fmt: skip
QUOTED = _idea(
    ('"Café" by the sea, 5 o’clock!', '"카페" 바다, 5시의 노을'),
    'A "café" by the sea,\nat 5 o’clock; the tea is hot & sweet.',
    (("café", "5 o’clock", "sea, shore", 'one "quoted" word', "semi;colon", "AI", "tea", "evening", "Tea"),
     ("카페", "바다, 노을", "5시", "차")),
    "landscapes", 'a "café" by the sea; 5 o’clock, tea',
)  # fmt: skip
FORMULA = _idea(
    ('=HYPERLINK("http://x";"win")', "@합계 돈 버는 그림"),
    "-2+3 ways to spoil a spreadsheet that nobody should ever open by a click.",
    (("=1+1", "+82 phone", "-5 degrees", "@home", "money", "growth", "chart", "coin"),
     ("=돈", "-5도", "@집", "그래프")),
    "business", "=cmd|' /C calc'!A0, coins",
)  # fmt: skip
LONG = _idea(
    ("Very long " + "words and words " * 12 + "end", "아주 긴 " + "낱말과 낱말 " * 20 + "끝"),
    "Word by word. " * 120,
    (tuple(f"keyword {number}" for number in range(60)), tuple(f"낱말 {number}" for number in range(60))),
    "graphic_resources", "very long prompt " * 60,
)  # fmt: skip
MIXED = _idea(
    ("Autumn 丹楓 leaves 🍁 in Seoul 서울", "가을 丹楓 단풍잎 🍁 낙엽\u200b Autumn"),
    "Autumn leaves 🍁 丹楓 in soft light, quiet in mood. Room for words, useful for menus.",
    (("autumn", "丹楓", "가을", "leaf 🍁", "red", "maple", "fall", "season", "quiet", "light"),
     ("단풍", "丹楓", "가을", "Autumn", "낙엽🍁", "빨강")),
    "environment", "autumn leaves 🍁, 丹楓\tsoft light",
)  # fmt: skip
DRAWN = _idea(
    ("Mint low poly facets", "민트 로우 폴리 면"),
    "Abstract background with bold low poly facets in mint. Plain enough for text and layouts, useful for menus.",
    (("mint", "low poly", "facets", "abstract", "backdrop", "design", "poster", "modern"),
     ("민트", "로우 폴리", "추상", "배경", "디자인", "포스터", "모던")),
    "graphic_resources", "mint low poly facets, bold",
)  # fmt: skip
CUT_OUT = _idea(
    ("Sleeping cat sticker", "잠자는 고양이 스티커"),
    "Sleeping cat sticker, isolated and ready for any layout, useful for greeting cards.",
    (("cat", "sleeping", "sticker", "cute", "isolated", "pet", "kitten", "clip art"),
     ("고양이", "잠", "스티커", "귀여운", "누끼")),
    "animals", "sleeping cat sticker, single object isolated on a plain background",
)  # fmt: skip

IDEAS: list[tuple[str, Idea, Kind, Look]] = [
    ("cherry-blossom-k7m2q-001", PLAIN, "background", "diffusion"),
    ("cafe-by-the-sea-k7m2q-002", QUOTED, "photo", "diffusion"),
    ("picture-k7m2q-003", FORMULA, "illustration", "diffusion"),
    ("very-long-words-k7m2q-004", LONG, "background", "diffusion"),
    ("autumn-leaves-k7m2q-005", MIXED, "background", "diffusion"),
    ("mint-low-poly-k7m2q-006", DRAWN, "background", "drawn"),
    ("sleeping-cat-k7m2q-007", CUT_OUT, "element", "diffusion"),
]


def kind_for(market: Market, kind: Kind) -> Kind:
    """The kind, or the first that the market takes."""
    return kind if kind in market.formats else next(iter(market.formats))


def rows(market: Market) -> list[Worded]:
    """What the market is told of all of them."""
    told = []
    for stem, idea, asked, look in IDEAS:
        kind = kind_for(market, asked)
        name = f"{stem}.{'png' if market.formats[kind] == 'png' else 'jpg'}"
        told.append(worded(idea, market, name, about=About(kind=kind, look=look, model=MODEL)))
    return told


DRAWN_FILES = frozenset({"mint-low-poly-k7m2q-006.jpg", "mint-low-poly-k7m2q-006"})
