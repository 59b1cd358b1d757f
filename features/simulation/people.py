"""The children: who they are, when they were born, what they carry from year to year."""

from dataclasses import dataclass

import numpy as np

from features.simulation import figures
from features.simulation.arrays import DAY_ZERO, Array, Columns, Random, flip, pick
from features.simulation.assumptions import Assumptions
from features.simulation.names import GIRLS, NEIGHBOURHOODS, SURNAMES
from features.simulation.schools import Schools, comuna_poverty, drawn_campuses, drawn_schools

OUT, ENROLLED, DONE = 0, 1, 2
REAL, GHOST, DUPLICATE = 0, 1, 2
RC, TI, CC, NES, PEP, PPT = 5, 2, 1, 8, 10, 13
MOVED_LONG_AGO = -99


@dataclass
class People(Columns):
    """One row per PER_ID."""

    per_id: Array
    kind: Array  # REAL, GHOST or DUPLICATE
    twin: Array  # the PER_ID that a duplicate repeats, or 0
    girl: Array
    born: Array  # days since 1970
    names: Array  # four columns: first name, second name, two surnames
    document_type: Array
    document_number: Array
    venezuelan: Array
    disability: Array  # 99 = none
    ethnic: Array
    victim: Array
    stratum: Array  # 0 to 6; 9 = does not apply
    sisben: Array  # -1 = not stated, 0 = NO APLICA, else 1 to 51
    comuna: Array
    neighbourhood: Array
    head: Array  # 0 both parents, 1 mother, 2 father, 3 other
    household_size: Array
    guardian_education: Array
    works: Array
    commute: Array
    displaced: Array
    internet: Array
    is_parent: Array
    answers: Array  # whether the household fills in the form at all
    feeding: Array
    transport: Array
    psychosocial: Array
    ability: Array
    absence_level: Array  # log-odds of missing a day
    drift: Array  # disengagement on top of that level
    frailty: Array  # the unobserved multiplier of the hazard
    shape: Array  # what the past says about that multiplier: a gamma of this shape and rate
    rate: Array
    state: Array  # OUT, ENROLLED, DONE
    school: Array  # position in the district
    campus: Array
    grade: Array
    shift: Array  # position in SHIFTS
    repeating: Array
    is_new: Array
    from_private: Array
    from_elsewhere: Array
    moved: Array  # teaching week of the latest change of home, this year's first being 0
    family: Array  # who lives with whom


SHIFTS = ("MAÑANA", "TARDE", "ÚNICA", "NOCTURNA", "FIN DE SEMANA")


def age_gaps(rng: Random, grade: Array, newcomer: bool) -> Array:
    """Years above the age of the grade, as Soacha's table has them; who comes from elsewhere is older."""
    younger, one, two, three = (
        np.array(t)[grade] for t in (figures.YOUNGER, figures.ONE_ABOVE, figures.TWO_OR_MORE, figures.THREE_OR_MORE)
    )
    if newcomer:
        late = np.where(grade == 6, 3.0, 1.4)
        one, two, three = one * 1.2, np.minimum(two * late, 45), np.minimum(three * late, 20)
    weights = np.stack([younger, 100 - younger - one - two, one, two - three, three * 0.7, three * 0.3], axis=1)
    return pick(rng, weights) - 1


def birthdays(rng: Random, grade: Array, gap: Array, year: int) -> Array:
    """A birth date that gives the age on 31 March, in days since 1970."""
    age = grade + 5 + gap
    turns = (np.array([f"{year - a}-03-31" for a in range(40)], dtype="datetime64[D]") - DAY_ZERO).astype(int)
    return np.asarray(turns[age] - rng.integers(0, 365, len(grade)))


