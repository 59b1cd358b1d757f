"""What was known about a student on a day."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.definitions import CATALOGUE
    from features.definitions.own import catalogue_for
    from features.feature import Catalogue, Feature
    from features.frame import build_frame, days_to_score, observed_dates
    from features.labels import Outcome, outcomes
    from features.records import Archive, Entry, Records
    from features.view import View

_HOMES = {
    "Archive": "features.archive",
    "CATALOGUE": "features.definitions",
    "Catalogue": "features.feature",
    "Entry": "features.archive",
    "Feature": "features.feature",
    "Outcome": "features.labels",
    "Records": "features.records",
    "View": "features.view",
    "build_frame": "features.frame",
    "catalogue_for": "features.definitions.own",
    "days_to_score": "features.frame",
    "observed_dates": "features.frame",
    "outcomes": "features.labels",
}

__all__ = [
    "CATALOGUE",
    "Archive",
    "Catalogue",
    "Entry",
    "Feature",
    "Outcome",
    "Records",
    "View",
    "build_frame",
    "catalogue_for",
    "days_to_score",
    "observed_dates",
    "outcomes",
]


def __getattr__(name: str) -> Any:
    """Names are fetched when first asked for: ``permanencia --help`` should not wait for Polars."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
