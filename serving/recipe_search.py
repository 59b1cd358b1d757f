"""Runs the search for a better recipe where the house keeps its state, so that an interrupted one can go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from serving.faults import WrongUsage
from serving.settings import Settings

if TYPE_CHECKING:
    from features import Records
    from models.registry import Registry
    from models.tuning import Tuned

SEARCHES = "tuning.sqlite"


def search(
    records: Records,
    registry: Registry,
    recipe: Path | None,
    trials: int,
    until: date | None,
    out: Path,
    settings: Settings,
    progress: Callable[[str], None] | None = None,
) -> Tuned:
    """The best recipe lands in `out`; every trial is kept beside the registry and in it."""
    must_be_writable(out)
    from models.recipe import Recipe, as_toml, read_recipe
    from models.tuning import tune

    storage = f"sqlite:///{settings.home / SEARCHES}"
    chosen = read_recipe(recipe) if recipe else Recipe()
    found = tune(records, chosen, trials, storage, registry, until, progress)
    out.write_text(as_toml(found.recipe), encoding="utf-8")
    return found


def must_be_writable(out: Path) -> None:
    """Told at once, and not after hours of search."""
    if out.is_dir() or not out.parent.is_dir():
        raise WrongUsage(f"No se puede escribir {out}: indique un archivo en una carpeta que exista.")
