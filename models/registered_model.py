"""How MLflow itself reads a registered model: from its two text files, with nothing of this project installed.

MLflow keeps this file beside the model and runs it when somebody loads the version from a notebook or a model server.
"""

import json
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel


class RegisteredRiskModel(PythonModel):
    """A frame of features in, `raw_score` and `score` out: the same numbers as the service's own reading."""

    def load_context(self, context: Any) -> None:
        folder = Path(context.artifacts["model"])
        self.told = json.loads((folder / "model.json").read_text("utf-8"))
        self.booster = lgb.Booster(model_file=str(folder / "model.lgb"))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        columns = [self._column(model_input[name], name) for name in self.told["features"]]
        rows = np.round(np.column_stack(columns), self.told["decimals"])
        raw = np.asarray(self.booster.predict(rows, raw_score=True, num_threads=1))
        line = self.told["calibration"]
        log_odds = np.clip(line["slope"] * raw + line["intercept"], -500, 500)
        return pd.DataFrame({"raw_score": raw, "score": 1.0 / (1.0 + np.exp(-log_odds))})

    def _column(self, values: "pd.Series[Any]", name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        words = self.told["categories"].get(name)
        coded = values.map({word: place for place, word in enumerate(words)}) if words is not None else values
        return coded.to_numpy(dtype=np.float64, na_value=np.nan)


set_model(RegisteredRiskModel())
