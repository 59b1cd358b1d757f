"""Opens a file as it came, plain or compressed, without letting a small file grow into a huge one."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from features.quality import Problem

MOST_BYTES = 200 * 1024 * 1024
MOST_TIMES = 100
MOST_MEMBERS = 200
SMALL = 1024 * 1024  # below this size a high ratio harms nobody

_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WORKBOOK = "es un libro de Excel, que todavía no se lee; ábralo y guárdelo como CSV (delimitado por ;)"


@dataclass(frozen=True)
class Content:
    """The bytes of one file, under the name a person would look for."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Opened:
    """What came out of a file, and what could not."""

    contents: tuple[Content, ...] = ()
    problems: tuple[Problem, ...] = ()


class RefusedFileError(Exception):
    """A compressed file that will not be opened; its text is what was found."""


def open_file(path: Path, name: str) -> Opened:
    """The contents of a file: itself, what a .gz holds, or every file of a .zip."""
    return unpack(Content(name, path.read_bytes()))


def unpack(content: Content) -> Opened:
    try:
        return Opened(tuple(_inside(content)))
    except RefusedFileError as refusal:
        return Opened(problems=(_problem(content.name, str(refusal)),))
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError):
        return Opened(problems=(_problem(content.name, "el archivo comprimido está dañado o tiene contraseña"),))


def _inside(content: Content) -> list[Content]:
    if content.data.startswith(_OLD_EXCEL):
        raise RefusedFileError(_WORKBOOK)
    if content.data.startswith(_GZIP):
        return [Content(content.name, _gunzip(content.data))]
    if content.data.startswith(_ZIP):
        return _unzip(content)
    return [content]


def _gunzip(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return _bounded(file, len(data))


def _bounded(file: io.BufferedIOBase, packed: int) -> bytes:
    """Reads no further than is allowed: what a header declares may be a lie."""
    limit = min(MOST_BYTES, max(packed * MOST_TIMES, SMALL))
    data = file.read(limit + 1)
    if len(data) > limit:
        raise RefusedFileError(f"el archivo comprimido crece más de {MOST_TIMES} veces o pasa de {MOST_BYTES >> 20} MB")
    return data


def _unzip(content: Content) -> list[Content]:
    with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _refuse_workbook(members)
        _refuse_excess(members, len(content.data))
        return [_member(archive, member, content) for member in members]


def _refuse_workbook(members: list[zipfile.ZipInfo]) -> None:
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise RefusedFileError(_WORKBOOK)


def _refuse_excess(members: list[zipfile.ZipInfo], packed: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise RefusedFileError(f"el .zip trae más de {MOST_MEMBERS} archivos")
    declared = sum(member.file_size for member in members)
    if declared > MOST_BYTES or declared > max(packed * MOST_TIMES, SMALL):
        raise RefusedFileError(f"el archivo comprimido crece más de {MOST_TIMES} veces o pasa de {MOST_BYTES >> 20} MB")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, content: Content) -> Content:
    with archive.open(member) as file:
        data = _bounded(file, member.compress_size)  # type: ignore[arg-type]
    if data.startswith((_GZIP, _ZIP)):
        raise RefusedFileError("el .zip trae dentro otro archivo comprimido o un libro de Excel")
    return Content(f"{content.name}/{member.filename}", data)


def _problem(name: str, found: str) -> Problem:
    accepted = "texto .csv o .txt, solo o dentro de un .gz o .zip"
    return Problem(name, None, None, "archivo-cerrado", found, accepted, "Guarde el archivo como texto y reenvíelo.")
