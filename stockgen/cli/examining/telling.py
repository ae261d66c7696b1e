"""Whether messages can reach anybody, as far as that shows without sending one."""

from __future__ import annotations

import os
from collections.abc import Iterator

from stockgen.cli.called import again
from stockgen.cli.desk import Session
from stockgen.cli.examining.findings import Finding
from stockgen.domain.words import Remark


def notify(session: Session) -> Iterator[Finding]:
    """Each address of the config: is it there, of a form that is known, and is the package there that speaks to it?"""
    from stockgen.messengers.addresses import lacking

    catalogue = session.catalogue
    for name in catalogue.config.notify.addresses:
        why = lacking(name, os.environ, catalogue.secrets, catalogue.keyring.hide)
        if why is None:
            yield True, Remark("doctor.notify", facts={"name": name, "stockgen": again(session)})
        else:
            yield False, why.remark
