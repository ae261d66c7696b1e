"""Whatever a library tries, the process that looks at pictures reaches nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TRY = """
import os, sys
from pathlib import Path
from stockgen.inference.matting import at_home
from stockgen.inference.offline import Offline, stay_offline
at_home(os.environ, Path(sys.argv[1]))
stay_offline()
try:
    {what}
except Offline as error:
    print("offline")
"""
TRIES = {
    "rembg fetches its model": "from rembg.session_factory import new_session; new_session('u2net')",
    "pooch": "import pooch; pooch.retrieve('https://127.0.0.1:9/a', None)",
    "an address": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "a name": "import socket; socket.getaddrinfo('localhost', 9)",
    "a datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
}


@pytest.mark.parametrize("what", TRIES)
def test_nobody_is_reached(what: str, tmp_path: Path) -> None:
    code = TRY.format(what=TRIES[what])
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "offline", said.stderr[-1000:]
    assert list(tmp_path.rglob("*.onnx")) == []
