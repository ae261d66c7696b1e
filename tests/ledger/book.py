"""A ledger with jobs whose shots are planned by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stockgen.domain.protocols import Fit, Next, Outcome, Shot
from stockgen.domain.words import Idea, JobRequest, Order
from stockgen.ledger import Ledger, Row
from stockgen.ledger.assets import NewAsset, NewFile
from stockgen.ledger.baskets import Entry
from stockgen.ledger.claims import Candidate
from stockgen.ledger.jobs import Source
from stockgen.ledger.shots import Planned, shot_of

NOW = 1_000_000.0  # wall seconds
FIRST = "t1"  # the token of a claim
IDEA = Idea(
    prompt="a sea", title={"en": "Sea", "ko": "바다"}, description={"en": "A sea.", "ko": "바다."},
    tags={"en": ("sea",), "ko": ("바다",)}, category="landscapes",
)  # fmt: skip
AGAIN = Next("requeue", 0, 0.0, False, False, "busy")


class Book:
    """Short words for what planners, dispatchers and publishers write."""

    def __init__(self, state: Path) -> None:
        self.ledger = Ledger.opened(state)

    def job(self, job: str = "aaaaa", count: int = 1, *, kind: str = "file", priority: int = 0,
            chain: Sequence[str] = ("scripted",), now: float = NOW,
            ideas: Sequence[Idea] = (), budget: int | None = None) -> list[int]:  # fmt: skip
        """A job of `count` planned shots, each of its own idea or all of the same; return their ids."""
        order = Order(mode="exact", count=count, prompt="a sea", model=tuple(chain))
        request = JobRequest(orders=(order,), priority=priority, budget=budget)
        source = Source(kind=kind, name="job.yaml", sha256="0" * 64, data=b"prompt: a sea")
        self.ledger.jobs.add(job, request, source, f"2026-11/23_job_{job}", now)
        for position in range(count):
            with self.ledger.atomic():
                idea = self.ledger.jobs.add_idea(job, position, 0, "exact", ideas[position] if ideas else IDEA, now)
                shot = Shot(id=0, job=job, idea=idea, prompt="a sea", seed=position, width=64, height=64,
                            chain=tuple(chain))  # fmt: skip
                rank = 1 if kind == "schedule" else 0
                self.ledger.shots.add(
                    Planned(shot=shot, position=position, stack="s", priority=priority, rank=rank), now
                )
        self.ledger.jobs.planned(job, ())
        return [row["id"] for row in self.ledger.shots.of_job(job)]

    def tried(self, job: str = "aaaaa", count: int = 1, tries: int = 2, *, priority: int = 0) -> list[list[int]]:
        """A job of `count` pictures with `tries` planned shots each; return their ids by picture."""
        order = Order(mode="exact", count=count, prompt="a sea", model=("scripted",), best_of=tries)
        source = Source(kind="file", name="job.yaml", sha256="0" * 64, data=b"prompt: a sea")
        request = JobRequest(orders=(order,), priority=priority)
        self.ledger.jobs.add(job, request, source, f"2026-11/23_job_{job}", NOW)
        for turn in range(count):
            with self.ledger.atomic():
                idea = self.ledger.jobs.add_idea(job, turn, 0, "exact", IDEA, NOW)
                for nth in range(tries):
                    position = turn * tries + nth
                    shot = Shot(id=0, job=job, idea=idea, prompt="a sea", seed=position, width=64, height=64,
                                chain=("scripted",))  # fmt: skip
                    planned = Planned(shot=shot, position=position, stack="s", priority=priority, turn=turn, nth=nth,
                                      tries=tries)  # fmt: skip
                    self.ledger.shots.add(planned, NOW)
        self.ledger.jobs.planned(job, ())
        ids = [row["id"] for row in self.ledger.shots.of_job(job)]
        return [ids[at : at + tries] for at in range(0, len(ids), tries)]

    def measure(self, shot: int) -> None:
        """Planned → rendered and measured."""
        self.claim([shot], f"t{shot}")
        self.render(shot, f"t{shot}")
        self.ledger.tries.measured(shot, [], b"")

    def spare(self, shot: int) -> None:
        """Rendered → done, as what was not the best."""
        row = self.row(shot)
        asset = NewAsset(
            shot=shot, job=row["job_id"], number=-shot, stem=f"spare-{shot}", kind="background", look="diffusion",
            review=None, checks=[], sellable=True, width=64, height=64, score=0.5,
        )  # fmt: skip
        self.ledger.tries.spare(asset, True, NOW)

    def fits(self, shots: Sequence[int], quote: int = 0) -> list[Fit]:
        """What a provider would do for these; `quote` micro-USD each."""
        rows = [self.ledger.shots.get(shot) for shot in shots]
        request = {"width": 64, "height": 64}
        return [
            Fit(
                shot=shot_of(row),
                provider=row["provider"],
                model="scripted",
                stack=row["stack"],
                request=request,
                quote=quote,
            )
            for row in rows
        ]

    def claim(self, shots: Sequence[int], token: str = FIRST) -> list[int]:
        """Claim; return the ids that were won."""
        return [fit.shot.id for fit in self.ledger.claims.claim(self.fits(shots), token, NOW)]

    def buy(self, shots: Sequence[int], quote: int, token: str = FIRST, now: float = NOW) -> list[int]:
        """Claim of somebody who charges; return the ids that were won."""
        return [fit.shot.id for fit in self.ledger.claims.claim(self.fits(shots, quote), token, now)]

    def render(self, shot: int, token: str = FIRST, cost: int | None = 0) -> bool:
        """Claimed → rendered."""
        outcome = Outcome(shot=shot, seconds=1.0, file=Path("1.png"), sha256="0" * 64, cost=cost)
        return self.ledger.claims.rendered(outcome, token, f"{token}/{shot}.png", NOW)

    def publish(self, shot: int, review: str | None = None, sellable: bool = True) -> int:
        """Planned → done, with master and sidecar; return the asset."""
        self.claim([shot])
        self.render(shot)
        job = self.row(shot)["job_id"]
        number = self.ledger.assets.next_number(job)
        asset = NewAsset(
            shot=shot, job=job, number=number, stem=f"sea-{job}-{number:03d}", kind="background", look="diffusion",
            review=review, checks=[], sellable=sellable, width=64, height=64,
        )  # fmt: skip
        files = [
            NewFile(role=role, path=f"{asset.stem}.{role}", staged=f"{shot}.{role}", sha256="0" * 64, bytes=1)
            for role in ("sidecar", "master")
        ]
        key = self.ledger.assets.reserve(asset, files, NOW)
        self.ledger.assets.done(key, [file["id"] for file in self.ledger.assets.files_of(key)], NOW)
        return key

    def close(self, job: str = "aaaaa") -> None:
        """Close a job with its job.json."""
        paper = NewFile(role="job", path=f"{job}/job.json", staged="job", sha256="0" * 64, bytes=1)
        self.ledger.assets.reserve_paper(job, paper)
        self.ledger.assets.published(self.ledger.assets.papers_of(job)[0]["id"])
        self.ledger.jobs.close(job, "done", NOW)

    def submit(self, asset: int) -> None:
        """Put an asset into a basket."""
        entry = Entry(asset=asset, stem="sea", title="Sea")
        self.ledger.baskets.reserve("adobe_stock", "", f"upload/{asset}", [entry], NOW)

    def row(self, shot: int) -> Row:
        return self.ledger.shots.get(shot)

    def in_order(self, held: Sequence[object] = (), limit: int = 32, now: float = NOW) -> list[Candidate]:
        """Candidates of the provider `scripted` in claim order."""
        return self.ledger.claims.candidates(["scripted"], now, limit, held)  # type: ignore[arg-type]
