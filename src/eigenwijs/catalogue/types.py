"""What callers of the catalogue get and give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money


class DayPart(StrEnum):
    """When on the day the lessons are."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    DAY = "day"
    WEEKEND = "weekend"
    OWN_PACE = "own_pace"

    @property
    def label(self) -> str | Promise:
        """The part of the day on the screen."""
        return _DAY_PART_LABELS[self]


_DAY_PART_LABELS: dict[DayPart, str | Promise] = {
    DayPart.MORNING: _("ochtend"),
    DayPart.AFTERNOON: _("middag"),
    DayPart.EVENING: _("avond"),
    DayPart.DAY: _("hele dag"),
    DayPart.WEEKEND: _("weekend"),
    DayPart.OWN_PACE: _("wanneer je wilt"),
}


class CourseKind(StrEnum):
    """What a course is for, where agreements pay another amount for it; nothing said is a course.

    The values are those of the fact `course_kind` of schemes.
    """

    COURSE = "course"
    BASIC_SKILLS = "basic_skills"
    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    SKILLS_REVIEW = "skills_review"
    DRIVING_LICENCE = "driving_licence"

    @property
    def label(self) -> str | Promise:
        """The kind of course on the screen."""
        return _COURSE_KIND_LABELS[self]


_COURSE_KIND_LABELS: dict[CourseKind, str | Promise] = {
    CourseKind.COURSE: _("gewone cursus"),
    CourseKind.BASIC_SKILLS: _("basisvaardigheden: taal, rekenen, computer"),
    CourseKind.LANGUAGE: _("een andere taal leren"),
    CourseKind.CERTIFICATE: _("certificaat voor één vaardigheid, geen diploma"),
    CourseKind.SKILLS_REVIEW: _("loopbaanonderzoek: wat kun je en wat wil je"),
    CourseKind.DRIVING_LICENCE: _("rijbewijs voor de auto (B)"),
}


# ISCED-F 2013, the broad fields (UNESCO Institute for Statistics, 2014); a code may have two to
# four digits, its first two are one of these.
SUBJECTS: dict[str, str | Promise] = {
    "00": _("Taal, rekenen en leren leren"),
    "01": _("Onderwijs en opvoeding"),
    "02": _("Kunst, vormgeving en talen"),
    "03": _("Mens en maatschappij"),
    "04": _("Bedrijf, administratie en recht"),
    "05": _("Natuur en wiskunde"),
    "06": _("Computers en ICT"),
    "07": _("Techniek, industrie en bouw"),
    "08": _("Landbouw, dieren en natuur"),
    "09": _("Zorg en welzijn"),
    "10": _("Horeca, vervoer en diensten"),
}

LANGUAGES: dict[str, str | Promise] = {
    "nl": _("Nederlands"),
    "en": _("Engels"),
    "de": _("Duits"),
    "fr": _("Frans"),
    "es": _("Spaans"),
    "pl": _("Pools"),
    "tr": _("Turks"),
    "ar": _("Arabisch"),
    "uk": _("Oekraïens"),
}

# Quality marks that the operator can record, with the register where anyone can check them.
QUALITY_MARKS: dict[str, tuple[str, str]] = {
    "nrto": ("NRTO-keurmerk", "https://www.nrto.nl/"),
    "crkbo": ("CRKBO-register", "https://www.crkbo.nl/"),
    "cedeo": ("Cedeo-erkenning", "https://www.cedeo.nl/"),
    "nlqf": ("NLQF-inschaling", "https://www.nlqf.nl/"),
}


@dataclass(frozen=True, slots=True)
class CourseRecord:
    """What a provider says about a course: the record of which every version is kept.

    `price_cents` is the usual price of a run in cents, all costs and VAT included, or None where
    there is not one price in euros; `price_note` is then what the provider wrote. `language` is an
    ISO 639-1 code or empty (not told); `subjects` are ISCED-F 2013 codes of two to four digits.
    `offered_by` names another organisation that teaches it; empty is the provider itself.
    """

    title: str
    description: str = ""
    audience: str = ""
    duration: str = ""
    language: str = ""
    subjects: tuple[str, ...] = ()
    price_cents: int | None = None
    price_note: str = ""
    url: str = ""
    offered_by: str = ""
    kind: CourseKind = CourseKind.COURSE

    @property
    def price(self) -> Money | None:
        """The usual price, or None where there is not one price in euros."""
        return None if self.price_cents is None else Money(self.price_cents)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a provider says about one start of a course: the record of which versions are kept.

    `price_cents` is all the worker or their pots pay, VAT included. `seats` None means no limit.
    `ends_on` is the last day of lessons. `postcode` is the four digits, or empty.
    """

    starts_on: date
    ends_on: date
    price_cents: int
    place: str = ""
    postcode: str = ""
    is_online: bool = False
    day_part: DayPart = DayPart.DAY
    language: str = ""
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course as it is now; `version` counts from 1."""

    id: UUID
    provider_id: UUID
    provider_name: str
    code: str
    record: CourseRecord
    version: int
    withdrawn: bool

    @property
    def title(self) -> str:
        """The title of the record."""
        return self.record.title

    @property
    def taught_by(self) -> str:
        """The name of who teaches it."""
        return self.record.offered_by or self.provider_name

    @property
    def price(self) -> Money | None:
        """The usual price, or None where there is not one price in euros."""
        return self.record.price


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is now. `seats_left` None means no limit."""

    id: UUID
    course_id: UUID
    provider_id: UUID
    code: str
    record: RunRecord
    seats_taken: int
    version: int
    withdrawn: bool

    @property
    def price(self) -> Money:
        """What the run costs, all in."""
        return Money(self.record.price_cents)

    @property
    def seats_left(self) -> int | None:
        """Free seats, or None where there is no limit."""
        return None if self.record.seats is None else self.record.seats - self.seats_taken

    def is_bookable(self, on: date) -> bool:
        """Whether it can be booked on the day `on`: still to start, not withdrawn, a seat free."""
        return not self.withdrawn and self.record.starts_on > on and self.seats_left != 0


@dataclass(frozen=True, slots=True)
class QualityMarkView:
    """A quality mark of a provider, with the register in which anyone can look it up."""

    code: str
    name: str
    register_url: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a record: what it said, since when, and who wrote it."""

    number: int
    record: CourseRecord | RunRecord
    recorded_at: datetime
    recorded_by: UUID | None


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """The plain facts of a run by which a pot's conditions are judged. No person, no balance."""

    price: Money
    provider_id: UUID
    subjects: tuple[str, ...]
    is_online: bool
    starts_on: date
    quality_marks: tuple[str, ...]
    kind: CourseKind


