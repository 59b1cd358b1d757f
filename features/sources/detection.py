"""Tells what a file is by its column titles, never by its name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from features.sources.text_table import key_of

PERSON = ("PER_ID", "DOC", "NRO_DOCUMENTO")


@dataclass(frozen=True)
class Layout:
    """A kind of file: the titles that give it away, and those without which it cannot be used."""

    name: str
    telling: frozenset[str]
    keys: tuple[tuple[str, ...], ...]  # official titles, one of each group must be there

    def likeness(self, titles: Collection[str]) -> float:
        return len(self.telling & set(titles)) / len(self.telling)

    def missing(self, titles: Collection[str]) -> list[str]:
        return [" o ".join(group) for group in self.keys if not {key_of(title) for title in group} & set(titles)]


def _layout(name: str, telling: str, *keys: tuple[str, ...]) -> Layout:
    return Layout(name, frozenset(telling.split()), (PERSON, *keys))


LAYOUTS = (
    # Before the 6A, whose columns it has too.
    _layout(
        "anexo_13a",
        "NOMBREESTRATEGIA IDESTRATEGIA TIPOESTRATEGIA",
        ("NOMBRE_ESTRATEGIA",),
    ),
    _layout(
        "detallado",
        "ESTADO MOTIVO FECHAINI FECHAFIN CODIGODANESEDE JERARQUIA GRADOCOD INSTITUCION",
        ("ANO",),
        ("ESTADO",),
        ("DANE", "CODIGO_DANE"),
        ("GRADO_COD", "GRADO"),
    ),
    _layout(
        "anexo_6a",
        "ANOINF MUNCODIGO CODIGODANE DANEANTERIOR CONSSEDE TIPOJORNADA METODOLOGIA ZONALU",
        ("ANO_INF", "ANO"),
        ("CODIGO_DANE", "DANE"),
        ("GRADO", "GRADO_COD"),
    ),
    _layout("simpade", "FECHAREPORTE CODIGODANE CODIGODANESEDE GRADOCOD", ("ANO",), ("FECHA_REPORTE",)),
    _layout(
        "inasistencia",
        "SEMANA DIASPROGRAMADOS DIASAUSENTE",
        ("SEMANA",),
        ("DIAS_PROGRAMADOS",),
        ("DIAS_AUSENTE",),
    ),
    _layout("visitas", "FECHAVISITA TIPOCONTACTO HALLAZGO FECHAHECHO DESTINO", ("FECHA_VISITA",), ("HALLAZGO",)),
    _layout("valoracion", "PERIODO AREA NOTA", ("PERIODO",), ("AREA",), ("NOTA",)),
    _layout(
        "caracterizacion",
        "JEFATURAHOGAR TAMANOHOGAR EDUCACIONACUDIENTE TRABAJA MINUTOSALASEDE DESPLAZADO INTERNET CAMBIOVIVIENDA",
        ("FECHA",),
    ),
)
LEAST_LIKENESS = 0.4


def detect(titles: Collection[str]) -> Layout | None:
    """The kind of file that these titles belong to, or None when they belong to none we know."""
    best = max(LAYOUTS, key=lambda layout: layout.likeness(titles))
    return best if best.likeness(titles) >= LEAST_LIKENESS else None


def are_titles(words: Collection[str]) -> bool:
    return detect(words) is not None
