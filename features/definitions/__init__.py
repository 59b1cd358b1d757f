"""The catalogue: everything the service takes into account about a student, nothing hidden."""

from features.definitions import (
    attendance,
    class_group,
    enrolment,
    household,
    mobility,
    person,
    progress,
    relative,
    reporting,
    school,
    siblings,
    support,
)
from features.feature import Catalogue

CATALOGUE = Catalogue.whole(
    (
        *enrolment.FEATURES,
        *mobility.FEATURES,
        *attendance.FEATURES,
        *progress.FEATURES,
        *household.FEATURES,
        *support.FEATURES,
        *relative.FEATURES,
        *siblings.FEATURES,
        *class_group.FEATURES,
        *school.FEATURES,
        *reporting.FEATURES,
        *person.FEATURES,
    )
)

__all__ = ["CATALOGUE"]
