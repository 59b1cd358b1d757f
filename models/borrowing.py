"""Carries a model to a secretariat that has no results of its own yet: written out there, checked and taken in here."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from features import Records
from features.definitions import CATALOGUE
from features.feature import Catalogue
from models.borrowed import ADOPTED, ELSEWHERE, Borrowed, Loss
from models.borrowed_gates import DECIDED_ON, DECISION
from models.evaluation_table import COUNTS, ordered
from models.gates import GateRefused
from models.model_archive import read_archive, write_archive
from models.model_files import MANIFEST, as_json, read_whole
from models.registry import Registry
from models.risk_model import RiskModel
from models.runs import PERIODS, Run

INSIDE, SHOWN, ABOUT = "modelo/", "mostrado.json", "leame.txt"
TOLD_OF_THE_RUN = ("horizon_weeks", "recipe", "use_sensitive", "data_digest", "git_commit", *PERIODS)
"""Tags that travel. Nothing that travels tells of one child: figures of a whole city, days, and digests."""

STAY_AT_HOME = ("excluded.", "against.")
"""Figures that do not travel: counts of what was set aside, and what other versions there showed."""

NOT_ON_THE_CARD = ("recall_ratio_high", "fpr_gap_low", "visit_gap_low", "understated_low")

TABLES = {
    "attendance": "inasistencia",
    "characterisation": "caracterización",
    "progress": "valoración",
    "support": "estrategias",
}
README = """Un modelo de Permanencia, para llevarlo a otra secretaría.

