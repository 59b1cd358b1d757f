"""How far two schools are from each other, where the register knows where they stand."""

from __future__ import annotations

import polars as pl

from features.records import Records

EARTH_RADIUS_KM = 6371.0


def kilometres(records: Records) -> pl.DataFrame:
    """``a, b, km`` of every pair of schools whose places are known."""
    rows = records.table("institution").sort("known_on").drop_nulls(["latitude", "longitude"])
    places = rows.group_by("institution_id").agg(pl.col("latitude", "longitude").last()).collect()
    radians = [pl.col(name).radians().alias(name) for name in ("latitude", "longitude")]
    one = places.with_columns(radians).rename({"institution_id": "a"})
    other = one.rename({"a": "b", "latitude": "lat_b", "longitude": "lon_b"})
    return one.join(other, how="cross").select("a", "b", km=_great_circle())


def _great_circle() -> pl.Expr:
    """The haversine of two points in radians."""
    north, east = pl.col("lat_b") - pl.col("latitude"), pl.col("lon_b") - pl.col("longitude")
    chord = (north / 2).sin() ** 2 + pl.col("latitude").cos() * pl.col("lat_b").cos() * (east / 2).sin() ** 2
    return 2 * EARTH_RADIUS_KM * chord.sqrt().arcsin()
