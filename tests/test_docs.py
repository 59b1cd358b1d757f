"""The documents are true: what they name exists, what is generated is fresh, and the promised commands are there."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import typer.main

from features import CATALOGUE
from serving.cli import app
from serving.settings import Settings

HOUSE = Path(__file__).parent.parent
PAGES = sorted(
    [
        *HOUSE.glob("*.md"),
        *HOUSE.glob("docs/**/*.md"),
        *HOUSE.glob("experiments/**/*.md"),
        *HOUSE.glob("notebooks/*.md"),
    ]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_FILE = re.compile(r"`((?:features|models|serving|tests|docs|experiments|notebooks|requirements)/[\w./-]+\.\w+)`")
COMMAND = re.compile(r"^ *permanencia ((?:[a-z-]+)(?: [^#\n]*)?)", flags=re.MULTILINE)


def text(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def offered() -> dict[str, set[str]]:
    """Every command with its options; a command of a group stands as "group command"."""
    found: dict[str, set[str]] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        for full, one in {f"{name} {part}": c for part, c in inner.items()}.items() if inner else [(name, command)]:
            found[full] = {
                option for parameter in one.params for option in [*parameter.opts, *parameter.secondary_opts]
            }
    return found


def asked_for(line: str) -> tuple[str, set[str]]:
    words = shlex.split(line.replace("…", "x"))
    name = " ".join(words[:2]) if words[0] in {"user", "db"} else words[0]
    return name, {word for word in words if word.startswith("--")}


def told(pattern: re.Pattern[str]) -> Iterator[tuple[Path, str]]:
    """What the pages say in this form, with the page that says it."""
    return ((page, found) for page in PAGES for found in pattern.findall(page.read_text(encoding="utf-8")))


def test_every_link_leads_somewhere() -> None:
    links = [(page, link.split("#")[0]) for page, link in told(LINK) if "://" not in link]

    assert len(links) > 20
    assert not [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()]


def test_every_file_that_is_named_exists() -> None:
    named = list(told(NAMED_FILE))

    assert len(named) > 20
    assert not [f"{page.name}: {name}" for page, name in named if not (HOUSE / name).exists()]


def test_every_command_of_the_readme_is_offered_with_its_options() -> None:
    commands = offered()
    examples = [asked_for(line) for line in COMMAND.findall(text("README.md"))]

    assert len(examples) >= 7
    assert not [name for name, _ in examples if name not in commands]
    assert not [f"{name}: {options - commands[name]}" for name, options in examples if options - commands[name]]


def test_the_readme_leaves_no_command_out() -> None:
    table = text("README.md").split("## The command line")[1].split("\n## ")[0]

    assert not [name for name in offered() if not re.search(rf"\b{name.split()[-1]}\b", table)]


def test_the_options_in_the_table_of_commands_exist() -> None:
    table = text("README.md").split("## The command line")[1].split("\n## ")[0]
    every = set.union(*offered().values())

    assert not sorted(set(re.findall(r"--[a-z][a-z-]*", table)) - every - {"--help", "--json"})


def test_every_setting_of_the_readme_is_read() -> None:
    named = {name.lower() for name in re.findall(r"PERMANENCIA_([A-Z_]+)", text("README.md"))}

    assert named
    assert named <= set(Settings.model_fields)


def test_the_readme_is_short_and_shows_a_list() -> None:
    readme = text("README.md")

    assert len(readme.splitlines()) <= 150
    assert "Semana del lunes" in readme or "docs/list.png" in LINK.findall(readme)


def test_every_target_that_is_promised_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), flags=re.MULTILINE))
    promised = {"install", "demo", "test", "check", "serve", "notebooks", "docs", "lock"}
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}

    assert promised | named <= targets


def test_make_demo_passes_its_size_on_and_can_stop_before_serving() -> None:
    asked = ["make", "--dry-run", "--always-make", "demo", "STUDENTS=4000", "SERVE=0"]

    printed = subprocess.run(asked, cwd=HOUSE, capture_output=True, text=True, check=True).stdout

    assert "permanencia demo --students 4000 --no-serve" in printed


def test_the_verdict_of_a_machine_is_made_of_the_same_targets_as_a_persons() -> None:
    verdict = HOUSE / ".ci" / "run"

    understood = subprocess.run(["bash", "-n", verdict], capture_output=True, text=True)

    assert understood.returncode == 0, understood.stderr
    assert os.access(verdict, os.X_OK)
    assert re.findall(r"make --no-print-directory (\w+)", verdict.read_text(encoding="utf-8")) == [
        "install",
        "check",
        "test",
    ]


def test_every_decision_is_in_the_list_under_its_own_title() -> None:
    pages = sorted((HOUSE / "docs" / "decisions").glob("[0-9]*.md"))
    listed = text("docs/decisions/README.md")
    titles = {page.name: page.read_text(encoding="utf-8").splitlines()[0].split(". ", 1)[1] for page in pages}

    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    assert not [name for name, title in titles.items() if f"[{name[:4]}]({name}) | {title} |" not in listed]


def test_a_decision_says_what_else_was_considered_and_what_it_costs() -> None:
    for page in (HOUSE / "docs" / "decisions").glob("[0-9]*.md"):
        whole = page.read_text(encoding="utf-8")
        assert all(
            part in whole for part in ("**Question.**", "**Considered**", "**Chosen.**", "**What it costs.**")
        ), page.name
        assert len(whole.splitlines()) <= 60, page.name


def test_the_page_of_features_is_fresh() -> None:
    written = runpy.run_path(str(HOUSE / "docs" / "write_features.py"))

    assert text("docs/features.md") == written["page"](CATALOGUE), "run `make docs`"


def test_no_sensitive_trait_has_words_on_the_page_of_features() -> None:
    rows = {line.split("`")[1]: line for line in text("docs/features.md").splitlines() if line.startswith("| `")}
    sensitive = [feature.name for feature in CATALOGUE if feature.sensitive]

    assert set(rows) == set(CATALOGUE.names)
    assert sensitive
    assert all(rows[name].split("|")[2].strip() == "" and rows[name].endswith("| no |") for name in sensitive)
