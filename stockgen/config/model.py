"""The shape of `config.yaml`: closed, frozen models. Each key steers something that exists."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from stockgen.config.values import (
    CronText,
    Devices,
    Folder,
    HoursOfDay,
    MostWaiting,
    Names,
    ScheduleName,
    Seconds,
    SecretName,
    Size,
    TimeOfDay,
    Timezone,
    WeeklyTime,
    named_or_keys,
    never,
    off_or_keys,
    within_hours,
)
from stockgen.domain.words import Remark, Tier


class Part(BaseModel):
    """Base of all parts: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Inbox(Part):
    """`settle`, `rescan` in seconds. `watch: polling` looks every `settle` instead of being told by the kernel."""

    path: Folder = Path("inbox")
    settle: Annotated[Seconds, Field(gt=0)] = 2.0
    rescan: Annotated[Seconds, Field(gt=0)] = 30.0
    watch: Literal["auto", "inotify", "polling"] = "auto"


class Outbox(Part):
    """`staging: auto` is a hidden sibling of the outbox. `snapshot`: seconds between two copies of the ledger there.
    `close_after`: seconds that a job whose other pictures wait keeps those that are done.
    """

    path: Folder = Path("outbox")
    staging: Folder = Path("auto")
    snapshot: Annotated[Seconds, Field(gt=0)] = 86400.0
    close_after: Annotated[Seconds, Field(gt=0)] = 86400.0


class Defaults(Part):
    """What a job file gets that doesn't say otherwise."""

    count: Annotated[int, Field(ge=1, le=999)] = 4
    best_of: Annotated[int, Field(ge=1, le=8)] = 1
    model: str = "auto"
    markets: Names = ("adobe_stock", "miricanvas")


class Limits(Part):
    """`free_disk`: bytes below which nothing is begun. `lookahead`: shots searched for one that fits the warm model;
    `starve_after`: seconds until none is overtaken. `rephrase`: whether a text model puts a prompt that was refused in
    other words, once.
    """

    images_per_job: Annotated[int, Field(ge=1, le=999)] = 500  # file numbers have three digits
    starts: Annotated[int, Field(ge=1, le=20)] = 3
    free_disk: Size = 2 << 30
    lookahead: Annotated[int, Field(ge=1, le=1000)] = 32
    starve_after: Annotated[Seconds, Field(gt=0)] = 900.0
    rephrase: bool = False


Dollars = Annotated[float, Field(ge=0, le=100_000)]


class Money(Part):
    """What may be spent, in USD: 0 = nothing; None = as much as the others allow. `warn_at`: the share of a cap at
    which people are told. `krw_per_usd`: won of a dollar, for what is shown and for budgets and sales in won.
    """

    per_month_usd: Dollars | None = 0.0
    per_day_usd: Dollars | None = None
    per_job_usd: Dollars | None = None
    warn_at: Annotated[float, Field(gt=0, le=1)] = 0.8
    krw_per_usd: Annotated[float, Field(ge=100, le=10_000)] = 1400.0


class Finish(Part):
    """`quality` of JPEG: 95 keeps stock reviewers from seeing artefacts. `cutout`: the model that finds what a
    picture is of; `upscale`: `lanczos`, or the model that enlarges; both by their names in the catalogue.
    """

    quality: Annotated[int, Field(ge=80, le=100)] = 95
    cutout: str = "birefnet-general"
    upscale: str = "lanczos"


class Retention(Part):
    """`spare`: seconds for which tries that were not the best are kept, None = for ever."""

    spare: Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(never)] = 14 * 86400.0


class Flat(Part):
    """`spread`: difference of 8-bit levels between the darkest and lightest hundredth below which a picture is flat."""

    spread: Annotated[float, Field(ge=0, le=255)] = 12.0


