"""The same model on a cluster: Spark weighs every pair as DuckDB does."""

import shutil

import pytest
from drawn_people import child, roster, strangers

from features.linkage.compare import engine_named, weighed
from features.linkage.people import comparable

# Forty people need no plan to be compiled, shuffled or improved on the way.
SMALL_TALK = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.memory": "1g",
}


@pytest.fixture(scope="module")
def cluster():
    if not shutil.which("java"):
        pytest.skip("Spark necesita Java 17: apt-get install openjdk-17-jre-headless")
    sql = pytest.importorskip("pyspark.sql", reason="Spark es opcional: pip install permanencia[spark]")
    builder = sql.SparkSession.builder.master("local[1]").appName("cruces")
    for name, value in SMALL_TALK.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def test_spark_weighs_every_pair_as_duckdb_does(cluster):
    people = comparable(
        roster(
            child("a", phone="3905550001"),
            child("b", "ROZA HELENA", "CAICEDO MINA", document="CC 1104556677", phone=None),
            child("c", "RSOA", "MINA", born="2012-05-11", document=""),
            child("d", "MARIA ELENA", document="TI 1104556678", phone="3905550001"),
            child("e", born=None, document="TI 1104556677", sex=None),
            *strangers(30),
        )
    )

    on_spark = weighed(people, engine_named("spark"))

    here = weighed(people)
    bits = [name for name in here.columns if name.endswith("weight")]
    apart = (here.select(bits) - on_spark.select(bits)).to_numpy()
    assert here.height > 4
    assert on_spark.drop(bits, "probability").equals(here.drop(bits, "probability"))
    assert abs(apart).max() < 1e-9
