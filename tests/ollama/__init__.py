"""The tests' own Ollama: a real HTTP server with its API (and OpenAI's), which says what it is told and remembers."""

from tests.ollama.server import OllamaServer
from tests.ollama.state import Asked, Fault

__all__ = ["Asked", "Fault", "OllamaServer"]
