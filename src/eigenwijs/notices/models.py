"""The tables of this room."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from eigenwijs.kernel.classification import (
    PERSONAL_ERASED,
    PERSONAL_REFERENCE,
    PUBLIC,
    Classified,
)
from eigenwijs.notices.lifecycle import NOTICE


class Notice(models.Model):
    """One message to one person. Its id is the key under which it was told."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default=NOTICE.initial)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "kind": PERSONAL_ERASED,
        "params": PERSONAL_ERASED,
        "state": PUBLIC,
        "told_at": PUBLIC,
        "read_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notice_state_known", condition=Q(state__in=sorted(NOTICE.states))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-told_at", "id"], name="notice_inbox"),
            models.Index(
                fields=["state", "id"],
                name="notice_leaving",
                condition=Q(state__in=["due", "letter_due"]),
            ),
        ]
