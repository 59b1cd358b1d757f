"""The made-up secretariat reproduces the published figures, and its truth is true."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from simulated_city import YEARS, exits, folders, made_city, read

from features.simulation import figures as published
from features.simulation.assumptions_page import as_page
from features.simulation.figures import LEVEL_OF_GRADE


@pytest.fixture(scope="module")
def city() -> Path:
    return made_city()


def by_level(frame: pl.DataFrame, grade: str = "GRADO_COD") -> list[int]:
    levels = frame[grade].cast(pl.Int64).replace_strict(dict(enumerate(LEVEL_OF_GRADE)))
    return [int((levels == level).sum()) for level in range(4)]


def ever_enrolled(out: Path, year: int) -> pl.DataFrame:
    rows = [read(f / "detallado_alumnos.csv").select("PER_ID", "GRADO_COD") for f in folders(out, year)]
    return pl.concat(rows).unique("PER_ID")


def close_to(got: list[int], of: list[int], wanted: tuple[float, ...], relative: float) -> list[str]:
    """Figures farther from the published ones than the tolerance and four standard errors of such a count."""
    far = []
    for level, (count, all_of_them, share) in enumerate(zip(got, of, wanted, strict=True)):
        expected = share * all_of_them
        if abs(count - expected) > relative * expected + 4 * expected**0.5:
            far.append(f"level {level}: {count} of {all_of_them}, expected {expected:.0f}")
    return far


# --- the published figures


@pytest.mark.parametrize("year", [2021, 2022])
def test_registered_dropout_by_level_is_cali_s_within_10_per_cent_and_four_standard_errors(
    city: Path, year: int
) -> None:
    registered = read(folders(city, year)[-1] / "simpade.csv")
    everybody = by_level(ever_enrolled(city, year))
    wanted = published.rates(published.DROPOUT, "76001", year)
    assert close_to(by_level(registered), everybody, wanted, 0.10) == []
    total = sum(w * n for w, n in zip(wanted, everybody, strict=True))
    assert abs(registered.height - total) < 0.05 * total + 3 * total**0.5


@pytest.mark.parametrize("year", [2021, 2022])
def test_failure_by_level_is_cali_s_within_5_per_cent_and_four_standard_errors(city: Path, year: int) -> None:
    closing = read(folders(city, year)[-1] / "detallado_alumnos.csv")
    failed = by_level(closing.filter(pl.col("ESTADO") == "REPROBADO"))
    wanted = published.rates(published.FAILURE, "76001", year)
    assert close_to(failed, by_level(ever_enrolled(city, year)), wanted, 0.05) == []


@pytest.mark.parametrize("year", YEARS)
def test_repetition_by_level_is_cali_s_within_10_per_cent_and_four_standard_errors(city: Path, year: int) -> None:
    annex = read(folders(city, year)[0] / "anexo_6a.txt")
    repeating = by_level(annex.filter(pl.col("REPITENTE") == "S"), "GRADO")
    wanted = published.rates(published.REPETITION, "76001", year)
    assert close_to(repeating, by_level(annex, "GRADO"), wanted, 0.10) == []


def over_age(out: Path, year: int) -> dict[int, float]:
    annex = read(folders(out, year)[0] / "anexo_6a.txt")
    born = pl.col("FECHA_NACIMIENTO").str.to_date("%d/%m/%Y")
    age = ((pl.date(year, 3, 31) - born).dt.total_days() / 365.25).floor()
    gap = annex.select(grade=pl.col("GRADO").cast(pl.Int64), gap=age - pl.col("GRADO").cast(pl.Int64) - 5)
    shares = gap.group_by("grade").agg(share=(pl.col("gap") >= 2).mean() * 100)
    return dict(shares.sort("grade").iter_rows())


def test_over_age_by_grade_is_soacha_s_within_three_points_in_the_first_year(city: Path) -> None:
    found = over_age(city, 2021)
    assert {grade: round(share - published.TWO_OR_MORE[grade], 1) for grade, share in found.items()
            if abs(share - published.TWO_OR_MORE[grade]) > 3.0} == {}  # fmt: skip


@pytest.mark.parametrize("year", YEARS)
def test_over_age_jumps_at_grade_6_and_falls_in_the_last_grades(city: Path, year: int) -> None:
    found = over_age(city, year)
    assert found[6] > found[5] + 3
    assert (found[10] + found[11]) / 2 < (found[6] + found[7]) / 2 - 2


def test_the_composition_is_that_of_the_sources(city: Path) -> None:
    annex = read(folders(city, 2021)[0] / "anexo_6a.txt")
    venezuelan = (annex["PAIS_ORIGEN"] == "862").mean()
    disabled = (annex["TIPO_DISCAPACIDAD"] != "99").mean()
    stratum = annex["ESTRATO"].value_counts(normalize=True).sort("ESTRATO")
    assert 0.060 < venezuelan < 0.085
    assert 0.020 < disabled < 0.050
    assert stratum.filter(pl.col("ESTRATO").is_in(["0", "1", "2"]))["proportion"].sum() > 0.6
    assert set(annex["COMUNA SEDE"]) <= {*(str(n) for n in range(1, 23)), "CORREGIMIENTO"}


def test_the_hazard_of_leaving_rises_after_each_recess(city: Path) -> None:
    for year in YEARS:
        rows = pl.read_parquet(city / "truth" / "hazard" / f"year={year}" / "*.parquet")
        weekly = rows.group_by("monday").agg(pl.col("hazard_observed").median()).sort("monday")
        after = (weekly["monday"].diff().dt.total_days() > 7).fill_null(False)
        before = weekly["hazard_observed"].shift(1)
        assert after.sum() >= 3
        assert ((weekly["hazard_observed"] > before * 1.15).filter(after)).all()


# --- the truth


def hazards(out: Path, year: int) -> pl.DataFrame:
    """Every student on the roll on every Monday, with what became of them within 28 days."""
    rows = pl.read_parquet(out / "truth" / "hazard" / f"year={year}" / "*.parquet")
    left = exits(out).filter((pl.col("cause") == "DROPOUT") & (pl.col("year") == year))
    found = rows.join(left.select("per_id", "week", "recorded_on"), on="per_id", how="left")
    days = (pl.col("recorded_on") - pl.col("monday")).dt.total_days()
    flags = found.with_columns(
        shown=days.is_between(0, 27).fill_null(False),
        leaves=(pl.col("week") == pl.col("monday")).fill_null(False),
        over=(pl.col("week") < pl.col("monday")).fill_null(False),
    )
    return flags.group_by("per_id", "monday").agg(
        pl.col("hazard", "hazard_observed", "chance_4w").first(), pl.col("shown", "leaves", "over").any()
    )


@pytest.mark.parametrize("year", [2022, 2023])
def test_the_chance_of_the_truth_is_the_share_that_the_register_shows_within_four_weeks(city: Path, year: int) -> None:
    rows = hazards(city, year)
    tenth = (pl.col("chance_4w").rank("ordinal") * 10 / (pl.len() + 1)).floor()
    deciles = rows.group_by(tenth=tenth).agg(pl.len(), pl.col("shown", "chance_4w").mean()).sort("tenth")
    for row in deciles.iter_rows(named=True):
        # one leaver is on up to four Mondays, hence twice the standard error of so many
        error = 2 * (row["chance_4w"] / row["len"]) ** 0.5
        assert abs(row["shown"] - row["chance_4w"]) <= 0.05 * row["chance_4w"] + 3.5 * error, row
    assert rows["chance_4w"].is_between(0, 1).all()


def test_the_hazards_add_up_to_the_leavers_with_and_without_the_unobserved_term(city: Path) -> None:
    for year in YEARS:
        studying = hazards(city, year).filter(~pl.col("over"))
        leavers = studying["leaves"].sum()
        for column in ("hazard", "hazard_observed"):
            assert abs(studying[column].sum() - leavers) < 4 * leavers**0.5


def test_a_perfect_list_at_capacity_is_right_about_half_of_the_time(city: Path) -> None:
    rows = hazards(city, 2023).filter(pl.col("monday") < date(2023, 10, 1))
    place = pl.col("chance_4w").rank("ordinal", descending=True).over("monday")
    listed = rows.filter(place <= 0.0019 * pl.len().over("monday"))
    assert 0.40 < listed["shown"].mean() < 0.68
    assert 0.003 < rows["shown"].mean() < 0.007


def test_absences_failing_over_age_household_and_school_all_make_leavers(city: Path) -> None:
    drivers = exits(city).filter(pl.col("cause") == "DROPOUT")["driver"].value_counts(normalize=True)
    share = dict(drivers.iter_rows())
    assert share["ATTENDANCE"] < 0.5
    assert all(share[name] > 0.03 for name in ("PROGRESS", "OVER_AGE", "HOUSEHOLD", "SCHOOL", "UNOBSERVED"))


def test_every_recorded_exit_is_first_shown_by_a_folder_of_its_year(city: Path) -> None:
    days = {date.fromisoformat(f.name) for f in folders(city)}
    last = max(days)
    shown = exits(city)["recorded_on"].drop_nulls()
    assert set(shown.filter(shown <= last)) <= days
    late = exits(city).filter(pl.col("recorded_on") < pl.col("left_on"))
    assert late.is_empty()


def test_a_leaver_is_withdrawn_or_gone_in_the_folder_that_the_truth_names_and_not_before(city: Path) -> None:
    left = exits(city).filter((pl.col("cause") == "DROPOUT") & (pl.col("year") == 2022)).unique("per_id")
    by_day = {f.name: read(f / "detallado_alumnos.csv").select("PER_ID", "ESTADO") for f in folders(city, 2022)}
    enrolled = {name: set(rows.filter(pl.col("ESTADO") == "MATRICULADO")["PER_ID"]) for name, rows in by_day.items()}
    names = sorted(by_day)
    seen_before = 0
    for per_id, day in left.select("per_id", "recorded_on").drop_nulls().iter_rows():
        at = names.index(day.isoformat())
        assert str(per_id) not in enrolled[names[at]]
        seen_before += at > 0 and str(per_id) in enrolled[names[at - 1]]
    assert seen_before > 0.85 * left.height


def test_the_page_of_assumptions_is_the_one_the_code_writes() -> None:
    page = Path(__file__).parent.parent / "docs" / "simulation_assumptions.md"
    assert page.read_text(encoding="utf-8") == as_page()
