"""Families, twins and children who come back under another number: planted where asked for, and told in the truth."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from simulated_city import digest, exits, folders, read

from features.simulation import ASSUMPTIONS, HARD_TO_LINK, Assumptions, simulate

FEW = {"rehearsed": 1_500}
NAMES = ("APELLIDO1", "APELLIDO2", "NOMBRE1", "NOMBRE2", "BARRIO", "TELEFONO", "TEL", "DIRECCION_RESIDENCIA")


def city(room: Path, assumptions: Assumptions) -> Path:
    simulate(room, 1_500, (2023, 2024), seed=8, weeks_of_last_year=6, assumptions=replace(assumptions, **FEW))
    return room


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    return city(tmp_path_factory.mktemp("plain"), ASSUMPTIONS)


@pytest.fixture(scope="module")
def hard(tmp_path_factory) -> Path:
    return city(tmp_path_factory.mktemp("hard"), HARD_TO_LINK)


def everyone(out: Path, file: str = "anexo_6a.txt") -> pl.DataFrame:
    """Each PER_ID once a year, as first seen in it."""
    found = [read(folder / file) for folder in folders(out) if (folder / file).exists()]
    columns = [pl.all().exclude("ANO_INF"), pl.col("ANO_INF").alias("year")]
    return pl.concat(rows.rename(str.strip).select(columns) for rows in found).unique(["PER_ID", "year"], keep="first")


def truth(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "truth" / "identities.parquet")


def test_families_change_names_and_telephones_and_nobody_s_fate(plain, tmp_path):
    alone = city(tmp_path, replace(ASSUMPTIONS, children_per_home=0.0))

    for one, another in zip(folders(plain), folders(alone), strict=True):
        mine, other = read(one / "detallado_alumnos.csv"), read(another / "detallado_alumnos.csv")
        kept = [name for name in mine.columns if name not in NAMES]
        assert mine.select(kept).equals(other.select(kept))
    assert exits(plain).equals(exits(alone))


def test_brothers_and_sisters_share_a_telephone_and_mostly_their_surnames(plain):
    homes = (
        everyone(plain).filter(pl.col("year") == "2023").group_by("TEL").agg(pl.len(), pl.col("APELLIDO2").n_unique())
    )

    assert 0.2 < (homes["len"] == 2).mean() < 0.4
    assert homes["len"].max() <= 10
    assert (homes.filter(pl.col("len") == 2)["APELLIDO2"] == 1).mean() > 0.7


def test_what_is_planted_in_the_numbers_changes_nobody_s_fate_either(plain, hard):
    assert exits(plain).drop("driver").equals(exits(hard).drop("driver"))


def test_in_the_plain_city_a_child_has_one_number_for_life(plain):
    assert (
        truth(plain).group_by("person").agg(pl.col("per_id").n_unique())["per_id"].max() <= 2
    )  # a duplicate's is its twin's
    real = pl.read_parquet(plain / "truth" / "students.parquet").filter(pl.col("kind") == "REAL")
    numbers = truth(plain).filter(pl.col("per_id").is_in(real["per_id"].implode()))
    assert (numbers["per_id"] == numbers["person"]).all()


def test_the_same_seed_plants_the_same_children(tmp_path):
    small = replace(HARD_TO_LINK, rehearsed=600)
    for name in ("one", "again"):
        simulate(tmp_path / name, 300, (2023, 2024), seed=5, weeks_of_last_year=2, assumptions=small)

    assert digest(tmp_path / "one") == digest(tmp_path / "again")


def test_some_begin_a_year_under_a_new_per_id_and_a_new_document(hard):
    written = truth(hard).filter(pl.col("per_id").is_not_null())
    again = written.filter((pl.col("per_id") >= 700_000_000) & (pl.col("since") == 2024))
    first = written.filter(pl.col("person").is_in(again["person"].implode()) & (pl.col("per_id") < 700_000_000))

    assert 0.015 < again.height / written["person"].n_unique() < 0.06
    assert not set(again["document_number"]) & set(first["document_number"])


def test_every_number_in_the_files_is_in_the_truth(hard):
    told = set(truth(hard)["per_id"].cast(pl.String))
    listed = set(everyone(hard)["PER_ID"])

    assert listed <= told
    unseen = truth(hard).filter(pl.col("per_id").is_null())
    private = pl.concat(read(f / "anexo_5a.txt") for f in folders(hard) if (f / "anexo_5a.txt").exists())
    private = private.filter(pl.col("PER_ID").is_null())
    assert set(private["NRO_DOCUMENTO"]) <= set(unseen["document_number"])
    assert private.height > 10


def test_a_move_that_the_old_school_does_not_learn_of_looks_like_leaving(hard):
    moved = (
        exits(hard).filter((pl.col("cause") == "TRANSFER_INSIDE") & (pl.col("year") == 2023))["per_id"].cast(pl.String)
    )
    closing = read([f for f in folders(hard, 2023) if (f / "simpade.csv").exists()][-1] / "detallado_alumnos.csv")
    said = closing.filter(pl.col("PER_ID").is_in(moved.implode()) & (pl.col("ESTADO") != "MATRICULADO"))
    persons = truth(hard).filter(pl.col("person").cast(pl.String).is_in(moved.implode()))

    announced = said["MOTIVO"].is_in(["TRASLADO A OTRA INST EDUCATIVA", "TRANSFERENCIA"]).sum() / len(moved)
    assert 0.2 < announced < 0.85
    assert 0.2 < (persons.group_by("person").agg(pl.col("per_id").n_unique())["per_id"] > 1).mean() < 0.85


def test_twins_share_birthday_home_and_surnames_and_have_neighbouring_documents(hard):
    students = pl.read_parquet(hard / "truth" / "students.parquet").filter(pl.col("kind") == "REAL")
    both = students.join(students, on=["family", "born_on"]).filter(pl.col("per_id") < pl.col("per_id_right"))
    numbers = dict(
        truth(hard)
        .filter(pl.col("since") == 2023)
        .select("person", pl.col("document_number").cast(pl.Int64))
        .iter_rows()
    )
    next_to = [
        abs(numbers.get(a, 0) - numbers.get(b, 9)) == 1 for a, b in both.select("per_id", "per_id_right").iter_rows()
    ]

    assert 0.005 < 2 * both.height / students.height < 0.04
    assert sum(next_to) / len(next_to) > 0.5


def test_slips_of_the_hand_are_as_many_as_asked_for(plain, hard):
    def differing(out):
        first, later = (everyone(out).filter(pl.col("year") == year) for year in ("2023", "2024"))
        both = first.join(later, on="PER_ID", suffix="_later")
        names = [pl.col(n).str.strip_chars().ne_missing(pl.col(f"{n}_later").str.strip_chars()) for n in NAMES[:4]]
        return both.select(pl.any_horizontal(names)).to_series().mean()

    assert differing(hard) > 2 * differing(plain)
    assert 0.06 < differing(hard) < 0.20
