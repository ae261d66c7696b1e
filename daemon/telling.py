"""Notifications: news becomes rows of the ledger, rows become letters, and what came of them is noted. Nobody waits."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from daemon.news import News
from daemon.orders import Orders
from daemon.outbound import Fetched, Outbound, Poll, Sent, Task
from stockgen.app.build import App
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.telling import Letter, NotDelivered
from stockgen.domain.times import wall
from stockgen.keyring import address_key, secret
from stockgen.ledger import Row
from stockgen.ledger.notices import Notice
from stockgen.messengers.addresses import messenger, telegram_of
from stockgen.messengers.telegram import Telegram

EVERY = 5.0  # seconds between two looks for news
GAP = 1.5  # seconds between two letters to an address: Telegram asks for no more than one a second in a chat
FIRST, MOST_WAIT = 10.0, 1800.0  # seconds until a letter is tried again: doubled each time
DAY = 86_400.0  # seconds after which nobody wants to know any more
MOST = 200  # letters that wait at most; the oldest go first


@dataclass(slots=True)
class _Line:
    """An address. `at`: monotonic seconds before which nothing is sent; `failures` since the last success."""

    at: float = -math.inf
    failures: int = 0
    busy: bool = False


class Telling:
    """Stepped with every turn of the loop; without addresses it does nothing and has no thread. `lost` as for News."""

    def __init__(self, app: App, inbox: Path, lost: Callable[[], str | None], wake: Callable[[], None]) -> None:
        self._app, self._wake = app, wake
        self._news = News(app, lost)
        self._orders = Orders(app, inbox)
        self._outbound = self._fresh()
        self._results: list[Sent | Fetched] = []
        self._lines: dict[str, _Line] = {}
        self._mail = _Line()
        self._look_at = -math.inf
        self._cried = False

    def step(self, now: float) -> None:
        """Note what came of letters, look for news, send what is due, listen. `now` monotonic seconds."""
        if not self._app.catalogue.config.notify.addresses:
            return
        try:
            self._results += self._outbound.results()
            while self._results:  # one that a full disk did not let be noted stays, for the next turn
                self._note(self._results[0], now)
                del self._results[0]
            if now >= self._look_at:
                self._look_at = now + EVERY
                self._look()
            self._send(now)
            self._cried = False
        except (StorageFull, StorageLost) as error:
            self._cry(error)
        self._listen(now)

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        if not self._app.catalogue.config.notify.addresses:
            return math.inf
        due = [line.at for line in self._lines.values() if line.at > -math.inf and not line.busy and line.failures]
        return min([self._look_at, *due])

    def again(self) -> None:
        """The config has changed. Letters that have arrived are still noted, else they would be sent again; updates are
        not confirmed yet, and come again.
        """
        self._lines.clear()
        self._outbound.close()
        self._results = [one for one in self._results + self._outbound.results() if isinstance(one, Sent)]
        self._outbound, self._mail = self._fresh(), _Line()
        self._look_at = -math.inf

    def close(self) -> None:
        """End the thread."""
        self._outbound.close()

    def _fresh(self) -> Outbound:
        catalogue = self._app.catalogue
        find = partial(messenger, environment=os.environ, kept=catalogue.secrets, hide=catalogue.keyring.hide)
        return Outbound(find, self._wake)

    def _note(self, result: Sent | Fetched, now: float) -> None:
        if isinstance(result, Sent):
            self._sent(result, now)
        else:
            self._heard(result, now)

    # -- letters -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        wanted, now = self._app.catalogue.config.notify, self._app.clock.wall()
        with self._app.ledger.atomic():
            news = self._news.look(now)
            for kind, notice in news:
                for address in wanted.addresses if kind in wanted.on else ():
                    self._app.ledger.notices.add(notice, address, now)
            for answer in self._orders.answers():
                self._answer(answer)
        self._news.told(news)

    def _answer(self, answer: Notice) -> None:
        if found := self._bot():
            self._app.ledger.notices.add(answer, found[0], self._app.clock.wall())

    def _send(self, now: float) -> None:
        """One letter for each address that is free, the oldest first."""
        rows = self._app.ledger.notices.waiting(MOST + 1)
        for row in self._stale(rows):
            self._app.ledger.notices.ended(row["id"], "dropped")
            self._app.log.warning("notify.dropped", address=row["address"], news=row["news"])
        for row in rows:
            line = self._lines.setdefault(row["address"], _Line())
            if not line.busy and now >= line.at:
                line.busy = True
                picture = self._app.places.outbox / row["picture"] if row["picture"] else None
                letter = Letter(row["text"], picture, row["chat"], row["reply_to"])
                self._outbound.send(Task(row["id"], row["address"], letter))

    def _stale(self, rows: list[Row]) -> list[Row]:
        """What waits for too long, or for an address that nobody wants any more; taken out of `rows`."""
        addresses, now = self._app.catalogue.config.notify.addresses, self._app.clock.wall()
        stale = [row for at, row in enumerate(rows) if now - wall(row["made_at"]) > DAY
                 or row["address"] not in addresses or len(rows) - at > MOST]  # fmt: skip
        rows[:] = [row for row in rows if row not in stale]
        return stale

    def _sent(self, result: Sent, now: float) -> None:
        task, error = result.task, result.error
        line = self._lines.setdefault(task.address, _Line())
        line.busy, line.at = False, now + GAP
        if error is None:
            line.failures = 0
            if task.number:
                self._app.ledger.notices.ended(task.number, "sent", result.sent_as)
            self._app.log.info("notify.sent", address=task.address)
        elif error.for_good:
            self._app.ledger.notices.ended(task.number, "dropped")
            self._app.log.warning("notify.dropped", address=task.address, reason=str(error))
        else:
            line.failures += 1
            line.at = now + max(error.retry_after, min(MOST_WAIT, FIRST * 2 ** (line.failures - 1)))
            tell = self._app.log.warning if line.failures == 1 else self._app.log.debug
            tell("notify.failed", address=task.address, reason=str(error))

    def _cry(self, error: StorageFull | StorageLost) -> None:
        """The ledger can't be written, which is the very news: it is told once, without a note of it."""
        wanted = self._app.catalogue.config.notify
        if not self._cried and "disk" in wanted.on:
            text = self._app.catalogue.say("notify.disk", why=self._app.catalogue.say.tell(error.remark))
            for address in wanted.addresses:
                self._outbound.send(Task(0, address, Letter(text)))
        self._cried = True

    # -- orders ------------------------------------------------------------------------------------------------

    def _bot(self) -> tuple[str, Telegram] | None:
        """The first address that is a bot at Telegram, by its name; None = there is none."""
        for name in self._app.catalogue.config.notify.addresses:
            with suppress(NotDelivered):
                found = telegram_of(secret(address_key(name), os.environ, self._app.catalogue.secrets), name)
                if found:
                    return name, found
        return None

    def _listen(self, now: float) -> None:
        if not self._app.catalogue.config.notify.telegram.orders or self._mail.busy or now < self._mail.at:
            return
        found = self._bot()
        if found is None:
            self._mail.at = now + FIRST
            return
        bot = found[1]
        self._mail.busy = True
        self._outbound.poll(Poll(lambda: bot, self._orders.offset))

    def _heard(self, result: Fetched, now: float) -> None:
        """Orders are done, or lie in the inbox, before the next poll confirms them."""
        self._mail.busy = False
        if result.error is not None:
            self._mail.failures += 1
            wait = min(MOST_WAIT / 6, FIRST * 2 ** (self._mail.failures - 1))
            self._mail.at = now + max(result.error.retry_after, wait)
            tell = self._app.log.warning if self._mail.failures == 1 else self._app.log.debug
            tell("notify.orders_failed", reason=str(result.error))
            return
        self._mail.failures = 0
        chats = self._app.catalogue.config.notify.telegram.chats
        found = self._bot()
        own = (int(found[1].chat),) if found and not chats else ()
        for update in result.updates:
            for answer in self._orders.take(update, chats or own):
                self._answer(answer)
        self._orders.offset = result.offset
        self._look_at = -math.inf
