"""What a reader can work out besides sums: a part is never more than its whole, and no count is less than nought."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from features.rates.sums import C, Sum

Terms = dict[int, float]


def pinned(
    hidden: Collection[C], counts: Mapping[C, int], sums: Sequence[Sum[C]], within: Sequence[Sum[C]]
) -> list[Sum[C]]:
    """Those of ``within``, and noughts, that must be equal whatever the hidden counts are.

    One linear program finds them all: every slack is asked to be as large as one, and the counts may grow together by
    any factor, so that whatever slack there can be is large enough.
    """
    place = {cell: n for n, cell in enumerate(hidden)}
    asked = [one for one in within if any(cell in place for cell in one.cells)]
    asked += [Sum(cell, ()) for cell in hidden]
    if not asked:
        return []
    factor, slack = len(place), len(place) + 1
    equal = [_terms(one, place, counts, factor) for one in sums if any(cell in place for cell in one.cells)]
    below = [_terms(one, place, counts, factor) | {slack + n: 1.0} for n, one in enumerate(asked)]
    width = slack + len(asked)
    wanted = np.zeros(width)
    wanted[slack:] = -1.0
    found = linprog(
        wanted,
        A_ub=_matrix(below, width), b_ub=np.zeros(len(below)),
        A_eq=_matrix(equal, width) if equal else None, b_eq=np.zeros(len(equal)) if equal else None,
        bounds=[(0, None)] * factor + [(1, None)] + [(0, 1)] * len(asked),
        method="highs",
    )  # fmt: skip
    return [one for one, slacks in zip(asked, found.x[slack:], strict=True) if slacks < 1 / 2]


def _terms(one: Sum[C], place: Mapping[C, int], counts: Mapping[C, int], factor: int) -> Terms:
    """Parts less whole: the hidden ones as unknowns, the told ones together as a multiple of the common factor."""
    found: Terms = {}
    for cell, sign in _signed(one):
        at, times = (place[cell], 1.0) if cell in place else (factor, float(counts[cell]))
        found[at] = found.get(at, 0.0) + sign * times
    return found


def _signed(one: Sum[C]) -> Iterator[tuple[C, float]]:
    yield one.whole, -1.0
    for cell in one.parts:
        yield cell, 1.0


def _matrix(rows: Iterable[Terms], width: int) -> coo_array:
    cells = [(n, at, value) for n, row in enumerate(rows) for at, value in row.items()]
    values, (down, across) = [c[2] for c in cells], ([c[0] for c in cells], [c[1] for c in cells])
    return coo_array((values, (down, across)), shape=(down[-1] + 1 if down else 0, width))
