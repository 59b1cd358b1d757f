"""One school year of one district, week by week: who comes, who stays away, who leaves and who comes back."""

from dataclasses import dataclass, field

import numpy as np

from features.simulation import hazard
from features.simulation.absences import Attendance, forecast
from features.simulation.arrays import Array, Random, flip
from features.simulation.assumptions import Assumptions
from features.simulation.marks import AREAS, PERIOD_ENDS, draw_marks, share_failing
from features.simulation.people import DUPLICATE, REAL, People
from features.simulation.register import NEVER, Register
from features.simulation.schools import Schools, drawn_campuses, drawn_schools
from features.simulation.spells import AUDIT, DEATH, DROPOUT, INSIDE, OUTSIDE, PRIVATE, Exits, Spells

WAITING, STUDYING, GONE, OFF_ROLL = 0, 1, 2, 3
NO_ROW = 255


@dataclass(frozen=True)
class Term:
    """What is the same for everybody in a year."""

    year: int
    mondays: Array  # days since 1970
    expected: Array  # school days in each week
    season: Array
    shocks: Array  # comuna by week: 1 in a week of shock
    register: Register


@dataclass
class Year:
    """The students enrolled in a district in one year, and everything that happens to them."""

    term: Term
    people: People
    schools: Schools
    start: Array  # teaching week of arrival
    gap: Array
    a: Assumptions
    rng: Random
    intercept: Array  # of each student's level
    rehearsal: bool = False

    phase: Array = field(init=False)
    left: Array = field(init=False)
    registered: Array = field(init=False)
    back: Array = field(init=False)
    marks: Array = field(init=False)
    absent: Array = field(init=False)
    truth: Array = field(init=False)
    accumulated: Array = field(init=False)
    attendance: Attendance = field(init=False)
    spells: Spells = field(init=False)
    exits: Exits = field(init=False)

    def __post_init__(self) -> None:
        n, weeks = len(self.people), len(self.term.mondays)
        self.phase = np.full(n, WAITING, np.int8)
        self.left = np.full(n, NEVER, np.int16)
        self.registered = np.full(n, NEVER, np.int16)
        self.back = np.full(n, NEVER, np.int16)
        self.marks = np.full((n, len(PERIOD_ENDS), len(AREAS)), np.nan, np.float32)
        self.absent = np.full((n, weeks), NO_ROW, np.uint8)
        self.truth = np.full((3, n, weeks), np.nan, np.float32)
        self.accumulated = np.zeros(n)
        self.attendance = Attendance.at_start(self.people.absence_level, self.people.drift, self.a)
        self.failing = np.clip(0.30 * self.people.repeating + 0.10 * (self.people.ability < -0.8), 0, 1)
        self.standing = hazard.standing(self.people, self.gap, self.failing, self.schools, self.a)
        self.spells = Spells.open(self.people, self.start, self.term.mondays, self.rng)
        self.exits = Exits()
        self.real = self.people.kind == REAL
        self.forecast = forecast(self.a)

    def live(self) -> "Year":
        for week in range(len(self.term.mondays)):
            self._week(week)
        self.people.drift = self.attendance.drift
        return self

    def _week(self, week: int) -> None:
        self._arrive(week)
        rates = self._rates(week)
        self._keep_truth(week, rates)
        self._miss_days(week)
        if self.rehearsal:
            self.accumulated += rates * self._here()
        else:
            self._leave(week, rates)
            self._move_on(week)
            self._audit(week)
        if week + 1 in PERIOD_ENDS:
            self._assess(PERIOD_ENDS.index(week + 1))

    def _here(self) -> Array:
        return np.asarray((self.phase == STUDYING) & self.real)

    def _arrive(self, week: int) -> None:
        self.phase[(self.phase == WAITING) & (self.start <= week)] = STUDYING
        shown = (self.phase == GONE) & (self.term.register.shown_in(self.registered) < week)
        self.phase[shown] = OFF_ROLL
        returning = np.flatnonzero(self.back == week)
        if len(returning):
            self._return(returning, week)
        moved = np.flatnonzero(self._here() & (self.rng.random(len(self.phase)) < self.a.moves_home / 40))
        self.people.moved[moved] = week

    def _return(self, rows: Array, week: int) -> None:
        self.phase[rows] = STUDYING
        self.left[rows] = self.registered[rows] = self.back[rows] = NEVER
        self.attendance.recent[rows] = self.attendance.usual[rows] = self.a.absence_ceiling / 3
        self.spells.reopen(rows, week, self.term.mondays)

    def _rates(self, week: int) -> Array:
        comuna = self.schools.comuna[self.people.school]
        log = (
            self.intercept
            + self.standing.total()
            + self.attendance.pull(self.a)
            + hazard.mobility(week, self.people.moved, self.a)
            + self.term.season[week]
            + self.a.shock * self.term.shocks[comuna, week]
        )
        return np.asarray(np.minimum(np.exp(log), 1.0))

    def _keep_truth(self, week: int, rates: Array) -> None:
        if self.rehearsal:
            return
        hazard_true, hazard_seen, chance = self.truth[:, :, week]
        here, gone = self._here(), np.flatnonzero(self.phase == GONE)
        on_roll = self.phase == STUDYING
        people, register = self.people, self.term.register
        hazard_true[on_roll] = np.where(here, 1 - np.exp(-rates * people.frailty), 0)[on_roll]
        hazard_seen[on_roll] = np.where(here, hazard.observed(rates, people.shape, people.rate), 0)[on_roll]
        chance[on_roll] = np.where(here, self._chance_ahead(week, rates), 0)[on_roll]
        dropped = self.exits.latest_kind(len(self.phase))[gone] == DROPOUT
        hazard_true[gone] = hazard_seen[gone] = np.where(dropped, register.registers_now(week, self.left[gone]), 0)
        chance[gone] = np.where(dropped, register.shows_gone(week, self.left[gone]), 0)

    def _chance_ahead(self, week: int, rates: Array) -> Array:
        """The chance to leave in one of the next weeks and to be shown as gone within 28 days."""
        register, term = self.term.register, self.term
        ahead = register.weeks_ahead(week)
        ratios = self.forecast.ratios(self.attendance, self.a)
        comuna = self.schools.comuna[self.people.school]
        chance, gathered, staying = np.zeros(len(rates)), np.zeros(len(rates)), np.ones(len(rates))
        for step, w in enumerate(ahead):
            change = term.season[w] - term.season[week]
            shocks = self.a.shock * (term.shocks[comuna, w] - term.shocks[comuna, week])
            gathered = gathered + np.minimum(rates * ratios[:, step] * np.exp(change + shocks), 1.0)
            still = (self.people.rate / (self.people.rate + gathered)) ** self.people.shape
            chance += (staying - still) * register.known_after(register.horizon_ends(week) - w)
            staying = still
        return chance

    def _miss_days(self, week: int) -> None:
        expected = int(self.term.expected[week])
        comuna = self.schools.comuna[self.people.school]
        days = self.attendance.week(self.rng, self.a.shock_absence * self.term.shocks[comuna, week], expected, self.a)
        here = self._here()
        waiting = (self.phase == GONE) & (self.registered >= week)
        self.attendance.remember(np.where(here, days, expected), expected, self.a)
        self.absent[here, week] = days[here]
        self.absent[waiting, week] = expected

    def _leave(self, week: int, rates: Array) -> None:
        people, here = self.people, self._here()
        leaves = here & (self.rng.random(len(rates)) < 1 - np.exp(-rates * people.frailty))
        people.rate += np.where(here, rates, 0)
        people.shape += leaves
        rows = np.flatnonzero(leaves)
        if not len(rows):
            return
        registered = self.term.register.draw_week(self.rng, np.full(len(rows), week))
        self._go(rows, week, registered, DROPOUT)
        came = self.exits.weekday[-1]
        self.absent[rows, week] = np.maximum(self.absent[rows, week], np.maximum(self.term.expected[week] - came, 1))
        returns = flip(self.rng, self.a.returns_same_year, len(rows))
        shown = self.term.register.shown_in(registered)
        back = np.maximum(week + self.rng.integers(4, 13, len(rows)), shown + 1)
        self.back[rows] = np.where(returns & (back < len(self.term.mondays) - 1), back, NEVER)

    def _go(self, rows: Array, week: int, registered: Array, kind: int) -> None:
        self.phase[rows] = GONE
        self.left[rows] = week
        self.registered[rows] = registered
        self.spells.close(rows, kind, registered, self.term.mondays, self.rng, self.a)
        self.exits.add(rows, week, registered, kind, self._drivers(rows, week), self._weekday(len(rows)))

    def _weekday(self, rows: int) -> Array:
        """School days that the leavers still came to in their last week; the register never learns before Thursday."""
        return np.where(flip(self.rng, self.a.leaves_on_monday, rows), 0, self.rng.integers(1, 4, rows)).astype(np.int8)

    def _drivers(self, rows: Array, week: int) -> Array:
        """The part of the log-hazard that stands out most, for each leaver."""
        s, a = self.standing, self.a
        parts = np.stack(
            [
                self.attendance.pull(a)[rows] - 0.3,
                s.progress[rows],
                s.over_age[rows],
                s.household[rows],
                (hazard.mobility(week, self.people.moved[rows], a) + s.newness[rows]),
                s.school[rows],
                np.log(self.people.frailty[rows] + 1e-6),
            ]
        )
        return np.asarray(parts.argmax(axis=0))

    def _move_on(self, week: int) -> None:
        """Transfers inside and outside the secretariat, and deaths, compete with leaving."""
        a, people = self.a, self.people
        recent = week - people.moved <= 3
        times = np.where(recent, a.move_multiplies_transfer, 1.0)
        chances = (
            np.stack([times * a.transfer_inside, times * a.transfer_out, np.full(len(times), a.transfer_private)]) / 48
        )
        heights = np.cumsum(np.vstack([chances, np.full((1, len(times)), a.deaths / 40)]), axis=0)
        drawn = (self.rng.random(len(times)) >= heights).sum(axis=0)
        drawn[~self._here()] = 4
        for position, kind in enumerate((INSIDE, OUTSIDE, PRIVATE, DEATH)):
            rows = np.flatnonzero(drawn == position)
            if kind == INSIDE and len(self.schools) > 1:
                self._change_school(rows, week)
            elif len(rows) and kind != INSIDE:
                self._go(rows, week, self.term.register.draw_week(self.rng, np.full(len(rows), week)), kind)

    def _change_school(self, rows: Array, week: int) -> None:
        if week + 1 >= len(self.term.mondays) or not len(rows):
            return
        people = self.people
        registered = (week + flip(self.rng, 0.3, len(rows))).astype(np.int16)
        self.spells.close(rows, INSIDE, registered, self.term.mondays, self.rng, self.a)
        self.exits.add(rows, week, registered, INSIDE, self._drivers(rows, week), self._weekday(len(rows)))
        others = drawn_schools(self.rng, self.schools, len(rows))
        others = np.where(others == people.school[rows], (others + 1) % len(self.schools), others)
        people.school[rows] = others
        people.campus[rows] = drawn_campuses(self.rng, self.schools, others, people.grade[rows])
        people.is_new[rows] = True
        self.spells.begin(rows, people, week + 1, self.term.mondays)
        self.standing = hazard.standing(people, self.gap, self.failing, self.schools, self.a)

    def _audit(self, week: int) -> None:
        """Some second rows and ghosts are found and taken out."""
        chance = np.where(self.real, 0.0, self.a.duplicates_found / 40)
        rows = np.flatnonzero((self.phase == STUDYING) & (self.rng.random(len(chance)) < chance))
        if len(rows):
            kinds = np.where(self.people.kind[rows] == DUPLICATE, AUDIT, AUDIT + 1)
            self.phase[rows] = GONE
            self.registered[rows] = week
            self.spells.close(rows, kinds, np.full(len(rows), week, np.int16), self.term.mondays, self.rng, self.a)
            self.exits.forget(rows)

    def _assess(self, period: int) -> None:
        here = self._here()
        self.marks[here, period] = draw_marks(self.rng, self.people, self.gap, self.attendance.usual)[here]
        self.failing = np.where(here, share_failing(self.marks[:, period]), self.failing)
        self.standing.progress = hazard.progress(self.people, self.gap, self.failing, self.a)
