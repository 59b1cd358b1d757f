"""From dated folders to the archive: once, in order, losing no row, and telling names to nobody but the roster."""

import shutil
from datetime import date

import polars as pl
import pytest
from made_up_exports import DETALLADO_54, KEY, ROSA, TODAY, Secretariat, annex, rows_of, text

from features.archive import Archive
from features.sources import check, pseudonym
from features.sources.student_state import KINDS, forget_others, load

ATTENDANCE = "PER_ID;CODIGO_DANE_SEDE;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE\n"
MARKS = "ANO;PER_ID;CODIGO_DANE_SEDE;PERIODO;AREA;NOTA;FECHA\n"
FORMS = "PER_ID;FECHA;JEFATURA_HOGAR;TAMANO_HOGAR;EDUCACION_ACUDIENTE;TRABAJA;MINUTOS_A_LA_SEDE;DESPLAZADO;INTERNET\n"
STRATEGIES = "PER_ID;ID_ESTRATEGIA;NOMBRE_ESTRATEGIA;TIPO_ESTRATEGIA;FECHA_INICIO_ESTRATEGIA_ALUMNO;" + (
    "FECHA_FIN_ESTRATEGIA_ALUMNO;FECHA_FIN_ESTRATEGIA\n"
)
SIMPADE = "ANO;CODIGO_DANE;CODIGO_DANE_SEDE;PER_ID;GRADO_COD;SECTOR;FECHA_REPORTE\n"
SITE = ROSA["CODIGO_DANE_SEDE"]


@pytest.fixture
def secretariat(tmp_path):
    return Secretariat(tmp_path)


def a_month(secretariat: Secretariat) -> None:
    secretariat.drop(
        "2024-03-01",
        detallado__csv=text(rows_of(range(5))),
        anexo_6a__txt=annex(rows_of(range(5))),
        inasistencia__csv=ATTENDANCE + f"1000001;{SITE};26/02/2024;5;1\n",
        caracterizacion__csv=FORMS + "1000001;01/03/2024;MADRE;4;PRIMARIA;NO;25;NO;SI\n",
    )
    secretariat.drop("2024-03-08", detallado__csv=text(rows_of(range(4)), DETALLADO_54))
    secretariat.drop("2024-03-15", detallado__csv=text([*rows_of(range(3)), {"PER_ID": "1000007", "GRADO_COD": "12A"}]))


def test_a_second_ingest_changes_no_byte_and_tells_the_same_counts(secretariat):
    a_month(secretariat)
    first = secretariat.ingest()
    before, told = secretariat.bytes_of_archive(), len(secretariat.roster)
    second = secretariat.ingest()
    assert secretariat.bytes_of_archive() == before and len(secretariat.roster) == told
    counts = [(report.rows_in, report.accepted, report.quarantined) for report in (first, second)]
    assert counts[0] == counts[1] == (20, 19, 1)
    assert all(file.unchanged for file in second.files)


def test_folder_by_folder_gives_what_all_at_once_gives(secretariat, tmp_path):
    a_month(secretariat)
    secretariat.ingest()
    step = Secretariat(tmp_path / "step")
    for folder in sorted(secretariat.exports.iterdir()):
        step.ingest(shutil.copytree(folder, step.exports / folder.name))
    for table in ("enrolment", "person", "characterisation", "attendance", "report", "institution", "calendar"):
        assert step.table(table).equals(secretariat.table(table)), table


def test_without_its_memory_the_archive_goes_on_as_with_it(secretariat, tmp_path):
    a_month(secretariat)
    secretariat.ingest()
    other = Secretariat(tmp_path / "other")
    shutil.copytree(secretariat.home / "archive", other.home / "archive")
    shutil.rmtree(other.home / "archive" / "state")
    for one in (secretariat, other):
        one.drop("2024-03-22", detallado__csv=text([*rows_of([0, 1], GRADO_COD="8"), *rows_of([9])]))
        one.ingest()
    columns = ["student_id", "known_on", "status", "grade", "institution_id"]
    assert other.table("enrolment").select(columns).equals(secretariat.table("enrolment").select(columns))


