"""The rows of a district's register in one year, ready to be written: who, where, in which state on which Friday."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from features.simulation.arrays import Array, Mask, Random
from features.simulation.assumptions import Assumptions
from features.simulation.district import Result
from features.simulation.folders import day_texts
from features.simulation.identities import Written
from features.simulation.people import People
from features.simulation.register import NEVER
from features.simulation.schools import Schools, campus_code
from features.simulation.spells import DEATH, INSIDE, MOTIVES, Table
from features.simulation.typing_slips import typed_births, typed_names
from features.simulation.wording import (
    OVER_AGE_MODEL,
    RURAL_MODEL,
    TRADITIONAL,
    words,
)
from features.simulation.year import Year

GROUP_SIZE = 35


@dataclass
class Places:
    """One entry per spell of the year, and the texts that several files share."""

    students: People
    spells: Table
    schools: Schools
    municipality: str
    year: int
    rng: Random
    a: Assumptions
    written: Written

    @cached_property
    def people(self) -> People:
        """The student of each spell."""
        people = self.students.take(self.spells.student)
        people.document_type = self.written.document_type
        return people

    @cached_property
    def names(self) -> list[pl.Series]:
        typed = typed_names(self.students, self.rng, self._typist(1), self.a)
        names = [column.gather(self.spells.student) for column in typed]
        anew = np.flatnonzero(self.written.typed_anew)
        if not len(anew):
            return names
        people = self.people.take(anew)
        again = typed_names(people, self._typist(2), self._typist(3), self.a)
        return [name.scatter(anew, other) for name, other in zip(names, again, strict=True)]

    def _typist(self, purpose: int) -> Random:
        """Slips of the hand have numbers of their own: how many there are changes nothing else."""
        first = int(self.students.per_id[0]) if len(self.students) else 0
        return np.random.default_rng([first, self.year, 40 + purpose])

    def visible(self, week: int) -> Mask:
        s = self.spells
        shown = (s.first_week <= week) & (week < s.hidden_from)
        return np.asarray(shown & ~(s.vanishes & (s.last_week <= week)))

    def enrolled(self, week: int) -> Mask:
        return np.asarray(self.visible(week) & (self.spells.last_week > week))

    @cached_property
    def dane(self) -> pl.Series:
        return pl.Series(list(self.schools.dane), dtype=pl.String).gather(self.spells.school)

    @cached_property
    def campus(self) -> pl.Series:
        return pl.Series(list(campus_code(self.schools, self.spells.school, self.spells.campus)), dtype=pl.String)

    @cached_property
    def campus_number(self) -> pl.Series:
        site = pl.Series(self.spells.campus + 1).cast(pl.String).str.zfill(2)
        return pl.select(pl.concat_str([pl.lit(self.dane), pl.lit(site)])).to_series()

    @cached_property
    def group(self) -> pl.Series:
        """Grade and number of the class, 0802, counted within site, shift and grade."""
        s, grade = self.spells, self.people.grade.astype(np.int64)
        key = ((s.school.astype(np.int64) * 8 + s.campus) * 8 + self.people.shift) * 16 + grade
        order = np.argsort(key, kind="stable")
        first = np.r_[True, np.diff(key[order]) != 0]
        rank = np.empty(len(key), np.int64)
        rank[order] = np.arange(len(key)) - np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
        return pl.Series(grade * 100 + rank // GROUP_SIZE + 1).cast(pl.String).str.zfill(4)

    @cached_property
    def model(self) -> Array:
        adult = self.people.shift >= 3
        primary = (self.people.grade >= 1) & (self.people.grade <= 5)
        rural = self.schools.rural[self.spells.school] & primary
        return np.where(adult, OVER_AGE_MODEL, np.where(rural, RURAL_MODEL, TRADITIONAL))

    @cached_property
    def since(self) -> pl.Series:
        return day_texts(pl.Series(self.spells.since))

    @cached_property
    def until(self) -> pl.Series:
        return day_texts(pl.Series(self.spells.until))

    @cached_property
    def motive(self) -> pl.Series:
        return words(MOTIVES, self.spells.motive)

    @cached_property
    def born(self) -> pl.Series:
        return day_texts(pl.Series(typed_births(self.people.born, self.written.per_id, self.year, self.a)))

    @cached_property
    def per_id(self) -> pl.Series:
        numbers = pl.Series(self.written.per_id)
        return pl.select(pl.when(numbers > 0).then(numbers.cast(pl.String)).otherwise(pl.lit(""))).to_series()

    @cached_property
    def document(self) -> pl.Series:
        return pl.Series(self.written.document_number).cast(pl.String)


@dataclass
class Rows(Places):
    """The rows of official schools, with the year that their students lived."""

    result: Result

    @property
    def lived(self) -> Year:
        return self.result.lived

    @cached_property
    def ended_state(self) -> pl.Series:
        transferred = (self.spells.kind == INSIDE) | (self.spells.kind > INSIDE) & (self.spells.kind < DEATH) & (
            self.spells.student % 3 > 0
        )
        return words(("RETIRADO", "TRASLADADO"), transferred.astype(int))

    @cached_property
    def closing_state(self) -> pl.Series:
        """How December finds those who are still on the roll."""
        failed = self.result.failed[self.spells.student]
        draw = self.rng.random(len(failed))
        state = np.where(failed, 1, np.where(self.people.grade == 11, 2, 0))
        state = np.where(self.spells.last_week == NEVER, state, 3)
        gone = self.lived.left[self.spells.student] < NEVER
        state = np.where(gone, np.where(draw < 0.5, 3, 4), np.where(draw < 0.02, 3, state))
        return words(("PROMOCIONADO", "REPROBADO", "GRADUADO", "MATRICULADO", "SIN CONTINUIDAD"), state)

    def spell_at(self, week: int) -> Array:
        """For each student of the year, the position of the spell in which the week found them."""
        begun = np.flatnonzero(self.spells.first_week <= week)
        order = begun[np.argsort(self.spells.first_week[begun], kind="stable")]
        found = np.full(len(self.lived.phase), -1)
        found[self.spells.student[order]] = order
        return found
