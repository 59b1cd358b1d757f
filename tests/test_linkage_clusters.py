"""Pairs become children, and no chain of likenesses joins two who are known to be two."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from features.linkage.clusters import gathered

PAIRS = st.lists(st.sampled_from(list(combinations("abcdefgh", 2))), max_size=14)


def home(groups, student):
    return next((number for number, group in enumerate(groups) if student in group), None)


def test_a_child_found_three_times_is_one_group():
    assert gathered([("a", "b"), ("b", "c"), ("x", "y")], []) == [["a", "b", "c"], ["x", "y"]]


def test_of_two_twins_each_keeps_the_likeness_that_is_trusted_more():
    trusted = [("ana", "ana again"), ("eva", "eva again"), ("ana again", "eva")]

    assert gathered(trusted, [("ana", "eva")]) == [["ana", "ana again"], ["eva", "eva again"]]


@given(PAIRS, PAIRS)
def test_no_group_holds_a_pair_that_is_apart(pairs, apart):
    groups = gathered(pairs, apart)

    assert not [
        pair for pair in apart if home(groups, pair[0]) is not None and home(groups, pair[0]) == home(groups, pair[1])
    ]


@given(PAIRS)
def test_with_nobody_apart_every_pair_is_in_one_group_and_nobody_in_two(pairs):
    groups = gathered(pairs, [])

    assert all(home(groups, left) == home(groups, right) for left, right in pairs)
    assert sum(map(len, groups)) == len({student for pair in pairs for student in pair})


@given(PAIRS)
def test_a_pair_that_is_apart_is_never_joined_even_if_asked_for(pairs):
    assert gathered(pairs, pairs) == []
