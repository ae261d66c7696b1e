"""A report as a page of its own: one HTML file with its pictures inside, so that it can be mailed or synced."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from stockgen.messages import Messages
from stockgen.pipeline.reports.facts import Closed, Report
from stockgen.pipeline.reports.text import reason, text

MOST_BYTES = 12_000_000  # of contact sheets in one page, which mail programs still take; the others are named
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, "Noto Sans KR", "Malgun Gothic", sans-serif; max-width: 62rem; margin: 0 auto;
  padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p.told { white-space: pre-line; } img { width: 100%; height: auto; border-radius: .3rem; background: #fff; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid #8884; } td.n, th.n { text-align: right; } .path { opacity: .7; font-size: .85rem;
  word-break: break-all; }
"""


def page(report: Report, say: Messages, outbox: Path, timezone: str = "local") -> bytes:
    """The page as UTF-8. `outbox` is where the sheets lie; those that are gone, or too many, are named only."""
    parts = [
        f'<!doctype html><html lang="{say.language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>stockgen {report.day}</title><style>{_STYLE}</style></head><body>",
        *_top(text(report, say, timezone)),
        *_jobs(report, say, outbox),
        *_counts("review", report.review, say),
        *_counts("failed", report.failed, say),
        *_markets(report, say),
        "</body></html>\n",
    ]
    return "".join(parts).encode("utf-8", "replace")


def _top(told: str) -> Iterator[str]:
    head, _, rest = told.partition("\n")
    yield f'<h1>{escape(head)}</h1><p class="told">{escape(rest.strip())}</p>'


def _jobs(report: Report, say: Messages, outbox: Path) -> Iterator[str]:
    room = MOST_BYTES
    for job in report.closed:
        yield f"<h2>{escape(job.name)} – {escape(say(f'job_state.{job.result}'))}</h2>"
        yield f'<div class="path">{escape(job.folder)}</div>'
        for sheet in job.sheets:
            data = _picture(outbox / sheet, room)
            room -= len(data)
            yield _image(data, job) if data else f'<div class="path">{escape(sheet)}</div>'


def _picture(path: Path, room: int) -> bytes:
    """The sheet's bytes, b"" where there is no room for them or nothing there."""
    try:
        data = path.read_bytes()
    except OSError:
        return b""
    return data if len(data) <= room else b""


def _image(data: bytes, job: Closed) -> str:
    return f'<img alt="{escape(job.name)}" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'


def _counts(what: str, counts: Mapping[str, int], say: Messages) -> Iterator[str]:
    if not counts:
        return
    yield f"<h2>{escape(say(f'report.table.{what}'))}</h2><table>"
    for code, count in counts.items():
        yield f'<tr><td>{escape(reason(code, say))}</td><td class="n">{count}</td></tr>'
    yield "</table>"


def _markets(report: Report, say: Messages) -> Iterator[str]:
    if not report.markets:
        return
    heads = [escape(say(f"report.table.{head}")) for head in ("waiting", "week")]
    yield f"<h2>{escape(say('report.table.markets'))}</h2><table><tr><th></th>"
    yield "".join(f'<th class="n">{head}</th>' for head in heads) + "</tr>"
    for one in report.markets:
        cells = f'<td class="n">{one.waiting}</td><td class="n">{one.week_used} / {one.per_week}</td>'
        yield f"<tr><td>{escape(one.name)}</td>{cells}</tr>"
    yield "</table>"
