"""The official column names of every export, and what we call what they hold."""

from __future__ import annotations

from dataclasses import replace

from features.sources.detection import LAYOUTS
from features.sources.profile import Profile
from features.sources.text_table import TextTable

SNAPSHOT: dict[str, tuple[str, ...]] = {
    "año": ("ANO", "ANOINF"),
    "etc": ("ETC",),
    "institución": ("DANE", "CODIGODANE"),
    "sede": ("CODIGODANESEDE", "DANEANTERIOR"),
    "consecutivo": ("CONSECUTIVO", "CONSSEDE"),
    "nombre_institución": ("INSTITUCION", "NOMBREEE"),
    "calendario": ("CALENDARIO",),
    "sector": ("SECTOR",),
    "comuna": ("COMUNASEDE", "COMUNA"),
    "zona": ("ZONASEDE",),
    "jornada": ("JORNADA", "TIPOJORNADA"),
    "grado": ("GRADOCOD", "GRADO"),
    "grupo": ("GRUPO",),
    "modelo": ("MODELO", "METODOLOGIA"),
    "estado": ("ESTADO",),
    "motivo": ("MOTIVO",),
    "fecha_inicio": ("FECHAINI",),
    "fecha_fin": ("FECHAFIN",),
    "repitente": ("REPITENTE",),
    "nuevo": ("NUEVO",),
    "estrato": ("ESTRATO",),
    "sisben": ("SISBENIV", "SISBEN"),
    "género": ("GENERO",),
    "nacimiento": ("FECHANACIMIENTO",),
    "país": ("PAISORIGEN",),
    "discapacidad": ("DISCAPACIDAD", "TIPODISCAPACIDAD"),
    "etnia": ("ETNIA",),
    "víctima": ("POBVICTCONFRUV", "POBVICTCONF"),
    "persona": ("PERID",),
    "tipo_documento": ("TIPODOC", "TIPODOCUMENTO"),
    "documento": ("DOC", "NRODOCUMENTO"),
    "nombre1": ("NOMBRE1",),
    "nombre2": ("NOMBRE2",),
    "apellido1": ("APELLIDO1",),
    "apellido2": ("APELLIDO2",),
    "dirección": ("DIRECCIONRESIDENCIA", "DIRECCION"),
    "barrio": ("BARRIO",),
    "teléfono": ("TELEFONO", "TEL"),
    "correo": ("CORREO",),
}

_PERSON = {name: SNAPSHOT[name] for name in ("persona", "tipo_documento", "documento")}
_SITE = {"sede": ("CODIGODANESEDE", "DANEANTERIOR"), "institución": ("CODIGODANE", "DANE")}

ATTENDANCE = {
    **_PERSON,
    **_SITE,
    "semana": ("SEMANA",),
    "programados": ("DIASPROGRAMADOS",),
    "ausente": ("DIASAUSENTE",),
}
MARKS = {
    **_PERSON,
    **_SITE,
    "año": ("ANO", "ANOINF"),
    "periodo": ("PERIODO",),
    "área": ("AREA",),
    "nota": ("NOTA",),
    "fecha": ("FECHA",),
}
CHARACTERISATION = {
    **_PERSON,
    **_SITE,
    "fecha": ("FECHA",),
    "estrato": ("ESTRATO",),
    "sisben": ("SISBENIV",),
    "jefatura": ("JEFATURAHOGAR",),
    "tamaño": ("TAMANOHOGAR",),
    "educación": ("EDUCACIONACUDIENTE",),
    "trabaja": ("TRABAJA",),
    "minutos": ("MINUTOSALASEDE",),
    "desplazado": ("DESPLAZADO",),
    "internet": ("INTERNET",),
    "vivienda": ("CAMBIOVIVIENDA",),
    "madre_padre": ("ESMADREOPADRE",),
}
STRATEGIES = {
    **_PERSON,
    **_SITE,
    "estrategia": ("NOMBREESTRATEGIA",),
    "tipo": ("TIPOESTRATEGIA",),
    "desde": ("FECHAINICIOESTRATEGIAALUMNO", "FECHAINICIOESTRATEGIA"),
    "hasta": ("FECHAFINESTRATEGIAALUMNO",),
    "hasta_todos": ("FECHAFINESTRATEGIA",),
}
REGISTERED_DROPOUTS = {
    **_PERSON,
    **_SITE,
    "año": ("ANO", "ANOINF"),
    "fecha": ("FECHAREPORTE",),
}
VISITS = {
    **_PERSON,
    **_SITE,
    "fecha": ("FECHAVISITA", "FECHACONTACTO"),
    "contacto": ("TIPOCONTACTO",),
    "hallazgo": ("HALLAZGO", "RESULTADO"),
    "desde": ("FECHAHECHO",),
    "destino": ("DESTINO",),
}

_READ = (SNAPSHOT, ATTENDANCE, MARKS, CHARACTERISATION, STRATEGIES, REGISTERED_DROPOUTS, VISITS)
OFFICIAL_TITLES = frozenset(
    [title for columns in _READ for titles in columns.values() for title in titles]
    + [title for layout in LAYOUTS for title in layout.telling]
)
"""Every title that is read, or by which a file is known."""


def officially_titled(table: TextTable, profile: Profile) -> TextTable:
    """The table with the secretariat's own titles read as the official ones; one that is there already stays."""
    official: dict[str, str] = {}
    for own, title in profile.titles.items():
        if own in table.keys and title not in {*table.keys, *official.values()}:
            official[own] = title
    return replace(table, rows=table.rows.rename(official)) if official else table
