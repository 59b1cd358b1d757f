"""The engine for a ministry: PySpark, on this machine or on the cluster that ``spark-submit`` names."""

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl
import pyarrow as pa

from features.engines.steps import Frame, Steps
from features.records import TIMELESS, Records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.memory": "4g",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
"""For one machine; where a session runs already, as under ``spark-submit``, its own settings stand."""


class Spark(Steps):
    """Uses the session that runs, or starts one on this machine."""

    name = "spark"

    @cached_property
    def _session(self) -> "SparkSession":
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise RuntimeError("el motor «spark» necesita Java 17: instale openjdk-17-jre-headless")
        from pyspark.sql import SparkSession

        return SparkSession.getActiveSession() or started({"spark.master": os.environ.get("SPARK_MASTER", "local[2]")})

    def scan(self, records: Records, table: str) -> Frame:
        files = records.files(table)
        if files is None:
            return self._of(self._from_arrow(records.table(table).collect().to_arrow()))
        columns = records.columns(table)
        # NOTE: parts differ in their columns; read apart by name and laid together they need no common schema.
        rows = self._session.read.option("mergeSchema", "true").parquet(*(str(file) for file in files))
        rows = rows.selectExpr(*(_typed(name, dtype, name in rows.columns) for name, dtype in columns.items()))
        if records.until is not None and table not in TIMELESS:
            rows = rows.filter(f"known_on <= DATE '{records.until.isoformat()}'")
        return self._of(rows)

    def days(self, days: Sequence[date]) -> Frame:
        return self._of(self._from_arrow(pa.table({"day": pa.array(list(days), pa.date32())})))

    def settled(self, frame: Frame) -> Frame:
        """Kept on the workers; the long way that led to it is forgotten, or each step would plan it anew."""
        return self._of(frame.to_native().localCheckpoint())

    def collected(self, frame: Frame) -> pl.DataFrame:
        return pl.from_arrow(frame.to_native().toArrow())  # type: ignore[return-value]

    def numbers(self, column: str) -> nw.Expr:
        return nw.col(column)

    def dates(self, column: str) -> nw.Expr:
        return nw.col(column)

    def _from_arrow(self, table: pa.Table) -> "DataFrame":
        return self._session.createDataFrame(table)

    def _of(self, rows: "DataFrame") -> Frame:
        return nw.from_native(rows)


def started(settings: Mapping[str, str]) -> "SparkSession":
    """A session with these settings, and with ours for the rest."""
    from pyspark.sql import SparkSession

    builder: SparkSession.Builder = SparkSession.builder.appName("permanencia")
    for name, value in {**LOCAL, **settings}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


_TYPES = {
    pl.String: "STRING",
    pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
    pl.Float64: "DOUBLE",
    pl.Float32: "FLOAT",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INT",
    pl.Int64: "BIGINT",
}


def _typed(name: str, dtype: pl.DataType, present: bool) -> str:
    return f"CAST({f'`{name}`' if present else 'NULL'} AS {_TYPES[type(dtype)]}) AS `{name}`"
