"""`python -m stockgen` is `stockgen`."""

from stockgen.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
