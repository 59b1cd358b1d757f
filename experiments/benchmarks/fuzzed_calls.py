"""Sends what nobody would send to every call of the API, as every role, and tells what broke.

`python experiments/benchmarks/fuzzed_calls.py [--examples 200] [--role cobertura …] [--database postgresql]`

schemathesis reads the service's own OpenAPI document and runs all its phases with all its checks and one of ours
(tests/fuzz_checks.py): the examples, the edges of every value, drawn values, and chains of calls. Among the drawn
values are children, schools and cursors that exist. Exit code 0 when nothing failed; tests/test_fuzzed_calls.py does
the same with few examples. The home is drawn without a model of a city; a small one is grown for the scores.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests")]  # this folder has a features.py of its own

from fuzzed_service import PHASES, fuzzed, target  # noqa: E402
from postgres_server import address  # noqa: E402


def main(examples: int, role: list[str] | None, database: str, seed: int, without: list[str]) -> None:
    logging.disable(logging.CRITICAL)  # each call's own line
    failed = []
    phases = ["--phases", ",".join(phase for phase in PHASES if phase not in without)]
    with tempfile.TemporaryDirectory() as folder, address(database) as url, target(Path(folder), url) as where:
        for who in role or where.tokens:
            print(f"\n=== {who} ({database})", flush=True)
            began, told = time.monotonic(), fuzzed(where, who, examples, seed, phases)
            failed += [who] if told.code else []
            print(f"{told.said}{time.monotonic() - began:.0f} s", flush=True)
    print(f"failed: {', '.join(failed) or 'none'}")
    sys.exit(len(failed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--role", nargs="*")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", nargs="*", choices=PHASES, default=[], help="phases to leave out")
    main(**vars(parser.parse_args()))
