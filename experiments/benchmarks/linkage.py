"""How long it takes to find every child of one register in another, and how many are found, missed or mistaken.

    python -m experiments.benchmarks.linkage 20000 160000
    python -m experiments.benchmarks.linkage 20000 --without-phones --slips 3

Two made-up registers of so many children each: nine in ten of the second are children of the first under another PER_ID
and another document, and nothing but names, birthday, sex and telephone can tell. Twins, homonyms, brothers and slips
of the hand as in the assumptions of the city that is hard to link.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from features import Records
from features.linkage import cross_match
from features.simulation import HARD_TO_LINK, Assumptions
from features.simulation.families import settle
from features.simulation.people import People, new_people
from features.simulation.schools import institutions
from features.simulation.typing_slips import typed_births, typed_names
from features.simulation.wording import phones

FIRST_YEAR, SECOND_YEAR = date(2023, 1, 27), date(2024, 1, 26)
STAYING = 0.9


@dataclass(frozen=True)
class Measured:
    children: int
    seconds: float
    precision: float
    recall: float
    asked: int
    gigabytes: float

    def row(self) -> str:
        figures = f"{self.precision:.4f} | {self.recall:.4f} | {self.asked:,}"
        return f"| {self.children:,} × {self.children:,} | {self.seconds:.1f} s | {figures} | {self.gigabytes:.1f} GB |"


def measured(children: int, seed: int, a: Assumptions, with_phones: bool) -> Measured:
    people, records = two_registers(children, seed, a, with_phones)
    began = time.perf_counter()
    match = cross_match(people, records, SECOND_YEAR)
    seconds = time.perf_counter() - began
    found = {(left, right) for group in match.groups for left in group for right in group if left < right}
    true = sum(left[1:] == right[1:] for left, right in found)
    staying = round(children * STAYING)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return Measured(children, seconds, true / max(len(found), 1), true / staying, match.doubtful.height, memory)


def two_registers(children: int, seed: int, a: Assumptions, with_phones: bool) -> tuple[pl.DataFrame, Records]:
    """Children a… of the first year and b… of the second, with the same number for the same child."""
    rng = np.random.default_rng(seed)
    schools = institutions(rng, max(4, children // a.students_per_institution), "76001", False, a)
    staying = round(children * STAYING)
    grades = np.sort(rng.integers(0, 12, 2 * children - staying))
    everybody = new_people(rng, rng.permuted(grades), 2023, 10_000_000, schools, "76001", a, newcomer=False)
    everybody = settle(everybody, rng, 0, round(len(everybody) / a.children_per_home), a)
    first, second = np.arange(children), np.arange(children - staying, len(everybody))
    rows = [
        written(everybody.take(first), "a", first, 0, rng, a),
        written(everybody.take(second), "b", second, 600_000_000, rng, a),
    ]
    people = pl.concat(rows)
    return people if with_phones else people.with_columns(phone=pl.lit(None, pl.String)), registers(people)


def written(
    people: People, tag: str, number: np.ndarray, shift: int, rng: np.random.Generator, a: Assumptions
) -> pl.DataFrame:
    family, mother, first, second = typed_names(people, rng, rng, a)
    born = typed_births(people.born, people.per_id + shift, 2023 if tag == "a" else 2024, a)
    return pl.DataFrame(
        {
            "student_id": pl.select(pl.format("{}{}", pl.lit(tag), pl.Series(number))).to_series(),
            "first_name": first,
            "second_name": second,
            "first_surname": family,
            "second_surname": mother,
            "document_type": pl.Series(["TI"]).new_from_index(0, len(people)),
            "document_number": pl.Series(people.document_number + shift).cast(pl.String),
            "phone": phones(people),
            "birth_date": pl.Series(born, dtype=pl.Int32).cast(pl.Date),
            "sex": pl.select(
                pl.when(pl.lit(pl.Series(people.girl))).then(pl.lit("F")).otherwise(pl.lit("M"))
            ).to_series(),
        }
    )


def registers(people: pl.DataFrame) -> Records:
    """Who was there in the first year ended it as one should; who is there in the second is enrolled."""
    earlier = pl.col("student_id").str.starts_with("a")
    began = people.select(
        "student_id",
        happened_on=pl.when(earlier).then(pl.lit(FIRST_YEAR)).otherwise(pl.lit(SECOND_YEAR)),
        status=pl.lit("ENROLLED"),
    )
    ended = people.filter(earlier).select(
        "student_id", happened_on=pl.lit(date(2023, 12, 8)), status=pl.lit("PROMOTED")
    )
    enrolment = pl.concat([began, ended]).with_columns(
        known_on="happened_on",
        institution_id=pl.lit("176001001000"),
        school_year=pl.col("happened_on").dt.to_string("%Y"),
        sector=pl.lit("OFFICIAL"),
        dated_by=pl.lit("EXPORT"),
    )
    person = people.select(
        "student_id", "birth_date", "sex", happened_on=pl.lit(FIRST_YEAR), known_on=pl.lit(FIRST_YEAR)
    )
    return Records.from_frames({"enrolment": enrolment, "person": person})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("children", type=int, nargs="*", default=[20_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-phones", action="store_true")
    parser.add_argument("--slips", type=float, default=1.0, help="so many times the slips of the hand")
    chosen = parser.parse_args()
    slips = {
        name: getattr(HARD_TO_LINK, name) * chosen.slips for name in ("misspelt", "mistyped", "swapped", "crossed")
    }
    a = replace(HARD_TO_LINK, **slips)
    print("| registers | time | precision | recall | asked about | memory |\n|---|---|---|---|---|---|")
    for children in chosen.children:
        print(measured(children, chosen.seed, a, not chosen.without_phones).row(), flush=True)


if __name__ == "__main__":
    main()
