"""What the tests of job files share: a small world of names, and short ways to read a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from stockgen.data.templates import Wildcards
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest
from stockgen.jobfile import Defaults, Known, Refused, Unready, read
from stockgen.messages import Messages

Read = Callable[..., JobRequest]
Faults = Callable[..., list[str]]


@pytest.fixture(scope="session")
def known() -> Known:
    return Known(
        models={
            "auto": "auto",
            "procedural": "procedural",
            "로컬": "procedural",
            "flux": "flux",
            "플럭스": "flux",
        },
        markets={
            "adobe_stock": "adobe_stock",
            "adobe": "adobe_stock",
            "미리캔버스": "miricanvas",
            "shut": "shut",
        },
        refused={
            "banned": Refused("Banned", "it may not be sold.", "flux"),
            "gone/banned": Refused("Banned", "it may not be sold.", "flux"),
            "upscaler": Refused("Upscaler", "it draws nothing."),
        },
        unready={
            "absent": Unready("absent", "far: {model: absent}"),
            "gone": Unready("gone", "far: {model: gone}", date(1970, 1, 1), Unready("after", "far: {model: after}")),
        },
        closed={"shut": "no generated pictures"},
        styles=frozenset({"watercolor"}),
        presets={
            "banner": {"kind": "illustration", "count": 2, "size": "wide", "priority": 7},
            "broken": {"modle": "flux", "steps": 0},
            "nested": {"preset": "banner"},
            "sticker": {"kind": "element", "best_of": 3},
            "opaque": {"transparent": "no"},
            "season": {"season": "auto", "avoid": "people"},
            "plain": {"kind": "background", "steps": 9, "count": 8},
        },
        categories={"nature": "Nature", "자연": "Nature"},
        seasons={
            "seollal": "seollal",
            "설날": "seollal",
            "lunar_new_year": "seollal",
            "lunar new year": "seollal",
            "christmas": "christmas",
            "크리스마스": "christmas",
            "spring": "spring",
            "봄": "spring",
        },
        loras={"paper": "paper", "종이": "paper", "ink": "ink"},
        defaults=Defaults(count=4, model=("auto",), markets=("adobe_stock",), language="en"),
        images_per_job=500,
        wildcards=Wildcards(
            {
                "season": ("봄", "가을"),
                "food/soup": ("떡국",),
                "round": ("a __round__",),
                "empty": (),
                "long": ("{a|b} " + "a" * 20_000,),
                "wrong": ("${x} a",),
            },
            {"broken": "0xff"},
        ),
    )


@pytest.fixture(scope="session")
def yaml(known: Known) -> Read:
    return lambda text: read(text if isinstance(text, bytes) else text.encode(), "job.yaml", known)


@pytest.fixture(scope="session")
def txt(known: Known) -> Read:
    return lambda text: read(text if isinstance(text, bytes) else text.encode(), "job.txt", known)


@pytest.fixture(scope="session")
def csv(known: Known) -> Read:
    return lambda text: read(text if isinstance(text, bytes) else text.encode(), "job.csv", known)


@pytest.fixture(scope="session")
def json(known: Known) -> Read:
    return lambda text: read(text if isinstance(text, bytes) else text.encode(), "job.json", known)


def _faults(reader: Read) -> Faults:
    def faults(text: str | bytes) -> list[str]:
        with pytest.raises(JobFileError) as caught:
            reader(text)
        return [f"{remark.line or 0} {remark.code.removeprefix('job_file.')}" for remark in caught.value.remarks]

    return faults


@pytest.fixture(scope="session")
def yaml_faults(yaml: Read) -> Faults:
    """`["<line> <code>", …]` of a YAML file that is refused."""
    return _faults(yaml)


@pytest.fixture(scope="session")
def txt_faults(txt: Read) -> Faults:
    return _faults(txt)


@pytest.fixture(scope="session")
def csv_faults(csv: Read) -> Faults:
    return _faults(csv)


@pytest.fixture(scope="session")
def json_faults(json: Read) -> Faults:
    return _faults(json)


@pytest.fixture(scope="session")
def say() -> dict[str, Messages]:
    return {"en": Messages("en"), "ko": Messages("ko")}
