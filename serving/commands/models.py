"""Training a model, judging it, putting it in use, and going back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serving.commands import desk
from serving.commands.data import Out, written

if TYPE_CHECKING:
    pass

Version = Annotated[str, typer.Argument(metavar="VERSIÓN")]


def train(
    recipe: Annotated[Path | None, typer.Option(help="Receta TOML; si falta, la de siempre.")] = None,
    until: Annotated[date | None, typer.Option(parser=desk.read_day, metavar="AAAA-MM-DD")] = None,
    truth: Annotated[Path | None, typer.Option(help="Carpeta truth/ de una ciudad inventada.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Entrena, evalúa, registra; muestra la tabla junto a cada línea de base."""
    from models.report import as_text
    from serving.model_room import train_and_record

    with desk.progress() as progress:
        result = train_and_record(desk.records(), desk.registry(), recipe, until, truth, desk.settings(), progress)
    body = {"run_id": result.run_id, "version": result.version, "evaluation": result.table.to_dicts()}
    desk.answer(as_json, body, f"{as_text(result.table)}\nVersión {result.version} (corrida {result.run_id})")


def evaluate(
    version: Version,
    first: Annotated[date, typer.Option("--from", parser=desk.read_day, metavar="AAAA-MM-DD")],
    last: Annotated[date, typer.Option("--to", parser=desk.read_day, metavar="AAAA-MM-DD")],
    capacity: Annotated[int | None, typer.Option(min=1, help="Contactos por semana.")] = None,
    against: Annotated[str | None, typer.Option(metavar="VERSIÓN", help="Otra versión, en las mismas semanas.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Carpeta truth/ de una ciudad inventada.")] = None,
    out: Annotated[Path | None, typer.Option(help="Carpeta para la página, la figura y las tablas.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """La misma tabla para una versión registrada, en un periodo ya maduro; o junto a otra versión."""
    from models.report_page import frames_of, told_in_text, write_page
    from models.training import evaluate_version
    from serving.model_room import keep_comparison, true_chances

    known = true_chances(truth, desk.settings().pseudonym_key()) if truth else None
    registry = desk.registry()
    told = evaluate_version(
        desk.records(), registry, version, first, last, capacity=capacity, truth=known, against=against
    )
    kept = keep_comparison(registry, version, against, told) if against and capacity is None else None
    written = [str(path) for path in write_page(told, out)] if out else []
    said = {"version": version, "against": against, "kept": kept, "written": written}
    body = {**said, "evaluation": told.table.to_dicts(), **frames_of(told)}
    desk.answer(as_json, body, "\n".join([told_in_text(told), *([kept] if kept else []), *written]))


def promote(version: Version, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Pone una versión en uso si pasa las pruebas; la anterior queda a mano."""
    from features import catalogue_for
    from serving.model_room import promote

    records = desk.records()
    fingerprint, on = catalogue_for(records).fingerprint, records.last_known_on()
    promote(desk.registry(), version, fingerprint, desk.settings(), desk.database(), desk.by(), on)
    desk.answer(as_json, {"champion": version}, f"La versión {version} está en uso.")


def rollback(home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Vuelve a la versión anterior."""
    from serving.model_room import rollback

    version = rollback(desk.registry(), desk.settings(), desk.database(), desk.by())
    desk.answer(as_json, {"champion": version}, f"La versión {version} está de nuevo en uso.")


def card(
    out: Annotated[Path | None, typer.Option(help="Carpeta donde escribir modelo.md, modelo.html y card.json.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """La ficha del modelo en uso: para qué es, qué mostró, quién responde por él y hasta cuándo."""
    from models.card import rendered
    from serving.model_room import card_in_use, written_card

    told = card_in_use(desk.settings())
    desk.answer(as_json, told, written_card(told, out) if out else rendered(told)["modelo.md"])


def score(
    day: desk.Day,
    out: Out,
    version: Annotated[str | None, typer.Option(help="Por omisión, la versión en uso.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Añade una columna por variable.")] = False,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Escribe el puntaje de todos los matriculados; no publica nada."""
    from models.scoring import score
    from serving.model_room import model_for

    model = model_for(version, desk.settings())
    written(score(desk.records(), model, day, explain), out, as_json)


def explain(
    student: Annotated[str, typer.Argument(help="Seudónimo.")],
    day: desk.Day,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Todas las razones de un estudiante; sumadas dan su puntaje."""
    from serving.model_room import model_for, whole_explanation

    told = whole_explanation(desk.records(), model_for(None, desk.settings()), student, day)
    desk.answer(as_json, told, explanation_text(told))


def explanation_text(told: dict[str, Any]) -> str:
    reasons = [f"+ {reason['sentence']}" for reason in told["reasons"]]
    protective = [f"- {reason['sentence']}" for reason in told["protective"]]
    return "\n".join([told["out_of_a_hundred"], *reasons, *protective])


def register(app: typer.Typer) -> None:
    for command in (train, evaluate, promote, rollback, card, score, explain):
        app.command(command.__name__)(command)
