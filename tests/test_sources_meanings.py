"""What each official text means, dialect by dialect."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sources import meanings, pseudonym
from features.sources.codes import code_table, meaning, plain

DAYS = """
    01/03/2024            2024-03-01
    1/3/2024              2024-03-01
    2024-03-01            2024-03-01
    2024-03-01 00:00:00   2024-03-01
    2024-03-01T08:30:00Z  2024-03-01
    01-03-2024            2024-03-01
    20240301              2024-03-01
    45352                 2024-03-01
    29/02/2024            2024-02-29
"""
NOT_DAYS = ["31/02/2010", "29/02/2023", "00/01/2024", "12/2024", "ayer", "2024", "1/13/2024", "0/0/0"]


@pytest.mark.parametrize(("text", "day"), [line.rsplit(None, 1) for line in DAYS.strip().splitlines()])
def test_a_date_is_read_in_every_dialect(text, day):
    assert meanings.day(text.strip()) == date.fromisoformat(day)


@pytest.mark.parametrize("text", NOT_DAYS)
def test_a_date_that_does_not_exist_is_not_read(text):
    assert meanings.day(text) is None


@given(st.text(max_size=30))
def test_any_text_is_read_or_not_but_never_breaks_the_reading(text):
    readers = (meanings.day, meanings.grade, meanings.dane, meanings.stratum, meanings.sisben, meanings.mark)
    more = (meanings.year, meanings.disability, meanings.strategy, meanings.period, meanings.person_number)
    for read in (*readers, *more, meanings.document_number, meanings.dane_of_campus_code, meanings.monday):
        read(text)


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_day_written_either_way_comes_back_the_same(day):
    assert meanings.day(day.strftime("%d/%m/%Y")) == meanings.day(day.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "grade"),
    [("0", 0), ("-2", -2), ("11", 11), ("07", 7), ("7.0", 7), ("99", 99), ("26", 26), ("6:SEXTO", 6)]
    + [(text, None) for text in ("12A", "14", "100", "", "SEXTO", "7.5")],
)
def test_a_grade_is_one_of_the_official_codes(text, grade):
    assert meanings.grade(text) == grade


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("176001000018", "176001000018"),
        ("176001000018.0", "176001000018"),
        ("'176001000018", "176001000018"),
        ("76001000018", "076001000018"),
        ("1.76001E+11", None),
        ("1,76001E+11", None),
        ("0", None),
        ("ESCUELA", None),
        ("1760010000181", None),
    ],
)
def test_a_dane_code_is_twelve_digits_or_is_not_read(text, code):
    assert meanings.dane(text) == code


@pytest.mark.parametrize(
    ("table", "text", "value"),
    [
        ("shift", "MAÑANA", "MORNING"),
        ("shift", "manana", "MORNING"),
        ("shift", " Única ", "SINGLE"),
        ("shift", "2", "MORNING"),
        ("shift", "02", "MORNING"),
        ("document_type", "2:TARJETA DE IDENTIDAD", "TI"),
        ("document_type", "RC:REGISTRO CIVIL DE NACIMIENTO", "RC"),
        ("country", "170", "COL"),
        ("country", "Venezuela", "VEN"),
        ("country", "76", "BRA"),
        ("reason", "NO CONTINUÓ EN EL ESTABLECIMIENTO EDUCATIVO", "NOT_CONTINUED"),
        ("reason", "MALTRATO / ABUSO / ACOSO", "MISTREATMENT"),
        ("reason", "AUDITORIA: DUPLICADO", "ADMINISTRATIVE"),
        ("status", "sin continuidad", "WITHDRAWN"),
        ("sector", "NO OFICIAL", "PRIVATE"),
        ("sex", "2", "F"),
        ("sex", "FEMENINO", "F"),
    ],
)
def test_a_code_and_its_label_mean_the_same(table, text, value):
    assert meaning(table, text) == value


@pytest.mark.parametrize("table", ["status", "reason", "sector", "zone", "sex", "sisben_group"][:5])
def test_what_a_code_table_says_is_a_value_that_our_tables_allow(table):
    from features.schema import ENROLMENT, PERSON

    schema = PERSON if table == "sex" else ENROLMENT
    said = set(code_table(table).values()) - {"RESERVED", "NONE"}
    assert said <= set(schema[table].allowed or ())


@pytest.mark.parametrize(
    ("text", "group"),
    [("A1", "A"), ("B07", "B"), ("C 18", "C"), ("D", "D"), ("NO APLICA", "NONE"), ("3", None), ("E1", None)],
)
def test_sisben_iv_is_read_as_its_group(text, group):
    assert meanings.sisben(text) == group


@pytest.mark.parametrize(
    ("text", "score"),
    [("3.0", 60), ("3,0", 60), ("5", 100), ("1.0", 20), ("5.1", None), ("-1", None), ("BASICO", None)],
)
def test_a_mark_is_a_share_of_a_hundred_and_the_pass_mark_is_sixty(text, score):
    assert meanings.mark(text) == score


def test_several_disabilities_are_multiple_and_none_is_none():
    assert [meanings.disability(text) for text in ("7|8", "99", "NO APLICA", "7", "99|8")] == [
        "MULTIPLE",
        "NONE",
        "NONE",
        "AUTISM",
        "INTELLECTUAL",
    ]


def test_a_strategy_is_found_inside_its_long_name():
    name = (
        "CASANARE-2025-ALIMENTACION ESCOLAR-ALMUERZO-OTROS-COFINANCIACIÓN NACIÓN PARA ALIMENTACIÓN ESCOLAR-A-27-01-2025"
    )
    assert meanings.strategy(name) == "SCHOOL_FEEDING"
    assert meanings.strategy("CALI-2024-TRANSPORTE ESCOLAR-RUTA 5") == "SCHOOL_TRANSPORT"
    assert meanings.strategy("ALGO NUEVO") == "OTHER"


def test_plain_leaves_neither_accents_nor_case_nor_leading_zeros():
    assert [plain(text) for text in (" Mañana ", "ÚNICA", "0802", "00", "A-B  c")] == [
        "MANANA",
        "UNICA",
        "802",
        "0",
        "A B C",
    ]


def test_a_pseudonym_is_the_same_every_time_and_another_under_another_key():
    said = pl.Series(["PER_ID:1", "PER_ID:2", None, "PER_ID:1"])
    one, other = pseudonym(said, b"one"), pseudonym(said, b"other")
    assert one[0] == one[3] and one[0] != one[1] and one[2] is None
    assert one.drop_nulls().str.contains(r"^[0-9a-f]{16}$").all()
    assert not set(one.drop_nulls()) & set(other.drop_nulls())


def test_a_key_may_be_of_any_length_but_not_empty():
    assert pseudonym(pl.Series(["PER_ID:1"]), b"k" * 500)[0] != pseudonym(pl.Series(["PER_ID:1"]), b"k" * 501)[0]
    with pytest.raises(ValueError, match="clave"):
        pseudonym(pl.Series(["PER_ID:1"]), b"")
