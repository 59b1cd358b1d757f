# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""Looks at those whom the list fails: who left and was never on it, who came on it too late, who was on it in vain."""

# %% [markdown]
# # What the list misses
#
# Every list misses children, and most of those it names would have stayed. Before a secretariat relies on one it
# should know whom, and whether a better list could have done otherwise. The city is made as in the other notebooks,
# four times as large: departures are few, and the missed ones fewer. All the same, read the counts before the shares.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from made_up_city import SMALL, made_up_city
from scipy.stats import binomtest

from features import build_frame, outcomes
from models import train
from models.audited import audited_columns
from models.lead_time import ENOUGH_WEEKS, departures, in_time
from models.ranking import ranked

VISITS = 40
city = made_up_city(students=4_000)
records = city.records
result = train(records, SMALL, capacity=VISITS)

# %% [markdown]
# ## Two lists of the same Mondays
# The Mondays are those that did not teach. `model` is the list that would have gone out; `best` is drawn up from the
# true chances, which only a made-up city has: what it misses, no list could be expected to find with forty visits a
# week.

# %%
days = result.fold.test
frame = build_frame(records, days)
keys = ["student_id", "day"]
judged = (
    frame.select(*keys, "institution_id", *audited_columns(frame))
    .join(outcomes(records, days).select(*keys, "outcome", "happened_on"), on=keys)
    .join(result.model.predict(frame).select(*keys, model="score"), on=keys)
    .join(city.true_chances().select(*keys, best="chance_4w"), on=keys, how="left")
)
lists = {name: ranked(judged, name).filter(pl.col("rank") <= VISITS) for name in ("model", "best")}
left = departures(judged)
print(f"{len(days)} Mondays, {VISITS} visits each; {left.height} children left")

# %% [markdown]
# ## Found in time, too late, never
# Four weeks before the last day a visit can still change something. Some children leave in the first weeks of the
# year, before any list of it could have been in time; they are counted apart.

# %%
FATES = {"in time": "#1f4e79", "in the first weeks": "#9e9e9e", "too late": "#c77700", "never listed": "#a83232"}
ahead, could = pl.col("ahead"), pl.col("could")
fate = (
    pl.when(ahead.is_null()).then(pl.lit("never listed"))
    .when(ahead >= ENOUGH_WEEKS).then(pl.lit("in time"))
    .when(could < ENOUGH_WEEKS).then(pl.lit("in the first weeks"))
    .otherwise(pl.lit("too late"))
)  # fmt: skip
told = {name: rows.with_columns(fate=fate) for name, rows in in_time(left, judged, lists).items()}


def stacked_bars(counts: pl.DataFrame, named_by: str, title: str) -> None:
    """A bar per row, a part per fate, each part with its count."""
    names = counts[named_by].to_list()
    figure, axes = plt.subplots(figsize=(7, 1.4 + 0.34 * len(names)), layout="constrained")
    start = np.zeros(len(names))
    for kind, colour in FATES.items():
        width = counts[kind].to_numpy() if kind in counts.columns else np.zeros(len(names))
        bars = axes.barh(names, width, left=start, color=colour, label=kind)
        axes.bar_label(bars, [str(n) if n else "" for n in width], label_type="center", color="white", fontsize=8)
        start = start + width
    axes.invert_yaxis()
    axes.set(xlabel="children who left", title=title)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(FATES), frameon=False)


def by_fate(rows: pl.DataFrame, named_by: str) -> pl.DataFrame:
    wide = rows.group_by(named_by, "fate").len().pivot("fate", index=named_by, values="len").fill_null(0)
    seen = [kind for kind in FATES if kind in wide.columns]
    return wide.with_columns(left=pl.sum_horizontal(seen)).sort("left", named_by, descending=[True, False])


both = pl.concat([rows.with_columns(whose=pl.lit(f"{name} list")) for name, rows in told.items()])
counts = by_fate(both, "whose").sort("whose", descending=True)
print(counts)
stacked_bars(counts, "whose", "what the two lists did for the same children")

