"""The few sums that several definitions share, with unknown kept apart from zero."""

import narwhals as nw


def ratio(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """Part of a whole; unknown where there is no whole, on every engine alike."""
    return nw.when(whole > 0).then(part / whole)


def days_between(earlier: str, later: str) -> nw.Expr:
    """Whole days from one date column to another; engines do not agree on what one date less another is."""
    return day_number(later) - day_number(earlier)


def weeks_between(earlier: str, later: str) -> nw.Expr:
    """Weeks from one date column to another."""
    # Multiplied, not divided: dividing by a number, Polars rounds one row and many rows differently.
    return days_between(earlier, later) * (1 / 7)


def weeks_since(day: str) -> nw.Expr:
    """Weeks from a date column to the day looked from."""
    return weeks_between(day, "day")


def day_number(day: str) -> nw.Expr:
    """How many days after the last day of the year 0, in the calendar of today."""
    years = nw.col(day).dt.year().cast(nw.Int64) - 1
    leap_days = years // 4 - years // 100 + years // 400
    return 365 * years + leap_days + nw.col(day).dt.ordinal_day().cast(nw.Int64)


def one_if(condition: nw.Expr) -> nw.Expr:
    """1 where it holds, 0 where it does not, unknown where it cannot be told."""
    return condition.cast(nw.Int64)


def known_or_zero(column: str) -> nw.Expr:
    """A count: no row means none."""
    return nw.col(column).fill_null(0)
