"""A model on disk: plain text files, and a manifest that says what each must contain before anyone reads it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
ORIGIN = "origin.json"
SEAL = "sha256"
UNSEALED = {"version", "run_id", "promoted_by", "promoted_on", "expires_on"}
"""All that a note said before notes were sealed."""


class ModelFilesDamaged(ValueError):  # noqa: N818 - says what is wrong
    """The folder does not hold exactly what the trainer wrote."""


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / MANIFEST).write_text(manifest_of(files), encoding="utf-8", newline="\n")


def manifest_of(files: Mapping[str, str]) -> str:
    return as_json({"sha256": {name: sealed(text.encode()) for name, text in sorted(files.items())}})


def digest_of(files: Mapping[str, str]) -> str:
    """One name for what all the files say together: another byte in any of them gives another name."""
    return sealed(manifest_of(files).encode())


def add_file(folder: Path, name: str, text: str) -> None:
    """One more sealed file in a folder just written."""
    write_files(folder, read_whole(folder) | {name: text})


def read_whole(folder: Path, manifest_seal: str | None = None, needed: tuple[str, ...] = ()) -> dict[str, str]:
    """Every file that the manifest names, and those needed besides; one that was changed and none is given out."""
    names = {*read_manifest(folder, manifest_seal), *needed}
    return read_files(folder, tuple(sorted(names)), manifest_seal)


def read_files(folder: Path, names: tuple[str, ...], manifest_seal: str | None = None) -> dict[str, str]:
    """NOTE: nothing is parsed before its seal is checked; LightGBM's parser trusts what it reads, even lengths."""
    seals = read_manifest(folder, manifest_seal)
    return {name: read_sealed(folder / name, seals.get(name)) for name in names}


def read_manifest(folder: Path, manifest_seal: str | None) -> dict[str, str]:
    text = read_bytes(folder / MANIFEST)
    if manifest_seal is not None and sealed(text) != manifest_seal:
        raise ModelFilesDamaged(f"{MANIFEST} no es el que se registró con esta versión. No use este modelo.")
    try:
        return dict(json.loads(text)["sha256"])
    except (ValueError, KeyError, TypeError):
        raise ModelFilesDamaged(f"{MANIFEST} no se puede leer. Vuelva a copiar el modelo del registro.") from None


def read_sealed(path: Path, seal: str | None) -> str:
    content = read_bytes(path)
    if sealed(content) != seal:
        raise ModelFilesDamaged(f"{path.name} cambió después de escribirse. No lo use; vuelva a copiarlo del registro.")
    return content.decode()


def write_note(path: Path, told: Mapping[str, str]) -> None:
    """A few words beside the model, written after the manifest was, and so with a seal of their own."""
    path.write_text(as_json({**told, SEAL: sealed(as_json(told).encode())}), encoding="utf-8", newline="\n")


def read_note(path: Path) -> dict[str, str]:
    """What `write_note` wrote, without its seal; also as notes were written before they had one."""
    try:
        told = dict(json.loads(read_bytes(path)))
    except (ValueError, TypeError):
        told = {}
    seal = told.pop(SEAL, None)
    older = seal is None and told and set(told) <= UNSEALED
    if not older and seal != sealed(as_json(told).encode()):
        raise ModelFilesDamaged(
            f"{path.name} cambió después de escribirse. Ponga otra vez en uso la versión: permanencia promote VERSIÓN"
        )
    return told


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ModelFilesDamaged(f"Falta {path.name} en la carpeta del modelo. Cópielo otra vez del registro.") from None


def copy_files(source: Path, folder: Path, seal: str) -> None:
    """Every file the manifest names lands whole, by a rename: the service may be reading the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*read_manifest(source, seal), MANIFEST):
        draft = folder / f"{name}.draft"
        draft.write_bytes((source / name).read_bytes())
        draft.replace(folder / name)


def manifest_seal(folder: Path) -> str:
    return sealed(read_bytes(folder / MANIFEST))


def sealed(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def as_json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
