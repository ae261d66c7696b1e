"""A folder or a file is not looked at again for each of hundreds of pictures, and never for longer than a second."""

from __future__ import annotations

import pytest

from stockgen.domain.errors import NotConfigured
from stockgen.providers._diffusion.lately import LOOK_AGAIN, Lately
from tests.gpu.conftest import Now


@pytest.mark.parametrize("answer", ["here", None, NotConfigured("no_lora", lora="ink")])
def test_a_name_is_looked_for_once_a_second_whatever_is_found(answer: object) -> None:
    now, looks = Now(), []

    def look(name: str) -> object:
        looks.append(name)
        if isinstance(answer, NotConfigured):
            raise answer
        return answer

    lately = Lately(look, now)
    for _ in range(400):
        assert (lately.lack("ink") is None) == (not isinstance(answer, NotConfigured))
    assert looks == ["ink"]
    now.now += LOOK_AGAIN
    lately.lack("ink")
    lately.lack("paper")
    assert looks == ["ink", "ink", "paper"]
