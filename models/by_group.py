"""The same questions for each group of children: are its chances right, is its order right, are its leavers found."""

import polars as pl

from models.fates import known_fate
from models.metrics import area_under_curve
from models.resampling import SCHOOL, Cities, school

TRAIT = "trait."
PLAIN = ("grade", "zone")
ENOUGH_LEFT = 20
"""Of a group with fewer departures nothing is said: not enough data is an answer too."""

FRACTIONS = (
    *("said", "happened", "ratio", "ratio_low", "ratio_high", "auc"),
    *("precision", "recall", "recall_low", "recall_high", "share_listed", "share_left"),
)
SCHEMA = {
    "trait": pl.String,
    "group": pl.String,
    "rows": pl.Int64,
    "left": pl.Int64,
    "enough": pl.Boolean,
    **dict.fromkeys(FRACTIONS, pl.Float64),
}


def traits_in(judged: pl.DataFrame) -> dict[str, str]:
    """The columns that part children into groups, by the name a reader is told."""
    audited = [name for name in judged.columns if name.startswith(TRAIT)]
    plain = [name for name in PLAIN if name in judged.columns and f"{TRAIT}{name}" not in audited]
    return {name.removeprefix(TRAIT): name for name in (*plain, *audited)}


def groups_table(judged: pl.DataFrame, listed: pl.DataFrame, method: str, cities: Cities) -> pl.DataFrame:
    """One row per trait and group: `rows, left, enough` and, where there are enough departures, the fractions.

    `said` and `happened` are the mean chance and the share that left, `ratio` what was said by what happened, with its
    interval over schools; `share_listed` and `share_left` the group's part of the places and of the departures.
    """
    marked = marked_rows(judged, listed, method)
    whole = {"places": listed.height, "left": int(judged["left"].sum())}
    rows = [
        row
        for trait, name in traits_in(judged).items()
        for row in groups_of(marked, trait, judged[name], whole, cities)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def marked_rows(judged: pl.DataFrame, listed: pl.DataFrame, method: str) -> pl.DataFrame:
    """Every judged row as ones and zeros that can be summed, with what was said of those of known fate."""
    keys = ["student_id", "day"]
    on_list = judged.select(keys).join(
        listed.select(*keys, listed=pl.lit(1)), on=keys, how="left", maintain_order="left"
    )
    return judged.select(
        school(),
        "left",
        on_list["listed"].fill_null(0),
        told=known_fate(),
        score=pl.col(method),
    ).with_columns(
        resolved=pl.col("listed") * pl.col("told"),
        hit=pl.col("listed") * pl.col("left"),
        said=pl.when("told").then("score"),
        one=pl.lit(1),
    )


def groups_of(
    marked: pl.DataFrame, trait: str, groups: pl.Series, whole: dict[str, int], cities: Cities
) -> list[dict[str, object]]:
    words = in_words(groups)
    worded = marked.with_columns(words.cast(pl.Enum(words.unique().sort())).alias("_group"))
    sums = ["one", "left", "told", "said", "listed", "resolved", "hit"]
    counts = worded.group_by("_group", SCHOOL, maintain_order=True).agg(pl.col(sums).sum())
    told = worded.filter("told").select("_group", "left", "score")
    areas = {name: area(rows) for (name,), rows in told.partition_by("_group", as_dict=True).items()}
    parts = {name: rows for (name,), rows in counts.partition_by("_group", as_dict=True).items()}
    order = sorted(parts, key=by_number)
    return [{"trait": trait, "group": name, **group_row(parts[name], areas.get(name), whole, cities)} for name in order]


def by_number(name: str) -> tuple[float, str]:
    """Grade 2 comes before grade 10; words come after numbers."""
    return (float(name) if name.lstrip("-").isdigit() else float("inf"), name)


def in_words(groups: pl.Series) -> pl.Series:
    """A grade is a number in the frame and a word in the table."""
    whole = groups.cast(pl.Int64) if groups.dtype.is_float() else groups
    return whole.cast(pl.String).fill_null("sin dato")


def area(rows: pl.DataFrame) -> float | None:
    return area_under_curve(rows["left"].cast(pl.Float64).to_numpy(), rows["score"].to_numpy())


def group_row(counts: pl.DataFrame, auc: float | None, whole: dict[str, int], cities: Cities) -> dict[str, object]:
    rows, left = (int(counts[name].sum()) for name in ("one", "left"))
    enough = left >= ENOUGH_LEFT
    counted = {"rows": rows, "left": left, "enough": enough}
    return {**counted, **({"auc": auc} | fractions(counts, whole, cities) if enough else {})}


def fractions(counts: pl.DataFrame, whole: dict[str, int], cities: Cities) -> dict[str, float | None]:
    """`counts`: per school of one group."""
    shares = {
        "said": ("said", "told"),
        "happened": ("left", "told"),
        "ratio": ("said", "left"),
        "precision": ("hit", "resolved"),
        "recall": ("hit", "left"),
    }
    told = {name: cities.ratio(counts, part, of) for name, (part, of) in shares.items()}
    (low, high), (least, most) = told["ratio"].interval, told["recall"].interval
    return {
        **{name: share.value for name, share in told.items()},
        "ratio_low": low,
        "ratio_high": high,
        "recall_low": least,
        "recall_high": most,
        "share_listed": int(counts["listed"].sum()) / whole["places"] if whole["places"] else None,
        "share_left": int(counts["left"].sum()) / whole["left"] if whole["left"] else None,
    }
