"""The catalogue is whole: every feature can be computed, told in plain Spanish, and told apart from the others."""

from datetime import date

import narwhals as nw
import polars as pl
import pytest
from personas import SUNDAY, TABLES, town

from features import CATALOGUE, Catalogue, Feature, build_frame, catalogue_for
from features.feature import FAMILY_NAMES, SOURCE_NAMES
from features.schema import TABLES as SCHEMAS

ALL = pytest.mark.parametrize("feature", CATALOGUE, ids=lambda f: f.name)
SENSITIVE_TABLES = {"sex", "country_of_origin", "disability", "ethnic_group", "conflict_victim"}
VALUES = {"share": 0.35, "points": -0.12, "text": "TARDE", "yes_no": 1.0}


def spoken_forms(feature: Feature):
    value = VALUES.get(feature.unit, 3.0)
    forms = [feature.say(value, date(2024, 3, 8), strength="mucho")]
    return forms + (
        [feature.say(value, date(2024, 3, 8), protective=True, strength="algo")] if feature.protective else []
    )


def test_there_are_about_thirty_features_or_more_over_six_families():
    assert len(CATALOGUE) >= 30
    assert {"enrolment", "progress", "attendance", "household", "support", "school"} <= set(CATALOGUE.families)


@ALL
def test_every_entry_is_complete(feature):
    assert feature.family in FAMILY_NAMES
    assert feature.source in SCHEMAS
    assert feature.source in SOURCE_NAMES
    assert feature.sentence
    assert feature.monotone in (-1, 0, 1)


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