class Clipped(Part):
    """`share` of pixels, 0 to 1, that may be pure black or white."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.2


class Border(Part):
    """`width` that a frame may have, as a share of the shorter side."""

    width: Annotated[float, Field(ge=0, le=0.5)] = 0.003


class Blur(Part):
    """`width` that the sharpest edges may have: sigma in pixels of the picture as it was drawn."""

    width: Annotated[float, Field(ge=0, le=50)] = 1.5


class Noise(Part):
    """`level` of noise: one standard deviation in 8-bit levels."""

    level: Annotated[float, Field(ge=0, le=255)] = 6.0


class Banding(Part):
    """`share` of the picture, 0 to 1, that may be stairs where a slope was meant."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.25


class Artefacts(Part):
    """`excess` of the steps between JPEG blocks over those within: 0.5 = half as large again."""

    excess: Annotated[float, Field(ge=0, le=10)] = 0.65


class Duplicate(Part):
    """`distance`, 0 to 32: a picture that is as near as that to another one, or nearer, is too much like it."""

    distance: Annotated[float, Field(ge=0, le=32)] = 6.0


class Vision(Part):
    """`least` marks of 10 that a model which sees must give a picture in each respect."""

    least: Annotated[float, Field(ge=0, le=10)] = 5.0


class Checks(Part):
    """Checks that send a picture to review; docs/checks.md tells where each number comes from."""

    flat: Flat = Flat()
    clipped: Clipped = Clipped()
    border: Border = Border()
    blur: Blur = Blur()
    noise: Noise = Noise()
    banding: Banding = Banding()
    artefacts: Artefacts = Artefacts()
    duplicate: Duplicate = Duplicate()
    vision: Annotated[Vision | None, BeforeValidator(off_or_keys)] = None


class Rights(Part):
    """Written into every file; prompts are private unless `prompt_in_file`."""

    creator: str = ""
    copyright: str = ""
    prompt_in_file: bool = False


class MarketQuota(Part):
    """How many pictures a week this contributor may send to a market, and how many go into one basket; `tier`: whether
    they are paid there (Premium) or free (Standard), where the market knows both.
    """

    per_week: Annotated[int, Field(ge=0)] | None = None
    basket: Annotated[int, Field(ge=1, le=5000)] | None = None
    tier: Tier | None = None


class Baskets(Part):
    """`at`: when baskets are made by themselves, such as `sat 09:00`, None = only by command; then with pictures only
    whose contact sheet has lain in the outbox for `look` seconds.
    """

    at: WeeklyTime = None
    look: Seconds = 86400.0


class Schedule(Part):
    """A job that comes by itself: `cron` five fields, later by up to `jitter` seconds. `catch_up`: which of the times
    that were missed are made up for. `max_waiting`: pictures that wait for a market above which none is made. `job`:
    keys of a job file; `themes`: its theme, the next one each time.
    """

    cron: CronText
    jitter: Annotated[Seconds, AfterValidator(within_hours)] = 0.0
    catch_up: Literal["none", "last", "all"] = "none"
    max_waiting: MostWaiting = None
    enabled: bool = True
    job: dict[str, Any]
    themes: Names = ()


class Report(Part):
    """`at`: the local time at which the morning report is written, None = never."""

    at: TimeOfDay = "07:40"


class TelegramOrders(Part):
    """`orders`: whether messages to the bot are orders; `chats`: from which chats, () = from that of the address."""

    orders: bool = False
    chats: tuple[int, ...] = ()


Told = Literal["report", "done", "failed", "money", "disk", "watch", "retiring"]


