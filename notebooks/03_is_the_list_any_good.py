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
"""Judges a list as it will be used: so many visits a week, whom they would have found, how early, and how steadily."""

# %% [markdown]
# # Is the list any good?
#
# A made-up city again, with its truth beside it: here, and only here, we know each child's true chance and so
# the best list anyone could make. A thousand children are too few to judge a model by; the questions are the
# same for a hundred thousand.

# %%
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import polars as pl

from features import Archive, Records
from features.simulation import simulate
from features.sources import ingest
from models import Recipe, train
from serving.model_room import true_chances

KEY = b"no real key"
scratch = TemporaryDirectory()
place = Path(scratch.name)
simulate(place / "exports", students=1_000, years=[2022, 2023, 2024], seed=7, weeks_of_last_year=24)
ingest(place / "exports", Archive(place / "archive"), place / "quarantine", KEY, lambda _: None, date(2024, 12, 1))
records = Records.open(place / "archive")
truth = true_chances(place / "exports" / "truth", KEY)

# %%
recipe = Recipe(name="notebook", trees=60, retold_trees=150, stands=1, learning_rate=0.1, min_leaf=40, most_days=8)
recipe = Recipe(**{**vars(recipe), "bootstrap": 50, "refits": 0, "part_trees": 0, "unseen_share": 0.0, "threads": 1})
told = train(records, recipe, truth=truth, capacity=10).evaluation

# %% [markdown]
# ## At the capacity of real visits
# Ten visits a week. Of those listed, who left (precision); of those who left, who was listed (recall). Beside
# the model stand a lottery, two flags, the school's rate, a regression, and the best possible list.

# %%
asked = ["method", "precision_at_capacity", "recall_at_capacity", "lift", "auc", "hits", "listed"]
print(told.table.select(asked))

# %% [markdown]
# One figure is no figure. Had the city other schools, precision would lie between these:

# %%
table = told.table.filter(pl.col("precision_low").is_not_null()).reverse()
figure, axes = plt.subplots(figsize=(7, 3))
middle, low, high = (table[name].to_numpy() for name in ("precision_at_capacity", "precision_low", "precision_high"))
axes.hlines(table["method"].to_list(), low, high, color="grey")
axes.plot(middle, table["method"].to_list(), "o")
axes.set(xlabel="precision at ten visits a week", xlim=(0, None))
figure.tight_layout()

# %% [markdown]
# ## Are the chances true?
# In each tenth of the children, how many were expected to leave and how many left.

# %%
print(told.deciles)
figure, axes = plt.subplots(figsize=(4, 4))
axes.plot(told.deciles["expected"], told.deciles["observed"], "o-")
axes.axline((0, 0), slope=1, color="grey", linewidth=1)
axes.set(xlabel="expected", ylabel="observed", title="a tenth of the children each")
figure.tight_layout()

# %% [markdown]
# ## In time?
# A name that comes the week a child leaves is no help. Of those who left, how many had been listed so many
# weeks before their last day.

# %%
print(told.lead)

# %% [markdown]
# ## The same names next week?
# A list that changes every Monday cannot be worked. New names, what two Mondays share, and how many Mondays a
# name stays.

# %%
steady = [name for name in ("method", "new_names", "jaccard", "dwell_weeks", "new_fact") if name in told.table.columns]
print(told.table.select(steady))

# %% [markdown]
# ## Week by week
# A period's mean hides its bad Mondays.

# %%
weeks = told.weeks.filter(pl.col("method") == "model") if "method" in told.weeks.columns else told.weeks
print(weeks.head())

# %%
plt.close("all")
scratch.cleanup()
