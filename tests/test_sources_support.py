"""A strategy ends on the day of the first list that no longer has the child, unless that list is silent or broken."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_exports import Secretariat, rows_of, text

from features.schema import SUPPORT
from features.sources.support_endings import support_changes

TITLES = (
    "PER_ID;CODIGO_DANE;DANE_ANTERIOR;ID_ESTRATEGIA;NOMBRE_ESTRATEGIA;TIPO_ESTRATEGIA;"
    "FECHA_INICIO_ESTRATEGIA_ALUMNO;FECHA_FIN_ESTRATEGIA_ALUMNO\n"
)
ONE, OTHER = "176001000018", "176001000026"
LONG = {"F": "CALI-2024-ALIMENTACION ESCOLAR-ALMUERZO-A-27-01-2024", "T": "CALI-2024-TRANSPORTE ESCOLAR-RUTA 5"}
LISTS = ["2024-03-08", "2024-04-05", "2024-05-03", "2024-06-07"]


@pytest.fixture
def secretariat(tmp_path):
    """Children 1 and 2 study in one school, 3 in another."""
    secretariat = Secretariat(tmp_path)
    elsewhere = {"DANE": OTHER, "CODIGO_DANE_SEDE": OTHER, "CONSECUTIVO": f"{OTHER}01"}
    secretariat.drop("2024-03-01", detallado__csv=text([*rows_of([1, 2]), *rows_of([3], **elsewhere)]))
    return secretariat


def listed(drawn: str) -> str:
    """«1F 2F 3T»: who is on the list for what; «1F>30/04/2024» has an end."""
    lines = []
    for word in drawn.split():
        who, _, ends = word.partition(">")
        school = OTHER if who[0] == "3" else ONE
        lines.append(f"{1000000 + int(who[0])};{school};{school};7;{LONG[who[1]]};X;01/02/2024;{ends}")
    return TITLES + "\n".join(lines) + "\n"


def told(secretariat: Secretariat, *lists: str) -> list[str]:
    """The rows of the archive as «day child strategy end», in order."""
    for day, drawn in zip(LISTS, lists, strict=False):
        secretariat.drop(day, anexo_13a__csv=listed(drawn))
    secretariat.ingest()
    names = {student: str(number) for number, student in enumerate(_pseudonyms(secretariat), 1)}
    rows = secretariat.table("support").sort("known_on", "strategy", "student_id")
    return sorted(
        f"{row['known_on']:%m-%d} {names[row['student_id']]}{row['strategy'][7]} {row['ends_on'] or 'open'}"
        for row in rows.to_dicts()
    )


def _pseudonyms(secretariat: Secretariat) -> list[str]:
    return pl.concat(secretariat.roster).unique("per_id").sort("per_id")["student_id"].to_list()


HISTORIES = {
    "who stays on the list adds nothing": (("1F 2F", "1F 2F"), ["03-08 1F open", "03-08 2F open"]),
    "who vanishes from the list ends that day": (
        ("1F 2F", "1F", "1F"),
        ["03-08 1F open", "03-08 2F open", "04-05 2F 2024-04-05"],
    ),
    "who comes back receives it again": (
        ("1F 2F", "1F", "1F 2F"),
        ["03-08 1F open", "03-08 2F open", "04-05 2F 2024-04-05", "05-03 2F open"],
    ),
    "an end that the file gives is believed": (
        ("1F 2F", "1F 2F>30/04/2024", "1F"),
        ["03-08 1F open", "03-08 2F open", "04-05 2F 2024-04-30"],
    ),
    "a school that the list does not name has ended nothing": (
        ("1F 3F", "1F"),
        ["03-08 1F open", "03-08 3F open"],
    ),
    "a strategy that the list does not name has ended nothing": (
        ("1F 2T", "1F"),
        ["03-08 1F open", "03-08 2T open"],
    ),
    "another strategy is another matter": (
        ("1F 1T 2T", "1F 2T"),
        ["03-08 1F open", "03-08 1T open", "03-08 2T open", "04-05 1T 2024-04-05"],
    ),
}


@pytest.mark.parametrize(("lists", "rows"), HISTORIES.values(), ids=HISTORIES)
def test_what_a_list_of_strategies_adds(secretariat, lists, rows):
    assert told(secretariat, *lists) == rows


def test_a_list_that_lost_a_third_of_its_children_inside_the_year_is_not_believed(secretariat):
    many = range(10, 70)
    secretariat.drop("2024-03-02", detallado__csv=text(rows_of([*many, 1])))
    for day, children in zip(LISTS, (many, list(many)[:40]), strict=False):
        lines = [f"{1000000 + n};{ONE};{ONE};7;{LONG['F']};X;01/02/2024;" for n in children]
        secretariat.drop(day, anexo_13a__csv=TITLES + "\n".join(lines) + "\n")
    report = secretariat.ingest()
    assert secretariat.table("support")["ends_on"].drop_nulls().is_empty()
    assert "faltan 20 de 60 estudiantes de SCHOOL_FEEDING" in " ".join(p.sentence() for p in report.problems)


def test_a_child_whose_row_could_not_be_read_is_still_on_the_list(secretariat):
    secretariat.drop(LISTS[0], anexo_13a__csv=listed("1F 2F"))
    secretariat.drop(LISTS[1], anexo_13a__csv=listed("1F 2F>31/31/2024"))
    secretariat.ingest()
    assert secretariat.table("support")["ends_on"].to_list() == [None, None]


def test_a_name_that_says_nothing_is_read_by_its_type(secretariat):
    secretariat.drop(LISTS[0], anexo_13a__csv=listed("1F").replace(LONG["F"] + ";X", "PROGRAMA 12;TRANSPORTE ESCOLAR"))
    secretariat.ingest()
    assert secretariat.table("support")["strategy"].to_list() == ["SCHOOL_TRANSPORT"]


SUPPORTED = st.lists(st.sets(st.sampled_from(["1F", "2F", "3F", "1T", "2T"]), min_size=1), min_size=1, max_size=6)


@settings(max_examples=40)
@given(SUPPORTED)
def test_after_every_list_those_receive_a_strategy_whom_the_last_list_that_gave_it_named(lists):
    """Few children, so that no loss is too large to be believed; all in one school."""
    schools = pl.DataFrame({"student_id": ["1", "2", "3"], "institution_id": [ONE] * 3})
    known, receives = pl.DataFrame(schema=SUPPORT.dtypes), {"F": set[str](), "T": set[str]()}
    for number, names in enumerate(lists):
        day = date(2024, 3, 1) + timedelta(weeks=number)
        rows = [{"student_id": name[0], "strategy": name[1], "institution_id": ONE} for name in sorted(names)]
        begun = {"happened_on": date(2024, 2, 1), "known_on": day, "starts_on": date(2024, 2, 1)}
        now = pl.DataFrame([{**begun, **row, "ends_on": None} for row in rows], schema_overrides=SUPPORT.dtypes)
        changes = support_changes(known, now, schools, day)
        known = pl.concat([known, changes.rows])
        receives |= {strategy: {n[0] for n in names if n[1] == strategy} for strategy in {n[1] for n in names}}
        last = known.sort("known_on").group_by("student_id", "strategy").last().filter(pl.col("ends_on").is_null())
        assert {s: set(last.filter(strategy=s)["student_id"]) for s in "FT"} == receives
        assert set(changes.rows["known_on"]) <= {day} and changes.not_believed == ()
