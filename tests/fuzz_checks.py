"""What schemathesis is told beside its own checks: how an error must look, which refusal of good values is right.

Loaded by schemathesis itself (`hooks` in the file that fuzzed_service.py writes), never by the service.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.core.failures import Failure

from serving.api.problems import MEDIA_TYPE, RULE, TITLES

TYPES = {f"/api/docs#{name}": title for name, title in (*TITLES.values(), RULE)}
CURSORS = {"list_risk_lists", "read_risk_list", "read_watchlist"}
RULES = CURSORS | {"score_students", "log_contact", "give_feedback", "assign_student"}
"""The calls with a rule that no schema can tell: whose cursor it is, which of two days comes first, what a key was
used for before."""


@schemathesis.check
def every_error_is_a_problem(_ctx: Any, response: Any, case: Any) -> None:
    """RFC 9457, in Spanish, with a type that programs may rely on, and without what was sent."""
    if response.status_code < 400 or case.method == "HEAD":
        return
    assert response.headers["content-type"] == [MEDIA_TYPE], f"{response.status_code} is no problem+json"
    body = response.json()
    assert body["type"] in TYPES, f"an unknown type of problem: {body['type']}"
    assert body["title"] == TYPES[body["type"]] and body["detail"], "the title is not that of its type"
    assert body["status"] == response.status_code, "the body tells another status"


@schemathesis.hook
def filter_failure(_context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """Everything that fails counts, but for one thing.

    schemathesis holds that whatever fits the schema must be accepted. HTTP does not: 422 is for content that is
    understood and cannot be processed (RFC 9110, 15.5.21). Where the answer says so by its own type, in a call that
    has such a rule, the refusal is right; a 422 of any other type still fails.
    """
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 422:
        return True
    ruled = response.json()["type"] == f"/api/docs#{RULE[0]}"
    return not (ruled and case.operation.definition.raw["operationId"] in RULES)
