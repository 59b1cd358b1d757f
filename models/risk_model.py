"""The model: trees that order students by risk, a calibration that makes it a chance, and the features they need."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from models.borrowed import Borrowed
from models.calibration import Calibration
from models.contributions import contributions
from models.horizons import SPANS, Horizons
from models.inputs import DECIMALS, matrix
from models.model_files import ORIGIN, as_json, read_files, read_note, read_whole, write_files
from models.parts import MOVED, PARTS, Part, file_of, files_of, read_parts
from models.steady_signs import SteadySigns
from models.uncertainty import Uncertainty

BOOSTER, DESCRIPTION = "model.lgb", "model.json"
ANSWER = ["student_id", "day", "institution_id"]


@dataclass(frozen=True, eq=False)
class RiskModel:
    """`fingerprint` names the catalogue it was taught on; `taught_until` is the last day it has seen."""

    booster: lgb.Booster
    features: tuple[str, ...]
    fingerprint: str
    calibration: Calibration = field(default_factory=Calibration)
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    horizon_weeks: int = 4
    absent_weeks: int = 4
    taught_on: tuple[date, ...] = ()
    taught_until: date | None = None
    version: str | None = None
    uncertainty: Uncertainty | None = None
    steady: SteadySigns | None = None
    horizons: Horizons | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    borrowed: Borrowed | None = None

    def inputs(self, frame: pl.DataFrame) -> npt.NDArray[np.float64]:
        return matrix(frame, self.features, self.categories)

    def raw_score(self, rows: npt.NDArray[np.float64], threads: int = 1) -> npt.NDArray[np.float64]:
        """Log-odds before calibration, as the trees add up to it."""
        if len(rows) == 0:
            return np.empty(0)
        return np.asarray(self.booster.predict(rows, raw_score=True, num_threads=threads), dtype=np.float64)

    def predict(self, frame: pl.DataFrame, threads: int = 1) -> pl.DataFrame:
        """student_id, day, institution_id, raw_score, score; rows in the order they came."""
        raw = self.raw_score(self.inputs(frame), threads)
        return frame.select(ANSWER).with_columns(
            raw_score=pl.Series(raw, dtype=pl.Float64), score=pl.Series(self.calibration(raw), dtype=pl.Float64)
        )

    def chances(self, frame: pl.DataFrame, threads: int = 1) -> pl.DataFrame:
        """As `predict`, and `score_8w, score_year, moved, between_years`; null where the model has no such part.

        Over eight weeks and until the school year closes a child is never less likely to leave than within the horizon.
        `moved` is the chance of changing school within the horizon: the two exclude each other, and never exceed one.
        `between_years`: of a child who finishes this year, that nobody sees it enrolled when the next one has begun.
        """
        rows = self.inputs(frame)
        raw = self.raw_score(rows, threads)
        score = self.calibration(raw)
        longer = self.horizons.chances(raw, score, frame) if self.horizons else dict.fromkeys(SPANS)
        others = {name: self.parts[name].chances(rows, threads) if name in self.parts else None for name in PARTS}
        moved = others[MOVED]
        others[MOVED] = None if moved is None else np.minimum(moved, 1.0 - score)
        told = {"raw_score": raw, "score": score, **longer, **others}
        columns = [pl.Series(name, values, dtype=pl.Float64) for name, values in told.items() if values is not None]
        absent = [pl.lit(None, pl.Float64).alias(name) for name, values in told.items() if values is None]
        return frame.select(ANSWER).with_columns(columns).with_columns(absent).select(*ANSWER, *told)

    def contributions(self, frame: pl.DataFrame, threads: int = 1) -> npt.NDArray[np.float64]:
        return contributions(self.booster, self.inputs(frame), threads)

    @cached_property
    def base_value(self) -> float:
        """The raw score before anything is known of the student."""
        return float(contributions(self.booster, np.full((1, len(self.features)), np.nan))[0, -1])

    def save(self, folder: Path) -> None:
        write_files(folder, self.texts())

    def texts(self) -> dict[str, str]:
        """All that the model is, by file name: the trees, those of its parts, and what they need to be read."""
        own = {BOOSTER: self.booster.model_to_string(), DESCRIPTION: as_json(self.description())}
        return own | files_of(self.parts)

    def description(self) -> dict[str, Any]:
        return {
            "features": list(self.features),
            "fingerprint": self.fingerprint,
            "calibration": self.calibration.as_dict(),
            "categories": {name: list(words) for name, words in self.categories.items()},
            "decimals": DECIMALS,
            "horizon_weeks": self.horizon_weeks,
            "absent_weeks": self.absent_weeks,
            "taught_on": [day.isoformat() for day in self.taught_on],
            "taught_until": self.taught_until.isoformat() if self.taught_until else None,
            "base_value": self.base_value,
            "uncertainty": self.uncertainty.as_dict() if self.uncertainty else None,
            "steady": self.steady.as_dict() if self.steady else None,
            "horizons": self.horizons.as_dict() if self.horizons else None,
            "parts": {name: part.as_dict() for name, part in self.parts.items()},
            "borrowed": self.borrowed.as_dict() if self.borrowed else None,
        }

    @classmethod
    def load(cls, folder: Path, manifest_seal: str | None = None) -> "RiskModel":
        version = version_in(folder)
        texts = read_whole(folder, manifest_seal, needed=(BOOSTER, DESCRIPTION))
        told = json.loads(texts[DESCRIPTION])
        beside = told.get("parts", {})
        texts |= read_files(folder, tuple(file_of(name) for name in beside), manifest_seal)
        return cls(
            booster=lgb.Booster(model_str=texts[BOOSTER]),
            features=tuple(told["features"]),
            fingerprint=told["fingerprint"],
            calibration=Calibration.told(told["calibration"]),
            categories=told["categories"],
            horizon_weeks=told["horizon_weeks"],
            absent_weeks=told["absent_weeks"],
            taught_on=tuple(date.fromisoformat(day) for day in told["taught_on"]),
            taught_until=date.fromisoformat(told["taught_until"]) if told["taught_until"] else None,
            version=version,
            uncertainty=Uncertainty.told(told.get("uncertainty")),
            steady=SteadySigns.told(told.get("steady")),
            horizons=Horizons.told(told.get("horizons")),
            parts=read_parts(beside, texts),
            borrowed=Borrowed.told(told.get("borrowed")),
        )


def version_in(folder: Path) -> str | None:
    """The registry's number for a model fetched from it; a model fresh from training has none."""
    path = folder / ORIGIN
    return read_note(path)["version"] if path.exists() else None
