"""The made-up city that these notebooks share: invented children, read as a secretariat reads its own exports."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features import Archive, Records
from features.simulation import simulate
from features.sources import ingest, pseudonym
from models import Recipe
from serving.model_room import true_chances

KEY = b"a key for a city that does not exist"
YEARS = (2022, 2023, 2024)
READ_ON = date(2024, 12, 1)

SMALL = Recipe(
    name="notebook",
    trees=60,
    retold_trees=150,
    stands=1,
    learning_rate=0.1,
    min_leaf=40,
    most_days=8,
    bootstrap=50,
    refits=0,
    part_trees=0,
    unseen_share=0.0,
    threads=1,
)
"""Some seconds to teach. What a real recipe has beside it: more trees, more days, refits, schools kept apart."""


@dataclass(frozen=True)
class City:
    """`records`: what was read. `place`: a folder of its own, gone with `close`; its `exports/truth` is never read."""

    records: Records
    place: Path
    scratch: "TemporaryDirectory[str]"

    def close(self) -> None:
        self.scratch.cleanup()

    @property
    def truth(self) -> Path:
        return self.place / "exports" / "truth"

    def true_chances(self) -> pl.DataFrame:
        """`student_id, day, chance_4w`: what only a simulation knows."""
        return true_chances(self.truth, KEY)

    def true_exits(self) -> pl.DataFrame:
        """`student_id, left_on, driver`: every dropout, and what weighed most in it."""
        told = pl.read_parquet(self.truth / "exits.parquet").filter(pl.col("cause") == "DROPOUT")
        named = pseudonym("PER_ID:" + told["per_id"].cast(pl.String), KEY)
        return told.select(named.alias("student_id"), "left_on", "driver")


def made_up_city(students: int = 1_000, weeks_of_last_year: int = 24) -> City:
    """Three school years, the last one cut short; the same children every time."""
    scratch = TemporaryDirectory()
    place = Path(scratch.name)
    simulate(place / "exports", students, YEARS, seed=7, weeks_of_last_year=weeks_of_last_year)
    ingest(place / "exports", Archive(place / "archive"), place / "quarantine", KEY, lambda _: None, READ_ON)
    return City(Records.open(place / "archive"), place, scratch)
