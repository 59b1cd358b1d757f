"""What is said of a span of weeks agrees in number, wherever a chance is told."""

import pytest

from models.uncertainty import Interval, frequency
from models.wording import after_weeks, faults
from serving.risk_lists import out_of_a_hundred

CHANCES = (0.0, 0.01, 0.3)


def test_one_week_is_said_in_the_singular_and_more_are_counted() -> None:
    assert after_weeks(1) == "en la semana siguiente"
    assert after_weeks(4) == "en las 4 semanas siguientes"


@pytest.mark.parametrize("chance", CHANCES)
@pytest.mark.parametrize("weeks", [1, 4, 12])
def test_a_chance_is_told_over_a_span_that_agrees_in_number(chance: float, weeks: int) -> None:
    told = [out_of_a_hundred(chance, weeks), frequency(Interval(chance, min(chance + 0.05, 1.0)), weeks)]

    assert all(sentence.endswith(f"{after_weeks(weeks)}.") for sentence in told)
    assert not [sentence for sentence in told if "las 1 semanas" in sentence or faults(sentence)]
