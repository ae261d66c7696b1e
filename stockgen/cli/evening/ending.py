"""What follows when the settings are written: the model's files, one picture, the service, and what to do next."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
import yaml

from stockgen.cli import making
from stockgen.cli import models as model_files
from stockgen.cli.called import within
from stockgen.cli.evening.asking import Asker
from stockgen.cli.evening.questions import GIB, download
from stockgen.config.secrets import keep
from stockgen.domain.errors import StockgenError
from stockgen.keyring import address_key
from stockgen.lock import holder
from stockgen.messages import explained

SERVICE = ("service", "install")


def weights(asker: Asker, chosen: str) -> None:
    """Offer the files of the chosen model. Gigabytes come only when somebody says yes."""
    if not chosen:
        return
    command = asker.command(f"models pull {chosen}")
    if not all(find_spec(name) for name in ("torch", "diffusers", "huggingface_hub")):
        asker.tell("setup.packages", command=command)
        return
    session = asker.session
    if model_files.index_of(session).here(session.catalogue.models[chosen]) is not None:
        return
    if not asker.yes("setup.pull", False, model=chosen, size=f"{download(session, chosen) / GIB:.1f}"):
        asker.tell("setup.pull_later", command=command)
        return
    try:
        model_files.fetch(session, [chosen])
    except StockgenError as error:
        session.write(explained(error, session.say))
        asker.tell("setup.pull_failed", command=command)


def keep_addresses(asker: Asker, addresses: Mapping[str, str]) -> None:
    """Keep where messages go as `stockgen secret set` does, and say how to try it."""
    for name, address in addresses.items():
        keep(address_key(name), address, asker.session.catalogue.secrets)
    if addresses:
        asker.tell("setup.notify_try", command=asker.command("notify test"))


def first_picture(asker: Asker, *, first: bool) -> None:
    """Make one the whole way, with what was just set up; never bought. `first`: whether this is the first evening."""
    session = asker.session
    if holder(session.state) is not None:
        asker.tell("setup.test_running")
        return
    if not asker.yes("setup.ask_test", first):
        return
    asker.tell("setup.test")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "test.yaml"
        order = {"keywords": [session.say("setup.test_words")], "count": 1, "kind": "background", "model": "local"}
        file.write_text(yaml.safe_dump(order, allow_unicode=True), "utf-8")
        try:
            making.make(session, file, where=False)
        except StockgenError as error:
            session.write(explained(error, session.say))
    path = _newest(asker)
    if path is None:
        asker.tell("setup.test_failed", command=within(session.path.parent))
    else:
        asker.tell("setup.test_done", path=str(path))


def service(asker: Asker, context: typer.Context) -> None:
    """Offer to have it started by the system, where the command for that and systemd are there."""
    root = context.find_root().command
    group = getattr(root, "commands", {}).get(SERVICE[0])
    if group is None or shutil.which("systemctl") is None or not Path("/run/systemd/system").exists():
        return
    if not asker.yes("setup.service", True):
        return
    if not install_service(group, asker.session):
        asker.tell("setup.service_failed", command=asker.command("service install --user"))


def install_service(group: object, session: object) -> bool:
    """`stockgen service install --user`, of whatever command tree it is part. Return whether it worked."""
    main = getattr(group, "main")  # noqa: B009 - click's, which typer does not show
    try:
        return not main([SERVICE[1], "--user"], prog_name="stockgen service", standalone_mode=False, obj=session)
    except (StockgenError, typer.TyperException):
        return False


def what_next(asker: Asker) -> None:
    """Three lines for whoever has never seen it."""
    config, here = asker.session.catalogue.config, within(asker.session.path.parent)
    if config.money.per_month_usd:
        asker.tell("setup.key", command=here)
    say = asker.session.say
    running = holder(config.state) is not None
    start = say("setup.start_running") if running else say("setup.start", command=here)
    asker.tell("setup.next", start=start, inbox=str(config.inbox.path), outbox=str(config.outbox.path), command=here)


def _newest(asker: Asker) -> Path | None:
    """The picture of the newest job, wherever it was put."""
    ledger = asker.session.reading()
    outbox = asker.session.catalogue.config.outbox.path
    for one in ledger.assets.of_job(ledger.jobs.latest()):
        for file in ledger.assets.files_of(one["id"]):
            if file["role"] == "master":
                return outbox / str(file["path"])
    return None
