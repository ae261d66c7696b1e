"""A report as a page of its own: one HTML file with its pictures inside, so that it can be mailed or synced."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from stockgen.messages import Messages
from stockgen.pipeline.reports.facts import Closed, Report
from stockgen.pipeline.reports.text import reason, shared, text

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
        *_lessons(report, say),
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
        if job.rest:
            yield f"<p>{escape(say('report.rest', rest=job.rest))}</p>"
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
    yield from _table(what, (), [(reason(code, say), count) for code, count in counts.items()], say)


def _markets(report: Report, say: Messages) -> Iterator[str]:
    rows = [(one.name, one.waiting, f"{one.week_used} / {one.per_week}") for one in report.markets]
    yield from _table("markets", ("waiting", "week"), rows, say)


def _lessons(report: Report, say: Messages) -> Iterator[str]:
    """What was refused, what is accepted, and what sells."""
    if report.common:
        items = "".join(f"<li>{escape(shared(one, say))}</li>" for one in report.common)
        yield f"<h2>{escape(say('report.table.common'))}</h2><ul>{items}</ul>"
    rates = [(say(f"report.trait.{one.what}") if one.what != "market" else "", one) for one in report.rates]
    rows = [(f"{what} {one.value}".strip(), one.accepted, one.rejected, f"{one.share:.0%}") for what, one in rates]
    yield from _table("rates", ("accepted", "rejected", "share"), rows, say)
    sold = [(one.title[say.language], one.sales, f"{one.micros / 1e6:.2f}") for one in report.sellers]
    yield from _table("sold", (), sold, say)


def _table(what: str, heads: Sequence[str], rows: Sequence[Sequence[object]], say: Messages) -> Iterator[str]:
    if not rows:
        return
    yield f"<h2>{escape(say(f'report.table.{what}'))}</h2><table>"
    if heads:
        cells = "".join(f'<th class="n">{escape(say(f"report.table.{head}"))}</th>' for head in heads)
        yield f"<tr><th></th>{cells}</tr>"
    for first, *others in rows:
        cells = "".join(f'<td class="n">{escape(str(cell))}</td>' for cell in others)
        yield f"<tr><td>{escape(str(first))}</td>{cells}</tr>"
    yield "</table>"
