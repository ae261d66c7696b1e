"""What can be learnt from decisions: how much of what is accepted, and what the refused have in common."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stockgen.ledger import Row

BY = ("market", "model", "mode", "style")  # by what acceptance is told
SHARED = ("model", "mode", "style", "kind", "look", "category")  # what pictures can have in common
FIRST_TAGS = 10  # of a picture: the others say little of it
LEAST = 3  # refused pictures, below which nothing is said to be common
SHARE = 0.6  # of the refused that have it
LIFT = 1.3  # times as frequent among the refused as among the accepted
MOST = 3  # things in common that are told of a market


@dataclass(frozen=True, slots=True)
class Rate:
    """Of the pictures with `value` of `what`, so many were accepted and refused."""

    what: str
    value: str
    accepted: int
    rejected: int

    @property
    def share(self) -> float:
        """Accepted of all decided ones, 0…1."""
        return self.accepted / (self.accepted + self.rejected)


@dataclass(frozen=True, slots=True)
class Common:
    """`having` of `refused` pictures of a market have `value` of `what` (a column, `tag`, or `reason`)."""

    market: str
    what: str
    value: str
    having: int
    refused: int


def rates(decided: Sequence[Row]) -> list[Rate]:
    """Acceptance by market, model, mode and style; the most decided first. `hidden` counts as refused."""
    counts: dict[tuple[str, str], Counter[bool]] = {}
    for row in decided:
        for what in BY:
            if row[what]:
                counts.setdefault((what, row[what]), Counter())[row["state"] == "accepted"] += 1
    told = [Rate(what, value, found[True], found[False]) for (what, value), found in counts.items()]
    return sorted(told, key=lambda one: (BY.index(one.what), -(one.accepted + one.rejected), one.value))


def common(decided: Sequence[Row]) -> list[Common]:
    """For each market, what its refused pictures share that its accepted ones share less: most telling first."""
    told: list[Common] = []
    for market in dict.fromkeys(row["market"] for row in decided):
        refused = [row for row in decided if row["market"] == market and row["state"] != "accepted"]
        accepted = [row for row in decided if row["market"] == market and row["state"] == "accepted"]
        if len(refused) >= LEAST:
            told += [*_reasons(market, refused), *_shared(market, refused, accepted)][:MOST]
    return told


def _reasons(market: str, refused: Sequence[Row]) -> Iterator[Common]:
    """The most frequent reason, in the market's own words."""
    counts = Counter(row["reason"] for row in refused if row["reason"])
    for reason, count in counts.most_common(1):
        if count >= LEAST:
            yield Common(market, "reason", reason, count, len(refused))


def _shared(market: str, refused: Sequence[Row], accepted: Sequence[Row]) -> list[Common]:
    theirs, others = _traits(refused), _traits(accepted)
    found = []
    for trait, count in theirs.items():
        share, usual = count / len(refused), others[trait] / len(accepted) if accepted else 0.0
        if count >= LEAST and share >= SHARE and share >= LIFT * usual and (accepted or trait[0] == "tag"):
            found.append((share - usual, Common(market, *trait, count, len(refused))))
    return [one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].what, pair[1].value))]


def _traits(rows: Sequence[Mapping[str, str]]) -> Counter[tuple[str, str]]:
    counts = Counter[tuple[str, str]]()
    for row in rows:
        counts.update({(what, row[what]) for what in SHARED if row[what]})
        counts.update({("tag", tag) for tag in json.loads(row["tags_en"])[:FIRST_TAGS]})
    return counts
