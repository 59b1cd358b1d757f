"""The loops that run once for every student and every branch of every tree, compiled to machine code."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.pattern_tables.compiled import compiled

Codes = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Patterns = npt.NDArray[np.uint16]
LongPatterns = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

SLOT_BITS = 15
SLOTS = 1 << SLOT_BITS
"""Of the memory of one block; more than a block has rows, so that a free one is always found."""

SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Knuth's multiplicative hash: 2 ** 64 over the golden ratio."""


class Branches(NamedTuple):
    """Groups of leaves laid end to end: the questions of group g are `question_begins[g]:question_begins[g + 1]`.

    A question is answered yes by codes from `question_low` to `question_high`, and by the unknown if
    `question_unknown`; where its codes are not neighbours, by those that line `question_lookup` of `lookups` names.
    A group whose place in the tables is below zero has none.
    """

    question_begins: Places
    question_feature: Places
    question_low: Places
    question_high: Places
    question_unknown: Flags
    question_lookup: Places
    lookups: Flags
    feature_begins: Places
    features: Places
    leaf_begins: Places
    leaf_values: Numbers
    term_begins: Places
    term_place: Places
    term_share: Numbers
    term_care: LongPatterns
    term_want: LongPatterns
    table_begins: Places


class Rule(NamedTuple):
    """Gauss-Legendre on (0, 1): for a path of n features the first `sizes[n]` points and weights of line n."""

    sizes: Places
    points: Numbers
    weights: Numbers


class Memory(NamedTuple):
    """Patterns met so far and the line worked out for each; a slot is taken if its stamp is the group's."""

    stamps: Places
    patterns: LongPatterns
    lines: Places


@compiled
def fill_tables(branches: Branches, rule: Rule, first: int, end: int, tables: Numbers) -> None:
    """For each feature of a group a column: what it gets under each pattern of answers to the group's questions."""
    for group in range(first, end):
        begin = branches.table_begins[group]
        if begin < 0:
            continue
        questions = branches.question_begins[group + 1] - branches.question_begins[group]
        width = branches.feature_begins[group + 1] - branches.feature_begins[group]
        table = tables[begin : begin + (width << questions)].reshape(width, 1 << questions)
        table[:] = 0.0
        for leaf in range(branches.leaf_begins[group], branches.leaf_begins[group + 1]):
            add_leaf(branches, rule, leaf, table)


@compiled
def add_leaf(branches: Branches, rule: Rule, leaf: int, table: Numbers) -> None:
    """The leaf hangs on some of its group's questions; each of the group's patterns is one of the leaf's own."""
    low, high = branches.term_begins[leaf], branches.term_begins[leaf + 1]
    alone = leaf_table(branches.term_share[low:high], branches.leaf_values[leaf], rule)
    met = np.zeros(table.shape[1], np.uint16)
    for term in range(low, high):
        care, want, bit = branches.term_care[term], branches.term_want[term], np.uint16(1 << (term - low))
        for pattern in range(len(met)):
            met[pattern] |= bit if (np.uint64(pattern) & care) == want else np.uint16(0)
    for term in range(low, high):
        column, own = table[branches.term_place[term]], alone[term - low]
        for pattern in range(len(met)):
            column[pattern] += own[met[pattern]]


@compiled
def leaf_table(shares: Numbers, value: float, rule: Rule) -> Numbers:
    """Shapley values [feature, pattern] of the game in which a coalition gets `value` if all its features are met,
    times the shares of the features outside it: what path-dependent TreeSHAP says of one leaf.

    Feature i gets value * (a_i - z_i) * the integral over t in (0, 1) of prod(z_j + t (a_j - z_j), j != i), with a
    for met (1 or 0) and z for the share: a polynomial in t, which Gauss-Legendre integrates exactly. No factor is
    negative and nothing is subtracted, so nothing cancels. (Lundberg et al., arXiv:1802.03888, define the values.)
    """
    features = len(shares)
    out = np.zeros((features, 1 << features))
    products = np.empty(1 << features)
    for point in range(rule.sizes[features]):
        t = rule.points[features, point]
        multiply_out(shares, t, rule.weights[features, point] * value, products)
        for i in range(features):
            unmet, met = -1.0 / (1.0 - t), (1.0 - shares[i]) / (shares[i] * (1.0 - t) + t)
            half, column = 1 << i, out[i]
            for begin in range(0, 1 << features, 2 * half):
                for pattern in range(begin, begin + half):
                    column[pattern] += products[pattern] * unmet
                for pattern in range(begin + half, begin + 2 * half):
                    column[pattern] += products[pattern] * met
    return out


@compiled
def multiply_out(shares: Numbers, t: float, start: float, products: Numbers) -> None:
    """`products[pattern]` = start * the product of all factors, doubling the patterns with each feature."""
    products[0] = start
    for i in range(len(shares)):
        unmet, met, half = shares[i] * (1.0 - t), shares[i] * (1.0 - t) + t, 1 << i
        for pattern in range(half):
            products[half + pattern] = products[pattern] * met
            products[pattern] *= unmet


