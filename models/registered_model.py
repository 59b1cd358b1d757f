"""How MLflow itself reads a registered model: from its text files, with nothing of this project installed.

MLflow keeps this file beside the model and runs it when somebody loads the version from a notebook or a model server.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

Numbers = np.ndarray[Any, np.dtype[np.float64]]


class RegisteredRiskModel(PythonModel):
    """A frame of features in, the columns of `RiskModel.chances` out: the same numbers as the service's own reading.

    `raw_score` and `score` always; NaN in `score_8w, score_year, moved, between_years` where it has no such part.
    """

    def load_context(self, context: Any) -> None:
        folder = Path(context.artifacts["model"])
        sealed = json.loads((folder / "manifest.json").read_text("utf-8"))["sha256"]
        texts = {name: read_sealed(folder / name, seal) for name, seal in sealed.items()}
        self.told = json.loads(texts["model.json"])
        self.booster = lgb.Booster(model_str=texts["model.lgb"])
        self.parts = {name: lgb.Booster(model_str=texts[f"{name}.lgb"]) for name in self.told.get("parts") or {}}

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        columns = [self._column(model_input[name], name) for name in self.told["features"]]
        rows = np.ascontiguousarray(np.column_stack(columns), dtype=np.float64).round(int(self.told["decimals"]))
        raw = raw_scores(self.booster, rows)
        score = chance(self.told["calibration"], raw)
        longer = self._longer(raw, score, model_input)
        return pd.DataFrame({"raw_score": raw, "score": score, **longer, **self._others(rows, score)})

    def _longer(self, raw: Numbers, score: Numbers, told: pd.DataFrame) -> dict[str, Numbers]:
        """Over eight weeks and until the school year closes; never less than over a shorter time."""
        found = {name: np.full(len(raw), np.nan) for name in ("score_8w", "score_year")}
        horizons, least = self.told.get("horizons"), score
        if not horizons:
            return found
        begun = told["weeks_into_year"].to_numpy(dtype=np.float64, na_value=np.nan)
        left = (
            np.maximum(horizons["year_weeks"] - np.where(np.isnan(begun), 0.0, begun), 0.0) + horizons["closing_weeks"]
        )
        for name in (name for name in found if name in horizons["spans"]):
            span = horizons["spans"][name]
            ahead = np.log(np.minimum(float(span["weeks"]), left))
            least = np.maximum(sigmoid(span["slope"] * raw + span["growth"] * ahead + span["intercept"]), least)
            found[name] = least
        return found

    def _others(self, rows: Numbers, score: Numbers) -> dict[str, Numbers]:
        """Changing school excludes leaving: together they never exceed one."""
        found = {name: np.full(len(rows), np.nan) for name in ("moved", "between_years")}
        for name in (name for name in found if name in self.parts):
            found[name] = chance(self.told["parts"][name], raw_scores(self.parts[name], rows))
        found["moved"] = np.minimum(found["moved"], 1.0 - score)
        return found

    def _column(self, values: "pd.Series[Any]", name: str) -> Numbers:
        words = self.told["categories"].get(name)
        coded = values.map({word: place for place, word in enumerate(words)}) if words is not None else values
        return coded.to_numpy(dtype=np.float64, na_value=np.nan)


def read_sealed(path: Path, seal: str) -> str:
    """NOTE: LightGBM's parser trusts what it reads, even lengths; a changed file must not reach it."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != seal:
        raise ValueError(f"{path.name} cambió después de escribirse. No lo use; vuelva a copiarlo del registro.")
    return content.decode()


def raw_scores(booster: lgb.Booster, rows: Numbers) -> Numbers:
    if len(rows) == 0:
        return np.empty(0)
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)


def chance(line: dict[str, Any], raw: Numbers) -> Numbers:
    said = line["slope"] * raw + line["intercept"]
    for at, more in line.get("bends", ()):
        said = said + more * np.maximum(raw - at, 0.0)
    return sigmoid(said)


def sigmoid(log_odds: Numbers) -> Numbers:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500)))


set_model(RegisteredRiskModel())
