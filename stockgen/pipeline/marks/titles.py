"""An edited table of a basket comes back: its titles and keywords are those that the market was told."""

from __future__ import annotations

from stockgen.data.market import Market
from stockgen.domain.words import Remark
from stockgen.ledger import Ledger
from stockgen.pipeline.marks.marking import known
from stockgen.pipeline.marks.reading import Given, found, table


def edited(ledger: Ledger, market: Market, text: str) -> tuple[bool, tuple[Remark, ...]]:
    """Take the titles and keywords of a table; return whether a picture of ours was in it, and what is told."""
    heads, _ = table(text)
    if "title" not in heads:
        return False, (Remark("titles.no_table"),)
    by_name = [Given(one.asset, one.job, one.number, ()) for one in known(ledger, market)]  # titles have just changed
    seen = found(text, by_name)
    # A market that mixes languages, or adds words of its own, tells nothing of the picture's own title.
    mixed = len(market.title.languages) > 1 or bool(market.title.add or market.keywords.add)
    language = "" if mixed else market.language
    changed = 0
    with ledger.atomic():
        for mention in seen.mentions:
            title = " ".join(mention.cells.get("title", "").split())
            keywords = _split(mention.cells.get("keywords", ""), market)
            if title:
                changed += ledger.marks.retitle(mention.asset, market.name, language, title, keywords)
    if not seen.mentions:
        return False, (Remark("mark.none", facts={"market": market.name}),)
    return True, (Remark("titles.done", facts={"count": changed, "same": len(seen.mentions) - changed}),)


def _split(cell: str, market: Market) -> tuple[str, ...]:
    words = (" ".join(word.split()) for word in cell.split(market.keywords.separator.strip() or ","))
    return tuple(dict.fromkeys(word for word in words if word))
