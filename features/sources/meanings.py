"""Reads one official text: a date, a grade, a stratum, a DANE code. Each answers None when it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from features.sources.codes import OFFICIAL, Codes, plain

GRADES = frozenset({*range(-3, 14), *range(20, 27), *range(41, 46), 99})
YEARS = range(1990, 2101)
LARGEST = 1 << 15

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_EXCEL_DAY = re.compile(r"(\d{5})(\.0+)?")
_EXCEL_START = date(1899, 12, 30)
_SISBEN = re.compile(r"([ABCD])\s*\d{0,2}")
_GROUP_WORDS = re.compile(r"\b(GRUPO|GRADO|CURSO|CICLO|CLEI|AULA|UNICO|ÚNICO|TRANSICI[OÓ]N|JARD[IÍ]N|PREJARD[IÍ]N)\b")
_TELLING = re.compile(r"[^\W\d_]{3,}|\d{7,}")
_CODE = re.compile(r"\d{1,3}")
_PERIOD_WORDS = re.compile(r"\b(PERIODO|PER|BIMESTRE|TRIMESTRE|SEMESTRE|CORTE|ACADEMICO)\b|\bP(?=\d\b)|(?<=\b\d)P\b")
_YEAR_OF_PERIOD = re.compile(r"\b20\d\d\b(?=.)")


def day(text: str) -> date | None:
    """dd/mm/yyyy or yyyy-mm-dd, with or without an hour; also the day number that Excel leaves."""
    bare = _TIME.sub("", text.strip())
    if found := _DAY_FIRST.fullmatch(bare):
        return _date(found[3], found[2], found[1])
    if found := _EXCEL_DAY.fullmatch(bare):
        return _EXCEL_START + timedelta(days=int(found[1]))
    if found := _YEAR_FIRST.fullmatch(bare):
        return _date(found[1], found[2], found[3])
    return None


def _date(year: str, month: str, number: str) -> date | None:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """A small whole number, also as 5.0 or 5,0 after a visit to Excel."""
    number = decimal(text)
    return int(number) if number is not None and number == int(number) and abs(number) < LARGEST else None


def decimal(text: str) -> float | None:
    """A number with decimal point or comma."""
    bare = text.strip().replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})", bare):
        return None
    return float(bare)


def grade(text: str) -> int | None:
    """The grade code, alone or as CODE:DESCRIPTION."""
    number = whole(text.partition(":")[0])
    return number if number in GRADES else None


def group(text: str) -> str | None:
    """A group's own code: «0702», «6-A», «GRUPO 3». Another word may be a name, and a long number a document."""
    return None if len(text) > 20 or _TELLING.search(_GROUP_WORDS.sub("", text.upper())) else text


def year(text: str) -> str | None:
    number = whole(text)
    return str(number) if number in YEARS else None


def stratum(text: str) -> int | None:
    """0 to 6; 9 and «no aplica» say nothing and are told apart by `says_nothing`."""
    digits = re.fullmatch(r"(ESTRATO )?0?([0-6])", plain_with_zero(text))
    return int(digits[2]) if digits else None


def plain_with_zero(text: str) -> str:
    return plain(text.partition(".")[0])


def sisben(text: str) -> str | None:
    """The group of Sisbén IV; the levels of the old one say nothing about it."""
    said = plain(text)
    if said in ("NO APLICA", "99", "NO", "NINGUNO", "SIN SISBEN"):
        return "NONE"
    found = _SISBEN.fullmatch(said)
    return found[1] if found else None


def is_old_sisben(text: str) -> bool:
    return plain(text).isdigit()


def dane(text: str) -> str | None:
    """A DANE code as 12 digits; a number that a spreadsheet rounded (1.76001E+11) cannot be read.

    One digit may have been lost at the front; a number shorter still is, in a shifted row, a child's document.
    """
    bare = re.sub(r"[.,]0+$", "", text.strip().strip("'"))
    return bare.zfill(12) if _is_number(bare) and 11 <= len(bare) <= 12 and int(bare) else None


def dane_as_built(text: str) -> str | None:
    """The code where nothing depends on it: only one that begins as they all do, and so no telephone or document."""
    code = dane(text)
    return code if code and zone_of_dane(code) else None


