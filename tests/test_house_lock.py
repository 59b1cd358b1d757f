"""The lists of what is installed are whole: every need is pinned, every pin has its hash, and the lists agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = Path(__file__).parent.parent
LISTS = ("run", "dev", "bootstrap")
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (HOUSE / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, str]:
    entries = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text(name), flags=re.MULTILINE)
    return {canonicalize_name(package): version for package, version in entries}


def unmet(needs: list[str], pins: dict[str, str]) -> list[str]:
    asked = [Requirement(need) for need in needs]
    return [str(need) for need in asked if not need.specifier.contains(pins.get(canonicalize_name(need.name), "0"))]


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", text(name).strip())

    assert len(entries) == len(pinned(name))
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_says_where_from(name: str) -> None:
    assert not re.findall(r"https?://|--index-url|--extra-index-url|--find-links|file:", text(name))


def test_what_the_project_needs_is_pinned_as_it_needs_it() -> None:
    project = PROJECT["project"]

    assert not unmet(project["dependencies"], pinned("run"))
    assert not unmet(project["dependencies"] + project["optional-dependencies"]["dev"], pinned("dev"))
    assert not unmet(PROJECT["build-system"]["requires"], pinned("bootstrap"))


def test_tests_run_with_the_versions_that_serve() -> None:
    run, dev = pinned("run"), pinned("dev")

    assert run.items() <= dev.items()
    assert {name: run[name] for name in run.keys() & pinned("bootstrap").keys()}.items() <= pinned("bootstrap").items()
