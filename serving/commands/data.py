"""Reading what a secretariat sends, and looking at what was understood of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serving.commands import desk
from serving.faults import DataProblem, Missing, WrongUsage

if TYPE_CHECKING:
    import polars as pl

Path_ = Annotated[Path, typer.Argument(help="Carpeta o archivo recibido.")]
Out = Annotated[Path, typer.Option("--out", help="Archivo Parquet que se va a escribir.")]
Days = Annotated[list[date], typer.Option("--day", parser=desk.read_day, metavar="AAAA-MM-DD")]
MOST_SHOWN = 50


def check(path: Path_, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Revisa una carpeta o un archivo sin guardar nada."""
    from features.sources import check
    from serving.intake import last_day
    from serving.settings import read_settings

    must_exist(path)
    chosen, today = read_settings(), desk.today()
    report = check(path, today, profile=chosen.profile(), until=last_day(chosen, today))
    desk.answer(as_json, report.as_json(), report_text(report))
    raise typer.Exit(3 if any(problem.level == "error" for problem in report.problems) else 0)


def ingest(path: Path_, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Lee carpetas con fecha: lo bueno al archivo, lo dudoso a cuarentena."""
    from serving.intake import take_in

    must_exist(path)
    with desk.progress() as progress:
        report = take_in(path, desk.settings(), desk.database(), desk.by(), progress)
    desk.answer(as_json, report.as_json(), report_text(report))
    if report.needs_a_look:
        raise typer.Exit(DataProblem.exit_code)


def features(days: Days, out: Out, engine: str = "polars", home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Escribe las variables de cada estudiante matriculado en cada día."""
    from features import build_frame
    from features.engines import ENGINES

    if engine not in ENGINES:
        raise WrongUsage(f"El motor debe ser uno de: {', '.join(ENGINES)}.")
    frame = build_frame(desk.records(), days, engine)
    written(frame, out, as_json)


def labels(
    days: Days,
    out: Out,
    horizon_weeks: Annotated[int, typer.Option("--horizon-weeks", min=1, max=52)] = 4,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Escribe qué pasó con cada estudiante después de cada día, y cuándo se supo."""
    from features import outcomes

    written(outcomes(desk.records(), days, horizon_weeks), out, as_json)


def written(frame: pl.DataFrame, out: Path, as_json: bool) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(out)
    body = {"out": out, "rows": frame.height, "columns": len(frame.columns)}
    desk.answer(as_json, body, f"{frame.height} filas y {len(frame.columns)} columnas en {out}")


def must_exist(path: Path) -> None:
    if not path.exists():
        raise Missing(f"No existe {path}. Revise la ruta.")


def report_text(report: Any) -> str:
    problems = [problem.sentence() for problem in report.problems]
    rest = len(problems) - MOST_SHOWN
    more = [f"… y {rest} más; use --json para verlos todos."] if rest > 0 else []
    counts = f"Filas: {report.rows_in} recibidas, {report.accepted} aceptadas, {report.quarantined} en cuarentena."
    held = [f"Pendiente de revisión: {reason}" for reason in report.held]
    return "\n".join([*problems[:MOST_SHOWN], *more, *held, counts])


def register(app: typer.Typer) -> None:
    for command in (check, ingest, features, labels):
        app.command(command.__name__)(command)