@compiled
def leaf_line(shares: Numbers, pattern: np.uint64, value: float, rule: Rule, out: Numbers) -> None:
    """The column of `leaf_table` for one pattern."""
    features = len(shares)
    out[:] = 0.0
    for point in range(rule.sizes[features]):
        t = rule.points[features, point]
        product = rule.weights[features, point] * value
        for i in range(features):
            product *= shares[i] * (1.0 - t) + (t if has(pattern, i) else 0.0)
        for i in range(features):
            met = (1.0 - shares[i]) / (shares[i] * (1.0 - t) + t)
            out[i] += product * (met if has(pattern, i) else -1.0 / (1.0 - t))


@compiled
def has(pattern: np.uint64, bit: int) -> bool:
    return bool((pattern >> np.uint64(bit)) & np.uint64(1))


@compiled
def add_contributions(branches: Branches, rule: Rule, tables: Numbers, codes: Codes, sums: Numbers) -> None:
    """Adds to `sums[feature, row]` what every group gives the rows of `codes[feature, row]`."""
    rows = codes.shape[1]
    patterns, long_patterns = np.empty(rows, np.uint16), np.empty(rows, np.uint64)
    memory = Memory(np.zeros(SLOTS, np.int64), np.empty(SLOTS, np.uint64), np.empty(SLOTS, np.int64))
    for group in range(len(branches.table_begins)):
        if branches.table_begins[group] >= 0:
            ask(branches, group, codes, patterns)
            add_columns(branches, group, tables, patterns, sums)
        else:
            ask(branches, group, codes, long_patterns)
            add_remembered(branches, rule, group, long_patterns, memory, sums)


@compiled
def ask(branches: Branches, group: int, codes: Codes, patterns: Patterns | LongPatterns) -> None:
    """Bit q of a row's pattern says whether the answer to question q of the group is yes."""
    patterns[:] = 0
    first, nothing = branches.question_begins[group], patterns.dtype.type(0)
    for question in range(first, branches.question_begins[group + 1]):
        column = codes[branches.question_feature[question]]
        yes = patterns.dtype.type(1 << (question - first))
        if branches.question_lookup[question] >= 0:
            among = np.where(branches.lookups[branches.question_lookup[question]], yes, nothing)
            for row in range(len(column)):
                patterns[row] |= among[column[row]]
            continue
        low = column.dtype.type(branches.question_low[question])
        high = column.dtype.type(branches.question_high[question])
        if branches.question_unknown[question]:
            for row in range(len(column)):
                code = column[row]
                patterns[row] |= yes if ((code >= low) & (code <= high)) | (code == 0) else nothing
        else:
            for row in range(len(column)):
                patterns[row] |= yes if (column[row] >= low) & (column[row] <= high) else nothing


@compiled
def add_columns(branches: Branches, group: int, tables: Numbers, patterns: Patterns, sums: Numbers) -> None:
    """One feature after the other, so that the column in use stays in the processor's first cache."""
    begin, end = branches.feature_begins[group], branches.feature_begins[group + 1]
    lines = 1 << (branches.question_begins[group + 1] - branches.question_begins[group])
    for place in range(end - begin):
        at = branches.table_begins[group] + place * lines
        own, column = tables[at : at + lines], sums[branches.features[begin + place]]
        for row in range(len(patterns)):
            column[row] += own[patterns[row]]


@compiled
def add_remembered(
    branches: Branches, rule: Rule, group: int, patterns: LongPatterns, memory: Memory, sums: Numbers
) -> None:
    """A single leaf on a path of many features: too many patterns are possible, few occur; each is worked out once."""
    leaf = branches.leaf_begins[group]
    low, high = branches.term_begins[leaf], branches.term_begins[leaf + 1]
    shares, value = branches.term_share[low:high], branches.leaf_values[leaf]
    met, line_of = remembered(patterns, group + 1, memory)
    lines = np.empty((len(met), high - low))
    for line in range(len(met)):
        leaf_line(shares, met[line], value, rule, lines[line])
    for term in range(high - low):
        column = sums[branches.features[branches.feature_begins[group] + branches.term_place[low + term]]]
        for row in range(len(patterns)):
            column[row] += lines[line_of[row], term]


@compiled
def remembered(patterns: LongPatterns, stamp: int, memory: Memory) -> tuple[LongPatterns, Places]:
    """The different patterns, and for each row the place of its own among them."""
    met, line_of, known = np.empty(len(patterns), np.uint64), np.empty(len(patterns), np.int64), 0
    for row in range(len(patterns)):
        pattern = patterns[row]
        slot = np.int64((pattern * SPREAD) >> np.uint64(64 - SLOT_BITS))
        while memory.stamps[slot] == stamp and memory.patterns[slot] != pattern:
            slot = (slot + 1) & (SLOTS - 1)
        if memory.stamps[slot] != stamp:
            memory.stamps[slot], memory.patterns[slot], memory.lines[slot] = stamp, pattern, known
            met[known] = pattern
            known += 1
        line_of[row] = memory.lines[slot]
    return met[:known], line_of
