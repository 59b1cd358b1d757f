"""Dated folders on the disk: lines are added to their files district by district, in the alphabet that SIMAT writes."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import polars as pl

from features.calendar import SchoolYear
from features.simulation.register import CLOSING

EVERY_FOURTH = 4


@dataclass(frozen=True)
class Folder:
    """One export day: what the folder is called and which teaching week it ends."""

    day: date
    week: int
    number: int  # position within the year

    @property
    def closing(self) -> bool:
        return self.week == CLOSING

    @property
    def with_annexes(self) -> bool:
        return self.number % EVERY_FOURTH == 0


def folders_of(year: SchoolYear, last: bool, weeks: int | None = None) -> list[Folder]:
    """Fridays: every fourth one and a closing one in December for past years, every taught one for the last year.

    The fourth Friday may fall in a recess: the secretariat works then, and a month without an export would leave a
    month in which nobody could tell who had left.
    """
    taught = [monday + timedelta(days=4) for monday in year.weeks]
    days = taught[:weeks] if last else _every_fourth_friday(taught[0], year.ends_on)
    folders = [Folder(day, year.week_number(day) - 1, number) for number, day in enumerate(days)]
    return folders if last else [*folders, Folder(_closing_day(year), CLOSING, len(folders))]


def _every_fourth_friday(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=n) for n in range(0, (last - first).days // 7 + 1, EVERY_FOURTH)]


def _closing_day(year: SchoolYear) -> date:
    after = max(year.ends_on, date(year.ends_on.year, 12, 1))
    return after + timedelta(days=(4 - after.weekday()) % 7 or 7)


@dataclass
class Files:
    """Appends lines to the files of dated folders; the first lines of a file follow its header."""

    out: Path
    bytes_written: int = 0
    written: set[Path] = field(default_factory=set)

    def add(self, folder: Folder, name: str, header: str, lines: pl.Series) -> None:
        path = self.out / folder.day.isoformat() / name
        if path not in self.written:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{header}\n".encode("latin-1"))
            self.written.add(path)
        if len(lines):
            content = _as_latin(lines)
            with path.open("ab") as file:
                self.bytes_written += file.write(content)


def _as_latin(lines: pl.Series) -> bytes:
    buffer = BytesIO()
    lines.to_frame().write_csv(buffer, include_header=False, quote_style="never")
    return buffer.getvalue().decode().encode("latin-1", "replace")


def day_texts(days: pl.Series) -> pl.Series:
    """Days since 1970 as dd/mm/yyyy; nothing for day 0."""
    text = days.cast(pl.Int32).cast(pl.Date).dt.strftime("%d/%m/%Y")
    return pl.select(pl.when(days > 0).then(text).otherwise(pl.lit(""))).to_series()


def joined(*blocks: pl.Series | str) -> pl.Series:
    """Blocks of columns side by side, with the separator between them."""
    return pl.select(pl.concat_str([pl.lit(block) for block in blocks], separator=";")).to_series()
