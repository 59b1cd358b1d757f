"""How many of those who stayed must teach, if each stands for those left out? Order, chances and time, by share."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.city import City, asked_for, city_of
from experiments.city_tables import table
from experiments.written import write_answer
from models.examples import gone_in, thinned
from models.resampling import Numbers

HERE = Path(__file__).parent
EVERYONE = "everyone"
DRAWS = {0.3: 1, 0.1: 1, 0.03: 2}
"""How often each share is drawn: one draw alone would not tell what is the draw's."""

UNWEIGHTED = 0.1
ALONE = {"retold_trees": 0}
"""Trees only: the regression beside them never reads more than 120,000 rows, drawn in the same way."""

FIGURES = ("precision", "chance", "thrice", "auc", "average_precision", "ece", "slope")


def kept(city: City, share: float, draw: int) -> pl.DataFrame:
    """All who left or moved, and that share of the others, each of whom weighs as many as it stands for."""
    rows = city.examples
    gone = int(rows.select(gone_in(rows).sum()).item())
    return thinned(rows, gone + round(share * (rows.height - gone)), city.recipe.seed + draw)


def samples(city: City) -> dict[str, pl.DataFrame]:
    drawn = {
        f"{share:g}, draw {draw + 1}": kept(city, share, draw)
        for share, times in DRAWS.items()
        for draw in range(times)
    }
    unweighted = kept(city, UNWEIGHTED, 0).with_columns(weight=pl.lit(1.0))
    return {EVERYONE: city.examples, **drawn, f"{UNWEIGHTED:g}, without weights": unweighted}


def tried(city: City) -> str:
    said: dict[str, Numbers] = {}
    beside: dict[str, dict[str, str]] = {"rows": {}, "processor seconds to teach": {}, "said of 1,000": {}}
    for name, rows in samples(city).items():
        begun = time.process_time()
        model = city.model(rows)
        seconds = f"{time.process_time() - begun:.0f}"
        said[name] = city.chances(model)
        cells = (f"{rows.height:,}", seconds, f"{1000 * said[name].mean():.2f}")
        for column, value in zip(beside, cells, strict=True):
            beside[column][name] = value
        print(name, cells, file=sys.stderr, flush=True)
    return table(city.judged(said), FIGURES, ("auc",), beside, against=EVERYONE)


def main() -> None:
    given = asked_for(__doc__).parse_args()
    answer = tried(city_of(given, **ALONE))
    print(answer)
    if given.write:
        write_answer(HERE / "answer.md", {"table": answer})


if __name__ == "__main__":
    main()
