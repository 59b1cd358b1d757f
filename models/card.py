"""The model card: what the model is for, on whom it was tried, where it fails, until when it holds, who answers."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from features.definitions import CATALOGUE
from features.feature import FAMILY_NAMES
from models.borrowed import ADOPTED, ELSEWHERE
from models.card_words import FILTERS
from models.datasheet import LEAST_SHOWN
from models.evaluation_words import MEANINGS
from models.gates import Candidate, expires_on
from models.html_page import TEMPLATES, as_html
from models.purpose import LIMITS, WHAT_IT_DOES, what_it_does_not
from models.runs import Run, datasets_of

CARD = "card.json"
NOT_APPROVED = {"promoted_by": "", "promoted_on": "", "expires_on": ""}
JUDGED = (
    *("method", "precision_at_capacity", "precision_low", "precision_high", "recall_at_capacity", "lead_4w"),
    *("new_names", "auc", "average_precision", "brier", "ece", "calibration_slope", "calibration_intercept"),
)
COUNTED = ("days", "students", "capacity", "left")
AUDITED = (
    *("trait", "group", "left", "enough", "recall", "false_alarm_rate", "said", "happened"),
    *("visit_share", "leaver_share", "fnr_gap_shrunk", "fnr_gap_low", "fnr_gap_high", "verdict"),
)

ADDING_UP = ("left", "visit_share", "leaver_share")


def card_of(run: Run, reasons: Sequence[str], run_id: str) -> dict[str, Any]:
    """The card as data; `reasons` are what the gates have against the version. Nothing in it tells of one child."""
    model, tags, figures = run.model, run.all_tags, run.figures
    until = expires_on(Candidate({}, None, tags).judged_until)
    return {
        "run_id": run_id,
        "what_it_does": WHAT_IT_DOES,
        "what_it_does_not": what_it_does_not(tags["use_sensitive"] == "True"),
        "limits": LIMITS,
        "learned_elsewhere": model.borrowed.as_dict() if model.borrowed else None,
        "judged_elsewhere": tags.get(ELSEWHERE) == ADOPTED,
        "horizon_weeks": model.horizon_weeks,
        "absent_weeks": model.absent_weeks,
        "catalogue_fingerprint": model.fingerprint,
        "features": len(model.features),
        "families": families(model.features),
        "trees": model.booster.num_trees(),
        "calibration": model.calibration.as_dict(),
        "data_digest": tags.get("data_digest", ""),
        "git_commit": tags.get("git_commit", ""),
        "datasets": datasets_of(tags),
        "examples": {name: figures[name] for name in ("examples", "examples_left") if name in figures},
        "excluded": counted_under("excluded.", figures),
        "params": dict(run.params),
        "judged": rows_of(run.table, JUDGED),
        "judged_on": {name: figures[f"model.{name}"] for name in COUNTED if f"model.{name}" in figures},
        "unseen_schools": {n.removeprefix("unseen."): v for n, v in figures.items() if n.startswith("unseen.")},
        "deciles": run.deciles.to_dicts(),
        "fairness": fairness_of(rows_of(run.fairness, AUDITED)),
        "gates": list(reasons),
        **NOT_APPROVED,
        "expires_on": until.isoformat() if until else "",
    }


def counted_under(prefix: str, figures: Mapping[str, float]) -> dict[str, float]:
    """As in the datasheet, a handful is not told."""
    told = {name.removeprefix(prefix): count for name, count in figures.items() if name.startswith(prefix)}
    return {name: count for name, count in told.items() if count >= LEAST_SHOWN}


def families(features: Sequence[str]) -> dict[str, int]:
    """How many features of each side of a student's life the model reads, in the schools' words."""
    own = FAMILY_NAMES["own"]
    told = Counter(FAMILY_NAMES[CATALOGUE[name].family] if name in CATALOGUE else own for name in features)
    return dict(told.most_common())


def rows_of(table: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Those of the columns that are there."""
    kept = [name for name in columns if name in table.columns]
    return table.select(kept).to_dicts() if kept else []


def fairness_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """NOTE: beside a group held back, the counts and shares of the others would tell it by what is left over."""
    held = {row["trait"] for row in rows if not row["enough"]}
    told = [{**row, **dict.fromkeys(ADDING_UP)} if row["trait"] in held else row for row in rows]
    return [row if row["enough"] else kept_back(row) for row in told]


def kept_back(row: Mapping[str, Any]) -> dict[str, Any]:
    """Of a group too small to be judged nothing is told but its name: a count of three is three children."""
    said = ("trait", "group", "enough", "verdict")
    return {name: value if name in said else None for name, value in row.items()}


def approved(card: Mapping[str, Any], version: str, told: Mapping[str, str]) -> dict[str, str]:
    """The card of a version that was put in use: as JSON, Markdown and HTML, by file name."""
    return rendered({**card, **told, "version": version})


def write_card(card: Mapping[str, Any], run: Run, folder: Path) -> list[Path]:
    """Card and datasheet as files, with SHAP's own plots beside them where shap is installed."""
    from models.datasheet import written
    from models.shap_figures import write_shap_figures

    folder.mkdir(parents=True, exist_ok=True)
    texts = rendered(card) | (written(run.datasheet) if run.datasheet else {})
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts] + write_shap_figures(run.model, run.sample, folder)


def rendered(card: Mapping[str, Any]) -> dict[str, str]:
    """As JSON for programs, Markdown for a terminal, HTML for a browser; all three say the same."""
    text = filled("modelo.md.j2", card=card, meanings=MEANINGS)
    return {
        CARD: json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n",
        "modelo.md": text,
        "modelo.html": as_html(text),
    }


def filled(template: str, **told: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Markdown is text: what a foreign register may have put in it is escaped where it becomes a page (`html_page`).
    house = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    house.filters.update(FILTERS)
    return house.get_template(template).render(**told)
