"""Reads the trees out of a booster's own text, the same that is sealed in the model's folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import lightgbm as lgb

CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2
WORD = 32


class NotTabulated(ValueError):  # noqa: N818 - says what is so
    """This booster is of a kind that the tables do not explain; LightGBM itself does."""


class Missing(IntEnum):
    """What LightGBM took for a missing value when it made the split: nothing, a zero, or NaN."""

    NONE = 0
    ZERO = 1
    NAN = 2


@dataclass(frozen=True)
class Tree:
    """Inner nodes and leaves as LightGBM numbers them: a child below zero is the leaf ``~child``."""

    features: list[int]
    thresholds: list[float]
    decisions: list[int]
    left: list[int]
    right: list[int]
    node_counts: list[int]
    leaf_values: list[float]
    leaf_counts: list[int]
    category_bounds: list[int]
    category_words: list[int]

    @classmethod
    def read(cls, told: dict[str, str]) -> Self:
        """From the lines of one tree of the text."""
        if told.get("is_linear", "0") != "0":
            raise NotTabulated("A linear tree has a regression in each leaf.")
        return cls(
            features=whole(told, "split_feature"),
            thresholds=[float(word) for word in told.get("threshold", "").split()],
            decisions=whole(told, "decision_type"),
            left=whole(told, "left_child"),
            right=whole(told, "right_child"),
            node_counts=whole(told, "internal_count"),
            leaf_values=[float(word) for word in told["leaf_value"].split()],
            leaf_counts=whole(told, "leaf_count"),
            category_bounds=whole(told, "cat_boundaries"),
            category_words=whole(told, "cat_threshold"),
        )

    def is_categorical(self, node: int) -> bool:
        return bool(self.decisions[node] & CATEGORICAL)

    def missing_goes_left(self, node: int) -> bool:
        return bool(self.decisions[node] & DEFAULT_LEFT)

    def missing(self, node: int) -> Missing:
        return Missing(self.decisions[node] >> MISSING_SHIFT & 3)

    def categories(self, node: int) -> Iterator[int]:
        """Those that go left: the bits that are set in the node's words of 32."""
        place = int(self.thresholds[node])
        words = self.category_words[self.category_bounds[place] : self.category_bounds[place + 1]]
        return (WORD * at + bit for at, word in enumerate(words) for bit in range(WORD) if word >> bit & 1)

    def count(self, child: int) -> int:
        """Rows that taught this node or leaf."""
        return self.leaf_counts[~child] if child < 0 else self.node_counts[child]

    @property
    def base_value(self) -> float:
        """The mean of the leaves over the rows that taught them, as LightGBM takes it."""
        if not self.features:
            return self.leaf_values[0]
        everyone = self.node_counts[0]
        pairs = zip(self.leaf_counts, self.leaf_values, strict=True)
        return sum(count / everyone * value for count, value in pairs)


def whole(told: dict[str, str], key: str) -> list[int]:
    return [int(word) for word in told.get(key, "").split()]


def trees_of(booster: lgb.Booster) -> list[Tree]:
    """The trees that ``predict`` uses; raises NotTabulated if their sum over one class is not the raw score."""
    header, *sections = booster.model_to_string().partition("\nend of trees")[0].split("\nTree=")
    if "num_tree_per_iteration=1\n" not in header:
        raise NotTabulated("The booster has several classes.")
    if "\naverage_output" in header:
        raise NotTabulated("The booster takes the mean of its trees, not their sum.")
    trees = [
        Tree.read(dict(line.split("=", 1) for line in section.splitlines() if "=" in line)) for section in sections
    ]
    if any(0 in tree.node_counts + tree.leaf_counts for tree in trees if tree.features):
        raise NotTabulated("A node without rows has no weight.")
    return trees
