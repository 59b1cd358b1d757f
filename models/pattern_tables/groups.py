"""Cuts each tree into branches that hang on few yes-or-no questions, so that all answers to them can be tabulated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from models.pattern_tables.booster_text import NotTabulated, Tree
from models.pattern_tables.scales import Codes, Scale

MOST_QUESTIONS = 12
"""A table has 2 ** questions lines: at twelve, one feature's 32 KiB still fit the processor's first cache."""

MOST_FEATURES = 62
"""On the path of one leaf: its answers are the bits of one machine word."""


class Question(NamedTuple):
    """Is the code of this feature one of these?"""

    feature: int
    codes: Codes


class Condition(NamedTuple):
    """What a path asks of one feature: all its splits in one question, and the share of rows that passed them."""

    codes: Codes
    share: float


Path = Mapping[int, Condition]


class Term(NamedTuple):
    """One feature of one leaf: satisfied if the answers, under `care`, are `want`."""

    feature: int
    share: float
    care: int
    want: int


@dataclass(frozen=True)
class Leaf:
    value: float
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Group:
    """Leaves under one node; what a row gets from them depends on its answers to these questions and nothing else."""

    questions: tuple[Question, ...]
    features: tuple[int, ...]
    leaves: tuple[Leaf, ...]

    @property
    def has_table(self) -> bool:
        return len(self.questions) <= MOST_QUESTIONS

    @property
    def cells(self) -> int:
        """Numbers in its table: for each feature one for each pattern of answers."""
        return len(self.features) << len(self.questions) if self.has_table else 0


def groups_of(tree: Tree, scales: Mapping[int, Scale]) -> Iterator[Group]:
    """Every leaf is in one group; the groups are the largest branches with few enough questions, or single leaves."""
    splits = [Question(f, scales[f].goes_left(tree, node)) for node, f in enumerate(tree.features)]
    below = questions_below(tree, splits)
    waiting: list[tuple[int, Path]] = [(0, {})] if splits else []
    while waiting:
        node, path = waiting.pop()
        asked = {Question(f, condition.codes) for f, condition in path.items()}
        inside = below[node] if node >= 0 else frozenset()
        if node < 0 or (inside is not None and len(asked | inside) <= MOST_QUESTIONS):
            yield group(tree, splits, scales, node, path)
        else:
            waiting += steps(tree, splits, scales, node, path)


def questions_below(tree: Tree, splits: list[Question]) -> list[frozenset[Question] | None]:
    """The different questions of each node's branch; None where there are more than a table can have."""
    below: list[frozenset[Question] | None] = [None] * len(splits)
    for node in reversed(range(len(splits))):  # LightGBM numbers a child after its parent
        parts = [below[child] for child in (tree.left[node], tree.right[node]) if child >= 0]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            asked = frozenset({splits[node]}).union(*known)
            below[node] = asked if len(asked) <= MOST_QUESTIONS else None
    return below


def steps(
    tree: Tree, splits: list[Question], scales: Mapping[int, Scale], node: int, path: Path
) -> Iterator[tuple[int, Path]]:
    """Both children, each with the path that leads to it."""
    feature, left = splits[node]
    everything = scales[feature].all_codes
    codes, share = path.get(feature, Condition(everything, 1.0))
    for child, passing in ((tree.left[node], left), (tree.right[node], everything & ~left)):
        passed = tree.count(child) / tree.node_counts[node]
        yield child, {**path, feature: Condition(codes & passing, share * passed)}


def group(tree: Tree, splits: list[Question], scales: Mapping[int, Scale], top: int, path: Path) -> Group:
    """The path to `top` asks one question a feature; below it each split asks its own."""
    places: dict[Question, int] = {}
    asked = {f: (1 << places.setdefault(Question(f, c.codes), len(places)),) * 2 for f, c in path.items()}
    leaves = []
    waiting = [(top, path, asked)]
    while waiting:
        node, path, asked = waiting.pop()
        if node < 0:
            leaves.append(leaf(tree, node, path, asked))
            continue
        feature = tree.features[node]
        bit = 1 << places.setdefault(splits[node], len(places))
        care, want = asked.get(feature, (0, 0))
        if care & bit:
            raise NotTabulated("A split asks what the path to it has answered.")
        for (child, onward), yes in zip(steps(tree, splits, scales, node, path), (bit, 0), strict=True):
            waiting.append((child, onward, {**asked, feature: (care | bit, want | yes)}))
    features = {question.feature for question in places}
    return Group(tuple(places), tuple(sorted(features)), tuple(leaves))


def leaf(tree: Tree, node: int, path: Path, asked: Mapping[int, tuple[int, int]]) -> Leaf:
    if len(path) > MOST_FEATURES:
        raise NotTabulated("A leaf hangs on more features than a machine word has bits.")
    terms = (Term(feature, condition.share, *asked[feature]) for feature, condition in path.items())
    return Leaf(tree.leaf_values[~node], tuple(terms))
