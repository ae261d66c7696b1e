"""A key that gets another name in a new version does not stop a server that was upgraded at night."""

from __future__ import annotations

import pytest

from stockgen.config import changed, load
from stockgen.config.renamed import RENAMED
from stockgen.domain.errors import ConfigError
from stockgen.messages import Messages

OLD = {"limits.max_images": "limits.images_per_job", "pictures": "defaults.count", "report.time": "report.at"}


def test_an_old_name_is_honoured_and_told_with_the_new_one(write):
    config = load(write("limits: {max_images: 7, starts: 2}\npictures: 3\n"), OLD)
    assert (config.limits.images_per_job, config.limits.starts, config.defaults.count) == (7, 2, 3)
    told = [Messages("en").tell(one) for one in config.told]
    assert [("max_images" in one, "images_per_job" in one) for one in told] == [(True, True), (False, False)]
    assert "`pictures`" in told[1]


def test_a_new_name_is_not_told_and_both_at_once_are_a_fault(write):
    assert load(write("limits: {images_per_job: 7}\n"), OLD).told == ()
    with pytest.raises(ConfigError) as caught:
        load(write("limits: {images_per_job: 7, max_images: 8}\nzebra: 1\n"), OLD)
    assert [one.code for one in caught.value.remarks] == ["error.config_both_names", "error.config_unknown"]


def test_what_stands_under_an_old_name_is_checked_under_the_new_one(write):
    with pytest.raises(ConfigError) as caught:
        load(write("report: {time: noon}\n"), OLD)
    (fault,) = caught.value.remarks
    assert fault.facts["where"] == "report.at"


def test_a_reload_tells_what_the_new_file_says(write):
    old = load(write("pictures: 3\n"), OLD)
    new, restart = changed(old, load(write("defaults: {count: 4}\n"), OLD))
    assert (new.defaults.count, new.told, restart) == (4, (), [])


def test_no_old_name_is_a_name_of_today():
    from stockgen.config.model import Config

    today = {f"{name}.{key}" for name, field in Config.model_fields.items()
             for key in getattr(field.annotation, "model_fields", {})} | {*Config.model_fields}  # fmt: skip
    assert not RENAMED.keys() & today
    assert {*RENAMED.values()} <= today
