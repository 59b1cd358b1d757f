"""Figures of how the service does, for whoever watches it: how many calls, how long, how old the list; nobody's id."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # a folder where several workers add up their figures
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("permanencia_requests", "Calls answered", ("method", "route", "status"))
DURATION = Histogram("permanencia_request_seconds", "Time to answer", ("route",), buckets=SECONDS)
FACTS = {
    "database_up": "Whether the database answers",
    "list_age_days": "Days since the day of the list in force",
    "list_rows": "Students on the list in force",
    "on_roll": "Students that it scored",
    "model_age_days": "Days since the model in use was approved",
}


def count(method: str, route: str, status: int, seconds: float) -> None:
    """`route` is the template of an address, never the address itself: it may hold a pseudonym."""
    REQUESTS.labels(method if method in METHODS else "OTHER", route, str(status)).inc()
    DURATION.labels(route).observe(seconds)


def exposition(facts: Mapping[str, float | None]) -> bytes:
    """All figures in Prometheus' text form; a fact that is not known is left out."""
    return generate_latest(_counted()) + generate_latest(_told(facts))


def _counted() -> CollectorRegistry:
    if SHARED not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _told(facts: Mapping[str, float | None]) -> CollectorRegistry:
    # NOTE: read anew at every look and kept nowhere. A Gauge would be added to the figures that the workers share, and
    # told twice from then on: once as it is, and once as it was when a worker was last asked.
    registry = CollectorRegistry()
    registry.register(_Facts(facts))
    return registry


class _Facts(Collector):
    def __init__(self, facts: Mapping[str, float | None]) -> None:
        self.facts = facts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, meaning in FACTS.items():
            value = self.facts.get(name)
            if value is not None:
                yield GaugeMetricFamily(f"permanencia_{name}", meaning, value)
