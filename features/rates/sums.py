"""Published totals and what they are made of: what a reader adds up."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

C = TypeVar("C", bound=Hashable)
"""What a table calls one of its counts."""


@dataclass(frozen=True)
class Sum(Generic[C]):
    """A published total and the published counts it is made of."""

    whole: C
    parts: tuple[C, ...]

    @property
    def cells(self) -> tuple[C, ...]:
        return (self.whole, *self.parts)
