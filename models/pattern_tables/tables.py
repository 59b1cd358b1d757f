"""Explains a whole city: each branch of each tree is tabulated once, and every student looks up their own lines."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from models.pattern_tables.booster_text import trees_of
from models.pattern_tables.coding import Codes, write_codes
from models.pattern_tables.groups import groups_of
from models.pattern_tables.kernel import Branches, add_contributions, fill_tables
from models.pattern_tables.layout import branches_of, cells, gauss_legendre, in_batches, ruler_of
from models.pattern_tables.scales import scales_of

Numbers = npt.NDArray[np.float64]
Answer = TypeVar("Answer")

BLOCK = 1 << 14
"""Rows at a time: enough that reading a table costs little beside using it."""

TABLE_CELLS = 1 << 23
"""Numbers of one batch of tables: 64 MiB."""


class PatternTables:
    """The branches of one booster, ready to be tabulated; raises NotTabulated where LightGBM has to explain itself.

    What a leaf gives each feature depends on a student only through which conditions on its path they meet (Yang,
    arXiv:2109.09847). So for each branch with few questions all answers are tabulated once, and a student costs
    a few comparisons and additions a branch instead of a walk through every leaf.
    """

    def __init__(self, booster: lgb.Booster) -> None:
        trees = trees_of(booster)
        scales = scales_of(trees)
        groups = (group for tree in trees for group in groups_of(tree, scales))
        self.width = booster.num_feature()
        self.base_value = sum(tree.base_value for tree in trees)
        self.features = list(scales)
        self.ruler = ruler_of(scales)
        self.rule = gauss_legendre()
        self.batches = [branches_of(batch, scales) for batch in in_batches(groups, TABLE_CELLS)]

    def contributions(self, rows: Numbers, threads: int = 1) -> Numbers:
        """SHAP values [rows, features + 1], the base value last; beside them it holds codes and a batch of tables."""
        answer = np.zeros((len(rows), self.width + 1))
        answer[:, -1] = self.base_value
        blocks = [slice(begin, begin + BLOCK) for begin in range(0, len(rows), BLOCK)]
        codes = at_once(threads, lambda block: self.codes(rows[block]), blocks)
        for branches in self.batches:
            add = partial(self.add, branches, self.tables(branches, threads))
            at_once(threads, add, codes, [answer[block] for block in blocks])
        return answer

    def codes(self, rows: Numbers) -> Codes:
        codes: Codes = np.empty((len(self.features), len(rows)), np.uint16)
        write_codes(self.ruler, np.ascontiguousarray(rows, np.float64), codes)
        return codes

    def tables(self, branches: Branches, threads: int) -> Numbers:
        tables = np.empty(cells(branches))
        bounds = np.linspace(0, len(branches.table_begins), 4 * threads + 1).astype(int).tolist()
        fill = partial(fill_tables, branches, self.rule)
        at_once(threads, lambda first, end: fill(first, end, tables), bounds[:-1], bounds[1:])
        return tables

    def add(self, branches: Branches, tables: Numbers, codes: Codes, answer: Numbers) -> None:
        sums = np.zeros(codes.shape)
        add_contributions(branches, self.rule, tables, codes, sums)
        answer[:, self.features] += sums.T


def at_once(threads: int, work: Callable[..., Answer], *parts: Iterable[Any]) -> list[Answer]:
    """The compiled loops let other threads run, so two cores are both at work."""
    if threads == 1:
        return list(map(work, *parts))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, *parts))
