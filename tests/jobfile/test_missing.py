"""Which lines a mended copy lacks is told by their numbers in the author's own file."""

from __future__ import annotations

import pytest

from stockgen.jobfile import missing


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("a sea\nhttp://a.b\na hill\n", "a sea\na hill\n", (2,)),
        ("a sea x5\nhttp://a.b\na hil\n", "a sea ×5\na hill\n", (2,)),
        ("a sea\na hill\ncount: 2\n", "count: 2\na sea\na hill\n", ()),
        ("one\n\n\ntwo\n", "one\ntwo\n", ()),
        ("cuont: 2\nkeywords: sea\n", "count: 2\nkeywords: sea\n", ()),
        ("bad\nbad\ngood\n", "good\n", (1, 2)),
        ("바다\n주소 http://a.b\n", "\ufeff바다\r\n", (2,)),
        ("", "a\n", ()),
    ],
)
def test_a_line_counts_as_missing_only_where_nothing_stands_for_it(
    before: str, after: str, lost: tuple[int, ...]
) -> None:
    assert missing(before.encode(), after.encode()) == lost
