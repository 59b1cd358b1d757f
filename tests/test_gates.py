"""Each gate in turn: what it lets through, what it refuses, and the sentence it says."""

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from features import CATALOGUE
from models.gates import BASELINES, WRITTEN, Candidate, expires_on, refusals, written_gates
from models.promotion import as_it_reads

DAYS = "2024-02-04/2024-06-02 (18)"
PAGE = Path(__file__).parent.parent / "docs" / "model_gates.md"


def candidate(
    fingerprint: str = "abc", test_days: str = DAYS, use_sensitive: str = "False", **figures: float
) -> Candidate:
    """A good version, but for the figures given: `model__ece=0.2` stands for `model.ece`."""
    told = {"model.precision_at_capacity": 0.3, "model.calibration_slope": 1.0, "model.days": 9.0, "model.left": 40.0}
    told |= {f"{name}.precision_at_capacity": 0.2 for name in BASELINES}
    told |= {"model.ece": 0.01, "model.new_names": 0.2, "model.rows": 900.0, "model.capacity": 30.0}
    told |= {name.replace("__", "."): value for name, value in figures.items()}
    return Candidate(told, fingerprint, {"test_days": test_days, "use_sensitive": use_sensitive})


def test_a_good_candidate_passes_every_gate() -> None:
    assert refusals(candidate(), "abc", in_use=candidate(), on=date(2024, 7, 1)) == []


@pytest.mark.parametrize("name", BASELINES)
def test_no_better_than_a_baseline_is_not_good_enough(name: str) -> None:
    (reason,) = refusals(candidate(**{f"{name}__precision_at_capacity": 0.3}), "abc")

    assert "no supera" in reason


IN_USE = replace(candidate(), version="2", seal="b" * 64)
LATER = "2024-03-03/2024-06-02 (14)"

REFUSED = {
    "model__left": (0.0, "no tiene una evaluación"),
    "model__calibration_slope": (0.49, "pendiente de calibración"),
    "model__ece": (0.051, "difieren en promedio"),
    "model__new_names": (0.61, "cambia 0,610 de los nombres"),
    "fair.sex__fnr_gap_low": (0.11, "Equidad por sexo: a un grupo se le escapan"),
    "fair.ethnicity__recall_ratio_high": (0.49, "Equidad por pertenencia étnica: de un grupo encuentra"),
    "fair.zone__visit_ratio_low": (2.01, "Equidad por zona: a un grupo se le llama en vano"),
    "fair.victim__understated_low": (0.51, "Equidad por víctima del conflicto: de un grupo se va"),
}


@pytest.mark.parametrize("figure", REFUSED)
def test_each_gate_refuses_alone_and_says_why(figure: str) -> None:
    value, sentence = REFUSED[figure]

    (reason,) = refusals(candidate(**{figure: value}), "abc")

    assert sentence in reason and reason.endswith(".")


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("model__left", 20.0), ("model__calibration_slope", 0.5), ("model__calibration_slope", 2.0),
        ("model__ece", 0.05),
        ("model__new_names", 0.6), ("fair.sex__fnr_gap_low", 0.1), ("fair.ethnicity__recall_ratio_high", 0.5),
        ("fair.zone__visit_ratio_low", 2.0), ("fair.victim__understated_low", 0.5), ("fair.over_age__fnr_gap_low", 0.9),
    ],
)  # fmt: skip
def test_at_the_limit_it_still_passes_and_over_age_is_told_but_stops_nothing(figure: str, value: float) -> None:
    assert refusals(candidate(**{figure: value}), "abc") == []


def test_a_version_judged_on_a_handful_of_departures_is_refused() -> None:
    (reason,) = refusals(candidate(model__left=19.0), "abc")

    assert reason == "Se evaluó con 19 salidas; se exigen 20. Evalúe con un periodo más largo."


def test_a_version_never_judged_is_refused() -> None:
    assert "no tiene una evaluación" in refusals(Candidate({}, "abc"), "abc")[0]


@pytest.mark.parametrize(("said", "refused"), [(0.09, True), (0.1, False), (0.3, False), (0.8, False), (0.81, True)])
def test_chances_at_a_wrong_level_are_refused_where_they_are_read(said: float, refused: bool) -> None:
    """Of the listed between 20 % and 40 % left; over everyone such chances are hardly off, and their slope is one."""
    told = candidate(model__said_at_capacity=said, model__precision_low=0.2, model__precision_high=0.4)

    assert ["De los listados" in reason for reason in refusals(told, "abc")] == [True] * refused


def test_the_schools_that_taught_nothing_decide() -> None:
    loses = candidate(**{"unseen.model__auc": 0.70, "unseen.logistic_regression__auc": 0.72})
    holds = candidate(**{"unseen.model__auc": 0.715, "unseen.logistic_regression__auc": 0.72})

    assert "instituciones que no enseñaron" in refusals(loses, "abc")[0]
    assert refusals(holds, "abc") == []


