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
import matplotlib.pyplot as plt
import polars as pl
from made_up_city import SMALL, made_up_city

from models import train

city = made_up_city()
told = train(city.records, SMALL, truth=city.true_chances(), capacity=10).evaluation

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
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
middle, low, high = (table[name].to_numpy() for name in ("precision_at_capacity", "precision_low", "precision_high"))
names = [name.replace("_", " ") for name in table["method"]]
axes.hlines(names, 100 * low, 100 * high, color="grey")
axes.plot(100 * middle, names, "o")
axes.set(xlabel="left, of 100 listed (ten visits a week; line: 95 % interval)", xlim=(0, None))
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Are the chances true?
# In each tenth of the children, how many were expected to leave and how many left.

# %%
print(told.deciles)
expected, observed, low, high = (1000 * told.deciles[name] for name in ("expected", "observed", "low", "high"))
figure, axes = plt.subplots(figsize=(5, 4), layout="constrained")
axes.vlines(expected, low, high, color="grey")
axes.plot(expected, observed, "o")
axes.plot(expected, expected, color="black", linewidth=1, label="as foretold")
axes.set(xlabel="expected to leave, of 1000", ylabel="left, of 1000", title="a tenth of the children each")
axes.set(xscale="log")
axes.legend(frameon=False, loc="upper left")
axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## In time?
# A name that comes the week a child leaves is no help. Of those who left, how many had been listed so many
# weeks before their last day.

# %%
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for method in ("model", "logistic_regression", "absence", "best_possible"):
    lead = told.lead.filter(pl.col("method") == method)
    style = "--" if method == "best_possible" else "-"
    axes.plot(lead["weeks"], 100 * lead["share"], style, label=method.replace("_", " "))
axes.set(xlabel="weeks before the last day", ylabel="already listed, of 100 who left", ylim=(0, None))
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
print(told.lead.filter(pl.col("method") == "model"))

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
city.close()
