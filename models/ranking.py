"""Puts students in order of risk and cuts the list where visits end; ties fall by a rule that can be repeated."""

import numpy as np
import numpy.typing as npt
import polars as pl

TIE_RULE = "FNV-1a de student_id y día con semilla 20240304, de menor a mayor; después, student_id"
TIE_SEED = 20240304

FNV_START = np.uint64(14695981039346656037)
FNV_PRIME = np.uint64(1099511628211)


def text_hashes(texts: pl.Series) -> npt.NDArray[np.uint64]:
    """FNV-1a of every text: the same on any machine and any release of any library, unlike a dataframe's own hash."""
    encoded = np.array([text.encode() for text in texts], dtype=np.bytes_)
    width = max(encoded.dtype.itemsize, 1)
    characters = np.ascontiguousarray(encoded).view(np.uint8).reshape(len(texts), width)
    hashes = np.full(len(texts), FNV_START, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in characters.T:
            # Padding is skipped, or the longest text in a frame would change the order of all the others.
            hashes = np.where(column == 0, hashes, (hashes ^ column) * FNV_PRIME)
    return hashes


def lottery(frame: pl.DataFrame, seed: int = TIE_SEED) -> npt.NDArray[np.uint64]:
    """A number for each student and day that anyone can draw again and nobody can influence."""
    students = frame["student_id"].unique(maintain_order=True)
    drawn = pl.DataFrame({"student_id": students, "_drawn": text_hashes(students)})
    by_student = frame.select("student_id").join(drawn, on="student_id", how="left", maintain_order="left")
    days = frame["day"].to_physical().to_numpy().astype(np.uint64)
    return mixed(by_student["_drawn"].to_numpy() ^ (days * FNV_PRIME) ^ np.uint64(seed))


def mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The closing steps of splitmix64: neighbouring days must not give neighbouring numbers."""
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def ranked(frame: pl.DataFrame, by: str, seed: int = TIE_SEED) -> pl.DataFrame:
    """Adds `rank` (1 is the first to contact) within each day."""
    order = frame.with_columns(pl.Series("_lottery", lottery(frame, seed))).sort(
        ["day", by, "_lottery", "student_id"], descending=[False, True, False, False], nulls_last=True
    )
    return order.with_columns(rank=pl.int_range(1, pl.len() + 1).over("day")).drop("_lottery")


def capacity_of(students: int, share: float, least: int) -> int:
    """How many students a team can reach in a week when nobody has said: a share of those on roll."""
    return min(students, max(least, round(students * share)))
