"""A schedule that can't be what its author meant is refused while they look, with every fault and what helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from stockgen.domain.cron import Cron
from tests.house import BASE

NIGHTLY = 'schedules: {nightly: {cron: "30 23 * * *", job: {keywords: sea}}}'


@pytest.mark.parametrize(("text", "where", "allowed"), [
    ("schedules: {a: {cron: '30 25 * * *', job: {keywords: sea}}}", "schedules.a.cron", "five fields"),
    ("schedules: {a: {cron: daily, job: {keywords: sea}}}", "schedules.a.cron", "'30 23 * * *'"),
    ("schedules: {a: {cron: '0 0 30 2 *', job: {keywords: sea}}}", "schedules.a.cron", "five fields"),
    ("schedules: {a: {cron: 30, job: {keywords: sea}}}", "schedules.a.cron", "five fields"),
    ("schedules: {a: {cron: '0 0 * * *', jitter: 7h, job: {keywords: sea}}}", "schedules.a.jitter", "six hours"),
    ("schedules: {a: {cron: '0 0 * * *', max_waiting: 0, job: {a: b}}}", "schedules.a.max_waiting", "from 1"),
    ("schedules: {a: {cron: '0 0 * * *', max_waiting: {}, job: {a: b}}}", "schedules.a.max_waiting", "adobe_stock: 3"),
    ("schedules: {a: {cron: '0 0 * * *', max_waiting: {adobe_stock: x}, job: {a: b}}}", "schedules.a.max_waiting", ""),
    ("schedules: {a: {cron: '0 0 * * *', catch_up: some, job: {a: b}}}", "schedules.a.catch_up", "none, last, all"),
    ("schedules: {a: {cron: '0 0 * * *', job: sea}}", "schedules.a.job", "indented"),
    ("schedules: {a/b: {cron: '0 0 * * *', job: {keywords: sea}}}", "schedules.a/b", "without spaces"),
    ("schedules: {'매일 밤': {cron: '0 0 * * *', job: {keywords: sea}}}", "schedules.매일 밤", "without spaces"),
])  # fmt: skip
def test_a_value_is_told_with_its_place_and_what_may_stand_there(
    told: Callable[..., list[str]], text: str, where: str, allowed: str
) -> None:
    (fault,) = told(text)
    assert fault.startswith(f"`{where}` can't be ")
    assert allowed in fault
    assert told(text, "ko")[0].startswith(f"`{where}`")


def test_what_is_missing_and_what_is_misspelt_is_told_at_once(told: Callable[..., list[str]]) -> None:
    faults = told("schedules: {a: {job: {keywords: sea}}, b: {cron: '0 0 * * *', catchup: all, job: {}}}")
    assert faults == [
        "`schedules.a.cron` is missing. Add it.",
        "`schedules.b.catchup` is not known. Did you mean `catch_up`?",
    ]


def test_all_faults_of_a_job_are_told_with_the_schedules_name(mismatches: Callable[[str], list[str]]) -> None:
    faults = mismatches(
        "schedules: {nightly: {cron: '0 0 * * *', job: {keywrods: sea, count: many}}, resting: {cron: '0 0 * * *', "
        "enabled: false, max_waiting: {adobe: 3}, job: {model: nobody, keywords: sea}}}"
    )
    assert [fault.partition("`: ")[0] for fault in faults if "`: " in fault] == [
        "`schedules.nightly.job", "`schedules.nightly.job", "`schedules.resting.job",
    ]  # fmt: skip
    assert "keywords" in "".join(faults)
    assert any(fault.startswith("`schedules.resting.max_waiting` names `adobe`") for fault in faults)


def test_a_theme_and_themes_exclude_each_other(mismatches: Callable[[str], list[str]]) -> None:
    text = "schedules: {a: {cron: '0 0 * * *', themes: [spring, rain], job: {theme: autumn}}}"
    assert "Keep one of the two" in mismatches(text)[0]


def test_the_words_of_a_job_stay_as_they_were_written(read: Callable[..., object]) -> None:
    job = "{size: 16:9, count: 40, seed: 012, transparent: yes, title: 2026-11-26, keywords: [on, 1_000, null]}"
    config = read(f"schedules: {{a: {{cron: '0 0 * * *', job: {job}, themes: [2026, off]}}}}\npresets: {{p: {job}}}\n")
    words = {
        "size": "16:9", "count": "40", "seed": "012", "transparent": "yes", "title": "2026-11-26",
        "keywords": ["on", "1_000", None],
    }  # fmt: skip
    assert config.schedules["a"].job == words  # type: ignore[attr-defined]
    assert config.schedules["a"].themes == ("2026", "off")  # type: ignore[attr-defined]
    assert config.presets["p"] == words  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [
    "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "* * * * mon-", "5-1 * * * *",
    "*/0 * * * *", "0 0 31 4,6,9,11 *", "@daily", "a b c d e", "* * jan * *", "0 0 * mon *", "1,,2 * * * *",
    "-1 * * * *",
])  # fmt: skip
def test_what_cron_does_not_know_or_what_never_comes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Cron.parsed(text)


@pytest.mark.parametrize(("text", "weekdays"), [
    ("0 9 * * 0", (0,)), ("0 9 * * 7", (0,)), ("0 9 * * sun", (0,)), ("0 9 * * MON-FRI", (1, 2, 3, 4, 5)),
    ("0 9 * * 5-7", (0, 5, 6)), ("0 9 * * fri-mon", (0, 1, 5, 6)), ("0 9 * * *", tuple(range(7))),
    ("0 9 * * */3", (0, 3, 6)), ("0 9 * * 1/2", (1, 3, 5)),
])  # fmt: skip
def test_days_of_the_week_are_counted_as_cron_counts_them(text: str, weekdays: tuple[int, ...]) -> None:
    assert Cron.parsed(text).weekdays == weekdays


def test_both_default_files_show_a_schedule_that_works(mismatches: Callable[[str], list[str]], tmp_path: Path) -> None:
    from stockgen.app.catalogue import Catalogue
    from stockgen.config import load
    from tests.house import ROOT

    for language in ("en", "ko"):
        lines = (ROOT / "stockgen/config" / f"default.{language}.yaml").read_text().splitlines()
        (example,) = [line.strip("# ") for line in lines if line.startswith("  ") and "cron:" in line]
        path = tmp_path / f"{language}.yaml"
        path.write_text(yaml.safe_dump(BASE | {"schedules": yaml.safe_load(example)}, allow_unicode=True))
        Catalogue(load(path), tmp_path / "my", ("stockgen.providers", "tests.providers_for_tests")).check()
