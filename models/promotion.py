"""Puts a version in use if every gate lets it through, says who answers for it, and goes back to the one before."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from features import CATALOGUE
from models.borrowed_gates import valid_until
from models.card import CARD, approved
from models.gates import Candidate, GateRefused, refusals
from models.model_files import ModelFilesDamaged

if TYPE_CHECKING:
    from models.registry import Registry

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"


def promote(registry: "Registry", version: str, fingerprint: str, by: str, on: date | None) -> str:
    """The one in use stays at hand as `previous`. Quick: it reads figures, and judges nothing."""
    before, candidate = registry.champion_version(), registry.candidate(version)
    model = registry.load(version)  # files that were changed are refused here, before any name points to them
    candidate = as_it_reads(candidate, model.features)
    reasons = refusals(candidate, fingerprint, replaced_by(registry, version), on)
    if reasons:
        raise GateRefused([f"La versión {version} no se puede poner en uso.", *reasons])
    approve(registry, version, by, on, valid_until(candidate, on))
    if before and before != version:
        registry.name(PREVIOUS, before)
    registry.name(CHAMPION, version)
    if registry.version_at(CHALLENGER) == version:
        registry.unname(CHALLENGER)
    return version


def as_it_reads(candidate: Candidate, features: Sequence[str]) -> Candidate:
    """What a version reads is told by the version: a tag can be written by hand, or be missing."""
    sensitive = any(name in CATALOGUE and CATALOGUE[name].sensitive for name in features)
    return replace(candidate, tags={**candidate.tags, "use_sensitive": "True"}) if sensitive else candidate


def replaced_by(registry: "Registry", version: str) -> Candidate | None:
    """The version in use, if there is one that the new one must not be worse than.

    Going back to the one before needs no comparison, as a rollback needs none; nor has one any sense with a version
    whose files are damaged: it cannot be judged, and must be replaced.
    """
    before = registry.champion_version()
    if not before or before == version or registry.version_at(PREVIOUS) == version:
        return None
    try:
        registry.load(before)
    except ModelFilesDamaged:
        return None
    return registry.candidate(before)


def rollback(registry: "Registry") -> str:
    """The version before comes back into use, and the one in use becomes the one before."""
    now, before = registry.champion_version(), registry.version_at(PREVIOUS)
    if not (now and before):
        raise GateRefused(["No hay una versión anterior a la cual volver."])
    registry.name(CHAMPION, before)
    registry.name(PREVIOUS, now)
    return before


def approve(registry: "Registry", version: str, by: str, on: date | None, until: date | None) -> None:
    """Who answers for the version and until when, on the version itself and on its card."""
    told = {"promoted_by": by, "promoted_on": str(on or ""), "expires_on": str(until or "")}
    registry.tag_version(version, told)
    kept = registry.folder_of(version) / CARD
    if kept.exists():
        for name, text in approved(json.loads(kept.read_text("utf-8")), version, told).items():
            registry.write_beside(version, f"card/{name}", text)
