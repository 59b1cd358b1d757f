"""Which counts may not be published, so that neither a small one nor what a total gives away points at a child."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from features.rates.bounds import pinned
from features.rates.sums import C, Sum

SMALLEST = 5
"""Fewer children than this are never told, nor is how many are left out when fewer than this are."""


def is_small(count: int) -> bool:
    return 0 < count < SMALLEST


def hidden_cells(
    counts: Mapping[C, int],
    sums: Sequence[Sum[C]],
    small: Collection[C],
    within: Sequence[Sum[C]] = (),
    smallest: int = SMALLEST,
) -> set[C]:
    """The small cells and as many others as it takes for no sum, nor several together, to give one of them away.

    ``within`` are wholes that hold their parts and more: a reader knows that no part is larger. ``smallest`` is what
    the hidden parts of a sum may come to together.
    """
    hidden, places = {cell for cell in small if cell in counts}, _places(sums)
    while True:
        before = len(hidden)
        for one in sums:
            while _tells(one, hidden, counts, smallest) and _hides_one_more(one, hidden, counts, places):
                pass
        if len(hidden) == before:
            for cell in sorted(determined(hidden, sums), key=str):
                _hides_near(cell, hidden, counts, places)
        if len(hidden) == before and within:
            known = determined(hidden, [*sums, *pinned(hidden, counts, sums, within)])
            for cell in sorted(known.intersection(small), key=str):
                _hides_near(cell, hidden, counts, places)
        if len(hidden) == before:
            return hidden


def _places(sums: Sequence[Sum[C]]) -> dict[C, list[Sum[C]]]:
    found: dict[C, list[Sum[C]]] = {}
    for one in sums:
        for cell in one.cells:
            found.setdefault(cell, []).append(one)
    return found


def _tells(one: Sum[C], hidden: set[C], counts: Mapping[C, int], smallest: int) -> bool:
    """A sum gives a cell away when it hides only that one, or when all that it hides is together a small number."""
    parts = [cell for cell in one.parts if cell in hidden]
    if one.whole in hidden:
        return not parts
    return len(parts) == 1 or (len(parts) > 1 and sum(counts[cell] for cell in parts) < smallest)


def _hides_one_more(one: Sum[C], hidden: set[C], counts: Mapping[C, int], places: Mapping[C, list[Sum[C]]]) -> bool:
    """Adds a cell of the sum to the hidden ones: where others are hidden already, with as few children as may be."""

    def cost(cell: C) -> tuple[int, int, str]:
        broken = sum(not any(other in hidden for other in s.cells) for s in places[cell])
        return broken, counts[cell], str(cell)

    parts = [cell for cell in one.parts if cell not in hidden]
    whole = [one.whole] if one.whole not in hidden else []
    chosen = min([cell for cell in parts if counts[cell]] or whole or parts, key=cost, default=None)
    if chosen is None:
        return False
    hidden.add(chosen)
    return True


def _hides_near(cell: C, hidden: set[C], counts: Mapping[C, int], places: Mapping[C, list[Sum[C]]]) -> None:
    """Adds a cell in one of the cell's own sums or, where these hide all they have, in the next ones they lead to."""
    seen, waiting = {cell}, [cell]
    for here in waiting:
        for one in places.get(here, []):
            if _hides_one_more(one, hidden, counts, places):
                return
            following = [other for other in one.cells if other in hidden and other not in seen]
            seen.update(following)
            waiting += following


def determined(hidden: Collection[C], sums: Sequence[Sum[C]]) -> set[C]:
    """The hidden cells whose value follows exactly from what is published."""
    found: set[C] = set()
    for cells, equations in _blocks(hidden, sums):
        place = {cell: n for n, cell in enumerate(cells)}
        matrix = np.zeros((len(equations), len(cells)))
        for row, one in enumerate(equations):
            for cell in one.parts:
                if cell in place:
                    matrix[row, place[cell]] = 1.0
            if one.whole in place:
                matrix[row, place[one.whole]] = -1.0
        _, strengths, directions = np.linalg.svd(matrix, full_matrices=False)
        known = (directions[strengths > 1e-9] ** 2).sum(axis=0)
        found |= {cell for cell, share in zip(cells, known, strict=True) if share > 1 - 1e-6}
    return found


def _blocks(hidden: Collection[C], sums: Sequence[Sum[C]]) -> list[tuple[list[C], list[Sum[C]]]]:
    """Hidden cells that share sums, directly or through others, taken together; each block is solved by itself."""
    leader = {cell: cell for cell in hidden}

    def root(cell: C) -> C:
        while leader[cell] != cell:
            leader[cell] = cell = leader[leader[cell]]
        return cell

    touching = [(one, [cell for cell in one.cells if cell in leader]) for one in sums]
    for _, cells in touching:
        for cell in cells[1:]:
            leader[root(cell)] = root(cells[0])
    blocks: dict[C, tuple[list[C], list[Sum[C]]]] = {}
    for cell in leader:
        blocks.setdefault(root(cell), ([], []))[0].append(cell)
    for one, cells in touching:
        if cells:
            blocks[root(cells[0])][1].append(one)
    return [block for block in blocks.values() if block[1]]
