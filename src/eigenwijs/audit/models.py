"""The tables of this room."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from eigenwijs.kernel.append_only import append_only
from eigenwijs.kernel.classification import PERSONAL_REFERENCE, PUBLIC, Classified


class AuditRow(models.Model):
    """One thing that was done. Never changed, never removed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_person = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=20, blank=True)
    actor_organisation = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    field_names = ArrayField(models.CharField(max_length=60), default=list)
    ids = models.JSONField(default=dict)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    event = models.CharField(max_length=60, blank=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "at": PUBLIC,
        "actor_kind": PUBLIC,
        "actor_person": PERSONAL_REFERENCE,
        "actor_role": PUBLIC,
        "actor_organisation": PUBLIC,
        "actor_name": PUBLIC,
        "action": PUBLIC,
        "subject_kind": PUBLIC,
        "subject_id": PERSONAL_REFERENCE,
        "field_names": PUBLIC,
        "ids": PERSONAL_REFERENCE,
        "from_state": PUBLIC,
        "to_state": PUBLIC,
        "event": PUBLIC,
    }

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["id"], condition=~models.Q(event=""), name="audit_event"),
            models.Index(
                fields=["actor_person", "id"],
                condition=~models.Q(actor_person=None),
                name="audit_actor",
            ),
            BrinIndex(fields=["at"], name="audit_moment"),
        ]
        triggers: ClassVar = append_only("audit_row")


class Progress(models.Model):
    """How far a long operation is. There only while it runs, and written outside its transaction."""

    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    done = models.PositiveIntegerField()
    total = models.PositiveIntegerField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "subject_kind": PUBLIC,
        "subject_id": PUBLIC,
        "done": PUBLIC,
        "total": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], name="progress_once_a_subject"
            ),
        ]


class Reaction(models.Model):
    """That an event was reacted to, in the same transaction as the reactions themselves."""

    event = models.OneToOneField(
        "audit.AuditRow", primary_key=True, on_delete=models.PROTECT, related_name="reaction"
    )
    at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {"event": PUBLIC, "at": PUBLIC}
