"""One file tells how a secretariat writes what everybody reports, and nothing is wired to any city."""

import csv
import re
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from made_up_exports import KEY, TODAY, Secretariat, rows_of, text

from features.archive import Archive
from features.calendar import SchoolYear
from features.schema import TABLES
from features.sources import check, ingest
from features.sources.codes import meaning, table_names
from features.sources.profile import NATIONAL, SPANISH, Profile, ProfileError, profile_of, read_profile
from serving.settings import read_settings

NARINO = """
[secretaria]
nombre = "Secretaría de Educación de un departamento"
codigo = "NARIÑO"
municipios = ["52001", "52356"]
calendario = "B"

[documentos]
dialecto = "cc-rc-ti"

[columnas]
"CURSO ACTUAL" = "GRADO_COD"
"Situación" = "ESTADO"

[codigos.jornada]
"DIURNA" = "SINGLE"
"7" = "WEEKEND"

[codigos.modelo]
"60" = "CAMINAR_EN_SECUNDARIA"

[calendario]
"2024" = { inicio = 2024-09-02, fin = 2025-06-20 }

[festivos]
pais = "CO"
propios = [2024-06-28]
"""


@pytest.fixture
def narino(tmp_path) -> Profile:
    (tmp_path / "perfil.toml").write_text(NARINO, "utf-8")
    return read_profile(tmp_path / "perfil.toml")


def rows_read(secretariat: Secretariat, profile: Profile, table: str = "enrolment") -> list[dict[str, object]]:
    archive = Archive(secretariat.home / "archive")
    ingest(secretariat.home, archive, secretariat.home / "quarantine", KEY, lambda rows: None, TODAY, None, profile)
    return secretariat.table(table).to_dicts()


def test_without_a_file_nothing_is_the_secretariats_own(tmp_path):
    assert read_profile(tmp_path / "perfil.toml") == NATIONAL
    assert (NATIONAL.calendar, NATIONAL.municipalities, NATIONAL.knows_holidays) == ("A", (), False)


def test_titles_and_codes_of_its_own_are_read_as_the_official_ones(tmp_path, narino):
    secretariat = Secretariat(tmp_path)
    told = text(rows_of([1], JORNADA="Diurna", MODELO="60"))
    told = told.replace("GRADO_COD", "CURSO ACTUAL").replace(";ESTADO;", ";situacion;")
    secretariat.drop("2024-10-04", detallado__csv=told)
    (row,) = rows_read(secretariat, narino)
    assert (row["grade"], row["status"]) == (7, "ENROLLED")
    assert (row["shift"], row["teaching_model"]) == ("SINGLE", "CAMINAR_EN_SECUNDARIA")


def test_the_official_codes_still_mean_what_they_meant(tmp_path, narino):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-10-04", detallado__csv=text(rows_of([1])))
    (row,) = rows_read(secretariat, narino)
    assert (row["shift"], row["teaching_model"], row["grade"]) == ("MORNING", "TRADITIONAL", 7)


def test_of_two_titles_for_one_column_the_first_that_the_file_has_is_read(tmp_path):
    profile = profile_of({"columnas": {"CURSO": "GRADO_COD", "NIVEL": "GRADO_COD", "GRADO_COD": "GRADO_COD"}})
    secretariat = Secretariat(tmp_path)
    told = text(rows_of([1], BARRIO="9")).replace(";GRADO_COD;", ";CURSO;").replace(";BARRIO;", ";NIVEL;")
    secretariat.drop("2024-10-04", detallado__csv=told)
    (row,) = rows_read(secretariat, profile)
    assert row["grade"] == 7


def test_its_calendar_is_that_of_all_its_schools_but_those_that_say_they_keep_the_other(tmp_path, narino):
    secretariat = Secretariat(tmp_path)
    other = {"DANE": "176001000026", "CODIGO_DANE_SEDE": "176001000026", "CONSECUTIVO": "17600100002601"}
    secretariat.drop("2024-10-04", detallado__csv=text([*rows_of([1], CALENDARIO="B"), *rows_of([2], **other)]))
    rows = rows_read(secretariat, narino, "calendar")
    assert {(row["institution_id"], row["starts_on"]) for row in rows} == {
        (None, date(2024, 9, 2)),
        ("176001000026", SchoolYear("2024", "A").starts_on),
    }


