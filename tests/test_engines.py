"""The same catalogue on every engine gives the same table: in memory, on disk, on a cluster, and by pandas."""

import shutil
from datetime import date

import narwhals as nw
import polars as pl
import pytest
from null_rich import null_rich
from polars.testing import assert_frame_equal

from features import Archive, Entry, Records, build_frame, catalogue_for
from features.engines import Polars
from features.engines.on_a_cluster import started
from features.view import View

DAYS = [date(2023, 9, 17), date(2024, 3, 3), date(2024, 5, 26)]
ONE_OF_EACH = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@pytest.fixture(scope="module")
def world():
    return null_rich()


@pytest.fixture(scope="module")
def archive(world, tmp_path_factory):
    """The same rows as two deliveries: the second brings a column that the first did not have."""
    path = tmp_path_factory.mktemp("engines") / "archive"
    for number, day in enumerate((date(2024, 2, 1), date(2030, 1, 1))):
        tables = {name: _half(table, number) for name, table in world.items()}
        Archive(path).add(Entry(f"{number}" * 16, "made", day, f"{number}.csv", 1, 1, 0), tables)
    return path


def _half(table, number):
    half = table.gather_every(2, number)
    return half.drop("x_own", strict=False) if number == 0 else half


@pytest.fixture(scope="module")
def expected(archive):
    return build_frame(Records.open(archive), DAYS)


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_feature_has_the_same_value_on_every_engine(engine, archive, expected):
    frame = build_frame(Records.open(archive), DAYS, engine)

    assert_frame_equal(frame, expected, abs_tol=1e-9, rel_tol=1e-9)


@pytest.mark.parametrize("at_once", [7, 25])
def test_students_worked_out_in_shares_have_the_same_values(at_once, archive, expected, monkeypatch):
    monkeypatch.setattr(Polars, "students_at_once", at_once)

    frame = build_frame(Records.open(archive), DAYS)

    assert_frame_equal(frame, expected, abs_tol=1e-9, rel_tol=1e-9)


def test_a_reading_that_loses_a_student_is_refused(archive):
    view = View(Records.open(archive), DAYS)

    with pytest.raises(ValueError, match="cambió las filas"):
        view.engine.grown(view.on_roll, lambda grid: grid.filter(nw.col("day") > DAYS[0]).with_columns(new=nw.lit(1)))


@pytest.fixture
def small_cluster():
    """One worker and no compiling of plans: for sixty students that is all that takes time."""
    if shutil.which("java") is None:
        pytest.skip("no hay Java 17 en esta máquina: el motor «spark» no se puede probar")
    session = started({"spark.master": "local[1]", "spark.sql.codegen.wholeStage": "false", **ONE_OF_EACH})
    yield session
    session.stop()


def test_every_feature_has_the_same_value_on_a_cluster(small_cluster, archive, expected):
    frame = build_frame(Records.open(archive), DAYS[-1:], "spark")

    assert_frame_equal(frame, expected.filter(pl.col("day") == DAYS[-1]), abs_tol=1e-9, rel_tol=1e-9)


def test_the_register_of_this_test_gives_each_feature_values_and_lets_most_be_unknown(expected):
    features = expected.drop("student_id", "day", "institution_id")
    never = [column for column in features.columns if features[column].null_count() == features.height]
    unknown = [column for column in features.columns if features[column].null_count()]

    assert never == []
    assert len(unknown) > features.width / 3


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_records_in_memory_and_on_disk_give_one_table(engine, world, archive):
    by_file = build_frame(Records.open(archive), DAYS[:1], engine, catalogue_for(Records.open(archive)))
    laid_together = {
        name: pl.concat([_half(table, 0), _half(table, 1)], how="diagonal_relaxed") for name, table in world.items()
    }

    in_memory = build_frame(Records.from_frames(laid_together), DAYS[:1], engine)

    assert_frame_equal(in_memory, by_file, check_column_order=False)


def test_an_engine_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ValueError, match="«hadoop» no existe; los motores son: polars, duckdb, spark, pandas"):
        build_frame(Records.from_frames({}), [date(2024, 3, 3)], "hadoop")


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_many_days_at_once_give_what_each_day_gives_alone_on_the_other_engines_too(engine, archive):
    records = Records.open(archive)

    together = build_frame(records, DAYS, engine)

    assert_frame_equal(together, pl.concat([build_frame(records, [day], engine) for day in DAYS]))
