"""No published table gives a small count away: not by itself, not by its totals, not beside another table."""

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from features.rates.bounds import pinned
from features.rates.indicators import Base, Indicator
from features.rates.publication import SMALLEST_GROUP, published
from features.rates.sums import Sum
from features.rates.suppression import SMALLEST, determined, hidden_cells, is_small
from features.rates.tables import LEVELS, YearRates, counted, inside, with_status

SHOWN = Base("everyone", pl.col("student_id").is_not_null(), "todos")
GONE = Indicator("gone", "salieron", SHOWN, pl.col("state") == "gone")
STAYED = Indicator("stayed", "siguen", SHOWN, pl.col("state") == "stayed")
PASSED = Indicator("passed", "aprobaron", SHOWN, pl.col("state") == "passed")
THREE = (GONE, STAYED, PASSED)
WHOLE = ((("base", "everyone"), (("gone", ""), ("stayed", ""), ("passed", ""))),)


def town(*schools: tuple[str, str, str, dict[str, int]]) -> YearRates:
    """Schools drawn as code, comuna, zone and how many children are in each state."""
    rows = [
        {"institution_id": code, "comuna": comuna, "zone": zone, "grade": 6, "state": state}
        for code, comuna, zone, states in schools
        for state, count in states.items()
        for _ in range(count)
    ]
    students = pl.DataFrame(rows).with_row_index("student_id")
    table = with_status(counted(students, THREE), {(one.name, ""): "final" for one in THREE})
    return YearRates("2024", None, table, inside(students), WHOLE, ())


def hidden(rates: YearRates) -> set[tuple[str, str, str]]:
    rows = published(rates).filter("hidden")
    return set(rows.select("by", "group", "indicator").rows())


def test_a_total_does_not_give_the_only_small_count_away():
    rates = town(
        ("A", "1", "URBAN", {"gone": 3, "stayed": 50, "passed": 40}),
        ("B", "1", "URBAN", {"gone": 9, "stayed": 50, "passed": 40}),
        ("C", "1", "URBAN", {"gone": 30, "stayed": 50, "passed": 40}),
    )

    gone = {(by, group) for by, group, indicator in hidden(rates) if indicator == "gone"}

    assert gone == {("institution", "A"), ("institution", "B")}


def test_what_is_left_of_a_group_does_not_give_it_away_either():
    rates = town(
        ("A", "1", "URBAN", {"gone": 3, "stayed": 50, "passed": 40}),
        ("B", "1", "URBAN", {"gone": 9, "stayed": 60, "passed": 40}),
    )

    of_a = {indicator for by, group, indicator in hidden(rates) if (by, group) == ("institution", "A")}

    assert "gone" in of_a
    assert len(of_a) >= 2


def test_a_comuna_of_one_school_is_hidden_with_it():
    rates = town(
        ("A", "1", "URBAN", {"gone": 2, "stayed": 50, "passed": 40}),
        ("B", "2", "URBAN", {"gone": 9, "stayed": 50, "passed": 40}),
        ("C", "3", "URBAN", {"gone": 30, "stayed": 50, "passed": 40}),
    )

    assert ("comuna", "1", "gone") in hidden(rates)
    assert len({group for by, group, indicator in hidden(rates) if (by, indicator) == ("comuna", "gone")}) >= 2


def test_two_small_counts_whose_sum_is_small_are_hidden_with_a_third():
    rates = town(
        ("A", "1", "URBAN", {"gone": 1, "stayed": 50, "passed": 40}),
        ("B", "1", "URBAN", {"gone": 1, "stayed": 50, "passed": 40}),
        ("C", "1", "URBAN", {"gone": 30, "stayed": 50, "passed": 40}),
        ("D", "1", "URBAN", {"gone": 60, "stayed": 50, "passed": 40}),
    )

    assert ("institution", "C", "gone") in hidden(rates)
    assert ("institution", "D", "gone") not in hidden(rates)


def test_noughts_and_large_counts_are_told():
    rates = town(
        ("A", "1", "URBAN", {"gone": 0, "stayed": 50, "passed": 40}),
        ("B", "1", "URBAN", {"gone": 12, "stayed": 50, "passed": 40}),
    )

    assert not hidden(rates)


@pytest.mark.parametrize("count", [SMALLEST - 4, SMALLEST_GROUP - 1])
def test_of_a_handful_of_children_nothing_is_told(count):
    rates = town(
        ("A", "1", "URBAN", {"gone": count}),
        ("B", "1", "URBAN", {"gone": 12, "stayed": 50, "passed": 40}),
    )

    assert ("institution", "A", "gone") in hidden(rates)


