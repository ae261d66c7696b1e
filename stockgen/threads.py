"""How many threads linear algebra gets in the process that decides and looks at pictures: one.

What it multiplies there is small. OpenBLAS, which numpy brings, would nonetheless start a thread for each core and wait
for all of them at each product: on a busy machine a search of 7 ms among known pictures took 107 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

LIMIT = "OPENBLAS_NUM_THREADS"  # read once, when numpy is imported
OTHERS = ("OMP_NUM_THREADS", "GOTO_NUM_THREADS")  # by which its user may have said the same (OpenBLAS, README)
_OURS = "STOCKGEN_ONE_THREAD"  # tells our own limit from a user's


def one_thread(environment: MutableMapping[str, str]) -> None:
    """Limit a process that has not imported numpy yet, by its `environment`; what its user has said there holds."""
    if not any(name in environment for name in (LIMIT, *OTHERS)):
        environment.update({LIMIT: "1", _OURS: "1"})


def unlimited(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without our own limit: for processes that render, which may use what the machine has."""
    ours = (LIMIT, _OURS) if _OURS in environment else ()
    return {name: value for name, value in environment.items() if name not in ours}
