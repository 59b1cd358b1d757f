"""Asks, as people of other schools, for what is one school's, in every way there is, and tells what came out.

`python experiments/benchmarks/cross_school.py [--attempts 20000] [--seed 11] [--blind 2000] [--database postgresql]`

Each attempt is sent twice: for what exists and is out of reach, and for what exists nowhere; the answers must be equal
to the byte, but for what the caller had sent, the hour and the call's own number. No answer may tell anything that was
planted in the watched school. With `--blind` so many more go to PostgreSQL while every condition of the program is
taken away (tests/crossed_blind.py). Exit code 0 when nothing was told and nothing told apart.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests")]

from crossed_blind import blind  # noqa: E402
from crossed_calls import attempts  # noqa: E402
from crossed_city import City, crossed_city  # noqa: E402
from crossed_watch import Found, watch, watching  # noqa: E402
from postgres_server import address, running  # noqa: E402

SHOWN, OFTEN = 10, 1_000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--attempts", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=11)
    asked.add_argument("--blind", type=int, default=0)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    told = asked.parse_args()
    logging.disable(logging.CRITICAL)  # each call's own line
    with tempfile.TemporaryDirectory() as folder, address(told.database) as url:
        city = crossed_city(Path(folder) / "h", url)
        found = timed(city, told.attempts, told.seed)
        bad = len(found.leaks) + len(found.told_apart)
        bad += blinded(Path(folder) / "blind", told.blind, told.seed) if told.blind else 0
    return 1 if bad else 0


def timed(city: City, many: int, seed: int) -> Found:
    start, found = time.perf_counter(), Found()
    for found in watching(city, attempts(city, many, seed)):
        if (done := sum(found.tried.values())) % OFTEN == 0 or done == many:
            took = time.perf_counter() - start
            told = f"told of the watched school: {len(found.leaks)}; told apart from what is nowhere: "
            print(f"{done} attempts in {took:.0f} s; {told}{len(found.told_apart)}", flush=True)
    for name, counts in (("of each kind", found.tried), ("answered", found.statuses)):
        print(f"{name}: " + ", ".join(f"{what} {count}" for what, count in counts.most_common()))
    print(*found.leaks[:SHOWN], *found.told_apart[:SHOWN], sep="\n")
    for kind in sorted(found.seconds):
        print(f"  {kind}: " + spent(found.seconds[kind]))
    return found


def spent(pairs: list[tuple[float, float]]) -> str:
    """How long the refusals took and how long what is nowhere, and how the differences of the pairs lie."""
    there, nowhere = (1000 * median(times) for times in zip(*pairs, strict=True))
    between = [1000 * (first - second) for first, second in pairs]
    low, _, high = quantiles(between, n=4) if len(between) > 1 else (between * 3)
    return f"{len(pairs)} pairs, {there:.1f} ms and {nowhere:.1f} ms; half of the differences in {low:+.1f}…{high:+.1f}"


def blinded(home: Path, many: int, seed: int) -> int:
    with running() as server:
        city = crossed_city(home, server.url(server.fresh()))
        with blind():
            found = watch(city, attempts(city, many, seed), compare=False, canary=city.of_children)
        city.app.state.service.database.engine.dispose()
    print(
        f"{many} attempts on PostgreSQL with the program's conditions taken away: {len(found.leaks)} told", flush=True
    )
    print(*found.leaks[:SHOWN], sep="\n")
    return len(found.leaks)


if __name__ == "__main__":
    sys.exit(main())
