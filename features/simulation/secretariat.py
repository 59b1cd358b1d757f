"""Makes a whole secretariat: its years, its Fridays and its files, a district at a time, and the truth beside them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import holidays
import numpy as np

from features.calendar import SchoolYear
from features.simulation import hazard
from features.simulation.annexes import Annexes
from features.simulation.arrays import DAY_ZERO, Array
from features.simulation.assumptions import ASSUMPTIONS, Assumptions
from features.simulation.classroom import Classroom, silent_schools
from features.simulation.detallado import Detallado
from features.simulation.district import FIRST_ID, IDS_PER_DISTRICT, District, Result
from features.simulation.dropout_register import write_dropouts
from features.simulation.folders import Files, Folder, folders_of
from features.simulation.household_forms import HouseholdForms
from features.simulation.identities import Identities
from features.simulation.marks import PERIOD_ENDS
from features.simulation.private_schools import PrivateSchools
from features.simulation.register import Register
from features.simulation.register_rows import Rows
from features.simulation.schools import COMUNAS, institutions
from features.simulation.truth import Truth
from features.simulation.year import Term

FORMS_EVERY = 8


@dataclass(frozen=True)
class Summary:
    """What was made, for the person who asked for it."""

    out: str
    students: int
    institutions: int
    years: tuple[int, ...]
    folders: int
    bytes_written: int
    student_years: int
    dropouts: int
    transfers: int
    first_day: date
    last_day: date


def simulate(
    out: Path,
    students: int,
    years: Sequence[int],
    seed: int,
    municipality: str = "76001",
    weeks_of_last_year: int | None = None,
    progress: Callable[[str], None] | None = None,
    assumptions: Assumptions = ASSUMPTIONS,
) -> Summary:
    """Writes the dated folders of a made-up secretariat and, apart from them, what really happened."""
    plan = _Plan(out, students, sorted(years), seed, municipality, weeks_of_last_year, assumptions)
    plan.check()
    files, truth = Files(out), Truth(out / "truth")
    student_years = 0
    for district in plan.districts():
        identities = plan.identities(district)
        for year, result in district.years(plan.terms):
            plan.write_year(files, district, year, result, identities)
            truth.keep(district, year, result)
            student_years += len(result.rows)
            if progress:
                progress(f"distrito {district.number + 1} de {plan.district_count}, año {year}")
        truth.keep_students(district, identities)
    return plan.finish(files, truth, student_years)


@dataclass
class _Plan:
    out: Path
    students: int
    years: list[int]
    seed: int
    municipality: str
    weeks_of_last_year: int | None
    a: Assumptions

    def check(self) -> None:
        if not 200 <= self.students <= 8_000_000:
            raise ValueError(f"Número de estudiantes {self.students}: se acepta de 200 a 8.000.000.")
        if not self.years or self.years != list(range(self.years[0], self.years[-1] + 1)):
            raise ValueError(f"Años {self.years}: deben ser seguidos, por ejemplo 2021:2024.")
        if len(self.municipality) != 5 or not self.municipality.isdigit():
            raise ValueError(f"Municipio {self.municipality}: se espera el código DIVIPOLA de cinco cifras.")
        if self.weeks_of_last_year is not None and not 1 <= self.weeks_of_last_year <= 40:
            raise ValueError(f"Semanas del último año {self.weeks_of_last_year}: se acepta de 1 a 40.")
        if self.out.exists() and any(self.out.iterdir()):
            raise FileExistsError(f"La carpeta {self.out.name} ya tiene archivos: indique una carpeta nueva o vacía.")
        self.out.mkdir(parents=True, exist_ok=True)
        shocks = np.random.default_rng([self.seed, 77])
        self.calendars = {year: SchoolYear(str(year)) for year in self.years}
        self.terms = {year: self._term(year, shocks) for year in self.years}
        self.folders = {year: self._folders(year, self.weeks_of_last_year) for year in self.years}
        self.district_count = -(-self.students // self.a.district_size)
        count = max(self.district_count * 2, round(self.students / self.a.students_per_institution), 4)
        rng = np.random.default_rng([self.seed, 78])
        self.schools = institutions(rng, count, self.municipality, private=False, assumptions=self.a)
        private = max(1, round(count * 0.3))
        self.private = PrivateSchools(
            institutions(rng, private, self.municipality, True, self.a), self.municipality, self.a
        )

    def _folders(self, year: int, weeks: int | None) -> list[Folder]:
        last = year == self.years[-1]
        return folders_of(self.calendars[year], last, weeks if last else None)

    def _term(self, year: int, rng: np.random.Generator) -> Term:
        mondays = _days(list(self.calendars[year].weeks))
        folders = self._folders(year, None)
        register = Register.of(mondays, [f.week for f in folders], list(_days([f.day for f in folders])), self.a)
        shocks = (rng.random((COMUNAS + 1, len(mondays))) < self.a.shock_weeks / len(mondays)).astype(float)
        return Term(year, mondays, _school_days(self.calendars[year]), hazard.season(mondays, self.a), shocks, register)

    def districts(self) -> Iterator[District]:
        """Districts are made one at a time, when their turn comes."""
        return (self._district(number) for number in range(self.district_count))

    def _district(self, number: int) -> District:
        mine = self.schools.take(np.arange(number, len(self.schools), self.district_count))
        share = self.students // self.district_count + (number < self.students % self.district_count)
        return District(number, share, mine, self.seed, self.municipality, self.years[0], self.a)

    def identities(self, district: District) -> Identities:
        first = FIRST_ID + district.number * IDS_PER_DISTRICT
        return Identities(self.seed, district.number, first, IDS_PER_DISTRICT, self.a)

    def write_year(self, files: Files, district: District, year: int, result: Result, identities: Identities) -> None:
        rng = district.random(year, 5)
        spells = result.lived.spells.table()
        written = identities.official(year, year == self.years[0], result.lived.people, spells)
        rows = Rows(
            result.lived.people, spells, district.schools, self.municipality, year, rng, self.a, written, result
        )
        last = year == self.years[-1]
        mondays = list(self.calendars[year].weeks)
        silent = silent_schools(rng, len(district.schools), len(mondays), self.a)
        detallado, annexes = Detallado(rows, new_layout=last), Annexes(rows)
        private = self.private.annex(district, year, rows, identities)
        classroom = Classroom(rows, mondays, silent)
        forms = HouseholdForms(rows, first_year=year == self.years[0])
        previous = asked = -1
        for folder in self.folders[year]:
            detallado.write(files, folder)
            weeks = range(previous + 1, min(folder.week, len(mondays) - 1) + 1)
            classroom.write_absences(files, folder, weeks)
            for period, end in enumerate(PERIOD_ENDS):
                if end - 1 in weeks:
                    classroom.write_marks(files, folder, period)
                    annexes.write_13a(files, folder)
            if folder.with_annexes and not folder.closing:
                annexes.write_6a(files, folder)
                private.write_5a(files, folder)
            if folder.week == 0 or (folder.week - asked >= FORMS_EVERY and not folder.closing):
                forms.write(files, folder, asked)
                asked = folder.week
            if folder.closing:
                write_dropouts(rows, files, folder)
            previous = min(folder.week, len(mondays) - 1)

    def finish(self, files: Files, truth: Truth, student_years: int) -> Summary:
        exits = truth.finish()
        days = [folder.day for year in self.years for folder in self.folders[year]]
        causes = exits["cause"]
        summary = Summary(
            out=self.out.name,
            students=self.students,
            institutions=len(self.schools),
            years=tuple(self.years),
            folders=len(days),
            bytes_written=files.bytes_written,
            student_years=student_years,
            dropouts=int((causes == "DROPOUT").sum()),
            transfers=int(causes.str.starts_with("TRANSFER").sum()),
            first_day=days[0],
            last_day=days[-1],
        )
        made = {
            "assumptions": self.a.as_dict(),
            "summary": asdict(summary),
            "seed": self.seed,
            "municipality": self.municipality,
        }
        (self.out / "truth" / "assumptions.json").write_text(
            json.dumps(made, default=str, ensure_ascii=False, indent=1)
        )
        return summary


def _days(dates: list[date]) -> Array:
    return np.asarray((np.array(dates, dtype="datetime64[D]") - DAY_ZERO).astype(np.int64))


def _school_days(year: SchoolYear) -> Array:
    """Five days a week, less the public holidays."""
    free = holidays.country_holidays("CO", years=[year.starts_on.year, year.ends_on.year])
    return np.array(
        [
            5 - sum(free.get(date.fromordinal(monday.toordinal() + d)) is not None for d in range(5))
            for monday in year.weeks
        ]
    )
