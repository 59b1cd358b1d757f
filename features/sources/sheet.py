"""Reads a table of text column by column and remembers every cell that could not be understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from features.quality import Level, Problem, shown
from features.sources.line_sorting import LONGEST_LINE
from features.sources.profile import NATIONAL, Profile
from features.sources.text_table import ROW, TextTable

SHOWN_ROWS = 20
"""Rows told one by one in a report; the others of the same kind are counted in one line more."""

REFUSAL = {ROW: pl.Int64(), "column": pl.String(), "rule": pl.String(), "message": pl.String()}


class Nothing:
    """What a cell says when it says, legibly, nothing: «no aplica»."""


NOTHING = Nothing()


@dataclass(frozen=True)
class Fault:
    """One kind of thing wrong, and the rows that have it."""

    column: str | None
    rule: str
    rows: pl.Series
    found: pl.Series | None
    accepted: str
    advice: str
    level: Level = "error"
    personal: bool = False


@dataclass(frozen=True)
class Reading:
    """A file after reading: the rows that are good, the rows that are not and why, and what to tell about it."""

    file: str
    source: str
    rows_in: int
    rows: pl.DataFrame
    refusals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REFUSAL))
    problems: tuple[Problem, ...] = ()
    glimpsed: pl.Series = field(default_factory=lambda: pl.Series("student_id", [], pl.String))
    lines: tuple[str, ...] = ()


class Sheet:
    """The columns of one text table under their official names."""

    def __init__(self, table: TextTable, aliases: Mapping[str, tuple[str, ...]], profile: Profile = NATIONAL) -> None:
        self.table = table
        self.aliases = aliases
        self.profile = profile
        self.faults: list[Fault] = []
        self.notes: list[Problem] = []
        self._titles = dict(zip(table.keys, table.titles, strict=False))

    @property
    def height(self) -> int:
        return self.table.rows.height

    def key(self, name: str) -> str | None:
        return next((key for key in self.aliases[name] if key in self.table.rows.columns), None)

    def has(self, name: str) -> bool:
        return self.key(name) is not None

    def title(self, name: str) -> str:
        """The column as the file calls it; only columns we know are ever named."""
        key = self.key(name)
        return self._titles[key].strip() if key else self.aliases[name][0]

    def text(self, name: str) -> pl.Series:
        """The cells of a column without outer spaces; an empty one is null."""
        key = self.key(name)
        if key is None:
            return pl.Series(name, [None] * self.height, pl.String)
        bare = pl.col(key).str.strip_chars()
        return self.table.rows.select(pl.when(bare.str.len_bytes() > 0).then(bare).alias(name)).to_series()

    def read(
        self,
        name: str,
        meaning: Callable[[str], object],
        dtype: pl.DataType,
        accepted: str,
        advice: str = "Corrija la celda en el SIMAT y descargue de nuevo.",
        level: Level = "error",
        personal: bool = False,
        required: bool = False,
    ) -> pl.Series:
        """The cells understood. Each different text is understood once, so that a long column costs little."""
        text = self.text(name)
        values, illegible = understood(text, meaning, dtype)
        wrong = illegible | text.is_null() if required else illegible
        self.blame(name, f"{name}-ilegible", wrong, text, accepted, advice, level, personal)
        return values.alias(name)

    def says(self, table: str) -> Callable[[str], str | None]:
        """How the secretariat's code table of that name is read."""
        return lambda text: self.profile.codes.meaning(table, text)

    def note(self, rule: str, column: str | None, found: str, accepted: str, advice: str, times: int = 1) -> None:
        """Remembers something about the whole file that refuses no row."""
        self.notes.append(Problem(self.table.file, None, column, rule, found, accepted, advice, "warning", None, times))

    def refused(self) -> pl.Series:
        """The rows that already have an error."""
        return _any([fault for fault in self.faults if fault.level == "error"], self.height)

    def blame(
        self,
        name: str,
        rule: str,
        rows: pl.Series,
        found: pl.Series | None,
        accepted: str,
        advice: str,
        level: Level = "error",
        personal: bool = False,
    ) -> None:
        """Remembers the rows that have something wrong in a column."""
        rows = rows.fill_null(False)
        if rows.any():
            title = self.title(name) if name in self.aliases else name
            self.faults.append(Fault(title, rule.replace("_", "-"), rows, found, accepted, advice, level, personal))