def test_memory_that_belongs_to_another_moment_is_not_used(secretariat):
    a_month(secretariat)
    secretariat.ingest()
    archive = Archive(secretariat.home / "archive")
    entries = [entry for entry in archive.entries() if entry.source in KINDS]
    forget_others(archive, entries[:-1])
    assert (
        load(archive, entries)
        .select("student_id", "status")
        .sort("student_id")
        .equals(
            secretariat.table("enrolment")
            .sort("known_on", maintain_order=True)
            .group_by("student_id")
            .agg(pl.col("status").last())
            .sort("student_id")
        )
    )


def test_both_layouts_of_the_detallado_say_the_same(secretariat, tmp_path):
    other = Secretariat(tmp_path / "other")
    secretariat.drop("2024-03-01", d__csv=text(rows_of([1, 2])))
    other.drop("2024-03-01", d__csv=text(rows_of([1, 2]), DETALLADO_54))
    secretariat.ingest()
    other.ingest()
    assert other.table("enrolment").equals(secretariat.table("enrolment"))


def test_names_go_to_the_roster_when_new_or_changed_and_nowhere_else(secretariat):
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of([1, 2])))
    secretariat.drop("2024-03-08", detallado__csv=text([*rows_of([1]), {"PER_ID": "1000002", "BARRIO": "SILOÉ"}]))
    secretariat.ingest()
    assert [rows.height for rows in secretariat.roster] == [2, 1]
    told = secretariat.roster[1].to_dicts()[0]
    assert (told["first_name"], told["neighbourhood"], told["per_id"]) == ("ROSALBINA", "SILOÉ", "1000002")
    assert told["student_id"] == pseudonym(pl.Series(["PER_ID:1000002"]), KEY)[0]
    for path in (secretariat.home / "archive").rglob("*.parquet"):
        cells = pl.read_parquet(path).select(pl.col(pl.String)).unpivot()["value"].drop_nulls().to_list()
        assert not {"ROSALBINA", "QUINTERO", "1000001", "1107000001", "SILOÉ"} & set(cells), path


def test_a_child_without_per_id_is_known_by_its_document(secretariat):
    row = {"PER_ID": "", "DOC": "1.107.000.001", "TIPODOC": "TI"}
    secretariat.drop("2024-03-01", d__csv=text([row]))
    secretariat.drop("2024-03-08", d__csv=text([{**row, "DOC": "1107000001", "TIPODOC": "2:TARJETA DE IDENTIDAD"}]))
    secretariat.ingest()
    expected = pseudonym(pl.Series(["DOC:TI:1107000001"]), KEY)[0]
    assert secretariat.table("enrolment")["student_id"].to_list() == [expected]


@pytest.mark.parametrize(
    "row",
    [
        {"DANE": "1.76001E+11"},
        {"DANE": "1.76001E+11", "CONSECUTIVO": ""},
        {"DANE": "", "CONSECUTIVO": ""},
        {"DANE": "176001000018.0"},
    ],
)
def test_a_damaged_dane_code_is_found_again_where_it_can_be(secretariat, row):
    secretariat.drop("2024-03-01", d__csv=text([*rows_of([1]), {"PER_ID": "1000002", **row}]))
    assert secretariat.ingest().quarantined == 0
    assert secretariat.table("enrolment")["institution_id"].unique().to_list() == [ROSA["DANE"]]


def test_a_damaged_dane_code_that_cannot_be_found_is_set_aside(secretariat):
    lost = {"DANE": "1.76001E+11", "CONSECUTIVO": "1", "CODIGO_DANE_SEDE": "1.76001E+11"}
    secretariat.drop("2024-03-01", d__csv=text([lost]))
    report = secretariat.ingest()
    assert (report.quarantined, report.problems[0].rule) == (1, "dane-ilegible")
    assert "«1.76001E+11»" in report.problems[0].sentence()


@pytest.mark.parametrize(
    ("said", "repeating"), [(["N", "S"], [False, True]), (["1", "2"], [False, True]), (["0", "1"], [False, True])]
)
def test_yes_and_no_are_read_in_the_dialect_of_the_column(secretariat, said, repeating):
    rows = [{"PER_ID": str(number), "REPITENTE": word} for number, word in enumerate(said, 1)]
    secretariat.drop("2024-03-01", a__txt=annex(rows))
    secretariat.ingest()
    assert sorted(secretariat.table("enrolment")["repeating"].to_list()) == repeating


