"""Between the registry of models and the service: what is trained, what is put in use, and why a student scores so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.model_files import ORIGIN, read_files, read_note
from models.risk_model import RiskModel
from serving.database import By, Database
from serving.faults import Missing
from serving.risk_lists import how_many
from serving.settings import Settings

PREVIOUS = "previous"

if TYPE_CHECKING:
    import polars as pl

    from features import Records
    from models.evaluation import Evaluation
    from models.registry import Registry
    from models.training import TrainingResult


def train_and_record(
    records: Records,
    registry: Registry,
    recipe: Path | None,
    until: date | None,
    truth: Path | None,
    settings: Settings,
    progress: Callable[[str], None] | None,
) -> TrainingResult:
    """`truth`: the folder of a made-up city; with it the table also shows the best possible list."""
    from models.recipe import Recipe, read_recipe
    from models.training import train

    chosen = read_recipe(recipe) if recipe else Recipe()
    known = true_chances(truth, settings.pseudonym_key()) if truth else None
    return train(records, chosen, registry, until, known, progress=progress)


def keep_comparison(registry: Registry, version: str, against: str, told: Evaluation) -> str | None:
    """What `promote` reads when the version in use was another at the training; gives the sentence to print.

    Only of the Mondays that judged the version: a period chosen afterwards could be chosen for its result.
    """
    from models.beside import paired_figures

    judged = registry.candidate(version).judged_days
    days = told.weeks["day"]
    if judged is None or judged != (days.min(), days.max()):
        return None
    registry.add_figures(version, paired_figures(registry.seal_of(against), told.comparison))
    return f"La comparación con la versión {against} queda junto a la versión {version}: promote la lee."


def true_chances(truth: Path, key: bytes) -> pl.DataFrame:
    """Each made-up student's true chance, week by week, under the pseudonym that ingest gave them."""
    import polars as pl

    from features.sources import pseudonym

    hazards = pl.read_parquet(truth / "hazard" / "*" / "*.parquet", columns=["per_id", "monday", "chance_4w"])
    people = hazards.select("per_id").unique()
    named = people.with_columns(student_id=pseudonym("PER_ID:" + people["per_id"].cast(pl.String), key))
    sunday = (pl.col("monday") - pl.duration(days=1)).alias("day")
    return hazards.join(named, on="per_id").select("student_id", sunday, "chance_4w")


def promote(
    registry: Registry,
    version: str,
    fingerprint: str,
    settings: Settings,
    database: Database,
    by: By,
    on: date | None = None,
) -> None:
    """`fingerprint`: of the catalogue that this archive has today; a model of another one is refused.

    `on`: the newest day of the archive; a version whose time is over by then is refused.
    """
    registry.promote(version, fingerprint, by.who, on)
    put_in_use(registry, settings, database, by, "promote")


def rollback(registry: Registry, settings: Settings, database: Database, by: By) -> str:
    """First the service goes back to the copy it still has, in an instant; then the registry is told.

    NOTE: a bad model is most likely noticed on the night when something else is down too. Going back must not wait
    for MLflow, nor fail with it.
    """
    version = put_back(settings, database, by)
    try:
        known = registry.rollback()
    except Exception as fault:
        if version is None:
            raise
        raise Missing(registry_not_told(version)) from fault
    return known if known == version else put_in_use(registry, settings, database, by, "rollback")


def registry_not_told(version: str) -> str:
    return (
        f"El servicio ya volvió a la versión {version}, pero el registro de modelos no pudo anotarlo. "
        f"No repita la orden. Cuando el registro responda, ejecute: permanencia promote {version}"
    )


def put_back(settings: Settings, database: Database, by: By) -> str | None:
    """The copy before becomes the service's again, its seals checked; None where there is none."""
    now, before = settings.champion, settings.champion.with_name(PREVIOUS)
    if not (now.is_symlink() and before.is_symlink() and (before / "manifest.json").exists()):
        return None
    version = RiskModel.load(before).version
    one, other = now.readlink(), before.readlink()
    point(now, other)
    point(before, one)
    with database.writing(by, "rollback", f"model:{version}"):
        return version


