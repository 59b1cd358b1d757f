"""Does a spreadsheet program run anything that a child's name, a school or a sentence of the list may hold?

Run from the root of the repository:  python experiments/benchmarks/inert_cells.py [--texts 500]
Each text is put where words of the list come from; LibreOffice opens the XLSX, and the CSV cut at our separator, at
commas and at tabs, with the reading of formulas switched on. A file written without our care shows that it would tell.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests")]  # this folder has a features.py of its own

from hostile_cells import NOT_HERE, OFFICE, SEPARATORS, as_csv, hostile, opened  # noqa: E402
from hostile_export import export_of  # noqa: E402


def careless(file: Path, texts: list[str]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as written:
        csv.writer(written, delimiter=";").writerows([number, text] for number, text in enumerate(texts))
    return file


def files(folder: Path, texts: list[str]) -> Iterator[tuple[str, Path, list[str]]]:
    export = export_of(texts)
    for kind in ("xlsx", "csv"):
        (folder / f"lista.{kind}").write_bytes(export.content(kind))
    yield "careless csv", careless(folder / "careless.csv", texts), as_csv("semicolon")
    yield "xlsx", folder / "lista.xlsx", []
    for separator in SEPARATORS:
        yield f"csv cut at each {separator}", folder / "lista.csv", as_csv(separator)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--texts", type=int, default=500)
    texts = hostile(asked.parse_args().texts)
    if OFFICE is None:
        sys.exit(NOT_HERE)
    ran = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, file, reading in files(Path(folder), texts):
            began = time.perf_counter()
            cells = opened(file, reading)
            formulas = [cell for cell in cells if cell.formula]
            ran[name] = len(formulas)
            print(
                f"{name}: {len(cells)} cells, {len(formulas)} formulas, {time.perf_counter() - began:.0f} s", flush=True
            )
            for cell in formulas[:3]:
                print(f"   {cell.formula!r}")
    told = ran.pop("careless csv")
    print(f"{len(texts)} texts, {sum(ran.values())} run in our files; written without care, {told} would")
    sys.exit(1 if any(ran.values()) or not told else 0)


if __name__ == "__main__":
    main()
