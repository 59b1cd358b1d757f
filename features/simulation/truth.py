"""What really happened, kept apart from the exports: every exit and its cause, and every student's hazard each week."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from features.simulation.arrays import Array
from features.simulation.district import District, Result
from features.simulation.hazard import DRIVERS
from features.simulation.identities import Identities
from features.simulation.people import People
from features.simulation.register import NEVER
from features.simulation.spells import DESTINATIONS, KINDS
from features.simulation.wording import words


@dataclass
class Truth:
    out: Path
    exits: list[pl.DataFrame] = field(default_factory=list)
    identities: list[pl.DataFrame] = field(default_factory=list)

    def keep(self, district: District, year: int, result: Result) -> None:
        self.exits.append(_exits(year, result))
        folder = self.out / "hazard" / f"year={year}"
        folder.mkdir(parents=True, exist_ok=True)
        _hazards(result).write_parquet(
            folder / f"part-{district.number:04d}.parquet", compression="zstd", compression_level=1
        )

    def keep_students(self, district: District, identities: Identities) -> None:
        folder = self.out / "students"
        folder.mkdir(parents=True, exist_ok=True)
        _students(district.people).write_parquet(folder / f"part-{district.number:04d}.parquet")
        self.identities.append(identities.truth())

    def finish(self) -> pl.DataFrame:
        """One file of exits, one of students, and one of the numbers they were ever written under."""
        pl.concat(self.identities).write_parquet(self.out / "identities.parquet")
        exits = pl.concat(self.exits).sort("left_on", "per_id")
        exits.write_parquet(self.out / "exits.parquet")
        parts = sorted((self.out / "students").iterdir())
        pl.scan_parquet(parts).sink_parquet(self.out / "students.parquet")
        for part in parts:
            part.unlink()
        (self.out / "students").rmdir()
        return exits


def _exits(year: int, result: Result) -> pl.DataFrame:
    lived, exits = result.lived, result.lived.exits.columns()
    term, register = lived.term, lived.term.register
    monday = term.mondays[exits["week"].astype(int)]
    shown = register.shown_in(exits["registered"])
    recorded = np.where(shown < NEVER, register.day_of(shown), 0)
    return pl.DataFrame(
        {
            "per_id": lived.people.per_id[exits["student"].astype(int)],
            "year": np.full(len(monday), year, np.int32),
            "week": _days(monday),
            "left_on": _days(monday + exits["weekday"]),
            "recorded_on": _days(recorded),
            "cause": words(KINDS, exits["kind"]),
            "destination": words(DESTINATIONS, exits["destination"]),
            "driver": words(DRIVERS, exits["driver"]),
        }
    )


def _days(days: Array) -> pl.Series:
    known = pl.Series(days, dtype=pl.Int32)
    return pl.select(pl.when(known > 0).then(known)).to_series().cast(pl.Date)


def _hazards(result: Result) -> pl.DataFrame:
    lived = result.lived
    on_roll = ~np.isnan(lived.truth[0])
    student, week = np.nonzero(on_roll)
    return pl.DataFrame(
        {
            "per_id": lived.people.per_id[student],
            "monday": _days(lived.term.mondays[week]),
            "hazard": lived.truth[0][on_roll],
            "hazard_observed": lived.truth[1][on_roll],
            "chance_4w": lived.truth[2][on_roll],
        }
    ).sort("monday", "per_id")


def _students(people: People) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "per_id": people.per_id,
            "family": people.family,
            "kind": words(("REAL", "GHOST", "DUPLICATE"), people.kind),
            "duplicate_of": pl.Series(people.twin).replace(0, None),
            "born_on": _days(people.born),
            "sex": words(("M", "F"), people.girl.astype(int)),
            "country": words(("COL", "VEN"), people.venezuelan.astype(int)),
            "stratum": people.stratum,
            "grade": people.grade,
            "frailty": people.frailty,
            "absence_level": people.absence_level,
            "ability": people.ability,
        }
    )
