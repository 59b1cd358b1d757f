"""The files of the made-up secretariat are those that SIMAT writes, with the mess that schools put into them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from simulated_city import digest, exits, folders, header, made_city, read

from features.simulation import ASSUMPTIONS, simulate
from features.simulation.annexes import HEADER_5A, HEADER_6A, HEADER_13A, HEADER_54
from features.simulation.detallado import HEADER_43
from features.simulation.detallado import HEADER_54 as NEW_DETALLADO

QUICK = replace(ASSUMPTIONS, rehearsed=2_000)


@pytest.fixture(scope="module")
def city() -> Path:
    return made_city()


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    out = tmp_path_factory.mktemp("village")
    simulate(out, 400, (2022, 2023), seed=11, weeks_of_last_year=6)
    yield out


# --- the folders and the files


def test_past_years_export_every_fourth_friday_and_in_december_and_the_last_year_every_week(village: Path) -> None:
    past, last = folders(village, 2022), folders(village, 2023)
    days = [date.fromisoformat(folder.name) for folder in past]
    assert {(b - a).days for a, b in pairwise(days[:-1])} == {28}
    assert len(past) == 13
    assert past[-1].name.startswith("2022-12")
    assert len(last) == 6
    assert all(date.fromisoformat(f.name).weekday() == 4 for f in past + last)


def test_the_detallado_has_43_columns_in_past_years_and_54_in_the_last_one(village: Path) -> None:
    for folder in folders(village, 2022):
        assert header(folder / "detallado_alumnos.csv") == HEADER_43
    for folder in folders(village, 2023):
        assert header(folder / "detallado_alumnos.csv") == NEW_DETALLADO
    assert len(HEADER_43.split(";")) == 43
    assert len(NEW_DETALLADO.split(";")) == 54


def test_the_annexes_have_their_columns_and_their_stray_spaces() -> None:
    assert len(HEADER_54.split(";")) == 54
    assert f"{HEADER_54};SECTOR;COMUNA SEDE" == HEADER_6A
    assert len(HEADER_13A.split(";")) == 64
    assert {" NOMBRE1", " PROVIENE_SECTOR_PRIV"} <= set(HEADER_6A.split(";"))
    assert {"SIT_ACAD_ANO_ANT", "ESTADO"}.isdisjoint(HEADER_5A.split(";"))


def test_every_line_of_every_file_has_as_many_cells_as_its_header(village: Path) -> None:
    seen = set()
    for path in village.rglob("*"):
        if path.is_file() and path.parent.name != "truth" and path.suffix in (".csv", ".txt"):
            widths = {line.count(";") for line in path.read_text(encoding="latin-1").rstrip("\n").split("\n")}
            assert len(widths) == 1, path.name
            seen.add(path.name)
    assert seen == {
        "detallado_alumnos.csv",
        "anexo_6a.txt",
        "anexo_5a.txt",
        "anexo_13a.csv",
        "inasistencia.csv",
        "valoracion.csv",
        "caracterizacion.csv",
        "simpade.csv",
    }


def test_the_files_are_latin_1_and_not_utf_8(village: Path) -> None:
    raw = (folders(village)[0] / "detallado_alumnos.csv").read_bytes()
    assert "MARTÍNEZ".encode("latin-1") in raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_codes_carry_sector_and_municipality_and_sites_belong_to_their_institution(village: Path) -> None:
    annex = read(folders(village)[0] / "anexo_6a.txt").filter(~pl.col("CODIGO_DANE").str.contains("E"))
    assert annex["CODIGO_DANE"].str.contains(r"^[12]76001\d{6}$").all()
    assert annex["DANE_ANTERIOR"].str.contains(r"^[12]76001\d{6}$").all()
    assert (annex["CONS_SEDE"].str.head(12) == annex["CODIGO_DANE"]).all()
    private = read(folders(village)[0] / "anexo_5a.txt")
    assert private["CODIGO_DANE"].str.contains(r"^[34]76001").all()


def test_absences_come_once_per_student_and_week_and_only_for_weeks_since_the_last_folder(village: Path) -> None:
    sending = [f for f in folders(village) if (f / "inasistencia.csv").exists()]
    sent = [read(f / "inasistencia.csv").with_columns(folder=pl.lit(f.name)) for f in sending]
    rows = pl.concat(sent).with_columns(pl.col("SEMANA").str.to_date("%d/%m/%Y"))
    assert not rows.select("PER_ID", "SEMANA").is_duplicated().any()
    assert (rows["SEMANA"].dt.weekday() == 1).all()
    assert (rows["SEMANA"] <= rows["folder"].str.to_date()).all()
    missed, expected = rows["DIAS_AUSENTE"].cast(pl.Int64), rows["DIAS_PROGRAMADOS"].cast(pl.Int64)
    assert ((missed >= 0) & (missed <= expected)).all()


def test_marks_have_four_areas_a_period_and_a_decimal_comma(village: Path) -> None:
    marks = pl.concat([read(f / "valoracion.csv") for f in folders(village) if (f / "valoracion.csv").exists()])
    assert set(marks["AREA"]) == {"MATEMATICAS", "LENGUAJE", "CIENCIAS", "SOCIALES"}
    assert set(marks.filter(pl.col("ANO") == "2022")["PERIODO"]) == {"1", "2", "3", "4"}
    assert marks["NOTA"].str.contains(r"^[1-5],\d$").all()


def test_the_truth_is_not_in_the_dated_folders(village: Path) -> None:
    names = {p.name for f in folders(village) for p in f.iterdir()}
    assert not any(name.endswith((".parquet", ".json")) for name in names)
    words = "hazard", "frailty", "chance_4w", "driver"
    assert not any(w in header(p).lower() for f in folders(village) for p in f.iterdir() for w in words)
    assert json.loads((village / "truth" / "assumptions.json").read_text())["seed"] == 11


# --- seeds and districts


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        simulate(tmp_path / name, 300, (2023,), seed=seed, weeks_of_last_year=2, assumptions=QUICK)
    assert digest(tmp_path / "one") == digest(tmp_path / "again")
    assert digest(tmp_path / "one") != digest(tmp_path / "other")


def test_a_city_made_in_small_districts_is_whole(tmp_path: Path) -> None:
    small = replace(QUICK, district_size=250)
    made = simulate(tmp_path, 1_000, (2022, 2023), seed=1, weeks_of_last_year=1, assumptions=small)
    first = read(folders(tmp_path)[0] / "detallado_alumnos.csv")
    assert made.institutions == 8
    assert first.filter(~pl.col("DANE").str.contains("E"))["DANE"].n_unique() == 8
    assert 900 <= first["PER_ID"].n_unique() <= 1_100
    assert not (first["PER_ID"] == "PER_ID").any(), "one header, however many districts"
    assert first["PER_ID"].is_duplicated().sum() == 0


def test_districts_never_share_a_student(tmp_path: Path) -> None:
    small = replace(QUICK, district_size=300)
    simulate(tmp_path, 600, (2023,), seed=9, weeks_of_last_year=1, assumptions=small)
    parts = sorted((tmp_path / "truth" / "hazard" / "year=2023").iterdir())
    assert [p.name for p in parts] == ["part-0000.parquet", "part-0001.parquet"]
    first, second = (set(pl.read_parquet(p)["per_id"]) for p in parts)
    assert first
    assert second
    assert not first & second


def test_the_number_of_threads_changes_no_byte(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from features.simulation import simulate;"
        "simulate(Path(sys.argv[1]), 300, (2023,), seed=5, weeks_of_last_year=2)"
    )
    for threads in ("1", "4"):
        environment = {**os.environ, "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / threads)], check=True, env=environment)
    assert digest(tmp_path / "1") == digest(tmp_path / "4")


def test_a_wrong_request_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="se acepta de 200"):
        simulate(tmp_path / "x", 5, (2023,), seed=1)
    with pytest.raises(ValueError, match="seguidos"):
        simulate(tmp_path / "x", 500, (2021, 2023), seed=1)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("x")
    with pytest.raises(FileExistsError, match="carpeta nueva"):
        simulate(tmp_path / "full", 500, (2023,), seed=1)


# --- the mess


def test_few_leavers_are_called_dropouts_and_almost_no_row_has_an_end_date(city: Path) -> None:
    gone = read(folders(city, 2022)[-1] / "detallado_alumnos.csv").filter(pl.col("ESTADO") == "RETIRADO")
    assert 0.01 < (gone["MOTIVO"] == "DESERCION").mean() < 0.06
    assert gone["FECHAFIN"].is_not_null().mean() < 0.03


def test_about_a_tenth_of_the_withdrawals_are_late_and_a_few_never_come(city: Path) -> None:
    left = exits(city).filter((pl.col("cause") == "DROPOUT") & (pl.col("year") == 2023))
    left = left.filter(pl.col("week") < date(2023, 8, 1))
    weeks = (left["recorded_on"] - left["week"]).dt.total_days() // 7
    assert 0.05 < (weeks >= 3).mean() < 0.20
    assert 0.0 < left["recorded_on"].is_null().mean() < 0.03
    assert (weeks == 0).mean() > 0.5


def test_some_leavers_vanish_from_the_detallado_and_a_few_stay_enrolled_until_december(city: Path) -> None:
    left = exits(city).filter((pl.col("cause") == "DROPOUT") & (pl.col("year") == 2022))
    left = left.filter(pl.col("week") < date(2022, 9, 1)).select(pl.col("per_id").cast(pl.String))
    closing = read(folders(city, 2022)[-1] / "detallado_alumnos.csv").select("PER_ID", "ESTADO")
    state = left.join(closing, left_on="per_id", right_on="PER_ID", how="left")
    assert 0.08 < state["ESTADO"].is_null().mean() < 0.22
    assert 0.0 < state["ESTADO"].is_in(["MATRICULADO", "SIN CONTINUIDAD"]).mean() < 0.06


def test_a_transfer_inside_the_city_shows_in_both_institutions(city: Path) -> None:
    closing = read(folders(city, 2022)[-1] / "detallado_alumnos.csv")
    moved = closing.filter(pl.col("MOTIVO").is_in(["TRASLADO A OTRA INST EDUCATIVA", "TRANSFERENCIA"]))
    twice = closing.filter(pl.col("PER_ID").is_in(moved["PER_ID"].implode())).group_by("PER_ID").len()
    assert 0.01 < moved.height / closing.height < 0.03
    assert (twice["len"] >= 2).mean() > 0.8


def test_students_who_moved_to_a_private_school_appear_in_annex_5a(city: Path) -> None:
    moved = exits(city).filter((pl.col("cause") == "TRANSFER_PRIVATE") & (pl.col("week") < date(2022, 1, 1)))
    private = set(read(folders(city, 2022)[0] / "anexo_5a.txt")["PER_ID"])
    found = [str(per_id) in private for per_id in moved["per_id"]]
    assert len(found) > 10
    assert sum(found) / len(found) > 0.7


def test_some_leavers_are_back_within_weeks_and_some_the_year_after(city: Path) -> None:
    left = exits(city).filter((pl.col("cause") == "DROPOUT") & (pl.col("year") == 2021))["per_id"].cast(pl.String)
    next_year = set(read(folders(city, 2022)[2] / "detallado_alumnos.csv")["PER_ID"])
    simpade = set(read(folders(city, 2021)[-1] / "simpade.csv")["PER_ID"])
    closing = read(folders(city, 2021)[-1] / "detallado_alumnos.csv")
    finished = set(closing.filter(pl.col("ESTADO").is_in(["PROMOCIONADO", "REPROBADO"]))["PER_ID"])
    assert 0.10 < sum(p in next_year for p in simpade) / len(simpade) < 0.35
    assert 0.01 < sum(p in finished for p in left) / len(left) < 0.10


def test_ghosts_never_miss_a_day_because_nobody_ever_counted_them(city: Path) -> None:
    students = pl.read_parquet(city / "truth" / "students.parquet")
    shadows = set(students.filter(pl.col("kind") != "REAL")["per_id"].cast(pl.String))
    first = read(folders(city, 2021)[0] / "detallado_alumnos.csv")
    sent = set(read(folders(city, 2021)[1] / "inasistencia.csv")["PER_ID"])
    share = first["PER_ID"].is_in(list(shadows)).mean()
    assert 0.003 < share < 0.012
    assert not shadows & sent


def test_duplicates_share_the_birthday_of_their_twin_under_another_number(city: Path) -> None:
    students = pl.read_parquet(city / "truth" / "students.parquet")
    twins = students.filter(pl.col("kind") == "DUPLICATE").select("duplicate_of", "born_on", "per_id")
    pairs = twins.join(students, left_on="duplicate_of", right_on="per_id", how="left")
    assert pairs.height > 50
    assert (pairs["born_on"] == pairs["born_on_right"]).all()
    assert students["per_id"].is_unique().all()


def test_documents_change_while_the_person_stays(city: Path) -> None:
    first, later = (read(folders(city, y)[0] / "anexo_6a.txt") for y in (2021, 2022))
    both = first.join(later, on="PER_ID")
    changed = both["TIPO_DOCUMENTO"] != both["TIPO_DOCUMENTO_right"]
    renumbered = both["NRO_DOCUMENTO"] != both["NRO_DOCUMENTO_right"]
    respelt = both["APELLIDO1"].str.strip_chars() != both["APELLIDO1_right"].str.strip_chars()
    assert 0.02 < changed.mean() < 0.25
    assert 0.001 < renumbered.mean() < 0.03
    assert 0.002 < respelt.mean() < 0.04
    assert (both["FECHA_NACIMIENTO"] == both["FECHA_NACIMIENTO_right"]).all()


def test_some_institutions_stop_sending_attendance_for_weeks(city: Path) -> None:
    sending = [f for f in folders(city, 2022) if (f / "inasistencia.csv").exists()]
    sent = pl.concat([read(f / "inasistencia.csv") for f in sending])
    weeks = sent.group_by(pl.col("CODIGO_DANE_SEDE")).agg(weeks=pl.col("SEMANA").n_unique())
    enrolled = read(folders(city, 2022)[0] / "detallado_alumnos.csv")["CODIGO_DANE_SEDE"].n_unique()
    assert (weeks["weeks"] < 38).sum() + enrolled - weeks.height > 0
    assert (weeks["weeks"] == 40).mean() > 0.4


def test_a_few_codes_and_names_are_damaged_and_sisben_is_often_missing(city: Path) -> None:
    rows = pl.concat([read(f / "detallado_alumnos.csv") for f in folders(city, 2022)[:6]])
    damaged = rows["DANE"].str.contains(r"^[12]\.76001E\+11$")
    spaced = rows["APELLIDO1"].str.contains(r"^ | $")
    assert 0.00003 < damaged.mean() < 0.0006
    assert 0.005 < spaced.mean() < 0.02
    assert 0.2 < rows["SISBEN IV"].is_null().mean() < 0.4


def test_the_first_teaching_week_is_in_the_first_folder(village: Path) -> None:
    first = folders(village)[0]
    week = read(first / "inasistencia.csv")["SEMANA"].str.to_date("%d/%m/%Y").unique().to_list()
    assert week == [date.fromisoformat(first.name) - timedelta(days=4)]
