"""The catalogue is whole: every feature can be computed, told in plain Spanish, and told apart from the others."""

from dataclasses import replace
from datetime import date

import narwhals as nw
import polars as pl
import pytest
from personas import SUNDAY, TABLES, town

from features import CATALOGUE, Catalogue, Feature, build_frame, catalogue_for
from features.feature import FAMILY_NAMES, SOURCE_NAMES, IncompleteEntry
from features.schema import TABLES as SCHEMAS
from models.wording import faults

ALL = pytest.mark.parametrize("feature", CATALOGUE, ids=lambda f: f.name)
SENSITIVE_TABLES = {"sex", "country_of_origin", "disability", "ethnic_group", "conflict_victim"}
NEEDED = ("enrolment", "calendar")
VALUES = {"share": 0.35, "points": -0.12, "rank": 0.9, "text": "TARDE", "yes_no": 1.0}


def spoken_forms(feature: Feature):
    value = VALUES.get(feature.unit, 3.0)
    forms = [feature.say(value, date(2024, 3, 8), strength="mucho")]
    return forms + (
        [feature.say(value, date(2024, 3, 8), protective=True, strength="algo")] if feature.protective else []
    )


def test_there_are_eighty_features_or_more_over_every_side_of_school_life():
    assert len(CATALOGUE) >= 80
    sides = {"enrolment", "progress", "attendance", "household", "support", "school", "siblings", "class_group"}
    assert sides | {"reporting"} <= set(CATALOGUE.families)


@ALL
def test_every_entry_is_complete(feature):
    assert feature.family in FAMILY_NAMES
    assert feature.source in SCHEMAS
    assert feature.source in SOURCE_NAMES
    assert feature.sentence
    assert feature.window
    assert feature.fill
    assert feature.monotone in (-1, 0, 1)


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ({"window": ""}, "no se entiende su ventana"),
        ({"window": "four weeks"}, "no se entiende su ventana"),
        ({"fill": ""}, "no hay una regla de llenado"),
        ({"fill": "zero", "companion": None}, "no dice qué variable lo avisa"),
        ({"fill": "unknown", "companion": "form_missing"}, "avisa de un llenado que no hace"),
        ({"sentence": " "}, "le falta la frase"),
        ({"family": "weather"}, "no hay una familia"),
        ({"source": "rumours"}, "no hay una fuente"),
        ({"unit": "furlongs"}, "no hay una unidad"),
        ({"sensitive": True, "shown": True}, "es reservada y se muestra"),
        ({"monotone": 2}, "su sentido"),
        ({"name": ""}, "le falta el nombre"),
    ],
)
def test_an_entry_that_is_not_whole_cannot_be_built(left_out, said):
    with pytest.raises(IncompleteEntry, match=said):
        replace(CATALOGUE["school_feeding"], **left_out)


@pytest.mark.parametrize("field", ["window", "fill"])
def test_a_window_and_a_rule_of_filling_have_no_default(field):
    entry = {name: value for name, value in vars(CATALOGUE["grade"]).items() if name != field}

    with pytest.raises(TypeError, match=field):
        Feature(**entry)


def test_whatever_fills_a_gap_has_beside_it_the_feature_that_says_so():
    filled = [feature for feature in CATALOGUE if feature.fill in ("zero", "carried")]

    assert filled
    assert all(CATALOGUE[feature.companion].kind == "flag" for feature in filled)
    with pytest.raises(IncompleteEntry, match="school_feeding"):
        Catalogue.whole([CATALOGUE["school_feeding"]])


def test_what_is_said_to_be_always_known_always_is():
    frame = build_frame(town(), [SUNDAY])
    empty = build_frame(town(**{name: table.clear() for name, table in TABLES.items() if name not in NEEDED}), [SUNDAY])

    for feature in CATALOGUE:
        if feature.fill == "always":
            assert frame[feature.name].null_count() == 0, feature.name
            assert empty[feature.name].null_count() == 0, feature.name


def test_what_was_filled_is_told_apart_from_what_was_known():
    frame = build_frame(town(), [SUNDAY])

    listed = frame.filter(support_unlisted=0)["student_id"].to_list()
    formed = frame.filter(form_missing=0)["student_id"].to_list()

    assert listed == TABLES["support"]["student_id"].unique().to_list()
    assert formed == sorted(set(TABLES["characterisation"]["student_id"]))


@ALL
def test_no_sentence_blames_labels_or_foretells(feature):
    for sentence in spoken_forms(feature):
        assert not faults(sentence)


@ALL
def test_every_sentence_is_short_dated_and_sourced(feature):
    for sentence in spoken_forms(feature):
        assert len(sentence.split()) <= 20, sentence
        assert "08/03/2024" in sentence
        assert SOURCE_NAMES[feature.source] in sentence
        assert "{" not in sentence


@ALL
def test_what_is_sensitive_is_never_shown(feature):
    assert not (feature.sensitive and feature.shown)


