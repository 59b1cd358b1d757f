"""At the capacity of real visits: how many listed left, how many who left were listed, beside every baseline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from models.at_capacity import Roll, at_the_cut, beside_best, by_week, counts, roll_of
from models.by_group import TRAIT, groups_table
from models.by_school import schools_table
from models.comparison import compare
from models.evaluation_table import BEST, COLUMNS, MODEL, OTHER, columns_of, ordered
from models.fairness import audit, marked
from models.fates import has_left
from models.lead_time import ENOUGH_WEEKS, departures, in_time, lead_table, share_ahead
from models.one_more_visit import MOST_TIMES, one_more, visits_table, visits_to_match
from models.places import KEPT, LOT, Capacity, cut, listed, placed, rooms, with_lottery
from models.ranking import TIE_SEED
from models.reliability import decile_table, order_figures
from models.resampling import Cities, Figures, Measured, numbered_schools, other_cities
from models.steadiness import Facts, names, steadiness, weekly

__all__ = [
    "BEST",
    "COLUMNS",
    "MODEL",
    "OTHER",
    "Capacity",
    "Evaluation",
    "evaluate",
    "evaluate_table",
    "listed",
    "with_best",
    "with_lottery",
]


@dataclass(frozen=True)
class Evaluation:
    """What one judged period showed. Frames other than `table` are empty where nothing could be measured.

    `table`: a row per method. `deciles`: reliability of the model. `weeks`: each Monday of each method. `groups`: the
    model's figures by trait. `lead`: departures listed so many weeks before. `steadiness`: each Monday's new names.
    `schools`: watchlists of each school. `visits`: what more visits find. `comparison`: model less the other version.
    `fairness`: of `models.fairness`.
    """

    table: pl.DataFrame
    deciles: pl.DataFrame
    weeks: pl.DataFrame
    notes: tuple[str, ...] = ()
    groups: pl.DataFrame = field(default_factory=pl.DataFrame)
    lead: pl.DataFrame = field(default_factory=pl.DataFrame)
    steadiness: pl.DataFrame = field(default_factory=pl.DataFrame)
    schools: pl.DataFrame = field(default_factory=pl.DataFrame)
    visits: pl.DataFrame = field(default_factory=pl.DataFrame)
    comparison: pl.DataFrame = field(default_factory=pl.DataFrame)
    fairness: pl.DataFrame = field(default_factory=pl.DataFrame)


def evaluate(
    judged: pl.DataFrame,
    methods: Mapping[str, bool],
    capacity: Capacity,
    truth: pl.DataFrame | None = None,
    draws: int = 200,
    seed: int = TIE_SEED,
    facts: Facts | None = None,
) -> Evaluation:
    """`judged`: student_id, day, institution_id, outcome, a column per method; `methods` says which are chances.

    Used where they are there: `happened_on` (of a departure), `visited`, `grade`, `zone` and `trait.…` columns; and
    `facts`, which gives the newest happenings known of some students on some days. `draws` schools are drawn again.
    """
    return judged_period(judged, methods, capacity, truth, draws, seed, facts).evaluation()


def evaluate_table(
    judged: pl.DataFrame,
    methods: Mapping[str, bool],
    capacity: Capacity,
    truth: pl.DataFrame | None = None,
    draws: int = 200,
    seed: int = TIE_SEED,
) -> pl.DataFrame:
    """One row per method; see `evaluate` for the arguments."""
    return judged_period(judged, methods, capacity, truth, draws, seed).table


def judged_period(
    judged: pl.DataFrame,
    methods: Mapping[str, bool],
    capacity: Capacity,
    truth: pl.DataFrame | None,
    draws: int,
    seed: int,
    facts: Facts | None = None,
) -> "Period":
    judged, methods = with_best(numbered_schools(judged), methods, truth)
    judged = with_lottery(judged, seed)
    room = rooms(judged, capacity)
    return Period(judged, methods, room, other_cities(judged["institution_id"], draws, seed), facts)


def with_best(
    judged: pl.DataFrame, methods: Mapping[str, bool], truth: pl.DataFrame | None
) -> tuple[pl.DataFrame, dict[str, bool]]:
    """The best possible list: whoever made the city up knows each child's true chance; no model can know more.

    Of a Sunday before a recess nobody drew a chance: it stays empty, and that Monday has no best list.
    """
    judged = judged.with_columns(left=has_left().cast(pl.Int8))
    if truth is None:
        return judged, dict(methods)
    known = truth.filter(pl.col("day").is_in(judged["day"].unique().implode()))
    known = known.select("student_id", "day", pl.col("chance_4w").cast(pl.Float64).alias(BEST))
    chance = judged.select("student_id", "day").join(known, on=["student_id", "day"], how="left", maintain_order="left")
    told = pl.col("day").is_in(known["day"].unique().implode())
    return judged.with_columns(pl.when(told).then(chance[BEST].fill_null(0.0)).alias(BEST)), {**methods, BEST: True}


class Period:
    """One judged period: its roll, the places each method gives on it, and the cities drawn again."""

    def __init__(
        self,
        judged: pl.DataFrame,
        methods: Mapping[str, bool],
        room: pl.DataFrame,
        cities: Cities,
        facts: Facts | None,
    ) -> None:
        self.judged, self.methods, self.cities = judged, methods, cities
        self.roll = roll_of(judged, methods)
        self.places = {method: placed(self.judged_by(method), method, room, MOST_TIMES) for method in methods}
        self.lists = {method: cut(rows) for method, rows in self.places.items()}
        asked = {MODEL: facts}
        self.names = {m: names(rows, self.judged_by(m), m, asked.get(m)) for m, rows in self.lists.items()}
        self.ahead = in_time(departures(judged), judged, self.lists)

    def judged_by(self, method: str) -> pl.DataFrame:
        """The rows of the Mondays on which the method had an opinion: all but the best list's have one on each."""
        return self.judged_by_truth if method == BEST else self.judged

    @cached_property
    def judged_by_truth(self) -> pl.DataFrame:
        if not self.judged[BEST].null_count():
            return self.judged
        needed = (*KEPT, LOT, BEST)
        return self.judged.select(n for n in needed if n in self.judged.columns).filter(pl.col(BEST).is_not_null())

    def roll_by(self, method: str) -> Roll:
        return self.best_roll if method == BEST else self.roll

    @cached_property
    def best_roll(self) -> Roll:
        return roll_of(self.judged_by(BEST), [BEST])

    @cached_property
    def alone(self) -> Roll | None:
        """The roll of those whom nobody visited; None where nobody was."""
        if "visited" not in self.judged.columns or not self.judged["visited"].any():
            return None
        needed = self.judged.select("student_id", "day", "institution_id", "outcome", "left", "visited", *self.methods)
        return roll_of(needed.filter(~pl.col("visited")), self.methods)

    def evaluation(self) -> Evaluation:
        ruled = MODEL in self.methods
        return Evaluation(
            table=self.table,
            deciles=decile_table(self.roll.told, MODEL, self.cities) if ruled else pl.DataFrame(),
            weeks=pl.concat([by_week(self.roll, self.lists[m]).with_columns(method=pl.lit(m)) for m in self.methods]),
            groups=groups_table(self.judged, self.lists[MODEL], MODEL, self.cities) if ruled else pl.DataFrame(),
            lead=lead_table(self.ahead, self.cities),
            steadiness=weekly(self.names),
            schools=schools_table(self.judged, self.lists, self.cities),
            visits=visits_table(self.places),
            comparison=self.comparison(),
            fairness=self.fairness() if ruled else pl.DataFrame(),
        )

    @cached_property
    def measured(self) -> dict[str, Figures]:
        return {method: self.figures(method) for method in self.methods}

    @cached_property
    def table(self) -> pl.DataFrame:
        return ordered(pl.DataFrame([self.row(method) for method in self.methods], infer_schema_length=None))

    def figures(self, method: str) -> Figures:
        """Every figure of a method with its draws, by its short name."""
        rows, roll, chances = self.lists[method], self.roll_by(method), self.methods[method]
        best = {"ratio_to_best": beside_best(rows, self.lists[BEST], self.cities)} if BEST in self.lists else {}
        return {
            **at_the_cut(rows, roll, chances, self.cities),
            **order_figures(roll.told, method, chances, self.cities),
            "lead_4w": share_ahead(self.ahead[method], ENOUGH_WEEKS, self.cities),
            **steadiness(self.names[method], rows, rows["day"], self.cities),
            "one_more_visit": one_more(self.places[method], self.cities),
            **best,
            **(self.unvisited(method, self.alone) if self.alone and method != BEST else {}),
        }

    def unvisited(self, method: str, alone: Roll) -> Figures:
        """Of those whom nobody visited: elsewhere a child whom a visit kept in school looks like a mistake."""
        rows = self.lists[method].filter(~pl.col("visited"))
        found = at_the_cut(rows, alone, False, self.cities)
        listed = self.lists[method].height
        return {
            "precision_unvisited": found["precision"],
            "recall_unvisited": found["recall"],
            "auc_unvisited": order_figures(alone.told, method, False, self.cities)["auc"],
            "visited_share": Measured(1 - rows.height / listed if listed else None),
        }

    def row(self, method: str) -> dict[str, float | int | str | None]:
        figures, rows = self.measured, self.lists[method]
        apart = {} if method == MODEL or MODEL not in figures else above(figures[MODEL], figures[method])
        wanted = self.lists.get(MODEL, rows).join(rows.select("day").unique(), on="day", how="semi")
        return {
            "method": method,
            **columns_of({**figures[method], **apart}),
            **counts(self.roll_by(method), rows),
            "visits_to_match_model": visits_to_match(self.places[method], int(wanted["left"].sum())),
        }

    def fairness(self) -> pl.DataFrame:
        needed = ("student_id", "day", "institution_id", "outcome", "left", MODEL)
        traits = [name for name in self.judged.columns if name.startswith(TRAIT)]
        return audit(marked(self.judged.select(*needed, *traits), self.lists[MODEL]))

    def comparison(self) -> pl.DataFrame:
        if not {MODEL, OTHER} <= set(self.methods):
            return pl.DataFrame()
        lists, weeks = (self.lists[MODEL], self.lists[OTHER]), self.roll.days.height
        return compare(self.measured[MODEL], self.measured[OTHER], lists, weeks, self.cities)


def above(model: Figures, other: Figures) -> Figures:
    return {"model_above": model["precision"].above(other["precision"])}
