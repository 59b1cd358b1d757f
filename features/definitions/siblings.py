"""Siblings: how those who share a home with the student do at school; it is used, and told to nobody."""

import narwhals as nw

from features.among import Among
from features.definitions.arithmetic import known_or_zero, ratio
from features.definitions.enrolment import HOUSEHOLD, OLDER
from features.definitions.relative import ATTENDED, READ
from features.exits import Exits
from features.feature import Feature

EXITS = Exits("exits", HOUSEHOLD)
HOME_MATES = Among(
    "siblings", "person", {**ATTENDED, "students": nw.lit(1), "older": OLDER}, by=(HOUSEHOLD,), known=(HOUSEHOLD,)
)
SAME_SCHOOL = Among(
    "siblings_here", "person", {"students": nw.lit(1)}, by=(HOUSEHOLD, "institution_id"), known=(HOUSEHOLD,)
)

FEATURES = (
    Feature(
        "siblings_on_roll", "siblings", "person", "number", "count", nw.col("siblings__students"),
        "Tiene {value} hermanos en la matrícula", reads=(*READ, HOME_MATES), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "siblings_in_school", "siblings", "person", "number", "count", nw.col("siblings_here__students"),
        "Tiene {value} hermanos en su institución", reads=(*READ, SAME_SCHOOL), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "siblings_absence_rate", "siblings", "attendance", "number", "share",
        ratio(nw.col("siblings__absent"), nw.col("siblings__expected")),
        "Sus hermanos faltaron al {value} de las clases", reads=(*READ, HOME_MATES), shown=False,
        window="4w", fill="unknown",
    ),
    Feature(
        "siblings_over_age", "siblings", "enrolment", "number", "count", nw.col("siblings__older"),
        "Tiene {value} hermanos en extraedad", reads=(*READ, HOME_MATES), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "siblings_left", "siblings", "enrolment", "number", "count",
        nw.when(~nw.col(HOUSEHOLD).is_null()).then(known_or_zero("exits__home")),
        "Tiene {value} hermanos que salieron de la matrícula en un año", reads=(*READ, EXITS), shown=False,
        monotone=1, window="52w", fill="unknown",
    ),
)  # fmt: skip
