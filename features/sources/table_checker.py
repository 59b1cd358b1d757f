"""Loads the library that checks tables, without waking Spark beside it.

Where PySpark is installed, pandera imports its pandas half at once: four seconds at every start, and a warning.
"""

import sys

_ASLEEP = "pyspark.pandas" not in sys.modules
if _ASLEEP:
    sys.modules["pyspark.pandas"] = None  # type: ignore[assignment]

import pandera.polars as pa  # noqa: E402
from pandera.errors import SchemaErrors  # noqa: E402

if _ASLEEP:
    del sys.modules["pyspark.pandas"]

__all__ = ["SchemaErrors", "pa"]
