"""Cruces de matrícula: who is the same child across files, years, sectors and documents.

Names are handed over in memory by whoever may hold them and are not kept here: what goes to the archive are pseudonyms,
weights, and which comparisons agreed.
"""

from features.linkage.compare import ENGINES, engine_named
from features.linkage.effects import keep, link_tables
from features.linkage.history import standing
from features.linkage.match import NO_REVIEW, REVIEWED, Match, cross_match
from features.linkage.withdrawal import parted_today, refuted, review_rows, unheard, withdraw

__all__ = [
    "ENGINES",
    "NO_REVIEW",
    "REVIEWED",
    "Match",
    "cross_match",
    "engine_named",
    "keep",
    "link_tables",
    "parted_today",
    "refuted",
    "review_rows",
    "standing",
    "unheard",
    "withdraw",
]
