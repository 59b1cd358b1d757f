"""Asking what the contacts of past weeks changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from serving.commands import desk


def effects(
    first: Annotated[date, typer.Option("--from", parser=desk.read_day, metavar="AAAA-MM-DD")],
    last: Annotated[date, typer.Option("--to", parser=desk.read_day, metavar="AAAA-MM-DD")],
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Si estar en la lista cambió algo, cerca del cupo y en la franja sorteada."""
    from serving.contact_effects import effects_of_contacts

    found = effects_of_contacts(desk.records(), desk.database(), first, last)
    text = "\n".join(answer.sentence for answer in found.values())
    desk.answer(as_json, {way: answer.as_dict() for way, answer in found.items()}, text)


def register(app: typer.Typer) -> None:
    app.command("effects")(effects)
