"""`stockgen job` tells of every try who it was, what came of it and why, what it cost and what was left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stockgen.messages import Messages
from tests.cli.conftest import Desk
from tests.pipeline.test_redeem import shop

SAY = Messages("en")


def lines(out: str) -> list[str]:
    """What stands below the table."""
    return out.partition("Who was asked:\n")[2].splitlines()


def test_nobody_reads_of_pictures_that_simply_came(desk: Callable[..., Desk]) -> None:
    here = desk()
    here("run", here.write("job.yaml"))
    assert "Who was asked:" not in here("job").out


def test_every_try_says_who_it_was_and_what_came_of_it(desk: Callable[..., Desk]) -> None:
    here = desk(**shop())
    here("run", here.write("job.yaml", "prompt: a sea undecodable\nmodel: both\nsize: 64x64\n"))
    said = [line.strip() for line in lines(here("job").out)]
    broken = "1 scripted: not made (the picture could not be read)"
    assert [line.split(", ")[0] for line in said] == [broken, broken, "1 second: made"]
    assert all(line.endswith("USD 0.040") for line in said[:2])


def test_who_was_passed_over_says_why(desk: Callable[..., Desk]) -> None:
    here = desk()
    text = "prompt: a sea refuse\nmodel: both\nsize: 64x64\ncount: 2\n"
    here("run", here.write("job.yaml", text))
    said = [line.strip() for line in lines(here("job").out)]
    never = "2 scripted: not asked (its words were refused there before)"
    assert [line.split(", ")[0] for line in said] == [
        "1 scripted: not made (refused)", "1 second: made", never, "2 second: made",
    ]  # fmt: skip
    (first, second) = here("job", "--json").json["pictures"]
    assert [one["outcome"] for one in first["attempts"]] == ["failed", "rendered"]
    assert second["passed"] == {"scripted": "refused_before: provider=scripted"}


def test_a_picture_that_was_never_made_is_not_taken_for_the_one_whose_number_it_would_have(
    desk: Callable[..., Desk],
) -> None:
    here = desk()
    text = "prompts: [a lake refuse, a sea undecodable]\nmodel: scripted\nsize: 64x64\n"
    here("run", here.write("job.yaml", text))
    said = [line.strip() for line in lines(here("job").out)]
    assert [line.split(" scripted")[0] for line in said] == ["'a lake refuse'", *["'a sea undecodable'"] * 2]


def test_of_several_tries_it_says_of_how_many_a_picture_is_the_best(desk: Callable[..., Desk]) -> None:
    here = desk()
    text = "prompt: a sea flat/10 raise/12\nsize: 64x64\nseed: 10\nbest_of: {}\ncount: 2\n"
    here("run", here.write("two.yaml", text.format(2)))
    said = here("job").out
    assert "best of 2" in said and "best of 1, of 2 tries" in said
    here("run", here.write("job.yaml", text.format(3)))
    said = here("job").out
    assert "best of 2, of 3 tries" in said and "best of 3" in said
    told = here("job", "--json").json
    assert told["shots"] == {"done": 2}
    first, second = told["pictures"]
    assert [(one["seed"], one["state"], one["kept"]) for one in first["best_of"]][::2] == [
        (10, "done", False), (12, "failed", False),
    ]  # fmt: skip
    assert first["best_of"][0]["spare"] == f"{first['stem']}a"
    assert [one["seed"] for one in second["best_of"]] == [13, 14, 15]
    assert here("jobs", "--json").json[0]["shots"] == {"done": 2}
    assert here("status", "--json").json["shots"]["done"] == 4
    for name in ("keep", "drop"):
        assert here(name, "1-2", "--job", told["id"]).code == 0


def test_what_a_dead_program_had_begun_says_so_in_words() -> None:
    from stockgen.cli.tries import in_words

    for language in ("en", "ko"):
        say = Messages(language)
        assert in_words(say, "daemon_died") == say("reason.daemon_died") != "daemon_died"


def test_a_job_whose_words_were_refused_says_that_a_new_one_with_others_helps(desk: Callable[..., Desk]) -> None:
    here = desk(chains={"auto": ["scripted"]})
    here("run", here.write("job.yaml", "prompt: a sea refuse\nsize: 64x64\ncount: 2\n"))
    said = here("job").out
    assert "The rules of scripted forbid the words of pictures that are missing here (2)." in said
    assert "put them differently in a new job" in said
    assert "put them differently in a new job" in here("retry", "last").out


def test_what_was_left_out_and_what_may_have_been_billed_are_told() -> None:
    from stockgen.cli.tries import lines as told

    one: dict[str, Any] = {
        "provider": "openai", "outcome": "failed", "reason": "lane_died: lane=x", "seconds": 180.0, "billed": "maybe",
        "cost_micros": None, "dropped": {"steps": "cloud.steps", "guidance": "cloud.guidance"},
    }  # fmt: skip
    (line,) = told(SAY, {"attempts": [one], "passed": {}, "number": 7, "position": 0})
    assert line.strip() == (
        "7 openai: not made (its process ended), 180.0 s, perhaps billed: counted at its highest price, "
        "not honoured: steps, guidance"
    )
