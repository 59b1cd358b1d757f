"""Do page order, CSV, XLSX, JSON and paper carry the same students in the same order? A thousand drawn lists say.

Run from the root of the repository:  python experiments/benchmarks/parity.py [--lists 1000] [--schools 92]
With --schools it then makes every school's three files once, and says how long that took and how much memory.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import re
import resource
import sys
import time
from datetime import date
from pathlib import Path

import openpyxl
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parents[2]))
from serving import pack_pdf
from serving.exports import Export
from serving.guides import all_guides
from serving.published import FoundRow, Publication

DAY = date(2024, 5, 12)
SCHOOL = "176001000011"
LONGEST = 14
SENTENCE = "Faltó {} días en las últimas 4 semanas, y antes no había faltado."
FAMILIES = [guide.family for guide in all_guides()]
KINDS = ("pdf", "xlsx", "csv")


def drawn(lot: random.Random, students: int) -> Export:
    rows = [row(lot, rank) for rank in range(1, students + 1)]
    publication = Publication("2024-05-12-0", DAY, "0" * 64, 4, 0, json.dumps({"id": "2024-05-12-0"}).encode())
    names = {one.student_id: lot.choice(("Rosa Mina", "=1+1", "Ñusta <b>Ö</b>", "-2", "")) for one in rows}
    return Export(publication, rows, [], names, "esperanza.rectoria", (), "IE La Esperanza")


def row(lot: random.Random, rank: int) -> FoundRow:
    student = f"{lot.getrandbits(64):016x}"
    reasons = [reason(lot) for _ in range(lot.randrange(5))]
    body = {
        "student_id": student,
        "rank": rank,
        "rank_in_institution": rank,
        "institution": SCHOOL,
        "institution_name": "IE La Esperanza",
        "comuna": "Comuna 14",
        "grade": lot.choice((None, 0, 6, 11, 22)),
        "class_group": "602",
        "shift": "MORNING",
        "band": "media",
        "score": lot.random(),
        "frequency": "Cerca de 5.",
        "reasons": reasons,
        "protective": reasons[:1],
        "change": {"kind": "entered", "why": "Ahora pesa más."},
    }
    return FoundRow(student, SCHOOL, rank, json.dumps(body).encode())


def reason(lot: random.Random) -> dict[str, object]:
    return {
        "family": lot.choice(FAMILIES),
        "sentence": SENTENCE.format(lot.randrange(30)),
        "contribution": lot.random(),
    }


def pseudonyms(text: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{16}\b", text)


def orders(export: Export) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(export.as_xlsx()))["Lista"].iter_rows(min_row=2, values_only=True)
    written = io.StringIO(export.as_csv().decode("utf-8-sig"), newline="")
    paper = PdfReader(io.BytesIO(export.as_pdf())).pages
    return [
        [one.student_id for one in export.rows],
        [one["student_id"] for one in json.loads(export.as_json())["rows"]],
        [one["Estudiante"] for one in csv.DictReader(written, delimiter=";")],
        [cells[2] for cells in book],
        pseudonyms(pack_pdf.pack_html(export)),
        pseudonyms("\n".join(page.extract_text() for page in paper)),
    ]


def compare(lists: int, seed: int) -> int:
    lot, differing = random.Random(seed), 0  # noqa: S311
    for _ in range(lists):
        found = orders(drawn(lot, lot.randrange(LONGEST)))
        differing += any(order != found[0] for order in found)
    return differing


def every_school(schools: int, seed: int) -> dict[str, float]:
    lot, spent = random.Random(seed), dict.fromkeys(KINDS, 0.0)  # noqa: S311
    size = 0
    for _ in range(schools):
        export = drawn(lot, 10)
        for kind in KINDS:
            began = time.perf_counter()
            size += len(export.content(kind))
            spent[kind] += time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**{f"seconds of {kind}": seconds for kind, seconds in spent.items()}, "MB": size / 2**20, "peak MB": peak}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lists", type=int, default=1000)
    asked.add_argument("--schools", type=int, default=92)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    for name, value in every_school(told.schools, told.seed).items():
        print(f"{name}: {value:.1f}", flush=True)
    began = time.perf_counter()
    differing = compare(told.lists, told.seed)
    print(f"{told.lists} lists, {differing} that differ, {time.perf_counter() - began:.0f} s")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
