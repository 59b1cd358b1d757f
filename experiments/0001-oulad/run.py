"""Lists the Open University's students of 2013J from what 2013B taught, and says how good the lists were."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from oulad import DataMissing, as_of
from teaching import ASKED, LIST_DAYS, Register, Taught, teach_four_weeks, teach_to_the_end

from experiments import challengers
from experiments.written import write_answer
from experiments.written import written as part_of
from features import build_frame, observed_dates
from models.evaluation import Capacity, evaluate, listed, with_best, with_lottery
from models.explanation import explain
from models.ranking import TIE_SEED
from models.recipe import Recipe, read_recipe

HERE = Path(__file__).parent
ANSWER = HERE / "answer.md"
RECIPE = HERE.parent / "recipes" / "oulad.toml"

SOON, AT_ALL = "leaves within 28 days", "leaves later at all"
BARS = {
    (SOON, 28): (0.715, 0.123), (SOON, 56): (0.722, None), (SOON, 84): (0.719, None),
    (AT_ALL, 28): (0.695, None), (AT_ALL, 56): (0.696, None), (AT_ALL, 84): (0.703, None),
}  # fmt: skip
"""AUC and precision at 10 % of quick models of the whole of OULAD without clicks, 2013 to 2014: another split."""

SAYS = (
    "method", "precision_at_capacity", "recall_at_capacity", "lift", "auc", "brier", "calibration_slope",
    "calibration_intercept", "hits", "listed",
)  # fmt: skip
TOO_FEW = 20


@dataclass(frozen=True)
class Findings:
    """For each question: everyone on the lists' days with their outcome, and the table of each day."""

    register: Register
    recipe: Recipe
    taught: dict[str, Taught]
    judged: dict[str, pl.DataFrame]
    tables: dict[tuple[str, int], pl.DataFrame]


def find(home: Path) -> Findings:
    register, recipe = Register.through_the_front_door(home), read_recipe(RECIPE)
    taught = {SOON: teach_four_weeks(register, recipe), AT_ALL: teach_to_the_end(register, recipe)}
    judged = {question: judged_by_the_end(register, one) for question, one in taught.items()}
    tables = {
        (question, day): table_of(on_day(told, day), taught[question], recipe)
        for question, told in judged.items()
        for day in LIST_DAYS
    }
    return Findings(register, recipe, taught, judged, tables)


def judged_by_the_end(register: Register, taught: Taught) -> pl.DataFrame:
    """What each method says of everyone on the lists' days, beside what became of them by the end of the register."""
    last = register.records.last_known_on()
    assert last is not None
    return taught.lessons.judged(register.list_days, taught.methods, told_by=last)


def on_day(judged: pl.DataFrame, day: int) -> pl.DataFrame:
    return judged.filter(pl.col("day") == as_of(ASKED, day))


def table_of(judged: pl.DataFrame, taught: Taught, recipe: Recipe) -> pl.DataFrame:
    chances = {method.name: method.chances for method in taught.methods}
    return evaluate(judged, chances, capacity(recipe), draws=recipe.bootstrap).table


def capacity(recipe: Recipe) -> Capacity:
    return Capacity(None, recipe.capacity_share, recipe.capacity_least)


def groups(findings: Findings) -> Iterator[tuple[str, pl.Expr]]:
    """Those whom 2013B had not seen, those it had, and the module that it did not have."""
    student = pl.col("student_id").str.split("-").list.last().cast(pl.Int64)
    seen = student.is_in(sorted(findings.register.earlier_students()))
    yield "students not in 2013B", ~seen
    yield "students also in 2013B", seen
    yield "module AAA, not in 2013B", pl.col("institution_id") == "AAA"
    yield "the three modules of 2013B", pl.col("institution_id") != "AAA"


def figures(findings: Findings) -> str:
    parts = [conservation(findings), *(section(findings, question) for question in findings.taught)]
    return "\n\n".join([*parts, apart(findings)])


def summary(findings: Findings) -> str:
    """A line for each question and day: the model, what one would do without it, and the bar."""
    rows = [in_short(findings, question, day) for question in findings.taught for day in LIST_DAYS]
    return "\n".join(markdown(pl.DataFrame(rows, infer_schema_length=None)))


def in_short(findings: Findings, question: str, day: int) -> dict[str, object]:
    table, (bar, _) = findings.tables[question, day], BARS[question, day]
    of = {row["method"]: row for row in table.to_dicts()}
    named = {"model": "model", "logistic": "logistic_regression", "missed work": "missed_work"}
    named |= {"module rate": "school_rate", "random": "random"}
    precision = {f"P@10 % {said}": of[method]["precision_at_capacity"] for said, method in named.items()}
    auc = {"AUC model": of["model"]["auc"], "AUC logistic": of["logistic_regression"]["auc"], "AUC bar": bar}
    left = of["model"]["left"]
    return {"who": question, "day": day, "prevalence": left / of["model"]["students"], **precision, **auc}


def conservation(findings: Findings) -> str:
    register = findings.register
    rows = ", ".join(f"{name} {count}" for name, count in register.written.items())
    original = {name: frame.height for name, frame in register.original.tables.items()}
    return "\n".join(
        [
            "### What went in",
            "",
            f"- Original: {original['studentRegistration']} enrolments, {original['studentAssessment']} submissions.",
            f"- Not told: {register.original.undated()} enrolments without a day of registration, "
            f"{register.original.same_day()} that ended on the day they began; "
            f"{register.original.banked()} submissions carried over from an earlier presentation.",
            f"- Package: {rows}.",
            f"- Front door: rows_in {register.report.rows_in} = accepted {register.report.accepted} "
            f"+ quarantined {register.report.quarantined}.",
        ]
    )


