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
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from fairlearn.metrics import MetricFrame, false_positive_rate, true_positive_rate

from features import Archive, Records
from features.simulation import simulate
from features.sources import ingest
from models import Recipe, train
from models.fairness import audit

scratch = TemporaryDirectory()
place = Path(scratch.name)
simulate(place / "exports", students=1_000, years=[2022, 2023, 2024], seed=7, weeks_of_last_year=24)
ingest(
    place / "exports",
    Archive(place / "archive"),
    place / "quarantine",
    b"no real key",
    lambda _: None,
    date(2024, 12, 1),
)
records = Records.open(place / "archive")
recipe = Recipe(name="notebook", trees=60, retold_trees=150, stands=1, learning_rate=0.1, min_leaf=40, most_days=8)
recipe = Recipe(**{**vars(recipe), "bootstrap": 50, "refits": 0, "part_trees": 0, "unseen_share": 0.0, "threads": 1})
result = train(records, recipe, capacity=40)

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
figure, axes = plt.subplots(figsize=(6, 3))
axes.hist(np.ptp(caught, axis=1), bins=20)
axes.set(xlabel="largest gap in recall, twenty groups of forty, all alike", ylabel="draws of two hundred")
figure.tight_layout()

# %%
plt.close("all")
scratch.cleanup()
