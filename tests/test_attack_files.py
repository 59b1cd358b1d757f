"""Attacks on the reading: odd digits, hidden documents, twin names, files out of place, names in free cells."""

import io
import json
import os
import zipfile
from datetime import date

import polars as pl
import pytest
from made_up_exports import DETALLADO_43, KEY, TODAY, Secretariat, annex, rows_of, text

from features.archive import Archive
from features.quality import shown
from features.sources import check, ingest, meanings

GOOD = text(rows_of(range(4)))
DAY = "2024-03-01"


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".csv", content)
    return buffer.getvalue()


@pytest.mark.parametrize("digits", ["²" * 12, "١٢٣٤٥٦٧٨٩٠١٢"])
def test_a_code_in_digits_that_are_not_ours_is_set_aside_and_breaks_nothing(tmp_path, digits):
    secretariat = Secretariat(tmp_path)
    odd = text(rows_of([9], DANE=digits, CODIGO_DANE_SEDE="", CONSECUTIVO="")).splitlines()[1]
    secretariat.drop(DAY, detallado__csv=f"{GOOD}{odd}\n".encode())
    report = secretariat.ingest()

    assert (report.rows_in, report.accepted, report.quarantined) == (5, 4, 1)
    assert meanings.dane(digits) is None


@pytest.mark.parametrize("document", ["1.107998877E+09", "1,107998877E+09", "1107-99-8877", "1.107.998.877"])
def test_a_document_in_disguise_is_not_quoted(document):
    assert "998877" not in shown(document).replace("-", "").replace(".", "")


@pytest.mark.parametrize("quoted", ["1.76001E+11", "31/02/2011", "2011-02-31", "12A"])
def test_what_is_nobodys_is_still_quoted(quoted):
    assert f"«{quoted}»" in shown(quoted)


def test_two_files_of_one_name_in_a_zip_keep_both_their_bad_rows(tmp_path):
    secretariat = Secretariat(tmp_path)
    bad, good = text(rows_of([1], GRADO_COD="12A")), text(rows_of([2]))
    secretariat.drop(
        DAY,
        todo__zip=zipped(norte__detallado=bad, sur__detallado=good, oeste__detallado=text(rows_of([3], GRADO_COD="x"))),
    )
    report = secretariat.ingest()
    kept = list((tmp_path / "quarantine").rglob("*.csv"))

    assert (report.rows_in, report.quarantined, len(kept)) == (3, 2, 2)


def test_names_that_become_the_same_do_not_wipe_out_each_others_bad_rows(tmp_path):
    secretariat = Secretariat(tmp_path)
    folder = secretariat.drop(DAY)
    (folder / "a b.csv").write_text(text(rows_of([1], GRADO_COD="12A")), "latin-1")
    (folder / "a_b.csv").write_text(text(rows_of([2])), "latin-1")
    assert secretariat.ingest().quarantined == 1
    assert len(list((tmp_path / "quarantine").rglob("*.csv"))) == 1


@pytest.mark.parametrize("place", ["norte/detallado.csv", f"{DAY}/norte/detallado.csv", "detallado.csv"])
def test_a_file_that_lies_beside_what_is_read_is_told(tmp_path, place):
    secretariat = Secretariat(tmp_path / "s")
    folder = secretariat.drop(DAY, ok__csv=GOOD).parent
    stray = folder / place
    stray.parent.mkdir(exist_ok=True)
    stray.write_text(GOOD)

    assert "fuera-de-lugar" in [problem.rule for problem in check(folder, TODAY).problems]


def test_a_folder_with_nothing_to_read_says_so(tmp_path):
    (tmp_path / "norte" / "2024").mkdir(parents=True)
    assert [problem.rule for problem in check(tmp_path, TODAY).problems] == ["sin-archivos"]


def test_a_file_name_in_another_encoding_is_read_and_told(tmp_path):
    folder = tmp_path / DAY
    folder.mkdir()
    (folder / os.fsdecode(b"matr\xedcula.csv")).write_text(GOOD, "latin-1")
    report = ingest(folder, Archive(tmp_path / "archive"), tmp_path / "quarantine", KEY, lambda rows: None, TODAY)

    assert report.accepted == 4
    assert json.dumps(report.as_json(), ensure_ascii=False).encode()


@pytest.mark.parametrize("group", ["CANARIOSKI", "ANA LUZ", "1107998877"])
@pytest.mark.parametrize("kind", ["detallado", "annex"])
def test_a_name_or_a_document_in_the_group_never_reaches_the_archive(tmp_path, group, kind):
    secretariat = Secretariat(tmp_path)
    content = text(rows_of([1], GRUPO=group)) if kind == "detallado" else annex([{"PER_ID": "1000001", "GRUPO": group}])
    secretariat.drop(DAY, export__csv=content)
    report = secretariat.ingest()
    archived = [pl.read_parquet(part).write_csv() for part in (tmp_path / "archive").rglob("*.parquet")]

    assert report.accepted == 1
    assert not [rows for rows in archived if group in rows]
    assert [problem.rule for problem in report.problems] == ["grupo-ilegible"]
    assert group not in report.problems[0].sentence()


@pytest.mark.parametrize("group", ["0702", "6-A", "GRUPO 3", "TRANSICIÓN 1", "JM", "11°2", "A"])
def test_a_groups_own_code_is_kept_as_it_is(group):
    assert meanings.group(group) == group


def test_every_column_may_hold_a_name_and_no_message_repeats_it(tmp_path):
    for place, column in enumerate(DETALLADO_43):
        secretariat = Secretariat(tmp_path / str(place))
        secretariat.drop(DAY, d__csv=text(rows_of([1], **{column: "CANARINA 1107998877"})))
        told = str(secretariat.ingest().as_json())
        assert "CANARINA" not in told and "1107998877" not in told, column


def test_a_day_at_the_end_of_the_calendar_breaks_nothing(tmp_path):
    assert meanings.day("31/12/9999") == date(9999, 12, 31)
    secretariat = Secretariat(tmp_path)
    secretariat.drop(DAY, d__csv=text([*rows_of([1], FECHAINI="31/12/9999"), *rows_of([2], FECHAINI="01/01/0001")]))
    assert secretariat.ingest().rows_in == 2
