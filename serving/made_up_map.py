"""The polygons of the made-up city: as many comunas as it has, in a shape that is nobody's city."""

from __future__ import annotations

import json
import random
from pathlib import Path

from features.simulation.schools import COMUNAS

CENTRE = (-76.5, 3.4)
REACHES = (0.06, 0.09)  # degrees from the centre, west to east and south to north
NAME_FIELD = "comuna"


def write_polygons(file: Path, seed: int) -> Path:
    """Each comuna is the ground nearest to a point of its own, so that all of them fill the city without a gap."""
    import shapely  # type: ignore[import-untyped]
    from shapely import affinity

    city = affinity.scale(shapely.Point(CENTRE).buffer(1), *REACHES)
    points = shapely.MultiPoint(_centres(random.Random(seed)))  # noqa: S311 - a drawing, no secret
    cells = shapely.voronoi_polygons(points, extend_to=city, ordered=True).geoms
    file.parent.mkdir(parents=True, exist_ok=True)
    features = [_feature(n, cell.intersection(city)) for n, cell in enumerate(cells, 1)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return file


def _centres(drawn: random.Random) -> list[tuple[float, float]]:
    """Points on a loose grid inside the city, so that no comuna is a sliver."""
    found: list[tuple[float, float]] = []
    apart = 0.55
    while len(found) < COMUNAS:
        x, y = drawn.uniform(-1, 1), drawn.uniform(-1, 1)
        if x * x + y * y < 0.85 and all((x - a) ** 2 + (y - b) ** 2 > apart**2 for a, b in found):
            found.append((x, y))
        apart *= 0.999
    return [(CENTRE[0] + x * REACHES[0], CENTRE[1] + y * REACHES[1]) for x, y in found]


def _feature(number: int, shape: object) -> dict[str, object]:
    from shapely.geometry import mapping  # type: ignore[import-untyped]

    return {"type": "Feature", "properties": {NAME_FIELD: number}, "geometry": mapping(shape)}
