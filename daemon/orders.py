"""Messages of a chat as orders: a command, a judgement of pictures, or a job file. Every message is done once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon.names import NOTE, accepted_name
from daemon.wording import HELP, STATUS, Order, understood
from stockgen.app.build import App
from stockgen.domain.telling import Update
from stockgen.domain.times import iso
from stockgen.domain.words import Remark
from stockgen.files import write_durably
from stockgen.ledger.notices import Notice
from stockgen.pipeline.commands import Command
from stockgen.pipeline.eta import waiting
from stockgen.pipeline.status import hold_facts

LONGEST = 8192  # signs of a message: twice what Telegram lets people send
SHOWN = 12_000  # signs of a note that is sent back
OFFSET = "telegram.offset"  # facts that survive a restart: what was confirmed, and when; whose job file has no answer
ASKED = "telegram.asked"
FORGOTTEN = 6 * 86_400.0  # seconds: after a week without updates Telegram begins with other numbers (Update, update_id)
MOST = 100  # job files that answers are owed for; of older ones only the notes in the inbox tell
PLANNING = 30.0  # seconds that an answer waits for what planning finds
STRANGERS = 50  # chats that are named in the log
# All but tabs and line ends: what steers a terminal has no place in a job file.
_STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Orders:
    """Takes updates of one bot. `inbox`: where job files are laid."""

    def __init__(self, app: App, inbox: Path) -> None:
        self._app, self._inbox = app, inbox
        self._strangers: set[int] = set()

    @property
    def offset(self) -> int:
        """Of the next update that was not confirmed; 0 = whatever there is."""
        number, _, at = self._app.ledger.noted(OFFSET).partition(" ")
        return int(number) if number and self._app.clock.wall() - float(at) < FORGOTTEN else 0

    @offset.setter
    def offset(self, offset: int) -> None:
        if offset != self.offset:
            self._app.ledger.note(OFFSET, f"{offset} {self._app.clock.wall()}")

    def take(self, update: Update, chats: Sequence[int]) -> Iterator[Notice]:
        """Do what a message asks for; what is answered at once. One that was taken before changes nothing. Raises
        StorageFull, StorageLost; then it is to be taken again.
        """
        if update.chat not in chats:
            if update.chat not in self._strangers and len(self._strangers) < STRANGERS:
                self._strangers.add(update.chat)
                self._app.log.warning("telegram.stranger", chat=update.chat)
            return
        job = self._app.ledger.notices.job_of(update.answers) if update.answers else None
        if update.text is None or len(update.text) > LONGEST:
            yield self._said(update, Remark("notify.only_text"))
            return
        text = _STEERING.sub("", update.text)
        order = understood(text, replying=bool(update.answers), job=job)
        if order is None:
            self._lay(update, text)
        elif order.name in (HELP, STATUS):
            yield self._said(update, *([Remark("notify.help")] if order.name == HELP else self._status()))
        elif order.wrong:
            yield self._said(update, Remark(order.wrong))
        else:
            yield self._done(update, order)

    def _done(self, update: Update, order: Order) -> Notice:
        arguments = dict(order.arguments)
        if order.seconds is not None:
            arguments["until"] = iso(self._app.clock.wall() + order.seconds)
        answer = self._app.desk.apply(Command(id=f"telegram-{update.id}", name=order.name, arguments=arguments))
        undo = [Remark("notify.undo", facts={"numbers": arguments["numbers"]})] if order.guessed else []
        return self._said(update, *answer.told, *(undo if answer.result == "done" else []))

    def _said(self, update: Update, *told: Remark) -> Notice:
        text = "\n".join(self._app.catalogue.say.tell(one) for one in told)
        return Notice(
            news=f"answer:{update.id}", text=text, chat=str(update.chat), reply_to=str(update.message)
        )  # fmt: skip

    def _status(self) -> list[Remark]:
        app = self._app
        counts = app.ledger.shots.counts()
        facts = {"left": sum(counts.get(one, 0) for one in ("planned", "rendering")), "done": counts.get("done", 0),
                 "review": counts.get("review", 0), "failed": counts.get("failed", 0)}  # fmt: skip
        held = [hold_facts(one, place, shots) for place, one, shots in app.engine.held()]
        paused = Remark("notify.paused" if app.engine.paused else "notify.running", facts=facts)
        return [paused, *waiting(held, app.catalogue.config.timezone)]

    # -- job files ---------------------------------------------------------------------------------------------

    def _lay(self, update: Update, text: str) -> None:
        """Put a message into the inbox as a file, unless it is or was there."""
        name = f"telegram-{update.id}.txt"
        asked = self._asked()
        asked[name] = [update.id, update.chat, update.message, self._app.clock.wall()]
        self._app.ledger.note(ASKED, json.dumps(dict(list(asked.items())[-MOST:])))
        there = (self._inbox / name).exists() or (self._inbox / "rejected" / name).exists()
        if not there and not self._app.ledger.query("SELECT 1 FROM jobs WHERE source_name = :name LIMIT 1", name=name):
            write_durably(self._inbox / name, text.encode("utf-8", "replace"))

    def answers(self) -> list[Notice]:
        """The notes of job files that came by message, as answers, each once."""
        asked, found = self._asked(), []
        for name, (number, chat, message, at) in list(asked.items()):
            text = self._note_of(name, at)
            if text:
                found.append(Notice(news=f"answer:{number}", text=text, chat=str(chat), reply_to=str(message)))
                del asked[name]
        if found:
            self._app.ledger.note(ASKED, json.dumps(asked))
        return found

    def _asked(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = json.loads(self._app.ledger.noted(ASKED, "{}"))
        return found

    def _note_of(self, name: str, at: float) -> str:
        rows = self._app.ledger.query("SELECT id, state FROM jobs WHERE source_name = :name LIMIT 1", name=name)
        if rows and rows[0]["state"] == "planning" and self._app.clock.wall() - at < PLANNING:
            return ""
        folder, file = ("accepted", accepted_name(rows[0]["id"], name)) if rows else ("rejected", name)
        with suppress(OSError, UnicodeDecodeError):
            return (self._inbox / folder / f"{file}{NOTE}").read_text("utf-8-sig").strip()[:SHOWN]
        return ""
