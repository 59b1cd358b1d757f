"""Reading what a secretariat has: one door for every export, and one for registers that are not SIMAT."""

from features.quality import Problem
from features.sources.ingest import check, ingest
from features.sources.pseudonym import pseudonym
from features.sources.report import CheckReport, FileReport, IngestReport

__all__ = ["CheckReport", "FileReport", "IngestReport", "Problem", "check", "ingest", "pseudonym"]
