"""A made-up secretariat whose truth is known: invented children, written as the files that schools send."""

from features.simulation.assumptions import ASSUMPTIONS, HARD_TO_LINK, Assumptions
from features.simulation.secretariat import Summary, simulate

__all__ = ["ASSUMPTIONS", "HARD_TO_LINK", "Assumptions", "Summary", "simulate"]
