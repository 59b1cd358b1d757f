"""Takes in the polygons of a territory: checks them, lays them flat, and keeps few enough points for a cheap phone."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serving.faults import DataProblem, WrongUsage

FILE = "map.json"
WIDTH = 800  # of the drawing, in its own units
MOST_BYTES = 60_000  # of all its outlines together
LARGEST_FILE = 60_000_000
MOST_PLACES = 500
KINDS = {"Polygon", "MultiPolygon"}
DEGREES = re.compile(r"CRS84|EPSG:*4326", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """One polygon: its name, its outline in the drawing, and where its label stands."""

    key: str
    name: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    places: tuple[Place, ...]

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


class NoDrawing(ValueError):  # noqa: N818 - says what is wrong
    """What is kept as the map cannot be read."""


def key_of(name: str) -> str:
    """What two spellings of one comuna have in common: "COMUNA 04", "Comuna 4" and "4" are the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split()).removeprefix("comuna ")
    return words.lstrip("0") or words


def read_drawing(home: Path) -> Drawing | None:
    """The drawing kept in a home; None where there is none."""
    path = home / FILE
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text("utf-8"))
        return Drawing(told["width"], told["height"], tuple(Place(**place) for place in told["places"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NoDrawing from error


def load(file: Path, name_field: str, home: Path) -> Drawing:
    """Reads a GeoJSON file, and keeps its drawing in the home in the place of the one before."""
    drawing = draw(read_features(file, name_field))
    draft = home / f"{FILE}.new"
    draft.write_text(drawing.text(), "utf-8")
    draft.replace(home / FILE)
    return drawing


def read_features(file: Path, name_field: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The name and the geometry of each place, or a sentence that says what is wrong with which."""
    if not file.is_file():
        raise WrongUsage(f"No existe el archivo {file.name}.")
    if file.stat().st_size > LARGEST_FILE:
        raise DataProblem(f"{file.name} pesa más de {LARGEST_FILE // 1_000_000} MB. Simplifíquelo antes de cargarlo.")
    try:
        told = json.loads(file.read_text("utf-8-sig"))
    except ValueError:
        raise DataProblem(f"{file.name} no es un archivo GeoJSON en UTF-8.") from None
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not 1 <= len(features) <= MOST_PLACES:
        raise DataProblem(f"{file.name} debe ser una FeatureCollection con 1 a {MOST_PLACES} lugares.")
    if "crs" in told and not DEGREES.search(json.dumps(told["crs"])):
        raise DataProblem(f"{file.name} usa otras coordenadas. Guárdelo en WGS84: longitud y latitud en grados.")
    found = [_feature(number, feature, name_field) for number, feature in enumerate(features, 1)]
    _must_differ([name for name, _ in found])
    return found


def _feature(number: int, feature: Any, name_field: str) -> tuple[str, Mapping[str, Any]]:
    told = feature if isinstance(feature, dict) else {}
    properties, geometry = told.get("properties") or {}, told.get("geometry") or {}
    name = properties.get(name_field)
    if name is None or not str(name).strip() or len(str(name)) > 80:
        fields = ", ".join(sorted(map(str, properties))) or "ninguno"
        raise DataProblem(f"El lugar {number} no tiene nombre en el campo «{name_field}». Sus campos son: {fields}.")
    if geometry.get("type") not in KINDS:
        raise DataProblem(f"El lugar {number} es {geometry.get('type')}. Solo se admiten polígonos.")
    return str(name).strip(), geometry


def _must_differ(names: list[str]) -> None:
    twice = [key for key, times in Counter(map(key_of, names)).items() if times > 1]
    if twice:
        raise DataProblem(f"El nombre «{twice[0]}» se repite. Cada comuna debe ser un solo lugar del archivo.")


def draw(features: list[tuple[str, Mapping[str, Any]]]) -> Drawing:
    """The places in a plane; borders that two of them share are simplified once, so that no gap opens between them."""
    import shapely  # type: ignore[import-untyped]

    shapes = [_polygon(number, geometry) for number, (_, geometry) in enumerate(features, 1)]
    west, south, east, north = shapely.total_bounds(shapes)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise DataProblem("Las coordenadas no son longitud y latitud en grados. Guarde el archivo en WGS84.")
    shrink = math.cos(math.radians((south + north) / 2))  # a degree of longitude is shorter away from the equator
    scale = WIDTH / ((east - west) * shrink)
    flat = shapely.transform(shapes, lambda xy: (xy - [west, north]) * [scale * shrink, -scale])
    names = [name for name, _ in features]
    places = tuple(_place(name, shape, path) for name, shape, path in zip(names, flat, _outlines(flat), strict=True))
    return Drawing(WIDTH, math.ceil((north - south) * scale), places)


def _polygon(number: int, geometry: Mapping[str, Any]) -> Any:
    import shapely
    from shapely.geometry import shape  # type: ignore[import-untyped]

    try:
        found = shapely.make_valid(shape(geometry))
    except (ValueError, TypeError, IndexError, KeyError, shapely.errors.ShapelyError):
        raise DataProblem(f"El polígono del lugar {number} no se puede leer. Revise sus coordenadas.") from None
    areas = [part for part in shapely.get_parts([found]).tolist() if part.geom_type in KINDS]
    if not areas or not all(math.isfinite(value) for value in found.bounds):
        raise DataProblem(f"El lugar {number} no encierra ninguna área. Revise sus coordenadas.")
    return shapely.union_all(areas)


def _outlines(shapes: Any) -> list[str]:
    """As fine as fits: what is drawn coarser by half until all outlines together are small enough."""
    import shapely

    tolerance = 0.5
    while True:
        paths = [_path(shape) for shape in shapely.coverage_simplify(shapes, tolerance)]
        if sum(map(len, paths)) <= MOST_BYTES or tolerance > WIDTH:
            return paths
        tolerance *= 1.5


def _path(shape: Any) -> str:
    import shapely

    rings = [ring for part in shapely.get_parts([shape]).tolist() for ring in (part.exterior, *part.interiors)]
    drawn = "".join(_ring(shapely.get_coordinates(ring).round().astype(int).tolist()) for ring in rings)
    return drawn or _speck(shape)


def _ring(points: list[list[int]]) -> str:
    """Whole units; a ring too small to be seen is left out."""
    kept = list(_without_repeats(points))
    return f"M{'L'.join(f'{x} {y}' for x, y in kept)}Z" if len(set(kept)) > 2 else ""


def _without_repeats(points: list[list[int]]) -> Iterator[tuple[int, int]]:
    before = None
    for x, y in points[:-1]:  # the last closes the ring, as Z does
        if (x, y) != before:
            yield x, y
        before = x, y


def _speck(shape: Any) -> str:
    x, y = shape.representative_point().coords[0]
    return f"M{x:.0f} {y:.0f}h2v2h-2Z"


def _place(name: str, shape: Any, path: str) -> Place:
    largest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    label = largest.representative_point()
    return Place(key_of(name), name, path, round(label.x), round(label.y))
