"""The plugin wall: nothing that a provider does may reach the daemon as a surprise."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

from stockgen.domain.errors import BadPicture, Cancelled, PluginBroke, Refused, StorageFull, StorageLost
from stockgen.domain.protocols import Outcome
from stockgen.lanes.customs import failure
from stockgen.lanes.host import Host
from stockgen.lanes.spec import ProviderSpec, Setup
from stockgen.lanes.wire import Beat, Event
from stockgen.lanes.worker import BatchReport
from tests.lanes.harness import SCRIPTED, fits


def render(spool: Path, *prompts: str, spec: ProviderSpec = SCRIPTED) -> dict[int, Outcome]:
    report = BatchReport(lambda _event: None)
    outcomes = list(Host([spec], Setup(), time.monotonic).render(fits(spec, *prompts), spool, report))
    assert len({outcome.shot for outcome in outcomes}) == len(outcomes) == len(prompts)
    return {outcome.shot: outcome for outcome in outcomes}


def test_a_foreign_error_in_an_outcome_becomes_ours_and_can_cross_to_another_process(spool: Path) -> None:
    outcome = pickle.loads(pickle.dumps(render(spool, "odd")[1]))  # noqa: S301
    assert isinstance(outcome.error, PluginBroke)
    assert "KeyError" in str(outcome.error)
    assert "lock" in outcome.facts["lock"]


def test_a_file_that_was_promised_and_is_not_there_is_no_picture(spool: Path) -> None:
    assert isinstance(render(spool, "missing")[1].error, BadPicture)


def test_a_full_disk_stays_a_matter_of_storage(spool: Path) -> None:
    assert isinstance(render(spool, "full")[1].error, StorageFull)


def test_a_spool_that_is_gone_is_no_fault_of_the_provider(spool: Path) -> None:
    spool.rmdir()
    assert isinstance(render(spool, "a", "b")[2].error, StorageLost)


def test_a_provider_that_can_not_be_built_answers_every_shot_and_costs_nothing(spool: Path) -> None:
    paid = ProviderSpec("scripted", SCRIPTED.module, {"quote": 40_000})
    gone = ProviderSpec("scripted", "tests.providers_for_tests.no_such_module", {})
    report = BatchReport(lambda _event: None)
    outcomes = list(Host([gone], Setup(), time.monotonic).render(fits(paid, "a", "b"), spool, report))
    assert [type(outcome.error) for outcome in outcomes] == [PluginBroke, PluginBroke]
    assert [outcome.cost for outcome in outcomes] == [0, 0]


def test_one_cancelled_shot_takes_no_neighbour_along_when_the_provider_gives_up_the_batch(
    spool: Path,
) -> None:
    careless = ProviderSpec("scripted", SCRIPTED.module, {"careless": True})

    def cancel_second(event: Event) -> None:
        if isinstance(event, Beat) and event.shot == 2:
            report.cancel(frozenset({2}))

    report = BatchReport(cancel_second)
    batch = fits(careless, "a", "b", "c")
    errors = {each.shot: each.error for each in Host([careless], Setup(), time.monotonic).render(batch, spool, report)}
    assert isinstance(errors.pop(2), Cancelled)
    assert errors == {1: None, 3: None}


def test_facts_that_go_in_circles_do_not_break_the_wall() -> None:
    circle: dict[str, object] = {}
    circle["itself"] = circle
    failed = failure(Refused("refused", circle=circle)).error
    assert isinstance(failed, Refused)
    assert "unreadable" in str(failed)
