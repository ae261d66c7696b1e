"""What pictures cost is told before they are made, while money is spent, and afterwards; in dollars and in won."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stockgen.ledger import Ledger
from tests.cli.conftest import Desk

ONE = "prompt: a calm sea\nsize: 96x64\n"
PAID = {"scripted": {"place": "net", "quote": 50_000}, "second": {"place": "net", "quote": 20_000}}
FREE_FIRST = {"scripted": {"place": "net"}, "second": {"place": "net", "quote": 20_000}}
MONEY = ("Cost", "The budget", "money.per_job", "Budget", "Of that", "Pictures that none", "비용", "예산", "그 ")
CHAINS = {"auto": ["scripted", "second"]}


@pytest.fixture
def shop(desk: Callable[..., Desk]) -> Callable[..., Desk]:
    def build(money: dict[str, Any], providers: dict[str, Any] = PAID, **more: Any) -> Desk:
        return desk(money=money, providers=providers, chains=CHAINS, timezone="Asia/Seoul", **more)

    return build


def told(here: Desk, text: str) -> list[str]:
    """The lines about money of what `check` says."""
    said = here("check", here.write("job.yaml", text)).out
    return [line for line in said.splitlines() if line.startswith(MONEY)]


def test_before_a_job_is_made_its_author_hears_what_it_may_cost(shop) -> None:
    here = shop({"per_month_usd": 5})
    (line,) = told(here, f"{ONE}count: 4\n")
    assert line.startswith("Cost: up to 0.20 USD (about 280 won). A try that fails may be billed as well")


def test_every_try_of_a_picture_is_paid_for_and_the_note_says_so(shop) -> None:
    here = shop({"per_month_usd": 5})
    lines = told(here, f"{ONE}count: 4\nbest_of: 3\n")
    assert lines[0].startswith("Cost: up to 0.60 USD")
    assert "up to 3 are made of a picture" in here("check", here.write("job.yaml", f"{ONE}best_of: 3\n")).out


def test_a_dear_service_behind_a_cheap_one_is_what_a_picture_may_cost_at_most(shop) -> None:
    dear = {"scripted": {"place": "net", "quote": 20_000}, "second": {"place": "net", "quote": 100_000}}
    (line,) = told(shop({"per_month_usd": 5}, dear), f"{ONE}count: 4\n")
    assert line.startswith("Cost: up to 0.40 USD (about 560 won).")


def test_what_is_free_first_only_adds_to_the_most_that_a_file_may_cost(shop) -> None:
    here = shop({"per_month_usd": 5}, FREE_FIRST)
    (line,) = told(here, "- {prompt: a sea, size: 96x64}\n- {prompt: a sea, size: 96x64, model: second}\n")
    assert line.startswith("Cost: up to 0.04 USD")


@pytest.mark.parametrize(("language", "hint"), [("en", "`budget: 1`"), ("ko", "`예산: 1000원`")])
def test_a_budget_is_suggested_only_to_those_who_have_written_none(shop, language: str, hint: str) -> None:
    here = shop({"per_month_usd": 5}, language=language)
    assert hint in "".join(told(here, ONE))
    assert hint not in "".join(told(here, f"{ONE}budget: 2\n"))


def test_a_budget_that_pays_for_no_picture_is_told_with_what_one_costs(shop) -> None:
    here = shop({"per_month_usd": 5})
    lines = told(here, f"{ONE}count: 4\nbudget: 0.01\n")
    assert lines[2].startswith(
        "The budget of 0.01 USD (about 14 won) pays for none of these pictures: even the cheapest may cost 0.02 USD"
    )
    assert len(lines) == 3
    assert "pays for none" not in "".join(told(here, f"{ONE}count: 4\nbudget: 0.02\n"))
    said = told(shop({"per_month_usd": 5}, language="ko"), f"{ONE}count: 4\n예산: 14원\n")
    assert said[2].startswith("예산 14원(0.01달러)으로는 이 그림을 한 장도 살 수 없습니다.")


def test_a_cap_of_a_job_that_pays_for_no_picture_is_told_as_well(shop) -> None:
    lines = told(shop({"per_month_usd": 5, "per_job_usd": 0.01}), f"{ONE}budget: 1\n")
    assert lines[2].startswith("money.per_job_usd in config.yaml allows a job 0.01 USD (about 14 won), which pays")


def test_what_nobody_can_draw_is_never_called_free(shop) -> None:
    here = shop({"per_month_usd": 5})
    none = "Pictures that none of the models above can make as things stand: 3. Another size or another model may help."
    assert told(here, "prompt: a calm sea\nsize: 96x9000\ncount: 3\n") == [none]
    cost, unmade = told(here, "- {prompt: a sea, size: 96x64}\n- {prompt: a sea, size: 96x9000, count: 3}\n")
    assert cost.startswith("Cost: up to 0.05 USD")
    assert unmade == none


def test_the_cost_is_told_before_anything_was_ever_started_here(shop) -> None:
    here = shop({"per_month_usd": 0.12})
    cost, short = told(here, f"{ONE}count: 4\n")
    assert not (here.root / ".stockgen" / "ledger.db").exists()
    assert cost.startswith("Cost: up to 0.20 USD")
    assert short.startswith("Of that only 0.12 USD (about 168 won) may be spent now")
    here("pause")  # makes the ledger
    assert told(here, f"{ONE}count: 4\n") == [cost, short]


def test_what_is_free_costs_nothing_and_what_is_free_first_only_perhaps(shop) -> None:
    assert told(shop({"per_month_usd": 5}, {"scripted": {"place": "net"}, "second": {"place": "net"}}), ONE) == [
        "Cost: 0. Nothing is paid for."
    ]
    assert told(shop({"per_month_usd": 5}, FREE_FIRST), f"{ONE}count: 3\n") == [
        "Cost: 0. Only if what costs nothing can't make them: up to 0.06 USD (about 84 won)."
    ]


def test_where_no_cap_is_written_nothing_is_paid_and_that_is_told(shop) -> None:
    assert told(shop({"per_month_usd": 0}), ONE) == ["Cost: 0. Nothing is paid for."]


def test_what_the_caps_and_the_budget_leave_is_told_where_it_is_not_enough(shop) -> None:
    here = shop({"per_month_usd": 0.12, "per_job_usd": 3})
    lines = told(here, f"{ONE}count: 4\nbudget: 210원\n")
    assert [line.partition(";")[0] for line in lines[:1] + lines[2:]] == [
        "Budget: 0.15 USD (about 210 won)",
        "Of that the job may cost 0.15 USD (about 210 won)",
        "Of that only 0.12 USD (about 168 won) may be spent now",
    ]


def test_in_korean_won_stand_first(shop) -> None:
    here = shop({"per_month_usd": 5}, language="ko")
    lines = told(here, f"{ONE}count: 4\n예산: 3천원\n")
    assert lines[0] == "예산: 3,000원(2.14달러)"
    assert lines[1].startswith("비용: 최대 280원(0.20달러).")


@pytest.fixture
def spent(shop) -> Desk:
    """Two pictures were bought of three; the month's cap allows no more."""
    here = shop({"per_month_usd": 0.12}, {"scripted": {"place": "net", "quote": 50_000}}, language="en")
    here.write("job.yaml", f"{ONE}count: 2\nbudget: 0.5\n")
    assert here("run", here.root / "job.yaml").code == 0
    return here


