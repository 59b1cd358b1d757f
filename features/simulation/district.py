"""A group of institutions whose children live on from year to year: promoted, repeating, gone, back, or new."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.simulation import figures
from features.simulation.arrays import Array, Random, flip
from features.simulation.assumptions import Assumptions
from features.simulation.families import settle
from features.simulation.hazard import solve_intercept
from features.simulation.marks import draw_failures
from features.simulation.people import (
    CC,
    DONE,
    DUPLICATE,
    ENROLLED,
    GHOST,
    MOVED_LONG_AGO,
    NES,
    OUT,
    PPT,
    RC,
    REAL,
    TI,
    People,
    new_people,
)
from features.simulation.schools import Schools, drawn_campuses, drawn_schools
from features.simulation.spells import DROPOUT
from features.simulation.year import GONE, OFF_ROLL, STUDYING, Term, Year

IDS_PER_DISTRICT = 1_500_000
FIRST_ID = 10_000_000
LEVELS = np.array(figures.LEVEL_OF_GRADE)


@dataclass
class Result:
    """A year that was lived, with how it ended for each student."""

    lived: Year
    rows: Array  # position of each student of the year among the district's people
    failed: Array
    intercepts: Array


class District:
    def __init__(
        self,
        number: int,
        students: int,
        schools: Schools,
        seed: int,
        municipality: str,
        first_year: int,
        a: Assumptions,
    ) -> None:
        self.number, self.schools, self.municipality, self.a = number, schools, municipality, a
        self.seed, self.first_year = seed, first_year
        self._next_id = FIRST_ID + number * IDS_PER_DISTRICT
        self.wanted = np.array(figures.ENROLMENT_BY_GRADE) / sum(figures.ENROLMENT_BY_GRADE) * students
        rng = self.random(first_year, 0)
        self.people = self._first_people(rng)

    def random(self, year: int, stream: int) -> Random:
        """Each district, year and purpose has its own numbers, so the order of work changes nothing."""
        return np.random.default_rng([self.seed, self.number, year, stream])

    def years(self, terms: dict[int, Term]) -> Iterator[tuple[int, Result]]:
        for year, term in terms.items():
            if year > self.first_year:
                self._turn_the_year(year)
            self._add_shadows(self.random(year, 4))
            result = self._live(year, term)
            yield year, result
            self._end_year(result, self.random(year, 2))

    def _first_people(self, rng: Random) -> People:
        grade = np.repeat(np.arange(12), np.round(self.wanted).astype(int))
        people = self._make(rng, grade, self.first_year, newcomer=False)
        people.is_new = (people.grade == 0) | flip(rng, self.a.newcomers_at_start, len(people))
        wanted = figures.rates(figures.REPETITION, self.municipality, self.first_year)
        weight = np.where(people.is_new & (grade > 0), 0.0, np.where(age_gap(people, self.first_year) >= 1, 6.0, 1.0))
        for level, share in enumerate(wanted):
            rows = LEVELS[grade] == level
            chance = np.clip(share * weight[rows] / weight[rows].mean(), 0, 1)
            people.repeating[rows] = flip(rng, chance, int(rows.sum()))
        return people

    def _make(self, rng: Random, grade: Array, year: int, newcomer: bool) -> People:
        made = new_people(rng, grade, year, self._next_id, self.schools, self.municipality, self.a, newcomer)
        self._next_id += len(made)
        return self.with_families(made)

    def with_families(self, made: People) -> People:
        first = FIRST_ID + self.number * IDS_PER_DISTRICT
        homes = round(self.wanted.sum() / max(self.a.children_per_home, 1.0))
        rng = np.random.default_rng([self.seed, self.number, int(made.per_id[0]), 31] if len(made) else 0)
        return settle(made, rng, first, homes, self.a)

    def _add_shadows(self, rng: Random) -> None:
        """Ghosts, who are enrolled and do not exist, and children enrolled a second time."""
        a, people = self.a, self.people
        real = np.flatnonzero((people.kind == REAL) & (people.state == ENROLLED))
        ghosts = self._shadow(rng.choice(real, rng.binomial(len(real), a.ghosts), replace=False), GHOST, rng)
        ghosts.names = rng.permuted(ghosts.names, axis=0)
        twins = self._shadow(rng.choice(real, rng.binomial(len(real), a.duplicates), replace=False), DUPLICATE, rng)
        self.people = people.followed_by(ghosts).followed_by(twins)

    def _shadow(self, of: Array, kind: int, rng: Random) -> People:
        shadow = self.people.take(of)
        shadow.per_id = self._next_id + np.arange(len(of), dtype=np.int64)
        self._next_id += len(of)
        shadow.kind[:] = kind
        shadow.twin = self.people.per_id[of].copy() if kind == DUPLICATE else np.zeros(len(of), np.int64)
        shadow.document_number = shadow.document_number + rng.choice([1, 10, 100, 9, 90], len(of))
        elsewhere = flip(rng, 0.5, len(of))
        shadow.school = np.where(elsewhere, drawn_schools(rng, self.schools, len(of)), shadow.school)
        shadow.campus = drawn_campuses(rng, self.schools, shadow.school, shadow.grade)
        shadow.answers[:] = False
        return shadow

    def _live(self, year: int, term: Term) -> Result:
        rng = self.random(year, 1)
        arrivals = self._arrivals_in_year(year, rng)
        rows = np.flatnonzero(self.people.state == ENROLLED)
        people = self.people.take(rows)
        start = np.concatenate([np.zeros(len(self.people) - len(arrivals), int), arrivals])[rows]
        gap = age_gap(people, year)
        intercepts = self._intercepts(year, term, people, start, gap)
        lived = Year(term, people, self.schools, start, gap, self.a, rng, intercepts[LEVELS[people.grade]]).live()
        return Result(lived, rows, self._failures(lived, year, rng), intercepts)

    def _arrivals_in_year(self, year: int, rng: Random) -> Array:
        count = rng.binomial(int(self.wanted.sum()), self.a.newcomers_in_year)
        grade = rng.choice(11, size=count, p=self.wanted[:11] / self.wanted[:11].sum())
        arrivals = self._make(rng, grade, year, newcomer=True)
        self.people = self.people.followed_by(arrivals)
        return rng.integers(1, 36, count)

    def _intercepts(self, year: int, term: Term, people: People, start: Array, gap: Array) -> Array:
        """Rehearses the year without exits, and solves for the intercepts that meet the published rates."""
        rng, a = self.random(year, 3), self.a
        some = np.resize(rng.permutation(len(people)), self.a.rehearsed)
        cast = people.take(some)
        rehearsal = Year(
            term, cast, self.schools, start[some], gap[some], a, rng, np.full(len(some), -7.0), rehearsal=True
        ).live()
        wanted = figures.rates(figures.DROPOUT, self.municipality, year)
        solved = []
        for level, share in enumerate(wanted):
            here = LEVELS[cast.grade] == level
            real = here & (cast.kind == REAL)
            # measured: half of those who return are back by December; transfers weigh less than one per cent
            kept = sum(a.lag) * (1 - 0.5 * a.returns_same_year)
            leavers = share * here.sum() / kept
            solved.append(
                -7.0 + solve_intercept(rehearsal.accumulated[real], cast.shape[real], cast.rate[real], leavers)
            )
        return np.array(solved)

    def _failures(self, lived: Year, year: int, rng: Random) -> Array:
        wanted = figures.rates(figures.FAILURE, self.municipality, year)
        given = ~np.isnan(lived.marks)
        average = np.where(given, lived.marks, 0).sum(axis=(1, 2)) / np.maximum(given.sum(axis=(1, 2)), 1)
        at_the_end = (lived.phase == STUDYING) & lived.real
        failed = np.zeros(len(average), bool)
        for level, share in enumerate(wanted):
            of_level = LEVELS[lived.people.grade] == level
            sit = np.flatnonzero(of_level & at_the_end)
            failed[sit] = draw_failures(rng, average[sit], share * of_level.sum())
        return failed

    def _end_year(self, result: Result, rng: Random) -> None:
        """Carries what the year did to the children back to them, and says who is expected in January."""
        lived, a = result.lived, self.a
        people, n = lived.people, len(lived.phase)
        kinds = lived.exits.latest_kind(n)
        gone = (lived.phase == GONE) | (lived.phase == OFF_ROLL)
        dropped = gone & (kinds == DROPOUT)
        finished = ~gone & (people.grade == 11) & ~result.failed
        stays = flip(rng, np.where(result.failed, 1 - a.failed_not_back, 1 - a.not_back_next_year), n)
        older = np.where(people.grade >= 7, np.clip(lived.gap - 1, 0, 2), 0)
        stays &= ~flip(rng, a.over_age_not_back * older, n)
        comes = np.where(gone, dropped & flip(rng, a.returns_next_year, n), stays & ~finished) & lived.real
        people.state = np.where(comes, ENROLLED, np.where(finished, DONE, OUT)).astype(np.int8)
        people.repeating = comes & (dropped | result.failed)
        people.is_new = comes & dropped & flip(rng, 0.3, n)
        people.moved = np.where(people.moved > 25, people.moved - 46, MOVED_LONG_AGO).astype(np.int16)
        self._failed_rows = np.flatnonzero(comes & result.failed)
        self._came_back = result.rows[np.flatnonzero(comes & dropped)]
        self._put_back(people, result.rows)
        self._failed_rows = result.rows[self._failed_rows]

    def _put_back(self, people: People, rows: Array) -> None:
        for name in People.__dataclass_fields__:
            getattr(self.people, name)[rows] = getattr(people, name)

    def _turn_the_year(self, year: int) -> None:
        rng = self.random(year, 0)
        self._promote(year, rng)
        self._grow_older(year, rng)
        self._fill_grades(year, rng)

    def _promote(self, year: int, rng: Random) -> None:
        """Those who failed repeat in the published share; the rest of them recover the year and go on."""
        people = self.people
        wanted = figures.rates(figures.REPETITION, self.municipality, year)
        failed = np.zeros(len(people), bool)
        failed[self._failed_rows] = True
        came_back = np.zeros(len(people), bool)
        came_back[self._came_back] = True
        repeats = came_back.copy()
        for level, share in enumerate(wanted):
            pool = failed & (LEVELS[people.grade] == level)
            again = came_back & (LEVELS[people.grade] == level)
            level_size = self.wanted[level == LEVELS].sum()
            chance = np.clip((share * level_size - again.sum()) / max(pool.sum(), 1), 0, 1)
            repeats |= pool & flip(rng, chance, len(people))
        enrolled = people.state == ENROLLED
        people.repeating = repeats & enrolled
        people.grade = np.where(enrolled & ~repeats, np.minimum(people.grade + 1, 11), people.grade).astype(np.int8)

    def _grow_older(self, year: int, rng: Random) -> None:
        a, people = self.a, self.people
        n = len(people)
        age = people.grade + 5 + age_gap(people, year)
        enters_secondary = (people.grade == 6) & ~people.repeating
        changes = flip(
            rng, np.where(enters_secondary, 2.5 * a.changes_school_between_years, a.changes_school_between_years), n
        )
        people.school = np.where(changes, drawn_schools(rng, self.schools, n), people.school).astype(np.int32)
        people.is_new = people.is_new | changes
        site = drawn_campuses(rng, self.schools, people.school, people.grade)
        people.campus = np.where(changes | (people.grade >= 6), site, people.campus).astype(np.int8)
        people.works = people.works | (age >= 12) & flip(rng, 0.022, n)
        people.is_parent = people.is_parent | (age >= 14) & flip(rng, np.where(people.girl, 0.006, 0.002), n)
        due = np.where(age < 7, RC, np.where(age < 18, TI, CC))
        renewed = ~people.venezuelan & flip(rng, 1 - a.document_late, n)
        people.document_type = np.where(renewed, due, people.document_type).astype(np.int8)
        permit = (people.document_type == NES) & flip(rng, a.regularised, n)
        people.document_type = np.where(permit, PPT, people.document_type).astype(np.int8)
        people.document_number = np.where(
            permit, people.document_number % 6_999_983 + 1_000_000, people.document_number
        )

    def _fill_grades(self, year: int, rng: Random) -> None:
        """New children take the places that are left; every grade has some."""
        here = np.bincount(self.people.grade[self.people.state == ENROLLED], minlength=12)
        places = np.maximum(self.wanted - here, self.wanted * np.r_[0, np.full(10, self.a.newcomers_at_start), 0])
        counts = np.floor(places * (1 - self.a.newcomers_in_year) + rng.random(12)).astype(int)
        first = self._make(rng, np.zeros(counts[0], int), year, newcomer=False)
        first.is_new[:] = True
        later = self._make(rng, np.repeat(np.arange(1, 12), counts[1:]), year, newcomer=True)
        self.people = self.people.followed_by(first).followed_by(later)


def age_gap(people: People, year: int) -> Array:
    """Years above the age of the grade on 31 March."""
    cut = (np.datetime64(f"{year}-03-31", "D") - np.datetime64("1970-01-01", "D")).astype(int)
    return np.asarray(np.floor((cut - people.born) / 365.25).astype(int) - people.grade - 5)
