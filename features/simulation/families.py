"""Who lives with whom: brothers and sisters under one roof, twins among them, and strangers who share a whole name."""

import numpy as np

from features.simulation.arrays import Array, Random, flip
from features.simulation.assumptions import Assumptions
from features.simulation.names import GIRLS, NEIGHBOURHOODS, SURNAMES
from features.simulation.people import People

_SAME_FIRST_NAME = 0.3
"""Twins called María Paula and María José, or Juan David and Juan Diego."""


def settle(people: People, rng: Random, first_family: int, families: int, a: Assumptions) -> People:
    """Gives new children their families. Its numbers are its own: whether it is done changes nobody's fate."""
    if a.children_per_home > 0:
        _share_homes(people, rng, first_family, families, a)
    if a.homonyms > 0:
        _share_names(people, rng, a)
    if a.twins > 0:
        _make_twins(people, rng, a)
    return people


def _share_homes(people: People, rng: Random, first_family: int, families: int, a: Assumptions) -> None:
    n = len(people)
    people.family = first_family + rng.integers(0, max(families, 1), n)
    own_father = flip(rng, a.half_siblings, n)
    father, mother = (1 + _shuffled(people.family, salt) % len(SURNAMES) for salt in (1, 2))
    people.names[:, 2] = np.where(own_father, people.names[:, 2], father)
    people.names[:, 3] = np.where(people.names[:, 3] == 0, 0, mother)
    people.neighbourhood = (_shuffled(people.family, 3) % len(NEIGHBOURHOODS)).astype(np.int16)


def _shuffled(number: Array, salt: int) -> Array:
    """A number that looks drawn and is always the same for the same family."""
    mixed = (number.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray((mixed >> np.uint64(33)).astype(np.int64))


def _share_names(people: People, rng: Random, a: Assumptions) -> None:
    """Some children bear the whole name of another child of the same sex."""
    for girl in (False, True):
        here = np.flatnonzero(people.girl == girl)
        some = here[flip(rng, a.homonyms, len(here))]
        people.names[some] = people.names[rng.choice(here, len(some))] if len(some) else people.names[some]


def _make_twins(people: People, rng: Random, a: Assumptions) -> None:
    """The second of a pair takes birthday, home and surnames of the first, and the number after the first one's."""
    first, second = _pairs(people, rng, a)
    people.born[second] = people.born[first]
    people.family[second] = people.family[first]
    people.neighbourhood[second] = people.neighbourhood[first]
    people.names[second, 2:] = people.names[first, 2:]
    people.document_number[second] = people.document_number[first] + 1
    alike = flip(rng, _SAME_FIRST_NAME, len(first)) & (people.girl[first] == people.girl[second])
    people.names[second, 0] = np.where(alike, people.names[first, 0], people.names[second, 0])
    other = 1 + (people.names[first, 1] + rng.integers(0, len(GIRLS) - 1, len(first))) % len(GIRLS)
    same = people.names[second, 0] == people.names[first, 0]
    people.names[second, 1] = np.where(same, other, people.names[second, 1])


def _pairs(people: People, rng: Random, a: Assumptions) -> tuple[Array, Array]:
    """Neighbours in a list ordered by grade and year of birth, so that nobody's age for the grade changes."""
    year = (people.born - 90).astype("datetime64[D]").astype("datetime64[Y]")  # from 1 April to 31 March
    order = np.lexsort((people.born, people.grade))
    first = order[:-1:2][flip(rng, a.twins, len(order[:-1:2]))]
    place = np.empty(len(order), int)
    place[order] = np.arange(len(order))
    second = order[place[first] + 1]
    alike = (people.grade[first] == people.grade[second]) & (year[first] == year[second])
    return first[alike], second[alike]
