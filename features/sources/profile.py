"""What one secretariat does its own way, read from one file: its code, calendar, holidays, column titles and codes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from features.calendar import CalendarName, SchoolYear, monday_of
from features.sources.codes import OFFICIAL, Codes, official
from features.sources.text_table import key_of

FILE = "perfil.toml"

Dialect = Literal["auto", "simat", "rc-ti-cc", "cc-rc-ti"]

SPANISH = {
    "jornada": "shift",
    "modelo": "teaching_model",
    "estado": "status",
    "motivo": "reason",
    "sector": "sector",
    "zona": "zone",
    "genero": "sex",
    "documento": "document_type",
    "pais": "country",
    "discapacidad": "disability",
    "etnia": "ethnic_group",
    "victima": "conflict_victim",
    "si_no": "yes_no",
    "jefatura": "household_head",
    "educacion": "education",
    "estrategia": "strategy",
    "area": "area",
    "periodo": "period",
    "contacto": "contact",
    "hallazgo": "finding",
    "destino": "destination",
}
"""What the file calls each code table."""

OPEN = ("teaching_model", "strategy", "country", "area", "disability", "ethnic_group")
"""Tables to which a secretariat may add values that no official table has."""

_VALUE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_SECTIONS = {
    "secretaria": {"nombre", "codigo", "municipios", "calendario"},
    "documentos": {"dialecto"},
    "festivos": {"pais", "propios"},
}


class ProfileError(ValueError):
    """A profile that cannot be used: one Spanish sentence that says what to mend."""


@dataclass(frozen=True)
class Profile:
    """One secretariat's own way of writing what everybody reports. Without a file, nothing is its own."""

    name: str = ""
    code: str = ""
    municipalities: tuple[str, ...] = ()
    calendar: CalendarName = "A"
    documents: Dialect = "auto"
    titles: Mapping[str, str] = field(default_factory=dict)  # a title of its files → the official one, as keys
    codes: Codes = OFFICIAL
    years: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    country: str = ""
    own_holidays: frozenset[date] = frozenset()

    def school_year(self, name: str, calendar: CalendarName | None = None) -> tuple[date, date]:
        """First and last day of class: as the secretariat decreed, else by the rule of its calendar."""
        ruled = SchoolYear(name, calendar or self.calendar)
        decreed = self.years.get(name) if calendar in (None, self.calendar) else None
        return decreed or (ruled.starts_on, ruled.ends_on)

    @property
    def knows_holidays(self) -> bool:
        return bool(self.country or self.own_holidays)

    def workdays(self, day: date) -> int:
        """Days from Monday to Friday of the day's week that are no holiday."""
        week = (monday_of(day) + timedelta(days=number) for number in range(5))
        return sum(day not in self.own_holidays and day not in self._holidays for day in week)

    @cached_property
    def _holidays(self) -> Mapping[date, str]:
        if not self.country:
            return {}
        import holidays  # takes a moment to load, and only a profile with holidays needs it

        return holidays.country_holidays(self.country)


NATIONAL = Profile()


def read_profile(path: Path) -> Profile:
    """The profile in the file; where there is no file, the national rules alone."""
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return NATIONAL
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ProfileError(f"{path.name}: no se puede leer. Guárdelo como texto TOML en UTF-8.") from None
    return profile_of(told)


def profile_of(told: Mapping[str, Any]) -> Profile:
    """The profile that a TOML document describes."""
    _only_known(told)
    office, holidays = told.get("secretaria", {}), told.get("festivos", {})
    return Profile(
        name=str(office.get("nombre", "")),
        code=str(office.get("codigo", "")),
        municipalities=_municipalities(office.get("municipios", [])),
        calendar=_one_of("secretaria.calendario", office.get("calendario", "A"), get_args(CalendarName)),
        documents=_one_of("documentos.dialecto", told.get("documentos", {}).get("dialecto", "auto"), get_args(Dialect)),
        titles={key_of(own): _title(own, title) for own, title in told.get("columnas", {}).items()},
        codes=Codes({_table(name): _values(name, said) for name, said in told.get("codigos", {}).items()}),
        years={str(name): _school_year(name, year) for name, year in told.get("calendario", {}).items()},
        country=_country(holidays.get("pais", "")),
        own_holidays=_own_holidays(holidays.get("propios", [])),
    )