@dataclass(frozen=True, slots=True)
class FrozenOffer:
    """The record of a run and its course on which a booking was made; it never changes after."""

    course_id: UUID
    course_version: int
    run_id: UUID
    run_version: int
    provider_id: UUID
    provider_name: str
    taught_by: str
    title: str
    duration: str
    starts_on: date
    ends_on: date
    place: str
    is_online: bool
    day_part: DayPart
    language: str
    price_cents: int
    subjects: tuple[str, ...]
    quality_marks: tuple[str, ...]
    kind: CourseKind = CourseKind.COURSE

    @property
    def price(self) -> Money:
        """What the run costs, all in."""
        return Money(self.price_cents)

    @property
    def facts(self) -> CourseFacts:
        """The facts by which a pot's conditions are judged, as they were at the booking."""
        return CourseFacts(
            price=self.price,
            provider_id=self.provider_id,
            subjects=self.subjects,
            is_online=self.is_online,
            starts_on=self.starts_on,
            quality_marks=self.quality_marks,
            kind=self.kind,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return plain_values(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        typed = dict(values)
        for name in ("course_id", "run_id", "provider_id"):
            typed[name] = UUID(typed[name])
        for name in ("starts_on", "ends_on"):
            typed[name] = date.fromisoformat(typed[name])
        typed["day_part"] = DayPart(typed["day_part"])
        typed["kind"] = CourseKind(typed.get("kind", CourseKind.COURSE))
        for name in ("subjects", "quality_marks"):
            typed[name] = tuple(typed[name])
        return cls(**typed)


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What someone looks for. The filters on date, place, day part and price look at one run that
    can be booked and has all of them; `subject` is an ISCED-F code of which the start is enough.

    `on` is the day of the search: only runs that start after it count.
    """

    on: date
    text: str = ""
    starts_from: date | None = None
    starts_until: date | None = None
    place: str = ""
    online: bool = False
    day_part: DayPart | None = None
    language: str = ""
    subject: str = ""
    max_price: Money | None = None
    bookable: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A course that was found, with the runs that fit the filter, the earliest first."""

    course: CourseView
    runs: tuple[RunView, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search. `exact` is False where nothing had the words and what looks like them
    is shown; `number` and `pages` count from 1."""

    hits: tuple[Hit, ...]
    total: int
    number: int
    pages: int
    exact: bool


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What a course file holds and does. Faults refuse the whole file; warnings do not.

    All counts are of courses and runs, not of lines.
    """

    lines: int
    courses_new: int
    courses_changed: int
    courses_same: int
    runs_new: int
    runs_changed: int
    runs_same: int
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    @property
    def changes_nothing(self) -> bool:
        """Whether all of it is in the catalogue already."""
        return not (self.courses_new or self.courses_changed or self.runs_new or self.runs_changed)


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A course file that a provider delivered: looked at, and then confirmed or not.

    `state` is received (waits to be read), refused (has faults), read (waits for a yes), asked
    (being imported) or imported.
    """

    id: UUID
    provider_id: UUID
    file_name: str
    delivered_at: datetime
    confirmed_at: datetime | None
    state: str
    summary: ImportSummary


def plain_values(record: Any) -> dict[str, Any]:
    """Return a dataclass as values that JSON knows: dates in ISO notation, tuples as lists.

    That a course is of no other kind goes without saying: no record from before kinds says it.
    """
    plain: dict[str, Any] = {}
    for name, value in asdict(record).items():
        match value:
            case CourseKind() if value is CourseKind.COURSE:
                continue
            case StrEnum() | UUID():
                plain[name] = str(value)
            case date():
                plain[name] = value.isoformat()
            case tuple():
                plain[name] = list(value)
            case _:
                plain[name] = value
    return plain


def course_record(values: Mapping[str, Any]) -> CourseRecord:
    """Read what `plain_values` wrote of a course."""
    kind = CourseKind(values.get("kind", CourseKind.COURSE))
    return CourseRecord(**{**values, "subjects": tuple(values["subjects"]), "kind": kind})


def run_record(values: Mapping[str, Any]) -> RunRecord:
    """Read what `plain_values` wrote of a run."""
    return RunRecord(
        **{
            **values,
            "starts_on": date.fromisoformat(values["starts_on"]),
            "ends_on": date.fromisoformat(values["ends_on"]),
            "day_part": DayPart(values["day_part"]),
        }
    )


COURSE_FIELDS = tuple(field.name for field in fields(CourseRecord))
RUN_FIELDS = tuple(field.name for field in fields(RunRecord))
