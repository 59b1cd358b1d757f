"""Lays branches and scales end to end in arrays, the only form that compiled loops read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from models.pattern_tables.coding import Ruler
from models.pattern_tables.groups import MOST_FEATURES, Group, Question
from models.pattern_tables.kernel import Branches, Rule
from models.pattern_tables.scales import UNKNOWN, Codes, Scale

Places = npt.NDArray[np.int64]
Scales = Mapping[int, Scale]

NO_TABLE = -1
NOT_LOOKED_UP = -1
NOTHING = (1, 0)


def ruler_of(scales: Scales) -> Ruler:
    return Ruler(
        columns=np.array(list(scales), np.int64),
        categorical=np.array([scale.categorical for scale in scales.values()], np.bool_),
        begins=begins(len(scale.cuts) for scale in scales.values()),
        cuts=np.array([cut for scale in scales.values() for cut in scale.cuts], np.float64),
    )


def begins(lengths: Iterable[int]) -> Places:
    """Where each part begins when they are laid end to end, and where the last one ends."""
    return np.array([0, *accumulate(lengths)], np.int64)


def in_batches(groups: Iterable[Group], cells: int) -> Iterator[list[Group]]:
    """In order, as many at a time as have tables of at most so many numbers; at least one."""
    batch: list[Group] = []
    filled = 0
    for group in groups:
        if batch and filled + group.cells > cells:
            yield batch
            batch, filled = [], 0
        batch.append(group)
        filled += group.cells
    if batch:
        yield batch


def branches_of(groups: Sequence[Group], scales: Scales) -> Branches:
    place = {feature: at for at, feature in enumerate(scales)}
    questions = [question for group in groups for question in group.questions]
    leaves = [leaf for group in groups for leaf in group.leaves]
    terms = [term for leaf in leaves for term in leaf.terms]
    low, high, lookup, lookups = ranges(questions, scales)
    tables = begins(group.cells for group in groups)[:-1]
    tables[[not group.has_table for group in groups]] = NO_TABLE
    return Branches(
        question_begins=begins(len(group.questions) for group in groups),
        question_feature=np.array([place[question.feature] for question in questions], np.int64),
        question_low=low,
        question_high=high,
        question_unknown=np.array([question.codes >> UNKNOWN & 1 for question in questions], np.bool_),
        question_lookup=lookup,
        lookups=lookups,
        feature_begins=begins(len(group.features) for group in groups),
        features=np.array([place[feature] for group in groups for feature in group.features], np.int64),
        leaf_begins=begins(len(group.leaves) for group in groups),
        leaf_values=np.array([leaf.value for leaf in leaves], np.float64),
        term_begins=begins(len(leaf.terms) for leaf in leaves),
        term_place=np.array(list(term_places(groups)), np.int64),
        term_share=np.array([term.share for term in terms], np.float64),
        term_care=np.array([term.care for term in terms], np.uint64),
        term_want=np.array([term.want for term in terms], np.uint64),
        table_begins=tables,
    )


def cells(branches: Branches) -> int:
    """Numbers in all tables together."""
    has_table = branches.table_begins != NO_TABLE
    return int((np.diff(branches.feature_begins) << np.diff(branches.question_begins))[has_table].sum())


def term_places(groups: Iterable[Group]) -> Iterator[int]:
    """For each term of each leaf, which column of its group's table it adds to."""
    for group in groups:
        column = {feature: at for at, feature in enumerate(group.features)}
        yield from (column[term.feature] for leaf in group.leaves for term in leaf.terms)


def ranges(questions: Sequence[Question], scales: Scales) -> tuple[Places, Places, Places, npt.NDArray[np.bool_]]:
    """First and last code of each question; where its codes are not neighbours, its line in the lookups instead."""
    spans = [span(question.codes) for question in questions]
    scattered = [at for at, own in enumerate(spans) if own is None]
    lookup = np.full(len(questions), NOT_LOOKED_UP, np.int64)
    lookup[scattered] = np.arange(len(scattered))
    lookups = np.zeros((max(1, len(scattered)), max(scale.codes for scale in scales.values())), np.bool_)
    for line, at in enumerate(scattered):
        lookups[line] = members(questions[at].codes, lookups.shape[1])
    known = np.array([own or NOTHING for own in spans], np.int64).reshape(-1, 2)
    return known[:, 0].copy(), known[:, 1].copy(), lookup, lookups


def span(codes: Codes) -> tuple[int, int] | None:
    """The first and the last of the known codes if all between them are in the set."""
    known = codes & ~(1 << UNKNOWN)
    if not known:
        return NOTHING
    first, last = (known & -known).bit_length() - 1, known.bit_length() - 1
    return (first, last) if known.bit_count() == last - first + 1 else None


def members(codes: Codes, size: int) -> npt.NDArray[np.uint8]:
    bits = np.frombuffer(codes.to_bytes(-(-size // 8), "little"), np.uint8)
    return np.unpackbits(bits, bitorder="little", count=size)


def gauss_legendre() -> Rule:
    """n points integrate polynomials up to degree 2n - 1 exactly; a path of d features needs degree d - 1."""
    most = MOST_FEATURES // 2 + 1
    sizes = np.array([(features + 1) // 2 for features in range(MOST_FEATURES + 1)], np.int64)
    points, weights = np.zeros((2, len(sizes), most))
    for features, own in enumerate(sizes):
        if own:
            at, weight = np.polynomial.legendre.leggauss(own)
            points[features, :own], weights[features, :own] = (at + 1) / 2, weight / 2
    return Rule(sizes, points, weights)