def test_a_year_that_it_did_not_decree_goes_by_the_rule_of_its_calendar(narino):
    assert narino.school_year("2024") == (date(2024, 9, 2), date(2025, 6, 20))
    assert narino.school_year("2025")[0] == SchoolYear("2025", "B").starts_on


@pytest.mark.parametrize(
    ("week", "workdays"),
    [("2024-06-24", 4), ("2024-07-01", 4), ("2024-03-25", 2), ("2024-05-20", 5), ("2024-12-30", 4)],
    ids=["its own day", "a Monday holiday", "Holy Week after a Monday holiday", "none", "New Year"],
)
def test_the_days_of_a_week_are_those_that_are_no_holiday(narino, week, workdays):
    assert narino.workdays(date.fromisoformat(week)) == workdays


def test_more_days_of_class_than_a_week_with_a_holiday_had_are_told_and_kept(tmp_path, narino):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-07-05", detallado__csv=text(rows_of([1])))
    lines = "PER_ID;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE\n1000001;01/07/2024;5;0\n1000002;01/07/2024;4;0\n"
    secretariat.drop("2024-07-05", inasistencia__csv=lines)
    told = check(secretariat.home, TODAY, None, narino).problems
    assert [p.row for p in told if p.rule == "mas-dias-que-habiles"] == [2]
    assert not [p for p in check(secretariat.home, TODAY).problems if p.rule == "mas-dias-que-habiles"]
    assert len(rows_read(secretariat, narino, "attendance")) == 2


def test_schools_of_another_municipality_are_told_as_perhaps_another_secretariats_file(tmp_path, narino):
    secretariat = Secretariat(tmp_path)
    own = {"DANE": "152001000018", "CODIGO_DANE_SEDE": "152001000018", "CONSECUTIVO": "15200100001801"}
    secretariat.drop("2024-10-04", detallado__csv=text([*rows_of([1, 2]), *rows_of([3], **own)]))
    (problem,) = [p for p in check(secretariat.home, TODAY, None, narino).problems if p.rule == "municipio-ajeno"]
    assert "2 de 3 filas son de otros municipios" in problem.sentence()
    assert problem.level == "warning"


@pytest.mark.parametrize(("etc", "told"), [("Nariño", False), ("PASTO", True), ("", False)])
def test_rows_of_another_secretariat_are_told(tmp_path, narino, etc, told):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-10-04", detallado__csv=text(rows_of([1, 2], ETC=etc)))
    rules = [problem.rule for problem in check(secretariat.home, TODAY, None, narino).problems]
    assert ("entidad-ajena" in rules) == told


WRONG = {
    "not TOML": ("secretaria = [", "no se puede leer"),
    "a section nobody knows": ("[colegio]\nx = 1", "[colegio]: no es una sección"),
    "a key nobody knows": ('[secretaria]\nciudad = "X"', "secretaria.ciudad: no es una clave"),
    "a third calendar": ('[secretaria]\ncalendario = "C"', "el valor no se admite; se acepta A, B"),
    "a dialect nobody knows": ('[documentos]\ndialecto = "otro"', "se acepta auto, simat, rc-ti-cc, cc-rc-ti"),
    "a municipality that is no code": ('[secretaria]\nmunicipios = ["CALI"]', "códigos DIVIPOLA"),
    "a table nobody knows": ('[codigos.color]\n"1" = "RED"', "codigos.color: no es una tabla de códigos"),
    "a code that leads nowhere": ('[codigos.estado]\n"X" = "GONE"', "«X» no lleva a un valor que se conozca"),
    "a year that ends before it begins": ('[calendario]\n"2024" = { inicio = 2024-09-02, fin = 2024-01-01 }', "2024"),
    "a day in quotes": ('[festivos]\npropios = ["28/06/2024"]', "una fecha sin comillas"),
    "holidays that are no list": ("[festivos]\npropios = 5", "no es una lista de días"),
    "a country that is a list": ('[festivos]\npais = ["CO"]', "no es un país con festivos conocidos"),
    "a country that is nothing": ("[festivos]\npais = []", "no es un país con festivos conocidos"),
    "a title that nobody reads": ('[columnas]\n"CURSO ACTUAL" = "GRADO_CO"', "por ejemplo GRADOCOD"),
    "a country without holidays": ('[festivos]\npais = "ZZ"', "no es un país con festivos conocidos"),
    "a table that is no table": ('[codigos]\njornada = "DIURNA"', "codigos.jornada"),
}  # fmt: skip


