"""Under which numbers and names a child is written: most keep theirs for life, some come back as somebody else."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from features.simulation.arrays import Array, Random, flip
from features.simulation.assumptions import Assumptions
from features.simulation.people import DUPLICATE, NES, PPT, REAL, People
from features.simulation.register import NEVER
from features.simulation.spells import DROPOUT, INSIDE, PRIVATE, Table, draw_motives
from features.simulation.wording import DOCUMENT_LABELS, coded

_ANOTHER = 700_000_000
_NUMBERS_PER_CHILD = 8


@dataclass
class Written:
    """One entry per row of the register: the numbers it is written under. PER_ID 0 is an empty cell."""

    per_id: Array
    document_type: Array
    document_number: Array
    typed_anew: Array  # enrolled under new numbers, so somebody wrote the name again
    kind: Array  # how the spell truly ended; the register may say otherwise


@dataclass
class Identities:
    """The numbers of one district's children. Truth keeps who is who; the files do not say."""

    seed: int
    district: int
    first_id: int
    room: int
    a: Assumptions
    told: list[pl.DataFrame] = field(default_factory=list)
    versions: Array = field(init=False)

    def __post_init__(self) -> None:
        self.versions = np.zeros(self.room, np.int8)

    def official(self, year: int, first_year: bool, people: People, spells: Table) -> Written:
        """Numbers of the year's rows; changes what the register says of those who moved and were not recognised."""
        rng = self._random(year, 1)
        if not first_year:
            self._renumber(people.per_id[flip(rng, self.a.renumbered, len(people)) & (people.kind == REAL)])
        true_kind = spells.kind.copy()
        unknown = flip(rng, self.a.moves_renumbered, len(true_kind)) & np.isin(true_kind, (INSIDE, PRIVATE))
        unknown &= (people.kind[spells.student] == REAL) & (spells.last_week < NEVER)
        _say_left(spells, np.flatnonzero(unknown), rng, self.a)
        before = self.versions[people.per_id - self.first_id]
        after = _moves_before(spells, unknown & (true_kind == INSIDE))
        moved = people.per_id[spells.student[unknown]]
        row = before[spells.student] + after
        self._renumber(moved)
        written = self._written(people.take(spells.student), row, after > 0, true_kind)
        self._keep(year, people.take(spells.student), written)
        return written

    def private(self, year: int, people: People, spells: Table) -> Written:
        """Private schools often leave PER_ID empty: then only the document says who it is."""
        here = people.take(spells.student)
        written = self._written(
            here, self.versions[here.per_id - self.first_id], np.zeros(len(here), bool), spells.kind
        )
        silent = _drawn_for_life(here.per_id) < self.a.private_without_per_id
        written.per_id = np.where(silent, 0, written.per_id)
        self._keep(year, here, written)
        return written

    def _random(self, year: int, purpose: int) -> Random:
        return np.random.default_rng([self.seed, self.district, year, 20 + purpose])

    def _renumber(self, per_id: Array) -> None:
        np.add.at(self.versions, per_id - self.first_id, 1)
        np.minimum(self.versions, _NUMBERS_PER_CHILD - 1, out=self.versions)

    def _written(self, people: People, version: Array, anew: Array, kind: Array) -> Written:
        again = version > 0
        number = _ANOTHER + (people.per_id - 10_000_000) * _NUMBERS_PER_CHILD + version
        permit = again & (people.document_type == NES)
        return Written(
            per_id=np.where(again, number, people.per_id),
            document_type=np.where(permit, PPT, people.document_type),
            document_number=np.where(again, _documents(number), people.document_number),
            typed_anew=anew,
            kind=kind,
        )

    def _keep(self, year: int, people: People, written: Written) -> None:
        rows = pl.DataFrame(
            {
                "per_id": pl.Series(written.per_id).replace(0, None),
                "document_type": coded(DOCUMENT_LABELS, written.document_type),
                "document_number": pl.Series(written.document_number).cast(pl.String),
                "person": np.where(people.kind == DUPLICATE, people.twin, people.per_id),
                "year": np.full(len(people), year, np.int32),
            }
        )
        self.told.append(rows.unique())

    def truth(self) -> pl.DataFrame:
        """Every number under which a child was ever written, and the child."""
        keys = ["per_id", "document_type", "document_number", "person"]
        return pl.concat(self.told).group_by(keys).agg(pl.col("year").min().alias("since")).sort(keys)


def _say_left(spells: Table, rows: Array, rng: Random, a: Assumptions) -> None:
    """The old school never learns where the child went: the register says what it says of who leaves."""
    kinds = np.full(len(rows), DROPOUT)
    spells.kind[rows] = DROPOUT
    spells.motive[rows] = draw_motives(rng, kinds, a)
    spells.vanishes[rows] = flip(rng, a.vanishes, len(rows))


def _moves_before(spells: Table, unknown: Array) -> Array:
    """For each row, how many unrecognised moves its student had made before it began."""
    moves = pl.DataFrame({"student": spells.student[unknown], "moved": spells.first_week[unknown]})
    rows = pl.DataFrame({"student": spells.student, "began": spells.first_week}).with_row_index()
    earlier = rows.join(moves, on="student").filter(pl.col("moved") < pl.col("began"))
    counts = np.zeros(len(spells.student), np.int8)
    np.add.at(counts, earlier["index"].to_numpy(), 1)
    return counts


def _drawn_for_life(per_id: Array) -> Array:
    """A number from 0 to 1 that a child keeps."""
    return np.asarray((per_id * 2_654_435_761) % 1_000_003 / 1_000_003)


def _documents(number: Array) -> Array:
    """As the first ones, in a range of their own; no such document has ever been issued."""
    return np.asarray(9_700_000_000 + (number * 2_654_435_761) % (1 << 28))
