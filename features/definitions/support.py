"""Support: which permanence strategies the student is receiving."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, one_if
from features.feature import Feature
from features.passes import Active, Measure, Total
from features.view import Frame, View


def _receives(strategy: str) -> Measure:
    return Measure(one_if(nw.col("strategy") == strategy), "max")


RUNNING = Active(
    "running",
    "support",
    {
        "feeding": _receives("SCHOOL_FEEDING"),
        "transport": _receives("SCHOOL_TRANSPORT"),
        "psychosocial": _receives("PSYCHOSOCIAL_SUPPORT"),
        "strategies": Measure(nw.lit(1)),
    },
)


def with_ends(rows: Frame, _: View) -> Frame:
    """Each strategy that ends, on the day it ends: an end told beforehand shows only once the day has come."""
    ended = rows.filter(~nw.col("ends_on").is_null())
    over = nw.max_horizontal(nw.col("visible_on"), nw.col("ends_on").dt.offset_by("1d"))
    return ended.with_columns(happened_on=nw.col("ends_on"), visible_on=over)


LISTED = Total("listed", "support", {"ever": Measure(nw.lit(1), "max")}, all_years=True)
ENDED = Total("ended", "support", {"strategies": Measure(nw.lit(1))}, prepare=with_ends, all_years=True)

FEATURES = (
    Feature(
        "strategies_received", "support", "support", "number", "count", nw.col("running__strategies"),
        "Recibe {value} estrategias de permanencia", "Recibe {value} estrategias de permanencia",
        reads=(RUNNING,), shown=False,
        window="day", fill="zero", companion="support_unlisted",
    ),
    Feature(
        "school_feeding", "support", "support", "flag", "yes_no", nw.col("running__feeding"),
        "No figura en el programa de alimentación escolar", "Recibe alimentación escolar",
        reads=(RUNNING,), actionable=True,
        window="day", fill="zero", companion="support_unlisted",
    ),
    Feature(
        "school_transport", "support", "support", "flag", "yes_no", nw.col("running__transport"),
        "No figura en el transporte escolar", "Recibe transporte escolar", reads=(RUNNING,), actionable=True,
        window="day", fill="zero", companion="support_unlisted",
    ),
    Feature(
        "psychosocial_support", "support", "support", "flag", "yes_no", nw.col("running__psychosocial"),
        "No figura en el apoyo psicosocial", "Recibe apoyo psicosocial", reads=(RUNNING,), actionable=True,
        window="day", fill="zero", companion="support_unlisted",
    ),
    Feature(
        "support_unlisted", "support", "support", "flag", "yes_no",
        nw.when(~nw.col("running__strategies").is_null()).then(one_if(nw.col("listed__ever").is_null())),
        "No figura en ninguna estrategia de permanencia", "Figura en las estrategias de permanencia",
        reads=(RUNNING, LISTED), actionable=True,
        window="record", fill="unknown",
    ),
    Feature(
        # Since the year began: every strategy ends with its school year, and that tells nothing of anybody.
        "support_ended_this_year", "support", "support", "number", "count", known_or_zero("ended__strategies_year"),
        "Terminaron {value} de sus estrategias de permanencia este año", reads=(ENDED,), actionable=True,
        window="year", fill="zero", companion="support_unlisted",
    ),
)  # fmt: skip
