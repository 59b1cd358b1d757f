"""Children of one home get one pseudonym, and a telephone that is everybody's makes no family."""

import polars as pl
import pytest
from made_up_exports import ANNEX_6A, DETALLADO_54, Secretariat, annex, rows_of, text

from features.sources.household import MOST_CHILDREN


@pytest.fixture
def secretariat(tmp_path):
    return Secretariat(tmp_path)


def homes(secretariat: Secretariat, *rows: dict[str, str]) -> list[str | None]:
    """The home of each row of a 6A, in the order of the rows."""
    told = [{**row, **same} for row, same in zip(rows_of(range(len(rows))), rows, strict=True)]
    secretariat.drop("2024-03-01", anexo_6a__txt=annex(told, ANNEX_6A))
    assert secretariat.ingest().accepted == len(rows)
    places = pl.concat(secretariat.roster).sort("per_id")["student_id"].to_list()
    home_of = dict(secretariat.table("person").select("student_id", "household_id").iter_rows())
    return [home_of[student] for student in places]


def shared(found: list[str | None]) -> list[str]:
    """Each home by the place where it first occurs: «0 0 2» are two siblings and a stranger; «-» is nothing."""
    return [str(found.index(home)) if home else "-" for home in found]


NOTHING = {"TEL": "", "DIRECCION_RESIDENCIA": ""}
FAMILIES = {
    "one mobile, written in four ways": (
        [{"TEL": t} for t in ("3101234567", "310 123 4567", "+57 310-123-4567", "(310)1234567 - 6025551234")],
        "0 0 0 0",
    ),
    "a landline before and after it got ten figures": ([{"TEL": "5551234"}, {"TEL": "6025551234"}], "0 0"),
    "two telephones": ([{"TEL": "3101234567"}, {"TEL": "3101234568"}], "0 1"),
    "a telephone that nobody has": ([{**NOTHING, "TEL": t} for t in ("0000000", "9999999999", "1234567")], "- - -"),
    "half a telephone": ([{**NOTHING, "TEL": "31012"}, {**NOTHING, "TEL": "no tiene"}], "- -"),
    "one address and the same surnames": (
        [{"TEL": "", "DIRECCION_RESIDENCIA": t} for t in ("CALLE 5 # 14-32", "Cll 5 No. 14 - 32", "CL 5 14 32")],
        "0 0 0",
    ),
    "one address and other surnames": ([{"TEL": ""}, {"TEL": "", "APELLIDO1": "MOSQUERA"}], "0 1"),
    "an address that is none": ([{"TEL": "", "DIRECCION_RESIDENCIA": t} for t in ("NO APLICA", "CLL 1")], "- -"),
    "nothing said": ([NOTHING, NOTHING], "- -"),
}


@pytest.mark.parametrize(("rows", "drawn"), FAMILIES.values(), ids=FAMILIES)
def test_who_shares_a_home(secretariat, rows, drawn):
    assert " ".join(shared(homes(secretariat, *rows))) == drawn


def test_a_phone_of_a_whole_school_is_no_home_and_the_address_tells_instead(secretariat):
    doors = [f"CALLE {number} # 14-32" for number in range(MOST_CHILDREN - 1)]
    rows = [
        {"TEL": "6025551234", "DIRECCION_RESIDENCIA": door} for door in [*doors, "CARRERA 9 # 1-1", "CARRERA 9 # 1-1"]
    ]
    found = homes(secretariat, *rows)
    assert len(set(found)) == MOST_CHILDREN and found[-1] == found[-2] is not None


def test_the_home_is_a_pseudonym_and_neither_the_phone_nor_the_address_is_in_the_archive(secretariat):
    (home,) = homes(secretariat, {"TEL": "3109876543", "DIRECCION_RESIDENCIA": "CALLE 77 # 88-99"})
    assert home is not None and len(home) == 16
    written = (
        b"".join(secretariat.bytes_of_archive().values())
        + str([secretariat.table(name).rows() for name in ("person", "enrolment", "characterisation")]).encode()
    )
    assert not [secret for secret in (b"9876543", b"CALLE 77", b"77 # 88", b"CALLE7788") if secret in written]


def test_a_home_is_known_from_the_day_its_telephone_was(secretariat):
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of([1]), DETALLADO_54))
    secretariat.drop("2024-03-08", detallado__csv=text(rows_of([1], TELEFONO="3101234567"), DETALLADO_54))
    secretariat.drop("2024-03-15", detallado__csv=text(rows_of([1]), DETALLADO_54))
    secretariat.ingest()
    rows = secretariat.table("person").select("known_on", "household_id").rows()
    assert [(str(known_on), home is not None) for known_on, home in rows] == [
        ("2024-03-01", False),
        ("2024-03-08", True),
    ]


def test_the_6a_of_the_day_tells_the_home_that_the_detallado_does_not(secretariat):
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of([1, 2])), anexo_6a__txt=annex(rows_of([1, 2])))
    secretariat.ingest()
    first, second = secretariat.table("person")["household_id"]
    assert first == second is not None


def test_an_archive_that_is_older_than_homes_goes_on_and_learns_them_from_the_next_file(secretariat):
    secretariat.drop("2024-03-01", anexo_6a__txt=annex(rows_of([1, 2])))
    secretariat.ingest()
    for part in (secretariat.home / "archive" / "person").glob("*.parquet"):
        pl.read_parquet(part).drop("household_id").write_parquet(part)
    for state in (secretariat.home / "archive" / "state").glob("*.parquet"):
        state.rename(state.with_name("another_schema.parquet"))
    secretariat.drop("2024-03-08", anexo_6a__txt=annex(rows_of([1, 2])))
    secretariat.ingest()
    assert secretariat.table("enrolment").height == 2
    known = (
        secretariat.table("person").select("known_on", pl.col("household_id").is_not_null()).unique().sort("known_on")
    )
    assert [(str(day), home) for day, home in known.rows()] == [("2024-03-01", False), ("2024-03-08", True)]
