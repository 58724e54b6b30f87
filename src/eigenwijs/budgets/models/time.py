"""Time to learn at work: what was given, and the days on which people take it. No money, so in no book."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eigenwijs.budgets.lifecycle import TIME_USE
from eigenwijs.kernel.classification import (
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    Classified,
    Sensitivity,
)
from eigenwijs.schemes.types import TIME_UNITS

_IS_TIME = Q(unit__in=sorted(TIME_UNITS))


class TimeCredit(models.Model):
    """Hours or days, in hundredths, that an employer gave somebody to learn. Only its warning changes.

    `usable_until` is the last day on which it can be taken; `warned` whether its person was told of that.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=63)
    unit = models.CharField(max_length=5)
    hundredths = models.BigIntegerField()
    given_on = models.DateField()
    usable_until = models.DateField(null=True)
    warned = models.BooleanField(default=False)
    reason = models.JSONField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "person": PERSONAL_REFERENCE,
        "employer": PERSONAL_REFERENCE,
        "scheme": PUBLIC,
        "unit": PUBLIC,
        "hundredths": Classified(Sensitivity.PERSONAL),
        "given_on": PUBLIC,
        # Where time ends at an age, its end tells the birthday; it is needed until then.
        "usable_until": Classified(Sensitivity.PERSONAL),
        "warned": PUBLIC,
        "reason": PERSONAL_SCRUBBED,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="time_credit_is_time", condition=_IS_TIME),
            models.CheckConstraint(name="time_credit_is_some", condition=Q(hundredths__gt=0)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["usable_until"],
                name="time_credit_to_warn",
                condition=Q(usable_until__isnull=False, warned=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="time_credit_not_removed", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="time_credit_read_only", exclude=["warned", "reason"]),
        ]


class TimeUse(models.Model):
    """A day on which somebody learns in time that was given, at one employer.

    That employer can say no until and including `answer_by`, with a reason; silence lets the day stand.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    employment = models.ForeignKey("people.Employment", on_delete=models.PROTECT, related_name="+")
    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=63)
    unit = models.CharField(max_length=5)
    hundredths = models.PositiveSmallIntegerField()
    day = models.DateField()
    state = models.CharField(max_length=10, default=TIME_USE.initial)
    answer_by = models.DateField()
    refused_because = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        **dict.fromkeys(("person", "employment", "employer"), PERSONAL_REFERENCE),
        "scheme": PUBLIC,
        "unit": PUBLIC,
        **dict.fromkeys(("hundredths", "day"), Classified(Sensitivity.PERSONAL)),
        "state": PUBLIC,
        "answer_by": PUBLIC,
        "refused_because": Classified(Sensitivity.PERSONAL),
        "asked_at": PUBLIC,
        "answered_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="time_use_state_known", condition=Q(state__in=sorted(TIME_USE.states))
            ),
            models.CheckConstraint(
                name="time_use_within_a_day",
                condition=Q(unit="hours", hundredths__gt=0, hundredths__lte=24_00)
                | Q(unit="days", hundredths__gt=0, hundredths__lte=1_00),
            ),
            models.CheckConstraint(
                name="time_use_answered_before", condition=Q(answer_by__lt=F("day"))
            ),
            models.CheckConstraint(
                name="time_use_refused_with_a_reason",
                condition=Q(state="refused") & ~Q(refused_because="")
                | ~Q(state="refused") & Q(refused_because=""),
            ),
            models.UniqueConstraint(
                fields=["employment", "scheme", "day"],
                name="time_use_once_a_day",
                condition=Q(state__in=["asked", "stands"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["answer_by"], name="time_use_waits", condition=Q(state="asked")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="time_use_not_removed", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="time_use_read_only", exclude=["state", "refused_because", "answered_at"]
            ),
        ]
