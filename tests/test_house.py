"""The house keeps its own rules: who imports whom, what things are called, how long they are, who asks the day."""

from __future__ import annotations

import ast
import inspect
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
FLOORS = ("features", "models", "serving")
MODULES = sorted(path for floor in FLOORS for path in (HOUSE / floor).rglob("*.py"))
PROGRAMS = MODULES + sorted(path for room in ("experiments", "notebooks") for path in (HOUSE / room).rglob("*.py"))
TESTS = sorted((HOUSE / "tests").glob("*.py"))

SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "core", "manager", "managers", "stuff"}
MAY_BE_LONG = ("features/simulation/", "features/definitions/")
MAY_ASK_THE_DAY = {"serving/cli.py", "serving/app.py"}
CLOCKS = {"date", "datetime", "Timestamp", "time", "func"}
TELLS_THE_DAY = {"today", "now", "utcnow", "localtime", "time_ns", "current_timestamp"}
SPLITS_AT_RANDOM = {
    "train_test_split", "KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold", "RepeatedKFold",
    "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit", "LeaveOneOut",
    "LeavePOut", "LeavePGroupsOut", "cross_val_score", "cross_val_predict", "cross_validate", "random_split",
    "randomSplit",
}  # fmt: skip
NO_LATER_YEAR = {
    "experiments/0002-uci-697/run.py": "the published protocol: each student is one row, enrolled in no dated year",
    "experiments/0003-eph/run.py": "a panel of a single year: whole households are kept apart instead",
    "experiments/0005-uci-320/run.py": "the published protocol: each student is one row of one year",
}
"""Where students are split by lot all the same, and why there is no later year to judge on."""
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9._-])/(work|root|Users|mnt|home/[a-z]+)/")
REGISTRY_HOST = re.compile(
    r"--(extra-)?index-url|registry *= *\"http|\"resolved\": *\"http|^(url|source) *= .*https?://"
)
LOOKS = ("assert", "expect", "raises", "check", "must", "warns", "fail", "model_validate")
HOLLOW = ("assert" + " True", "pytest.skip" + "()", "raise NotImplemented" + "Error")


def place(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=place(path))


def words(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name a program uses, imports or calls, with its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias):
            yield node.name.rsplit(".", 1)[-1], node.lineno


def imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def asks_the_day(module: ast.Module) -> list[int]:
    def receiver(node: ast.expr) -> str:
        return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

    asked = (node for node in ast.walk(module) if isinstance(node, ast.Attribute) and node.attr in TELLS_THE_DAY)
    return [node.lineno for node in asked if receiver(node.value) in CLOCKS]


