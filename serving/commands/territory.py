"""What the pages of schools and comunas need beside the list: the polygons of the map, and each school's figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.commands import desk

maps = typer.Typer(help="El mapa por comuna.", no_args_is_help=True)


@maps.command("load")
def load(
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO.geojson")],
    name_field: Annotated[str, typer.Option("--name-field", help="Campo con el nombre o número de la comuna.")],
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Revisa los polígonos de las comunas y guarda su dibujo; reemplaza el anterior."""
    from serving import territory_file

    settings, database = desk.settings(), desk.database()
    drawing = territory_file.load(file, name_field, settings.home)
    size = sum(len(place.path) for place in drawing.places)
    database.note(desk.by(), "load_map", "map", f"{len(drawing.places)} lugares")
    told = f"Mapa guardado: {len(drawing.places)} lugares, {size} bytes de contornos."
    desk.answer(as_json, {"places": [place.name for place in drawing.places], "bytes": size}, told)


def figures(
    day: Annotated[
        str, typer.Option("--day", metavar="AAAA-MM-DD|latest", help="Día desde el que se mira.")
    ] = "latest",
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Calcula las tasas y los datos por revisar que cada institución ve en su página."""
    from serving.school_figures_run import work_out

    chosen = None if day == "latest" else desk.read_day(day)
    seen, number = work_out(desk.records(), desk.database(), desk.by(), chosen)
    told = f"Cifras de {number} instituciones, con lo que se sabía el {seen:%d/%m/%Y}."
    desk.answer(as_json, {"day": seen, "institutions": number}, told)


def register(app: typer.Typer) -> None:
    app.add_typer(maps, name="map")
    app.command("figures")(figures)
