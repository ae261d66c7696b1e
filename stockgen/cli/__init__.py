"""`stockgen`: commands, no logic.

Importing a command must stay cheap: `--help` and `status` are typed often. What only some commands need is imported
inside them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None, more_plugins: Sequence[str] = ()) -> int:
    """Run one command and return its exit code (docs/config.md: 0, 1, 2, 3, 130).

    `more_plugins`: packages in which providers are looked up besides the shipped ones.
    """
    from stockgen.cli.tree import run

    if arguments is None:  # this process is ours alone
        from stockgen.privacy import last_words, no_core_dumps

        no_core_dumps()
        last_words()
    return run(sys.argv[1:] if arguments is None else list(arguments), more_plugins)
