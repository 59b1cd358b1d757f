"""The choices that make a model, read from a file where each has its reason beside it."""

import tomllib
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any


class RecipeError(ValueError):
    """The recipe says something that cannot be followed."""


@dataclass(frozen=True)
class Recipe:
    """See experiments/recipes/monday_list.toml for what each choice is for."""

    name: str = "monday_list"
    horizon_weeks: int = 4
    absent_weeks: int = 4
    least_completeness: float = 0.9
    retold_trees: int = 400
    hold: float = 0.005
    retold_apart: bool = False
    stands: int = 3
    relative_share: float = 0.0
    trees: int = 250
    patience: int = 30
    leaves: int = 8
    depth: int = 3
    learning_rate: float = 0.06
    min_leaf: int = 100
    l2: float = 5.0
    feature_share: float = 0.4
    row_share: float = 0.7
    monotone: bool = True
    use_sensitive: bool = False
    part_trees: int = 100
    refits: int = 20
    most_rows: int = 300_000
    most_days: int = 60
    stop_share: float = 0.2
    calibrate_share: float = 0.25
    test_share: float = 0.33
    test_from: date | None = None
    test_until: date | None = None
    capacity_share: float = 300 / 160_000
    capacity_least: int = 5
    bootstrap: int = 200
    unseen_share: float = 0.2
    seed: int = 20240304
    threads: int = 2

    def __post_init__(self) -> None:
        for choice, (least, most) in LIMITS.items():
            value = getattr(self, choice)
            if not least <= value <= most:
                raise RecipeError(f"Receta «{self.name}»: {choice} = {value}; se admite de {least} a {most}.")

    def as_text(self) -> dict[str, str]:
        return {choice: str(value) for choice, value in asdict(self).items()}


# NOTE: depth and leaves are bounded because exact explanations cost leaves × 2^depth.
LIMITS: dict[str, tuple[float, float]] = {
    "horizon_weeks": (1, 40),
    "absent_weeks": (0, 40),
    "least_completeness": (0, 1),
    "retold_trees": (0, 2000),
    "hold": (0.0001, 100),
    "stands": (1, 20),
    "relative_share": (0, 1),
    "trees": (1, 2000),
    "patience": (1, 500),
    "leaves": (2, 31),
    "depth": (1, 8),
    "learning_rate": (0.001, 1),
    "min_leaf": (1, 100_000),
    "l2": (0, 1000),
    "feature_share": (0.05, 1),
    "row_share": (0.05, 1),
    "part_trees": (0, 1000),
    "refits": (0, 100),
    "most_rows": (1_000, 100_000_000),
    "most_days": (1, 1_000),
    "stop_share": (0.05, 0.5),
    "calibrate_share": (0.05, 0.5),
    "test_share": (0.05, 0.9),
    "capacity_share": (0.00001, 1),
    "capacity_least": (1, 1_000_000),
    "bootstrap": (10, 10_000),
    "unseen_share": (0, 0.5),
    "threads": (1, 256),
}


def read_recipe(path: Path) -> Recipe:
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"No existe la receta {path.name}. Indique un archivo de experiments/recipes.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"La receta {path.name} no es un TOML legible: {error}.") from None
    unknown = sorted(set(told) - {f.name for f in fields(Recipe)})
    if unknown:
        raise RecipeError(f"La receta {path.name} nombra lo que no existe: {', '.join(unknown)}. Corrija el nombre.")
    return built(path.name, told)


def built(file: str, told: dict[str, Any]) -> Recipe:
    try:
        return Recipe(**told)
    except TypeError as error:
        raise RecipeError(f"La receta {file} tiene un valor de otro tipo: {error}.") from None


def as_toml(recipe: Recipe) -> str:
    """Every choice that is made, one a line; a date that was not set is not written."""
    made = ((choice, value) for choice, value in asdict(recipe).items() if value is not None)
    return "".join(f"{choice} = {toml_value(value)}\n" for choice, value in made)


def toml_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
