"""A file in `inbox/<preset>/` gets that preset without a word inside."""

from __future__ import annotations

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.jobfile import read, unknown_preset


def test_the_folders_preset_gives_way_to_the_named_one_and_that_to_the_orders_own_key(known):
    request = read(b"keywords: a\npreset: banner\nkind: photo\n", "a.yaml", known, "plain")
    order = request.orders[0]
    assert (order.kind, order.count, order.steps, request.preset) == ("photo", 2, 9, "banner")


def test_the_folders_preset_holds_where_the_file_says_nothing(known):
    request = read("벚꽃\n".encode(), "a.txt", known, "BANNER")
    assert (request.orders[0].kind, request.preset, request.priority) == ("illustration", "banner", 7)


def test_a_folder_that_is_no_preset_is_answered_with_the_nearest(known, say):
    with pytest.raises(JobFileError, match="folder_near"):
        read(b"keywords: a", "a.yaml", known, "baner")
    told = unknown_preset("zebra", known).remarks[0]
    assert told.code == "job_file.folder"
    for each in say.values():
        assert "banner" in each.tell(told)


def test_a_fault_in_the_folders_preset_names_it(known, say):
    with pytest.raises(JobFileError) as caught:
        read(b"keywords: a", "a.yaml", known, "broken")
    assert [remark.facts["key"] for remark in caught.value.remarks] == ["broken → modle", "broken → steps"]
    assert "Line" not in say["en"].tell(caught.value.remarks[0])
