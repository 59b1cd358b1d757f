"""Laying an export over what was known keeps what changed, and absence is a fact only when it can be believed."""

from datetime import date

import polars as pl
import pytest
from made_up_exports import ROSA, Secretariat, annex, rows_of, text

WEEKS = ["2024-03-01", "2024-03-08", "2024-03-15", "2024-03-22"]


@pytest.fixture
def secretariat(tmp_path):
    return Secretariat(tmp_path)


def weekly(secretariat: Secretariat, *exports: str) -> None:
    for day, export in zip(WEEKS, exports, strict=False):
        secretariat.drop(day, detallado__csv=export)
    secretariat.ingest()


def test_a_week_in_which_nothing_changed_adds_no_row_but_is_recorded_as_seen(secretariat):
    weekly(secretariat, text(rows_of([1, 2])), text(rows_of([2, 1], BARRIO="OTRO")), text(rows_of([1, 2])))
    assert secretariat.statuses() == [("2024-03-01", "ENROLLED")] * 2
    assert secretariat.table("person").height == secretariat.table("characterisation").height == 2
    seen = secretariat.table("report").select("source", "institution_id", "rows").unique().rows()
    assert seen == [("detallado", ROSA["DANE"], 2)]
    assert secretariat.table("report")["known_on"].to_list() == [date.fromisoformat(day) for day in WEEKS[:3]]


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"DANE": "176001000026", "CONSECUTIVO": "", "CODIGO_DANE_SEDE": ""}, "institution_id", "176001000026"),
        ({"GRADO_COD": "8"}, "grade", 8),
        ({"GRUPO": "0703"}, "class_group", "0703"),
        ({"JORNADA": "TARDE"}, "shift", "AFTERNOON"),
        ({"ANO": "2025"}, "school_year", "2025"),
        ({"MODELO": "TEJIENDO SABERES"}, "teaching_model", "TEJIENDO_SABERES"),
    ],
)
def test_what_changed_is_one_row_of_the_day_that_first_shows_it(secretariat, change, column, value):
    weekly(secretariat, text([{}]), text([change]), text([change]))
    rows = secretariat.table("enrolment")
    assert rows["known_on"].to_list() == [date(2024, 3, 1), date(2024, 3, 8)]
    assert rows[column].to_list()[1] == value
    assert rows["dated_by"].to_list() == ["EXPORT", "EXPORT"]


def test_a_child_absent_from_the_next_export_is_not_seen_once_and_no_more(secretariat):
    weekly(secretariat, text(rows_of([1, 2])), text(rows_of([1])), text(rows_of([1])))
    assert secretariat.statuses() == [("2024-03-01", "ENROLLED")] * 2 + [("2024-03-08", "NOT_SEEN")]
    missed = secretariat.table("enrolment").filter(pl.col("status") == "NOT_SEEN").to_dicts()[0]
    assert (missed["institution_id"], missed["grade"], missed["reason"]) == (ROSA["DANE"], 7, None)
    assert missed["happened_on"] == missed["known_on"] == date(2024, 3, 8)


def test_a_child_that_comes_back_is_enrolled_again(secretariat):
    weekly(secretariat, text(rows_of([1, 2])), text(rows_of([1])), text(rows_of([1, 2])))
    assert [status for _, status in secretariat.statuses()] == ["ENROLLED", "ENROLLED", "NOT_SEEN", "ENROLLED"]


def test_a_child_withdrawn_and_then_absent_is_not_missed(secretariat):
    gone = {"PER_ID": "1000002", "ESTADO": "RETIRADO", "MOTIVO": "CAMBIO DOMICILIO"}
    weekly(secretariat, text(rows_of([1, 2])), text([*rows_of([1]), gone]), text(rows_of([1])))
    assert secretariat.statuses()[2:] == [("2024-03-08", "WITHDRAWN")]


STATES = [
    ("RETIRADO", "DESERCION", "WITHDRAWN", "DROPOUT"),
    ("RETIRADO", "", "WITHDRAWN", "UNSTATED"),
    ("RETIRADO", "NO APLICA", "WITHDRAWN", "UNSTATED"),
    ("RETIRADO", "ALGO QUE NADIE CONOCE", "WITHDRAWN", "UNSTATED"),
    ("TRASLADADO", "TRASLADO ENTRE MUNICIPIOS", "TRANSFERRED", "TRANSFER"),
    ("SIN CONTINUIDAD", "", "WITHDRAWN", "NOT_CONTINUED"),
    ("GRADUADO", "NO APLICA", "GRADUATED", None),
    ("REPROBADO", "NO APLICA", "FAILED", None),
    ("PROMOCIONADO", "", "PROMOTED", None),
    ("CANCELADO", "AUDITORIA: DUPLICADO", "CANCELLED", "ADMINISTRATIVE"),
]


