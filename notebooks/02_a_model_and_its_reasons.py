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
"""A model taught on a made-up city: how it is judged, and why it puts one student before another."""

# %% [markdown]
# # A model and its reasons
#
# The same small made-up city as in the first notebook, with one year more to teach. A city this small shows
# how things work; its figures say little about how well they work.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import shap
from made_up_city import made_up_city

from features import build_frame, catalogue_for, days_to_score, observed_dates
from models import Recipe, RiskModel, explain, score, train

city = made_up_city()
records = city.records

# %% [markdown]
# ## Teaching and judging
# Earlier days teach, a gap, a later year judges. The recipe is the whole of the choices; this one is small.
# Without a registry nothing is recorded.

# %%
recipe = Recipe(name="notebook", trees=80, learning_rate=0.1, min_leaf=40, most_days=8, bootstrap=50, threads=1)
result = train(records, recipe)
print("teaches ", result.fold.grown_on[0], "to", result.fold.grown_on[-1])
print("sets the chances until", result.fold.calibrate[-1])
print("judges  ", result.fold.test[0], "to", result.fold.test[-1])
result.table.select("method", "precision_at_capacity", "recall_at_capacity", "auc", "calibration_slope")

# %% [markdown]
# Are the chances true? In each tenth of the judged students, what was foretold beside what came. The third notebook
# draws it.

# %%
print(result.evaluation.deciles)

# %% [markdown]
# ## A model is text
# Saved, opened again, and the same to the last bit. No pickle anywhere.

# %%
model = result.model
model.save(city.place / "model")
day = days_to_score(records)[-1]
frame = build_frame(records, [day])
again = RiskModel.load(city.place / "model")
assert again.predict(frame).equals(model.predict(frame))
print([f"{path.name} ({path.stat().st_size} bytes)" for path in sorted((city.place / "model").iterdir())])

# %% [markdown]
# ## Why one student comes before another
# The raw score is a sum: a base and one contribution per feature. The sentences are made from the sums over
# families.

# %%
ranked = score(records, model, day).sort("score", descending=True)
first = frame.filter(pl.col("student_id") == ranked["student_id"][0])
told = explain(model, first, observed_dates(records, [day]), catalogue_for(records))[0]
assert abs(told.base_value + sum(told.families.values()) - told.raw_score) < 1e-6
print(f"de 100 como este estudiante, cerca de {100 * ranked['score'][0]:.0f} dejaron de estudiar")
for reason in told.reasons:
    print(f"+{reason.contribution:.2f}  {reason.sentence}")
for reason in told.protective:
    print(f"{reason.contribution:.2f}  {reason.sentence}")

# %% [markdown]
# ## The same with SHAP's own tools
# The service never imports `shap`; here it is the second opinion, and draws.

# %%
parts = model.contributions(frame)
theirs = shap.TreeExplainer(model.booster).shap_values(model.inputs(frame))
assert np.abs(parts[:, :-1] - theirs).max() < 1e-6

values = shap.Explanation(
    values=parts[:, :-1], base_values=parts[:, -1], data=model.inputs(frame), feature_names=list(model.features)
)
plt.figure(layout="constrained")
shap.plots.bar(values, max_display=12, show=False)
plt.title("what moves the scores of this week, on average")
plt.xlabel("mean size of the contribution (log-odds)")

# %%
plt.figure(layout="constrained")
shap.plots.waterfall(values[int(np.argmax(model.raw_score(model.inputs(frame))))], max_display=10, show=False)
plt.title("from the base to the first of the list (log-odds)", pad=30)
plt.gcf().set_size_inches(11, 5.5)

# %% [markdown]
# What a curve may not do: with monotone rules, more absence never lowers a child's place.

# %%
absence = list(model.features).index("absence_rate_4w")
known = ~np.isnan(values.data[:, absence])
figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
axes.scatter(100 * values.data[known, absence], values.values[known, absence], s=8, alpha=0.4)
axes.set(xlabel="classes missed in four weeks (%)", ylabel="contribution (log-odds)")
axes.spines[["top", "right"]].set_visible(False)

# %%
plt.close("all")
city.close()
