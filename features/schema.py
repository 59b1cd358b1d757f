"""What a table and a column are: their type, the values they may hold, and what they mean to a school."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

STATUSES = (
    "ENROLLED",
    "WITHDRAWN",
    "TRANSFERRED",
    "GRADUATED",
    "PROMOTED",
    "FAILED",
    "CANCELLED",
    "NOT_SEEN",
)
REASONS = (
    "DROPOUT",
    "NOT_CONTINUED",
    "MISTREATMENT",
    "RELOCATION",
    "TRANSFER",
    "ADMINISTRATIVE",
    "DEATH",
    "UNSTATED",
)
SECTORS = ("OFFICIAL", "PRIVATE", "SGP_DEFENCE")
ZONES = ("URBAN", "RURAL")
SISBEN_GROUPS = ("A", "B", "C", "D", "NONE")
HOUSEHOLD_HEADS = ("BOTH", "MOTHER", "FATHER", "OTHER")
CONTACTS = ("HOME_VISIT", "PHONE_CALL", "SCHOOL_REPORT", "ENROLMENT_MATCH", "OTHER")
FINDINGS = (
    "ATTENDING",
    "ABSENT",
    "RETURNED",
    "LEFT",
    "ELSEWHERE",
    "MIGRATED",
    "DATA_ERROR",
    "DECEASED",
    "NOT_FOUND",
)
DESTINATIONS = ("SAME_CITY", "OTHER_CITY", "OTHER_COUNTRY", "VENEZUELA")

# Tables in which a foreign register may bring variables of its own, named x_…
EXTENSIBLE = ("characterisation", "progress")


@dataclass(frozen=True)
class Column:
    """One column: `required` means that a row without it is refused; the rest may be unknown."""

    name: str
    dtype: pl.DataType
    required: bool = False
    allowed: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    meaning: str = ""
    published: bool = True  # part of the open format; False for what we write ourselves


@dataclass(frozen=True)
class TableSchema:
    """One table: its columns in order, and the columns that tell two rows apart."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    meaning: str = ""

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        return {column.name: column.dtype for column in self.columns}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    @property
    def extensible(self) -> bool:
        return self.name in EXTENSIBLE


def _text(name: str, meaning: str, required: bool = False, *allowed: str) -> Column:
    return Column(name, pl.String(), required, allowed or None, meaning=meaning)


def _whole(name: str, meaning: str, least: int, most: int, required: bool = False) -> Column:
    return Column(name, pl.Int16(), required, None, least, most, meaning)


def _number(name: str, meaning: str, least: float, most: float) -> Column:
    return Column(name, pl.Float64(), False, None, least, most, meaning)


def _day(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, pl.Date(), required, meaning=meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, pl.Boolean(), meaning=meaning)


STUDENT = _text("student_id", "seudónimo del estudiante; nunca su documento ni su nombre", True)
HAPPENED_ON = _day("happened_on", "día en que ocurrió el hecho", True)
KNOWN_ON = _day("known_on", "día en que se conoció (fecha de corte)", True)
TIMES = (HAPPENED_ON, KNOWN_ON)
INSTITUTION = _text("institution_id", "código de la institución (DANE de 12 dígitos en SIMAT)", True)

ENROLMENT = TableSchema(
    "enrolment",
    (
        STUDENT,
        *TIMES,
        Column(
            "dated_by",
            pl.String(),
            True,
            ("FILE", "EXPORT"),
            meaning="quién fecha el hecho: el archivo o la fecha del corte",
            published=False,
        ),
        INSTITUTION,
        _text("campus_id", "código de la sede"),
        _text("school_year", "año lectivo", True),
        _whole("grade", "grado (−3 a 13, ciclos 20 a 26, PFC 41 a 45, 99)", -3, 99),
        _text("shift", "jornada"),
        _text("class_group", "grupo"),
        _text("teaching_model", "modelo educativo"),
        _text("sector", "sector", False, *SECTORS),
        _text("zone", "zona de la sede", False, *ZONES),
        _text("status", "estado de la matrícula", True, *STATUSES),
        _text("reason", "motivo del retiro", False, *REASONS),
        _flag("repeating", "repite el grado"),
        _flag("is_new", "nuevo en la institución"),
    ),
    ("student_id", "known_on", "happened_on", "institution_id", "status"),
    "novedades de matrícula: una fila por cambio",
)

PERSON = TableSchema(
    "person",
    (
        STUDENT,
        *TIMES,
        _day("birth_date", "fecha de nacimiento"),
        _text("sex", "sexo", False, "F", "M"),
        _text("country_of_origin", "país de origen (ISO 3166, tres letras)"),
        _text("disability", "discapacidad: NONE o un código"),
        _text("ethnic_group", "grupo étnico: NONE o un código"),
        _flag("conflict_victim", "víctima del conflicto"),
        _text("household_id", "seudónimo del hogar: el mismo para hermanos; nunca su teléfono ni su dirección"),
    ),
    ("student_id", "known_on", "happened_on"),
    "datos de la persona que sirven para conocer su edad y su origen",
)

