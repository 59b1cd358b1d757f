"""What does the list lose without a source: never had, so that the model is taught without it, or no longer coming?"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.city import City, asked_for, city_of
from experiments.city_tables import table
from experiments.written import write_answer
from features.feature import Catalogue, Feature
from models.baselines import Flags
from models.resampling import Numbers
from models.training import ModelScores

HERE = Path(__file__).parent
EVERYTHING = "every source"
FIGURES = ("precision", "recall", "chance", "auc", "average_precision", "ece")

GONE = {
    "no attendance": ("attendance",),
    "no characterisation": ("characterisation",),
    "no marks": ("progress",),
    "no strategies (13A)": ("support",),
}
SIMAT = {"SIMAT and attendance": ("progress", "characterisation", "support")}
SIMAT["SIMAT alone"] = (*SIMAT["SIMAT and attendance"], "attendance")

MIXED = "reporting_quality"
"""Its weakest side is most often attendance: without attendance nobody could work it out."""


def comes_from(feature: Feature, sources: tuple[str, ...]) -> bool:
    return feature.source in sources or (feature.name == MIXED and "attendance" in sources)


def without(catalogue: Catalogue, sources: tuple[str, ...]) -> Catalogue:
    return Catalogue([feature for feature in catalogue if not comes_from(feature, sources)])


def never_had(city: City, sources: tuple[str, ...]) -> Numbers:
    view = city.reading(without(city.catalogue, sources))
    return view.chances(view.model())


def emptied(rows: pl.DataFrame, catalogue: Catalogue, sources: tuple[str, ...]) -> pl.DataFrame:
    """As if the source had stopped coming: nothing is known of what only it tells."""
    hidden = [feature.name for feature in catalogue if comes_from(feature, sources)]
    return rows.with_columns(pl.lit(None, rows.schema[name]).alias(name) for name in hidden)


def tried(city: City) -> str:
    model = city.model()
    said, read = {EVERYTHING: city.chances(model)}, {EVERYTHING: str(len(city.catalogue))}
    for name, sources in {**GONE, **SIMAT}.items():
        said[f"{name}, taught without"] = never_had(city, sources)
        read[f"{name}, taught without"] = str(len(without(city.catalogue, sources)))
    for name, sources in GONE.items():
        said[f"{name}, taught with"] = ModelScores(model).scores(emptied(city.asked, city.catalogue, sources))
    judged = city.judged(said, {"years over age": Flags(absence=None).scores(city.asked)})
    return table(judged, FIGURES, ("precision", "auc"), {"features": read}, EVERYTHING)


def main() -> None:
    given = asked_for(__doc__).parse_args()
    answer = tried(city_of(given))
    print(answer)
    if given.write:
        write_answer(HERE / "answer.md", {"table": answer})


if __name__ == "__main__":
    main()