def understood(text: pl.Series, meaning: Callable[[str], object], dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """The values of the texts, and which texts could not be read."""
    different = text.drop_nulls().unique().to_list()
    values = {said: meaning(said) for said in different}
    unread = [said for said, value in values.items() if value is None]
    known = {said: value for said, value in values.items() if value is not None and value is not NOTHING}
    read = text.replace_strict(
        pl.Series(list(known), dtype=pl.String), pl.Series(list(known.values()), dtype=dtype), default=None
    )
    illegible = text.is_in(unread).fill_null(False) if unread else pl.Series([False]).new_from_index(0, len(text))
    return (read if known else pl.Series([None], dtype=dtype).new_from_index(0, len(text))), illegible


def judged(
    sheet: Sheet, source: str, typed: pl.DataFrame, institution: str = "institution_id", student: str = "student_id"
) -> Reading:
    """The good rows, and each refused row with the first thing wrong in it."""
    table = sheet.table
    errors = [fault for fault in sheet.faults if fault.level == "error"]
    bad = _any(errors, typed.height)
    places = _borne_out(typed[institution], bad) if institution in typed.columns else None
    problems = [told for fault in sheet.faults for told in _problems(table, fault, places)]
    refused, misfits = _refused(table, errors, bad), _misfits(table)
    glimpsed = typed.filter(bad)[student].drop_nulls() if student in typed.columns else None
    return Reading(
        table.file,
        source,
        table.rows_in,
        typed.filter(~bad),
        pl.concat([refused, misfits]).sort(ROW),
        (*table.problems, *sheet.notes, *problems, *_misfit_problems(table, misfits)),
        glimpsed if glimpsed is not None else pl.Series("student_id", [], pl.String),
        table.lines,
    )


_DANE = r"^[1-4]\d{11}$"


def _borne_out(places: pl.Series, bad: pl.Series) -> pl.Series:
    """The schools as far as they may be told: in a shifted row a telephone or a name stands where the code should.

    A code is told if it is built like one, if a good row has it too, or several rows do.
    """
    known = places.str.contains(_DANE) | places.is_in(places.filter(~bad).implode()) | places.is_duplicated()
    return pl.select(pl.when(known).then(places)).to_series()


def _any(faults: list[Fault], height: int) -> pl.Series:
    bad = pl.Series("bad", [False]).new_from_index(0, height)
    for fault in faults:
        bad = bad | fault.rows
    return bad


def _problems(table: TextTable, fault: Fault, places: pl.Series | None) -> list[Problem]:
    """The first rows one by one, then a line for the rest."""
    where = fault.rows.arg_true()
    numbers = table.rows[ROW].gather(where.head(SHOWN_ROWS)).to_list()
    told = [
        _problem(table.file, fault, number, fault.found[index] if fault.found is not None else None, places, index)
        for index, number in zip(where.head(SHOWN_ROWS).to_list(), numbers, strict=True)
    ]
    rest = len(where) - len(told)
    if rest:
        found = "hay más filas con lo mismo"
        told.append(
            Problem(
                table.file, None, fault.column, fault.rule, found, fault.accepted, fault.advice, fault.level, None, rest
            )
        )
    return told


def _problem(file: str, fault: Fault, number: int, found: str | None, places: pl.Series | None, index: int) -> Problem:
    told = shown(found, fault.personal) if fault.found is not None else "se encontró algo que no cuadra"
    place = places[index] if places is not None else None
    return Problem(file, number, fault.column, fault.rule, told, fault.accepted, fault.advice, fault.level, place)


def _refused(table: TextTable, errors: list[Fault], bad: pl.Series) -> pl.DataFrame:
    told: dict[int, tuple[int, str | None, str, str]] = {}
    numbers = table.rows[ROW]
    for fault in errors:
        for index in fault.rows.arg_true().to_list():
            if index not in told:
                found = fault.found[index] if fault.found is not None else None
                problem = _problem(table.file, fault, numbers[index], found, None, index)
                told[index] = (numbers[index], fault.column, fault.rule, problem.sentence())
    return pl.DataFrame(list(told.values()), schema=REFUSAL, orient="row")


MISFIT = "campos-de-mas-o-de-menos"
GIANT = "celda-enorme"


def _misfits(table: TextTable) -> pl.DataFrame:
    told = [_misfit(table, row) for row in table.misfits[ROW].to_list()]
    rows = [(problem.row, None, problem.rule, problem.sentence()) for problem in told]
    return pl.DataFrame(rows, schema=REFUSAL, orient="row")


def _misfit(table: TextTable, row: int | None, times: int = 1) -> Problem:
    if row is not None and len(table.line(row)) > LONGEST_LINE:
        found, accepted = "la fila es más larga que cualquier fila", f"hasta {LONGEST_LINE} letras"
        return Problem(table.file, row, None, GIANT, found, accepted, "Borre la celda que sobra.")
    found = "la fila no tiene los mismos campos que el encabezado"
    accepted = f"{len(table.titles)} campos"
    advice = "Revise separadores y comillas de más."
    return Problem(table.file, row, None, MISFIT, found, accepted, advice, "error", None, times)


def _misfit_problems(table: TextTable, misfits: pl.DataFrame) -> list[Problem]:
    told = [_misfit(table, row) for row in misfits[ROW].head(SHOWN_ROWS).to_list()]
    rest = misfits.height - len(told)
    return [*told, _misfit(table, None, rest)] if rest > 0 else told