@pytest.mark.parametrize(("state", "motive", "status", "reason"), STATES)
def test_every_official_state_has_its_meaning(secretariat, state, motive, status, reason):
    weekly(secretariat, text([{}]), text([{"ESTADO": state, "MOTIVO": motive}]))
    last = secretariat.table("enrolment").row(-1, named=True)
    assert (last["status"], last["reason"]) == (status, reason)


@pytest.mark.parametrize("state", ["PREMATRICULADO", "ASIGNADO", "INSCRITO", "NUEVO"])
def test_a_place_reserved_is_neither_an_enrolment_nor_an_absence(secretariat, state):
    weekly(secretariat, text(rows_of([1])), text([{"ESTADO": state}, *rows_of([2], ESTADO=state)]))
    assert secretariat.statuses() == [("2024-03-01", "ENROLLED")]


@pytest.mark.parametrize(
    ("left_on", "happened_on", "dated_by"),
    [
        ("04/03/2024", date(2024, 3, 4), "FILE"),
        ("", date(2024, 3, 8), "EXPORT"),
        ("01/06/2024", date(2024, 3, 8), "EXPORT"),
        ("01/01/2024", date(2024, 3, 8), "EXPORT"),
    ],
)
def test_the_files_date_of_leaving_counts_when_it_is_possible(secretariat, left_on, happened_on, dated_by):
    weekly(secretariat, text([{}]), text([{"ESTADO": "RETIRADO", "FECHAFIN": left_on}]))
    last = secretariat.table("enrolment").sort("known_on").row(-1, named=True)
    assert (last["happened_on"], last["dated_by"]) == (happened_on, dated_by)


def test_a_date_of_leaving_before_the_last_change_does_not_turn_the_order_of_events(secretariat):
    weekly(secretariat, text([{}]), text([{"GRUPO": "0703"}]), text([{"ESTADO": "RETIRADO", "FECHAFIN": "04/03/2024"}]))
    rows = secretariat.table("enrolment").select("status", "happened_on", "known_on", "dated_by").rows()
    assert rows[-1] == ("WITHDRAWN", date(2024, 3, 8), date(2024, 3, 15), "FILE")


def test_an_institution_that_does_not_come_is_a_warning_and_nobody_is_missed(secretariat):
    here, there = rows_of([1, 2]), rows_of([3, 4], DANE="176001000026", CODIGO_DANE_SEDE="176001000026")
    there = [{**row, "CONSECUTIVO": "17600100002601"} for row in there]
    secretariat.drop(WEEKS[0], detallado__csv=text(here + there))
    secretariat.drop(WEEKS[1], detallado__csv=text(here))
    report = secretariat.ingest()
    assert [(p.rule, p.level, p.institution_id) for p in report.problems] == [
        ("institucion-ausente", "warning", "176001000026")
    ]
    assert "tenía 2 matriculados" in report.problems[0].sentence()
    assert {status for _, status in secretariat.statuses()} == {"ENROLLED"}


def test_a_sudden_loss_inside_a_year_is_not_believed(secretariat):
    weekly(secretariat, text(rows_of(range(100))))
    secretariat.drop(WEEKS[1], detallado__csv=text(rows_of(range(79))))
    report = secretariat.ingest()
    assert [problem.rule for problem in report.problems] == ["perdida-brusca"]
    assert "faltan 21 de 100" in report.problems[0].sentence()
    assert {status for _, status in secretariat.statuses()} == {"ENROLLED"}


def test_a_loss_of_a_fifth_is_believed(secretariat):
    weekly(secretariat, text(rows_of(range(100))), text(rows_of(range(80))))
    assert [status for _, status in secretariat.statuses()].count("NOT_SEEN") == 20


def test_after_a_loss_that_was_not_believed_the_whole_export_changes_nothing(secretariat):
    weekly(secretariat, text(rows_of(range(100))), text(rows_of(range(50))), text(rows_of(range(100))))
    assert secretariat.table("enrolment").height == 100


def test_a_new_year_may_lose_many(secretariat):
    weekly(secretariat, text(rows_of(range(100))), text(rows_of(range(60), ANO="2025")))
    assert [status for _, status in secretariat.statuses()].count("NOT_SEEN") == 40


def test_a_child_whose_row_is_damaged_is_not_missed(secretariat):
    damaged = [{"PER_ID": "1000002", "GRADO_COD": "12A"}]
    short = "2024;CALI;MATRICULADO;1000003;cortada\n"
    weekly(secretariat, text(rows_of([1, 2, 3])), text(rows_of([1]) + damaged) + short)
    assert {status for _, status in secretariat.statuses()} == {"ENROLLED"}


def test_the_row_in_which_a_child_is_enrolled_counts_before_the_one_it_left(secretariat):
    left = {"ESTADO": "TRASLADADO", "DANE": "176001000026", "FECHAINI": "01/02/2024"}
    report_rows = [left, {}]
    weekly(secretariat, text(report_rows), text(reversed(report_rows)))
    rows = secretariat.table("enrolment")
    assert rows.select("status", "institution_id").rows() == [("ENROLLED", ROSA["DANE"])]


