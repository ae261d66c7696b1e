"""`not_before`: moments as people say them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.jobfile import read

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 26, 14, 30, tzinfo=SEOUL)  # a Thursday


def moment(known, text, zone="Asia/Seoul", now=NOW):
    here = replace(known, timezone=zone, now=now.timestamp())
    request = read(f'keywords: a\nnot_before: "{text}"\n'.encode(), "a.yaml", here)
    if request.not_before is None:
        return None
    return f"{datetime.fromtimestamp(request.not_before, ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-30 14:00", "2026-11-30 14:00"), ("2026-11-30T14:00", "2026-11-30 14:00"),
        ("2026-11-30T14:00:00Z", "2026-11-30 23:00"), ("2026-11-30T14:00+09:00", "2026-11-30 14:00"),
        ("2026.11.30 14:00", "2026-11-30 14:00"), ("2026. 11. 30. 오후 2:00", "2026-11-30 14:00"),
        ("2026/11/30", "2026-11-30 00:00"), ("11월 30일 14:00", "2026-11-30 14:00"),
        ("11월 30일 (월) 14시", "2026-11-30 14:00"), ("2027년 1월 3일 오전 9시", "2027-01-03 09:00"),
        ("1월 3일", "2027-01-03 00:00"), ("11/30 9시", "2026-11-30 09:00"), ("Nov 30 14:00", "2026-11-30 14:00"),
        ("30 Nov 2pm", "2026-11-30 14:00"), ("November 30th, 2026 at 14:00", "2026-11-30 14:00"),
        ("내일 아침 9시", "2026-11-27 09:00"), ("내일 오전 9시부터", "2026-11-27 09:00"), ("내일", "2026-11-27 00:00"),
        ("모레 오후 3시 30분", "2026-11-28 15:30"), ("오늘 저녁 7시 반", "2026-11-26 19:30"),
        ("오늘 밤 12시", "2026-11-27 00:00"), ("자정", "2026-11-27 00:00"), ("내일 정오", "2026-11-27 12:00"),
        ("오후 3시", "2026-11-26 15:00"), ("오전 9시", "2026-11-27 09:00"), ("14:00", "2026-11-27 14:00"),
        ("새벽 2시", "2026-11-27 02:00"), ("낮 12시", "2026-11-27 12:00"), ("22시", "2026-11-26 22:00"),
        ("토요일 9:00", "2026-11-28 09:00"), ("목요일 오전 9시", "2026-12-03 09:00"),
        ("다음 주 월요일 9시", "2026-11-30 09:00"), ("3시간 뒤", "2026-11-26 17:30"), ("30분 후", "2026-11-26 15:00"),
        ("2일 뒤", "2026-11-28 14:30"), ("in 2 hours", "2026-11-26 16:30"), ("tomorrow 9am", "2026-11-27 09:00"),
        ("tomorrow at 9:30 pm", "2026-11-27 21:30"), ("saturday 9 am", "2026-11-28 09:00"),
        ("midnight", "2026-11-27 00:00"),
        ("tonight 11:30 pm", "2026-11-26 23:30"), ("24:00", "2026-11-27 00:00"),
    ],
)  # fmt: skip
def test_a_moment_is_understood_as_it_is_said(known, text, meant):
    assert moment(known, text) == meant


@pytest.mark.parametrize("text", ["2026-11-26 14:00", "11월 1일", "오늘 아침 9시", "지금", "now", "2026-01-01"])
def test_a_moment_that_is_over_means_at_once(known, text):
    assert moment(known, text) is None


@pytest.mark.parametrize(
    "text",
    ["내일 3시", "3", "9", "어제", "someday", "25:00", "12:60", "2월 30일", "2126-01-01", "오전 13시", "밤 3시",
     "월요일 아침", "-1시간 뒤", "99999시간 뒤", "0000-00-00", "내일 9시 10시", "9" * 400],
)  # fmt: skip
def test_a_moment_that_may_mean_two_things_or_none_is_asked_about(known, text):
    with pytest.raises(JobFileError):
        moment(known, text)


def test_an_hour_without_its_part_of_the_day_is_answered_with_one(known):
    with pytest.raises(JobFileError) as caught:
        moment(known, "내일 3시")
    assert caught.value.remarks[0].facts["nearest"] == "내일 오후 3시"


def test_the_hour_that_summer_time_skips_and_the_one_that_it_repeats_are_moments(known):
    march, october = datetime(2026, 3, 28, 12, tzinfo=SEOUL), datetime(2026, 10, 24, 12, tzinfo=SEOUL)
    assert moment(known, "2026-03-29 02:30", "Europe/Berlin", march) == "2026-03-29 03:30"
    assert moment(known, "2026-10-25 02:30", "Europe/Berlin", october) == "2026-10-25 02:30"


def test_one_moment_holds_for_the_whole_file(known):
    here = replace(known, timezone="Asia/Seoul", now=NOW.timestamp())
    request = read("언제부터: 내일\n---\nkeywords: a\n---\nkeywords: b\n".encode(), "a.yaml", here)
    assert len(request.orders) == 2
    assert request.not_before is not None
    with pytest.raises(JobFileError, match="job_differs"):
        read("- {keywords: a, 언제부터: 내일}\n- {keywords: b, 언제부터: 모레}\n".encode(), "a.yaml", here)
