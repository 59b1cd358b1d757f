"""What is kept of one training: its choices, where its data came from, what it showed, and its model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from models import fairness
from models.evaluation import Evaluation
from models.report import as_markdown, write_figures
from models.risk_model import RiskModel

PERIODS = {"fit_days": "training", "stop_days": "stopping", "calibrate_days": "calibration", "test_days": "evaluation"}
"""The days of each part of a training, and what MLflow calls the use of a data set."""


@dataclass(frozen=True)
class Run:
    """`sample`: some hundred rows of features for SHAP's own plots. `datasheet`: what the data are, as data."""

    model: RiskModel
    params: Mapping[str, str]
    tags: Mapping[str, str]
    table: pl.DataFrame
    deciles: pl.DataFrame
    example: pl.DataFrame
    weeks: pl.DataFrame = field(default_factory=pl.DataFrame)
    metrics: Mapping[str, float] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    audited: pl.DataFrame = field(default_factory=pl.DataFrame)
    sample: pl.DataFrame = field(default_factory=pl.DataFrame)
    datasheet: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fairness(self) -> pl.DataFrame:
        """One row per trait and group; empty where nothing was audited."""
        return self.evaluation.fairness if self.evaluation is not None else self.audited

    @property
    def figures(self) -> dict[str, float]:
        audited = fairness.figures(self.fairness) if self.fairness.height else {}
        return figures_of(self.table) | audited | dict(self.metrics)

    @property
    def all_tags(self) -> dict[str, str]:
        """What the gates and whoever reads the run must know beside its figures."""
        used = {"use_sensitive": self.params.get("use_sensitive", "False")}
        asked = {"horizon_weeks": str(self.model.horizon_weeks), "absent_weeks": str(self.model.absent_weeks)}
        return {**self.tags, **used, **asked, "catalogue_fingerprint": self.model.fingerprint}


def figures_of(table: pl.DataFrame) -> dict[str, float]:
    """`method.figure` for every figure there is."""
    return {
        f"{row['method']}.{name}": float(value)
        for row in table.iter_rows(named=True)
        for name, value in row.items()
        if name != "method" and value is not None
    }


def datasets_of(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Name, digest and use of each part of the archive that made the model.

    The digest names the records and the days; the rows stay where they are.
    """
    records = tags.get("data_digest", "")
    told = {part: tags[part] for part in PERIODS if part in tags}
    return [
        {"name": part, "days": days, "context": PERIODS[part], "digest": digest(f"{records} {days}")}
        for part, days in told.items()
    ]


def digest(text: str) -> str:
    """As long as MLflow keeps."""
    return sha256(text.encode()).hexdigest()[:36]


def write_evaluation(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    run.table.write_csv(folder / "evaluation.csv")
    (folder / "evaluation.md").write_text(as_markdown(run.table), encoding="utf-8")
    run.deciles.write_csv(folder / "deciles.csv")
    run.weeks.write_csv(folder / "weeks.csv")
    write_figures(run.table, run.deciles, folder)
    if run.fairness.height:
        run.fairness.write_csv(folder / "fairness.csv")
    if run.evaluation is not None:
        write_page_of(run.evaluation, folder)


def write_page_of(evaluation: Evaluation, folder: Path) -> None:
    from models.report_page import write_page

    write_page(evaluation, folder)
