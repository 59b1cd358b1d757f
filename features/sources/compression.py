"""Opens a file as it came, plain or compressed, without letting a small file grow into a huge one."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from features.sources.content import Content, Opened, RefusedFileError
from features.sources.file_names import told_path
from features.sources.workbook import is_workbook, read_workbook, refuse_other_documents
from features.sources.zip_members import (
    BROKEN,
    MOST_BYTES,
    ZIP,
    checked_members,
    declared,
    inflated,
    is_sent,
    opened_zip,
    refuse_excess,
)

__all__ = ["MOST_BYTES", "Content", "Opened", "open_file", "unpack"]

MOST_PLAIN_BYTES = 2 * 1024 * 1024 * 1024
STEP = 1 << 20
_GZIP = b"\x1f\x8b"
_DAMAGED = "el archivo comprimido está dañado o tiene contraseña"


def open_file(path: Path, name: str) -> Opened:
    """The contents of a file: itself, what a .gz holds, every file of a .zip, every sheet of a workbook."""
    try:
        return unpack(Content(name, _read(path)))
    except RefusedFileError as refusal:
        return Opened(problems=(refusal.problem(name),))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size <= MOST_PLAIN_BYTES:
            return path.read_bytes()
    except OSError:
        raise RefusedFileError("el archivo no se deja leer", "Revise quién puede leerlo y repita.") from None
    found = f"el archivo pesa más de {MOST_PLAIN_BYTES >> 30} GB"
    raise RefusedFileError(found, "Pártalo por municipio o institución.")


def unpack(content: Content) -> Opened:
    try:
        inside = list(_inside(content))
        _refuse_workbooks_in_excess([part.data for part in inside if is_workbook(part.data)])
    except RefusedFileError as refusal:
        return Opened(problems=(refusal.problem(content.name),))
    except BROKEN:
        return Opened(problems=(RefusedFileError(_DAMAGED).problem(content.name),))
    opened = [read_workbook(part) if is_workbook(part.data) else Opened((part,)) for part in inside]
    contents = tuple(part for each in opened for part in each.contents)
    return Opened(contents, tuple(problem for each in opened for problem in each.problems))


def _inside(content: Content) -> Iterator[Content]:
    """What the outer wrapping holds; a workbook is not a wrapping."""
    if content.data.startswith(_GZIP):
        yield _unwrapped(Content(content.name, _gunzipped(content.data)))
    elif content.data.startswith(ZIP) and not is_workbook(content.data):
        yield from _unzipped(content)
    else:
        yield _unwrapped(content)


def _unwrapped(content: Content) -> Content:
    refuse_other_documents(content.data)
    if content.data.startswith((_GZIP, *ZIP)) and not is_workbook(content.data):
        raise RefusedFileError("trae dentro otro archivo comprimido")
    return content


def _gunzipped(data: bytes) -> bytes:
    """NOTE: what a .gz says of its size may be a lie, so it is first inflated once without keeping anything."""
    grown = 0
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        while step := len(file.read(STEP)):
            grown += step
            refuse_excess(grown, len(data))
    return gzip.decompress(data)


def _unzipped(content: Content) -> Iterator[Content]:
    refuse_other_documents(content.data)
    with opened_zip(content.data) as archive:
        members = [member for member in checked_members(archive, len(content.data)) if is_sent(member.filename)]
        if not members:
            raise RefusedFileError("el .zip no trae ningún archivo")
        for member in members:
            data = inflated(archive, member)
            yield _unwrapped(Content(f"{content.name}/{told_path(member.filename)}", data))


def _refuse_workbooks_in_excess(workbooks: list[bytes]) -> None:
    """All the workbooks of one file together may not grow further than one may."""
    size = 0
    for workbook in workbooks:
        with opened_zip(workbook) as archive:
            size += declared(checked_members(archive, len(workbook)))
    refuse_excess(size, sum(map(len, workbooks)))
