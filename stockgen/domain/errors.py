"""Every error of our own, classed by what happens next.

    StockgenError
    ├── Faulty            a person must mend something; carries remarks, all faults at once
    │   ├── JobFileError      → note to the author of the job file
    │   ├── ConfigError       → printed, exit 2
    │   └── UsageError        → printed, exit 2
    ├── StateHeld         another stockgen holds this state → exit 3
    ├── LedgerRefused     newer, damaged or on an unfit file system → exit 1
    ├── RenderError       raised by or for a provider; `route` decides what happens to the shot
    │   ├── NotConfigured     a key, a package, weights are missing → next provider
    │   ├── Unfit             this provider can't do this shot → next provider
    │   ├── Busy              later, same provider (`retry_after` seconds)
    │   ├── Refused           moderation: never the same words to the same provider → next
    │   ├── QuotaSpent        provider closed until a known time → next
    │   ├── Retired           the model no longer exists → next
    │   ├── BadPicture        undecodable, not a number, wrong size → once more, then next; at once where `exhausted`
    │   ├── OutOfMemory       alone once more, then next; at once where `exhausted`
    │   ├── LaneDied          the process or thread that rendered it is gone → alone, counted by `starts`
    │   ├── PluginBroke       an exception that the provider should have translated → next
    │   └── Cancelled         somebody cancelled it, or we are stopping
    ├── WriterError       raised by or for a text model
    │   ├── WriterAway        it does not answer, or is busy → asked again later, or written without it
    │   ├── WriterLacks       a model, a key is missing → the next writer; the facts name the command that adds it
    │   └── BadAnswer         nothing in what it answered can be used → asked once more, then written without it
    ├── NotPulled         a model's files did not come, or can't be used → told, exit 1
    ├── StorageFull       no space → a hold, tried again by itself
    └── StorageLost       a folder is gone or read-only → a hold, tried again by itself

A code is a stable, short word; the sentence for people is looked up in `messages/` under `error.<code>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stockgen.domain.words import Remark


class StockgenError(Exception):
    """Base of all errors of our own.

    `code` is a stable word, `facts` fill the sentence `error.<code>` of the message files. Picklable, because errors
    cross from a lane's process to the daemon's.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @property
    def remark(self) -> Remark:
        """The sentence for people, not yet in a language."""
        return Remark(f"error.{self.code}", facts=dict(self.facts))

    def __str__(self) -> str:
        """`code` or `code: a=1, b=2`: what logs and the ledger keep as the reason."""
        detail = ", ".join(f"{key}={value}" for key, value in self.facts.items())
        return f"{self.code}: {detail}" if detail else self.code

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.code, self.facts)


def _rebuild(kind: type[StockgenError], code: str, facts: dict[str, Any]) -> StockgenError:
    return kind(code, **facts)


class Faulty(StockgenError):
    """Something that a person wrote can't be used; `remarks` holds every fault, not only the first."""

    def __init__(self, code: str, remarks: Sequence[Remark] = (), **facts: Any) -> None:
        super().__init__(code, **facts)
        self.remarks = tuple(remarks)

    def __str__(self) -> str:
        told = "; ".join(str(remark) for remark in self.remarks)
        return f"{super().__str__()} [{told}]" if told else super().__str__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_faulty, (type(self), self.code, self.remarks, self.facts)


def _rebuild_faulty(kind: type[Faulty], code: str, remarks: Sequence[Remark], facts: dict[str, Any]) -> Faulty:
    return kind(code, remarks, **facts)


class JobFileError(Faulty):
    """A job file that can't be used as it stands."""


class ConfigError(Faulty):
    """A config.yaml that can't be used as it stands."""


class UsageError(Faulty):
    """A command that can't be carried out as it was given."""


class StateHeld(StockgenError):
    """Another stockgen process holds this state folder; `pid` is in the facts."""


class LedgerRefused(Faulty):
    """The ledger is newer than this program, damaged, not what was written last, or lies where SQLite can't be trusted.

    `remarks`: what helps.
    """


class RenderError(StockgenError):
    """A picture did not come; `pipeline.route` decides what happens next by the class.

    Facts that any may have: `closed_for`, seconds for which nobody need ask this provider again, whatever the picture;
    `model`, where that is so of this one of its models alone.
    """

    @property
    def closed_for(self) -> float | None:
        """Seconds for which the provider is closed; None = it is not, only this picture did not come."""
        seconds = self.facts.get("closed_for")
        return None if seconds is None else float(seconds)

    @property
    def exhausted(self) -> bool:
        """Whether the provider has tried all that it could: then another try of the same would only cost time."""
        return bool(self.facts.get("exhausted"))


class NotConfigured(RenderError):
    """Something that a person can add is missing; the facts name the one command that adds it."""


class Unfit(RenderError):
    """This provider can't make this picture, now or later."""


class Busy(RenderError):
    """Try again after `retry_after` seconds, or where nobody has said how long, after a while of the asker's choice."""

    @property
    def told(self) -> bool:
        """Whether the provider itself has said how long."""
        return "retry_after" in self.facts

    @property
    def retry_after(self) -> float:
        """Seconds to wait before the same provider is asked again."""
        return float(self.facts.get("retry_after", 10.0))


class Refused(RenderError):
    """The provider's moderation refused the words."""


class QuotaSpent(RenderError):
    """Nothing more from this provider until its quota is renewed."""


class Retired(RenderError):
    """The model behind the provider no longer exists."""


class BadPicture(RenderError):
    """The bytes are no usable picture: undecodable, not a number, blank or of the wrong size."""


class OutOfMemory(RenderError):
    """The device's memory did not suffice for this batch."""


class LaneDied(RenderError):
    """The lane ended, was killed or fell silent while this picture was in its batch."""


class PluginBroke(RenderError):
    """A provider raised something that it should have translated."""


class Cancelled(RenderError):
    """The picture was cancelled, or its lane is being stopped."""


class WriterError(StockgenError):
    """A text model did not give what was asked for."""


class WriterAway(WriterError):
    """It can't be reached, is too slow or busy: nothing that a person must mend in the job."""


class WriterLacks(WriterError):
    """Something that a person can add is missing; the facts name the one command that adds it."""


class BadAnswer(WriterError):
    """An answer came, but nothing in it can be used."""


class NotPulled(StockgenError):
    """A model's files did not come, or what was found is no model that can be used; the sentence says what to do."""


class StorageFull(StockgenError):
    """No space (or no inodes) is left where we have to write."""


class StorageLost(StockgenError):
    """A folder that we need is gone, read-only, or does not keep what we write."""


def exit_code(error: StockgenError) -> int:
    """What a program that ends with this error returns: 2 wrong use or config, 3 another holds the state, else 1."""
    if isinstance(error, ConfigError | UsageError):
        return 2
    return 3 if isinstance(error, StateHeld) else 1
