"""How much each likeness between two records weighs: chances named one by one, and read by Splink on any engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

EXPECTED_TWICE = 0.05
"""Share of the people of a register who stand in it a second time: what is thought before anything is compared."""


def _near(left: str, right: str) -> str:
    """Spellings that may be one name: as it sounds, one letter, two in a long one, or two that changed places."""
    return (
        f"({left}_sound_l = {right}_sound_r OR {left}_letters_l = {right}_letters_r OR levenshtein({left}_l, {right}_r)"
        f" <= CASE WHEN least(length({left}_l), length({right}_r)) >= 6 THEN 2 ELSE 1 END)"
    )


_ONE_DIGIT = "length({0}_l) = length({0}_r) AND levenshtein({0}_l, {0}_r) <= 1"


@dataclass(frozen=True)
class Level:
    """One degree of likeness: `m`, how often one child shows it; `u`, how often two children do."""

    name: str
    sql: str
    m: float
    u: float
    by_frequency: str | None = None  # a rare value that is equal says more than a common one

    def as_splink(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "sql_condition": self.sql,
            "label_for_charts": self.name,
            "m_probability": self.m,
            "u_probability": self.u,
        }
        if self.by_frequency:
            told |= {"tf_adjustment_column": self.by_frequency, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": 5e-5}
        return told


@dataclass(frozen=True)
class Comparison:
    """One thing compared, from the likest level to the unlike; where either is empty nothing is said."""

    name: str
    says: str
    empty: str
    levels: tuple[Level, ...]

    def as_splink(self) -> dict[str, Any]:
        nothing = {"sql_condition": self.empty, "label_for_charts": "vacío", "is_null_level": True}
        return {
            "output_column_name": self.name,
            "comparison_description": self.says,
            "comparison_levels": [nothing, *(level.as_splink() for level in self.levels)],
        }

    def level(self, gamma: int) -> Level | None:
        """Splink numbers the levels from below, and −1 is empty."""
        return self.levels[len(self.levels) - 1 - gamma] if 0 <= gamma < len(self.levels) else None


EQUAL, ALIKE, NEAR, SWAPPED, MISSING, OTHER = (
    "igual",
    "suena igual",
    "parecido",
    "en otro orden",
    "en uno solo",
    "distinto",
)


def _name(column: str, says: str, other: str) -> Comparison:
    """A name written the same, heard the same, with a slip, in the place of the other one, or different."""
    crossed = f"{_near(column, other)} AND {_near(other, column)}"
    return Comparison(
        column,
        says,
        f"{column}_l IS NULL OR {column}_r IS NULL",
        (
            Level(EQUAL, f"{column}_l = {column}_r", 0.91, 0.02, column),
            Level(ALIKE, f"{column}_sound_l = {column}_sound_r", 0.04, 0.003),
            Level(NEAR, _near(column, column), 0.03, 0.012),
            Level(SWAPPED, crossed, 0.01, 0.001),
            Level(OTHER, "ELSE", 0.01, 0.9645),
        ),
    )


def _second_name(column: str, says: str, other: str) -> Comparison:
    """As a first one; but that only one of two records has it says something: twins may differ in nothing else."""
    first = _name(column, says, other)
    alone = Level(MISSING, f"{column}_l IS NULL OR {column}_r IS NULL", 0.06, 0.35)
    likely = [replace(level, m=level.m * 0.93, u=level.u * 0.65) for level in first.levels]
    return replace(first, empty=f"{column}_l IS NULL AND {column}_r IS NULL", levels=(alone, *likely))


COMPARISONS = (
    Comparison(
        "per_id",
        "PER_ID",
        "per_id_l IS NULL OR per_id_r IS NULL",
        (Level(EQUAL, "per_id_l = per_id_r", 0.02, 0.000000001), Level(OTHER, "ELSE", 0.98, 1.0)),
    ),
    _name("given", "primer nombre", "second_given"),
    _second_name("second_given", "segundo nombre", "given"),
    _name("family", "primer apellido", "second_family"),
    _second_name("second_family", "segundo apellido", "family"),
    Comparison(
        "birth",
        "fecha de nacimiento",
        "birth_l IS NULL OR birth_r IS NULL",
        (
            Level(EQUAL, "birth_l = birth_r", 0.98, 0.00025, "birth"),  # many are said to be born on 1 January
            Level(SWAPPED, "birth_l = birth_turned_r", 0.005, 0.0001),
            Level(NEAR, _ONE_DIGIT.format("birth"), 0.01, 0.006),
            Level(OTHER, "ELSE", 0.002, 0.99),
        ),
    ),
    Comparison(
        "document",
        "número de documento",
        "document_l IS NULL OR document_r IS NULL",
        (
            Level(EQUAL, "document_l = document_r", 0.15, 0.0000005),
            # Brothers registered together have neighbouring numbers: a near number says almost nothing.
            Level(NEAR, _ONE_DIGIT.format("document"), 0.02, 0.02),
            Level(OTHER, "ELSE", 0.83, 0.98),
        ),
    ),
    Comparison(
        "phone",
        "teléfono",
        "phone_l IS NULL OR phone_r IS NULL",
        (Level(EQUAL, "phone_l = phone_r", 0.60, 0.00002), Level(OTHER, "ELSE", 0.40, 0.99998)),
    ),
    Comparison(
        "sex",
        "sexo",
        "sex_l IS NULL OR sex_r IS NULL",
        (Level(EQUAL, "sex_l = sex_r", 0.995, 0.5), Level(OTHER, "ELSE", 0.005, 0.5)),
    ),
    Comparison(
        "municipality",
        "municipio",
        "municipality_l IS NULL OR municipality_r IS NULL OR one_municipality_l",
        (Level(EQUAL, "municipality_l = municipality_r", 0.95, 0.5), Level(OTHER, "ELSE", 0.05, 0.5)),
    ),
)
BY_NAME = {comparison.name: comparison for comparison in COMPARISONS}

# Only who shares one of these is compared at all: what grows with the register is the number of keys, not their size.
BLOCKS = (
    ("birth", "family_sound"),
    ("birth", "given_sound"),
    ("birth", "least_sound"),
    ("per_id",),
    ("document",),
    ("phone", "given_sound"),
    ("birth_year", "all_sounds"),
)


def settings(people: int) -> dict[str, Any]:
    """The whole model as Splink reads it, for a register of so many people."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "student_id",
        "probability_two_random_records_match": 2 * EXPECTED_TWICE / max(people, 100),
        "comparisons": [comparison.as_splink() for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": _rule(block)} for block in BLOCKS],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _rule(block: tuple[str, ...]) -> str:
    return " AND ".join(f"l.{key} = r.{key}" for key in block)
