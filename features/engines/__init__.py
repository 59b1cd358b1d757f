"""Where a frame is worked out: in memory, on disk where memory is short, on a cluster, or plainly, to check them."""

from features.engines.engine import Engine
from features.engines.in_memory import Polars
from features.engines.steps import Frame, How

__all__ = ["ENGINES", "Engine", "Frame", "How", "Polars", "engine_named"]

ENGINES = ("polars", "duckdb", "spark", "pandas")


def engine_named(name: str) -> Engine:
    """The engine of that name; what it needs is only loaded now."""
    if name == "polars":
        return Polars()
    if name == "duckdb":
        from features.engines.on_disk import DuckDB

        return DuckDB()
    if name == "spark":
        from features.engines.on_a_cluster import Spark

        return Spark()
    if name == "pandas":
        from features.engines.plain import Pandas

        return Pandas()
    raise ValueError(f"el motor «{name}» no existe; los motores son: {', '.join(ENGINES)}")
