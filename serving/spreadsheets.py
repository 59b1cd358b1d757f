"""Tables as files that open in a spreadsheet program, where no cell can become a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
UNSEEN = r"[\s\0\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"  # blanks, and what has no width
LIKE_A_FORMULA = re.compile(rf"{UNSEEN}[=+\-@＝＋－＠]| *[\t\r\n\0]")
AFTER_A_SEPARATOR = re.compile(rf"([,;|\t\r\n]{UNSEEN})(?=[=+\-@＝＋－＠])")


def safe(cell: Any) -> Any:
    """Spreadsheet programs run cells that begin like a formula; a leading quote keeps them text.

    So does one within the cell, for a program that takes another separator than ours and cuts the cell there.
    """
    if not isinstance(cell, str):
        return cell
    return ("'" if is_like_a_formula(cell) else "") + AFTER_A_SEPARATOR.sub(r"\1'", cell)


def is_like_a_formula(cell: Any) -> bool:
    return isinstance(cell, str) and LIKE_A_FORMULA.match(cell) is not None


WRAPPED = {"text_wrap": True, "valign": "top"}


def csv_of(rows: Iterable[Sequence[Any]]) -> bytes:
    """As Excel in Spanish reads it: semicolons, UTF-8 with its mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
WIDEST, NARROWEST = 60, 8  # characters


def xlsx_of(sheets: Mapping[str, Sequence[Sequence[Any]]], footer: str = "") -> bytes:
    """One sheet after another; the first row of the first stays in sight. Text stays text, with all its zeros."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, INERT) as book:
        title, text = book.add_format({"bold": True, "valign": "top"}), book.add_format(WRAPPED)
        kept = book.add_format(WRAPPED | {"quote_prefix": True})  # text also after somebody has edited the cell
        for number, (name, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row, title if place == 0 else text)
                for column in (column for column, cell in enumerate(row) if is_like_a_formula(cell)):
                    sheet.write_string(place, column, row[column], kept)
            _fit(sheet, rows)
            _printed(sheet, footer)
            if number == 0:
                sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def _fit(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    for column in range(max(map(len, rows), default=0)):
        longest = max(len(str(row[column])) for row in rows if column < len(row))
        sheet.set_column(column, column, min(max(longest + 2, NARROWEST), WIDEST))


def _printed(sheet: Any, footer: str) -> None:
    """Letter on its side, as wide as one page, the titles on each; every page says whose it is."""
    sheet.set_paper(1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    # An ampersand commands in a footer, and a longer one is refused.
    sheet.set_footer(f"&L&8{footer.replace('&', '&&')[:220]}&R&8&P/&N")
