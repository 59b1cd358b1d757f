"""Reasons that add up, are true of the student, may be said aloud, and begin with what can be changed."""

import warnings
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_town import SUNDAYS, a_model, frame

from features import CATALOGUE
from models.explanation import Explanation, explain, strength
from models.risk_model import RiskModel
from models.saying import holds
from models.wording import banned_words, faults, word_count

SENSITIVE = {feature.name for feature in CATALOGUE if feature.sensitive}
HIDDEN = {feature.name for feature in CATALOGUE if not feature.shown}
SEEN = date(2023, 1, 27)


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return a_model(trees=80)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return frame(students=150, days=SUNDAYS[:2], seed=9)


def observed(rows: pl.DataFrame) -> pl.DataFrame:
    tables = ("enrolment", "person", "attendance", "progress", "characterisation", "support")
    return rows.select("student_id", "day", *(pl.lit(SEEN).alias(table) for table in tables))


@pytest.fixture(scope="module")
def told(model: RiskModel, rows: pl.DataFrame) -> list[Explanation]:
    return explain(model, rows, observed(rows), CATALOGUE)


def test_contributions_are_those_of_tree_explainer(model: RiskModel, rows: pl.DataFrame) -> None:
    inputs = model.inputs(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap speaks of its plots, which are not used here, and of its own past
        import shap

        oracle = shap.TreeExplainer(model.booster)
        theirs = np.asarray(oracle.shap_values(inputs))

    parts = model.contributions(rows)

    assert np.abs(parts[:, :-1] - theirs).max() < 1e-6
    assert abs(model.base_value - float(np.ravel(oracle.expected_value)[-1])) < 1e-6


def test_families_and_base_add_up_to_the_raw_score(
    told: list[Explanation], model: RiskModel, rows: pl.DataFrame
) -> None:
    raw = model.predict(rows)["raw_score"].to_list()

    for one, score in zip(told, raw, strict=True):
        assert abs(one.base_value + sum(one.families.values()) - one.raw_score) < 1e-6
        assert one.raw_score == score


def test_explanations_come_in_the_order_of_the_rows(told: list[Explanation], rows: pl.DataFrame) -> None:
    assert [(one.student_id, one.day) for one in told] == rows.select("student_id", "day").rows()


def test_at_most_four_reasons_those_that_can_be_changed_first_then_by_size(told: list[Explanation]) -> None:
    assert max(len(one.reasons) for one in told) == 4
    for one in told:
        order = [(not reason.actionable, -reason.contribution) for reason in one.reasons]
        assert order == sorted(order)
        assert all(reason.contribution > 0 for reason in one.reasons)
        assert len({reason.family for reason in one.reasons}) == len(one.reasons)


def test_protective_factors_weigh_against_leaving(told: list[Explanation]) -> None:
    assert sum(bool(one.protective) for one in told) > 0.9 * len(told)
    for one in told:
        assert all(reason.contribution < 0 for reason in one.protective)
        assert len(one.protective) <= 3


def test_a_protective_factor_is_told_whenever_one_can_be(
    told: list[Explanation], model: RiskModel, rows: pl.DataFrame
) -> None:
    parts = model.contributions(rows)
    for one, row, part in zip(told, rows.iter_rows(named=True), parts, strict=True):
        sayable = [
            name
            for name, weight in zip(model.features, part, strict=False)
            if weight < 0
            and one.families[CATALOGUE[name].family] < 0
            and CATALOGUE[name].shown
            and not CATALOGUE[name].sensitive
            and holds(CATALOGUE[name], row[name], protective=True)
        ]
        assert bool(one.protective) == bool(sayable)


def test_every_reason_s_contribution_is_its_family_s_whole(told: list[Explanation]) -> None:
    for one in told:
        assert all(reason.contribution == one.families[reason.family] for reason in one.reasons + one.protective)


def test_all_reasons_can_be_asked_for(model: RiskModel, rows: pl.DataFrame, told: list[Explanation]) -> None:
    everything = explain(model, rows, observed(rows), CATALOGUE, most=None)

    assert max(len(one.reasons) for one in everything) > 4
    for short, long in zip(told, everything, strict=True):
        assert set(short.reasons) <= set(long.reasons)
        assert set(short.protective) <= set(long.protective)


def test_no_sentence_is_long_or_uses_a_banned_word(told: list[Explanation]) -> None:
    sentences = {reason.sentence for one in told for reason in one.reasons + one.protective}

    assert len(sentences) > 50
    assert {sentence: faults(sentence) for sentence in sentences if faults(sentence)} == {}


def test_sentences_state_the_value_its_source_and_its_date(told: list[Explanation]) -> None:
    for one in told:
        for reason in one.reasons + one.protective:
            assert "27/01/2023" in reason.sentence
            assert reason.observed_on == SEEN
            assert reason.source == CATALOGUE[reason.feature].source
    absence = next(r for one in told for r in one.reasons if r.feature == "absence_rate_4w")
    assert f"{round(100 * float(absence.value))} %" in absence.sentence


def test_sensitive_and_hidden_features_are_never_said_even_when_the_model_reads_them(rows: pl.DataFrame) -> None:
    model = a_model(use_sensitive=True)
    everything = explain(model, rows, observed(rows), CATALOGUE, most=None)

    assert set(model.features) >= SENSITIVE
    said = {reason.feature for one in everything for reason in one.reasons + one.protective}
    assert not said & (SENSITIVE | HIDDEN)
    assert "Dato reservado" not in " ".join(r.sentence for one in everything for r in one.reasons + one.protective)


def test_what_is_unknown_is_never_a_reason(model: RiskModel, rows: pl.DataFrame) -> None:
    blank = rows.with_columns(pl.lit(None, dtype=rows[name].dtype).alias(name) for name in model.features)

    for one in explain(model, blank, observed(blank), CATALOGUE):
        assert one.reasons == () and one.protective == ()
        assert abs(one.base_value + sum(one.families.values()) - one.raw_score) < 1e-6


def test_a_fact_without_a_date_is_told_without_one(model: RiskModel, rows: pl.DataFrame) -> None:
    nothing = observed(rows).filter(pl.col("student_id") == "nobody")

    reasons = [reason for one in explain(model, rows, nothing, CATALOGUE) for reason in one.reasons]

    assert reasons and all(reason.observed_on is None for reason in reasons)
    assert all(not faults(reason.sentence) for reason in reasons)


def test_a_reason_is_published_as_plain_data(told: list[Explanation]) -> None:
    reason = next(one.reasons[0] for one in told if one.reasons)

    assert list(reason.as_dict()) == [
        "family", "feature", "value", "contribution", "sentence", "actionable", "source", "observed_on",
    ]  # fmt: skip
    assert reason.as_dict()["observed_on"] == "2023-01-27"


def test_no_one_is_told_a_reason_that_is_not_true_of_them(told: list[Explanation]) -> None:
    for one in told:
        for reason in one.reasons:
            assert holds(CATALOGUE[reason.feature], reason.value, protective=False)
            assert not reason.sentence.startswith(("Faltó al 0 %", "Faltó 0", "Ha repetido grado 0"))
        for reason in one.protective:
            assert holds(CATALOGUE[reason.feature], reason.value, protective=True)


@pytest.mark.parametrize(
    ("feature", "value", "risk", "protective"),
    [
        ("whole_weeks_away", 0.0, False, True),
        ("whole_weeks_away", 2.0, True, False),
        ("absence_rate_4w", 0.0, False, True),
        ("absence_rate_4w", 0.45, True, False),
        ("absence_change", 0.2, True, False),
        ("absence_change", -0.2, False, True),
        ("absence_change", 0.001, False, False),
        ("score_change", -12.0, True, False),
        ("score_change", 12.0, False, True),
        ("mean_score", 92.0, False, True),
        ("mean_score", 41.0, True, False),
        ("over_age_years", 3.0, True, False),
        ("over_age_years", 0.0, False, True),
        ("repeating", 1.0, True, False),
        ("repeating", 0.0, False, True),
        ("school_feeding", 0.0, True, False),
        ("school_feeding", 1.0, False, True),
        ("both_parents", 1.0, False, True),
        ("has_internet", 0.0, True, False),
        ("guardian_education", 1.0, True, False),
        ("guardian_education", 4.0, False, True),
        ("missed_share", 0.9, True, False),
        ("missed_share", 0.0, False, True),
        ("mean_score", None, False, False),
        ("mean_score", float("nan"), False, False),
        ("returned_this_year", 0.0, False, False),
        ("absence_rate_1w", 0.10, False, True),
        ("absence_rate_1w", 0.11, True, False),
        ("absence_beyond_class", 0.02, False, False),
        ("absence_beyond_class", -0.03, False, False),
        ("over_age_years", 1.0, False, False),
        ("over_age_years", -1.0, False, True),
        ("mean_score", 55.0, True, False),
        ("mean_score", 66.0, True, False),
        ("mean_score", 70.0, False, True),
        ("lowest_score", 59.0, True, False),
        ("lowest_score", 60.0, False, True),
        ("score_change", 1.0, False, False),
        ("guardian_education", 2.0, False, False),
        ("commute_minutes", 23.0, False, False),
        ("commute_minutes", 57.0, True, False),
        ("commute_minutes", 10.0, False, True),
        ("weeks_since_move", 120.0, False, True),
        ("weeks_since_move", 3.0, True, False),
        ("late_entry_weeks", 1.0, False, False),
        ("missed_work", 0.0, False, False),
        ("school_absence_rate", 0.07, False, False),
    ],
)
def test_a_sentence_is_said_only_of_the_values_it_speaks_about(
    feature: str, value: float | None, risk: bool, protective: bool
) -> None:
    assert holds(CATALOGUE[feature], value, protective=False) is risk
    assert holds(CATALOGUE[feature], value, protective=True) is protective


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from([f.name for f in CATALOGUE if f.shown]), value=st.floats(-3, 100, allow_nan=False))
def test_no_value_is_both_a_risk_and_a_strength(name: str, value: float) -> None:
    feature = CATALOGUE[name]
    if feature.protective is not None:
        assert not (holds(feature, value, protective=False) and holds(feature, value, protective=True))


