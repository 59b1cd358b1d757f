"""Looks into a .zip, or a workbook, which is one too, and refuses by what it declares before a byte is inflated."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from features.sources.content import RefusedFileError

MOST_BYTES = 200 * 1024 * 1024
MOST_TIMES = 100
MOST_MEMBERS = 200
SMALL = 1024 * 1024  # below this size a high ratio harms nobody

STEP = 1 << 20
OVERLAP = 200

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError),
    *(ValueError, KeyError, IndexError, OverflowError),
)
"""What reading a damaged archive may raise."""

_ENTRY = b"PK\x01\x02"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others may ask for gigabytes to read a few bytes
_OWN_FILES = {".ds_store", "thumbs.db", "desktop.ini"}
_HAS_PASSWORD = 0x1
_MANY = f"el .zip trae más de {MOST_MEMBERS} archivos"
_GROWS = f"el archivo comprimido crece más de {MOST_TIMES} veces o pasa de {MOST_BYTES >> 20} MB"
_LIES = "el archivo comprimido declara un tamaño que no es el que trae"


def opened_zip(data: bytes) -> zipfile.ZipFile:
    """The list of what is inside. A list of millions would cost more than it is worth just to be read."""
    if data.count(_ENTRY) > 2 * MOST_MEMBERS:
        raise RefusedFileError(_MANY)
    return zipfile.ZipFile(io.BytesIO(data))


def checked_members(archive: zipfile.ZipFile, packed: int) -> list[zipfile.ZipInfo]:
    """The files inside, if they may be inflated."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise RefusedFileError(_MANY)
    if not members:
        raise RefusedFileError("el .zip no trae ningún archivo")
    if any(member.flag_bits & _HAS_PASSWORD for member in members):
        raise RefusedFileError("el .zip tiene contraseña", "Envíelo sin contraseña por un medio seguro.")
    if any(member.compress_type not in _METHODS for member in members):
        raise RefusedFileError("el .zip está comprimido de un modo que no se lee", "Comprímalo de nuevo como .zip.")
    if len({member.filename for member in members}) < len(members):
        raise RefusedFileError("el .zip trae dos archivos con el mismo nombre", "Cambie uno de los nombres.")
    refuse_excess(declared(members), packed)
    return members


def is_sent(name: str) -> bool:
    """Whether somebody meant to send it: macOS, Windows and Excel put files of their own beside it."""
    parts = re.split(r"[/\\]", name)
    return "__MACOSX" not in parts and not parts[-1].startswith("~$") and parts[-1].lower() not in _OWN_FILES


def declared(members: list[zipfile.ZipInfo]) -> int:
    return sum(member.file_size for member in members)


def refuse_excess(size: int, packed: int) -> None:
    if size > MOST_BYTES or size > max(packed * MOST_TIMES, SMALL):
        raise RefusedFileError(_GROWS)


def inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of one file, which are as many as it declared."""
    return b"".join(part[seen:] for part, seen in inflated_by_steps(archive, member))


def inflated_by_steps(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """The bytes by steps, each with the end of the one before it, and how long that is."""
    before, grown = b"", 0
    with archive.open(member) as file:
        while step := file.read(STEP):
            grown += len(step)
            yield before + step, len(before)
            before = step[-OVERLAP:]
    if grown != member.file_size:
        raise RefusedFileError(_LIES)
