"""One loop: whoever has news puts it into one queue; a turn of the loop steps every part with the time handed in."""

from __future__ import annotations

from pathlib import Path
from queue import Empty, SimpleQueue

from daemon.basket_time import BasketTime
from daemon.control import Control
from daemon.departures import Departures
from daemon.inbox import Inbox
from daemon.intake import Intake
from daemon.live import Live
from daemon.manager import Manager, gets_on, standing
from daemon.progress import Progress
from daemon.results import Results
from daemon.schedule_clock import ScheduleClock
from daemon.schedules import Schedules
from daemon.signals import Signals
from daemon.telling import Telling
from daemon.watch import Doorbell
from stockgen import __version__
from stockgen.app.build import App
from stockgen.app.warming import warm_up
from stockgen.config import changed, load
from stockgen.domain.errors import StockgenError
from stockgen.domain.times import iso
from stockgen.domain.words import Remark
from stockgen.logs import configure
from stockgen.pipeline.close import result_of
from stockgen.pipeline.eta import waiting_for

GRACE = 20.0  # seconds that rendering pictures get to end at a stop; stays below systemd's 90
BOUGHT = 60.0  # and where an answer is out that costs something: most services take up to a minute for a picture
INTERRUPT = 5.0  # seconds that lanes get to reach their next step after that
BUSY_TICK = 1.0  # seconds between looks at the lanes while something is being made
IDLE_TICK = 10.0


