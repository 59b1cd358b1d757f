"""Writes the open format as it is published: one Table Schema per table and an example package, from schema.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from features.schema import OPEN_FORMAT_REQUIRED, OPEN_FORMAT_TABLES, TABLES, Column, TableSchema

_TYPES = {
    "String": {"type": "string"},
    "Date": {"type": "date", "format": "%Y-%m-%d"},
    "Int16": {"type": "integer"},
    "Int64": {"type": "integer"},
    "Float64": {"type": "number"},
    "Boolean": {"type": "boolean"},
}
_FILLED = ("happened_on", "known_on")


def table_schema(table: TableSchema) -> dict[str, Any]:
    """One table in the words of Frictionless Table Schema."""
    published = [column for column in table.columns if column.published]
    key = [name for name in table.key if name not in _FILLED and table[name].required]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": table.name,
        "description": table.meaning + (" (admite columnas propias x_…)" if table.extensible else ""),
        "fieldsMatch": "superset" if table.extensible else "partial",
        "fields": [_field(column) for column in published],
        "missingValues": [""],
        "primaryKey": [*key, *_FILLED],
    }


def _field(column: Column) -> dict[str, Any]:
    bounds = {"minimum": column.minimum, "maximum": column.maximum, "enum": column.allowed}
    constraints = {name: list(v) if isinstance(v, tuple) else v for name, v in bounds.items() if v is not None}
    if column.required and column.name not in _FILLED:
        constraints = {"required": True, **constraints}
    field = {"name": column.name, **_TYPES[str(column.dtype)], "description": column.meaning}
    return {**field, "constraints": constraints} if constraints else field


def package() -> dict[str, Any]:
    """A datapackage.json to start from."""
    resources = [
        {"name": name, "path": f"{name}.csv", "format": "csv", "encoding": "utf-8", "schema": f"{name}.schema.json"}
        for name in OPEN_FORMAT_TABLES
    ]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "open-format",
        "description": f"Solo {' y '.join(OPEN_FORMAT_REQUIRED)} son obligatorias.",
        "resources": resources,
    }


def documents() -> dict[str, str]:
    """File name → text of everything that is published."""
    schemas = {f"{name}.schema.json": table_schema(TABLES[name]) for name in OPEN_FORMAT_TABLES}
    return {name: _text(told) for name, told in {**schemas, "datapackage.json": package()}.items()}


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text, "utf-8")


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    write(Path(__file__).parents[2] / "docs" / "open_format")
