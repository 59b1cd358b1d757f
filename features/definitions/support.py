"""Support: which permanence strategies the student is receiving."""

import narwhals as nw

from features.definitions.arithmetic import one_if
from features.feature import Feature
from features.passes import Active, Measure


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

FEATURES = (
    Feature(
        "strategies_received", "support", "support", "number", "count", nw.col("running__strategies"),
        "Recibe {value} estrategias de permanencia", "Recibe {value} estrategias de permanencia",
        reads=(RUNNING,), shown=False,
    ),
    Feature(
        "school_feeding", "support", "support", "flag", "yes_no", nw.col("running__feeding"),
        "No figura en el programa de alimentación escolar", "Recibe alimentación escolar",
        reads=(RUNNING,), actionable=True,
    ),
    Feature(
        "school_transport", "support", "support", "flag", "yes_no", nw.col("running__transport"),
        "No figura en el transporte escolar", "Recibe transporte escolar", reads=(RUNNING,), actionable=True,
    ),
    Feature(
        "psychosocial_support", "support", "support", "flag", "yes_no", nw.col("running__psychosocial"),
        "No figura en el apoyo psicosocial", "Recibe apoyo psicosocial", reads=(RUNNING,), actionable=True,
    ),
)  # fmt: skip
