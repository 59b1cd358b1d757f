"""What each kind of file is called when people are told of it."""

from __future__ import annotations

SOURCES = {
    "detallado": "Detallado de alumnos (SIMAT)",
    "anexo_6a": "Anexo 6A (SIMAT)",
    "anexo_5a": "Anexo 5A (SIMAT)",
    "anexo_13a": "Anexo 13A: estrategias",
    "simpade": "SIMPADE",
    "caracterizacion": "Caracterización",
    "inasistencia": "Inasistencia",
    "valoracion": "Valoración",
    "visitas": "Visitas",
    "desconocido": "No se reconoce",
}
