"""An alarm: what was seen, what is usual, and what to do about it, in a sentence for whoever runs the service."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Alarm:
    """`kind`: staleness, drift, missing, category, calibration, churn or labels. `what`: of which source or variable.

    `seen` has passed `limit`, both in the unit of the kind's figure.
    """

    kind: str
    what: str
    seen: float
    limit: float
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