def test_attendance_is_read_by_week_and_the_same_week_again_adds_nothing(secretariat):
    week = f"1000001;{SITE};26/02/2024;5;1\n"
    secretariat.drop("2024-03-01", d__csv=text(rows_of([1])), inasistencia__csv=ATTENDANCE + week)
    more = f"1000001;{SITE};05/03/2024;4;0\n1000002;{SITE};04/03/2024;5;6\n1000003;{SITE};18/03/2024;5;0\n"
    secretariat.drop("2024-03-08", inasistencia__csv=ATTENDANCE + week + more)
    report = secretariat.ingest()
    assert [problem.rule for problem in report.problems] == ["semana-futura", "mas-ausencias-que-dias"]
    rows = secretariat.table("attendance").select("week", "happened_on", "known_on", "days_expected", "days_absent")
    assert rows.rows() == [
        (date(2024, 2, 26), date(2024, 3, 1), date(2024, 3, 1), 5, 1),
        (date(2024, 3, 4), date(2024, 3, 8), date(2024, 3, 8), 4, 0),
    ]
    sent = secretariat.table("report").filter(pl.col("source") == "inasistencia")
    assert sent["institution_id"].to_list() == [ROSA["DANE"]] * 2


def test_marks_are_shares_of_a_hundred_and_an_empty_one_is_work_not_handed_in(secretariat):
    lines = "2024;1000001;X;1;Matemáticas;2,5;01/03/2024\n2024;1000001;X;1;LENGUAJE;;01/03/2024\n"
    secretariat.drop("2024-03-01", valoracion__csv=MARKS + lines + "2024;1000001;X;1;SOCIALES;9;01/03/2024\n")
    assert secretariat.ingest().quarantined == 1
    rows = secretariat.table("progress").sort("area").select("period", "area", "score", "due_on").rows()
    assert rows == [("2024-1", "LENGUAJE", None, date(2024, 3, 1)), ("2024-1", "MATEMATICAS", 50.0, None)]


def test_a_form_with_an_impossible_answer_is_kept_without_it(secretariat):
    lines = "1000001;01/03/2024;AMBOS PADRES;45;SUPERIOR;SI;30;NO;TAL VEZ\n"
    secretariat.drop("2024-03-01", caracterizacion__csv=FORMS + lines)
    report = secretariat.ingest()
    assert {(problem.column, problem.level) for problem in report.problems} == {
        ("TAMANO_HOGAR", "warning"),
        ("INTERNET", "warning"),
    }
    (row,) = secretariat.table("characterisation").to_dicts()
    told = [row[name] for name in ("household_head", "household_size", "guardian_education", "child_labour")]
    assert told == ["BOTH", None, 4, True]
    assert row["has_internet"] is None and row["is_parent"] is None


def test_strategies_and_the_register_of_dropouts_are_read(secretariat):
    secretariat.drop(
        "2024-03-01",
        anexo_13a__csv=STRATEGIES
        + "1000001;5;CALI-2024-ALIMENTACION ESCOLAR;PAE;01/02/2024;;\n1000002;6;PAE;PAE;;;30/11/2024\n",
        simpade__csv=SIMPADE + f"2024;{SITE};{SITE};1000001;7;OFICIAL;28/02/2024\n",
    )
    assert secretariat.ingest().quarantined == 0
    supports = secretariat.table("support").select("strategy", "starts_on", "ends_on").sort("starts_on").rows()
    assert supports == [
        ("SCHOOL_FEEDING", None, date(2024, 11, 30)),
        ("SCHOOL_FEEDING", date(2024, 2, 1), None),
    ]
    (dropout,) = secretariat.table("registered_dropout").to_dicts()
    assert (dropout["school_year"], dropout["happened_on"]) == ("2024", date(2024, 2, 28))


def test_schools_and_years_are_told_once(secretariat):
    a_month(secretariat)
    secretariat.ingest()
    (school,) = secretariat.table("institution").to_dicts()
    told = [school[name] for name in ("name", "municipality", "zone", "sector")]
    assert told == ["IE LA ESPERANZA", "76001", "URBAN", "OFFICIAL"]
    assert secretariat.table("calendar")["school_year"].to_list() == ["2024"]