@pytest.fixture(scope="module")
def kept() -> list[Path]:
    """The files that are, or would be, in the repository."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        found = subprocess.run(listing, cwd=HOUSE, capture_output=True, check=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout: what is tracked cannot be known")
    return [HOUSE / name for name in found.stdout.split("\0") if name and (HOUSE / name).is_file()]


def lines(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture
            continue
        yield from ((f"{place(path)}:{number}", line) for number, line in enumerate(text.splitlines(), start=1))


# Who imports whom


def test_imports_go_down_and_the_fences_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    fences = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

    verdict = subprocess.run([linter, "--no-cache"], cwd=HOUSE, capture_output=True, text=True)

    assert len(fences) >= 6
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert f"Contracts: {len(fences)} kept, 0 broken." in verdict.stdout


def test_nobody_imports_experiments_notebooks_tests_or_what_mlflow_runs_itself() -> None:
    closed = {"experiments", "notebooks", "tests", "registered_model"} | {path.stem for path in TESTS}

    assert not [
        f"{place(path)}: {name}" for path in MODULES for name in imports(tree(path)) if closed & set(name.split("."))
    ]


# What things are called and how long they are


def test_no_file_has_a_name_that_says_nothing(kept: list[Path]) -> None:
    assert not [place(path) for path in kept if SAYS_NOTHING & {part.lower() for part in path.with_suffix("").parts}]


def test_a_file_is_one_idea_of_at_most_350_lines() -> None:
    long = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert not {name: size for name, size in long.items() if size > 350 and not name.startswith(MAY_BE_LONG)}
    assert statistics.median(long.values()) <= 150


def test_a_body_is_a_few_lines() -> None:
    bodies = {
        f"{place(path)}:{function.lineno} {function.name}": length(function)
        for path in MODULES
        for function in functions(tree(path))
        if not place(path).startswith((*MAY_BE_LONG, "serving/migrations/"))
    }

    assert not {name: size for name, size in bodies.items() if size > 50}
    assert statistics.median(bodies.values()) <= 8
    assert statistics.quantiles(bodies.values(), n=10)[-1] <= 25


def test_a_module_says_first_what_it_is_for() -> None:
    purposes = {place(path): (ast.get_docstring(tree(path)) or "").split("\n")[0] for path in MODULES}

    assert not [name for name, purpose in purposes.items() if len(purpose.split()) < 3 or purpose[-1] not in ".:?;,"]


def test_the_glossary_has_every_public_class() -> None:
    import features
    import models
    from serving import risk_lists

    offered = [getattr(room, name) for room in (features, models) for name in room.__all__]
    offered += [thing for thing in vars(risk_lists).values() if getattr(thing, "__module__", "") == risk_lists.__name__]
    ours = {thing.__name__ for thing in offered if inspect.isclass(thing) and not thing.__name__.startswith("_")}
    glossary = (HOUSE / "GLOSSARY.md").read_text(encoding="utf-8")

    assert {"Records", "View", "RiskModel", "RiskList"} <= ours
    assert not sorted(name for name in ours if f"`{name}`" not in glossary)


# Time


def test_nothing_below_the_command_line_and_the_app_asks_what_day_it_is() -> None:
    below = [path for path in MODULES if place(path) not in MAY_ASK_THE_DAY]

    assert not [f"{place(path)}:{line}" for path in below for line in asks_the_day(tree(path))]


def test_a_hidden_clock_would_be_seen() -> None:
    for hidden in ("date.today()", "datetime.datetime.now(UTC)", "Field(default_factory=datetime.now)", "func.now()"):
        assert asks_the_day(ast.parse(hidden)), hidden
    assert not asks_the_day(ast.parse("desk.today()"))


def splits_at_random(module: ast.Module) -> list[tuple[str, int]]:
    """What parts rows by lot: a splitter of that kind, or a call that shuffles before it cuts."""
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call))
    shuffled = [
        (f"{word.arg}=True", call.lineno)
        for call in calls
        for word in call.keywords
        if word.arg == "shuffle" and isinstance(word.value, ast.Constant) and word.value.value is True
    ]
    return [(word, line) for word, line in words(module) if word in SPLITS_AT_RANDOM] + shuffled


def test_students_are_never_split_at_random() -> None:
    split = {place(path): splits_at_random(tree(path)) for path in PROGRAMS}
    split = {name: found for name, found in split.items() if found}

    assert not {name: found for name, found in split.items() if name not in NO_LATER_YEAR}
    assert all(name.startswith("experiments/") and len(why) > 30 for name, why in NO_LATER_YEAR.items())
    assert set(NO_LATER_YEAR) <= set(split), "an exception that nobody needs any more"


def test_a_hidden_split_would_be_seen() -> None:
    for hidden in (
        "from sklearn.model_selection import KFold as Folds",
        "sklearn.model_selection.train_test_split(rows)",
        "frame.sample(fraction=1, shuffle=True)",
        "parts = frame.randomSplit([0.7, 0.3])",
    ):
        assert splits_at_random(ast.parse(hidden)), hidden
    assert not splits_at_random(ast.parse("TimeFolds(8).split(frame, shuffle=False)"))


# What is in the repository


def test_no_notebook_with_outputs_is_kept(kept: list[Path]) -> None:
    assert not [place(path) for path in kept if path.suffix == ".ipynb"]


def test_no_data_is_kept(kept: list[Path]) -> None:
    assert not [place(path) for path in kept if path.stat().st_size > 1_000_000]
    assert not [
        place(path) for path in kept if path.suffix in {".parquet", ".sqlite", ".db", ".pkl", ".joblib", ".key"}
    ]


def test_no_path_of_one_machine_is_kept(kept: list[Path]) -> None:
    assert not [where for where, line in lines(kept) if MACHINE_PATH.search(line)]


def test_no_package_registry_is_named(kept: list[Path]) -> None:
    lists = [path for path in kept if path.suffix in {".lock", ".toml", ".txt", ".json", ".cfg"}]

    assert not [where for where, line in lines(lists) if REGISTRY_HOST.search(line)]
    assert not {"uv.lock", "pylock.toml"} & {path.name for path in kept}


# Tests


def test_tests_lie_flat_under_unique_names() -> None:
    assert not list((HOUSE / "tests").rglob("__init__.py"))
    assert not [place(path) for path in (HOUSE / "tests").rglob("test_*.py") if path.parent != HOUSE / "tests"]


def test_nothing_is_hollow() -> None:
    assert not [where for where, line in lines(MODULES + TESTS) if any(word in line for word in HOLLOW)]


def test_every_test_can_fail() -> None:
    def looks(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        called = {word for word, _ in words(ast.Module(body=[test], type_ignores=[]))}
        asserts = any(isinstance(node, ast.Assert) for node in ast.walk(test))
        return asserts or "never_breaks" in test.name or any(word.startswith(LOOKS) for word in called)

    tests = [(path, test) for path in TESTS for test in functions(tree(path)) if test.name.startswith("test_")]

    assert not [f"{place(path)}:{test.lineno} {test.name}" for path, test in tests if not looks(test)]