def against(precision: float, other: float, **more: float) -> Candidate:
    """Judged beside the version of seal `b…` on its own Mondays."""
    told = {"precision": precision, "precision_other": other, **more}
    figures = {f"against__{'b' * 12}__{name}": value for name, value in told.items()}
    return replace(candidate(test_days=LATER, **figures), version="3", seal="a" * 64)


def test_worse_than_the_one_in_use_beside_it_is_refused_with_how_sure_that_is() -> None:
    worse = against(0.30, 0.33, precision_low=-0.05, precision_high=-0.01)

    (reason,) = refusals(worse, "abc", IN_USE)

    assert "(0,300) es menor que la de la versión en uso (0,330; la diferencia está entre -0,050 y -0,010)" in reason
    assert refusals(against(0.32, 0.33), "abc", IN_USE) == []


def test_figures_of_other_weeks_compare_nothing_and_what_to_run_is_told() -> None:
    (reason,) = refusals(replace(candidate(test_days=LATER), version="3"), "abc", IN_USE)

    assert "No se ha comparado con la versión en uso (2) en las mismas semanas" in reason
    assert "permanencia evaluate 3 --from 2024-03-03 --to 2024-06-02 --against 2;" in reason


def test_judged_beside_another_version_than_the_one_in_use_is_not_compared() -> None:
    other = replace(IN_USE, version="7", seal="c" * 64)

    assert "No se ha comparado" in refusals(against(0.4, 0.3), "abc", other)[0]


def test_two_versions_judged_on_the_same_rows_and_visits_need_no_other_judging() -> None:
    in_use = replace(IN_USE, figures=candidate(model__precision_at_capacity=0.32).figures)

    assert "versión en uso" in refusals(candidate(), "abc", in_use)[0]
    assert refusals(candidate(model__precision_at_capacity=0.31), "abc", in_use) == []
    for other in (candidate(model__capacity=60.0), candidate(model__rows=800.0)):
        assert "No se ha comparado" in refusals(other, "abc", in_use)[0]


@pytest.mark.parametrize("other", [{"horizon_weeks": "8"}, {"absent_weeks": "2"}])
def test_of_another_question_or_catalogue_nothing_is_compared(other: dict[str, str]) -> None:
    """Another horizon is decided upon, and a version of another catalogue can make no list of this archive."""
    asks = replace(IN_USE, tags={**IN_USE.tags, "horizon_weeks": "4", "absent_weeks": "4", **other})
    mine = candidate(test_days=LATER)

    own = replace(mine, tags={**mine.tags, "horizon_weeks": "4", "absent_weeks": "4"})

    assert refusals(own, "abc", asks) == []
    assert refusals(own, "abc", replace(IN_USE, fingerprint="older")) == []


def test_a_version_whose_time_is_over_is_refused() -> None:
    last = expires_on(date(2024, 6, 2))
    assert last is not None

    assert last == date(2025, 7, 7)
    assert refusals(candidate(), "abc", on=last) == []
    assert "Venció el 2025-07-07" in refusals(candidate(), "abc", on=date(2025, 7, 8))[0]


def test_a_model_that_reads_sensitive_traits_is_only_for_comparison() -> None:
    (reason,) = refusals(candidate(use_sensitive="True"), "abc")

    assert "sirve solo para comparar" in reason


def test_another_catalogue_is_refused() -> None:
    assert "otro catálogo" in refusals(candidate(fingerprint="other"), "abc")[0]


def test_every_reason_is_told_at_once() -> None:
    bad = candidate(model__precision_at_capacity=0.1, model__calibration_slope=9.0, model__ece=0.5, fingerprint="other")

    assert len(refusals(bad, "abc")) == len(BASELINES) + 3


def test_every_limit_is_written_down_with_its_number_in_the_page_for_readers() -> None:
    page = PAGE.read_text("utf-8")

    told = tomllib.loads(WRITTEN.read_text("utf-8"))

    assert set(told) == set(vars(written_gates()))
    missing = [name for name, limit in told.items() if not re.search(rf"`{name}`[^\n]*{spelt(limit)}", page)]
    assert not missing


def spelt(limit: object) -> str:
    return re.escape(
        str(limit).lower() if isinstance(limit, bool) else ", ".join(limit) if isinstance(limit, list) else str(limit)
    )


def test_what_a_version_reads_is_told_by_the_version_and_not_by_its_tag() -> None:
    harmless, sensitive = candidate(), [feature.name for feature in CATALOGUE.features if feature.sensitive]

    assert sensitive and refusals(as_it_reads(harmless, ["absence_rate_4w", "over_age_years"]), "abc") == []
    for name in sensitive:
        (reason,) = refusals(as_it_reads(harmless, ["absence_rate_4w", name]), "abc")
        assert "Usa datos sensibles" in reason
