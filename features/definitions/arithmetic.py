"""The few sums that several definitions share, with unknown kept apart from zero."""

import narwhals as nw


def ratio(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """Part of a whole; unknown where there is no whole, on every engine alike."""
    return nw.when(whole > 0).then(part / whole)


def weeks_since(day: str) -> nw.Expr:
    """Weeks from a date column to the day looked from."""
    return (nw.col("day") - nw.col(day)).dt.total_minutes() / (60 * 24 * 7)


def one_if(condition: nw.Expr) -> nw.Expr:
    """1 where it holds, 0 where it does not, unknown where it cannot be told."""
    return condition.cast(nw.Int64)


def known_or_zero(column: str) -> nw.Expr:
    """A count: no row means none."""
    return nw.col(column).fill_null(0)
