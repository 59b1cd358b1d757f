"""Tells in the OpenAPI document which tables, columns and values POST /score takes: written from the open format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.schema import Column, TableSchema

LONGEST_TEXT = 200
LARGEST_NUMBER = 1e15
MOST_ROWS = 20_000
OWN_NAMES = "^x_[A-Za-z0-9_]*$"


def tables_schema() -> dict[str, Any]:
    """JSON Schema of `tables`: the tables by name, and no others."""
    from features.schema import OPEN_FORMAT_REQUIRED, OPEN_FORMAT_TABLES, TABLES

    tables = {name: _rows(TABLES[name], name in OPEN_FORMAT_REQUIRED) for name in OPEN_FORMAT_TABLES}
    return {
        "type": "object",
        "title": "Tables",
        "properties": tables,
        "required": list(OPEN_FORMAT_REQUIRED),
        "additionalProperties": False,
    }


def _rows(table: TableSchema, needed: bool) -> dict[str, Any]:
    return {
        "type": "array",
        "description": f"{table.meaning}; hasta {MOST_ROWS} filas",
        "items": _row(table),
        **({"minItems": 1} if needed else {}),
    }


def _row(table: TableSchema) -> dict[str, Any]:
    told = [column for column in table.columns if column.published]
    own = {"type": ["number", "string", "null"], "maxLength": LONGEST_TEXT, **_bounds(-LARGEST_NUMBER, LARGEST_NUMBER)}
    return {
        "type": "object",
        "properties": {column.name: _value(column) for column in told},
        "required": [column.name for column in told if column.required],
        "additionalProperties": False,
        **({"patternProperties": {OWN_NAMES: own}} if table.extensible else {}),
    }


def _value(column: Column) -> dict[str, Any]:
    kind, limits = _kind(column)
    allowed = {"enum": [*column.allowed, *([] if column.required else [None])]} if column.allowed else {}
    told = {"type": kind if column.required else [kind, "null"], "description": column.meaning}
    return {**told, **allowed, **limits}


def _kind(column: Column) -> tuple[str, dict[str, Any]]:
    if column.dtype.is_numeric():
        low = -LARGEST_NUMBER if column.minimum is None else column.minimum
        high = LARGEST_NUMBER if column.maximum is None else column.maximum
        return "integer" if column.dtype.is_integer() else "number", _bounds(low, high)
    if str(column.dtype) == "Boolean":
        return "boolean", {}
    return "string", {"format": "date"} if str(column.dtype) == "Date" else {"maxLength": LONGEST_TEXT}


def _bounds(low: float, high: float) -> dict[str, float]:
    return {"minimum": low, "maximum": high}