def _only_known(told: Mapping[str, Any]) -> None:
    sections = {*_SECTIONS, "columnas", "codigos", "calendario"}
    for name, section in told.items():
        if name not in sections or not isinstance(section, dict):
            raise _bad(f"[{name}]", "no es una sección", ", ".join(sorted(sections)))
        for key in section.keys() - _SECTIONS.get(name, section.keys()):
            raise _bad(f"{name}.{key}", "no es una clave", ", ".join(sorted(_SECTIONS[name])))


def _bad(where: str, found: str, accepted: str) -> ProfileError:
    return ProfileError(f"{FILE}, {where}: {found}; se acepta {accepted}.")


def _one_of(where: str, said: Any, accepted: tuple[Any, ...]) -> Any:
    if said not in accepted:
        raise _bad(where, "el valor no se admite", ", ".join(accepted))
    return said


def _municipalities(said: Any) -> tuple[str, ...]:
    codes = [str(code) for code in said] if isinstance(said, list) else [""]
    if not all(re.fullmatch(r"\d{5}", code) for code in codes):
        raise _bad("secretaria.municipios", "no es una lista de códigos DIVIPOLA", '["76001"]')
    return tuple(codes)


def _table(name: str) -> str:
    if name not in SPANISH:
        raise _bad(f"codigos.{name}", "no es una tabla de códigos", ", ".join(SPANISH))
    return SPANISH[name]


def _values(name: str, said: Any) -> dict[str, str]:
    """What the secretariat's codes mean, each one of the values that the rest of the house understands."""
    table, pairs = SPANISH[name], said.items() if isinstance(said, dict) else [("", "")]
    known = sorted(set(official(table).values()))
    for text, value in pairs:
        if value not in known and not (table in OPEN and _VALUE.fullmatch(str(value))):
            raise _bad(f"codigos.{name}", f"«{text}» no lleva a un valor que se conozca", ", ".join(known))
    return {str(text): str(value) for text, value in pairs}


def _school_year(name: str, said: Any) -> tuple[date, date]:
    days = (said.get("inicio"), said.get("fin")) if isinstance(said, dict) else (None, None)
    first, last = (_day(f"calendario.{name}", day) for day in days)
    if last <= first or not re.fullmatch(r"\d{4}", str(name)):
        raise _bad(f"calendario.{name}", "el año o sus días no cuadran", "{ inicio = 2024-01-29, fin = 2024-11-29 }")
    return first, last


def _title(own: str, said: Any) -> str:
    """The official title that one of its own stands for; a slip of the pen would leave its column unread."""
    from features.sources.columns import OFFICIAL_TITLES  # which needs the profile itself

    official = key_of(str(said))
    if official not in OFFICIAL_TITLES:
        near = get_close_matches(official, OFFICIAL_TITLES, n=3) or ["GRADO_COD"]
        raise _bad("[columnas]", f"«{own}» no lleva a una columna que se lea", f"por ejemplo {', '.join(near)}")
    return official


def _country(said: Any) -> str:
    import holidays

    if said != "" and (not isinstance(said, str) or said not in holidays.list_supported_countries()):
        raise _bad("festivos.pais", "no es un país con festivos conocidos", '"CO"')
    return str(said)


def _own_holidays(said: Any) -> frozenset[date]:
    if not isinstance(said, list):
        raise _bad("festivos.propios", "no es una lista de días", "[2024-06-20]")
    return frozenset(_day("festivos.propios", day) for day in said)


def _day(where: str, said: Any) -> date:
    if type(said) is not date:
        raise _bad(where, "no es un día", "una fecha sin comillas, como 2024-06-20")
    return said
