"""The weekly run, the published list, and the service that shows it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk
from serving.faults import Missing, WrongUsage

BINARY = ("xlsx", "pdf")
DayOrLatest = Annotated[str, typer.Option("--day", metavar="AAAA-MM-DD|latest")]
Institution = Annotated[str | None, typer.Option("--institution", help="Código DANE.")]


def run_week(
    day: desk.Day,
    capacity: Annotated[int | None, typer.Option("--capacity", min=1, help="Contactos por semana.")] = None,
    reviewed: Annotated[bool, typer.Option("--reviewed", help="Publicar aunque un reporte pida revisión.")] = False,
    expired_model_approved: Annotated[
        str, typer.Option(metavar="DECISIÓN", help="Número y fecha de la decisión escrita de usar un modelo vencido.")
    ] = "",
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Calcula, explica y publica la lista; todo o nada, y repetirla no cambia nada."""
    from serving.weekly import run_this_week

    with desk.progress() as progress:
        where = (desk.database(), desk.by(), progress, reviewed, expired_model_approved)
        done = run_this_week(desk.records(), desk.settings(), day, capacity, *where)
    desk.answer(as_json, vars(done), done.sentence())


def show_list(
    day: DayOrLatest = "latest",
    institution: Institution = None,
    format: Annotated[str, typer.Option("--format", help="json, csv, xlsx o pdf.")] = "json",
    out: Annotated[Path | None, typer.Option("--out", help="Archivo; si falta, la salida estándar.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """La lista publicada, con seudónimos."""
    from serving.exports import exported_list

    chosen = None if day == "latest" else desk.read_day(day)
    content = exported_list(
        desk.database(), chosen, institution, "json" if as_json else format, desk.by(), desk.settings().made_up
    )
    written(content, out, format)


def written(content: bytes, out: Path | None, format: str) -> None:
    if out is not None:
        out.write_bytes(content)
    elif format in BINARY and sys.stdout.isatty():
        raise WrongUsage("Un archivo de Excel o PDF no se puede mostrar en la pantalla. Use --out ARCHIVO.")
    else:
        sys.stdout.buffer.write(content + (b"" if format in BINARY else b"\n"))


def serve(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 1,
    home: desk.Home = None,
) -> None:
    """Abre las páginas y las llamadas."""
    from serving import leaving
    from serving.several_workers import PATIENTLY, QUIETLY, shared_figures

    must_be_free(host, port)
    desk.database()  # brought up to date once, before the workers start
    with shared_figures(workers):
        leaving.serve("serving.app:create_app", workers, host=host, port=port, **QUIETLY, **PATIENTLY)


def must_be_free(host: str, port: int) -> None:
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        raise Missing(
            f"No se puede abrir el puerto {port} en {host}: otro programa lo usa. Elija otro con --port."
        ) from None


def register(app: typer.Typer) -> None:
    app.command("run-week")(run_week)
    app.command("list")(show_list)
    app.command("serve")(serve)
