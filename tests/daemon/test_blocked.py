"""A brand among the subjects: the file is taken, its other pictures are made, and the note tells the rest."""

from __future__ import annotations

from collections.abc import Callable

from tests.daemon.door import Door


def test_a_file_with_one_brand_is_accepted_and_the_rest_of_it_is_made(door: Callable[..., Door]) -> None:
    one = door({"language": "ko"})
    one.drop("크기: 96x64\n개수: 1\n\n벚꽃\n나이키 운동화\n", "소재.txt")
    one.settle()
    (job,) = one.ids()
    one.house.work()
    assert one.house.app.ledger.jobs.counts(job) == {"done": 1}
    note = one.note("accepted", f"{job}_소재.txt")
    assert "5번째 줄: 만들지 않음: 나이키 운동화 – '나이키':" in note
    assert "벚꽃" in note


def test_a_file_of_nothing_but_names_is_refused_before_anything_is_made(door: Callable[..., Door]) -> None:
    one = door()
    one.drop("eiffel tower\npikachu\n", "names.txt")
    one.settle()
    assert one.ids() == []
    assert one.lying("rejected") == ["names.txt", "names.txt.note.txt"]
    assert "2. Line 2: Not made: pikachu – 'Pikachu':" in one.note("rejected", "names.txt")
