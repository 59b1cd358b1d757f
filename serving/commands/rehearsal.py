"""The whole way on a made-up city: files, model, lists, and the service that shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from serving.commands import desk
from serving.commands.lists import serve

LAST_YEAR = 2024


def demo(
    students: Annotated[int, typer.Option(min=500, max=8_000_000)] = 8_000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    last_year: Annotated[int, typer.Option(min=2019, max=2099)] = LAST_YEAR,
    serve_it: Annotated[bool, typer.Option("--serve/--no-serve")] = True,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Inventa una ciudad y publica sus listas; luego abre la página."""
    from serving.demo import build

    with desk.progress() as progress:
        shown = build(desk.settings(), students, seed, last_year, desk.by(), progress)
    desk.answer(as_json, shown.as_json(), shown.text())
    if serve_it:
        serve()


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
