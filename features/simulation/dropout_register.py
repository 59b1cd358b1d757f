"""SIMPADE as the closing export has it: one line per student who left in the year and was not back by December."""

from typing import Final

import numpy as np
import polars as pl

from features.simulation.folders import Files, Folder, joined
from features.simulation.register import NEVER
from features.simulation.register_rows import Rows
from features.simulation.spells import DROPOUT

HEADER: Final = "ANO;CODIGO_DANE;CODIGO_DANE_SEDE;PER_ID;GRADO_COD;SECTOR;FECHA_REPORTE"


def write_dropouts(rows: Rows, files: Files, folder: Folder) -> None:
    spells = rows.spells
    found = np.flatnonzero((spells.kind == DROPOUT) & (spells.last_week < NEVER) & (spells.hidden_from == NEVER))
    grade = pl.Series(rows.people.grade[found]).cast(pl.String)
    place = joined(rows.dane.gather(found), rows.campus.gather(found))
    lines = joined(f"{rows.year}", place, rows.per_id.gather(found), grade, f"OFICIAL;{folder.day:%d/%m/%Y}")
    files.add(folder, "simpade.csv", HEADER, lines)
