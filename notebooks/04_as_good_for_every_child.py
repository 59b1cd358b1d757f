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
"""Asks of a list whether it is as good for girls as for boys, in the country as in town, and when that can be known."""

# %% [markdown]
# # As good for every child?
#
# No model here reads sex, origin, ethnicity, disability or victim status. That is no answer by itself: a list can
# miss a group without knowing its name. So the traits are kept apart, and only to look.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from fairlearn.metrics import MetricFrame, false_positive_rate, true_positive_rate
from made_up_city import SMALL, made_up_city

from models import train
from models.fairness import audit

city = made_up_city()
result = train(city.records, SMALL, capacity=40)

# %%
assert not {"is_male", "foreign_origin", "ethnic_minority", "has_disability", "conflict_victim"} & set(
    result.model.features
)
audited = result.evaluation.fairness
print(audited.select("trait", "group", "rows", "left", "listed", "caught", "enough", "verdict"))

# %% [markdown]
# A city of a thousand has few departures, and fewer in each group. Where there are too few, nothing is said: «no
# hay datos suficientes» is a result. To see what the audit does when there is enough, a larger list is drawn up
# here, where the truth is known: the same chances for two groups of children in forty schools.

# %%
rng = np.random.default_rng(7)
rows = 40_000
chance = rng.beta(1, 30, rows)
drawn = pl.DataFrame(
    {
        "student_id": [f"s{number}" for number in range(rows)],
        "day": [date(2024, 5, 5)] * rows,
        "institution_id": [f"school {number}" for number in rng.integers(0, 40, rows)],
        "outcome": np.where(rng.random(rows) < chance, "LEFT", "STAYED"),
        "model": chance,
        "listed": chance >= np.quantile(chance, 0.95),
        "trait.zone": np.where(rng.random(rows) < 0.3, "rural", "urbana"),
    }
)
alike = audit(drawn)
print(alike.select("trait", "group", "left", "recall", "fnr_gap", "fnr_gap_low", "fnr_gap_high", "verdict"))

# %% [markdown]
# Now the same list, blind to half of the rural children:

# %%
blind = (pl.col("trait.zone") == "rural") & (pl.int_range(pl.len()) % 2 == 0)
unfair = audit(drawn.with_columns(listed=pl.col("listed") & ~blind))
print(unfair.select("trait", "group", "left", "recall", "fnr_gap", "fnr_gap_low", "fnr_gap_high", "verdict"))

# %% [markdown]
# A gap is shown when its interval stays clear of zero, and not before.

# %%
rows = pl.concat([alike.with_columns(drawn_up=pl.lit("fair")), unfair.with_columns(drawn_up=pl.lit("blind"))])
names = [f"{list_name} list, {group}" for list_name, group in rows.select("drawn_up", "group").iter_rows()]
figure, axes = plt.subplots(figsize=(7, 2.4), layout="constrained")
axes.hlines(names, 100 * rows["fnr_gap_low"], 100 * rows["fnr_gap_high"], color="grey")
axes.plot(100 * rows["fnr_gap"], names, "o")
axes.axvline(0, color="black", linewidth=1)
axes.set(xlabel="more departures missed than in the other group, of 100")
axes.spines[["top", "right"]].set_visible(False)
axes.invert_yaxis()

# %% [markdown]
# ## The same with Fairlearn's own frame
# Its rates are those of the audit; what the audit adds is how sure one can be, by schools.

# %%
left = (drawn["outcome"] == "LEFT").to_numpy()
frame = MetricFrame(
    metrics={"recall": true_positive_rate, "false alarms": false_positive_rate},
    y_true=left,
    y_pred=drawn["listed"].to_numpy(),
    sensitive_features=drawn["trait.zone"].to_numpy(),
)
print(frame.by_group)
recall = dict(alike.select("group", "recall").iter_rows())
assert all(abs(recall[group] - value) < 1e-9 for group, value in frame.by_group["recall"].items())

# %% [markdown]
# ## Why the largest gap is no measure
# Twenty small groups, all treated alike: the largest gap between any two looks like injustice, and is luck. Gaps
# drawn towards each other, by as much as they could be luck, do not.

# %%
left_in, truth = 40, 0.5
caught = rng.binomial(left_in, truth, size=(200, 20)) / left_in
print(f"largest gap between two of twenty groups treated alike, on average: {np.ptp(caught, axis=1).mean():.2f}")
gaps, draws = np.unique(np.round(100 * np.ptp(caught, axis=1), 1), return_counts=True)
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.bar(gaps, draws, width=2)  # gaps come in steps of one child in forty: a histogram's bins would leave holes
axes.set(xlabel="largest gap in recall among twenty groups of forty, all alike (points of 100)", ylabel="draws, of 200")
axes.spines[["top", "right"]].set_visible(False)

# %%
plt.close("all")
city.close()
