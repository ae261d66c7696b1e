"""Run alone, in a process with little memory and time: reads hostile files and prints what came of each as JSON.

Not a test: `test_edge_cases.py` starts it. An audit hook watches for what reading a file must never do.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

MEMORY = 512 << 20  # bytes of address space; the interpreter with this package takes about 200 MiB of it
SECONDS = 10
MIB = 1 << 20
PART = MIB if "--whole" in sys.argv else MIB >> 3  # an eighth shows what grows faster than the file
NEVER = ("exec", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket", "ctypes", "import",
         "os.remove", "os.rename", "os.mkdir", "pty", "shutil")  # fmt: skip
ENDINGS = ("yaml", "txt", "csv", "tsv", "json")


def hostile() -> Iterator[tuple[str, bytes]]:
    """(name of the accident, bytes): each is read under every ending."""
    yield "code in a tag", b"!!python/object/apply:os.system ['touch /tmp/owned']\n"
    yield "code in a key", b"? !!python/object/new:os._exit [1]\n: a\n"
    yield (
        "alias bomb",
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (at, at, b",".join([b"*%c" % (at - 1)] * 9)) for at in range(ord("b"), ord("k"))
        ),
    )
    yield "merge bomb", b"a: &a {x: 1}\n" + b"b: {<<: [" + b"*a," * 20_000 + b"]}\n"
    yield "recursive alias", b"&a [*a]"
    for name, piece in (
        ("brackets", b"["),
        ("braces", b'{"a":'),
        ("dashes", b"- "),
        ("questions", b"? "),
        ("quotes", b"> "),
    ):
        yield f"fifty thousand {name}", piece * 50_000
    yield "a scalar of a mebibyte", b"a" * MIB
    yield "a mebibyte and a byte", b"a" * (MIB + 1)
    yield "nothing but quotes", b'"' * PART
    yield "nothing but commas", b"," * PART
    yield "nothing but bars", b"|" * PART
    yield "nothing but TABs", b"\t" * PART
    yield "nothing but spaces", b" " * (PART - 1) + b"a"
    yield "nothing but line breaks", b"\n" * PART
    yield "nothing but carriage returns", b"\r" * PART
    yield "nothing but colons", b":" * PART
    yield "nothing but dashes", b"-" * PART
    yield "nothing but options", b"--a " * (PART // 4)
    yield "nothing but hashtags", b"#a" * (PART // 2)
    yield "nothing but hash signs", b"#" * PART
    yield "nothing but fences", b"```\n" * (PART // 4)
    yield "nothing but open braces and bars", b"{a|" * (PART // 3)
    yield "nothing but underscores", b"_" * PART
    yield "nothing but emoji", "🌸".encode() * (PART // 4)
    yield "nothing but wide colons", "：".encode() * (PART // 3)
    yield "nothing but smart quotes", "“".encode() * (PART // 3)
    yield "nothing but a Korean letter", "가".encode() * (PART // 3)
    yield "nothing but digits", b"9" * PART
    yield "nothing but x5", b" x5" * (PART // 3)
    yield "nothing but times", b"[a] [1:23] " * (PART // 11)
    yield "nothing but domains", b"a.b.c." * (PART // 6)
    yield "nothing but escapes", b'"' + b"\\u0041" * (PART // 6 - 2) + b'"'
    yield "keys without end", b"".join(b"kez%d: 1\n" % at for at in range(60_000))
    yield "columns without end", b"keyword," * 100_000
    yield "settings without end", b"count: 1\n" * 9_999
    yield "one subject a thousand times", b"a\n" * 9_999
    yield "accents without end", ("a" + "\u0315\u0323" * 200_000).encode()
    yield "signs that steer a terminal", b"keywords: a\x1b]0;owned\x07\n" * 5_000
    yield "halves of surrogates", b'["\\ud800"]\n' * 5_000
    yield "UTF-16 of nothing", b"\xff\xfe" + b"\x00\xd8" * 1000
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100


def spoiled(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The corpus, cut off, with bytes turned and with halves of two files put together; always the same."""
    rng = Random(1)
    whole = [path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "expected.yaml"]
    for number in range(600):
        data, other = bytearray(rng.choice(whole)), rng.choice(whole)
        for _ in range(rng.randrange(4)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        at = rng.randrange(len(data) + 1)
        yield f"spoiled {number}", bytes(data[:at]) + other[rng.randrange(len(other) + 1) :]


def answer(name: str, data: bytes, known: Any, say: Any) -> dict[str, Any]:
    """What came of one file."""
    from stockgen.domain.errors import JobFileError
    from stockgen.jobfile import accepted, fixed, read, refused

    start = time.perf_counter()
    try:
        request = read(data, name, known)
        note, codes = accepted(request, "k7m2q", name, (), say), ["accepted"]
    except JobFileError as error:
        codes = sorted({remark.code.removeprefix("job_file.") for remark in error.remarks})
        mended = fixed(data, name, error, partial(read, known=known))
        note = refused(error, name, say, mended[0] if mended else "")
    return {"codes": codes, "seconds": round(time.perf_counter() - start, 3), "note": len(note)}


def main() -> None:
    """Read everything that the first argument names; print one line of JSON for each file."""
    from stockgen.jobfile import Defaults, Known
    from stockgen.messages import Messages

    known = Known(models={"auto": "auto", "flux": "flux"}, markets={"adobe": "adobe"}, defaults=Defaults())
    say = Messages("ko")
    for ending in ENDINGS:  # whatever is imported or compiled when it is first needed is so now
        answer(f"a.{ending}", b"modle: x\n", known, say)
        answer(f"a.{ending}", b"a 5\xff", known, say)
        answer(f"a.{ending}", '"a": {"나": [오후 3시]}\n'.encode("utf-16"), known, say)
    done: list[str] = []
    sys.addaudithook(lambda event, _: done.append(event) if event.startswith(NEVER) else None)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    files = hostile() if sys.argv[1] == "hostile" else spoiled(Path(sys.argv[1]))
    endings = ENDINGS if sys.argv[1] == "hostile" else ()
    for number, (accident, data) in enumerate(files):
        for ending in endings or (ENDINGS[number % len(ENDINGS)],):
            signal.alarm(SECONDS)
            told = answer(f"a.{ending}", data, known, say)
            signal.alarm(0)
            print(json.dumps({"accident": accident, "ending": ending, "did": done, **told}), flush=True)  # noqa: T201
            done.clear()


if __name__ == "__main__":
    main()
