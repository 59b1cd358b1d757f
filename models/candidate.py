"""A version that asks to be put in use, as the gates see it: its figures, on which days, and what it was made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Candidate:
    """What the registry remembers of a version: its figures on the judged days, its catalogue, its tags, its name."""

    figures: Mapping[str, float]
    fingerprint: str | None
    tags: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    seal: str = ""

    def figure(self, method: str, name: str) -> float | None:
        return self.figures.get(f"{method}.{name}")

    @property
    def judged_days(self) -> tuple[date, date] | None:
        """The first and the last, from the tag `test_days`: «2024-01-28/2024-07-14 (25)»."""
        first, _, last = self.tags.get("test_days", "").partition("/")
        return (date.fromisoformat(first), date.fromisoformat(last[:10])) if last else None

    @property
    def judged_until(self) -> date | None:
        return self.judged_days[1] if self.judged_days else None


def number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}".replace(".", ",")
