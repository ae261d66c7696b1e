"""Job files: bytes in, `JobRequest` or one `JobFileError` with every fault out; and notes to authors."""

from stockgen.jobfile.known import Defaults, Known
from stockgen.jobfile.notes import accepted, refused
from stockgen.jobfile.read import read

__all__ = ["Defaults", "Known", "accepted", "read", "refused"]
