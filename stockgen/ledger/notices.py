"""What people are told who are not here: kept until it was delivered, and afterwards, so that nothing is told twice."""

from __future__ import annotations

from dataclasses import dataclass

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`news` names it for ever. `picture`: a path in the outbox; `job`: whose sheet that is; `chat`, `reply_to` as in
    `Letter`.
    """

    news: str
    text: str
    picture: str = ""
    job: str | None = None
    chat: str = ""
    reply_to: str = ""


class Notices:
    """Rows by news and address."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, one: Notice, address: str, now: float) -> None:
        """Have it told there, unless it was before."""
        self._db.write(
            """INSERT INTO notices (news, address, text, picture, job, chat, reply_to, made_at)
               VALUES (:news, :address, :text, :picture, :job, :chat, :reply_to, :now)
               ON CONFLICT (news, address) DO NOTHING""",
            news=one.news, address=address, text=one.text, picture=one.picture, job=one.job, chat=one.chat,
            reply_to=one.reply_to, now=iso(now),
        )  # fmt: skip

    def waiting(self, most: int) -> list[Row]:
        """What nobody has been told yet, oldest first."""
        return self._db.rows("SELECT * FROM notices WHERE state = 'waiting' ORDER BY id LIMIT :most", most=most)

    def ended(self, number: int, state: str, sent_as: str = "") -> None:
        """It was `sent`, or is `dropped`."""
        self._db.write(
            "UPDATE notices SET state = :state, sent_as = :sent WHERE id = :id", state=state, sent=sent_as, id=number
        )

    def job_of(self, sent_as: str) -> str | None:
        """Whose sheet a message showed; None = none."""
        found = self._db.rows("SELECT job FROM notices WHERE sent_as = :sent AND sent_as <> ''", sent=sent_as)
        return found[0]["job"] if found else None
