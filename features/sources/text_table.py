"""Turns the bytes of an export into rows of text, whatever its separator and encoding, losing no row on the way."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field

import polars as pl

from features.quality import Problem
from features.sources.compression import Content
from features.sources.decoding import decode, is_binary

SEPARATORS = (";", "\t", "|", ",")
ROW = "__row"
LONGEST_QUOTED = 20
"""Lines that one quoted field may span."""

_QUOTED = r'"[^"]*"'
_MARK = "\x1f"


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


def read_text(content: Content) -> TextTable:
    """The table a file holds; for a file that holds none, an empty one that says why."""
    if not content.data.lstrip(b"\xef\xbb\xbf \t\r\n\0")[:1]:
        return _without_table(content.name, "vacio", "el archivo está vacío")
    if is_binary(content.data):
        return _without_table(content.name, "no-es-texto", "el archivo no es texto")
    text, problems = decode(content.data, content.name)
    lines = (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text).split("\n")
    start = next((number for number, line in enumerate(lines) if not _is_blank(line)), None)
    if start is None:
        return _without_table(content.name, "vacio", "el archivo está vacío")
    return _table(content.name, lines, start, problems)


def key_of(title: str) -> str:
    """A column title without spaces, accents, signs or case: ' NOMBRE1' and 'nombre_1' are the same."""
    plain = unicodedata.normalize("NFKD", title)
    return "".join(letter for letter in plain.upper() if letter.isascii() and letter.isalnum())


def _table(file: str, lines: list[str], start: int, problems: list[Problem]) -> TextTable:
    separator = _separator(lines[start])
    titles = tuple(_fields(lines[start], separator))
    if titles and not titles[-1].strip():
        titles = titles[:-1]
    body = _split(lines, start + 1, separator, len(titles))
    columns = _unique([key_of(title) for title in titles])
    rows = _frame(body, columns, separator, lines)
    misfits = pl.DataFrame(body.misfits, schema={ROW: pl.Int64, "text": pl.String}, orient="row")
    return TextTable(file, titles, rows, misfits, tuple(lines), tuple(problems))


def _separator(header: str) -> str:
    bare = re.sub(_QUOTED, "", header)
    return max(SEPARATORS, key=bare.count)


def _unique(keys: list[str]) -> list[str]:
    """The first of two columns of one name keeps it: the layout of 54 columns repeats one."""
    seen: dict[str, int] = {}
    names = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        names.append(key if seen[key] == 1 and key else f"{key}#{seen[key]}")
    return names


@dataclass
class _Body:
    plain: pl.DataFrame
    parsed: list[tuple[int, list[str]]] = field(default_factory=list)
    misfits: list[tuple[int, str]] = field(default_factory=list)


def _split(lines: list[str], first: int, separator: str, width: int) -> _Body:
    """Sorts the lines: plain ones for the fast reader, awkward ones parsed one by one, and those that do not fit."""
    text = pl.DataFrame({"text": pl.Series(lines[first:], dtype=pl.String)}).with_row_index(ROW, offset=first + 1)
    shape = _shape(text, separator, bool(text["text"].str.contains('"', literal=True).any()))
    fits = ~pl.col("awkward") & (pl.col("width") == width)
    spare = ~pl.col("awkward") & (pl.col("width") == width + 1) & pl.col("text").str.ends_with(separator)
    shape = shape.with_columns(
        plain=fits | spare, text=pl.when(spare).then(pl.col("text").str.strip_suffix(separator)).otherwise("text")
    )
    body = _Body(shape.filter("plain").select(ROW, "text"))
    _parse_awkward(list(shape.filter(~pl.col("plain")).select(ROW, "text").iter_rows()), separator, width, body, lines)
    return body


def _shape(text: pl.DataFrame, separator: str, quoted: bool) -> pl.DataFrame:
    """How many fields each line has, and whether its quotes stand anywhere but around whole fields."""
    line = pl.col("text")
    bare = line.str.replace_all(_QUOTED, _MARK) if quoted else line
    beside = f"[^{re.escape(separator)}{_MARK}]"
    awkward = bare.str.contains(f'"|{beside}{_MARK}|{_MARK}{beside}') if quoted else pl.lit(False)
    return text.filter(line.str.strip_chars(f' "{separator}\t\u00a0').str.len_bytes() > 0).with_columns(
        width=bare.str.count_matches(separator, literal=True) + 1, awkward=awkward
    )


def _parse_awkward(awkward: list[tuple[int, str]], separator: str, width: int, body: _Body, lines: list[str]) -> None:
    taken: set[int] = set()
    for row, line in awkward:
        if row in taken:
            continue
        fields, used = _awkward_fields(row, line, separator, width, lines)
        taken.update(range(row, row + used))
        if fields is None:
            body.misfits.append((row, line))
        else:
            body.parsed.append((row, fields))
    if taken:
        body.plain = body.plain.filter(~pl.col(ROW).is_in(sorted(taken)))


def _awkward_fields(row: int, line: str, separator: str, width: int, lines: list[str]) -> tuple[list[str] | None, int]:
    """The fields of a line with quotes: as quotes should work, else over several lines, else taken as letters."""
    fields = _record([line], separator, width) or _literal(line, separator, width)
    if fields is not None or line.count('"') % 2 == 0:
        return fields, 1
    return _over_several_lines(row, separator, width, lines)


def _over_several_lines(row: int, separator: str, width: int, lines: list[str]) -> tuple[list[str] | None, int]:
    """A quoted field with line breaks in it; a line that is a whole row by itself is never swallowed."""
    for used in range(2, LONGEST_QUOTED + 1):
        taken = lines[row - 1 : row - 1 + used]
        if len(taken) < used or _record(taken[-1:], separator, width):
            break
        if (fields := _record(taken, separator, width)) is not None:
            return fields, used
    return None, 1


def _record(lines: list[str], separator: str, width: int) -> list[str] | None:
    """The fields of lines that are exactly one record."""
    if sum(line.count('"') for line in lines) % 2:
        return None
    try:
        records = list(csv.reader([f"{line}\n" for line in lines], delimiter=separator))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 and len(records[0]) == width else None


def _literal(line: str, separator: str, width: int) -> list[str] | None:
    """Quotes taken as letters."""
    fields = line.split(separator)
    return [part.strip('"') for part in fields] if len(fields) == width else None


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _frame(body: _Body, columns: list[str], separator: str, lines: list[str]) -> pl.DataFrame:
    plain = _plain_frame(body.plain, columns, separator)
    if plain is None:
        _parse_awkward(list(body.plain.iter_rows()), separator, len(columns), body, lines)
        plain = _no_rows(columns)
    parsed = pl.DataFrame([(row, *fields) for row, fields in body.parsed], schema=plain.schema, orient="row")
    return pl.concat([plain, parsed]).sort(ROW) if parsed.height else plain


def _plain_frame(plain: pl.DataFrame, columns: list[str], separator: str) -> pl.DataFrame | None:
    """The lines in one go; None if the fast reader saw other rows in them than we did."""
    if plain.is_empty() or not columns:
        return _no_rows(columns)
    try:
        frame = pl.read_csv(
            plain["text"].str.join("\n").item().encode(),
            separator=separator,
            has_header=False,
            new_columns=columns,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    agrees = frame.shape == (plain.height, len(columns))
    return frame.insert_column(0, plain[ROW].cast(pl.Int64)) if agrees else None


def _no_rows(columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.Int64(), **{name: pl.String() for name in columns}})


def _is_blank(line: str) -> bool:
    return not line.strip(' ";,|\t\u00a0\ufeff')


def _without_table(file: str, rule: str, found: str) -> TextTable:
    accepted = "texto separado por ; , | o tabulador, con encabezado"
    return TextTable(
        file, problems=(Problem(file, None, None, rule, found, accepted, "Descargue de nuevo el archivo."),)
    )
