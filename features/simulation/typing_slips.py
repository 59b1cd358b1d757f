"""What a clerk in a hurry makes of a name or a date: misspelt, mistyped, or in the wrong column."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from features.simulation.arrays import Array, Random, flip
from features.simulation.assumptions import Assumptions
from features.simulation.names import first_names, misspelt, surnames
from features.simulation.people import DUPLICATE, People

FIRST_DAY = date(1970, 1, 1)
_LETTERS = "AEIOURSTLNMCDP"


def typed_names(people: People, rng: Random, typist: Random, a: Assumptions) -> list[pl.Series]:
    """First surname, second surname, first name, second name, as they were typed this year."""
    n = len(people)
    first, second = first_names(people.girl, people.names[:, 0]), first_names(people.girl, people.names[:, 1])
    family, mother = surnames(people.names[:, 2]), surnames(people.names[:, 3])
    swaps = flip(rng, a.swapped, n) & (people.names[:, 3] > 0)
    family[swaps], mother[swaps] = mother[swaps], family[swaps]
    duplicate = people.kind == DUPLICATE
    for names, share in ((first, 0.5), (family, 0.5)):
        rows = np.flatnonzero(flip(rng, np.where(duplicate, 0.5, a.misspelt * share), n))
        names[rows] = misspelt(names[rows])
    _mistype((first, second, family, mother), typist, a)
    crossed = flip(typist, a.crossed, n)
    family[crossed], first[crossed] = first[crossed], family[crossed]
    mother[crossed], second[crossed] = second[crossed], mother[crossed]
    spaced = np.flatnonzero(flip(rng, a.stray_spaces, n))
    family[spaced] = [f" {name}" if k % 2 else f"{name} " for k, name in enumerate(family[spaced])]
    return [pl.Series(list(column), dtype=pl.String) for column in (family, mother, first, second)]


def _mistype(columns: tuple[Array, ...], typist: Random, a: Assumptions) -> None:
    """A letter left out, doubled, changed or in its neighbour's place, in one of the four names."""
    hit = flip(typist, a.mistyped, len(columns[0]))
    which = typist.integers(0, len(columns), len(hit))
    for number, names in enumerate(columns):
        for row in np.flatnonzero(hit & (which == number)):
            names[row] = _slip(str(names[row]), typist)


def _slip(name: str, typist: Random) -> str:
    if len(name) < 3:
        return name
    place, kind = int(typist.integers(1, len(name) - 1)), int(typist.integers(0, 4))
    letter = _LETTERS[int(typist.integers(0, len(_LETTERS)))]
    turned = name[place + 1] + name[place]
    return (
        name[:place] + name[place + 1 :],
        name[:place] + name[place] + name[place:],
        name[:place] + letter + name[place + 1 :],
        name[:place] + turned + name[place + 2 :],
    )[kind]


def typed_births(born: Array, per_id: Array, year: int, a: Assumptions) -> Array:
    """Birth dates as typed in the year: now and then day and month turned round, or another day of the month."""
    if a.birth_mistyped <= 0 or not len(born):
        return born
    typist = np.random.default_rng([year, int(per_id.max()), 44])
    hit = np.flatnonzero(flip(typist, a.birth_mistyped, len(born)))
    typed = born.copy()
    typed[hit] = [_turned(int(day)) for day in born[hit]]
    return typed


def _turned(day: int) -> int:
    said = FIRST_DAY + timedelta(days=day)
    turned = said.replace(day=said.month, month=said.day) if said.day <= 12 else said.replace(day=said.day - 10)
    return (turned - FIRST_DAY).days
