"""The published figures that the made-up secretariat reproduces, each with where it was read."""

from typing import Final

LEVELS: Final = ("transition", "primary", "secondary", "media")
LEVEL_OF_GRADE: Final = (0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3)

Rates = tuple[float, float, float, float]

# MEN, "Estadísticas en educación en preescolar, básica y media por municipio" (datos.gov.co, nudc-7mev), official
# sector, per cent, by level: transición, primaria, secundaria, media. National: weighted by the population of 5 to 16.
DROPOUT: Final[dict[str, dict[int, Rates]]] = {
    "76001": {
        2018: (3.41, 2.35, 3.25, 1.86),
        2019: (4.68, 3.37, 4.30, 2.74),
        2020: (3.48, 2.82, 2.62, 2.30),
        2021: (3.76, 4.13, 3.89, 2.81),
        2022: (4.99, 4.60, 5.86, 4.00),
    },
    "54001": {
        2018: (5.24, 2.99, 3.98, 3.01),
        2019: (5.01, 3.10, 3.63, 2.42),
        2020: (4.74, 3.16, 3.63, 2.35),
        2021: (3.42, 3.05, 3.56, 2.72),
        2022: (6.22, 4.64, 4.85, 3.41),
    },
    "": {
        2018: (3.37, 2.37, 3.86, 2.48),
        2019: (3.64, 2.52, 3.87, 2.57),
        2020: (2.59, 2.12, 2.69, 3.19),
        2021: (3.18, 3.12, 4.20, 3.42),
        2022: (4.74, 3.76, 5.27, 3.74),
    },
}

FAILURE: Final[dict[str, dict[int, Rates]]] = {
    "76001": {
        2018: (0.43, 5.61, 11.86, 6.40),
        2019: (0.95, 5.30, 9.77, 5.50),
        2020: (2.25, 5.65, 10.42, 7.16),
        2021: (1.43, 7.60, 13.08, 8.81),
        2022: (0.48, 6.14, 13.04, 6.55),
    },
    "54001": {
        2018: (0.58, 4.10, 6.43, 4.54),
        2019: (1.45, 5.96, 9.87, 6.12),
        2020: (2.27, 3.93, 8.19, 5.79),
        2021: (2.06, 6.99, 14.33, 9.63),
        2022: (0.12, 6.77, 12.24, 6.96),
    },
    "": {
        2019: (0.52, 4.46, 8.53, 5.01),
        2020: (1.90, 4.94, 9.88, 6.74),
        2021: (1.09, 6.56, 11.62, 7.97),
        2022: (0.46, 5.93, 10.70, 6.03),
    },
}

REPETITION: Final[dict[str, dict[int, Rates]]] = {
    "76001": {
        2018: (0.21, 0.85, 1.34, 0.63),
        2019: (0.25, 0.82, 1.05, 0.55),
        2020: (1.06, 4.84, 7.81, 2.82),
        2021: (0.95, 4.19, 6.76, 3.11),
        2022: (0.85, 6.31, 9.24, 4.33),
    },
    "54001": {
        2018: (0.70, 2.02, 2.65, 1.06),
        2019: (0.63, 2.16, 3.25, 1.31),
        2020: (1.51, 5.40, 8.43, 3.59),
        2021: (2.14, 3.28, 5.56, 2.13),
        2022: (0.94, 5.38, 9.69, 3.72),
    },
    "": {
        2019: (0.56, 2.02, 3.06, 1.12),
        2020: (0.78, 4.96, 7.82, 3.02),
        2021: (1.34, 4.08, 7.21, 3.05),
        2022: (1.09, 6.51, 9.08, 3.69),
    },
}

# Soacha 2023, all sectors, n = 128,315: per cent of each grade from 0 to 11, age on 31 March against grade + 5.
YOUNGER: Final = (12.7, 10.8, 10.3, 9.7, 9.9, 11.0, 9.6, 9.6, 9.7, 11.3, 13.9, 13.9)
ONE_ABOVE: Final = (10.2, 18.3, 20.0, 18.6, 19.8, 19.4, 21.6, 23.4, 23.4, 23.6, 22.5, 21.7)
TWO_OR_MORE: Final = (2.6, 4.6, 6.4, 8.4, 9.2, 10.1, 16.1, 16.0, 14.5, 13.3, 10.2, 9.3)
THREE_OR_MORE: Final = (0.7, 0.8, 1.4, 1.9, 2.0, 2.4, 5.1, 4.3, 3.7, 2.8, 1.6, 1.5)
VENEZUELAN: Final = (9.9, 11.4, 9.7, 9.3, 8.5, 7.2, 7.0, 5.7, 4.8, 3.9, 3.0, 2.5)
ENROLMENT_BY_GRADE: Final = (7.20, 9.38, 9.05, 8.59, 8.49, 8.85, 9.41, 9.15, 8.51, 7.95, 7.18, 6.24)

# Cúcuta, official sector: 19.4 % (April 2021), 16 % (October 2024); against Soacha's 7.1 % of 2023.
VENEZUELAN_TIMES: Final = {"54001": 2.4}


def rates(table: dict[str, dict[int, Rates]], municipality: str, year: int) -> Rates:
    """The published shares (0 to 1) by level of the nearest published year, national when the city has none."""
    known = table.get(municipality, table[""])
    nearest = min(known, key=lambda published: (abs(published - year), published))
    first, second, third, fourth = known[nearest]
    return first / 100, second / 100, third / 100, fourth / 100
