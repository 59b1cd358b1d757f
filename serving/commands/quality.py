"""What is wrong in the register, school by school, and the files with which it is put right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk
from serving.faults import WrongUsage

FORMATS = ("text", "json", "csv")
FILES = ("xlsx", "csv")
Day = Annotated[str, typer.Option("--day", metavar="AAAA-MM-DD|latest", help="Día desde el que se mira.")]
Corrections = Annotated[
    Path | None,
    typer.Option("--corrections", help="Carpeta para un archivo por institución, con documentos: es confidencial."),
]


def quality(
    day: Day = "latest",
    institution: Annotated[str | None, typer.Option("--institution", help="Código DANE.")] = None,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=60, help="Semanas de calidad del reporte, en JSON.")] = 1,
    format: Annotated[str, typer.Option("--format", help="text, json o csv.")] = "text",
    corrections: Corrections = None,
    corrections_format: Annotated[str, typer.Option("--corrections-format", help="xlsx o csv.")] = "xlsx",
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Qué datos conviene revisar en cada institución, y qué tan bien reporta."""
    from serving.corrections import write_corrections
    from serving.data_quality import look_into

    must_be_offered(format, FORMATS)
    must_be_offered(corrections_format, FILES)
    chosen, database = None if day == "latest" else desk.read_day(day), desk.database()
    report = look_into(desk.records(), database, chosen, institution, weeks)
    if corrections is not None:
        for path in write_corrections(report, corrections, corrections_format, database, desk.by()):
            typer.echo(f"Correcciones: {path}", err=True)
    if format == "csv" and not as_json:
        typer.echo(report.as_csv(), nl=False)
    else:
        desk.answer(as_json or format == "json", report.as_json(), report.text())


def must_be_offered(format: str, offered: tuple[str, ...]) -> None:
    if format not in offered:
        raise WrongUsage(f"Los formatos son: {', '.join(offered)}.")


def register(app: typer.Typer) -> None:
    app.command("quality")(quality)
