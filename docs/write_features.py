"""Writes docs/features.md from the catalogue: every feature, what it says to a person, and how far it may be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from features import CATALOGUE, Catalogue, Feature
from features.feature import FAMILY_NAMES

PAGE = Path(__file__).with_name("features.md")

OPENING = """\
# The catalogue of features

Written from `features/definitions/` by `make docs`; do not edit. Everything that the service takes into account about a
student is here. A feature is computed from what was known by the day looked from; nothing known means no value.

*Said*: may appear in a reason, in these words. *Actionable*: a school or a team can do something about it; such reasons
come first. *Input*: read by the model; a sensitive trait is not, unless a recipe asks for it to compare.

*Looks at*: the state on the day, so many weeks before it, the school year so far, or all that is on record. *Where
nothing is known*: always known of whoever is on roll; left unknown; zero, since no row means none; or the newest value
known, however old. Beside the last two stands the feature that says so (`was …`). *Place*: (rank − ½) / number of those
students of the same school and grade on that day, or of the same school; 0 is the least of them, 1 the most.

A foreign register's own columns (`x_…`) become features by themselves, and so do the place of each number within its
institution (`x_…_rank`) and whether anything of them is known (`own_…_missing`).
"""

HEAD = (
    "feature", "in the words of a reason", "as a protective factor", "from", "unit", "looks at",
    "where nothing is known", "said", "actionable", "input",
)  # fmt: skip
UNITS = {
    "share": "share, 0 to 1", "points": "difference of shares, said of 100", "count": "count", "weeks": "weeks",
    "years": "years", "minutes": "minutes", "grade": "grade", "score": "0 to 100", "schooling": "level, 0 to 4",
    "yes_no": "0 or 1", "text": "category", "number": "number", "rank": "place, 0 to 1",
}  # fmt: skip
WINDOWS = {"day": "the day", "year": "the school year", "record": "all on record"}
FILLS = {"always": "always known", "unknown": "unknown", "zero": "zero", "carried": "the newest known"}


def page(catalogue: Catalogue) -> str:
    return "\n".join([OPENING, *lines(catalogue)]) + "\n"


def lines(catalogue: Catalogue) -> Iterator[str]:
    yield f"{len(catalogue)} features."
    for family in catalogue.families:
        yield f"\n## {family}: {FAMILY_NAMES[family]}\n"
        yield row(HEAD)
        yield row(["---"] * len(HEAD))
        yield from (row(told(feature)) for feature in catalogue if feature.family == family)


def told(feature: Feature) -> list[str]:
    said = feature.shown and not feature.sensitive
    return [
        f"`{feature.name}`",
        template(feature.sentence) if said else "",
        template(feature.protective or "") if said else "",
        f"`{feature.source}`",
        UNITS[feature.unit],
        WINDOWS.get(feature.window, feature.window.replace("w", " weeks")),
        FILLS[feature.fill] + (f", was `{feature.companion}`" if feature.companion else ""),
        yes(said),
        yes(said and feature.actionable),
        yes(not feature.sensitive),
    ]


def template(text: str) -> str:
    return text.replace("{value}", "…").replace("{rest}", "…")


def yes(holds: bool) -> str:
    return "yes" if holds else "no"


def row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(CATALOGUE), encoding="utf-8")
