"""Making up a city: files as a secretariat gets them, with the truth beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk
from serving.faults import WrongUsage


def read_years(text: str) -> list[int]:
    found = re.fullmatch(r"(\d{4})(?::(\d{4}))?", text)
    if not found:
        raise WrongUsage("Los años se escriben 2021:2024, del primero al último.")
    first, last = int(found[1]), int(found[2] or found[1])
    if first > last:
        raise WrongUsage("El primer año no puede ser posterior al último.")
    return list(range(first, last + 1))


@contextmanager
def refusals() -> Iterator[None]:
    """What the simulation says of a wrong wish is already a sentence."""
    try:
        yield
    except (ValueError, FileExistsError) as error:
        raise WrongUsage(str(error)) from None


def simulate(
    out: Annotated[Path, typer.Option(help="Carpeta que se va a crear.")],
    students: Annotated[int, typer.Option(min=1, max=8_000_000)] = 8_000,
    years: Annotated[str, typer.Option(metavar="2021:2024")] = "2021:2024",
    seed: Annotated[int, typer.Option(min=0)] = 1,
    municipality: Annotated[str, typer.Option(help="Código DIVIPOLA.")] = "76001",
    weeks: Annotated[int | None, typer.Option("--weeks-of-last-year", min=1, max=40)] = None,
    hard_to_link: Annotated[
        bool, typer.Option("--hard-to-link", help="Con gemelos, homónimos, errores y cambios de PER_ID y documento.")
    ] = False,
    as_json: desk.Json = False,
) -> None:
    """Inventa una secretaría: carpetas con fecha y archivos como los que se reciben."""
    from features.simulation import ASSUMPTIONS, HARD_TO_LINK, simulate

    assumed = HARD_TO_LINK if hard_to_link else ASSUMPTIONS
    chosen = read_years(years)
    with desk.progress() as progress, refusals():
        summary = simulate(out, students, chosen, seed, municipality, weeks, progress, assumed)
    desk.answer(as_json, {"out": out, "summary": vars(summary)}, f"Ciudad inventada en {out}")


def register(app: typer.Typer) -> None:
    app.command("simulate")(simulate)
