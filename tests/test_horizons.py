"""One opinion, several spans: a longer one is never less likely, and each is as right as a fit of its own nearly is."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_town import a_model, frame

from models.averaging import averaged
from models.calibration import Calibration, sigmoid
from models.horizons import SPANS, Horizon, Horizons, fit_horizons, weeks_left_in, within_spans
from models.model_files import ModelFilesDamaged
from models.parts import BETWEEN_YEARS, MOVED, Part
from models.returning import Passage, not_back, passages
from models.risk_model import RiskModel

SUNDAY = date(2024, 3, 3)
YEARS = [(date(2022, 1, 24), date(2022, 12, 2), "2022"), (date(2023, 1, 23), date(2023, 12, 1), "2023")]


def weekly_leavers(rows: int, seed: int) -> tuple[np.ndarray, pl.DataFrame]:
    """Children who leave by a weekly chance until the year ends: what each span saw is known."""
    rng = np.random.default_rng(seed)
    raw, begun = rng.normal(-4.5, 1.0, rows), rng.integers(0, 40, rows).astype(float)
    left_in = rng.exponential(1 / sigmoid(raw))
    left = 43.0 - begun + 3
    spans = {
        name: pl.Series(np.where(left_in <= np.minimum(weeks, left), "LEFT", "STAYED")) for name, weeks in SPANS.items()
    }
    return raw, pl.DataFrame({"weeks_into_year": begun, "weight": 1.0, **spans})


def test_each_span_says_what_happens_early_and_late_in_the_year() -> None:
    raw, told = weekly_leavers(40_000, seed=1)

    horizons = fit_horizons(raw, told, 43.0)

    zero = np.zeros(len(raw))
    chances = horizons.chances(raw, zero, told)
    for name in SPANS:
        for late in (False, True):
            rows = ((told["weeks_into_year"] > 30) == late).to_numpy()
            happened = (told[name] == "LEFT").to_numpy()[rows].mean()
            assert chances[name][rows].mean() == pytest.approx(happened, rel=0.15)  # type: ignore[index]


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 1000), slope=st.floats(0.1, 3), growth=st.floats(-2, 2), height=st.floats(-3, 3))
def test_a_longer_span_is_never_less_likely(seed: int, slope: float, growth: float, height: float) -> None:
    rng = np.random.default_rng(seed)
    spans = {name: Horizon(weeks, slope, growth, height) for name, weeks in SPANS.items()}
    raw, rows = rng.normal(-3, 2, 200), pl.DataFrame({"weeks_into_year": rng.integers(0, 43, 200)})
    score = sigmoid(raw)

    told = Horizons(spans).chances(raw, score, rows)

    assert (told["score_8w"] >= score).all() and (told["score_year"] >= told["score_8w"]).all()  # type: ignore[operator]
    assert (told["score_year"] <= 1).all()  # type: ignore[operator]


def test_a_span_that_nobody_has_seen_the_end_of_is_left_out() -> None:
    raw, told = weekly_leavers(3000, seed=2)
    told = told.with_columns(score_year=pl.lit(None, pl.String))

    horizons = fit_horizons(raw, told, 43.0)

    assert set(horizons.spans) == {"score_8w"}
    assert horizons.chances(raw, sigmoid(raw), told)["score_year"] is None


def test_the_fate_within_a_span_is_that_of_its_end_and_unknown_until_the_wait_is_over() -> None:
    weeks = [3, 6, 20, None]
    told = pl.DataFrame(
        {
            "student_id": ["a", "b", "c", "d"],
            "day": SUNDAY,
            "outcome": ["LEFT", "LEFT", "LEFT", "STAYED"],
            "happened_on": [SUNDAY + timedelta(weeks=n) if n else None for n in weeks],
            "ripe": True,
        }
    )

    assert within_spans(told, SUNDAY + timedelta(weeks=60), 4).select("score_8w", "score_year").rows() == [
        ("LEFT", "LEFT"), ("LEFT", "LEFT"), ("STAYED", "LEFT"), ("STAYED", "STAYED"),
    ]  # fmt: skip
    young = within_spans(told.with_columns(ripe=pl.lit(False)), SUNDAY + timedelta(weeks=12), 4)
    assert young["score_8w"].to_list() == ["LEFT", "LEFT", "STAYED", "STAYED"]
    assert young["score_year"].null_count() == 4


def test_weeks_left_are_counted_to_the_closing_export_and_never_run_out() -> None:
    rows = pl.DataFrame({"weeks_into_year": [0.0, 40.0, 60.0, None]})

    assert weeks_left_in(rows, 43.0).tolist() == [46.0, 6.0, 3.0, 46.0]


def whole_model() -> RiskModel:
    """A model with every part."""
    plain = a_model(trees=10)
    part = Part(plain.booster, Calibration(1.0, 3.0))
    spans = {name: Horizon(weeks, 1.0, 0.5, 0.0) for name, weeks in SPANS.items()}
    return RiskModel(
        plain.booster, plain.features, plain.fingerprint, plain.calibration, plain.categories,
        horizons=Horizons(spans, 43.0), parts={MOVED: part, BETWEEN_YEARS: part},
    )  # fmt: skip


def test_every_chance_is_told_together_and_leaving_and_moving_exclude_each_other(tmp_path: Path) -> None:
    model, rows = whole_model(), frame(students=60)

    told = model.chances(rows)

    assert told.columns == [
        "student_id", "day", "institution_id", "raw_score", "score", "score_8w", "score_year", "moved", "between_years",
    ]  # fmt: skip
    assert told.select("raw_score", "score").equals(model.predict(rows).select("raw_score", "score"))
    assert (told["score"] + told["moved"]).max() <= 1 + 1e-12  # type: ignore[operator]
    model.save(tmp_path)
    assert RiskModel.load(tmp_path).chances(rows).equals(told)


def test_a_model_without_the_parts_says_nothing_of_them(tmp_path: Path) -> None:
    told = a_model(trees=5).chances(frame(students=10))

    assert told.select("score_8w", "score_year", "moved", "between_years").null_count().row(0) == (80, 80, 80, 80)
    assert told["score"].null_count() == 0


def test_a_part_changed_by_one_byte_is_refused(tmp_path: Path) -> None:
    whole_model().save(tmp_path)
    path = tmp_path / "moved.lgb"
    path.write_bytes(path.read_bytes().replace(b"leaf_value=", b"leaf_valuf=", 1))

    with pytest.raises(ModelFilesDamaged, match=r"moved\.lgb"):
        RiskModel.load(tmp_path)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100), share=st.floats(0.05, 0.95))
def test_several_sets_of_trees_told_as_one_say_their_mean_and_so_do_their_contributions(
    seed: int, share: float
) -> None:
    one, other = (model.booster for model in MODELS)
    rows = MODELS[0].inputs(frame(students=20, seed=seed))

    both = averaged([one, other], [share, 1 - share])

    wanted = share * one.predict(rows, raw_score=True) + (1 - share) * other.predict(rows, raw_score=True)
    parts = share * one.predict(rows, pred_contrib=True) + (1 - share) * other.predict(rows, pred_contrib=True)
    assert both.predict(rows, raw_score=True) == pytest.approx(wanted, abs=1e-12)
    assert both.predict(rows, pred_contrib=True) == pytest.approx(parts, abs=1e-12)
    assert both.num_trees() == one.num_trees() + other.num_trees()


MODELS = (a_model(trees=10, seed=1), a_model(trees=15, seed=2))


def test_the_passage_to_a_year_is_known_once_its_first_weeks_are_over() -> None:
    days = [date(2022, 3, 6), date(2022, 11, 6), date(2023, 5, 7)]

    assert passages(days, YEARS, date(2023, 2, 1)) == []
    assert passages(days, YEARS, date(2023, 4, 1)) == [Passage(days[0], days[1], "2023", date(2023, 1, 23), "2022")]


def test_a_year_told_twice_is_one_passage_and_each_calendar_has_its_own() -> None:
    days, by = [date(2022, 3, 6), date(2022, 11, 6)], date(2023, 4, 1)
    corrected = [*YEARS, (date(2022, 1, 31), date(2022, 12, 9), "2022")]
    other = [(date(2021, 9, 6), date(2022, 6, 17), "2021-2022"), (date(2022, 9, 5), date(2023, 6, 16), "2022-2023")]

    assert passages(days, corrected, by) == passages(days, YEARS, by)
    assert [(one.year, one.name) for one in passages(days, [*YEARS, *other], by)] == [
        ("2021-2022", "2022-2023"), ("2022", "2023"),
    ]  # fmt: skip


def test_who_finished_and_is_not_seen_again_did_not_come_back() -> None:
    from features import Records

    events = [
        ("stays", "2022", "ENROLLED", date(2022, 1, 24)), ("stays", "2022", "PROMOTED", date(2022, 12, 2)),
        ("stays", "2023", "ENROLLED", date(2023, 1, 23)),
        ("gone", "2022", "ENROLLED", date(2022, 1, 24)), ("gone", "2022", "PROMOTED", date(2022, 12, 2)),
        ("late", "2022", "ENROLLED", date(2022, 1, 24)), ("late", "2022", "PROMOTED", date(2022, 12, 2)),
        ("late", "2023", "ENROLLED", date(2023, 6, 1)),
        ("left", "2022", "ENROLLED", date(2022, 1, 24)), ("left", "2022", "WITHDRAWN", date(2022, 11, 20)),
        ("other calendar", "2022-2023", "ENROLLED", date(2022, 9, 5)),
    ]  # fmt: skip
    enrolment = pl.DataFrame(
        [(*row, row[3], "A", 7) for row in events],
        schema=["student_id", "school_year", "status", "happened_on", "known_on", "institution_id", "grade"],
        orient="row",
    )
    both = [*YEARS, (date(2022, 9, 5), date(2023, 6, 16), "2022-2023")]
    calendar = pl.DataFrame(both, schema=["starts_on", "ends_on", "school_year"], orient="row").with_columns(
        happened_on="starts_on", known_on="starts_on"
    )
    records = Records.from_frames({"enrolment": enrolment, "calendar": calendar})
    passage = Passage(date(2022, 11, 6), date(2022, 11, 6), "2023", date(2023, 1, 23), "2022")

    told = not_back(records, passage, date(2023, 12, 1), absent_weeks=4)

    assert dict(told.rows()) == {"stays": 0, "gone": 1, "late": 1}
