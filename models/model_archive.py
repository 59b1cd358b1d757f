"""A model in one file, to carry to another secretariat: plain texts, each with its seal, and a seal for the whole."""

import errno
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.model_files import MANIFEST, ModelFilesDamaged, as_json, read_bytes, sealed

FORMAT = "permanencia-modelo/1"
MOST_FILES, MOST_BYTES = 20, 200_000_000
"""A model of five hundred trees takes some two million bytes: more is no model."""

NAME = re.compile(r"(modelo/)?[a-z_]{1,40}\.(lgb|json|txt)")
UNREADABLE = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError)
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def write_archive(file: Path, texts: Mapping[str, str]) -> str:
    """Writes the texts by name; gives the SHA-256 of the file. The same texts make the same file, byte for byte."""
    manifest = as_json({"format": FORMAT, "sha256": {name: sealed(text.encode()) for name, text in texts.items()}})
    draft = file.with_name(f"{file.name}.draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {MANIFEST: manifest, **dict(sorted(texts.items()))}.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), text.encode(), zipfile.ZIP_DEFLATED)
    draft.replace(file)
    return sealed(file.read_bytes())


def read_archive(file: Path, seal: str | None = None) -> tuple[dict[str, str], str]:
    """The texts by name and the file's own seal. Nothing is unpacked before `seal` is checked, where it is given.

    NOTE: the seals inside say that the file is whole, not who made it: whoever changes a text can write its seal anew.
    Only the seal that came another way says that.
    """
    own = sealed(whole(file))
    if seal is not None and own != seal.strip().lower():
        raise ModelFilesDamaged(
            f"{file.name} no tiene el sello que le dijeron: tiene {own}. No lo use; pídalo otra vez a quien lo exportó."
        )
    contents = unpacked(file)
    seals = seals_in(contents.pop(MANIFEST, b""), file)
    if {name: sealed(content) for name, content in contents.items()} != seals:
        raise damaged(file, "lo que trae no es lo que su manifiesto dice")
    try:
        return {name: content.decode() for name, content in contents.items()}, own
    except UnicodeDecodeError:
        raise damaged(file, "trae un texto que no es UTF-8") from None


def whole(file: Path) -> bytes:
    if file.is_file() and file.stat().st_size > MOST_BYTES:
        raise damaged(file, "es demasiado grande")
    if not file.is_file():
        raise FileNotFoundError(errno.ENOENT, "", file.name)
    return read_bytes(file)


def unpacked(file: Path) -> dict[str, bytes]:
    """Few files of plain names, read into memory up to a bound: nothing lands on the disk by a name from outside."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or len({one.filename for one in entries}) < len(entries):
                raise damaged(file, "trae más archivos de los que tiene un modelo, o alguno repetido")
            if sum(one.file_size for one in entries) > MOST_BYTES:
                raise damaged(file, "es demasiado grande")
            return {one.filename: content_of(archive, one, file) for one in entries}
    except (*UNREADABLE, NotImplementedError, RuntimeError, OSError, ValueError) as fault:
        if isinstance(fault, ModelFilesDamaged):
            raise
        raise damaged(file, "no es un archivo de «permanencia model export»") from None


def content_of(archive: zipfile.ZipFile, one: zipfile.ZipInfo, file: Path) -> bytes:
    if not NAME.fullmatch(one.filename):
        raise damaged(file, "trae un archivo que ningún modelo tiene")
    with archive.open(one) as entry:
        content = entry.read(one.file_size + 1)  # no further than it says of itself, which was added up before
    if len(content) > one.file_size:
        raise damaged(file, "es demasiado grande")
    return content


def seals_in(manifest: bytes, file: Path) -> dict[str, str]:
    try:
        told: dict[str, Any] = json.loads(manifest)
        if told["format"] != FORMAT:
            raise damaged(file, "lo escribió otra versión del programa; actualice el que lo exportó o este")
        return {str(name): str(seal) for name, seal in told["sha256"].items()}
    except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError, UnicodeDecodeError):
        raise damaged(file, "su manifiesto no se puede leer") from None


def damaged(file: Path, why: str) -> ModelFilesDamaged:
    return ModelFilesDamaged(f"{file.name}: {why}. No lo use; pídalo otra vez a quien lo exportó.")
