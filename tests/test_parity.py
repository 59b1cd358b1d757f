"""Page, call, CSV, XLSX and paper, each fetched from the service, carry the same students in the same order."""

import pytest
from drawn_parity import EDGES, draw_town
from paper import needs_pango


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return draw_town(tmp_path_factory.mktemp("town") / "h", schools=9, sundays=1)


@needs_pango
def test_lists_of_every_size_read_the_same_in_every_form(town):
    for day, school, size in town.lists():
        found = town.orders(day, school)

        assert len(found["page"]) == size, (school, size)
        assert all(order == found["page"] for order in found.values()), (school, size)


def test_the_lists_compared_are_none_one_and_around_the_length_of_a_page(town):
    assert set(EDGES) <= {size for _, _, size in town.lists()} and {0, 49, 50, 51} < set(EDGES)
