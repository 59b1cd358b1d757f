"""Turns the bytes of an export into rows of text, whatever its separator and encoding, losing no row on the way."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import polars as pl

from features.quality import Problem
from features.sources.content import Content
from features.sources.decoding import decode, is_binary
from features.sources.line_sorting import LONGEST_LINE, QUOTED, LineSorter, SortedLines
from features.sources.signatures import what_else

SEPARATORS = (";", "\t", "|", ",")
ROW = "__row"
MOST_LINES = 20_000_000
MOST_COLUMNS = 1_000
HEADER_WITHIN = 20
"""Lines in which the titles must stand when others stand before them."""


@dataclass(frozen=True)
class TextTable:
    """A file as text. A row is a line after the header that holds more than spaces, quotes and separators.

    ``rows`` have as many fields as the header, ``misfits`` have not; each keeps the number of its line in the file.
    """

    file: str
    titles: tuple[str, ...] = ()
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    misfits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={ROW: pl.Int64, "text": pl.String}))
    lines: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def rows_in(self) -> int:
        return self.rows.height + self.misfits.height

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(name for name in self.rows.columns if name != ROW)

    def line(self, row: int) -> str:
        return self.lines[row - 1]


def read_text(content: Content, knows: Callable[[Collection[str]], bool] | None = None) -> TextTable:
    """The table a file holds; for a file that holds none, an empty one that says why.

    With `knows`, which tells titles from other words, titles that stand some lines down are found.
    """
    if not content.data.lstrip(b"\xef\xbb\xbf \t\r\n\0")[:1]:
        return _without_table(content.name, "vacio", "el archivo está vacío")
    other = what_else(content.data)
    if other is not None or is_binary(content.data):
        return _without_table(
            content.name, "no-es-texto", f"el archivo es {other}" if other else "el archivo no es texto"
        )
    text, problems = decode(content.data, content.name)
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if text.count("\n") > MOST_LINES:
        return _without_table(content.name, "demasiado", f"el archivo tiene más de {MOST_LINES} líneas")
    lines = _out_of_quotes(text.split("\n"))
    del text  # a city's export would be in memory once more
    start = _start(lines, knows)
    if start is None:
        return _without_table(content.name, "vacio", "el archivo está vacío")
    if len(lines[start]) > LONGEST_LINE:
        return _without_table(content.name, "demasiado", f"la primera línea tiene {len(lines[start])} letras")
    return _table(content.name, lines, start, problems)


def _out_of_quotes(lines: list[str]) -> list[str]:
    """The lines as they were before a spreadsheet took each for one cell and put it in quotes."""
    titles = next((line.strip() for line in lines if line.strip()), "")
    whole = titles[:1] == titles[-1:] == '"' and titles.count('"') == 2
    if not whole or max(map(titles.count, SEPARATORS)) < 2:
        return lines
    quoted = re.compile(r'\s*"(.*)"[\s;,]*')
    return [match[1].replace('""', '"') if (match := quoted.fullmatch(line)) else line for line in lines]


def _start(lines: list[str], knows: Callable[[Collection[str]], bool] | None) -> int | None:
    """The line of the titles: the first that says anything, or one soon after it that is known for titles."""
    said = (number for number, line in enumerate(lines) if not _is_blank(line))
    first = next(said, None)
    if first is None or knows is None:
        return first
    near = [first, *(number for number, _ in zip(said, range(HEADER_WITHIN), strict=False))]
    found = next((number for number in near if knows(_keys(lines[number]))), first)
    fullest = max((_cells(lines[number], lines[found]) for number in near if number < found), default=0)
    return found if fullest * 2 <= _cells(lines[found], lines[found]) else first  # what is as full is a row, no heading


def _cells(line: str, titles: str) -> int:
    """How many cells of a line say something, with the separator of the titles."""
    return sum(bool(cell.strip(' "')) for cell in line[:LONGEST_LINE].split(_separator(titles[:LONGEST_LINE])))


def has_titles(beginning: str, knows: Callable[[Collection[str]], bool]) -> bool:
    """Whether the first lines of a table hold titles that are known."""
    return any(knows(_keys(line)) for line in beginning.split("\n")[:HEADER_WITHIN])


def _keys(line: str) -> list[str]:
    return [key_of(title) for title in _fields(line[:LONGEST_LINE], _separator(line[:LONGEST_LINE]))]


def key_of(title: str) -> str:
    """A column title without spaces, accents, signs or case: ' NOMBRE1' and 'nombre_1' are the same."""
    plain = unicodedata.normalize("NFKD", title)
    return "".join(letter for letter in plain.upper() if letter.isascii() and letter.isalnum())


def _table(file: str, lines: list[str], start: int, problems: list[Problem]) -> TextTable:
    separator = _separator(lines[start])
    titles = tuple(_fields(lines[start], separator))
    if titles and not titles[-1].strip():
        titles = titles[:-1]
    if len(titles) > MOST_COLUMNS:
        return _without_table(file, "demasiado", f"el encabezado tiene {len(titles)} columnas")
    above = sum(not _is_blank(line) for line in lines[:start])
    if above:
        problems = [*problems, _above(file, above)]
    sorter = LineSorter(lines, separator, len(titles))
    body = sorter.sort(start + 1)
    rows = _frame(sorter, body, _unique([key_of(title) for title in titles]))
    misfits = pl.DataFrame(body.misfits, schema={ROW: pl.Int64, "text": pl.String}, orient="row")
    for row, used in body.spans.items():  # so that whoever looks up a row finds all of it
        lines[row - 1] = "\n".join(lines[row - 1 : row - 1 + used])
    return TextTable(file, titles, rows, misfits, tuple(lines), tuple(problems))


def _above(file: str, above: int) -> Problem:
    found = f"trae líneas antes del encabezado, que no se leyeron ({above})"
    return Problem(file, None, None, "lineas-antes", found, "el encabezado en la primera línea", "", "warning")


def _separator(header: str) -> str:
    bare = re.sub(QUOTED, "", header)
    return max(SEPARATORS, key=bare.count)


def _unique(keys: list[str]) -> list[str]:
    """The first of two columns of one name keeps it: the layout of 54 columns repeats one."""
    seen: dict[str, int] = {}
    names = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        names.append(key if seen[key] == 1 and key else f"{key}#{seen[key]}")
    return names


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _frame(sorter: LineSorter, body: SortedLines, columns: list[str]) -> pl.DataFrame:
    plain = _plain_frame(body.plain, columns, sorter.separator)
    if plain is None:
        awkward, body.plain = body.plain, []
        sorter.read_with_care(awkward, body)
        plain = _no_rows(columns)
    parsed = pl.DataFrame([(row, *fields) for row, fields in body.parsed], schema=plain.schema, orient="row")
    return pl.concat([plain, parsed]).sort(ROW) if parsed.height else plain


def _plain_frame(plain: list[tuple[int, str]], columns: list[str], separator: str) -> pl.DataFrame | None:
    """The lines in one go; None if the fast reader saw other rows in them than we did."""
    if not plain or not columns:
        return _no_rows(columns)
    try:
        frame = pl.read_csv(
            "\n".join(line for _, line in plain).encode(),
            separator=separator,
            has_header=False,
            new_columns=columns,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    agrees = frame.shape == (len(plain), len(columns))
    return frame.insert_column(0, pl.Series(ROW, [row for row, _ in plain], pl.Int64)) if agrees else None


def _no_rows(columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.Int64(), **{name: pl.String() for name in columns}})


def _is_blank(line: str) -> bool:
    return not line.strip(' ";,|\t\u00a0\ufeff')


def _without_table(file: str, rule: str, found: str) -> TextTable:
    accepted = "texto separado por ; , | o tabulador, con encabezado"
    return TextTable(
        file, problems=(Problem(file, None, None, rule, found, accepted, "Descargue de nuevo el archivo."),)
    )
