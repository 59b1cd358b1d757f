"""Reads a Parquet table of the open format as text, so that it passes the same checks as a CSV."""

from __future__ import annotations

import io

import polars as pl

from features.quality import Problem
from features.sources.compression import Content
from features.sources.line_sorting import LONGEST_LINE
from features.sources.parser_process import PARQUET_TRIAL, ParserGaveUpError
from features.sources.text_table import ROW, TextTable, key_of

MAGIC = b"PAR1"
SMALL = 10_000_000  # so many cells harm nobody
CELLS_A_BYTE = 20
"""A column that always says the same takes almost no bytes; a table of nothing else is no register."""

MOST_LETTERS = 1 << 30


def is_parquet(content: Content) -> bool:
    return content.data.startswith(MAGIC)


def read_parquet(content: Content) -> TextTable:
    try:
        if _declared_cells(content.data) > max(SMALL, len(content.data) * CELLS_A_BYTE):
            return _refused(content.name, "declara más celdas de las que puede traer")
        PARQUET_TRIAL.read(content.data)
        frame = pl.read_parquet(io.BytesIO(content.data))
        text = frame.select(_as_text(frame[name]) for name in frame.columns)
        if _is_too_much(text):
            return _refused(content.name, "trae más texto del que lleva ningún registro")
    # NOTE: some damaged files make the reader panic, which is no ordinary exception.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return _refused(content.name, "no se puede leer")
    except ParserGaveUpError:
        return _refused(content.name, "no se puede abrir sin riesgo")
    titles = tuple(text.columns)
    text.columns = [f"{key_of(title)}" or f"#{number}" for number, title in enumerate(titles)]
    return TextTable(content.name, titles, text.insert_column(0, pl.Series(ROW, range(1, text.height + 1), pl.Int64)))


def _declared_cells(data: bytes) -> int:
    """How many cells there would be, from what stands at the end of the file alone."""
    columns = len(pl.read_parquet_schema(io.BytesIO(data)))
    return columns * int(pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item())


def _is_too_much(text: pl.DataFrame) -> bool:
    """NOTE: a repeated text is held once until somebody changes a letter of it, and then as often as it is said."""
    sizes = [column.str.len_bytes() for column in text.iter_columns()]
    longest = max((int(size.max() or 0) for size in sizes), default=0)  # type: ignore[arg-type]
    return longest > LONGEST_LINE or sum(int(size.sum()) for size in sizes) > MOST_LETTERS


def _as_text(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        column = column.dt.date()
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        return pl.Series(column.name, [None] * len(column), pl.String)
    return column.cast(pl.String)


def _refused(name: str, found: str) -> TextTable:
    problem = Problem(name, None, None, "parquet-dañado", found, "un archivo Parquet o CSV", "Genérelo de nuevo.")
    return TextTable(name, problems=(problem,))
