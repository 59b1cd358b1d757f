"""Person: traits kept to audit that the list treats everyone alike; never an input by default, never said."""

import narwhals as nw

from features.definitions.arithmetic import one_if
from features.definitions.enrolment import BIRTH
from features.feature import Feature


def _trait(name: str, expression: nw.Expr) -> Feature:
    return Feature(
        name, "person", "person", "flag", "yes_no", expression, "Dato reservado", reads=(BIRTH,),
        sensitive=True, shown=False, window="record", fill="unknown",
    )  # fmt: skip


FEATURES = (
    _trait("is_male", one_if(nw.col("birth__sex") == "M")),
    _trait("foreign_origin", one_if(nw.col("birth__country_of_origin") != "COL")),
    _trait("has_disability", one_if(nw.col("birth__disability") != "NONE")),
    _trait("ethnic_minority", one_if(nw.col("birth__ethnic_group") != "NONE")),
    _trait("conflict_victim", one_if(nw.col("birth__conflict_victim"))),
)
