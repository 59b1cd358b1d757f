"""A model on disk: plain text files, and a manifest that says what each must contain before anyone reads it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


class ModelFilesDamaged(ValueError):  # noqa: N818 - says what is wrong
    """The folder does not hold exactly what the trainer wrote."""


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    seals = {name: sealed(text.encode()) for name, text in sorted(files.items())}
    (folder / MANIFEST).write_text(as_json({"sha256": seals}), encoding="utf-8", newline="\n")


def add_file(folder: Path, name: str, text: str) -> None:
    """One more sealed file in a folder just written."""
    kept = read_files(folder, tuple(read_manifest(folder, None)))
    write_files(folder, kept | {name: text})


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


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ModelFilesDamaged(f"Falta {path.name} en la carpeta del modelo. Cópielo otra vez del registro.") from None


def manifest_seal(folder: Path) -> str:
    return sealed(read_bytes(folder / MANIFEST))


def sealed(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def as_json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
