"""The card and the datasheet say what the run showed, escape what a foreign register brings, and tell of no child."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from made_up_town import a_model, frame, town, with_outcomes

from features import CATALOGUE
from models.card import card_of, fairness_of, families, rendered, write_card
from models.card_words import by_method, cell, day, number, points, share, span
from models.datasheet import described, written
from models.evaluation import Capacity, evaluate
from models.fairness import NOT_ENOUGH
from models.risk_model import RiskModel
from models.runs import Run, datasets_of
from models.shap_figures import translated
from models.training import typical_row

pytestmark = pytest.mark.filterwarnings("ignore")

TAGS = {
    "data_digest": "d1g35t",
    "git_commit": "c0mm17c0mm17c0mm17",
    "fit_days": "2022-01-30/2023-05-07 (30)",
    "test_days": "2024-02-04/2024-06-02 (18)",
}


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return a_model(trees=10)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return with_outcomes(frame(students=300))


def either(so: pl.Expr, one: str, other: str) -> pl.Expr:
    return pl.when(so).then(pl.lit(one)).otherwise(pl.lit(other))


@pytest.fixture(scope="module")
def run(model: RiskModel, rows: pl.DataFrame) -> Run:
    judged = rows.select("student_id", "day", "institution_id", "outcome").with_columns(
        model.predict(rows)["score"].alias("model"),
        random=pl.lit(0.5),
        **{
            "trait.sex": either(pl.col("student_id").str.contains("[13579].$"), "femenino", "masculino"),
            "trait.zone": either(pl.col("student_id") == "e000001", "rural", "urbana"),
        },
    )  # fmt: skip
    told = evaluate(judged, {"model": True, "random": False}, Capacity(15), draws=20)
    example = typical_row(rows, model)
    metrics = {"examples": 2400.0, "examples_left": 180.0, "excluded.moved": 48.0}
    params = {"trees": "10", "use_sensitive": "False"}
    return Run(model, params, TAGS, told.table, told.deciles, example, told.weeks, metrics, told, sample=rows.head(200))


def test_the_card_says_what_the_run_showed(run: Run) -> None:
    text = rendered(card_of(run, [], "run7"))["modelo.md"]

    own = run.table.row(0, named=True)
    assert f"| modelo | {share(own['precision_at_capacity'])} |" in text
    assert f"| al azar | {share(run.table['precision_at_capacity'][1])} |" in text
    assert (
        "2.400 ejemplos (un estudiante en un corte), de los cuales 180 salidas" in text
        and "No enseñan: trasladados 48." in text
    )
    assert "`d1g35t`" in text and "`c0mm17c0mm17`" in text and "`run7`" in text
    assert "Al registrarse pasó todas las pruebas" in text


def test_the_card_says_until_when_it_holds_and_that_nobody_answers_for_it_yet(run: Run) -> None:
    text = rendered(card_of(run, [], "run7"))["modelo.md"]

    assert "**Sin aprobar.**" in text
    assert "**Vence el** 07/07/2025" in text


def test_the_card_tells_every_reason_that_keeps_the_version_out(run: Run) -> None:
    pages = rendered(card_of(run, ["Su AUC es baja.", "Equidad por sexo: falla."], "run7"))

    assert all("Su AUC es baja." in pages[name] and "Equidad por sexo: falla." in pages[name] for name in pages)
    assert "pasó todas las pruebas" not in pages["modelo.md"] + pages["modelo.html"]


def test_a_group_too_small_is_named_and_not_counted(run: Run) -> None:
    card = card_of(run, [], "run7")

    (rural,) = [row for row in card["fairness"] if row["group"] == "rural"]
    (girls,) = [row for row in card["fairness"] if row["group"] == "femenino"]
    assert rural["verdict"] == NOT_ENOUGH and rural["left"] is None and rural["recall"] is None
    assert girls["left"] is not None
    assert f"| zona | rural | {NOT_ENOUGH} | — | — | — | — | — | — | — | — |" in rendered(card)["modelo.md"]


def test_no_student_and_no_school_is_on_the_card(run: Run, rows: pl.DataFrame) -> None:
    pages = "".join(rendered(card_of(run, [], "run7")).values())

    assert not [name for name in rows["student_id"].unique() if name in pages]
    assert not [name for name in rows["institution_id"].unique() if name in pages]


def test_what_a_foreign_register_calls_its_columns_cannot_run_in_a_browser(run: Run) -> None:
    foreign = replace(run, params={"x_<script>alert(1)</script>": "<b>1</b>"})

    page = rendered(card_of(foreign, ["<i>razón</i>"], "run7"))["modelo.html"]

    assert "<script" not in page and "<b>1</b>" not in page and "<i>razón" not in page
    assert "&lt;script&gt;" in page


def test_the_page_is_well_formed_and_loads_nothing_from_anywhere(run: Run) -> None:
    page = rendered(card_of(run, ["Una razón."], "run7"))["modelo.html"]

    assert Tags.left_open_in(page) == []
    assert "http" not in page and "src=" not in page


class Tags(HTMLParser):
    """Opening and closing tags must match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    @classmethod
    def left_open_in(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        return parser.open + parser.wrong


def test_every_figure_of_the_card_stands_under_a_heading_that_is_explained(run: Run) -> None:
    text = rendered(card_of(run, [], "run7"))["modelo.md"]

    head = next(line for line in text.splitlines() if line.startswith("| método | precisión en el cupo |"))
    assert all(f"- **{word.strip()}**: " in text for word in head.strip("|").split("|")[1:])


def test_every_row_of_the_card_has_the_cells_of_its_head_whatever_a_group_is_called(run: Run) -> None:
    card = card_of(run, [], "run7")
    card["fairness"] = [{**row, "group": "a|b\nc"} for row in card["fairness"]]

    text = rendered(card)["modelo.md"]

    for block in re.findall(r"(?:^\|.*\|\n)+", text, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block


def test_schools_that_taught_nothing_have_a_table_of_their_own(run: Run) -> None:
    figures = {"unseen.school_rate.auc": 0.5, "unseen.model.auc": 0.841, "unseen.model.precision_at_capacity": 0.309}

    text = rendered(card_of(replace(run, metrics={**run.metrics, **figures}), [], "run7"))["modelo.md"]

    assert "## Qué mostró donde nadie le enseñó" in text
    assert text.index("| modelo | 30,9 % | — | 0,841 |") < text.index("| tasa de la institución | — | — | 0,500 |")
    assert "precision_at_capacity" not in text


@pytest.mark.parametrize(("weeks", "told"), [(1, "en la semana siguiente."), (4, "en las 4 semanas siguientes.")])
def test_one_week_is_a_week(run: Run, weeks: int, told: str) -> None:
    card = {**card_of(run, [], "run7"), "horizon_weeks": weeks, "absent_weeks": 1}

    text = " ".join(rendered(card)["modelo.md"].split())

    assert f"La probabilidad de dejar de estudiar {told}" in text
    assert "durante una semana, sin traslado" in text


def test_a_model_that_reads_sensitive_traits_does_not_say_it_does_not(run: Run) -> None:
    using = replace(run, params={**run.params, "use_sensitive": "True"})

    told = card_of(using, [], "run7")["what_it_does_not"]

    assert "Usa datos sensibles: sirve solo para comparar, nunca para una lista." in told
    assert not any(line.startswith("No usa sexo") for line in told)


def test_shap_s_own_plots_stand_beside_the_card(run: Run, tmp_path: Path) -> None:
    files = {path.name: path for path in write_card(card_of(run, [], "run7"), run, tmp_path)}

    assert {"card.json", "modelo.md", "modelo.html", "shap_importancia.png", "shap_abanico.png"} == set(files)
    assert all(files[name].read_bytes().startswith(b"\x89PNG") for name in ("shap_importancia.png", "shap_abanico.png"))


def test_shap_s_own_words_are_translated() -> None:
    assert translated("Sum of 97 other features") == "suma de otras 97 variables"
    assert (translated("High"), translated("+0.18"), translated("stratum")) == ("alto", "+0,18", "stratum")


def test_of_a_handful_of_children_no_picture_is_drawn(run: Run, tmp_path: Path) -> None:
    files = write_card(card_of(run, [], "run7"), replace(run, sample=run.sample.head(20)), tmp_path)

    assert not [path for path in files if path.suffix == ".png"]


def test_every_family_of_features_is_counted_once(model: RiskModel) -> None:
    assert sum(families(model.features).values()) == len(model.features)
    assert families(["x_of_their_own"]) == {"variables propias": 1}


def test_a_data_set_is_named_by_its_records_and_its_days() -> None:
    one, other = datasets_of(TAGS)

    assert (one["context"], other["context"]) == ("training", "evaluation")
    assert datasets_of({**TAGS, "data_digest": "other"})[0]["digest"] != one["digest"] != other["digest"]
    assert len(one["digest"]) == 36


def test_the_datasheet_counts_the_tables_and_says_what_is_missing() -> None:
    records = town(students=120, years=(2022,))
    examples = with_outcomes(frame(students=120))

    sheet = described(records, examples, {"MOVED": 40, "UNRIPE": 3}, ["absence_rate_4w", "over_age_years"])
    text = written(sheet)["datos.md"]

    tables = {table["name"]: table["rows"] for table in sheet["tables"]}
    assert tables["enrolment"] == records.table("enrolment").collect().height
    assert sheet["examples"][0] == {
        "year": 2023, "days": 8, "rows": examples.height, "left": int(examples["label"].sum())
    }  # fmt: skip
    assert sheet["missing"][0]["missing"] == max(
        examples["absence_rate_4w"].null_count() / 960, examples["over_age_years"].null_count() / 960
    )
    assert sheet["excluded"] == {"MOVED": 40}  # three of a kind could be found again
    assert all(feature.name in text for feature in CATALOGUE.features if feature.sensitive)
    assert not [name for name in ("e000001", "e000100") if name in text]


def test_the_datasheet_of_thinned_examples_counts_all_whom_they_stand_for() -> None:
    examples = with_outcomes(frame(students=120))
    stayed = pl.when(pl.col("label") == 0)
    examples = examples.with_columns(weight=stayed.then(4.0).otherwise(1.0), x=stayed.then(1.0))
    left = int(examples["label"].sum())
    everyone = left + 4 * (examples.height - left)

    sheet = described(town(students=20, years=(2022,)), examples, {}, ["x"])

    assert sheet["examples"][0] == {"year": 2023, "days": 8, "rows": everyone, "left": left}
    assert sheet["missing"] == [{"feature": "x", "missing": pytest.approx(left / everyone)}]


@pytest.mark.parametrize(
    ("value", "told"), [(0.12345, "0,123"), (None, "—"), (12345.0, "12.345"), (7, "7"), ("", "—"), (0.0, "0")]
)
def test_numbers_are_told_as_schools_write_them(value: float | str | None, told: str) -> None:
    assert number(value) == told


def test_the_card_tells_no_handful_that_taught_nothing(run: Run) -> None:
    few = replace(run, metrics={**run.metrics, "excluded.graduated": 3.0})

    assert card_of(few, [], "r1")["excluded"] == {"moved": 48.0}


def test_parts_are_of_a_hundred_and_days_are_written_as_schools_write_them() -> None:
    assert (share(0.30492), share(None), share(0.00381, 2)) == ("30,5 %", "—", "0,38 %")
    assert (points(-0.0001), points(0.354)) == ("0,0", "35,4")
    assert (day("2025-11-03"), day(""), day("dos")) == ("03/11/2025", "—", "dos")
    assert span("2022-01-30/2023-05-07 (30)") == "30/01/2022 a 07/05/2023 (30 cortes)"
    assert span("2022-01-30/2022-01-30 (1)") == "30/01/2022 a 30/01/2022 (1 corte)"
    assert cell("a|b\n c") == "a\\|b c"


def test_methods_elsewhere_come_in_the_order_of_every_table() -> None:
    told = by_method({"random.auc": 0.5, "own_idea.auc": 0.7, "model.auc": 0.9})

    assert [row["method"] for row in told] == ["model", "random", "own_idea"]
    assert [row["auc"] for row in told] == [0.9, 0.5, 0.7]


def test_a_group_held_back_cannot_be_worked_out_from_what_the_others_add_up_to() -> None:
    large = {
        "trait": "ethnicity",
        "group": "NINGUNA",
        "left": 183,
        "enough": True,
        "recall": 0.2,
        "leaver_share": 0.99457,
    }
    small = {"trait": "ethnicity", "group": "ROM", "left": 1, "enough": False, "recall": 0.0, "leaver_share": 0.00543}
    alone = {"trait": "sex", "group": "F", "left": 90, "enough": True, "recall": 0.2, "leaver_share": 0.5}

    told = fairness_of([large, small, alone])

    assert [row["left"] for row in told] == [None, None, 90]
    assert [row["leaver_share"] for row in told] == [None, None, 0.5]
    assert told[0]["recall"] == 0.2
