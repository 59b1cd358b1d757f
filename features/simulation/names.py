"""Invented names, streets and neighbourhoods, from short lists of words that are common in Colombia."""

from typing import Final

import numpy as np

from features.simulation.arrays import Array


def _listed(words: str) -> list[str]:
    return words.split(",")


GIRLS: Final = _listed(
    "MARÍA,VALENTINA,SOFÍA,DANIELA,LAURA,CAMILA,PAULA,NATALIA,ISABELLA,MARIANA,SARA,LUISA,ANDREA,JULIANA,SALOMÉ,GABRIELA,"
    "ANGIE,YULIANA,DAYANA,NICOL,KAREN,LEIDY,XIMENA,MARTINA,LUCIANA,ANTONELLA,EMILY,SHARON,BRIYITH,ZHARICK,ALEJANDRA,LINA"
)
BOYS: Final = _listed(
    "JUAN,SANTIAGO,SEBASTIÁN,MATÍAS,SAMUEL,NICOLÁS,ALEJANDRO,DANIEL,SIMÓN,TOMÁS,EMMANUEL,JERÓNIMO,DAVID,ANDRÉS,FELIPE,"
    "CARLOS,JHON,KEVIN,BRAYAN,CRISTIAN,LUIS,JOSÉ,DIEGO,MIGUEL,ÁNGEL,ESTEBAN,MARTÍN,THIAGO,MAXIMILIANO,DYLAN,IVÁN,YEISON"
)
SURNAMES: Final = _listed(
    "RODRÍGUEZ,GÓMEZ,GONZÁLEZ,MARTÍNEZ,GARCÍA,LÓPEZ,HERNÁNDEZ,SÁNCHEZ,RAMÍREZ,PÉREZ,DÍAZ,MUÑOZ,ROJAS,MORENO,JIMÉNEZ,"
    "VARGAS,TORRES,CASTRO,GUTIÉRREZ,ÁLVAREZ,MOSQUERA,VALENCIA,CASTILLO,RESTREPO,OSPINA,QUIÑONES,CAICEDO,ANGULO,RIASCOS,"
    "HURTADO,MINA,BALANTA,CARABALÍ,LASSO,ZÚÑIGA,ORDÓÑEZ,IBARRA,PEÑA,NIÑO,CONTRERAS,ROPERO,BAUTISTA,SEPÚLVEDA,VILLAMIZAR,"
    "CÁCERES,MENDOZA,SUÁREZ,ORTIZ,RUIZ,MEJÍA,ARIAS,CARDONA,HENAO,GIRALDO,LOAIZA,MARÍN,OROZCO,PALACIOS,CUERO,ARBOLEDA"
)
NEIGHBOURHOODS: Final = _listed(
    "EL DIAMANTE,LOS ROBLES,LA ESTRELLA,VILLA NUEVA,EL PORVENIR,LOS MANGOS,ALTO BONITO,LA PRIMAVERA,SAN FELIPE,"
    "EL JARDÍN,LA CEIBA,LAS ORQUÍDEAS,MARROQUÍ,EL PARAÍSO,BRISAS DEL RÍO,LA FLORESTA,EL RECREO,LAS ACACIAS,"
    "NUEVO HORIZONTE,LA PLAYA"
)
HEALTH_INSURERS: Final = ("EPS UNO", "EPS DEL VALLE", "SALUD POPULAR", "EPS ANDINA", "NO APLICA")
BLOOD: Final = ("O+", "A+", "B+", "O-", "AB+", "A-", "")

_SLIPS: Final = (("Z", "S"), ("B", "V"), ("Í", "I"), ("É", "E"), ("Y", "I"), ("S", "Z"), ("Ñ", "N"), ("N", "NN"))


def first_names(girl: Array, number: Array) -> Array:
    """The given name of each child; number 0 is no (second) name."""
    girls, boys = (np.array(["", *names], dtype=object) for names in (GIRLS, BOYS))
    return np.asarray(np.where(girl, girls[number], boys[number]))


def surnames(number: Array) -> Array:
    return np.asarray(np.array(["", *SURNAMES], dtype=object)[number])


def misspelt(names: Array) -> Array:
    """Each name as somebody in a hurry writes it."""
    return np.array([_slip(name) for name in names], dtype=object)


def _slip(name: str) -> str:
    for right, wrong in _SLIPS:
        if right in name:
            return name.replace(right, wrong, 1)
    return name[:-1] or name
