"""Tables as files that open in a spreadsheet program, where no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe(cell: Any) -> Any:
    """Spreadsheet programs run cells that begin like a formula; a leading quote keeps them text."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


def csv_of(rows: Iterable[Sequence[Any]]) -> bytes:
    """As Excel in Spanish reads it: semicolons, UTF-8 with its mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_of(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """One sheet after another; the first row of the first stays in sight. Text stays text, with all its zeros."""
    import xlsxwriter

    buffer = io.BytesIO()
    safe_options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, safe_options) as book:
        for number, (name, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
            if number == 0:
                sheet.freeze_panes(1, 0)
    return buffer.getvalue()
