"""`python -m tests.launch_daemon`: the real daemon with the providers for tests. Exits 99 if it ever imported torch."""

import sys

from daemon.main import main

if __name__ == "__main__":
    code = main(plugins=("stockgen.providers", "tests.providers_for_tests"))
    raise SystemExit(99 if "torch" in sys.modules else code)