@pytest.mark.parametrize("feature", [f for f in CATALOGUE if f.shown], ids=lambda feature: feature.name)
def test_the_whole_catalogue_may_be_said_aloud(feature) -> None:  # type: ignore[no-untyped-def]
    values = ["MAÑANA"] if feature.kind == "category" else [0.0, 1.0, 37.0, 100.0]
    for value in values:
        for protective in (False, True):
            for weight in ("mucho", "algo", "poco"):
                assert faults(feature.say(value, SEEN, protective, weight)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "La inasistencia causa su salida",
        "Va a desertar por culpa de la casa",
        "Es un DESERTOR en potencia",
        "Desértor reconocido",
        "La pobreza provocó su ausencia",
        "Niño problemático",
        "Está en alto riesgo",
        "Semáforo rojo",
        "Debido a sus faltas",
    ],
)
def test_words_that_blame_label_or_foretell_are_found(sentence: str) -> None:
    assert banned_words(sentence)


@pytest.mark.parametrize(
    "sentence", ["Faltó al 40 % de las clases", "Casa de familia extensa", "Se matriculó tarde", "Pausa escolar"]
)
def test_ordinary_words_are_left_alone(sentence: str) -> None:
    assert banned_words(sentence) == []


def test_words_are_counted_as_a_reader_counts_them() -> None:
    assert word_count("Faltó al 40 % de las clases; pesa mucho (inasistencia, 27/01/2023).") == 10
    assert faults(" ".join(["palabra"] * 21)) == ["21 palabras; se admiten 20"]
    assert faults("Faltó al {value} de las clases") == ["quedó una llave sin llenar"]


def test_weight_is_told_in_three_words() -> None:
    assert [strength(weight) for weight in (0.01, -0.3, 0.69, -0.7, 3.0)] == ["poco", "algo", "algo", "mucho", "mucho"]


def test_another_model_of_the_same_rows_is_not_explained_with_these_parts(model: RiskModel, rows: pl.DataFrame) -> None:
    """The check at run time is real: a model that answers otherwise than its trees is caught."""

    class Bent(RiskModel):
        def raw_score(self, rows, threads=1):  # type: ignore[no-untyped-def]
            return super().raw_score(rows, threads) + 1e-5

    bent = Bent(**{name: getattr(model, name) for name in replace(model).__dataclass_fields__})

    with pytest.raises(ArithmeticError, match="no suman"):
        explain(bent, rows, observed(rows), CATALOGUE)