def put_in_use(registry: Registry, settings: Settings, database: Database, by: By, action: str) -> str:
    """The champion's text files become those of the service."""
    version = registry.champion_version()
    if version is None:
        raise Missing("No hay un modelo en uso. Ejecute: permanencia promote VERSIÓN")
    return copy_for_service(registry, version, settings, database, by, action)


def copy_for_service(
    registry: Registry, version: str, settings: Settings, database: Database, by: By, action: str
) -> str:
    """A running service sees the old copy or the new one, always whole: the move is one rename."""
    copy = settings.champion.parent / f"version-{version}"
    registry.fetch(version, copy)
    if settings.champion.is_symlink() and settings.champion.readlink().name != copy.name:
        point(settings.champion.with_name(PREVIOUS), settings.champion.readlink())
    point(settings.champion, Path(copy.name))
    with database.writing(by, action, f"model:{version}"):
        return version


def point(link: Path, target: Path) -> None:
    draft = link.with_name(f"{link.name}.next")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)


def model_for(version: str | None, settings: Settings) -> RiskModel:
    """A registered version, or the text copy of the one in use, which needs no registry."""
    if version is None:
        return champion_in(settings.champion)
    from models.registry import Registry

    return Registry(settings.tracking_uri, settings.artifacts).load(version)


def champion_in(folder: Path) -> RiskModel:
    """Its seals are checked before it is parsed."""
    if not (folder / "manifest.json").exists():
        raise Missing("No hay un modelo en uso. Ejecute: permanencia train, y luego permanencia promote VERSIÓN")
    return RiskModel.load(folder)


def card_in_use(settings: Settings) -> dict[str, Any]:
    """As it was sealed with the trees, and who answers for it; it needs no registry."""
    if not (settings.champion / "card.json").exists():
        raise Missing("El modelo en uso no trae ficha: se entrenó antes de que las hubiera. Entrene una versión nueva.")
    card, origin = (card_in(settings.champion, name) for name in ("card.json", ORIGIN))
    return {**card, **{name: value for name, value in origin.items() if value}}


def card_in(folder: Path, name: str) -> dict[str, Any]:
    """What the card says, or the note of who put it in use, its seal checked; empty where there is none."""
    if not (folder / name).exists():
        return {}
    return dict(read_note(folder / name)) if name == ORIGIN else dict(json.loads(read_files(folder, (name,))[name]))


def written_card(card: dict[str, Any], folder: Path) -> str:
    from models.card import rendered

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rendered(card).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return f"Ficha de la versión {card.get('version', '—')} en {folder}."


def whole_explanation(records: Records, model: RiskModel, student: str, day: date) -> dict[str, Any]:
    """Every reason of one student, with the contribution of each feature; their sum is the raw score."""
    import polars as pl

    from features import build_frame, catalogue_for, observed_dates
    from models.explanation import explain
    from models.scoring import refuse_other_catalogue

    catalogue = catalogue_for(records)
    refuse_other_catalogue(model, catalogue)
    frame = build_frame(records, [day], catalogue=catalogue).filter(pl.col("student_id") == student)
    if frame.is_empty():
        raise Missing("Ese estudiante no estaba matriculado ese día. Revise el seudónimo y la fecha.")
    told = explain(model, frame, observed_dates(records, [day]), catalogue, most=None)[0]
    scored = model.predict(frame).row(0, named=True)
    parts = model.contributions(frame)[0]
    return {
        "student_id": student,
        "day": day.isoformat(),
        "model_version": model.version,
        "score": scored["score"],
        "raw_score": scored["raw_score"],
        "base_value": told.base_value,
        "out_of_a_hundred": how_many(scored["score"], scored["raw_score"], model.horizon_weeks, model.uncertainty),
        "reasons": [reason.as_dict() for reason in told.reasons],
        "protective": [reason.as_dict() for reason in told.protective],
        "families": told.families,
        "contributions": dict(zip(model.features, map(float, parts[:-1]), strict=True)),
    }