def test_a_school_of_calendar_b_has_its_own_year(secretariat):
    secretariat.drop("2024-10-04", d__csv=text(rows_of([1], CALENDARIO="B")))
    secretariat.ingest()
    starts = dict(secretariat.table("calendar").select("institution_id", "starts_on").rows())
    assert starts[None].month == 1 and starts[ROSA["DANE"]].month >= 8


def test_an_age_no_student_has_is_left_out_and_the_row_stays(secretariat):
    secretariat.drop("2024-03-01", d__csv=text([{"FECHA_NACIMIENTO": "02/05/1911"}]))
    report = secretariat.ingest()
    assert (report.accepted, report.problems[0].rule, report.problems[0].level) == (1, "edad-imposible", "warning")
    assert secretariat.table("person")["birth_date"].to_list() == [None]


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"GRADO_COD": "24"}, True),
        ({"JORNADA": "NOCTURNA"}, True),
        ({"JORNADA": "5:FIN DE SEMANA"}, True),
        ({}, False),
        ({"GRADO_COD": "24", "FECHA_NACIMIENTO": "02/05/1911"}, False),
        ({"GRADO_COD": "24", "FECHA_NACIMIENTO": "02/05/2022"}, False),
    ],
)
def test_a_grown_up_who_goes_to_school_keeps_the_date_of_birth(secretariat, row, kept):
    secretariat.drop("2024-03-01", d__csv=text([{"FECHA_NACIMIENTO": "02/05/1975", **row}]))
    report = secretariat.ingest()

    assert (report.accepted, not report.problems) == (1, kept)
    assert secretariat.table("person")["birth_date"].is_not_null().to_list() == [kept]


def test_truth_and_hidden_files_are_never_read_and_other_files_are_told(secretariat):
    a_month(secretariat)
    plain = secretariat.ingest().rows_in
    secretariat.drop("truth", exits__csv=text(rows_of([50])))
    secretariat.drop("2024-03-15", **{".oculto__csv": text(rows_of([51])), "leame__md": "hola"})
    report = secretariat.ingest()
    assert report.rows_in == plain
    assert [(problem.file, problem.level) for problem in report.problems] == [("2024-03-15/leame.md", "warning")]


@pytest.mark.parametrize("path", [".", "exports", "exports/2024-03-01", "exports/2024-03-01/detallado.csv"])
def test_any_part_of_the_way_down_can_be_given(secretariat, path):
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of([1])))
    report = secretariat.ingest(secretariat.home / path)
    assert [(file.file, file.known_on.isoformat()) for file in report.files] == [
        ("2024-03-01/detallado.csv", "2024-03-01")
    ]


def test_a_folder_without_a_date_is_of_today(secretariat):
    secretariat.drop("sueltos", detallado__csv=text(rows_of([1])))
    assert [file.known_on for file in secretariat.ingest(secretariat.exports / "sueltos").files] == [TODAY]


def test_a_path_that_does_not_exist_is_a_sentence(secretariat):
    report = secretariat.ingest(secretariat.home / "nada")
    assert [problem.rule for problem in report.problems] == ["no-existe"] and report.has_errors


def test_a_check_tells_what_an_ingest_tells_and_keeps_nothing(secretariat):
    a_month(secretariat)
    secretariat.drop("2024-03-22", d__csv=text([{}, {"GRUPO": "0709"}, {"PER_ID": "x"}]))
    checked = check(secretariat.home, TODAY)
    assert [path.name for path in secretariat.home.iterdir()] == ["exports"]
    told = secretariat.ingest()
    assert (checked.rows_in, checked.accepted, checked.quarantined) == (told.rows_in, told.accepted, told.quarantined)
    assert {problem.sentence() for problem in checked.problems} <= {problem.sentence() for problem in told.problems}
    assert checked.has_errors


def test_the_report_is_one_json_object_with_its_sentences(secretariat):
    a_month(secretariat)
    told = secretariat.ingest().as_json()
    assert (told["rows_in"], told["accepted"], told["quarantined"]) == (20, 19, 1)
    (problem,) = told["problems"]
    assert problem["sentence"] == (
        "2024-03-15/detallado.csv, fila 5, columna GRADO_COD: se encontró «12A»; se acepta un grado de −3 a 13, "
        "20 a 26, 41 a 45 o 99. Corrija la celda en el SIMAT y descargue de nuevo."
    )
    assert told["problems_by_institution"] == {ROSA["DANE"]: 1}
