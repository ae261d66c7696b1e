"""`python -m tests.launch_daemon`: the real daemon with the providers for tests. Exits 99 if it ever imported torch.

STOCKGEN_TESTS_DISK: seconds until a full or lost disk is tried again, where the real half minute is too long.
"""

import os
import sys

from daemon.main import main
from stockgen.app.lanes import PATIENCE

if __name__ == "__main__":
    disk = os.environ.get("STOCKGEN_TESTS_DISK")
    patience = {**PATIENCE, "disk": float(disk)} if disk else PATIENCE
    code = main(plugins=("stockgen.providers", "tests.providers_for_tests"), patience=patience)
    raise SystemExit(99 if "torch" in sys.modules else code)
