"""What may go wrong with a request, and whether the service takes money for it all the same.

A fault is told as text, `kind` or `kind:detail`: `slow:3`, `drop:0.9`, `blocked:SAFETY`, `rate_limit_after:7`.

| kind | what comes | billed |
|---|---|---|
| ok | the picture | whole |
| slow:seconds (2) | the picture, so much later; it was made before | whole |
| hang | nothing, until one side closes; it was made | whole |
| stall | nothing, until one side closes; nothing was made | no |
| reset | the connection ends without a byte; nothing was made | no |
| drop:share (0.5) | so much of the body, then the connection ends | whole |
| drip:seconds (1) | the body, a byte each so many seconds, until one side closes | whole |
| truncated | base64 that ends too soon, in JSON that is whole; its length is no multiple of 4 | whole |
| cut | base64 that is whole, of a picture's file that ends too soon | whole |
| wrong_size | a picture of half its sides | whole |
| webp | a WebP file, whatever was asked for and is said | whole |
| internal, overloaded | 500, 503 | no |
| html_502, html_200 | the page of a proxy; the service was never asked | no |
| OpenAI: moderation_blocked[:category], content_policy_violation, billing_hard_limit | 400 | no |
| OpenAI: invalid_api_key · unverified · retired | 401 · 403 · 404 | no |
| OpenAI: rate_limit, rate_limit_after:seconds, rate_limit_after_ms:ms, insufficient_quota | 429 | no |
| OpenAI: empty_data | no picture in the list, no usage | no |
| OpenAI: fewer | one picture less than asked, so none of one | what came, and the text |
| Gemini: blocked:REASON (SAFETY) | no candidates, a promptFeedback | no |
| Gemini: finished:REASON (IMAGE_SAFETY) | a candidate without content, a finishReason | no |
| Gemini: empty_parts, no_content, text_only | a candidate that ended with STOP, without a picture | words |
| Gemini: invalid_argument, api_key_invalid · permission_denied · retired | 400 · 403 · 404 | no |
| Gemini: per_minute:seconds (30), per_day · deadline | 429 · 504 | no |

whole = all tokens that the answer's usage names or would have named. words = Google counts the tokens of a 200 without
a picture as well, those of the prompt and of the text: less than a hundredth of a cent. no = nothing. What this table
calls made is billed when it is made, which is before the first byte of its answer is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Billing = Literal["no", "words", "whole"]

OPENAI, GEMINI = "openai", "gemini"
BOTH = (OPENAI, GEMINI)


@dataclass(frozen=True, slots=True)
class Kind:
    """Of faults: the services that have it, what they bill, the detail that is meant where none is told."""

    services: tuple[str, ...]
    bills: Billing
    detail: str = ""


KINDS: Mapping[str, Kind] = MappingProxyType({
    "ok": Kind(BOTH, "whole"), "slow": Kind(BOTH, "whole", "2"), "hang": Kind(BOTH, "whole"),
    "drop": Kind(BOTH, "whole", "0.5"), "drip": Kind(BOTH, "whole", "1"), "truncated": Kind(BOTH, "whole"),
    "cut": Kind(BOTH, "whole"), "wrong_size": Kind(BOTH, "whole"), "webp": Kind(BOTH, "whole"),
    "stall": Kind(BOTH, "no"), "reset": Kind(BOTH, "no"), "internal": Kind(BOTH, "no"), "overloaded": Kind(BOTH, "no"),
    "html_502": Kind(BOTH, "no"), "html_200": Kind(BOTH, "no"), "retired": Kind(BOTH, "no"),
    "moderation_blocked": Kind((OPENAI,), "no", "sexual"), "content_policy_violation": Kind((OPENAI,), "no"),
    "billing_hard_limit": Kind((OPENAI,), "no"), "invalid_api_key": Kind((OPENAI,), "no"),
    "unverified": Kind((OPENAI,), "no"), "rate_limit": Kind((OPENAI,), "no"),
    "rate_limit_after": Kind((OPENAI,), "no", "7"), "rate_limit_after_ms": Kind((OPENAI,), "no", "1500"),
    "insufficient_quota": Kind((OPENAI,), "no"), "empty_data": Kind((OPENAI,), "no"),
    "fewer": Kind((OPENAI,), "whole"),
    "blocked": Kind((GEMINI,), "no", "SAFETY"), "finished": Kind((GEMINI,), "no", "IMAGE_SAFETY"),
    "empty_parts": Kind((GEMINI,), "words"), "no_content": Kind((GEMINI,), "words"),
    "text_only": Kind((GEMINI,), "words"), "invalid_argument": Kind((GEMINI,), "no"),
    "api_key_invalid": Kind((GEMINI,), "no"), "permission_denied": Kind((GEMINI,), "no"),
    "per_minute": Kind((GEMINI,), "no", "30"), "per_day": Kind((GEMINI,), "no"), "deadline": Kind((GEMINI,), "no"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One of them, with its detail."""

    kind: str
    detail: str = ""

    @property
    def bills(self) -> Billing:
        return KINDS[self.kind].bills

    @property
    def number(self) -> float:
        """The detail of those that have a number."""
        return float(self.detail)

    def __str__(self) -> str:
        return f"{self.kind}:{self.detail}" if self.detail else self.kind


OK = Fault("ok")


def fault(text: str, service: str = "") -> Fault:
    """Read it from its text. Raises ValueError for what there is not, or `service` has not."""
    kind, _, detail = text.partition(":")
    if kind not in KINDS or (service and service not in KINDS[kind].services):
        raise ValueError(f"{service} has no fault {text!r}; known are {', '.join(of(service))}")
    return Fault(kind, detail or KINDS[kind].detail)


def of(service: str) -> list[str]:
    """The kinds that a service has; "" = all."""
    return [name for name, kind in KINDS.items() if not service or service in kind.services]