def new_people(
    rng: Random,
    grade: Array,
    year: int,
    first_id: int,
    schools: Schools,
    municipality: str,
    a: Assumptions,
    newcomer: bool,
) -> People:
    n = len(grade)
    gap = age_gaps(rng, grade, newcomer)
    school = drawn_schools(rng, schools, n)
    comuna = np.where(flip(rng, 0.75, n), schools.comuna[school], rng.integers(1, 23, n)).astype(np.int16)
    poverty = comuna_poverty()[comuna]
    foreign = np.array(figures.VENEZUELAN)[grade] / 100 * figures.VENEZUELAN_TIMES.get(municipality, 1.0)
    venezuelan = flip(rng, foreign * (a.venezuelan_newcomers if newcomer else 1.0), n)
    per_id = first_id + np.arange(n, dtype=np.int64)
    born = birthdays(rng, grade, gap, year)
    head = pick(
        rng,
        np.tile([1 - a.mother_head - a.father_head - a.other_head, a.mother_head, a.father_head, a.other_head], (n, 1)),
    )
    disabled = flip(rng, a.disability, n)
    stratum = _strata(rng, poverty)
    older = grade + 5 + gap
    works = (older >= 12) & flip(rng, a.child_labour * (0.6 + 0.8 * poverty), n)
    girl = flip(rng, 0.49, n)
    frailty = rng.gamma(1 / a.unobserved_variance, a.unobserved_variance, n)
    return People(
        per_id=per_id,
        kind=np.zeros(n, np.int8),
        twin=np.zeros(n, np.int64),
        girl=girl,
        born=born,
        names=_names(rng, girl),
        document_type=_documents(rng, older, venezuelan, a),
        document_number=_document_numbers(per_id),
        venezuelan=venezuelan,
        disability=np.where(disabled, rng.choice([8, 8, 8, 7, 18, 15, 3, 2, 19, 10], n), 99).astype(np.int16),
        ethnic=np.where(flip(rng, a.ethnic, n), rng.choice([200, 200, 200, 200, 11, 43, 400], n), 0).astype(np.int16),
        victim=flip(rng, a.victim, n),
        stratum=stratum,
        sisben=_sisben(rng, poverty, a),
        comuna=comuna,
        neighbourhood=rng.integers(0, len(NEIGHBOURHOODS), n).astype(np.int16),
        head=head,
        household_size=(2 + rng.poisson(2.2 + (stratum <= 1) * 0.6, n)).astype(np.int16),
        guardian_education=pick(rng, _education_weights(poverty)),
        works=works,
        commute=np.minimum(
            5 + rng.gamma(2.0, 9.0, n) * np.where(comuna == schools.comuna[school], 0.8, 1.6), 150
        ).astype(np.int16),
        displaced=flip(rng, a.displaced * (0.4 + 1.2 * poverty), n),
        internet=flip(rng, np.clip(a.internet + 0.3 * (0.5 - poverty), 0, 1), n),
        is_parent=(older >= 14) & flip(rng, a.parenthood, n),
        answers=flip(rng, a.characterised, n),
        feeding=flip(rng, a.school_feeding, n),
        transport=flip(rng, a.school_transport, n),
        psychosocial=flip(rng, a.psychosocial, n),
        ability=rng.normal(0, 1, n) - 0.3 * (gap >= 1) - 0.35 * (gap >= 2),
        absence_level=_absence_levels(rng, older, gap, works, a),
        drift=rng.normal(0, 0.5, n),
        frailty=frailty,
        shape=np.full(n, 1 / a.unobserved_variance),
        rate=np.full(n, 1 / a.unobserved_variance),
        state=np.full(n, ENROLLED, np.int8),
        school=school,
        campus=drawn_campuses(rng, schools, school, grade),
        grade=grade.astype(np.int8),
        shift=drawn_shifts(rng, grade, gap, a),
        repeating=np.zeros(n, bool),
        is_new=np.full(n, newcomer),
        from_private=np.zeros(n, bool),
        from_elsewhere=np.full(n, newcomer) & flip(rng, 0.6, n),
        moved=np.full(n, MOVED_LONG_AGO, np.int16),
        family=per_id.copy(),
    )


