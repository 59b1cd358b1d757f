"""A day as a program sends it: AAAA-MM-DD and nothing else, neither a number of seconds nor the name of a week."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
NOT_A_DAY = PydanticCustomError("date_parsing", "Debe ser una fecha AAAA-MM-DD.")
OUT_OF_TIME = f"Debe estar entre {FIRST_DAY} y {LAST_DAY}."


def day_from(value: Any) -> date:
    """The day that a text tells; ValueError for anything else. Python alone would also read 20240505 and 2024-W18-7."""
    if not isinstance(value, str) or not WRITTEN.fullmatch(value):
        raise NOT_A_DAY
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise NOT_A_DAY from None


def out_of_time(day: date) -> str | None:
    """Why a day cannot be reckoned with: weeks are added to and taken from it."""
    return None if FIRST_DAY <= day <= LAST_DAY else OUT_OF_TIME


Day = Annotated[date, BeforeValidator(day_from)]
