"""What leaves the house: the weekly notice by e-mail, and the packs of all schools prepared beside the pages."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated

import typer

from serving.commands import desk
from serving.commands.lists import DayOrLatest

EVERY = 3.0  # seconds between one look at the queue and the next


def deliver(day: DayOrLatest = "latest", home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Avisa por correo que hay lista nueva: un enlace, sin nombres, una sola vez a cada quien."""
    from serving.mailing import deliver as deliver_list

    chosen = None if day == "latest" else desk.read_day(day)
    done = deliver_list(desk.database(), desk.settings(), chosen, desk.by(), desk.clock.get())
    desk.answer(as_json, vars(done), done.sentence())


def work(
    once: Annotated[bool, typer.Option("--once", help="Prepara lo que espera y termina.")] = False,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Prepara los paquetes que se piden en la página; en producción corre junto al servicio."""
    from serving.bulk_export import work as work_through
    from serving.patience import patiently

    database, who = desk.database(), desk.by().who
    prepare = partial(work_through, database, desk.clock.get(), who, desk.settings().made_up)
    while not once:
        patiently(prepare, partial(typer.echo, err=True))
        time.sleep(EVERY)
    done = prepare()
    desk.answer(as_json, {"prepared": done}, f"Pedidos preparados: {done}.")


def register(app: typer.Typer) -> None:
    app.command("deliver")(deliver)
    app.command("work")(work)
