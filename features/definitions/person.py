"""Person: traits kept to audit that the list treats everyone alike; never an input by default, never said."""

import narwhals as nw

from features.definitions.arithmetic import one_if
from features.feature import Feature
from features.passes import Latest

PERSON = Latest("person", "person", ["sex", "country_of_origin", "disability", "ethnic_group", "conflict_victim"])


def _trait(name: str, expression: nw.Expr) -> Feature:
    return Feature(
        name, "person", "person", "flag", "yes_no", expression, "Dato reservado", reads=(PERSON,),
        sensitive=True, shown=False,
    )  # fmt: skip


FEATURES = (
    _trait("is_male", one_if(nw.col("person__sex") == "M")),
    _trait("foreign_origin", one_if(nw.col("person__country_of_origin") != "COL")),
    _trait("has_disability", one_if(nw.col("person__disability") != "NONE")),
    _trait("ethnic_minority", one_if(nw.col("person__ethnic_group") != "NONE")),
    _trait("conflict_victim", one_if(nw.col("person__conflict_victim"))),
)