def test_a_child_enrolled_twice_is_told_to_the_school_and_one_row_waits_in_quarantine(secretariat):
    twice = [{"FECHAINI": "20/01/2024"}, {"FECHAINI": "02/02/2024", "GRUPO": "0703"}]
    secretariat.drop(WEEKS[0], detallado__csv=text(twice))
    report = secretariat.ingest()
    assert (report.rows_in, report.accepted, report.quarantined) == (2, 1, 1)
    assert [(p.rule, p.level, p.row) for p in report.problems] == [("matricula-repetida", "warning", 2)]
    assert secretariat.table("enrolment")["class_group"].to_list() == ["0703"]


def test_the_same_row_twice_is_no_finding(secretariat):
    secretariat.drop(WEEKS[0], detallado__csv=text([{}, {}]))
    report = secretariat.ingest()
    assert (report.accepted, report.problems) == (2, [])
    assert secretariat.table("enrolment").height == 1


def test_annexes_alone_show_who_is_no_longer_there(secretariat):
    for day, children in zip(WEEKS, ([1, 2], [1, 2], [1]), strict=False):
        secretariat.drop(day, anexo_6a__txt=annex(rows_of(children)))
    secretariat.ingest()
    assert secretariat.statuses() == [("2024-03-01", "ENROLLED")] * 2 + [("2024-03-15", "NOT_SEEN")]


def test_the_detallado_and_the_6a_of_one_day_are_one_row(secretariat):
    secretariat.drop(WEEKS[0], detallado__csv=text(rows_of([1])), anexo_6a__txt=annex(rows_of([1])))
    secretariat.ingest()
    (row,) = secretariat.table("enrolment").to_dicts()
    assert (row["shift"], row["repeating"], row["is_new"]) == ("MORNING", False, True)
    (person,) = secretariat.table("person").to_dicts()
    assert (person["conflict_victim"], person["ethnic_group"], person["disability"]) == (False, "NONE", "NONE")


def test_the_detallado_is_believed_before_a_6a_that_still_lists_the_child(secretariat):
    secretariat.drop(WEEKS[0], detallado__csv=text(rows_of([1])), anexo_6a__txt=annex(rows_of([1])))
    secretariat.drop(WEEKS[1], detallado__csv=text(rows_of([1], ESTADO="RETIRADO")), anexo_6a__txt=annex(rows_of([1])))
    secretariat.drop(WEEKS[2], anexo_6a__txt=annex(rows_of([1])))
    secretariat.ingest()
    assert [status for _, status in secretariat.statuses()] == ["ENROLLED", "WITHDRAWN"]


def test_a_child_gone_from_the_detallado_may_be_found_in_a_private_school(secretariat):
    private = {"CODIGO_DANE": "376001000044", "DANE_ANTERIOR": "376001000044", "CONS_SEDE": "37600100004401"}
    secretariat.drop(WEEKS[0], detallado__csv=text(rows_of([1])))
    gone = text(rows_of([1], ESTADO="TRASLADADO"))
    secretariat.drop(WEEKS[1], detallado__csv=gone, anexo_5a__txt=annex(rows_of([1], **private)))
    secretariat.drop(WEEKS[2], detallado__csv=gone)
    report = secretariat.ingest()
    assert {file.source for file in report.files} == {"detallado", "anexo_5a"}
    rows = secretariat.table("enrolment").select("known_on", "status", "sector").unique().sort("known_on", "status")
    assert [row[1:] for row in rows.rows()] == [
        ("ENROLLED", "OFFICIAL"),
        ("ENROLLED", "PRIVATE"),
        ("TRANSFERRED", "OFFICIAL"),
    ]


def test_an_export_older_than_the_newest_is_set_aside_with_its_reason(secretariat):
    weekly(secretariat, text(rows_of([1, 2])), text(rows_of([1, 2])))
    secretariat.drop("2024-02-23", detallado__csv=text(rows_of([1])))
    report = secretariat.ingest()
    assert [file.quarantined for file in report.files] == [1, 0, 0]
    assert "más antiguo que el último leído (08/03/2024)" in report.problems[0].sentence()
    assert secretariat.table("enrolment").height == 2


def test_an_export_split_by_school_is_one_export(secretariat):
    other = {"DANE": "176001000026", "CODIGO_DANE_SEDE": "176001000026", "CONSECUTIVO": "17600100002601"}
    for day, group in zip(WEEKS, ("0702", "0703"), strict=False):
        secretariat.drop(day, uno__csv=text(rows_of([1, 2])), dos__csv=text(rows_of([3], GRUPO=group, **other)))
    report = secretariat.ingest()
    assert report.problems == []
    assert [status for _, status in secretariat.statuses()] == ["ENROLLED"] * 4
