"""The tables of this room."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q

from eigenwijs.catalogue.types import CourseKind, DayPart
from eigenwijs.kernel.classification import MONEY, PERSONAL_REFERENCE, PUBLIC, Classified


class Course(models.Model):
    """What a provider teaches, as its record is now.

    `title_folded` and `text_folded` are what is searched (`rules.fold`): title, then description,
    audience and names together.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    audience = models.CharField(max_length=300, blank=True)
    duration = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=2, blank=True)
    subjects = ArrayField(models.CharField(max_length=4), default=list)
    price_cents = models.BigIntegerField(null=True)
    price_note = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    offered_by = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, default=CourseKind.COURSE)
    title_folded = models.TextField()
    text_folded = models.TextField()
    words = models.GeneratedField(
        expression=SearchVector("title_folded", config="dutch", weight="A")
        + SearchVector("text_folded", config="dutch", weight="B"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "provider": PUBLIC,
        "code": PUBLIC,
        "title": PUBLIC,
        "description": PUBLIC,
        "audience": PUBLIC,
        "duration": PUBLIC,
        "language": PUBLIC,
        "subjects": PUBLIC,
        "price_cents": PUBLIC,
        "price_note": PUBLIC,
        "url": PUBLIC,
        "offered_by": PUBLIC,
        "kind": PUBLIC,
        "title_folded": PUBLIC,
        "text_folded": PUBLIC,
        "words": PUBLIC,
        "version": PUBLIC,
        "withdrawn_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "code"], name="course_code_unique"),
            models.CheckConstraint(
                name="course_price_not_negative",
                condition=Q(price_cents=None) | Q(price_cents__gte=0),
            ),
            models.CheckConstraint(
                name="course_kind_known", condition=Q(kind__in=[kind.value for kind in CourseKind])
            ),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="course_words"),
            GinIndex(OpClass(F("text_folded"), name="gin_trgm_ops"), name="course_text"),
        ]


class CourseVersion(models.Model):
    """What the record of a course said from `recorded_at` on. Never changed, never removed."""

    id = models.UUIDField(primary_key=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    record = models.JSONField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "course": PUBLIC,
        "number": PUBLIC,
        "record": PUBLIC,
        "recorded_at": PUBLIC,
        "recorded_by": PERSONAL_REFERENCE,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "number"], name="course_version_once"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="course_version_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Run(models.Model):
    """One start of a course, as its record is now, and how many of its seats are taken."""

    id = models.UUIDField(primary_key=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="runs")
    code = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()
    price_cents = models.BigIntegerField()
    place = models.CharField(max_length=100, blank=True)
    place_folded = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=4, blank=True)
    is_online = models.BooleanField(default=False)
    day_part = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    seats = models.PositiveIntegerField(null=True)
    seats_taken = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "course": PUBLIC,
        "code": PUBLIC,
        "starts_on": PUBLIC,
        "ends_on": PUBLIC,
        "price_cents": MONEY,
        "place": PUBLIC,
        "place_folded": PUBLIC,
        "postcode": PUBLIC,
        "is_online": PUBLIC,
        "day_part": PUBLIC,
        "language": PUBLIC,
        "seats": PUBLIC,
        "seats_taken": PUBLIC,
        "version": PUBLIC,
        "withdrawn_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "code"], name="run_code_unique"),
            models.CheckConstraint(name="run_price_not_negative", condition=Q(price_cents__gte=0)),
            models.CheckConstraint(
                name="run_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="run_not_oversold",
                condition=Q(seats=None) | Q(seats_taken__lte=F("seats")),
            ),
            models.CheckConstraint(
                name="run_day_part_known",
                condition=Q(day_part__in=[part.value for part in DayPart]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["course", "starts_on"], name="run_of_course"),
            models.Index(fields=["starts_on"], name="run_start"),
        ]


class RunVersion(models.Model):
    """What the record of a run said from `recorded_at` on. Never changed, never removed."""

    id = models.UUIDField(primary_key=True, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    record = models.JSONField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "run": PUBLIC,
        "number": PUBLIC,
        "record": PUBLIC,
        "recorded_at": PUBLIC,
        "recorded_by": PERSONAL_REFERENCE,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="run_version_once"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="run_version_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Seat(models.Model):
    """A seat taken in a run; its id is the key of whoever took it."""

    id = models.UUIDField(primary_key=True, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="taken")
    taken_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "run": PUBLIC,
        "taken_at": PUBLIC,
        "given_back_at": PUBLIC,
    }


class QualityMark(models.Model):
    """A quality mark of a provider that the operator looked up; last day inclusive."""

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "provider": PUBLIC,
        "code": PUBLIC,
        "valid_from": PUBLIC,
        "valid_until": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "code", "valid_from"], name="quality_mark_once"
            ),
            models.CheckConstraint(
                name="quality_mark_ends_after_start",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
        ]


class CourseDelivery(models.Model):
    """A course file that a provider delivered, before and after its yes.

    `found` is what reading it found: counts, faults and warnings; None while it waits to be read. A
    file with faults is not kept. `asked_at` is the provider's yes to a large file, that the job worker
    carries out; `outcome` holds the counts of the import once it is in the catalogue.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    delivered_at = models.DateTimeField()
    delivered_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    found = models.JSONField(null=True)
    asked_at = models.DateTimeField(null=True)
    outcome = models.JSONField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "provider": PUBLIC,
        "file_name": PUBLIC,
        "content": PUBLIC,
        "delivered_at": PUBLIC,
        "delivered_by": PERSONAL_REFERENCE,
        "confirmed_at": PUBLIC,
        "found": PUBLIC,
        "asked_at": PUBLIC,
        "outcome": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="course_delivery_confirmed_with_outcome",
                condition=Q(confirmed_at=None, outcome=None)
                | Q(confirmed_at__isnull=False, outcome__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["provider"],
                name="course_delivery_one_to_read",
                condition=Q(found__isnull=True, confirmed_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["provider", "-delivered_at"],
                name="course_delivery_open",
                condition=Q(confirmed_at=None),
            ),
        ]
