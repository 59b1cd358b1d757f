"""What became of a child, and what that counts as: it left, it did not leave, or nobody knows. Decided here alone.

The chance is that of leaving within the horizon, of every child on roll. Whoever moved to another school or graduated
did not leave: such rows teach, set the chances, and are judged, as those who stayed. Only an unknown fate is left out.
"""

import polars as pl

LEFT, STAYED, MOVED, GRADUATED, UNKNOWN = "LEFT", "STAYED", "MOVED", "GRADUATED", "UNKNOWN"
KNOWN = (LEFT, STAYED, MOVED, GRADUATED)


def known_fate() -> pl.Expr:
    """Of a frame with `outcome`: whether it is known what became of the child, whatever that was."""
    return pl.col("outcome").is_in(list(KNOWN))


def has_left() -> pl.Expr:
    return pl.col("outcome") == LEFT