class Queue:
    """The one queue. Putting is safe from any thread and from a signal handler."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[None] = SimpleQueue()

    def wake(self) -> None:
        """There is something to do."""
        self._queue.put(None)

    def wait(self, seconds: float) -> None:
        """Return when somebody woke us, or after `seconds`."""
        try:
            self._queue.get(timeout=max(0.0, seconds))
            while True:
                self._queue.get_nowait()
        except Empty:
            return


class Service:
    """The daemon: inbox, control, engine, and how they end."""

    def __init__(self, app: App, config_path: Path, queue: Queue, signals: Signals, progress: Progress,
                 manager: Manager | None = None) -> None:  # fmt: skip
        config = app.catalogue.config
        self._app = app
        self._config_path = config_path
        self._queue = queue
        self._signals = signals
        self._progress = progress
        self._manager = manager or Manager({}, app.catalogue.say)
        self._intake = Intake(app, config.inbox.path, config.inbox.settle, config.inbox.rescan)
        self._intake.make_folders()
        self._intake.recover()
        self._bell = Doorbell(queue.wake)
        self._inbox = Inbox(config.inbox, self._intake, self._bell, app)
        self._market_news = Results(app, config.inbox.path, config.inbox.settle, config.inbox.rescan)
        app.engine.heed(self._inbox.paused)
        self._basket_time = BasketTime(app)
        self._schedules = Schedules(app, ScheduleClock(queue.wake))
        self._control = Control(app, app.places.control)
        self._departures = Departures(app)
        self._telling = Telling(app, config.inbox.path, self._inbox.lost, queue.wake)
        self._live = Live(app, self._inbox, self._schedules, iso(app.clock.wall()), __version__)
        self._results: dict[str, str] = {}
        self.stop_by: float | None = None  # monotonic seconds at which it ends, whatever is in hand; None = it goes on
        self.held: list[Remark] = []  # what `run` left waiting, for whoever started it

    def run(self, until_idle: bool) -> int:
        """Serve until told to stop, or until nothing is left to do. Return the exit code: 0; to whoever waited for the
        end also 1, where a file was refused or a picture failed.
        """
        self._inbox.arm([self._app.places.control])
        self._app.log.info("daemon.ready", watch=self._inbox.watch, version=__version__)
        self._manager.ready()
        warm_up(self._app.catalogue)
        try:
            while True:
                now = self._app.clock.monotonic()
                more = self.step(now)
                if self._ended(now) or (until_idle and self._idle):
                    break
                self._queue.wait(0.0 if more else self._pause(now))
            if until_idle:
                self.held = [
                    waiting_for(one.hold, one.reason, one.until, shots, self._app.catalogue.config.timezone)
                    for _, one, shots in self._app.engine.held()
                    if shots
                ]
        finally:
            self._end()
        return 1 if until_idle and (self._intake.rejected or self._disappointing()) else 0

    def step(self, now: float) -> bool:
        """One turn; True = there is more to do at once. `now` monotonic seconds."""
        engine = self._app.engine
        if self._signals.reload:
            self._signals.reload = False
            self._manager.reloading()
            self._reload()
            self._manager.ready()
        if self._signals.stops:
            self._stop(now)
        self._control.step()
        self._departures.step()
        more = False if engine.stopping else self._inbox.step(now)
        if not engine.stopping:
            self._market_news.step(now)
            more = self._schedules.step() or more
        more = engine.step(now) or more
        for planned in engine.planned:
            self._intake.tell_planned(planned)
        engine.planned.clear()
        if not engine.stopping:
            self._basket_time.step(now)
        self._note_closed()
        self._telling.step(now)
        self._live.step(now, self._state())
        self._tell_manager(now)
        self._progress.show(self._app.ledger, engine.parts.dispatcher.lanes(), now)
        return more

    # -- stopping ----------------------------------------------------------------------------------------------

    def _stop(self, now: float) -> None:
        """First time: claim nothing more, let what renders end. Second time: at once."""
        engine = self._app.engine
        if not engine.stopping:
            engine.stopping = True
            self.stop_by = now + (BOUGHT if engine.parts.dispatcher.buying else GRACE)
            self._manager.stopping(self.stop_by - now)
            self._app.log.info("daemon.stopping", rendering=engine.parts.dispatcher.rendering)
        if self._signals.stops > 1:
            self.stop_by = now

    def _ended(self, now: float) -> bool:
        if self.stop_by is None:
            return False
        return now >= self.stop_by or not self._app.engine.working

    def _end(self) -> None:
        engine, clock = self._app.engine, self._app.clock
        engine.stopping = True
        engine.parts.dispatcher.interrupt()
        wait = 0.0 if self._signals.stops > 1 else INTERRUPT
        self._app.engine.close(clock.monotonic() + wait)
        self._schedules.close()
        self._bell.disarm()
        self._telling.close()
        self._live.remove()
        self._progress.close(self._app.ledger)
        self._app.log.info("daemon.stopped")

    @property
    def _idle(self) -> bool:
        return not (self._inbox.unsettled or self._market_news.unsettled) and self._app.engine.idle

    # -- the rest ----------------------------------------------------------------------------------------------

    def _pause(self, now: float) -> float:
        """How long nobody needs us, unless we are woken: seconds."""
        engine = self._app.engine
        tick = BUSY_TICK if engine.working or not engine.idle else IDLE_TICK
        if self._inbox.watch == "polling":
            tick = min(tick, BUSY_TICK)
        moments = (self._inbox.next_at(now), self._market_news.next_at(), self._live.next_at(), engine.next_at(),
                   self._manager.next_at(), self._telling.next_at())  # fmt: skip
        return min(tick, min(moments) - now)

    def _tell_manager(self, now: float) -> None:
        """That this turn is over, and how things stand now."""
        engine = self._app.engine
        watched = engine.stopping or self._inbox.watched(now)
        self._manager.turned(now, gets_on(engine.parts.dispatcher.lanes(), watched, now))
        if self._manager.there and (facts := self._live.news()):
            timezone = self._app.catalogue.config.timezone
            self._manager.status(standing(facts, self._app.ledger.shots.to_do(), timezone))

    def _reload(self) -> None:
        try:
            config, restart = changed(self._app.catalogue.config, load(self._config_path))
            self._app.reload(config)
        except StockgenError as error:
            self._app.log.error("config.refused", reason=str(error))  # noqa: TRY400 - a person's fault needs no traceback
            return
        if not self._progress.shown:
            # Loggers look it up at each line.
            configure(config.log.level, config.log.format, hide=self._app.catalogue.keyring.hide)
        warm_up(self._app.catalogue)
        self._departures.again()
        self._telling.again()
        self._app.log.info("config.reloaded")
        if restart:
            self._app.log.warning("config.restart_needed", keys=restart)

    def _note_closed(self) -> None:
        closer = self._app.engine.parts.closer
        for job in closer.closed:
            self._results[job] = self._result(job)
            self._intake.tell_closed(job)
        closer.closed.clear()

    def _result(self, job: str) -> str:
        """What became of a job; of one that only did not wait for its last pictures, what became of those it has."""
        ledger = self._app.ledger
        counts = ledger.jobs.counts(job)
        return result_of(ledger.jobs.get(job), counts)

    def _disappointing(self) -> bool:
        return any(result in ("failed", "partial") for result in self._results.values())

    def _state(self) -> str:
        if self._app.engine.stopping:
            return "stopping"
        return "paused" if self._app.engine.paused else "running"
