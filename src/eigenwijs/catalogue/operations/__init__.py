"""Writing the catalogue: courses, runs, seats, quality marks, deliveries."""

from eigenwijs.catalogue.operations.delivering import (
    UnableToDiscardCourses,
    UnableToImportCourses,
    confirm_delivery,
    deliver_courses,
    discard_delivery,
    import_delivery,
    read_courses,
)
from eigenwijs.catalogue.operations.recording import (
    UnableToSave,
    UnableToTakeSeat,
    change_course,
    change_run,
    give_back_seat,
    record_quality_mark,
    register_course,
    register_run,
    take_seat,
    withdraw_course,
    withdraw_run,
)

__all__ = [
    "UnableToDiscardCourses",
    "UnableToImportCourses",
    "UnableToSave",
    "UnableToTakeSeat",
    "change_course",
    "change_run",
    "confirm_delivery",
    "deliver_courses",
    "discard_delivery",
    "give_back_seat",
    "import_delivery",
    "read_courses",
    "record_quality_mark",
    "register_course",
    "register_run",
    "take_seat",
    "withdraw_course",
    "withdraw_run",
]