def section(findings: Findings, question: str) -> str:
    taught = findings.taught[question]
    told = (
        f"Taught on {taught.days} days of 2013B: {taught.examples} student-days, {taught.left} of them before leaving; "
        f"{taught.model.booster.num_trees()} trees."
    )
    days = [day_table(findings.tables[question, day], question, day) for day in LIST_DAYS]
    return "\n\n".join([f"### Who {question}", told, *days])


def day_table(table: pl.DataFrame, question: str, day: int) -> str:
    first = table.row(0, named=True)
    auc, precision = BARS[question, day]
    bar = f"bar: AUC {auc}" + (f", precision at 10 % {precision}" if precision else "")
    head = (
        f"Day {day} ({as_of(ASKED, day)}): {first['students']} students still enrolled, {first['left']} left, "
        f"prevalence {first['left'] / first['students']:.4f}; {bar}."
    )
    return "\n".join([head, "", *markdown(table.select(SAYS))])


def markdown(table: pl.DataFrame) -> list[str]:
    titles = {name: name.replace("_at_capacity", " at 10 %").replace("_", " ") for name in table.columns}
    return challengers.markdown(table.rename(titles).to_dicts()).splitlines()


def apart(findings: Findings) -> str:
    """The model in each group, whose own tenth is listed."""
    rows = [
        {"question": question, "day": day, "group": name, **in_group(findings, question, day, chosen)}
        for question in findings.taught
        for day in LIST_DAYS
        for name, chosen in groups(findings)
    ]
    note = f"The model alone, the list drawn again in each group; under {TOO_FEW} leavers: not enough data (–)."
    return "\n".join(["### Groups apart", "", note, "", *markdown(pl.DataFrame(rows, infer_schema_length=None))])


def in_group(findings: Findings, question: str, day: int, chosen: pl.Expr) -> dict[str, object]:
    rows = on_day(findings.judged[question], day).filter(chosen)
    left = rows.filter(pl.col("outcome") == "LEFT").height
    enough = left >= TOO_FEW
    found = evaluate(rows, {"model": True}, capacity(findings.recipe), draws=10).table.row(0, named=True)
    told = {"precision_at_capacity": found["precision_at_capacity"], "auc": found["auc"], "brier": found["brier"]}
    return {"students": rows.height, "left": left, **{name: v if enough else None for name, v in told.items()}}


def list_of(findings: Findings, day: int) -> pl.DataFrame:
    """The tenth of the roll most likely to leave within 28 days, each with the reasons that may be said."""
    rows, _ = with_best(on_day(findings.judged[SOON], day), {}, None)
    chosen = listed(with_lottery(rows, TIE_SEED), "model", capacity(findings.recipe))
    told = reasons(findings, day, chosen["student_id"].to_list())
    chosen = chosen.join(rows.select("student_id", score="model"), on="student_id", maintain_order="left")
    chosen = chosen.join(told, on="student_id", maintain_order="left").with_row_index("rank", 1)
    return chosen.select("rank", "student_id", "day", "institution_id", "score", "reasons", "protective")


def reasons(findings: Findings, day: int, students: Sequence[str]) -> pl.DataFrame:
    taught, records, looked_from = findings.taught[SOON], findings.register.records, [as_of(ASKED, day)]
    frame = build_frame(records, looked_from, catalogue=taught.catalogue).filter(pl.col("student_id").is_in(students))
    told = explain(taught.model, frame, observed_dates(records, looked_from), taught.catalogue)
    said = {
        "student_id": [one.student_id for one in told],
        "reasons": [" ".join(reason.sentence for reason in one.reasons) for one in told],
        "protective": [" ".join(reason.sentence for reason in one.protective) for one in told],
    }
    return pl.DataFrame(said)


def keep_lists(findings: Findings, folder: Path) -> None:
    for day in LIST_DAYS:
        list_of(findings, day).write_csv(folder / f"list_{day}.csv")


def circumstances(findings: Findings, seconds: float) -> str:
    model, cores = findings.taught[SOON].model, os.cpu_count()
    return "\n".join(
        [
            "`.venv/bin/python experiments/0001-oulad/run.py --write`",
            "",
            f"Recipe `experiments/recipes/oulad.toml`, seed {findings.recipe.seed}. "
            f"{cores} cores ({platform.machine()}, shared with others), Python {platform.python_version()}, "
            f"polars {pl.__version__}, LightGBM {lightgbm.__version__}; {seconds:.0f} s from the files to the tables. "
            f"Catalogue {model.fingerprint}, data {findings.register.records.digest()[:16]}.",
        ]
    )


def written(name: str) -> str:
    """What answer.md says between its marks."""
    return part_of(ANSWER, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables into answer.md")
    parser.add_argument("--keep", type=Path, help="an empty folder for the register, the archive and the lists")
    asked = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as spare:
        try:
            findings = find(asked.keep or Path(spare))
        except DataMissing as missing:
            raise SystemExit(str(missing)) from None
        told = {
            "summary": summary(findings),
            "figures": figures(findings),
            "run": circumstances(findings, time.perf_counter() - started),
        }
        if asked.keep:
            keep_lists(findings, asked.keep)
    print("\n\n".join(told.values()))
    if asked.write:
        write_answer(ANSWER, told)


if __name__ == "__main__":
    main()