def test_the_traits_that_the_law_protects_are_marked_sensitive():
    named = {"is_male", "foreign_origin", "has_disability", "ethnic_minority", "conflict_victim", "displaced"}

    assert named == {feature.name for feature in CATALOGUE if feature.sensitive}


def test_nothing_reads_the_document_the_name_or_the_outcome_of_a_student():
    read = " ".join(feature.text for feature in CATALOGUE)

    for forbidden in ("document", "name)", "registered_dropout", "outcome"):
        assert forbidden not in read


def test_numbers_are_floats_and_categories_are_text():
    frame = build_frame(town(), [SUNDAY])

    for feature in CATALOGUE:
        assert frame[feature.name].dtype == (pl.String if feature.kind == "category" else pl.Float64), feature.name


def test_the_fingerprint_follows_what_is_computed_and_not_how_it_is_told():
    first = CATALOGUE.features[0]
    told = Feature(**{**vars(first), "sentence": "Otra frase con {value}"})
    computed = Feature(**{**vars(first), "expression": nw.col("grade") + 1})

    assert Catalogue([told]).fingerprint == Catalogue([first]).fingerprint
    assert Catalogue([computed]).fingerprint != Catalogue([first]).fingerprint


def test_two_features_may_not_share_a_name():
    with pytest.raises(ValueError, match="mismo nombre"):
        Catalogue([CATALOGUE.features[0], CATALOGUE.features[0]])


def test_a_foreign_registers_columns_become_features_by_themselves():
    form = TABLES["characterisation"].with_columns(x_bus=pl.lit(2.5), x_barrio=pl.lit("Centro"))
    marks = TABLES["progress"].with_columns(x_clicks=pl.lit(7))
    records = town(characterisation=form, progress=marks)

    catalogue = catalogue_for(records)
    frame = build_frame(records, [SUNDAY])

    assert {"x_bus", "x_barrio", "x_clicks"} <= set(catalogue.names)
    assert frame.filter(student_id="ana").select("x_bus", "x_barrio", "x_clicks").row(0) == (2.5, "Centro", 7.0)
    assert catalogue["x_barrio"].kind == "category"
    assert catalogue.fingerprint != CATALOGUE.fingerprint
    assert not catalogue["x_bus"].shown
    assert frame["own_characterisation_missing"].to_list() == [
        0 if s in ("ana", "leo") else 1 for s in frame["student_id"]
    ]


def test_a_foreign_registers_numbers_bring_their_place_in_the_institution():
    marks = TABLES["progress"].with_columns(x_clicks=pl.when(student_id="ana").then(7).otherwise(40))
    records = town(progress=marks)

    frame = build_frame(records, [SUNDAY])

    assert dict(frame.select("student_id", "x_clicks_rank").drop_nulls().rows()) == {"ana": 0.25, "leo": 0.75}
    assert "x_barrio_rank" not in catalogue_for(records)


@pytest.mark.parametrize(
    ("feature", "value", "told"),
    [
        ("over_age_years", 1.0, "Tiene 1 año más que la edad esperada"),
        ("over_age_years", 21.0, "Tiene 21 años más que la edad esperada"),
        ("weeks_since_present", 1.0, "Completa 1 semana sin asistir"),
        ("whole_weeks_away", 1.2, "Faltó 1 semana completa en las últimas seis"),
        ("grades_repeated", 1.0, "Ha repetido grado 1 vez"),
        ("missed_work", 1.0, "Tiene 1 entrega sin presentar"),
        ("days_late", 1.0, "Entrega sus trabajos con 1 día de retraso"),
        ("commute_minutes", 1.0, "Tarda 1 minuto en llegar"),
    ],
)
def test_one_of_a_thing_is_said_in_the_singular(feature, value, told):
    assert CATALOGUE[feature].say(value, None).startswith(told)


def test_a_share_is_told_as_what_is_there_when_it_speaks_for_the_student():
    absence = CATALOGUE["absence_rate_1w"]

    assert absence.say(0.0, None, protective=True).startswith("Asistió al 100 % de las clases")
    assert absence.say(0.8, None).startswith("Faltó al 80 % de las clases")


def test_no_number_is_told_with_a_sign_and_no_level_as_a_code():
    assert "bajó 12 puntos" in CATALOGUE["score_change"].say(-12.0, None)
    assert "faltó a 20 menos" in CATALOGUE["absence_change"].say(-0.2, None, protective=True)
    assert (
        CATALOGUE["guardian_education"]
        .say(4.0, None)
        .startswith("Nivel de estudios de su acudiente: educación superior")
    )


@ALL
def test_no_reason_speaks_of_who_lives_at_home_or_of_what_others_did(feature):
    about_others = {"household_size", "both_parents", "mother_heads_household", "stratum", "school_exit_rate"}

    assert not (feature.shown and feature.name in about_others)
