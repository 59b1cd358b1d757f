"""The slow files come first, and nothing else changes its place."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from slow_first import SLOW, slow_first


def of(*names: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(path=Path("tests") / name, nth=nth) for nth, name in enumerate(names)]


def test_slow_files_begin_and_the_others_stay_in_their_order() -> None:
    items = of("test_a.py", SLOW[1], "test_b.py", SLOW[0], SLOW[1], "test_a.py")

    assert [item.nth for item in slow_first(items)] == [3, 1, 4, 0, 2, 5]  # type: ignore[arg-type,attr-defined]


@pytest.mark.parametrize("name", SLOW)
def test_every_slow_file_is_there(name: str) -> None:
    assert (Path(__file__).parent / name).is_file()
