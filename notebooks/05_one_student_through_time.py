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
"""Follows one made-up student from Monday to Monday: the chance, what moved it, and the words a school would read."""

# %% [markdown]
# # One student through time
#
# A chance changes for a reason. With one model for all Mondays, every change has its facts; this notebook finds the
# student of a made-up city whose chance rose most, and takes the rise apart.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import shap
from made_up_city import SMALL, made_up_city

from features import build_frame, catalogue_for, days_to_score, observed_dates
from models import explain, train

city = made_up_city(weeks_of_last_year=16)
records = city.records
model = train(records, SMALL).model

# %% [markdown]
# ## Twelve Mondays, one model
# The frame of each day holds only what was known on it.

# %%
days = days_to_score(records)[-12:]
frame = build_frame(records, days)
scores = model.predict(frame).sort("student_id", "day")
weeks = scores.group_by("student_id").agg(
    rose=pl.col("raw_score").last() - pl.col("raw_score").first(), mondays=pl.len()
)
name = weeks.filter(pl.col("mondays") == len(days)).sort("rose", "student_id", descending=True)["student_id"][0]
own = frame.filter(pl.col("student_id") == name).sort("day")
told = model.predict(own)
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.plot(told["day"], 100 * told["score"], "o-", drawstyle="steps-post")
axes.set(ylabel="chance of leaving\nin four weeks (%)", ylim=(0, None))
axes.tick_params(axis="x", labelrotation=30)
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## What moved it
# Contributions add up to the raw score on every Monday, so their differences add up to its change, to the last
# digit.

# %%
parts = model.contributions(own)
assert np.abs(parts.sum(axis=1) - told["raw_score"].to_numpy()).max() < 1e-6
moved = pl.DataFrame({"feature": model.features, "moved": parts[-1, :-1] - parts[0, :-1]})
assert abs(moved["moved"].sum() - (told["raw_score"][-1] - told["raw_score"][0])) < 1e-6
most = moved.sort(pl.col("moved").abs(), descending=True).head(8)
print(most.with_columns(before=pl.Series([own[n][0] for n in most["feature"]], dtype=pl.String, strict=False)))

# %%
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.barh(most["feature"].to_list()[::-1], most["moved"].to_list()[::-1])
axes.axvline(0, color="grey", linewidth=1)
axes.set(xlabel="moved the raw score by (log-odds), first Monday to last")
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## In words
# What a school would read on the first of these Mondays, and on the last.

# %%
for day in (days[0], days[-1]):
    said = explain(model, own.filter(pl.col("day") == day), observed_dates(records, [day]), catalogue_for(records))[0]
    print(day, *(f"\n  + {reason.sentence}" for reason in said.reasons))
    print(*(f"  - {reason.sentence}\n" for reason in said.protective))

# %% [markdown]
# ## With SHAP's own plots
# The same sums from SHAP's own explainer, and the path from the base to the score.

# %%
theirs = shap.TreeExplainer(model.booster).shap_values(model.inputs(own))
assert np.abs(parts[:, :-1] - theirs).max() < 1e-6
values = shap.Explanation(
    values=parts[:, :-1], base_values=parts[:, -1], data=model.inputs(own), feature_names=list(model.features)
)
plt.figure(layout="constrained")
shap.plots.waterfall(values[len(days) - 1], max_display=10, show=False)
plt.title("the last Monday, from the base to the score (log-odds)", pad=30)
plt.gcf().set_size_inches(11, 5.5)

# %%
plt.figure()
shap.plots.heatmap(values, instance_order=np.arange(len(days)), max_display=10, show=False)
plt.title("twelve Mondays of one student")
plt.xlabel("Mondays, from the first (0)")
plt.subplots_adjust(left=0.36, right=0.88)

# %% [markdown]
# ## Everyone of the last Monday
# Where most children lie, and which features spread them.

# %%
last = frame.filter(pl.col("day") == days[-1])
whole = shap.Explanation(
    values=model.contributions(last)[:, :-1],
    base_values=np.full(last.height, model.base_value),
    data=model.inputs(last),
    feature_names=list(model.features),
)
plt.figure(layout="constrained")
shap.plots.beeswarm(whole, max_display=12, show=False)
plt.xlabel("contribution (log-odds)")

# %%
plt.close("all")
city.close()
