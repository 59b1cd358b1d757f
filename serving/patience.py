"""Work that outlives its database: while that is away it is waited for, and then the work goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

SHORTEST, LONGEST = 1.0, 60.0  # seconds
AWAY = "La base de datos no responde. Se intenta de nuevo en {:.0f} s."
BACK = "La base de datos responde de nuevo."
Done = TypeVar("Done")


def patiently(work: Callable[[], Done], say: Callable[[str], None], wait: Callable[[float], None] = time.sleep) -> Done:
    """Ever longer from one try to the next, so that a server that comes back is not met by all at once."""
    pause = SHORTEST
    while True:
        try:
            done = work()
        except OperationalError:
            say(AWAY.format(pause))
            wait(pause)
            pause = min(2 * pause, LONGEST)
        else:
            if pause > SHORTEST:
                say(BACK)
            return done
