"""How often one person may ask: 300 times in any five minutes, unless the settings say otherwise."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock
from time import monotonic

REQUESTS_WINDOW = 300.0  # seconds


class Turnstile:
    """Counts in this process alone.

    NOTE: each worker counts its own, so that with several a person may ask as many times more. It keeps a program that
    runs wild from the others' way; what must hold to the letter (sign-ins, bulk exports) is counted in the database.
    """

    def __init__(self, most: int, window: float = REQUESTS_WINDOW, clock: Callable[[], float] = monotonic) -> None:
        self.most, self.window, self.clock = most, window, clock
        self._passed: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def wait(self, who: str) -> int:
        """Seconds until `who` may ask again; 0 when they may now, and then it counts. Without a limit always 0."""
        if not self.most:
            return 0
        now = self.clock()
        with self._lock:
            passed = self._passed[who]
            while passed and passed[0] <= now - self.window:
                passed.popleft()
            if len(passed) >= self.most:
                return int(passed[0] + self.window - now) + 1
            passed.append(now)
            return 0
