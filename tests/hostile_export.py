"""A list whose every word comes from somebody who means ill: names, schools, sentences and what changed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from drawn_lists import ESPERANZA, FIRST_SUNDAY, SECOND_SUNDAY, draw_list

from serving.exports import Export
from serving.list_scope import ListScope
from serving.published import FoundRow, Publication

WEEK = draw_list(FIRST_SUNDAY, students=3, capacity=3)
TEMPLATE = json.loads(WEEK.line_body(WEEK.lines[0]))
SAID = {"institution_name": 7, "comuna": 11, "class_group": 13, "frequency": 17, "reporting_notice": 19}


def export_of(texts: Sequence[str]) -> Export:
    """One row for each text, which is its name; the other words of the row are other texts."""
    rows = [FoundRow(f"{rank:016x}", ESPERANZA, rank, _body(texts, rank)) for rank in range(1, len(texts) + 1)]
    names = {row.student_id: text for row, text in zip(rows, texts, strict=True)}
    header = json.dumps({"id": "2024-05-12-0", "model_note": texts[0]}).encode()
    publication = Publication("2024-05-12-0", SECOND_SUNDAY, "0" * 64, 4, 0, header)
    return Export(publication, rows, rows[:20], names, texts[-1], (), ListScope(ESPERANZA, "IE La Esperanza"))


def _body(texts: Sequence[str], rank: int) -> bytes:
    def text(step: int) -> str:
        return texts[(rank * step) % len(texts)]

    reasons = [reason | {"sentence": text(23 + place)} for place, reason in enumerate(TEMPLATE["reasons"])]
    protective = [TEMPLATE["protective"][0] | {"sentence": text(29)}]
    told = {"student_id": f"{rank:016x}", "rank": rank, "rank_in_institution": rank, "reasons": reasons}
    words = {name: text(step) for name, step in SAID.items()}
    change = {"kind": "entered", "why": text(31)}
    return json.dumps(TEMPLATE | told | words | {"protective": protective, "change": change}).encode()
