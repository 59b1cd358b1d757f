"""Two ways of writing one name become alike; two names stay two."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.linkage.names import bare, digits, sound


def through(expression, *texts):
    return (
        pl.DataFrame({"text": list(texts)}, schema={"text": pl.String}).select(expression(pl.col("text"))).to_series()
    )


def heard(*names):
    return through(lambda name: sound(bare(name)), *names).to_list()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Muñoz", "MUNOZ"),
        ("  de la  CRUZ ", "CRUZ"),
        ("DEL RÍO", "RIO"),
        ("Pérez-Gómez", "PEREZ GOMEZ"),
        ("O'BRIEN", "OBRIEN"),
        ("Güiza", "GUIZA"),
        ("MARI\u0301A", "MARIA"),
        ("Y", None),
        ("", None),
        ("  . ", None),
        (None, None),
    ],
)
def test_accents_particles_and_stray_signs_do_not_count(written, meant):
    assert through(bare, written).item() == meant


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("GONZÁLEZ", "Gonsales"),
        ("VALENCIA", "BALENSIA"),
        ("HERNÁNDEZ", "ERNANDES"),
        ("CASTILLO", "CASTIYO"),
        ("QUIÑONES", "KIÑONES"),
        ("JIMÉNEZ", "GIMENEZ"),
        ("YULIANA", "IULIANA"),
        ("PHILIPPE", "FILIPE"),
        ("ZÚÑIGA", "SUÑIGA"),
        ("XIMENA", "SIMENA"),
        ("GUERRA", "GUERA"),
        ("CAMPO", "CANPO"),
        ("WALTER", "VALTER"),
        ("EMMANUEL", "EMANUEL"),
    ],
)
def test_what_sounds_the_same_in_colombia_is_heard_as_one(one, another):
    assert heard(one)[0] == heard(another)[0]


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("MARIANA", "MARTINA"),
        ("CHAVES", "JAVES"),
        ("PENA", "VENA"),
        ("GARCÍA", "MARCÍA"),
        ("DANIEL", "DANIELA"),
        ("GUERRA", "JERRA"),
        ("CUERO", "QUERO"),
    ],
)
def test_names_that_sound_different_stay_apart(one, another):
    assert heard(one)[0] != heard(another)[0]


NAMES = st.text(alphabet="ABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚÜabcñé -'", max_size=25)


@given(NAMES)
def test_making_a_name_bare_twice_changes_nothing_more(name):
    once = through(bare, name).item()

    assert through(bare, once).item() == once


@given(NAMES, st.sampled_from(["{}", " {} ", "DE {}", "{} DE LA", "{}."]))
def test_what_people_add_around_a_name_changes_nothing(name, around):
    assert through(bare, around.format(name)).item() == through(bare, name).item()


@given(NAMES)
def test_a_bare_name_has_only_plain_capitals_and_single_spaces(name):
    said = through(bare, name).item() or "A"

    assert all(word.isascii() and word.isalpha() and word.isupper() for word in said.split(" "))


@pytest.mark.parametrize(
    ("written", "number"),
    [("1.104.556.677", "1104556677"), ("0001104556677", "1104556677"), ("1104556677.0", "1104556677"),
     ("N37000123", "N37000123"), ("0000", None), ("123", None), (None, None)],
)  # fmt: skip
def test_a_document_is_its_digits(written, number):
    assert through(digits, written).item() == number
