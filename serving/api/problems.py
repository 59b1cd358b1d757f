"""The one shape of every error: what happened, in a Spanish sentence, never with data of a child."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: ("peticion-no-entendida", "La petición no se entiende"),
    401: ("falta-identificarse", "Falta identificarse"),
    403: ("no-permitido", "No está permitido"),
    404: ("no-encontrado", "No se encontró"),
    405: ("metodo-no-admitido", "Método no admitido"),
    406: ("formato-no-disponible", "No hay respuesta en ese formato"),
    409: ("ya-guardado-de-otro-modo", "No corresponde a lo que ya está guardado"),
    413: ("demasiado-grande", "La petición es demasiado grande"),
    415: ("formato-no-admitido", "Formato no admitido"),
    422: ("valores-no-admitidos", "Hay valores que no se admiten"),
    429: ("demasiadas-peticiones", "Demasiadas peticiones"),
    500: ("error-del-servicio", "Error del servicio"),
    503: ("no-disponible", "El servicio no está disponible"),
}
"""Programs tell the errors apart by these names: they are added to and not changed."""
RULE = ("regla-no-cumplida", "Los valores se leen, pero no pueden ser")
"""Of a 422: each value is as the OpenAPI document asks, and a rule that no document can tell forbids them."""
DETAILS = {
    401: "Use una ficha de acceso válida: Authorization: Bearer <ficha>.",
    404: "No existe, o no está entre lo que usted puede consultar.",
    405: "Esta dirección no admite ese método. Consulte /api/docs.",
    413: "Envíe menos registros por petición.",
    429: "Hizo muchas peticiones en poco tiempo. Espere los segundos que dice Retry-After.",
    500: "El servicio falló al responder. Intente de nuevo; si continúa, avise a quien lo administra.",
    503: "No se pudo leer la base de datos. Intente de nuevo en unos minutos.",
}
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "60"}}
WRONG = {
    "missing": "Falta este valor.",
    "extra_forbidden": "Este nombre no se conoce.",
    "json_invalid": "El cuerpo no es JSON válido.",
    "string_too_long": "El texto es demasiado largo.",
    "string_pattern_mismatch": "El texto no tiene la forma esperada.",
    "int_parsing": "Debe ser un número entero.",
    "bool_parsing": "Debe ser true o false.",
    "less_than_equal": "El número es demasiado grande.",
    "greater_than_equal": "El número es demasiado pequeño.",
    "date_from_datetime_parsing": "Debe ser una fecha AAAA-MM-DD.",
    "date_parsing": "Debe ser una fecha AAAA-MM-DD.",
    "too_long": "La lista tiene demasiados elementos.",
}


class WrongValue(BaseModel):
    where: str
    problem: str


class ProblemBody(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongValue] = []


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    def __init__(
        self,
        status: int,
        detail: str | None = None,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        rule: bool = False,
    ) -> None:
        """`rule`: with 422, the values fit the OpenAPI document and still cannot be."""
        self.status = status
        self.rule = rule
        self.headers = {**HEADERS.get(status, {}), **(headers or {})}
        self.detail = detail or DETAILS.get(status, "La petición no se pudo atender.")
        self.errors = errors or []

    def body(self) -> dict[str, Any]:
        name, title = RULE if self.rule else TITLES.get(self.status, TITLES[500 if self.status >= 500 else 400])
        body = {"type": f"/api/docs#{name}", "title": title, "status": self.status, "detail": self.detail}
        return body | ({"errors": self.errors} if self.errors else {})


def too_many(seconds: int, detail: str | None = None) -> Problem:
    return Problem(429, detail, headers={"Retry-After": str(seconds)})


def not_found() -> Problem:
    """What does not exist and what is out of reach look alike, so that nothing can be learnt by asking."""
    return Problem(404)


def problem_response(problem: Problem) -> Response:
    content = json.dumps(problem.body(), ensure_ascii=False)
    return Response(content, problem.status, problem.headers, MEDIA_TYPE)


def as_problem(_request: Request, error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return Problem(422, "Corrija los valores señalados.", [_wrong(one) for one in error.errors()])
    if isinstance(error, HTTPException) and error.status_code == 400:  # bytes that are no text at all
        return Problem(422, "El cuerpo no se puede leer.")
    if isinstance(error, HTTPException):
        return Problem(error.status_code, headers=error.headers)
    if isinstance(error, DataError):  # a text that this database cannot hold, and so never held
        return not_found()
    return Problem(503 if isinstance(error, OperationalError) else 500)


def _wrong(error: dict[str, Any]) -> dict[str, str]:
    # NOTE: the place and the kind, never what was sent: a value, or a word where none belongs, may be a name.
    told = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    place = ".".join(str(part) for part in told if part != "body") or "body"
    return {"where": place[:120], "problem": WRONG.get(error["type"], "El valor no se admite.")}


def problem_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the OpenAPI document describes the errors of a call."""
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    schema["properties"]["errors"] = {"type": "array", "items": WrongValue.model_json_schema()}
    return {
        status: {
            "description": TITLES[status][1],
            "content": {MEDIA_TYPE: {"schema": schema, "example": Problem(status).body()}},
        }
        for status in sorted({*statuses, 422, *({429} if 401 in statuses else ())})
    }
