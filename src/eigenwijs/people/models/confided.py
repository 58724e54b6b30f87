"""What people tell about themselves, so that schemes can give more to who has less schooling."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from eigenwijs.kernel.classification import (
    PERSONAL_REFERENCE,
    PUBLIC,
    SENSITIVE_ERASED,
    Classified,
)
from eigenwijs.people.types import Qualification


class QualificationTold(models.Model):
    """From `told_on` on, the person's highest qualification is `level`, as they told. Never edited.

    Who withdraws it has no rows any more.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="qualifications"
    )
    level = models.CharField(max_length=20)
    told_on = models.DateField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "level": SENSITIVE_ERASED,
        "told_on": SENSITIVE_ERASED,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "told_on"], name="qualification_told_once"),
            models.CheckConstraint(
                name="qualification_told_known",
                condition=Q(level__in=[level.value for level in Qualification]),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="qualification_told_not_edited", operation=pgtrigger.Update),
        ]
