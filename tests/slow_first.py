"""The slowest files begin the suite: whichever of them came last would keep one of the two workers waiting."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

SLOW = (
    "test_notebooks.py",
    "test_engines.py",
    "test_demo.py",
    "test_oulad.py",
    "test_cross_school.py",
    "test_monitoring_drift.py",
    "test_every_screen.py",
    "test_pages_browser.py",
    "test_publishing_crash.py",
    "test_delivery_commands.py",
    "test_linkage_spark.py",
    "test_point_in_time.py",
    "test_parity.py",
)


def slow_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The others keep their order: the slow files are few, and each stays in one piece."""
    turn = {name: n for n, name in enumerate(SLOW)}
    return sorted(items, key=lambda item: turn.get(item.path.name, len(SLOW)))
