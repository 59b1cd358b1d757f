"""The documentation page of what the simulation assumes, generated so that it cannot go stale unseen."""

import sys
from dataclasses import fields

from features.simulation.assumptions import ASSUMPTIONS, Assumptions


def as_page(assumptions: Assumptions = ASSUMPTIONS) -> str:
    rows = [f"| `{f.name}` | {getattr(assumptions, f.name)} | {f.metadata['meaning']} |" for f in fields(assumptions)]
    return "\n".join([_HEAD, "| name | value | meaning |", "|---|---|---|", *rows, ""])


_HEAD = """# What the made-up secretariat assumes

Generated from `features/simulation/assumptions.py`; to write it again:
`python -m features.simulation.assumptions_page > docs/simulation_assumptions.md`.
Published figures (dropout, failure and repetition by level and year, over-age by grade, Venezuelan share) are in
`features/simulation/figures.py` with their sources. Everything below has no source, or only a hint of one.

- Years outside the published ones use the nearest published year; municipalities without figures of their own use the
  national ones.
- Leaving is a weekly hazard: an intercept solved for each level and year, so that the expected share of registered
  dropouts meets the published figure; plus the log-hazards below; times an unobserved gamma multiplier of mean one.
- `hazard_observed` and `chance_4w` average that multiplier over what the student's own past says about it: after an
  accumulated hazard H and n exits its mean is (1/v + n) / (1/v + H), v its variance.
- `chance_4w` is the chance that a dated folder within 28 days shows the exit. When the last year is cut short, the
  truth still covers the whole year, and `recorded_on` is the day on which the folder would have shown it.
- `per_id` in the truth is the number under which a child was first written; `identities.parquet` has every other one.
  `simulate --hard-to-link` plants what PER_ID cannot settle; it changes what is written and nobody's fate.
- Students transfer only between institutions of their district, so that a city of any size fits in memory.
"""

if __name__ == "__main__":
    sys.stdout.write(as_page())
