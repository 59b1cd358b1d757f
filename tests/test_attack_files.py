"""Attacks on the reading: odd digits, hidden documents, twin names, files out of place, names in free cells."""

import io
import json
import os
import re
import zipfile
from datetime import date

import polars as pl
import pytest
from made_up_exports import DETALLADO_43, KEY, TODAY, Secretariat, annex, rows_of, text

from features.archive import Archive
from features.linkage import Match
from features.quality import shown
from features.sources import check, ingest, meanings
from serving.faults import DataProblem
from serving.intake import last_day
from serving.review_file import read_review, write_review
from serving.settings import Settings

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


def test_a_folder_of_a_year_to_come_is_refused_and_the_next_export_is_not_taken_for_an_old_one(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2042-03-01", detallado__csv=GOOD)
    secretariat.drop(DAY, detallado__csv=GOOD)
    archive, until = Archive(tmp_path / "archive"), date(2024, 3, 8)

    def read():
        return ingest(tmp_path, archive, tmp_path / "q", KEY, secretariat.roster.append, date(2024, 3, 1), until=until)

    report = read()
    secretariat.drop("2024-03-08", detallado__csv=GOOD)

    assert [(problem.rule, problem.file) for problem in report.problems] == [
        ("fecha-futura", "2042-03-01/detallado.csv")
    ]
    assert report.needs_a_look and (report.rows_in, report.accepted) == (4, 4)
    assert (read().rows_in, read().quarantined) == (8, 0)
    assert "Corrija el nombre de la carpeta" in check(tmp_path, TODAY, until=until).problems[0].sentence()


@pytest.mark.parametrize(("environment", "refused"), [("demo", False), ("production", True)])
def test_only_a_made_up_city_may_lie_in_the_future(tmp_path, environment, refused):
    secrets = {"session_secret": "0123456789abcdefghijklmnopqrstuvwxyz", "roster_key": bytes(range(32)).hex()}
    chosen = Settings(home=tmp_path, environment=environment, **secrets)
    assert (last_day(chosen, TODAY) < date(2042, 3, 1)) is refused
    assert last_day(chosen, TODAY) > TODAY


def test_what_a_computer_adds_to_a_zip_of_its_own_is_not_taken_for_a_file(tmp_path):
    secretariat = Secretariat(tmp_path)
    folder = secretariat.drop(DAY)
    for name, sent in (("todo.zip", {"norte/detallado.csv": GOOD}), ("solo.zip", {})):
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member, content in sent.items():
                archive.writestr(member, content)
            archive.writestr("__MACOSX/norte/._detallado.csv", b"\0\5\x16\7\0\2" + bytes(99))
            archive.writestr("norte/.DS_Store", b"\0\0\0\1Bud1")
            archive.writestr("norte\\~$detallado.xlsx", b"\5Secretaria")
    report = secretariat.ingest()

    assert (report.rows_in, report.accepted) == (4, 4)
    assert [(problem.file, problem.found) for problem in report.problems] == [
        ("2024-03-01/…~b94a06f3.zip", "el .zip no trae ningún archivo")
    ]


def test_a_pipe_or_a_broken_link_is_told_and_holds_nothing_up(tmp_path):
    secretariat = Secretariat(tmp_path)
    folder = secretariat.drop(DAY, detallado__csv=GOOD)
    os.mkfifo(folder / "anexo.csv")
    (folder / "anexos.csv").symlink_to(tmp_path / "nada")
    report = secretariat.ingest()

    assert report.accepted == 4
    assert [(problem.file[11:], problem.rule) for problem in report.problems] == [
        ("anexo.csv", "no-es-archivo"),
        ("anexos.csv", "no-es-archivo"),
    ]


def test_a_row_over_several_lines_is_set_aside_whole(tmp_path):
    secretariat = Secretariat(tmp_path)
    row = text(rows_of([9], GRADO_COD="12A", BARRIO='"LA FLORA\nPISO 2; ALTO"')).partition("\n")[2]
    secretariat.drop(DAY, detallado__csv=GOOD + row + GOOD.splitlines()[1] + "\n")
    report = secretariat.ingest()
    (kept,) = (tmp_path / "quarantine").rglob("*.csv")

    assert (report.rows_in, report.quarantined, report.problems[0].row) == (6, 1, 6)
    assert row.strip() in kept.read_text("utf-8").replace('""', '"')


def test_a_copy_of_a_file_that_was_refused_is_told_too(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop(DAY, a__csv=b"A;B;C\n1;2;3\n", b__csv=b"A;B;C\n1;2;3\n")

    assert [(file.file[11:], file.refused) for file in secretariat.ingest().files] == [("a.csv", True), ("b.csv", True)]


@pytest.mark.parametrize("number", ["97061512345", "573001234567"])
def test_a_number_where_the_code_of_the_school_should_be_is_not_told_as_a_school(tmp_path, number):
    secretariat = Secretariat(tmp_path)
    rows = [*rows_of(range(4)), *rows_of([9], DANE=number, CODIGO_DANE_SEDE="", GRADO_COD="12A")]
    secretariat.drop(DAY, detallado__csv=text([*rows, *rows_of([8], GRADO_COD="12A")]))
    told = secretariat.ingest().as_json()

    assert number not in json.dumps(told)
    assert sum(told["problems_by_institution"].values()) == 1


def test_nothing_to_read_is_a_problem_and_not_a_week_without_news(tmp_path):
    secretariat = Secretariat(tmp_path)
    (secretariat.exports / DAY).mkdir(parents=True)

    assert secretariat.ingest().needs_a_look


REVIEW = "decision;registro_a;registro_b\nmismo;a;b\n"


@pytest.mark.parametrize(
    "saved", [REVIEW.encode("utf-16"), REVIEW.replace(";", "\t").encode(), REVIEW.replace("\n", "\r").encode("cp1252")]
)
def test_a_review_is_read_however_the_spreadsheet_saved_it(tmp_path, saved):
    (tmp_path / "revision.csv").write_bytes(saved)

    assert read_review(tmp_path / "revision.csv").rows() == [("a", "b", "SAME")]


@pytest.mark.parametrize("wrong", [REVIEW.replace("a;b", "x" * 200_000), REVIEW.replace("a;b", "a;a")])
def test_a_review_that_is_damaged_is_refused_in_a_sentence(tmp_path, wrong):
    (tmp_path / "revision.csv").write_text(wrong, "utf-8")

    with pytest.raises(DataProblem, match=r"revisión.*\.$"):
        read_review(tmp_path / "revision.csv")


def test_a_record_that_looks_like_a_number_comes_back_from_a_spreadsheet_as_it_was(tmp_path):
    doubtful = {"left": "1234567890123456", "right": "12e4567890123456", "probability": 0.5, "why": "", "evidence": ""}
    people = pl.DataFrame({"student_id": ["1234567890123456"]})
    match = Match(pl.DataFrame(), pl.DataFrame([doubtful]), [], people)
    path = tmp_path / "revision.csv"
    write_review(path, match, people)
    cells = path.read_text("utf-8-sig").splitlines()[-1].split(";")

    assert [bool(re.fullmatch(r"[\d.e+]+", cell)) for cell in cells[-2:]] == [False, False]
    path.write_text(path.read_text("utf-8-sig").replace("\n;0,500", "\nmismo;0,500"), "utf-8")
    assert read_review(path).rows() == [(doubtful["left"], doubtful["right"], "SAME")]
