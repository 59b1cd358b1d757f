"""The notebooks run from their first cell to their last, on the city that each makes up for itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import pytest

HOUSE = Path(__file__).parent.parent
NOTEBOOKS = sorted((HOUSE / "notebooks").glob("[0-9]*.py"))
QUIET = {"MPLBACKEND": "Agg", "OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end_and_leaves_nothing_behind(notebook: Path, tmp_path: Path) -> None:
    # A percent-script is a program: without a kernel it runs faster, and fails with the line that failed.
    environment = {**os.environ, **QUIET, "TMPDIR": str(tmp_path), "PYTHONPATH": str(HOUSE)}

    run = subprocess.run([sys.executable, notebook], cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.strip()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp")]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_as_one(notebook: Path) -> None:
    cells = jupytext.read(notebook).cells

    assert sum(cell.cell_type == "markdown" for cell in cells) >= 5
    assert sum(cell.cell_type == "code" for cell in cells) >= 5


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_tells_of_nobody(notebook: Path) -> None:
    """Pseudonyms and names come from the made-up city when it runs; none is written down."""
    assert not re.findall(r"\b[0-9a-f]{16}\b|\b\d{8,}\b", notebook.read_text(encoding="utf-8"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_draws_and_shows_what_it_draws(notebook: Path) -> None:
    """A figure that is closed in the cell that draws it is never shown; each of shap's needs a sheet of its own."""
    cells = [cell.source for cell in jupytext.read(notebook).cells if cell.cell_type == "code"]
    drawing = [source for source in cells if "plt.subplots(" in source or "shap.plots." in source]

    assert drawing
    assert not [source for source in drawing if "plt.close" in source]
    assert not [source for source in drawing if "shap.plots." in source and "plt.figure(" not in source]


def test_there_are_six_walks() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == [
        "01_from_export_to_frame",
        "02_a_model_and_its_reasons",
        "03_is_the_list_any_good",
        "04_as_good_for_every_child",
        "05_one_student_through_time",
        "06_what_the_list_misses",
    ]
