"""The catalogue: everything the service takes into account about a student, nothing hidden."""

from features.definitions import attendance, enrolment, household, mobility, person, progress, school, support
from features.feature import Catalogue

CATALOGUE = Catalogue(
    (
        *enrolment.FEATURES,
        *mobility.FEATURES,
        *attendance.FEATURES,
        *progress.FEATURES,
        *household.FEATURES,
        *support.FEATURES,
        *school.FEATURES,
        *person.FEATURES,
    )
)

__all__ = ["CATALOGUE"]