def test_two_rates_that_differ_by_few_children_are_not_both_told():
    students = pl.DataFrame(
        {"student_id": range(40), "institution_id": "A", "comuna": "1", "zone": "URBAN", "grade": 6}
    )
    students = students.with_columns(state=pl.when(pl.col("student_id") < 12).then(pl.lit("gone")))
    some = Indicator("some", "algunos", SHOWN, pl.col("student_id") < 10)
    table = with_status(counted(students, (GONE, some)), {("gone", ""): "final", ("some", ""): "final"})
    rates = YearRates("2024", None, table, inside(students), (), ((("gone", ""), ("some", "")),))

    told = published(rates).filter(pl.col("by") == "total")

    assert dict(told.select("indicator", "numerator").rows()) == {"gone": 12, "some": None}


def test_a_bridge_between_two_loops_is_found_though_no_sum_hides_it_alone():
    """Rows r and columns c of a table; x joins two loops of hidden cells, so that it follows from the rest."""
    loop = ["a1", "a2", "b1", "b2"], ["c3", "c4", "d3", "d4"]
    cells = [*loop[0], *loop[1], "x"]
    sums = [
        Sum("row a", ("a1", "a2", "x")), Sum("row b", ("b1", "b2")), Sum("row c", ("c3", "c4")),
        Sum("row d", ("d3", "d4")), Sum("col 1", ("a1", "b1")), Sum("col 2", ("a2", "b2")),
        Sum("col 3", ("c3", "d3", "x")), Sum("col 4", ("c4", "d4")),
    ]  # fmt: skip

    assert determined(cells, sums) == {"x"}
    counts = dict.fromkeys(cells, 9) | {one.whole: sum(9 for _ in one.parts) for one in sums}
    assert not determined(hidden_cells(counts, sums, cells), sums)


def test_a_part_that_reaches_its_whole_in_every_school_tells_what_was_hidden():
    """Who left for good are 13 in the comuna and at most 6 and 7 in its schools: so they are 6 and 7, and 3 failed."""
    counts = {
        "left A": 6, "left B": 7, "gone A": 6, "gone B": 7, "gone": 13,
        "failed A": 3, "failed B": 9, "failed": 12, "passed A": 108, "passed B": 90, "all A": 117, "all B": 106,
    }  # fmt: skip
    sums = [
        Sum("gone", ("gone A", "gone B")), Sum("failed", ("failed A", "failed B")),
        Sum("all A", ("gone A", "failed A", "passed A")), Sum("all B", ("gone B", "failed B", "passed B")),
    ]  # fmt: skip
    within = [Sum("left A", ("gone A",)), Sum("left B", ("gone B",))]

    def known(hidden):
        return determined(hidden, [*sums, *pinned(hidden, counts, sums, within)])

    small = {"failed A", "gone A"}
    assert "failed A" in known(hidden_cells(counts, sums, small)), "sums alone do not see it"
    assert not known(hidden_cells(counts, sums, small, within)) & small


MORE = st.sampled_from([0, 0, 0, 1, 5, 6])
NESTS = st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 12), MORE, MORE), min_size=2, max_size=5)

# Schools in which a part is all of its whole: added up, the printed counts leave no room for others.
NO_ROOM = [("1", 7, 5, 0), ("1", 6, 0, 5), ("2", 3, 0, 6), ("2", 6, 5, 6), ("2", 7, 0, 0)]


@settings(max_examples=40, deadline=None)
@given(NESTS)
@example(NO_ROOM)
def test_what_is_part_of_what_gives_no_small_count_away(schools):
    """Schools of two comunas with three counts, each a part of the one before; the reader knows all that is printed."""
    counts, places = {}, {"": [], "1": [], "2": []}
    for school, (comuna, least, more, most) in enumerate(schools):
        for place in ("", comuna):
            places[place].append(school)
        for name, count in (("all", least + more + most), ("left", least + more), ("gone", least)):
            for group in (school, comuna, ""):
                counts[name, group] = counts.get((name, group), 0) + count
    names = ("all", "left", "gone")
    told = {place: group for place, group in places.items() if group}
    sums = [Sum((name, p), tuple((name, s) for s in group)) for name in names for p, group in told.items()]
    within = [Sum((whole, g), ((part, g),)) for whole, part in (names[:2], names[1:]) for g in {g for _, g in counts}]
    small = {cell for cell, count in counts.items() if is_small(count)}

    hidden = hidden_cells(counts, sums, small, within)

    cells = {cell: n for n, cell in enumerate(counts)}
    row = lambda one: [float(c in one.parts) - float(c == one.whole) for c in cells]  # noqa: E731
    shown = [[float(c == cell) for c in cells] for cell in cells if cell not in hidden]
    limits = {
        "A_eq": [*map(row, sums), *shown], "b_eq": [0.0] * len(sums) + [counts[c] for c in cells if c not in hidden],
        "A_ub": list(map(row, within)), "b_ub": [0.0] * len(within),
    }  # fmt: skip
    for cell in small & hidden if len(hidden) < len(counts) else ():
        asked = np.eye(len(cells))[cells[cell]]
        low, high = linprog(asked, **limits), linprog(-asked, **limits)
        assert high.status == UNBOUNDED or -high.fun - low.fun > 0.001, cell


