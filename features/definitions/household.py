"""Household: what the family told in the characterisation form, and what enrolment says of it."""

from functools import reduce
from operator import and_

import narwhals as nw

from features.definitions.arithmetic import one_if
from features.feature import Feature
from features.passes import Latest

ANSWERS = (
    "stratum", "sisben_group", "household_head", "household_size", "guardian_education", "child_labour",
    "commute_minutes", "displaced", "has_internet", "moved_home", "is_parent",
)  # fmt: skip
HOME = Latest("home", "characterisation", ANSWERS)


def _home(column: str) -> nw.Expr:
    return nw.col(f"home__{column}")


def _none_known() -> nw.Expr:
    unknown = [_home(answer).is_null() for answer in ANSWERS]
    return reduce(and_, unknown)


FEATURES = (
    Feature(
        "form_missing", "household", "characterisation", "flag", "yes_no", one_if(_none_known()),
        "No se conoce su formulario de caracterización", reads=(HOME,), shown=False,
        window="record", fill="always",
    ),
    Feature(
        "stratum", "household", "characterisation", "number", "number", _home("stratum"),
        "Vive en un hogar de estrato {value}", "Vive en un hogar de estrato {value}", reads=(HOME,), shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "sisben_group", "household", "characterisation", "category", "text", _home("sisben_group"),
        "Su hogar está en el grupo {value} del Sisbén", "Su hogar está en el grupo {value} del Sisbén",
        reads=(HOME,), shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "mother_heads_household", "household", "characterisation", "flag", "yes_no",
        one_if(_home("household_head") == "MOTHER"),
        "Su hogar está a cargo de la madre sola", reads=(HOME,), shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "both_parents", "household", "characterisation", "flag", "yes_no", one_if(_home("household_head") == "BOTH"),
        "En su hogar no están ambos padres", "Cuenta con ambos padres en el hogar", reads=(HOME,),
        shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "household_size", "household", "characterisation", "number", "count", _home("household_size"),
        "En su hogar viven {value} personas", reads=(HOME,), shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "guardian_education", "household", "characterisation", "number", "schooling", _home("guardian_education"),
        "Nivel de estudios de su acudiente: {value}", "Nivel de estudios de su acudiente: {value}",
        reads=(HOME,), monotone=-1,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "child_labour", "household", "characterisation", "flag", "yes_no", one_if(_home("child_labour")),
        "Combina el estudio con trabajo", "Se dedica solo a estudiar", reads=(HOME,), shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "commute_minutes", "household", "characterisation", "number", "minutes", _home("commute_minutes"),
        "Tarda {value} minutos en llegar a la sede", "Vive a {value} minutos de la sede",
        reads=(HOME,), actionable=True, monotone=1,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "displaced", "household", "characterisation", "flag", "yes_no", one_if(_home("displaced")),
        "Su familia llegó desplazada", reads=(HOME,), shown=False, sensitive=True,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "has_internet", "household", "characterisation", "flag", "yes_no", one_if(_home("has_internet")),
        "No tiene internet en el hogar", "Tiene internet en el hogar", reads=(HOME,), actionable=True,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "moved_home", "household", "characterisation", "flag", "yes_no", one_if(_home("moved_home")),
        "Su familia cambió de vivienda", "Su familia no ha cambiado de vivienda", reads=(HOME,), actionable=True,
        window="record", fill="carried", companion="form_missing",
    ),
    Feature(
        "is_parent", "household", "characterisation", "flag", "yes_no", one_if(_home("is_parent")),
        "Es madre o padre y puede requerir apoyo", reads=(HOME,), shown=False,
        window="record", fill="carried", companion="form_missing",
    ),
)  # fmt: skip