CHARACTERISATION = TableSchema(
    "characterisation",
    (
        STUDENT,
        *TIMES,
        _whole("stratum", "estrato", 0, 6),
        _text("sisben_group", "grupo de Sisbén IV", False, *SISBEN_GROUPS),
        _text("household_head", "jefatura del hogar", False, *HOUSEHOLD_HEADS),
        _whole("household_size", "personas en el hogar", 1, 30),
        _whole("guardian_education", "educación del acudiente: 0 a 4", 0, 4),
        _flag("child_labour", "trabaja"),
        _whole("commute_minutes", "minutos hasta la sede", 0, 600),
        _flag("displaced", "en situación de desplazamiento"),
        _flag("has_internet", "internet en el hogar"),
        _flag("moved_home", "cambió de vivienda"),
        _flag("is_parent", "es madre o padre"),
    ),
    ("student_id", "known_on", "happened_on"),
    "caracterización individual y familiar; lo vacío no dice nada",
)

ATTENDANCE = TableSchema(
    "attendance",
    (
        STUDENT,
        *TIMES,
        Column("week", pl.Date(), True, meaning="lunes de la semana"),
        _whole("days_expected", "días de clase programados", 0, 7, True),
        _whole("days_absent", "días de ausencia", 0, 7, True),
    ),
    ("student_id", "week", "known_on"),
    "inasistencia por estudiante y semana",
)

PROGRESS = TableSchema(
    "progress",
    (
        STUDENT,
        *TIMES,
        _text("period", "periodo", True),
        _text("area", "área", True),
        _number("score", "valoración de 0 a 100; vacía si no entregó", 0, 100),
        _day("due_on", "fecha límite de entrega"),
    ),
    ("student_id", "period", "area", "happened_on", "known_on"),
    "valoraciones por periodo y área",
)

SUPPORT = TableSchema(
    "support",
    (
        STUDENT,
        *TIMES,
        _text("strategy", "estrategia de permanencia", True),
        _day("starts_on", "desde cuándo la recibe"),
        _day("ends_on", "hasta cuándo la recibe; vacía si la sigue recibiendo"),
    ),
    ("student_id", "strategy", "starts_on", "known_on"),
    "estrategias de permanencia que recibe",
)

REGISTERED_DROPOUT = TableSchema(
    "registered_dropout",
    (
        STUDENT,
        *TIMES,
        _text("school_year", "año lectivo", True),
        _text("institution_id", "última institución"),
    ),
    ("student_id", "school_year", "known_on"),
    "registro de deserción (SIMPADE)",
)

VISIT = TableSchema(
    "visit",
    (
        STUDENT,
        *TIMES,
        _day("visited_on", "día del contacto; el día del hecho hallado es happened_on"),
        _text("kind", "clase de contacto", False, *CONTACTS),
        _text("result", "hallazgo del contacto", True, *FINDINGS),
        _text("destination", "a dónde se fue, si se fue", False, *DESTINATIONS),
    ),
    ("student_id", "visited_on", "kind", "known_on"),
    "hallazgos de visitas, llamadas y cruces: sirven para saber qué pasó, nunca para calcular el riesgo",
)

INSTITUTION_TABLE = TableSchema(
    "institution",
    (
        INSTITUTION,
        *TIMES,
        _text("name", "nombre de la institución"),
        _text("municipality", "municipio (DIVIPOLA)"),
        _text("comuna", "comuna o corregimiento"),
        _text("zone", "zona", False, *ZONES),
        _text("sector", "sector", False, *SECTORS),
        _number("latitude", "latitud", -90, 90),
        _number("longitude", "longitud", -180, 180),
    ),
    ("institution_id", "known_on"),
    "instituciones",
)

CALENDAR = TableSchema(
    "calendar",
    (
        _text("school_year", "año lectivo", True),
        *TIMES,
        _day("starts_on", "primer día de clase", True),
        _day("ends_on", "último día de clase", True),
        _text("institution_id", "institución; vacía si vale para todas"),
    ),
    ("school_year", "institution_id", "known_on"),
    "calendario escolar",
)

REPORT = TableSchema(
    "report",
    (
        _text("source", "clase de archivo", True),
        *TIMES,
        _text("institution_id", "institución; vacía si no se sabe"),
        Column("rows", pl.Int64(), True, None, 0, None, "filas recibidas"),
    ),
    ("source", "known_on", "institution_id"),
    "archivos que se recibieron: de quién y cuántas filas",
)

LINK = TableSchema(
    "link",
    (
        STUDENT,
        *TIMES,
        _text("same_as", "seudónimo vigente del mismo estudiante", True),
        _number("probability", "probabilidad de que sean la misma persona", 0, 1),
        Column("weight", pl.Float64(), meaning="peso del parecido, en bits"),
        _text("decided_by", "quién decidió", True, "PER_ID", "DOCUMENT", "MODEL", "REVIEW"),
        _text("verdict", "si son la misma persona", True, "SAME", "DIFFERENT"),
        _text("evidence", "qué coincide y qué no; nunca un dato"),
    ),
    ("student_id", "same_as", "known_on", "verdict"),
    "cruces de matrícula: qué seudónimos son el mismo estudiante",
)

TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        ENROLMENT,
        PERSON,
        CHARACTERISATION,
        ATTENDANCE,
        PROGRESS,
        SUPPORT,
        REGISTERED_DROPOUT,
        VISIT,
        INSTITUTION_TABLE,
        CALENDAR,
        REPORT,
        LINK,
    )
}

OPEN_FORMAT_TABLES = (
    "enrolment",
    "person",
    "characterisation",
    "attendance",
    "progress",
    "support",
    "visit",
    "institution",
    "calendar",
)
OPEN_FORMAT_REQUIRED = ("enrolment", "calendar")
