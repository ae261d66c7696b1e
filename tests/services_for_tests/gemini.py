"""As `openai`, with Google's model."""

from __future__ import annotations

from stockgen.lanes.spec import Tools
from tests.services_for_tests import openai


class Options(openai.Options):
    """As OpenAI's."""

    model: str = "gemini-nano-banana-2.1"


def build(options: Options, tools: Tools) -> openai.Service:
    """As every plugin."""
    return openai.Service(options, "gemini")
