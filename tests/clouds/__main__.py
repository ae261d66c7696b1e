"""`python -m tests.clouds`: serve until standard input ends; the port is the first line of standard output."""

from __future__ import annotations

import sys
import threading

from tests.clouds.books import Books
from tests.clouds.server import Server


def main() -> None:
    """Its own process; whoever started it holds its standard input, so it ends with them."""
    books = Books()
    server = Server(books)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    books.closing.set()
    server.shutdown()


if __name__ == "__main__":
    main()
