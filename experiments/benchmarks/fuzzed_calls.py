"""Sends what nobody would send to every call of the API, as every role, and tells what broke.

`python experiments/benchmarks/fuzzed_calls.py [--examples 200] [--role cobertura …]`

schemathesis reads the service's own OpenAPI document and runs all its phases: the examples, the edges of every value,
drawn values, and chains of calls. Exit code 0 when nothing failed.
The home is drawn without a model of a city; a small one is grown for the scores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests"), str(Path(__file__).parent)]

from drawn_lists import MONDAY_MORNING, draw_home  # noqa: E402
from request_rates import free_port, serving  # noqa: E402
from small_school import grown_model  # noqa: E402

PHASES = "examples,coverage,fuzzing,stateful"
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method", "allow_header_conformance")  # fmt: skip


def fuzzed(port: int, token: str, examples: int) -> int:
    """The exit code of schemathesis for one role."""
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"http://127.0.0.1:{port}/api/openapi.json"]
    options = ["--phases", PHASES, "--max-examples", str(examples), "--checks", ",".join(CHECKS), "--seed", "1"]
    quiet = ["--no-color", "--generation-database", "none", "--warnings", "off"]
    sent = ["--header", f"Authorization: Bearer {token}", "--continue-on-failure"]
    return subprocess.run([*command, *options, *quiet, *sent]).returncode


def main(examples: int, role: list[str] | None) -> None:
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        settings, tokens = draw_home(Path(folder) / "h")
        grown_model().save(settings.champion)
        told = {
            "PERMANENCIA_HOME": str(settings.home),
            "PERMANENCIA_TODAY": MONDAY_MORNING.date().isoformat(),
            "PERMANENCIA_REQUESTS_PER_PERSON": "0",
            "PYTHONPATH": os.pathsep.join([str(HOUSE)]),
        }
        port = free_port()
        with serving("serving.app:create_app", port, Path(folder), **told):
            for who in role or tokens:
                print(f"\n=== {who}", flush=True)
                failed += [who] if fuzzed(port, tokens[who], examples) else []
    print(f"failed: {', '.join(failed) or 'none'}")
    sys.exit(len(failed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--role", nargs="*")
    main(**vars(parser.parse_args()))
