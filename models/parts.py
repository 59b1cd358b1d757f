"""What may become of a child besides leaving: a chance of its own, from trees of its own, on the same features."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from models.calibration import Calibration

Numbers = npt.NDArray[np.float64]

MOVED, BETWEEN_YEARS = "moved", "between_years"
PARTS = (MOVED, BETWEEN_YEARS)


@dataclass(frozen=True, eq=False)
class Part:
    """`booster` reads the same rows as the model it belongs to."""

    booster: lgb.Booster
    calibration: Calibration

    def chances(self, rows: Numbers, threads: int = 1) -> Numbers:
        if len(rows) == 0:
            return np.empty(0)
        raw = np.asarray(self.booster.predict(rows, raw_score=True, num_threads=threads), dtype=np.float64)
        return self.calibration(raw)

    def as_dict(self) -> dict[str, Any]:
        return self.calibration.as_dict()


def file_of(name: str) -> str:
    return f"{name}.lgb"


def files_of(parts: Mapping[str, Part]) -> dict[str, str]:
    """The text of each part's trees, by the name of its file."""
    return {file_of(name): part.booster.model_to_string() for name, part in parts.items()}


def read_parts(told: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Part]:
    return {
        name: Part(lgb.Booster(model_str=texts[file_of(name)]), Calibration.told(line)) for name, line in told.items()
    }
