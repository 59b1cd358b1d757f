"""Lending a model to another secretariat, borrowing one, and leaving it for one's own as weeks ripen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk
from serving.commands.models import Version

model = typer.Typer(no_args_is_help=True, help="Llevar un modelo a otra secretaría, o traerlo de otra.")

UNCHECKED = (
    "Sin --seal solo se sabe que el archivo está entero, no quién lo escribió. "
    "Pida el sello por otro camino y compárelo: "
)


@model.command()
def export(
    version: Version,
    out: Annotated[Path, typer.Option(help="Archivo que se escribe, por ejemplo modelo.zip.")],
    secretariat: Annotated[str, typer.Option(help="Nombre de esta secretaría, para quien lo reciba.")] = "",
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Escribe una versión en un archivo sellado, sin ningún dato de estudiantes, para otra secretaría."""
    from serving.borrowing import export

    seal = export(desk.registry(), version, out, secretariat, desk.database(), desk.by())
    told = f"Versión {version} en {out}.\nSello (envíelo por otro camino que el archivo): {seal}"
    desk.answer(as_json, {"version": version, "out": out, "seal": seal}, told)


@model.command()
def adopt(
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO")],
    seal: Annotated[
        str | None, typer.Option(help="El sello que dio quien lo exportó, llegado por otro camino.")
    ] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Registra un modelo aprendido en otra secretaría; no lo pone en uso."""
    from serving.borrowing import adopt

    told = adopt(desk.registry(), file, seal, desk.records(), desk.settings(), desk.database(), desk.by())
    body = {"run_id": told.run_id, "version": told.version, "seal_checked": told.checked}
    body["learned_elsewhere"] = told.borrowed.as_dict()
    warned = [] if told.checked else [f"{UNCHECKED}{told.borrowed.seal}"]
    next_step = f'Para usarlo: permanencia model approve {told.version} --decision "número y fecha"'
    desk.answer(as_json, body, "\n".join([f"Versión {told.version}. {told.borrowed.sentence}", *warned, next_step]))


@model.command()
def approve(
    version: Version,
    decision: Annotated[str, typer.Option(help="Número y fecha de la decisión escrita de la secretaría.")],
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Pone en uso, por decisión escrita y por medio año, un modelo que aquí nada ha juzgado todavía."""
    from serving.borrowing import approve

    approve(desk.registry(), version, decision, desk.records(), desk.settings(), desk.database(), desk.by())
    told = f"La versión {version}, aprendida en otra secretaría, está en uso."
    desk.answer(as_json, {"champion": version, "decision": decision}, told)


@model.command()
def judge(
    version: Version,
    recipe: Annotated[Path | None, typer.Option(help="Receta TOML del modelo propio; si falta, la de siempre.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Juzga un modelo traído de otra secretaría en los cortes maduros de aquí, junto a uno propio, y elige."""
    from models.recipe import Recipe, read_recipe
    from models.report import as_text
    from serving.borrowing import judge

    chosen = read_recipe(recipe) if recipe else Recipe()
    with desk.progress() as progress:
        told, new = judge(desk.registry(), version, desk.records(), chosen, progress)
    body = {"chosen": told.chosen, "version": new, "notes": told.notes, "evaluation": told.evaluation.table.to_dicts()}
    desk.answer(as_json, body, "\n".join([as_text(told.evaluation.table), *told.notes, told.sentence(new)]))


def register(app: typer.Typer) -> None:
    app.add_typer(model, name="model")