UNBOUNDED = 3

SCHOOLS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["URBAN", "RURAL"]),
        st.tuples(*[st.integers(0, 14)] * 3),
    ),
    min_size=1,
    max_size=5,
)


# Two levels that hold the same schools: what one shows, the other may not hide in vain.
TWINS = [("3", "URBAN", (10, 11, 2)), ("2", "RURAL", (0, 9, 7)), ("2", "RURAL", (0, 1, 7)), ("1", "URBAN", (0, 9, 9))]


@settings(max_examples=25, deadline=None)
@given(SCHOOLS)
@example(TWINS)
def test_nobody_can_work_out_a_hidden_count_from_everything_that_is_printed(schools):
    drawn = [
        (f"S{n}", comuna, zone, {"gone": gone, "stayed": stayed, "passed": passed})
        for n, (comuna, zone, (gone, stayed, passed)) in enumerate(schools)
    ]
    if not sum(sum(states.values()) for *_, states in drawn):
        return
    attack = Attack(drawn, published(town(*drawn)))

    assert attack.widths() == {} or min(attack.widths().values()) > 0.5


class Attack:
    """A reader with every table at hand, who knows where each school is: the unknowns are the schools' own counts.

    The bounds of each hidden count are found by linear programming, which knows nothing of how cells were chosen.
    """

    def __init__(self, drawn, tables: pl.DataFrame) -> None:
        self.place = {(code, state): n for n, (code, state) in enumerate(self._unknowns(drawn))}
        self.schools = {code: {"institution": code, "comuna": comuna, "zone": zone} for code, comuna, zone, _ in drawn}
        self.rows = tables.filter(pl.col("by").is_in(["total", "institution", "comuna", "zone"])).rows(named=True)

    @staticmethod
    def _unknowns(drawn):
        return [(code, state) for code, *_, states in drawn for state in states]

    def coefficients(self, row, states) -> np.ndarray:
        found = np.zeros(len(self.place))
        for (code, state), place in self.place.items():
            here = row["by"] == "total" or self.schools[code][row["by"]] == row["group"]
            found[place] = here and state in states
        return found

    def known(self):
        for row in self.rows:
            if row["numerator"] is not None:
                yield self.coefficients(row, {row["indicator"]}), row["numerator"]
            if row["denominator"] is not None:
                yield self.coefficients(row, {"gone", "stayed", "passed"}), row["denominator"]

    def widths(self) -> dict[tuple[str, str, str], float]:
        equations = list(self.known())
        if not equations:
            return {}
        left, right = np.array([a for a, _ in equations]), np.array([b for _, b in equations])
        found = {}
        for row in self.rows:
            if row["numerator"] is None:
                asked = self.coefficients(row, {row["indicator"]})
                low = linprog(asked, A_eq=left, b_eq=right, method="highs")
                high = linprog(-asked, A_eq=left, b_eq=right, method="highs")
                assert low.status == 0 and high.status in (0, UNBOUNDED)
                width = float("inf") if high.status == UNBOUNDED else -high.fun - low.fun
                found[(row["by"], row["group"], row["indicator"])] = width
        return found


def test_levels_are_all_looked_at_together():
    rates = town(
        ("A", "1", "URBAN", {"gone": 3, "stayed": 50, "passed": 40}),
        ("B", "2", "RURAL", {"gone": 9, "stayed": 50, "passed": 40}),
    )

    assert set(published(rates)["by"]) == {"total", *LEVELS}
    assert {by for by, _, indicator in hidden(rates) if indicator == "gone"} >= {"institution", "comuna", "zone"}
