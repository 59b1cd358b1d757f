"""Cruces de matrícula: finding the same child under another number, and asking a person where it is not sure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk
from serving.faults import WrongUsage

ReviewOut = Annotated[Path | None, typer.Option("--review-out", help="Archivo CSV, confidencial, con las dudas.")]
ReviewIn = Annotated[Path | None, typer.Option("--review-in", help="El mismo archivo con «mismo» o «distinto».")]
Day = Annotated[
    date | None,
    typer.Option(
        "--day", parser=desk.read_day, metavar="AAAA-MM-DD", help="Día del cruce; el del último archivo si falta."
    ),
]


def link(
    review_out: ReviewOut = None,
    review_in: ReviewIn = None,
    day: Day = None,
    engine: Annotated[str, typer.Option("--engine", help="duckdb, o spark en un clúster.")] = "duckdb",
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Busca al mismo estudiante en otros archivos, años, sectores y documentos; quien cambió de colegio no desertó."""
    from features.linkage import ENGINES
    from serving.linking import link

    if engine not in ENGINES:
        raise WrongUsage(f"El motor debe ser uno de: {', '.join(ENGINES)}.")
    with desk.progress() as progress:
        opened, by = desk.database(), desk.by()
        done = link(desk.settings(), opened, day, by, review_in, review_out, progress, engine)
    desk.answer(as_json, asdict(done), done.sentence())


def register(app: typer.Typer) -> None:
    app.command("link")(link)
