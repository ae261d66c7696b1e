"""Every provider keeps the contract; a new one is one more line in SPECS."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from stockgen.domain.protocols import Provider, Shot
from stockgen.lanes.spec import ProviderSpec, Setup, build, furnished
from tests.providers import contract

SPECS = [
    ProviderSpec("scripted", "tests.providers_for_tests.scripted", {"batch": 3}),
    ProviderSpec("second", "tests.providers_for_tests.second", {}),
    ProviderSpec("procedural", "stockgen.providers.procedural", {}),
]
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=SPECS, ids=lambda spec: spec.name)
def provider(request: pytest.FixtureRequest) -> Provider:
    return build(request.param, furnished(Setup(), time.monotonic))


@quick
@given(shot=contract.shots())
def test_no_shot_makes_fit_stumble(provider: Provider, shot: Shot) -> None:
    contract.fit_is_total(provider, shot)


def test_no_shot_of_a_batch_is_forgotten_or_answered_twice(provider: Provider, tmp_path: Path) -> None:
    contract.each_shot_is_answered_once(provider, contract.a_batch(provider, 3), tmp_path)


def test_a_picture_has_the_size_that_was_promised(provider: Provider, tmp_path: Path) -> None:
    contract.files_keep_the_promised_size(provider, contract.a_batch(provider, 2), tmp_path)


def test_a_picture_can_be_made_again(provider: Provider, tmp_path: Path) -> None:
    contract.the_same_shot_is_the_same_picture(provider, contract.a_batch(provider, 2), tmp_path)


def test_a_cancelled_shot_ends_at_its_next_step(provider: Provider, tmp_path: Path) -> None:
    contract.cancelled_within_one_step(provider, contract.a_batch(provider, 3), tmp_path)
