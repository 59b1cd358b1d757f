"""The program that turns workbooks into text, run by itself and within limits: see parser_process.py.

It imports nothing of ours, so that it starts quickly and has nothing to give away.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from typing import IO

import fastexcel
import polars as pl

STEP = 5_000
_BREAKS = r"[\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+"


def limited(memory: int) -> None:
    """No more memory than this, no file written, no memory image left behind."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allowed(seconds: int) -> None:
    """So many seconds more of the processor, even if whoever asked is gone and stops nobody."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, hard))


def main(questions: IO[bytes], answers: IO[bytes], seconds: int) -> None:
    """Question: length and workbook. Answer: length and JSON, then each sheet's text; null for no workbook."""
    while head := questions.read(8):
        allowed(seconds)
        workbook = questions.read(int.from_bytes(head, "big"))
        pages = readable(workbook)
        told = json.dumps(None if pages is None else [(shown, len(text)) for shown, text in pages]).encode()
        answers.write(len(told).to_bytes(8, "big") + told)
        for _, text in pages or ():
            answers.write(text)
        answers.flush()


def readable(workbook: bytes) -> list[tuple[bool, bytes]] | None:
    """NOTE: without memory we end, and whoever asked sees it; any other fault, even a panic, is the workbook's."""
    try:
        return read(workbook)
    except BaseException as fault:
        if isinstance(fault, MemoryError):
            raise
        return None


def read(workbook: bytes) -> list[tuple[bool, bytes]]:
    book = fastexcel.read_excel(workbook)
    return [text_of(book, name) for name in book.sheet_names]


def text_of(book: fastexcel.ExcelReader, name: str) -> tuple[bool, bytes]:
    """Whether a person sees the sheet, and its rows as lines, with the line breaks inside cells made spaces."""
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    shown, height = sheet.visible == "visible", sheet.total_height
    if not sheet.width or not height:
        return shown, b""
    table = sheet.to_polars()
    del sheet  # its cells would be in memory twice
    text = io.BytesIO()
    for rows in table.iter_slices(STEP):
        rows.select(pl.all().cast(pl.String).str.replace_all(_BREAKS, " ")).write_csv(
            text, include_header=False, separator=";"
        )
    return shown, text.getvalue()


if __name__ == "__main__":
    limited(int(sys.argv[1]))
    main(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[2]))
