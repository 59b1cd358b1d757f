"""Turns a loop written in Python into machine code, and keeps the code for the next process where it may."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

Inputs = ParamSpec("Inputs")
Answer = TypeVar("Answer")


def compiled(function: Callable[Inputs, Answer]) -> Callable[Inputs, Answer]:
    """Other threads may run meanwhile. Where no folder can be written to, each process compiles again.

    NOTE: what is kept is renewed when the function's own file changes; a function it calls must be in the same file.
    """
    try:
        code: Callable[Inputs, Answer] = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        code = numba.njit(nogil=True, error_model="numpy")(function)
    return code
