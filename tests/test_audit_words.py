"""The auditor reads every action and every role in Spanish; what has no words yet is shown as it was written."""

import ast
import re
from pathlib import Path

import pytest

from serving import list_decisions
from serving.audit_words import ACTIONS, ROLES, action_said, role_said
from serving.people import Role
from serving.tenancy import JOB

SERVING = Path(__file__).parents[1] / "serving"
TELLS = {"writing": 1, "looking": 1, "note": 1, "Entry": 1, "_about": 2, "_written": 1}
TELLS |= {"put_in_use": 4, "copy_for_service": 5, "_looked_at": 3}
"""The calls that name an action, and where in them it stands."""
NOT_THE_AUDIT = {("contact_records.py", "Entry"), ("turns.py", "note")}
HANDED_ON = {"action", "name"}  # a parameter: whoever calls the function that has it stands in the table above
NO_LINE = {"try", "read", "set_up_factor"}  # written with `entry.skip`


def written():
    """Every action that the program's text writes, and what could not be read out of it."""
    for path in sorted(SERVING.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            name = called(call)
            if name in TELLS and (path.name, name) not in NOT_THE_AUDIT and len(call.args) > TELLS[name]:
                yield told(call.args[TELLS[name]])


def called(node):
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def told(node):
    if isinstance(node, ast.Constant):
        return node.value
    name = ast.unparse(node).removeprefix("list_decisions.")
    return getattr(list_decisions, name, name)


def test_every_action_that_is_written_has_its_words():
    found = set(written()) - HANDED_ON - NO_LINE

    assert len(found) > 50 and {"see_list", "upsert_roster", "hold_list", "promote", "assign"} <= found
    assert found - set(ACTIONS) == set(), "give these their words in serving/audit_words.py"
    assert set(ACTIONS) - found == set(), "nobody writes these any more"


def test_words_are_words_and_no_two_actions_share_them():
    assert len(set(ACTIONS.values())) == len(ACTIONS)
    assert not [said for said in ACTIONS.values() if re.search("_", said) or not said[0].isupper()]


@pytest.mark.parametrize("role", [*Role, JOB])
def test_every_role_has_its_words(role):
    assert role_said(str(role)) == ROLES[str(role)] != str(role)


def test_what_has_no_words_is_shown_as_it_was_written():
    assert (action_said("x_from_tomorrow"), role_said("x")) == ("x_from_tomorrow", "x")
