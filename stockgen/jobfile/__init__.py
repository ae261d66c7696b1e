"""Job files: bytes in, `JobRequest` or one `JobFileError` with every fault out; and notes to authors."""

from stockgen.jobfile.known import Defaults, Known, Refused, Unready
from stockgen.jobfile.notes import accepted, refused
from stockgen.jobfile.read import read, unknown_preset

__all__ = ["Defaults", "Known", "Refused", "Unready", "accepted", "read", "refused", "unknown_preset"]
