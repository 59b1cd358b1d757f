"""The evaluation's page: every part that was measured, in Spanish, and never a child."""

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from judged_city import judged_city

from models.evaluation import OTHER, Capacity, Evaluation, evaluate
from models.evaluation_words import between, counted, in_hundred, method_name, number, percent
from models.figures import broken_at_recesses, in_dates, new_figure, precision_figure
from models.report_page import FRAMES, frames_of, page, told_in_text, write_page

METHODS = {"model": True, "poor": False, OTHER: True}


@pytest.fixture(scope="module")
def told() -> Evaluation:
    rows = judged_city(students=800, schools=12).with_columns(pl.col("truth").alias(OTHER))
    truth = rows.select("student_id", "day", chance_4w="truth")
    return evaluate(rows, METHODS, Capacity(30), truth, draws=50)


def test_the_page_has_every_part_that_was_measured(told: Evaluation) -> None:
    text = page(told)

    titles = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert len(titles) == 10
    assert "con cuatro semanas o más de anticipación" in text
    assert "| la otra versión |" in text and "| mejor lista posible |" in text
    assert "| sexo | femenino |" in text
    assert "nan" not in text.lower().split() and "None" not in text and "-0,0000" not in text


def test_a_part_without_data_is_left_out() -> None:
    bare = judged_city(students=200).select("student_id", "day", "institution_id", "outcome", "model")

    text = page(evaluate(bare, {"model": True}, Capacity(10), draws=20))

    assert "## Por grupos" not in text and "## Quienes no recibieron visita" not in text
    assert "## ¿Con cuánta anticipación?" not in text and "Frente a la otra versión" not in text
    assert "## Lo dicho y lo ocurrido, por décimas" in text


def test_rows_of_a_table_have_as_many_cells_as_its_head(told: Evaluation) -> None:
    for block in re.findall(r"(?:^\|.*\|\n)+", page(told), flags=re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_what_is_written_names_no_child(told: Evaluation, tmp_path: Path) -> None:
    paths = write_page(told, tmp_path / "evaluacion")

    assert {path.suffix for path in paths} == {".md", ".html", ".png", ".csv"}
    assert (tmp_path / "evaluacion" / "evaluacion.png").read_bytes().startswith(b"\x89PNG")
    texts = [path.read_text(encoding="utf-8") for path in paths if path.suffix != ".png"]
    assert not [text for text in texts if "student_id" in text or re.search(r"\bs\d{5}\b", text)]


def test_programs_get_the_same_frames(told: Evaluation) -> None:
    frames = frames_of(told)

    assert set(frames) == {"deciles", *FRAMES}
    assert len(frames["comparison"]) == told.comparison.height > 0


def test_a_terminal_gets_the_table_and_what_it_comes_to(told: Evaluation) -> None:
    text = told_in_text(told)

    assert text.startswith("método")
    assert "Cada semana es nuevo el" in text and "Cada visita más por semana" in text


def test_those_whom_nobody_visited_stand_apart(told: Evaluation) -> None:
    row = told.table.filter(pl.col("method") == "model").row(0, named=True)

    assert row["visited_share"] == pytest.approx(0.2, abs=0.1)
    assert row["precision_unvisited_low"] < row["precision_unvisited"] < row["precision_unvisited_high"]


def test_visits_that_kept_children_in_school_do_not_spoil_the_figures_of_the_others() -> None:
    rows = judged_city(students=800, schools=12)
    kept = rows.with_columns(outcome=pl.when(pl.col("visited")).then(pl.lit("STAYED")).otherwise("outcome"))

    plain, helped = (
        evaluate(one, {"model": True}, Capacity(30), draws=10).table.row(0, named=True) for one in (rows, kept)
    )

    assert helped["precision_at_capacity"] < plain["precision_at_capacity"]
    assert helped["precision_unvisited"] == plain["precision_unvisited"]


def test_numbers_have_commas_and_no_negative_nothing() -> None:
    assert (number(-0.00001), number(1.5, 1), number(None)) == ("0,0000", "1,5", "—")
    assert (percent(0.105), percent(None), between(0.1, 0.2, 1), between(None, None)) == (
        *("10,5 %", "—", "0,1 a 0,2", "—"),
    )


def test_the_page_and_its_html_say_the_same_and_show_the_figures(told: Evaluation, tmp_path: Path) -> None:
    write_page(told, tmp_path)

    text, shown = ((tmp_path / f"evaluacion.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))
    titles = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert re.findall(r"<h2>(.+)</h2>", shown) == titles
    assert text.count("(evaluacion.png)") == shown.count('<img src="evaluacion.png"') == 1


def test_every_heading_of_the_first_table_is_explained(told: Evaluation) -> None:
    text = page(told)

    heads = re.search(r"^\| método \| (.+) \|$", text, flags=re.MULTILINE)
    assert heads
    assert all(f"- **{word}**: " in text for word in heads[1].split(" | "))


def test_shares_are_of_a_hundred_and_thousands_stand_apart(told: Evaluation) -> None:
    text = page(told)

    assert re.search(r"\| modelo \| \d+,\d % \| \d+,\d a \d+,\d % \|", text)
    assert not re.search(r"\b\d{5,}\b", text)
    assert not re.search(r",\d{5,}", text)
    assert (counted(371123), counted(None), in_hundred(0.2048, 0.3464), in_hundred(None, 0.3)) == (
        *("371.123", "—", "20,5 a 34,6 %", "—"),
    )


def test_no_line_is_drawn_over_a_recess() -> None:
    term = [date(2024, 6, 9), date(2024, 6, 16), date(2024, 7, 21), date(2024, 7, 28)]
    weekly = pl.DataFrame({"day": term, "new_names": [0.1, 0.2, 0.3, 0.4]})

    drawn = broken_at_recesses(weekly)

    assert drawn["day"].to_list() == [*term[:2], date(2024, 7, 14), *term[2:]]
    assert drawn["new_names"].to_list() == [0.1, 0.2, None, 0.3, 0.4]
    assert broken_at_recesses(weekly.head(2)).equals(weekly.head(2))


def test_the_model_stands_first_in_both_halves_of_the_figure_of_methods(told: Evaluation) -> None:
    halves = precision_figure(told.table).axes

    assert [half.yaxis_inverted() for half in halves] == [True, True]
    assert [label.get_text() for label in halves[0].get_yticklabels()] == [
        method_name(name) for name in told.table["method"]
    ]


def test_the_days_of_a_short_period_are_not_all_the_same_month() -> None:
    short = pl.DataFrame({"day": [date(2024, 3, 3) + timedelta(weeks=week) for week in range(6)]})
    long = pl.DataFrame({"day": [date(2024, 2, 4) + timedelta(weeks=week) for week in range(30)]})

    for drawn in (short, long):
        figure = new_figure()
        axis = figure.subplots()
        axis.plot(drawn["day"], range(drawn.height))
        in_dates(axis, drawn)
        figure.canvas.draw()
        named = [label.get_text() for label in axis.get_xticklabels()]
        assert len(set(named)) == len(named) > 2
