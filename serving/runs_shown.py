"""What the page of the runs tells: what came in last, which lists were made, by whom, and what the watch found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from features.archive import CROSS_MATCH, Archive, Entry
from features.sources.holding import why_held
from features.sources.report import FileReport, IngestReport
from serving import background, list_decisions
from serving.background import Job
from serving.list_decisions import Decision
from serving.settings import Settings
from serving.tables import pointers, publications

KINDS = ("run", "monitor")
MOST_LISTS = 12
WEEKS = 8
OPEN_FORMAT = "formato abierto"


@dataclass(frozen=True)
class Came:
    """All files of one day, and how their rows fared."""

    known_on: date
    report: IngestReport


@dataclass(frozen=True)
class MadeList:
    """One publication, whether it is shown today, and who decided what about it."""

    id: str
    day: date
    listed: int
    on_roll: int
    model_version: str
    in_force: bool
    decisions: tuple[Decision, ...]

    @property
    def published_by(self) -> Decision | None:
        """The last time: a list that was taken back and published again is answered for by who did so."""
        return next((one for one in reversed(self.decisions) if one.action == "publish"), None)

    @property
    def taken_back_between(self) -> Decision | None:
        """The withdrawal before the last publication."""
        published = [place for place, one in enumerate(self.decisions) if one.action == "publish"]
        earlier = self.decisions[: published[-1]] if published else ()
        return next((one for one in reversed(earlier) if one.action == list_decisions.ROLLBACK), None)

    @property
    def taken_back_by(self) -> Decision | None:
        last = self.decisions[-1] if self.decisions else None
        return last if last and last.action == list_decisions.ROLLBACK and not self.in_force else None


@dataclass(frozen=True)
class Runs:
    """The whole page. `held`: why a person should look at what came in before a list is made from it."""

    came: tuple[Came, ...]
    held: tuple[str, ...]
    lists: tuple[MadeList, ...]
    stopped: Decision | None
    watched: dict[str, Any] | None
    jobs: tuple[Job, ...]

    @property
    def current(self) -> MadeList | None:
        return next((one for one in self.lists if one.in_force), None)

    @property
    def has_earlier(self) -> bool:
        return sum(one.in_force for one in self.lists) > 1

    @property
    def running(self) -> Job | None:
        return next((job for job in self.jobs if job.state is background.State.RUNNING), None)


def shown(connection: Connection, settings: Settings, day: date) -> Runs:
    entries = [entry for entry in Archive(settings.archive).entries() if entry.source != CROSS_MATCH]
    return Runs(
        came=came_lately(entries),
        held=tuple(why_held(entries, day)),
        lists=made_lists(connection),
        stopped=list_decisions.stopped(connection),
        watched=watched(settings),
        jobs=tuple(background.jobs(settings, KINDS, 5)),
    )


def came_lately(entries: Sequence[Entry]) -> tuple[Came, ...]:
    """The last deliveries, the newest first."""
    days = sorted({entry.known_on for entry in entries}, reverse=True)[:WEEKS]
    return tuple(Came(day, IngestReport([_file(one) for one in entries if one.known_on == day])) for day in days)


def _file(kept: Entry) -> FileReport:
    return FileReport(kept.file, kept.source, kept.known_on, kept.rows_in, kept.accepted, kept.quarantined)


def made_lists(connection: Connection) -> tuple[MadeList, ...]:
    here = publications.c
    columns = here.id, here.day, here.listed, here.on_roll, here.model_version, pointers.c.publication_id
    same = pointers.c.publication_id == here.id
    chosen = select(*columns).outerjoin_from(publications, pointers, same).order_by(here.day.desc(), here.id)
    rows = connection.execute(chosen.limit(MOST_LISTS)).all()
    decided = list_decisions.decided_about(connection, [row.id for row in rows])
    return tuple(MadeList(*row[:5], row[5] is not None, tuple(decided.get(row.id, ()))) for row in rows)


def last_sunday(today: date) -> date:
    """The day from which this week's list looks."""
    return today - timedelta(days=(today.weekday() + 1) % 7)


def keep_watched(told: dict[str, Any], settings: Settings) -> None:
    """What `monitor` found last, for the pages; nothing in it tells of one child."""
    _watched_file(settings).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    background.write(_watched_file(settings), told)


def watched(settings: Settings) -> dict[str, Any] | None:
    try:
        return dict(json.loads(_watched_file(settings).read_text("utf-8")))
    except (OSError, ValueError):
        return None


def _watched_file(settings: Settings) -> Path:
    return settings.home / "monitoring" / "last.json"
