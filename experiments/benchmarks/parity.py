"""Do page, call, CSV, XLSX and paper carry the same students in the same order? A thousand published lists say.

Run from the root of the repository:  python experiments/benchmarks/parity.py [--lists 1000] [--schools 39]
It publishes weekly lists of so many schools, fetches each school's list and the city's in every form from the service
itself, and tells how many differ and what each form costs. The suite does the same with fewer (tests/test_parity.py).
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests")]  # this folder has a features.py of its own

from drawn_parity import draw_town  # noqa: E402

EVERY = 100  # lists between one word of how far it is and the next


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lists", type=int, default=1000)
    asked.add_argument("--schools", type=int, default=39)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        town = draw_town(Path(folder) / "home", told.schools, -(-told.lists // (told.schools + 1)), told.seed)
        print(f"published: {len(town.sizes)} weeks of {told.schools} schools, {time.perf_counter() - began:.0f} s")
        compared, students, differing = 0, 0, Counter[str]()
        for day, school, size in town.lists():
            orders = town.orders(day, school)
            compared, students = compared + 1, students + size
            wrong = [way for way, order in orders.items() if order != orders["page"]]
            differing.update(wrong)
            if wrong or len(orders["page"]) != size:
                differing["lists"] += 1
                print(day, school or "city", size, {way: len(order) for way, order in orders.items()}, wrong)
            if compared % EVERY == 0:
                print(f"  {compared} lists, {time.perf_counter() - began:.0f} s", flush=True)
    for way, seconds in town.seconds.items():
        print(f"{way}: {1000 * seconds / compared:.0f} ms of processor a list")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{compared} lists of {students} students in 5 forms, {differing['lists']} that differ {dict(differing)}, ",
        end="",
    )
    print(f"{time.perf_counter() - began:.0f} s, {peak:.0f} MB")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
