"""The description of the calls, made from the OpenAPI document: no script, nothing from another site."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request, Response

from serving.api.problems import RULE, TITLES
from serving.pages.rendering import render

METHODS = ("get", "post", "put", "patch", "delete")


def docs_page(request: Request) -> Response:
    document = request.app.openapi()
    problems = [*TITLES.values(), RULE]
    return render(request, "api_docs.html", document=document, groups=groups(document), problems=problems)


def groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The calls by subject, in the order in which they were added."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                call = methods[method]
                found.setdefault(call["tags"][0], []).append({"path": path, "method": method.upper(), **told(call)})
    return found


def told(call: dict[str, Any]) -> dict[str, Any]:
    answers = call["responses"]
    return {
        "id": call["operationId"],
        "summary": call["summary"],
        "parameters": [parameter(one) for one in call.get("parameters", [])],
        "example": example(call),
        "answers": {
            code: answer["description"].replace("Successful Response", "bien") for code, answer in answers.items()
        },
        "shape": shape(answers.get("200", {})),
    }


def parameter(one: dict[str, Any]) -> dict[str, Any]:
    schema = one["schema"]
    kinds = [part.get("type", "") for part in schema.get("anyOf", [schema])]
    limits = [f"{name} {schema[name]}" for name in ("minimum", "maximum", "default") if name in schema]
    return {
        "name": one["name"],
        "place": one["in"],
        "required": one["required"],
        "kind": " o ".join(kind for kind in kinds if kind != "null"),
        "meaning": one.get("description", ""),
        "limits": ", ".join(limits),
    }


def example(call: dict[str, Any]) -> str | None:
    content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("schema", {}).get("$ref") and json.dumps(_example_body(), ensure_ascii=False, indent=2)


def _example_body() -> dict[str, Any]:
    from serving.api.scoring import EXAMPLE

    return EXAMPLE


def shape(answer: dict[str, Any]) -> str | None:
    reference = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    return reference.rsplit("/", 1)[-1] or None
