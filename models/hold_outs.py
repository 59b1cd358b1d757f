"""The four hold-outs: children seen or never seen while teaching, in the taught period or in a later one."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from models.metrics import area_under_curve, average_precision
from models.ranking import mixed, text_hashes

SEEN, UNSEEN = "visto", "no visto"
TAUGHT, LATER = "periodo enseñado", "periodo posterior"


def never_seen(students: pl.Series, share: float, seed: int) -> pl.Series:
    """Whole children to leave out of teaching, with all their weeks, by a lottery that can be repeated."""
    drawn = students.unique().sort()
    lots = pl.Series(mixed(text_hashes(pl.Series([f"{seed}:{student}" for student in drawn], dtype=pl.String))))
    return drawn.filter(lots < int(share * 2**64))


def cells(frame: pl.DataFrame, judged_from: date, apart: pl.Series) -> pl.DataFrame:
    """The frame with `student` (visto, no visto) and `period` (enseñado, posterior); `apart` are the never seen."""
    return frame.with_columns(
        student=pl.when(pl.col("student_id").is_in(apart.implode())).then(pl.lit(UNSEEN)).otherwise(pl.lit(SEEN)),
        period=pl.when(pl.col("day") >= judged_from).then(pl.lit(LATER)).otherwise(pl.lit(TAUGHT)),
    )


def teaching_rows(held: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
    """What may teach: the seen children, on the teaching days."""
    return held.filter(pl.col("student") == SEEN, pl.col("day").is_in(list(days)))


def hold_out_table(held: pl.DataFrame, raw: pl.Series) -> pl.DataFrame:
    """Per cell: rows, how many left, AUC and average precision of `raw`, which stands beside the rows of `held`.

    The seen children of the taught period were taught from: that cell says how much was learnt by heart. Only the
    never-seen of a later period are what a Monday list meets in a child who has just enrolled.
    """
    told = held.select("student", "period", "label").with_columns(raw.alias("raw"))
    rows = [
        {"student": student, "period": period, **figures(cell)}
        for (student, period), cell in told.group_by("student", "period", maintain_order=True)
    ]
    return pl.DataFrame(rows, infer_schema_length=None).sort("period", "student")


def figures(cell: pl.DataFrame) -> dict[str, float | int | None]:
    label, raw = (cell[column].cast(pl.Float64).to_numpy() for column in ("label", "raw"))
    return {
        "rows": cell.height,
        "left": int(label.sum()),
        "auc": area_under_curve(label, raw),
        "average_precision": average_precision(label, raw),
    }
