"""The map by comuna: polygons that fit, counts that point at nobody, and a table that says the same."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.rates.bounds import pinned
from features.rates.suppression import determined
from serving.contacted import OnTheList
from serving.faults import DataProblem, WrongUsage
from serving.made_up_map import NAME_FIELD, write_polygons
from serving.territory_file import MOST_BYTES, NoDrawing, key_of, load, read_drawing
from serving.territory_map import ALL, CONTACTED, LISTED, SMALLEST, WAITING, _inside, _sums, scale_of_counts, territory

COMUNAS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=7)


def people(counts):
    return [
        OnTheList("1", str(number), n < contacted)
        for number, (contacted, waiting) in enumerate(counts, 1)
        for n in range(contacted + waiting)
    ]


@settings(max_examples=60, deadline=None)
@given(COMUNAS)
def test_no_count_below_ten_is_told_nor_can_be_worked_out_from_the_rest(counts):
    told = territory(people(counts), [str(number) for number, _ in enumerate(counts, 1)])

    true, shown = {}, set()
    for one, (contacted, waiting) in [*zip(told.comunas, counts, strict=True), (told.all, sums(counts))]:
        key = ALL if one is told.all else one.key
        true |= {(LISTED, key): contacted + waiting, (CONTACTED, key): contacted, (WAITING, key): waiting}
        shown |= {(LISTED, key)} if one.listed is not None else set()
        shown |= {(CONTACTED, key), (WAITING, key)} if one.contacted is not None else set()
        assert one.listed in (None, contacted + waiting) and one.contacted in (None, contacted)
    hidden = set(true) - shown
    small = {cell for cell, count in true.items() if 0 < count < SMALLEST}
    keys = [one.key for one in told.comunas]
    known = determined(hidden, [*_sums(keys), *pinned(hidden, true, [*_sums(keys)], [*_inside(keys)])])
    assert not small & (shown | known)


def sums(counts):
    return sum(contacted for contacted, _ in counts), sum(waiting for _, waiting in counts)


def test_where_every_count_is_large_everything_is_told():
    told = territory(people([(12, 20), (30, 15)]), ["1", "2", "3"])

    assert [one.sentence for one in told.comunas] == [
        "Comuna 1: en la lista, 32; con contacto, 12 de 32 (38 %)",
        "Comuna 2: en la lista, 45; con contacto, 30 de 45 (67 %)",
        "Comuna 3: en la lista, 0; con contacto, nadie en la lista",
    ]
    assert told.all.said_contacted == "42 de 77 (55 %)"


def test_a_school_without_comuna_is_counted_apart():
    told = territory([OnTheList("1", None, False)] * 11, [None])

    assert [(one.name, one.listed) for one in told.comunas] == [("Sin comuna", 11)]


@given(st.lists(st.integers(10, 400), max_size=30))
def test_each_count_has_the_shade_that_the_legend_gives_it(values):
    scale = scale_of_counts(values)

    spans = {shade: [int(word) for word in said.split(" a ")] for shade, said in scale.legend}
    assert len(spans) <= 4
    for value in values:
        assert spans[scale.shade(value)][0] <= value <= spans[scale.shade(value)][-1]


@pytest.mark.parametrize("name", ["4", "04", "Comuna 4", "COMUNA 04", " comuna  4 "])
def test_one_comuna_is_found_under_every_spelling(name):
    assert key_of(name) == "4"


@pytest.fixture
def city(tmp_path):
    return write_polygons(tmp_path / "comunas.geojson", seed=1)


def test_the_made_up_city_has_a_drawing_of_every_comuna(city, tmp_path):
    drawing = load(city, NAME_FIELD, tmp_path)

    assert sorted(int(place.key) for place in drawing.places) == list(range(1, 23))
    assert read_drawing(tmp_path) == drawing
    for place in drawing.places:
        assert re.fullmatch(r"(M\d+ \d+(L\d+ \d+){2,}Z)+", place.path)
        assert 0 <= place.x <= drawing.width and 0 <= place.y <= drawing.height


def test_neighbours_keep_one_border_when_it_is_simplified(city, tmp_path):
    drawing = load(city, NAME_FIELD, tmp_path)

    edges = [frozenset(pair) for place in drawing.places for pair in edges_of(place.path)]
    shared = sum(edges.count(edge) == 2 for edge in set(edges))
    assert shared > len(set(edges)) / 3
    assert max(map(edges.count, set(edges))) == 2


def edges_of(path):
    points = [tuple(map(int, pair.split())) for pair in re.findall(r"\d+ \d+", path)]
    return zip(points, points[1:] + points[:1], strict=True)


def test_many_points_become_few_enough(tmp_path):
    import math

    ring = [[-76 + math.cos(n / 5_000) / 100 + n % 2 / 1e5, 3 + math.sin(n / 5_000) / 100] for n in range(31_000)]
    drawing = load(written(tmp_path, feature({"n": 1}, [[*ring, ring[0]]])), "n", tmp_path)

    assert sum(len(place.path) for place in drawing.places) <= MOST_BYTES


def feature(properties, rings, kind="Polygon"):
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": rings}}


def written(folder, *features, **more):
    path = folder / "x.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **more}), "utf-8")
    return path


SQUARE = [[[-76, 3], [-76, 4], [-75, 4], [-75, 3], [-76, 3]]]


@pytest.mark.parametrize(
    ("features", "more", "told"),
    [
        ([], {}, "1 a 500 lugares"),
        ([feature({"otro": 1}, SQUARE)], {}, "no tiene nombre en el campo «n». Sus campos son: otro"),
        ([feature({"n": 1}, [0, 0], "Point")], {}, "El lugar 1 es Point"),
        ([feature({"n": 1}, SQUARE), feature({"n": "Comuna 1"}, SQUARE)], {}, "se repite"),
        ([feature({"n": 1}, [[[0, 0], [0, 9e6], [9e6, 9e6], [0, 0]]])], {}, "no son longitud y latitud"),
        ([feature({"n": 1}, [[[-76, "x"]]])], {}, "no se puede leer"),
        ([feature({"n": 1}, [[[-76, 3], [-75, 3], [-76, 3], [-76, 3]]])], {}, "no encierra ninguna área"),
        ([feature({"n": 1}, SQUARE)], {"crs": {"name": "EPSG:3115"}}, "otras coordenadas"),
    ],
)
def test_a_file_that_cannot_be_a_map_is_refused_with_what_to_do_and_the_old_one_stays(
    city, tmp_path, features, more, told
):
    before = load(city, NAME_FIELD, tmp_path)

    with pytest.raises(DataProblem, match=re.escape(told)):
        load(written(tmp_path, *features, **more), "n", tmp_path)
    assert read_drawing(tmp_path) == before


def test_what_is_no_file_or_no_json_is_told(tmp_path):
    with pytest.raises(WrongUsage):
        load(Path("no-hay.geojson"), "n", tmp_path)
    (tmp_path / "x.geojson").write_text("hola", "utf-8")
    with pytest.raises(DataProblem, match="GeoJSON"):
        load(tmp_path / "x.geojson", "n", tmp_path)


def test_a_drawing_that_was_spoiled_is_not_taken_for_none(tmp_path):
    assert read_drawing(tmp_path) is None
    (tmp_path / "map.json").write_text('{"width": 3}', "utf-8")
    with pytest.raises(NoDrawing):
        read_drawing(tmp_path)
