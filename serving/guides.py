"""What to do about each kind of reason: how to call, what to ask, which programme to refer to, what to write down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from features.feature import FAMILY_NAMES

GUIDES = Path(__file__).parent / "templates" / "guides"
PARTS = ("Antes de llamar", "Guion de la llamada", "Preguntas", "A qué remitir", "Qué registrar")


@dataclass(frozen=True)
class Guide:
    """One action sheet; `family` is that of a reason."""

    family: str
    title: str
    text: str  # Markdown, without its title

    @property
    def about(self) -> str:
        return FAMILY_NAMES[self.family]

    def html(self, level: int = 2) -> str:
        """Its parts under headings of this level. The files are ours; HTML in them is shown as text all the same."""
        deeper = re.sub(r"^##", "#" * level, self.text, flags=re.MULTILINE)
        return str(MarkdownIt("js-default").render(deeper))

    @property
    def parts(self) -> dict[str, str]:
        """Each part as plain text, for a sheet without headings."""
        pieces = re.split(r"^## (.+)$", self.text, flags=re.MULTILINE)[1:]
        return {title: _plain(text) for title, text in zip(pieces[::2], pieces[1::2], strict=True)}


def guide_for(family: str) -> Guide | None:
    """None for a family that does not exist: what is asked for may come from an address."""
    return _read(family) if family in FAMILY_NAMES else None


def all_guides() -> list[Guide]:
    return [_read(family) for family in FAMILY_NAMES]


def guides_among(rows: Iterable[Mapping[str, Any]]) -> list[Guide]:
    """One sheet for each kind of reason that these rows give, in the order of the catalogue."""
    told = {reason["family"] for row in rows for reason in row["reasons"]}
    return [_read(family) for family in FAMILY_NAMES if family in told]


@cache
def _read(family: str) -> Guide:
    title, _, text = (GUIDES / f"{family}.md").read_text(encoding="utf-8").partition("\n")
    return Guide(family, title.removeprefix("# "), text.strip())


def _plain(text: str) -> str:
    joined = re.sub(r"\n(?!-|\n)", " ", text.strip())
    return joined.replace("**", "").replace("- ", "• ")