class Notify(Part):
    """Who is told, and of what. `urls`: names of secrets, `secret:telegram`; () = nobody."""

    urls: tuple[SecretName, ...] = ()
    on: tuple[Told, ...] = ("report", "failed", "money", "disk", "watch", "retiring")
    telegram: TelegramOrders = TelegramOrders()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The names of the secrets, each once."""
        return tuple(dict.fromkeys(one.partition(":")[2] for one in self.urls))


class Gpu(Part):
    """`devices`: `auto`, or card numbers, `cpu`, `mps`: a process for each. `unload_after` in seconds. `hours`: when
    schedules may use the card. `recycle_after`: pictures after which a process is replaced by a fresh one.
    """

    devices: Devices = ("auto",)
    plan: Literal["auto", "resident", "phased", "offload"] = "auto"
    pinned: Names = ()
    unload_after: Annotated[Seconds, Field(gt=0)] = 900.0
    hours: HoursOfDay = None
    yield_to_others: bool = True
    allow_cpu: bool = False
    recycle_after: Annotated[int, Field(ge=1)] = 2000
    compile: Literal["auto", "never"] = "auto"


class Log(Part):
    """`auto`: text for people on a terminal, JSON lines elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "human"] = "auto"


class StyleLora(Part):
    """A LoRA by its name in the catalogue or in `my/loras`; `weight` 0 to 2, None = its own."""

    name: str
    weight: Annotated[float, Field(ge=0, le=2)] | None = None


class Style(Part):
    """Words that a job's `style: NAME` adds to every prompt; `model`, `lora`: what draws it, unless the job says so."""

    prompt: str
    model: str = ""
    lora: Annotated[tuple[StyleLora, ...], BeforeValidator(named_or_keys)] = ()


class Config(Part):
    """The whole of `config.yaml`. Paths are absolute once loaded; `my` is the folder beside the file."""

    language: Literal["auto", "ko", "en"] = "auto"
    state: Folder = Path(".stockgen")
    inbox: Inbox = Inbox()
    outbox: Outbox = Outbox()
    defaults: Defaults = Defaults()
    presets: dict[str, dict[str, Any]] = {}
    styles: dict[str, Style] = {}
    limits: Limits = Limits()
    chains: dict[str, Names] = {"auto": ("flux2_klein", "flux", "sdxl", "openai", "gemini")}
    providers: dict[str, dict[str, Any]] = {
        name: {} for name in ("flux2_klein", "z_image", "flux", "sdxl", "openai", "gemini", "procedural")
    }
    writers: dict[str, dict[str, Any]] = {}
    gpu: Gpu = Gpu()
    money: Money = Money()
    finish: Finish = Finish()
    checks: Checks = Checks()
    rights: Rights = Rights()
    markets: dict[str, MarketQuota] = {}
    baskets: Baskets = Baskets()
    schedules: dict[ScheduleName, Schedule] = {}
    report: Report = Report()
    notify: Notify = Notify()
    retention: Retention = Retention()
    timezone: Timezone = "local"
    log: Log = Log()
    _told: tuple[Remark, ...] = PrivateAttr(())

    @property
    def told(self) -> tuple[Remark, ...]:
        """What its owner should hear of a file that can be used: keys that are called otherwise now."""
        return self._told

    def telling(self, told: Iterable[Remark]) -> Config:
        """The same, with this to be told."""
        copy = self.model_copy()
        copy._told = tuple(told)
        return copy

    def placed(self, base: Path) -> Config:
        """The same with every path absolute, relative ones taken from the folder `base`."""
        outbox = base / self.outbox.path
        auto = outbox.with_name(f".{outbox.name}.staging")
        staging = auto if self.outbox.staging == Path("auto") else base / self.outbox.staging
        return self.model_copy(
            update={
                "state": base / self.state,
                "inbox": self.inbox.model_copy(update={"path": base / self.inbox.path}),
                "outbox": self.outbox.model_copy(update={"path": outbox, "staging": staging}),
            }
        )


# Keys of parts that are not built yet: refused by name, never parsed and ignored.
LATER = frozenset({"retention.uploaded", "retention.accepted"})

# What SIGHUP applies, whole parts or single keys; any other changed key waits for a restart and is named.
RELOADABLE = frozenset(
    {
        "defaults", "presets", "styles", "chains", "limits", "log", "markets", "baskets", "outbox.snapshot",
        "outbox.close_after", "gpu.hours", "gpu.pinned", "schedules", "money", "retention",
        "notify",
    }
)  # fmt: skip
