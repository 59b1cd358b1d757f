"""Work waits for its database, ever longer and never in vain, and for nothing else."""

import pytest
from sqlalchemy.exc import OperationalError

from serving.patience import AWAY, BACK, LONGEST, patiently


def coming_back_after(times):
    left = [OperationalError("SELECT", {}, Exception("gone"))] * times

    def work():
        if left:
            raise left.pop()
        return 7

    return work


def test_it_waits_ever_longer_but_never_more_than_a_minute_and_says_so():
    said, waited = [], []

    assert patiently(coming_back_after(9), said.append, waited.append) == 7
    assert waited == [1, 2, 4, 8, 16, 32, LONGEST, LONGEST, LONGEST]
    assert said == [*(AWAY.format(pause) for pause in waited), BACK]


def test_who_never_had_to_wait_says_nothing():
    said = []

    assert patiently(coming_back_after(0), said.append) == 7
    assert said == []


def test_what_is_not_the_database_is_not_waited_for():
    def broken():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        patiently(broken, print, pytest.fail)
