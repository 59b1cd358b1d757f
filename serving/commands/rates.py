"""The official rates of a school year, with what each one counts and how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk
from serving.commands.lists import written
from serving.faults import WrongUsage

LEVELS = ("total", "institution", "grade", "zone", "comuna")
FORMATS = ("md", "json", "csv")
Day = Annotated[str, typer.Option("--day", metavar="AAAA-MM-DD|latest", help="Corte: lo que se sabía ese día.")]
Out = Annotated[Path | None, typer.Option("--out", help="Archivo; si falta, la salida estándar.")]


def rates(
    year: Annotated[str, typer.Option("--year", help="Año lectivo, por ejemplo 2023.")],
    by: Annotated[str, typer.Option("--by", help="total, institution, grade, zone o comuna.")] = "total",
    day: Day = "latest",
    format: Annotated[str, typer.Option("--format", help="md, json o csv.")] = "md",
    out: Out = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Deserción, repitencia, reprobación, extraedad y trayectorias de un año, sin cuentas pequeñas."""
    from features.rates.tables import NoSuchYear
    from serving.rate_report import rate_report

    for name, chosen, offered in (("--by", by, LEVELS), ("--format", format, FORMATS)):
        if chosen not in offered:
            raise WrongUsage(f"{name} admite: {', '.join(offered)}.")
    try:
        report = rate_report(desk.records(), year, by, None if day == "latest" else desk.read_day(day))
    except NoSuchYear as error:
        raise WrongUsage(str(error)) from None
    written(report.content("json" if as_json else format), out, format)


def register(app: typer.Typer) -> None:
    app.command("rates")(rates)
