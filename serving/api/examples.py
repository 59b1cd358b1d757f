"""One made-up answer for each call, as the OpenAPI document shows it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

SCHOOL, STUDENT, LIST_ID = "176001000011", "5f0c2b7a91d3e846", "2024-05-12-8a1d0c7e55b2"
REASON: dict[str, Any] = {
    "family": "attendance",
    "feature": "absent_days_4w",
    "value": 6.0,
    "contribution": 1.2,
    "sentence": "Faltó 6 días en las últimas 4 semanas.",
    "actionable": True,
    "source": "attendance",
    "observed_on": "2024-05-03",
}
PROTECTIVE: dict[str, Any] = REASON | {
    "family": "progress",
    "feature": "failed_areas",
    "value": 0.0,
    "contribution": -0.3,
    "sentence": "Aprobó todas las áreas del último periodo.",
    "source": "progress",
}
FAMILIES = {"attendance": 1.2, "progress": -0.3}
CHANGE = {"kind": "entered", "why": "Entró a la lista: pesa más asistencia."}
ROW: dict[str, Any] = {
    "rank": 1,
    "student_id": STUDENT,
    "day": "2024-05-12",
    "model_version": "7",
    "institution": SCHOOL,
    "institution_name": "IE La Esperanza",
    "comuna": "Comuna 14",
    "campus_id": "01",
    "grade": 6,
    "class_group": "602",
    "shift": "MORNING",
    "score": 0.31,
    "raw_score": -0.8,
    "base_value": -1.7,
    "rank_in_institution": 1,
    "reporting_quality": 0.97,
    "reporting_notice": None,
    "on_city_list": True,
    "place": 1,
    "standing": "LISTED",
    "interval": [0.2, 0.4],
    "frequency": "De cada 10 estudiantes con un perfil parecido, entre 2 y 4 dejaron de estudiar.",
    "moved": 0.04,
    "followed": None,
    "band": "alta",
    "reasons": [REASON],
    "protective": [PROTECTIVE],
    "families": FAMILIES,
    "observed": {"attendance": "2024-05-03", "progress": None},
    "change": CHANGE,
}
PUBLICATION: dict[str, Any] = {
    "id": LIST_ID,
    "day": "2024-05-12",
    "week_of": "2024-05-13",
    "model_version": "7",
    "model_digest": "a" * 64,
    "content_hash": "8a1d0c7e55b2" + "0" * 52,
    "horizon_weeks": 4,
    "capacity": 300,
    "per_school": 10,
    "on_roll": 160_000,
    "listed": 300,
    "left_out": 159_700,
    "tie_rule": "puntaje, puntaje sin calibrar, resumen del día y del seudónimo",
    "order": {},
    "family_names": {"attendance": "asistencia", "progress": "rendimiento"},
    "family_order": ["attendance", "progress"],
    "base_value": -1.7,
    "model_note": None,
}
PUBLICATIONS = {"publications": [PUBLICATION], "next_cursor": None}
RISK_LIST = {
    "publication": PUBLICATION,
    "rows": [ROW],
    "left": [{"student_id": "0c7e55b28a1d4f60", "institution": SCHOOL, "change": {"kind": "left", "why": "Volvió."}}],
    "notices": [],
    "next_cursor": None,
}
PUPIL = {
    "student_id": STUDENT,
    "institution": SCHOOL,
    "publication": LIST_ID,
    "day": "2024-05-12",
    "score": 0.31,
    "raw_score": -0.8,
    "rank": 1,
    "out_of_a_hundred": "De cada 100 estudiantes con un perfil parecido, cerca de 31 dejaron de estudiar.",
    "row": ROW,
    "base_value": -1.7,
    "families": FAMILIES,
    "trajectory": [
        {
            "school_year": "2024",
            "institution": SCHOOL,
            "grade": 6,
            "status": "ENROLLED",
            "reason": None,
            "happened_on": "2024-01-22",
        }
    ],
    "lately": {
        "weeks": [{"week": "2024-04-29", "days_expected": 4, "days_absent": 3}],
        "marks": [],
        "support": [{"strategy": "SCHOOL_FEEDING", "starts_on": "2024-02-01", "ends_on": None}],
    },
    "not_known": ["No hay valoraciones (notas) de este estudiante."],
}
MODEL = {
    "version": "7",
    "digest": "a" * 64,
    "horizon_weeks": 4,
    "fingerprint": "c0ffee",
    "features": [{"name": "absent_days_4w", "family": "attendance", "source": "attendance", "actionable": True}],
    "published_on": "2024-05-12",
    "what_it_does": "Ordena a quién contactar primero.",
    "what_it_does_not": ["No dice por qué un estudiante piensa irse."],
    "approved_by": "supervision",
    "expires_on": "2025-05-12",
    "learned_elsewhere": None,
    "card": {},
}
SCORES = {
    "day": "2024-05-05",
    "model_version": "7",
    "students": [
        {
            "student_id": "a1",
            "institution": SCHOOL,
            "score": 0.31,
            "raw_score": -0.8,
            "base_value": -1.7,
            "band": "alta",
            "reasons": [REASON],
            "protective": [PROTECTIVE],
            "families": FAMILIES,
        }
    ],
}
ALIVE = {"status": "ok"}
READY = {
    "status": "ok",
    "database": "ok",
    "publication": LIST_ID,
    "model_version": "7",
    "list_age_days": 1,
    "model_age_days": 40,
}
VERSION = {"version": "0.1.0", "environment": "production"}


def answered(shape: type[BaseModel], example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """How the document describes the answer when all went well."""
    return {200: {"model": shape, "content": {"application/json": {"example": example}}}}