def test_status_tells_what_was_spent_of_what_and_that_most_of_it_is_gone(spent: Desk) -> None:
    facts = spent("status", "--json").json["spend"]
    assert facts == {"day_usd": 0.1, "month_usd": 0.1, "day_cap_usd": None, "month_cap_usd": 0.12}
    said = spent("status").out
    assert (
        "Spent: today 0.10 USD (about 140 won), this month 0.10 USD (about 140 won) of 0.12 USD (about 168 won)."
        in said
    )
    assert "83 % of this month's cap is used." in said


def test_nothing_of_money_is_told_where_nothing_is_bought(desk) -> None:
    here = desk()
    here("pause")
    assert "Spent" not in here("status").out
    assert here("status", "--json").json["spend"]["month_cap_usd"] == 0


def test_a_job_tells_what_it_has_cost(spent: Desk) -> None:
    assert "Cost so far: 0.10 USD (about 140 won), of a budget of 0.50 USD (about 700 won)" in spent("job").out
    facts = spent("job", "--json").json
    assert (facts["spent_micros"], facts["budget_micros"]) == (100_000, 500_000)
    assert [one["cost_micros"] for picture in facts["pictures"] for one in picture["attempts"]] == [50_000, 50_000]


def test_the_report_tells_what_was_spent_and_what_an_accepted_picture_cost(spent: Desk) -> None:
    (line,) = [line for line in spent("report").out.splitlines() if "Spent" in line]
    assert "Spent since the last report: 0.10 USD (about 140 won); this month: 0.10 USD" in line
    assert "83 % of this month's cap is used." in line
    assert "accepted" not in line
    ledger = Ledger.opened(spent.root / ".stockgen")
    ledger.query(
        """INSERT INTO submissions (asset_id, market, stem, title, state, at)
           SELECT id, 'adobe_stock', stem, 'Sea', 'accepted', created_at FROM assets LIMIT 1"""
    )
    ledger.close()
    said = spent("report").out
    assert "For each picture that a market has accepted so far: 0.10 USD (about 140 won)." in said
    assert spent("report", "--json").json["spent"][2]["code"] == "report.spent_each"


def test_who_writes_a_cap_in_won_sees_the_dollars_that_were_understood(shop) -> None:
    said = shop({"per_month_usd": 7000, "per_job_usd": 0.5})("config", "check").out
    assert "Pictures may be bought: up to 7000.00 USD (about 9,800,000 won) a month, up to 0.50 USD" in said
    said = shop({"per_month_usd": 5, "krw_per_usd": 1500}, language="ko")("config", "check").out
    assert "쓸 수 있는 돈: 한 달 7,500원(5.00달러)까지." in said


@pytest.mark.parametrize("money", [{}, {"per_month_usd": None}, {"per_month_usd": 5, "per_day_usd": 0}])
def test_a_config_that_buys_nothing_says_so_and_what_a_cap_is_written_in(shop, money) -> None:
    said = shop(money)("config", "check").out
    assert "Nothing is bought" in said and "US dollars, for example per_month_usd: 5" in said
