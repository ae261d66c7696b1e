"""Job files: bytes in, `JobRequest` or one `JobFileError` with every fault out; and notes to authors."""

from stockgen.jobfile.known import Defaults, Known, Refused, Unready
from stockgen.jobfile.mending import fixed
from stockgen.jobfile.missing import missing
from stockgen.jobfile.moments import moment
from stockgen.jobfile.notes import Outlook, Room, accepted, refused
from stockgen.jobfile.read import read, unknown_preset

__all__ = [
    "Defaults", "Known", "Outlook", "Refused", "Room", "Unready", "accepted", "fixed", "missing", "moment", "read",
    "refused", "unknown_preset",
]  # fmt: skip