def dane_of_campus_code(text: str) -> str | None:
    """The institution inside the 14-digit code of one of its sites."""
    bare = re.sub(r"[.,]0+$", "", text.strip().strip("'"))
    return bare[:12] if _is_number(bare) and len(bare) == 14 else None


def person_number(text: str) -> str | None:
    """A PER_ID without what a spreadsheet adds to it."""
    bare = re.sub(r"[.,]0+$", "", text.strip().strip("'"))
    number = bare.lstrip("0")
    return number if _is_number(bare) and 0 < len(number) <= 15 else None


def _is_number(text: str) -> bool:
    """Written with our ten digits: «²» is a digit to Python, and no number."""
    return text.isascii() and text.isdigit()


def document_number(text: str) -> str | None:
    bare = re.sub(r"[^0-9A-Z]", "", re.sub(r"[.,]0$", "", text.strip().upper()))
    return bare if bare and any(letter.isdigit() for letter in bare) and len(bare) <= 24 else None


def sector_of_dane(code: str) -> str | None:
    """The first digit of a DANE code: 1 and 2 are official, 3 and 4 are not."""
    return {"1": "OFFICIAL", "2": "OFFICIAL", "3": "PRIVATE", "4": "PRIVATE"}.get(code[0])


def zone_of_dane(code: str) -> str | None:
    return {"1": "URBAN", "3": "URBAN", "2": "RURAL", "4": "RURAL"}.get(code[0])


def municipality_of_dane(code: str) -> str:
    return code[1:6]


def truth(value: str | None) -> bool | None:
    """Yes or no, as a code table writes it."""
    return None if value is None else value == "true"


def disability(text: str, codes: Codes = OFFICIAL) -> str | None:
    """One code, or several joined by a pipe: then MULTIPLE, as the register itself calls it."""
    parts = [part for part in re.split(r"[|,]", text) if part.strip()]
    said = {codes.meaning("disability", part) or ("UNLISTED" if plain(part) else "NONE") for part in parts} - {"NONE"}
    return "MULTIPLE" if len(said) > 1 else next(iter(said), "NONE")


LONGEST_CODE = 4


def ethnic_group(text: str, codes: Codes = OFFICIAL) -> str | None:
    """The group at the level used in analyses; one of the many peoples' codes is kept as its code."""
    said = plain(text)
    # A longer number is no code of a people but, in a shifted row, a child's document.
    return codes.meaning("ethnic_group", text) or (said if said.isdigit() and len(said) <= LONGEST_CODE else "OTHER")


def strategy(text: str, codes: Codes = OFFICIAL) -> str:
    """The kind of support inside a long strategy name; OTHER when none is recognised."""
    return codes.meaning("strategy", text) or _within(plain(text), codes.table("strategy")) or "OTHER"


def _within(said: str, table: Mapping[str, str]) -> str | None:
    known = ((label, kind) for label, kind in table.items() if label in said)
    return max(known, key=lambda pair: len(pair[0]), default=(None, None))[1]


def teaching_model(text: str, codes: Codes = OFFICIAL) -> str:
    """A model of the table, an unlisted number as that number, and OTHER for words nobody knows: they may be a name."""
    number = plain(text.partition(":")[0])
    return codes.meaning("teaching_model", text) or (f"MODEL_{number}" if _CODE.fullmatch(number) else "OTHER")


def period(text: str, codes: Codes = OFFICIAL) -> str | None:
    """The period's number, however it is called: «1», «P1», «PRIMER PERIODO», «2024-1»."""
    words = _PERIOD_WORDS.sub(" ", _YEAR_OF_PERIOD.sub("", plain(text)))
    return codes.meaning("period", words)


def mark(text: str) -> float | None:
    """A mark of 1.0 to 5.0 as a share of 100: 3.0, the pass mark, is 60."""
    number = decimal(text)
    return round(number * 20, 6) if number is not None and 0 <= number <= 5 else None


def monday(text: str) -> date | None:
    found = day(text)
    return found - timedelta(days=found.weekday()) if found else None