# %% [markdown]
# The best list, too, finds many only when it is late: it ranks by the chance of the coming four weeks, and that rises
# at the end. Child by child: of those the model never listed (a row), what the best list did (a column). Whom neither
# lists, no list could be expected to find with so few visits.

# %%
pairs = told["model"].with_columns(best=told["best"]["fate"])
print(pairs.group_by("fate", "best").len().pivot("best", index="fate", values="len").fill_null(0).sort("fate"))

# %% [markdown]
# ## How early could it have been known?
# The chance in the weeks before the last day, as the model said it (line) and as it was (dots): the median of each
# kind. Where the true chance itself stays low until the end, there was nothing yet to see. Where it rises and the
# line follows late, the data or the model are slow: that is where work pays.

# %%
mine = told["model"]
path = (
    judged.join(mine.select("student_id", left_on="happened_on", fate="fate"), on="student_id")
    .with_columns(weeks=(pl.col("left_on") - pl.col("day")).dt.total_days() // 7)
    .filter(pl.col("weeks").is_between(0, 12))
    .group_by("fate", "weeks")
    .agg(pl.col("model", "best").median(), children=pl.len())
    .filter(pl.col("children") >= 5)
    .sort("weeks")
)
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for kind, colour in FATES.items():
    rows = path.filter(pl.col("fate") == kind)
    axes.plot(rows["weeks"], 100 * rows["model"], color=colour, label=kind)
    axes.plot(rows["weeks"], 100 * rows["best"], "o", color=colour, markersize=4)
axes.set(xlabel="weeks before the last day", ylabel="chance of leaving in four weeks (%)", yscale="log")
axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
axes.invert_xaxis()
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="upper left", title="line: said; dots: true")

# %% [markdown]
# ## What had happened to them?
# The simulation knows what weighed most in each departure. What shows in absence and in marks is found for the most
# part; what nobody wrote down (`UNOBSERVED`) is not, by any list. A departure whose truth lies further than two
# months away is one that the register told wrongly; it is left out here.

# %%
exits = city.true_exits()
why = mine.join(exits, on="student_id").filter((pl.col("left_on") - pl.col("happened_on")).dt.total_days().abs() <= 60)
stacked_bars(by_fate(why, "driver"), "driver", "what weighed most in the departure")

# %% [markdown]
# ## Was it for want of data?
# The share of children of whom each source had something on file, at the last Monday before leaving. Where a source
# is as full for the missed as for the found, its want is not why they were missed.

# %%
ON_FILE = {"attendance of four weeks": "absence_rate_4w", "marks": "mean_score", "family form": "guardian_education"}
known = {name: pl.col(feature).is_not_null() for name, feature in ON_FILE.items()}
last = (
    frame.select(*keys, **known)
    .join(mine.select("student_id", left_on="happened_on", fate="fate"), on="student_id")
    .filter(pl.col("day") <= pl.col("left_on"))
    .sort("day")
    .unique("student_id", keep="last")
)
shares = [pl.len().alias("children"), pl.col(*ON_FILE).mean().round(2)]
everyone = frame.filter(pl.col("day") == days[-1]).select(fate=pl.lit("(all on roll)"), **known)
print(last.group_by("fate").agg(shares).sort("fate"))
print(everyone.group_by("fate").agg(shares))

# %% [markdown]
# ## Whom does it miss?
# The share never listed, of those who left, by group. The bars are 95 % intervals: where they overlap, nothing is
# shown. Groups of fewer than ten departures are not drawn; how many left is in brackets.

