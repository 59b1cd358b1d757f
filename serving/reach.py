"""Which children a member of staff may look at: a whole secretariat, a comuna, a school, one campus, one group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from serving.faults import WrongUsage

SEPARATOR = "/"
GROUP = ("campus_id", "grade", "class_group")
"""What tells a place finer than a school."""


class Scope(StrEnum):
    SECRETARIAT = "secretariat"
    COMUNA = "comuna"
    INSTITUTION = "institution"
    CAMPUS = "campus"
    GROUP = "group"


FIELDS: dict[Scope, tuple[str, ...]] = {
    Scope.SECRETARIAT: (),
    Scope.COMUNA: ("comuna",),
    Scope.INSTITUTION: ("institution_id",),
    Scope.CAMPUS: ("institution_id", "campus_id"),
    Scope.GROUP: ("institution_id", *GROUP),
}
"""What has to be told of each; a place is covered when all of it is the same there."""
WRITTEN = {
    Scope.SECRETARIAT: "secretaria",
    Scope.COMUNA: "comuna:NOMBRE",
    Scope.INSTITUTION: "DANE",
    Scope.CAMPUS: "DANE/SEDE",
    Scope.GROUP: "DANE/SEDE/GRADO/GRUPO",
}


@dataclass(frozen=True)
class Place:
    """Where a child studies; what is not known is None, and covers nothing."""

    institution_id: str
    campus_id: str | None = None
    grade: int | None = None
    class_group: str | None = None
    comuna: str | None = None

    @property
    def place(self) -> Place:
        return self


@dataclass(frozen=True, order=True)
class Part:
    """One piece of a reach. Empty text stands for "not told", as in the table that keeps it."""

    scope: Scope
    comuna: str = ""
    institution_id: str = ""
    campus_id: str = ""
    grade: str = ""
    class_group: str = ""

    def __post_init__(self) -> None:
        told = all(getattr(self, field) for field in FIELDS[self.scope])
        if not told or (self.grade and not self.grade.lstrip("-").isdecimal()):
            raise WrongUsage(f"Un alcance se escribe así: {', '.join(WRITTEN.values())}.")

    def covers(self, place: Place) -> bool:
        return all(_same(getattr(place, field), getattr(self, field)) for field in FIELDS[self.scope])

    def __str__(self) -> str:
        told = SEPARATOR.join(getattr(self, field) for field in FIELDS[self.scope])
        return {Scope.SECRETARIAT: "secretaria", Scope.COMUNA: f"comuna:{told}"}.get(self.scope, told)


def _same(found: str | int | None, asked: str) -> bool:
    return found is not None and str(found) == asked


@dataclass(frozen=True)
class Reach:
    """All that a person may look at; without parts it is nothing, never everything."""

    parts: frozenset[Part] = frozenset()
    schools_of_comunas: frozenset[str] = frozenset()  # as the table of schools tells them today

    @property
    def institutions(self) -> frozenset[str] | None:
        """The schools covered from end to end; None when that is every school."""
        if any(part.scope is Scope.SECRETARIAT for part in self.parts):
            return None
        own = {part.institution_id for part in self.parts if part.scope is Scope.INSTITUTION}
        return frozenset(own) | self.schools_of_comunas

    @property
    def touched(self) -> frozenset[str] | None:
        """The schools of which at least a group is covered; None when that is every school."""
        whole = self.institutions
        return None if whole is None else whole | {part.institution_id for part in self.pieces}

    @property
    def pieces(self) -> tuple[Part, ...]:
        """The parts that are less than a school."""
        return tuple(sorted(part for part in self.parts if part.scope in (Scope.CAMPUS, Scope.GROUP)))

    @property
    def comunas(self) -> frozenset[str]:
        return frozenset(part.comuna for part in self.parts if part.scope is Scope.COMUNA)

    def covers(self, where: str | Place) -> bool:
        """A code alone asks for the whole school."""
        place = Place(where) if isinstance(where, str) else where
        return place.institution_id in self.schools_of_comunas or any(part.covers(place) for part in self.parts)

    def touches(self, institution_id: str) -> bool:
        """Whether at least a group of this school is covered."""
        touched = self.touched
        return touched is None or institution_id in touched

    def meets(self, other: Reach) -> bool:
        """Whether there is a school of which both cover something."""
        return self.touched is None or other.touched is None or bool(self.touched & other.touched)

    def __str__(self) -> str:
        return ", ".join(str(part) for part in sorted(self.parts)) or "nada"


IN_WORDS = "toda la secretaría"
WHOLE_SECRETARIAT = Reach(frozenset({Part(Scope.SECRETARIAT)}))


def reach_of(institutions: Iterable[str]) -> Reach:
    """These schools and no others; with none named, nothing."""
    return Reach(frozenset(Part(Scope.INSTITUTION, institution_id=code) for code in institutions))


def read_part(text: str) -> Part:
    """A part as an administrator writes it: `secretaria`, `comuna:NOMBRE`, or `DANE[/SEDE[/GRADO/GRUPO]]`."""
    if text.casefold() in (WRITTEN[Scope.SECRETARIAT], IN_WORDS):
        return Part(Scope.SECRETARIAT)
    if text.startswith("comuna:"):
        return Part(Scope.COMUNA, comuna=text.removeprefix("comuna:").strip())
    values = tuple(value.strip() for value in text.split(SEPARATOR))
    for scope in (Scope.INSTITUTION, Scope.CAMPUS, Scope.GROUP):
        if len(values) == len(FIELDS[scope]):
            return Part(scope, **dict(zip(FIELDS[scope], values, strict=True)))
    raise WrongUsage(f"«{text}» no es un alcance. Se escribe así: {', '.join(WRITTEN.values())}.")


def read_reach(texts: Iterable[str]) -> Reach:
    return Reach(frozenset(read_part(text) for text in texts))
