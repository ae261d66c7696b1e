"""`python -m daemon [--config FILE] [--until-idle]`."""

from daemon.main import main

if __name__ == "__main__":
    raise SystemExit(main())