modelo/model.lgb     los árboles, como texto de LightGBM
modelo/model.json    qué variables lee, su calibración, los días con que aprendió
modelo/*.lgb         otros árboles: traslados y no regreso, si los tiene
modelo/card.json     la ficha: qué hace, qué no, y qué mostró
modelo/manifest.json el sello (SHA-256) de cada archivo del modelo
mostrado.json        las cifras de su evaluación, también en instituciones que no le enseñaron
manifest.json        el sello de cada archivo de este paquete

No trae ningún dato de un estudiante, ni nombre, ni seudónimo, ni institución. El sello de todo el paquete llega por
otro camino: compárelo con «permanencia model adopt ARCHIVO --seal SELLO».
"""


@dataclass(frozen=True)
class Adopted:
    """`checked`: the seal came another way and was the file's; without it nobody knows who wrote the file."""

    run_id: str
    version: str
    borrowed: Borrowed
    checked: bool


def export_version(registry: Registry, version: str, file: Path, secretariat: str = "") -> str:
    """Writes a registered version to one file; gives its seal, to be told another way than the file is sent."""
    with tempfile.TemporaryDirectory() as scratch:
        model = registry.fetch(version, Path(scratch))
        texts = {INSIDE + name: text for name, text in read_whole(Path(scratch)).items()}
        texts[f"{INSIDE}{MANIFEST}"] = (Path(scratch) / MANIFEST).read_text("utf-8")
    if model.borrowed:
        raise GateRefused([f"La versión {version} vino de otra secretaría: pídala a quien la enseñó."])
    return write_archive(file, {**texts, SHOWN: as_json(shown(registry, version, secretariat)), ABOUT: README})


def shown(registry: Registry, version: str, secretariat: str) -> dict[str, Any]:
    """What the version showed where it learned. Counts of what was set aside stay there: a few are a few children."""
    run = registry.run_of(version).data
    figures = {name: value for name, value in run.metrics.items() if not name.startswith(STAY_AT_HOME)}
    if Loss.of(figures, "auc") is None or Loss.of(figures, "precision") is None:
        raise GateRefused([
            f"La versión {version} no dice cuánto pierde en instituciones que no le enseñaron, y sin eso no se lleva a "
            "otra secretaría. Entrene otra, con cinco instituciones o más y con unseen_share en su receta."
        ])  # fmt: skip
    tags = {name: run.tags[name] for name in TOLD_OF_THE_RUN if name in run.tags}
    return {
        "secretariat": secretariat,
        "version": version,
        "figures": figures,
        "tags": tags,
        "params": dict(run.params),
    }


def adopt(registry: Registry, file: Path, records: Records, catalogue: Catalogue, seal: str | None = None) -> Adopted:
    """Registers the model of an archive here, refused where this archive of records cannot feed it."""
    texts, own = read_archive(file, seal)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, text in texts.items():
            if name.startswith(INSIDE):
                (folder / name.removeprefix(INSIDE)).write_text(text, encoding="utf-8", newline="\n")
        model = RiskModel.load(folder)
        card = json.loads(read_whole(folder).get("card.json", "{}"))
    told = json.loads(texts[SHOWN])
    refuse_what_cannot_be_fed(model, catalogue)
    borrowed = borrowed_of(told, own, missing_here(model, records))
    run_id, version = registry.record(run_of(told, card, settled(model, borrowed, catalogue)))
    return Adopted(run_id, version, borrowed, checked=seal is not None)


def settled(model: RiskModel, borrowed: Borrowed, catalogue: Catalogue) -> RiskModel:
    """The model as it may be used here: without the intervals, which are of other children; no day here taught it.

    A model of the common catalogue reads a register with columns of its own as well: it does not look at them.
    """
    here = replace(model, taught_on=(), taught_until=None, version=None)
    return replace(here, borrowed=borrowed, fingerprint=catalogue.fingerprint, uncertainty=None)


def borrowed_of(told: Mapping[str, Any], seal: str, missing: tuple[str, ...]) -> Borrowed:
    figures = told["figures"]
    losses = [Loss.of(figures, name) for name in ("auc", "precision")]
    if losses[0] is None or losses[1] is None:
        raise GateRefused(["El archivo no dice cuánto pierde el modelo en instituciones que no le enseñaron."])
    schools = int(figures.get("lost.schools", 0))
    return Borrowed(str(told["secretariat"]), str(told["version"]), seal, schools, losses[0], losses[1], missing)


def refuse_what_cannot_be_fed(model: RiskModel, catalogue: Catalogue) -> None:
    lacking = [name for name in model.features if name not in catalogue]
    if lacking:
        raise GateRefused([
            f"Ese modelo lee {len(lacking)} variables que esta secretaría no tiene: {', '.join(lacking[:5])}"
            f"{'…' if len(lacking) > 5 else ''}. Pida uno enseñado con el catálogo común, sin columnas propias."
        ])  # fmt: skip
    if model.fingerprint not in (CATALOGUE.fingerprint, catalogue.fingerprint):
        raise GateRefused([
            f"Ese modelo se enseñó con otro catálogo de variables ({model.fingerprint}; aquí {CATALOGUE.fingerprint}): "
            "sus variables se calculan de otro modo. Use la misma versión del programa en las dos secretarías."
        ])  # fmt: skip


def missing_here(model: RiskModel, records: Records) -> tuple[str, ...]:
    """Files that the model learned from and nobody has sent here: what they would have told, it will not know."""
    read = {CATALOGUE[name].source for name in model.features if name in CATALOGUE}
    return tuple(word for table, word in TABLES.items() if table in read and not records.has(table))


def run_of(told: Mapping[str, Any], card: Mapping[str, Any], model: RiskModel) -> Run:
    """What the registry keeps of it: the figures it brought, marked as those of another secretariat."""
    figures = {name: float(value) for name, value in told["figures"].items()}
    sensitive = {"use_sensitive": str(told["tags"].get("use_sensitive", "False"))}
    tags = {**{name: str(value) for name, value in told["tags"].items()}, ELSEWHERE: ADOPTED}
    return Run(
        model=model,
        params={**{name: str(value) for name, value in told["params"].items()}, **sensitive},
        tags=tags,
        table=table_of(figures),
        deciles=pl.DataFrame(card.get("deciles", []), infer_schema_length=None),
        example=nobody(model),
        metrics=figures,
        audited=audited_there(card),
    )


def audited_there(card: Mapping[str, Any]) -> pl.DataFrame:
    """The groups as the card tells them; what it leaves out of them came among the figures."""
    told = pl.DataFrame(card.get("fairness", []), infer_schema_length=None)
    absent = [name for name in NOT_ON_THE_CARD if name not in told.columns]
    return told.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent) if told.height else told


def table_of(figures: Mapping[str, float]) -> pl.DataFrame:
    """The evaluation's table again, from its figures."""
    rows: dict[str, dict[str, Any]] = {}
    for name, value in figures.items():
        method, _, figure = name.partition(".")
        if f"{method}.precision_at_capacity" in figures and "." not in figure:
            rows.setdefault(method, {"method": method})[figure] = int(value) if figure in COUNTS else value
    first = sorted(rows.values(), key=lambda row: row["method"] != "model")
    counted = [pl.lit(None, pl.Int64).alias(name) for name in COUNTS if not any(name in row for row in first)]
    return ordered(pl.DataFrame(first, infer_schema_length=None).with_columns(counted))


def nobody(model: RiskModel) -> pl.DataFrame:
    """One row of which nothing is known: an example for MLflow that is nobody's."""
    kinds = {name: pl.String if name in model.categories else pl.Float64 for name in model.features}
    return pl.DataFrame({name: [None] for name in model.features}, schema=kinds)


def approve(registry: Registry, version: str, decision: str, on: date | None = None) -> None:
    """Writes the decision beside the version; the gates ask for it."""
    if not decision.strip():
        raise GateRefused(["La decisión está vacía. Escriba su número y su fecha."])
    registry.tag_run(version, DECISION, decision.strip())
    registry.tag_run(version, DECIDED_ON, str(on or ""))
