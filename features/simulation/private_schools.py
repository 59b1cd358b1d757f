"""Private schools: SIMAT knows their students by Anexo 5A only; some of them came from an official school."""

from dataclasses import dataclass, field

import numpy as np

from features.simulation.annexes import Annexes
from features.simulation.arrays import Array
from features.simulation.assumptions import Assumptions
from features.simulation.district import FIRST_ID, IDS_PER_DISTRICT, District, age_gap
from features.simulation.identities import Identities
from features.simulation.people import People, document_due, new_people
from features.simulation.register_rows import Places, Rows
from features.simulation.schools import Schools, drawn_schools
from features.simulation.spells import PRIVATE, Table, opened

GRADES = 12
_PRIVATE_IDS = IDS_PER_DISTRICT // 2
_COHORT_ROOM = 5_000


@dataclass
class Movers:
    """Students of one district who left for a private school: the year, the week, and who they were."""

    year: int
    week: Array
    people: People


@dataclass
class PrivateSchools:
    """Cohorts enter at transición and go up a grade each year; the movers of earlier years go up with them."""

    schools: Schools
    municipality: str
    a: Assumptions
    movers: dict[int, list[Movers]] = field(default_factory=dict)

    def annex(self, district: District, year: int, official: Rows, identities: Identities) -> Annexes:
        movers = self.movers.setdefault(district.number, [])
        movers.append(self._movers(year, official))
        people = self._cohorts(district, year)
        start = [np.zeros(len(people), int)]
        for group in movers:
            people = people.followed_by(self._this_year(group, year))
            start.append(group.week if group.year == year else np.zeros(len(group.week), int))
        rng = district.random(year, 6)
        people.school = drawn_schools(
            np.random.default_rng([district.seed, district.number]), self.schools, len(people)
        )
        people.campus = np.zeros(len(people), np.int8)
        in_school = np.flatnonzero(people.grade < GRADES)
        people, weeks = people.take(in_school), np.concatenate(start)[in_school]
        table: Table = opened(people, weeks, official.lived.term.mondays, rng)
        written = identities.private(year, people, table)
        return Annexes(Places(people, table, self.schools, self.municipality, year, rng, self.a, written))

    def _movers(self, year: int, official: Rows) -> Movers:
        gone = np.flatnonzero((official.written.kind == PRIVATE) & (official.spells.last_week < 40))
        return Movers(year, official.spells.last_week[gone].astype(int), official.people.take(gone))

    def _this_year(self, group: Movers, year: int) -> People:
        people = group.people.take(np.arange(len(group.week)))
        people.grade = (people.grade + (year - group.year)).astype(np.int8)
        return people

    def _cohorts(self, district: District, year: int) -> People:
        cohorts = [self._cohort(district, year, entered) for entered in range(year - GRADES + 1, year + 1)]
        everybody = cohorts[0]
        for cohort in cohorts[1:]:
            everybody = everybody.followed_by(cohort)
        everybody.document_type = document_due(everybody.grade + 5 + age_gap(everybody, year), everybody.document_type)
        return everybody

    def _cohort(self, district: District, year: int, entered: int) -> People:
        rng = np.random.default_rng([district.seed, district.number, entered, 9])
        size = max(1, round(district.wanted.sum() * self.a.private_share / GRADES))
        first = FIRST_ID + district.number * IDS_PER_DISTRICT + _PRIVATE_IDS + entered % 100 * _COHORT_ROOM
        people = new_people(
            rng, np.zeros(size, int), entered, first, self.schools, self.municipality, self.a, newcomer=False
        )
        people = district.with_families(people)
        people.grade = (people.grade + (year - entered)).astype(np.int8)
        people.shift = (people.shift % 3).astype(np.int8)
        return people
