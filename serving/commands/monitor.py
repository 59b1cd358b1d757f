"""Asking every week whether files, variables, scores and lists are as they usually are."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands import desk
from serving.faults import Refused

if TYPE_CHECKING:
    from serving.watching import Watched


def monitor(
    day: Annotated[
        date | None,
        typer.Option(
            "--day", parser=desk.read_day, metavar="AAAA-MM-DD", help="Día desde el que se mira; hoy si falta."
        ),
    ] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Avisa si llegan tarde los archivos, cambiaron las variables, fallaron los puntajes o se movió la lista."""
    from serving.runs_shown import keep_watched
    from serving.watching import watch

    with desk.progress() as progress:
        told = watch(desk.records(), desk.database(), desk.settings(), day or desk.today(), progress)
    keep_watched(told.as_dict(), desk.settings())
    desk.answer(as_json, told.as_dict(), in_words(told))
    if told.alarms:
        raise typer.Exit(Refused.exit_code)


def in_words(told: Watched) -> str:
    alarms = [f"! {one.sentence}" for one in told.alarms] or ["Sin alarmas."]
    gaps = [f"- {sentence}" for sentence in told.not_judged]
    return "\n".join([*alarms, *(["Sin comparar todavía:", *gaps] if gaps else [])])


def register(app: typer.Typer) -> None:
    app.command("monitor")(monitor)
