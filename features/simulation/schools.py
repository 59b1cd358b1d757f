"""The institutions of the secretariat: where they are, how many sites they have, how well they hold their students."""

from dataclasses import dataclass

import numpy as np

from features.simulation.arrays import Array, Columns, Random
from features.simulation.assumptions import Assumptions

COMUNAS = 22
_SAINTS = ("San José", "Santa Cecilia", "San Martín", "La Inmaculada", "Santa Rita", "San Antonio")
_HEROES = (
    "Simón Bolívar",
    "Antonio Nariño",
    "Policarpa Salavarrieta",
    "Francisco de Paula",
    "Jorge Isaacs",
    "La Gran Señal",
)
_PLACES = ("El Mirador", "La Esperanza", "Las Américas", "Villa del Río", "Alto Prado", "Ciudad Jardín", "La Unión")
_KINDS = ("Institución Educativa", "Institución Educativa Técnica", "Institución Educativa Comercial")


@dataclass
class Schools(Columns):
    """One row per institution."""

    number: Array  # from 0 across the whole secretariat
    dane: Array  # twelve digits
    name: Array
    comuna: Array  # 1 to 22; 0 in the country
    rural: Array
    campuses: Array
    effect: Array  # log-hazard of leaving
    size: Array  # share of the district's enrolment


def institutions(rng: Random, count: int, municipality: str, private: bool, assumptions: Assumptions) -> Schools:
    number = np.arange(count)
    rural = rng.random(count) < assumptions.rural_institutions
    zone = np.where(rural, 2, 1) + (2 if private else 0)
    dane = np.array([f"{z}{municipality}{1000 + n * 7:06d}" for z, n in zip(zone, number, strict=True)], dtype=object)
    size = rng.gamma(6.0, 1.0, count) * np.where(rural, 0.35, 1.0)
    return Schools(
        number=number,
        dane=dane,
        name=_names(rng, count, private),
        comuna=np.where(rural, 0, rng.permutation(count) % COMUNAS + 1),
        rural=rural,
        campuses=np.ones(count, int) if private else rng.integers(1, 7, count),
        effect=rng.normal(0, assumptions.school_effect, count) + 0.15 * rural,
        size=size / size.sum(),
    )


def _names(rng: Random, count: int, private: bool) -> Array:
    pool = _SAINTS + _HEROES + _PLACES
    kinds = ("Colegio",) if private else _KINDS
    drawn = [f"{kinds[rng.integers(len(kinds))]} {pool[rng.integers(len(pool))]} {n + 1}" for n in range(count)]
    return np.array([name.upper() for name in drawn], dtype=object)


def campus_code(schools: Schools, school: Array, campus: Array) -> Array:
    """The first site has the institution's own code; the others have one close to it."""
    table = np.array(
        [[dane[:6] + f"{int(dane[6:]) + site:06d}" for site in range(7)] for dane in schools.dane], dtype=object
    )
    return np.asarray(table[school, campus])


def comuna_poverty() -> Array:
    """How poor each comuna is, from 0 to 1; the country (0) is poor. An assumption about nobody's city."""
    poverty = 0.5 + 0.42 * np.sin(np.arange(COMUNAS + 1) * 2.4)
    poverty[0] = 0.85
    return np.asarray(poverty)


def drawn_schools(rng: Random, schools: Schools, rows: int) -> Array:
    return rng.choice(len(schools), size=rows, p=schools.size / schools.size.sum()).astype(np.int32)


def drawn_campuses(rng: Random, schools: Schools, school: Array, grade: Array) -> Array:
    """Secondary is taught at the main site only."""
    site = (rng.random(len(school)) * schools.campuses[school]).astype(np.int8)
    return np.where(grade >= 6, 0, site).astype(np.int8)
