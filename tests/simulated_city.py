"""One made-up city for the tests of the simulation, made once, and how they read it."""

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

import polars as pl

from features.simulation import simulate

YEARS = (2021, 2022, 2023)
STUDENTS = 24_000


@cache
def made_city() -> Path:
    out = Path(tempfile.mkdtemp(prefix="simulated-city-"))
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    simulate(out, STUDENTS, YEARS, seed=3, weeks_of_last_year=5)
    return out


def folders(out: Path, year: int | None = None) -> list[Path]:
    return sorted(p for p in out.iterdir() if p.name != "truth" and (year is None or p.name.startswith(str(year))))


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator=";", encoding="iso-8859-1", infer_schema=False, quote_char=None)


def header(path: Path) -> str:
    return path.read_text(encoding="latin-1").split("\n", 1)[0]


def digest(out: Path) -> str:
    seen = hashlib.sha256()
    for path in sorted(p for p in out.rglob("*") if p.is_file() and p.name != "assumptions.json"):
        seen.update(str(path.relative_to(out)).encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()


def exits(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "truth" / "exits.parquet")
