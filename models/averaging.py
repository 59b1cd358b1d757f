"""Several sets of trees told as one: the mean of their opinions is again a sum over trees, exact, and kept as text."""

from collections.abc import Sequence

import lightgbm as lgb
import numpy as np

VALUES = ("leaf_value=", "internal_value=")
END = "\nend of trees\n"


def averaged(boosters: Sequence[lgb.Booster], shares: Sequence[float]) -> lgb.Booster:
    """One booster whose raw score is the sum of each one's raw score times its share.

    The first gives the header, and with it the objective; all read the same features. NOTE: LightGBM can join boosters
    but not weigh them, so that it is done in the text it writes: the values of each tree are multiplied, nothing else.
    """
    texts = [one.model_to_string(num_iteration=-1) for one in boosters]
    header, foot = texts[0].split("\nTree=", 1)[0], texts[0].split(END, 1)[1]
    trees = [told_less(tree, share) for text, share in zip(texts, shares, strict=True) for tree in trees_in(text)]
    numbered = "".join(f"\nTree={place}\n{tree}" for place, tree in enumerate(trees))
    # Without the lengths of the trees LightGBM reads them one after the other, whatever their length.
    kept = "\n".join(line for line in header.splitlines() if not line.startswith("tree_sizes="))
    return lgb.Booster(model_str=f"{kept}\n{numbered}{END}{foot}")


def trees_in(text: str) -> list[str]:
    """The text of each tree, without its number."""
    told = text.split(END, 1)[0].split("\nTree=")[1:]
    return [tree.split("\n", 1)[1] for tree in told]


def told_less(tree: str, share: float) -> str:
    return "\n".join(scaled(line, share) for line in tree.split("\n"))


def scaled(line: str, share: float) -> str:
    name = next((name for name in VALUES if line.startswith(name)), None)
    if name is None:
        return line
    values = np.array(line[len(name) :].split(), dtype=np.float64) * share
    return name + " ".join(repr(float(value)) for value in values)