# %%
groups = {
    "zone": pl.col("zone"),
    "sex": pl.col("trait.sex"),
    "age": pl.col("trait.over_age"),
    "origin": pl.col("trait.origin"),
    "level": pl.when(pl.col("grade") <= 5).then(pl.lit("primary")).when(pl.col("grade") <= 9)
    .then(pl.lit("lower secondary")).when(pl.col("grade") <= 11).then(pl.lit("upper secondary")),
}  # fmt: skip
traits = judged.sort("day").unique("student_id", keep="last").select("student_id", **groups)
missed = (
    mine.join(traits, on="student_id")
    .unpivot(on=list(groups), index=["student_id", "fate"], variable_name="trait", value_name="group")
    .drop_nulls("group")
    .group_by("trait", "group")
    .agg(left=pl.len(), never=(pl.col("fate") == "never listed").sum())
    .sort("trait", "group")
)
print(missed)
drawn = missed.filter(pl.col("left") >= 10)
names = [f"{trait}: {group} ({n})" for trait, group, n in drawn.select("trait", "group", "left").iter_rows()]
sure = [binomtest(k, n).proportion_ci(method="wilson") for k, n in drawn.select("never", "left").iter_rows()]
figure, axes = plt.subplots(figsize=(7, 1 + 0.3 * len(names)), layout="constrained")
axes.hlines(names, [100 * one.low for one in sure], [100 * one.high for one in sure], color="grey")
axes.plot(100 * drawn["never"] / drawn["left"], names, "o", color=FATES["never listed"])
axes.axvline(100 * (mine["fate"] == "never listed").mean(), color="grey", linewidth=1, linestyle="--")
axes.set(xlim=(0, 100), xlabel="never listed, of 100 who left (dashed: the whole city)")
axes.invert_yaxis()
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## In which schools?
# Schools are numbered by how many left; their codes stay out. One school alone with many missed children would be a
# reason to telephone and ask what its files leave out.

# %%
of_school = by_fate(mine, "institution_id").head(12)
print(f"{judged['institution_id'].n_unique()} schools, {mine['institution_id'].n_unique()} of them with departures")
of_school = of_school.with_columns(school=pl.format("school {}", pl.int_range(1, pl.len() + 1)))
stacked_bars(of_school, "school", "by school, those with most departures first")

# %% [markdown]
# ## Listed in vain?
# Of those who were on the list, what became of them by the end of these Mondays. «Stayed» is not a false alarm: at a
# chance of eight in a hundred, ninety-two stay, and nobody can say which. What can be asked is whether as many left
# as was said.

# %%
listed = lists["model"]
gone = left["student_id"].implode()
moved = judged.filter(pl.col("outcome") == "MOVED")["student_id"].implode()
ENDS = ("left school", "moved to another school", "stayed")
end = (
    pl.when(pl.col("student_id").is_in(gone)).then(pl.lit(ENDS[0]))
    .when(pl.col("student_id").is_in(moved)).then(pl.lit(ENDS[1])).otherwise(pl.lit(ENDS[2]))
)  # fmt: skip
names_listed = listed.group_by("student_id").agg(mondays=pl.len()).with_columns(end=end)
became = names_listed.group_by("end").agg(children=pl.len(), mondays=pl.col("mondays").mean().round(1)).sort("end")
print(became)
said, true, seen = listed["model"].sum(), listed["best"].sum(), (listed["outcome"] == "LEFT").sum()
print(f"of {listed.height} places, {said:.0f} were said to leave within four weeks; in truth {true:.0f}; seen: {seen}")

# %%
SPANS = {1: "1", 3: "2 to 3", 6: "4 to 6", len(days): "7 or more"}
span = pl.coalesce(pl.when(pl.col("mondays") <= most).then(pl.lit(most)) for most in SPANS)
wide = (
    names_listed.group_by(span=span, end="end").len().pivot("end", index="span", values="len").fill_null(0).sort("span")
)
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
start = np.zeros(wide.height)
for kind, colour in zip(ENDS, ("#a83232", "#c77700", "#b8c4d0"), strict=True):
    height = wide[kind].to_numpy() if kind in wide.columns else np.zeros(wide.height)
    bars = axes.bar([SPANS[most] for most in wide["span"]], height, bottom=start, color=colour, label=kind)
    start = start + height
axes.set(xlabel="Mondays on the list", ylabel="children")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)

# %% [markdown]
# ## What to take from this
# Three kinds of miss, three remedies. *No sign at all*: no list helps; schools that know their children do. *No
# data*: ask for the missing attendance or form, which costs less than a visit. *Seen, but below the cut*: more
# visits, or visits before the last weeks. A name listed in vain costs one conversation, and that conversation is a
# support and never a reproach.

# %%
plt.close("all")
city.close()