def drawn_shifts(rng: Random, grade: Array, gap: Array, a: Assumptions) -> Array:
    adult = (grade >= 6) & flip(rng, a.adult_shift * np.where(gap >= 2, 4.0, 0.6), len(grade))
    return np.where(
        adult, rng.integers(3, 5, len(grade)), pick(rng, np.tile([0.5, 0.28, 0.22], (len(grade), 1)))
    ).astype(np.int8)


def _names(rng: Random, girl: Array) -> Array:
    n = len(girl)
    second = np.where(flip(rng, 0.62, n), rng.integers(1, len(GIRLS) + 1, n), 0)
    surname = rng.integers(1, len(SURNAMES) + 1, (n, 2))
    surname[:, 1] = np.where(flip(rng, 0.06, n), 0, surname[:, 1])
    first = rng.integers(1, len(GIRLS) + 1, n)
    return np.column_stack([first, np.where(second == first, 0, second), surname]).astype(np.int16)


def _strata(rng: Random, poverty: Array) -> Array:
    poor, rich = poverty[:, None], 1 - poverty[:, None]
    weights = np.concatenate(
        [
            0.03 * poor,
            0.15 + 0.9 * poor,
            np.full_like(poor, 0.6),
            0.1 + 0.7 * rich,
            0.14 * rich,
            0.04 * rich,
            0.01 * rich,
            0.02 + 0 * rich,
        ],
        axis=1,
    )
    drawn = pick(rng, weights)
    return np.where(drawn == 7, 9, drawn).astype(np.int16)


def _sisben(rng: Random, poverty: Array, a: Assumptions) -> Array:
    """Positions in A1–A5, B1–B7, C1–C18, D1–D21, from the poorest."""
    level = np.clip(rng.normal(22 - 16 * (poverty - 0.4), 10, len(poverty)), 1, 51).astype(np.int16)
    level = np.where(flip(rng, 0.12, len(poverty)), 0, level)
    return np.where(flip(rng, a.sisben_missing, len(poverty)), -1, level).astype(np.int16)


def _education_weights(poverty: Array) -> Array:
    poor = poverty[:, None]
    return np.concatenate(
        [0.02 + 0.05 * poor, 0.15 + 0.2 * poor, 0.22 + 0 * poor, 0.4 - 0.1 * poor, 0.21 - 0.15 * poor], axis=1
    )


def _documents(rng: Random, age: Array, venezuelan: Array, a: Assumptions) -> Array:
    national = np.where(age < 7, RC, np.where(age < 18, TI, CC))
    former = np.where(age < 9, RC, np.where(age < 20, TI, CC))
    document = np.where(flip(rng, a.document_late, len(age)), former, national)
    permit = np.where(flip(rng, 0.3, len(age)), PEP, PPT)
    return np.where(venezuelan, np.where(flip(rng, a.undocumented, len(age)), NES, permit), document).astype(np.int8)


def document_due(age: Array, document: Array) -> Array:
    """The type that belongs to the age; migrants keep theirs."""
    due = np.where(age < 7, RC, np.where(age < 18, TI, CC))
    return np.where(np.isin(document, (NES, PEP, PPT)), document, due).astype(np.int8)


def _document_numbers(per_id: Array) -> Array:
    """An odd multiplier shuffles a range without making two alike; no such document has ever been issued."""
    return np.asarray(9_100_000_000 + (per_id * 2_654_435_761) % (1 << 29))


def _absence_levels(rng: Random, age: Array, gap: Array, works: Array, a: Assumptions) -> Array:
    middle = np.log(a.absence_level / (1 - a.absence_level))
    level = middle + rng.normal(0, a.absence_spread, len(age)) + 0.25 * (gap >= 2) + 0.3 * works + 0.04 * (age - 11)
    return np.asarray(level)
