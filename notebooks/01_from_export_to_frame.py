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
"""From a SIMAT export to one row per student and day: what the service knows, and since when it knows it."""

# %% [markdown]
# # From an export to a frame
#
# A made-up secretariat, small enough to wait for. Its files are those a real one gets: same columns, same
# encoding, same mess. Every person in them is invented. Open this file as a notebook with Jupytext, or run
# it: `make notebooks`.

# %%
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import polars as pl
from polars.testing import assert_frame_equal

from features import Archive, Records, build_frame, catalogue_for, days_to_score, observed_dates, outcomes
from features.simulation import simulate
from features.sources import check, ingest

scratch = TemporaryDirectory()
city = Path(scratch.name) / "exports"
summary = simulate(city, students=1_000, years=[2023, 2024], seed=7, weeks_of_last_year=14)
summary

# %% [markdown]
# ## The files
# One folder per delivery; the folder's name is the day on which what is new in it became known. Past years
# come monthly, the last one weekly. `truth/` is for judging afterwards and is never read by `ingest`.

# %%
folders = sorted(path for path in city.iterdir() if path.name != "truth")
pl.DataFrame({"folder": [path.name for path in folders], "files": [len(list(path.iterdir())) for path in folders]})

# %%
header = (folders[-1] / "detallado_alumnos.csv").read_text("latin-1").splitlines()[0].split(";")
len(header), header[:12]

# %% [markdown]
# ## What is wrong with them
# `check` reads as `ingest` does and keeps nothing. A problem is a sentence for the person who can mend the
# file.

# %%
problems = check(folders[-1], today=date(2024, 6, 1)).problems
for problem in problems[:3]:
    print(problem.sentence())

# %% [markdown]
# ## Reading
# Names and documents go to the roster, which here only counts them. The rest goes to the archive under
# pseudonyms.

# %%
people_seen = set()
archive = Archive(Path(scratch.name) / "archive")
report = ingest(
    city,
    archive,
    quarantine=Path(scratch.name) / "quarantine",
    key=b"a key for a city that does not exist",
    roster=lambda rows: people_seen.update(rows["student_id"]),
    today=date(2024, 6, 1),
)
assert report.rows_in == report.accepted + report.quarantined
report.rows_in, report.accepted, report.quarantined, len(people_seen)

# %% [markdown]
# A second time changes nothing: every file is recognised.

# %%
before = Records.open(archive.path).digest()
ingest(
    city,
    archive,
    Path(scratch.name) / "quarantine",
    b"a key for a city that does not exist",
    lambda _: None,
    date(2024, 6, 1),
)
records = Records.open(archive.path)
assert records.digest() == before

# %% [markdown]
# ## Two dates
# The archive holds changes, not snapshots. `happened_on` is when it was true, `known_on` when it was first
# seen; `dated_by` says whether the file gave the date or the export did.

# %%
enrolment = records.table("enrolment").collect()
enrolment.group_by("status", "dated_by").agg(
    rows=pl.len(), weeks_until_known=((pl.col("known_on") - pl.col("happened_on")).dt.total_days() / 7).median()
).sort("rows", descending=True)

# %% [markdown]
# ## The frame
# One row per student on roll and day; one column per feature of the catalogue. Many days come in one pass,
# and each day sees only what was known by then.

# %%
days = days_to_score(records, first=date(2024, 2, 1))[-6:]
frame = build_frame(records, days)
print(frame.shape)
frame.group_by("day").agg(students=pl.len(), absence=pl.col("absence_rate_4w").mean().round(3)).sort("day")

# %% [markdown]
# The promise that matters: had we stood there on that day, with nothing of what came later, the frame would
# have been the same.

# %%
then = build_frame(records.known_by(days[0]), [days[0]])
assert_frame_equal(then, frame.filter(pl.col("day") == days[0]), rel_tol=0, abs_tol=1e-12)

# %% [markdown]
# pandas, for who prefers it; and the date of the newest fact behind each row.

# %%
print(
    frame.to_pandas()
    .describe()
    .T.loc[["over_age_years", "absence_rate_4w", "school_exit_rate"], ["count", "mean", "max"]]
)
observed_dates(records, days[-1:]).head(3)

# %% [markdown]
# ## What became of them
# Four weeks later, and known for certain four weeks after that. The newest days are not ripe: they may not
# teach.

# %%
told = outcomes(records, days_to_score(records))
told.group_by("outcome", "ripe").len().sort("len", descending=True)

# %% [markdown]
# ## A first look
# Before any model: of those who had missed so much of the last four weeks, or were so many years older than their
# grade, how many had left four weeks later? Each child counts once for every Monday on roll. The number over a bar is
# how many departures it stands on; few departures, little known.

# %%
looked = build_frame(records, days_to_score(records)).select("student_id", "day", "absence_rate_4w", "over_age_years")
looked = looked.join(told.filter("ripe").select("student_id", "day", "outcome"), on=["student_id", "day"])
BANDS = {
    "classes missed in four weeks": (
        "absence_rate_4w",
        {0.05: "under 5 %", 0.1: "5 to 10 %", 0.2: "10 to 20 %"},
        "more",
    ),
    "years older than the grade": ("over_age_years", {1: "none", 2: "one", 3: "two"}, "three or more"),
}
figure, panels = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained", sharey=True)
for axes, (title, (feature, edges, rest)) in zip(panels, BANDS.items(), strict=True):
    names = [*edges.values(), rest]
    place = pl.sum_horizontal(pl.col(feature) >= edge for edge in edges).alias("place")
    rows = looked.drop_nulls(feature).group_by(place).agg(left=(pl.col("outcome") == "LEFT").sum(), rows=pl.len())
    rows = rows.sort("place")
    bars = axes.bar([names[n] for n in rows["place"]], 1000 * rows["left"] / rows["rows"], color="#1f4e79")
    axes.bar_label(bars, rows["left"].to_list(), fontsize=8)
    axes.set(xlabel=title)
    axes.spines[["top", "right"]].set_visible(False)
panels[0].set(ylabel="left within four weeks, of 1000")
print(looked.group_by("outcome").len().sort("len", descending=True))

# %% [markdown]
# And how much is known at all: the share of children with a value, source by source, on the newest day.

# %%
newest = frame.filter(pl.col("day") == days[-1])
sources: dict[str, list[str]] = {}
for feature in catalogue_for(records).features:
    if feature.name in newest.columns:
        sources.setdefault(feature.source, []).append(feature.name)
share = {
    name: 100 * newest.select(pl.mean_horizontal(pl.col(own).is_not_null())).mean().item()
    for name, own in sources.items()
}
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
bars = axes.barh(list(share), list(share.values()), color="#1f4e79")
axes.bar_label(bars, [f"{value:.0f} %" for value in share.values()], fontsize=8, padding=2)
axes.set(xlim=(0, 110), xlabel="values known, of 100")
axes.invert_yaxis()
axes.spines[["top", "right"]].set_visible(False)

# %%
plt.close("all")
scratch.cleanup()
