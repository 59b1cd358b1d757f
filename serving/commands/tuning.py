"""Searching for a better recipe, on the years that teach and never on the one that judges."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk


def tune(
    out: Annotated[Path, typer.Option(help="Archivo TOML donde queda la mejor receta.")],
    trials: Annotated[
        int, typer.Option(min=1, help="Ensayos en total, contando los de una búsqueda interrumpida.")
    ] = 40,
    recipe: Annotated[Path | None, typer.Option(help="Receta de partida; si falta, la de siempre.")] = None,
    until: Annotated[date | None, typer.Option(parser=desk.read_day, metavar="AAAA-MM-DD")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Busca una receta mejor con los años que enseñan; si se interrumpe, sigue donde quedó."""
    from serving.recipe_search import search

    with desk.progress() as progress:
        found = search(desk.records(), desk.registry(), recipe, trials, until, out, desk.settings(), progress)
    body = {"recipe": str(out), "skill": found.skill, "skill_before": found.skill_before, "trials": found.trials}
    told = (
        f"Mejor receta en {out} tras {found.trials} ensayos: {found.skill:.4f} (de partida {found.skill_before:.4f})."
    )
    desk.answer(as_json, body, told)


def register(app: typer.Typer) -> None:
    app.command("tune")(tune)