@pytest.mark.parametrize(("told", "said"), WRONG.values(), ids=WRONG)
def test_a_profile_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, told, said):
    (tmp_path / "perfil.toml").write_text(told, "utf-8")
    with pytest.raises(ProfileError) as refused:
        read_profile(tmp_path / "perfil.toml")
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_value_of_its_own_is_taken_only_where_no_label_or_rule_hangs_on_it():
    assert profile_of({"codigos": {"modelo": {"70": "ESCUELA_DE_PAZ"}}}).codes.meaning("teaching_model", "70")
    with pytest.raises(ProfileError):
        profile_of({"codigos": {"motivo": {"70": "ESCUELA_DE_PAZ"}}})


def test_every_table_that_a_profile_may_change_is_one_there_is():
    assert set(SPANISH.values()) <= set(table_names())


def test_every_code_table_says_where_each_line_comes_from():
    for name in table_names():
        lines = (files("features.sources") / "codes" / f"{name}.csv").read_text("utf-8").splitlines()
        assert all(row["origin"] and row["value"] for row in csv.DictReader(lines)), name


def test_the_commands_find_the_profile_in_the_home(tmp_path, monkeypatch, capsys):
    from serving.cli import main

    secretariat = Secretariat(tmp_path / "files")
    secretariat.drop("2024-10-04", detallado__csv=text(rows_of([1], JORNADA="DIURNA")))
    monkeypatch.setenv("PERMANENCIA_HOME", str(tmp_path))
    told = []
    for profile in ("", NARINO):
        (tmp_path / "perfil.toml").write_text(profile, "utf-8")
        with pytest.raises(SystemExit):
            main(["check", str(secretariat.exports)])
        told.append(capsys.readouterr().out)
    assert "columna JORNADA" in told[0] and "otros municipios" not in told[0]
    assert "columna JORNADA" not in told[1] and "otros municipios" in told[1]


def test_a_wrong_profile_stops_the_command_as_wrong_usage(tmp_path, monkeypatch):
    from serving.faults import WrongUsage

    (tmp_path / "perfil.toml").write_text('[secretaria]\ncalendario = "C"', "utf-8")
    with pytest.raises(WrongUsage, match=r"secretaria\.calendario"):
        read_settings(tmp_path).profile()


DOCUMENT = Path(__file__).parents[1] / "docs" / "secretariat_files.md"


def test_the_profile_shown_in_the_documents_is_one_that_can_be_used():
    (shown,) = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), flags=re.DOTALL)
    profile = profile_of(tomllib.loads(shown))
    assert profile.school_year("2024") == (date(2024, 1, 29), date(2024, 11, 29))
    assert profile.workdays(date(2024, 6, 17)) == 4


def test_the_documents_say_what_each_finding_is_kept_as():
    told = re.findall(r"^\| `([^`]+)` \| `([A-Z_]+)` \|", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    assert {value for _, value in told} == set(TABLES["visit"]["result"].allowed or ())
    assert {text: meaning("finding", text) for text, _ in told} == dict(told)


def test_the_documents_name_every_table_that_a_profile_may_change():
    assert not [name for name in SPANISH if f"`{name}`" not in DOCUMENT.read_text("utf-8")]
