"""Whatever is sent to a call, as whichever role, is answered as the service's own document says; errors as problems."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drawn_lists import PEOPLE
from fastapi import FastAPI
from fuzzed_service import OTHERS, PROGRAM, Target, fuzzed, target
from starlette.responses import JSONResponse

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="schemathesis is not here (make install): nothing was sent"
)

EXAMPLES = 4
"""Of each call and phase; experiments/benchmarks/fuzzed_calls.py sends 200, on either database."""
SCORES = "score_students"
"""Takes whole tables: the edges of all their columns are a thousand calls, which the suite has no time for."""


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("fuzzed")) as where:
        yield where


@pytest.mark.parametrize("who", [person.name for person in (*PEOPLE, *OTHERS)])
def test_no_call_breaks_its_word_whatever_a_role_sends(where: Target, who: str) -> None:
    told = fuzzed(where, who, EXAMPLES, options=["--exclude-operation-id", SCORES])

    assert told.code == 0, told.said


def test_tables_that_nobody_would_send_are_scored_or_refused_and_nothing_else(where: Target) -> None:
    told = fuzzed(
        where, "ciencia", EXAMPLES, options=["--include-operation-id", SCORES, "--phases", "examples,fuzzing"]
    )

    assert told.code == 0, told.said


def test_a_call_that_falls_and_an_error_that_is_no_problem_would_be_found(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with target(tmp_path_factory.mktemp("planted"), planted=with_faults) as where:
        told = fuzzed(where, "cobertura", EXAMPLES, options=["--include-tag", "Falla", "--phases", "examples,fuzzing"])

    assert told.code == 1
    assert "Server error" in told.said and "404 is no problem+json" in told.said


def with_faults(app: FastAPI) -> None:
    app.get("/api/v1/falls", tags=["Falla"])(lambda: 1 // 0)
    app.get("/api/v1/plain", tags=["Falla"], responses={404: {}})(lambda: JSONResponse({"detail": "x"}, 404))
