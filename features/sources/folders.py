"""Finds what there is to read: a file, a dated folder, a folder of dated folders, or a package of the open format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.sources.file_names import told

PACKAGE = "datapackage.json"
NEVER_READ = "truth"
SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".gz", ".zip", ".xlsx", ".xls", ".parquet"})


@dataclass(frozen=True)
class Delivery:
    """Files that came together, and the day on which what they say became known."""

    known_on: date
    files: tuple[Path, ...]
    folder: Path
    dated: bool
    package: bool = False
    alone: bool = False  # one file was asked for, not its folder
    unread: tuple[Path, ...] = ()

    def name_of(self, file: Path) -> str:
        """What the file is called in messages: a name that may be a child's is not repeated."""
        folder = self.folder.name if self.dated else told(self.folder.name)
        return f"{folder}/{told(file.name)}" if self.dated or self.package else told(file.name)


def deliveries(path: Path, today: date) -> list[Delivery]:
    """Everything under the path, oldest folder first."""
    found = _of_file(path, today) if path.is_file() else _of_folder(path, today)
    return sorted(found, key=lambda delivery: (delivery.known_on, delivery.folder.name))


def _of_file(path: Path, today: date) -> Iterator[Delivery]:
    if path.name == PACKAGE:
        yield from _of_folder(path.parent, today)
        return
    known_on = date_of(path.absolute().parent)
    package = (path.parent / PACKAGE).exists()
    yield Delivery(known_on or today, (path,), path.absolute().parent, known_on is not None, package, alone=True)


def _of_folder(folder: Path, today: date) -> Iterator[Delivery]:
    known_on = date_of(folder.absolute())
    inside = sorted(child for child in folder.iterdir() if child.is_dir() and _is_read(child))
    dated = [child for child in inside if date_of(child) is not None or (child / PACKAGE).exists()]
    exports = [child for child in inside if child.name == "exports"]
    if known_on is None and (dated or exports) and not (folder / PACKAGE).exists():
        for child in (*dated, *exports):
            yield from _of_folder(child, today)
        yield from _beside(folder, {*dated, *exports}, today)
        return
    yield _delivery(folder, known_on, today)


def _beside(folder: Path, read: set[Path], today: date) -> Iterator[Delivery]:
    """What lies beside folders that are read, and has no date: told, so that no file is passed over in silence."""
    left = sorted(child for child in folder.iterdir() if child not in read and _may_hold_rows(child))
    if left:
        yield Delivery(today, (), folder.absolute(), False, unread=tuple(left))


def _may_hold_rows(path: Path) -> bool:
    """A file of the kinds that are read, or a folder that holds one."""
    if not _is_read(path):
        return False
    files = path.iterdir() if path.is_dir() else (path,)
    return any(file.suffix.lower() in SUFFIXES and file.is_file() for file in files)


def _delivery(folder: Path, known_on: date | None, today: date) -> Delivery:
    files = sorted(child for child in folder.iterdir() if not child.is_dir() and _is_read(child))
    read = tuple(file for file in files if file.suffix.lower() in SUFFIXES and file.is_file())
    package = (folder / PACKAGE).exists()
    inside = sorted(child for child in folder.iterdir() if child.is_dir() and _may_hold_rows(child))
    unread = (*(file for file in files if file not in read and file.name != PACKAGE), *inside)
    return Delivery(known_on or today, read, folder.absolute(), known_on is not None, package, unread=unread)


def _is_read(path: Path) -> bool:
    return path.name != NEVER_READ and not path.name.startswith((".", "~$"))


def date_of(folder: Path) -> date | None:
    """The date that is a folder's name, if it is one."""
    try:
        return date.fromisoformat(folder.name) if len(folder.name) == 10 else None
    except ValueError:
        return None
