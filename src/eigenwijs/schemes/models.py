"""The tables of this room. All of them only grow: what was loaded, signed or activated stands."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from eigenwijs.kernel.classification import PERSONAL_REFERENCE, PUBLIC, Classified


def _append_only(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class SchemeVersion(models.Model):
    """One text of a scheme, known by its hash: the law as it was loaded."""

    id = models.UUIDField(primary_key=True, editable=False)
    hash = models.CharField(max_length=64, unique=True)
    scheme = models.CharField(max_length=63)
    number = models.PositiveIntegerField()
    text = models.TextField()
    loaded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "hash": PUBLIC,
        "scheme": PUBLIC,
        "number": PUBLIC,
        "text": PUBLIC,
        "loaded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scheme", "number"], name="scheme_version_number_unique"
            ),
        ]
        triggers: ClassVar = [_append_only("scheme_version_append_only")]


class SchemeSignature(models.Model):
    """That an organisation signed a version for one side; `document` names the signed paper."""

    id = models.UUIDField(primary_key=True, editable=False)
    version = models.ForeignKey(
        "schemes.SchemeVersion", on_delete=models.PROTECT, related_name="signatures"
    )
    side = models.CharField(max_length=20)
    organisation = models.ForeignKey("people.Organisation", on_delete=models.PROTECT)
    document = models.CharField(max_length=200)
    signed_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "version": PUBLIC,
        "side": PUBLIC,
        "organisation": PUBLIC,
        "document": PUBLIC,
        "signed_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "side"], name="scheme_signature_once"),
        ]
        triggers: ClassVar = [_append_only("scheme_signature_append_only")]


class SchemeActivation(models.Model):
    """From when a version is the law in force for its scheme."""

    id = models.UUIDField(primary_key=True, editable=False)
    version = models.OneToOneField(
        "schemes.SchemeVersion", on_delete=models.PROTECT, related_name="activation"
    )
    scheme = models.CharField(max_length=63)
    valid_from = models.DateField()
    activated_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "version": PUBLIC,
        "scheme": PUBLIC,
        "valid_from": PUBLIC,
        "activated_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scheme", "valid_from"], name="scheme_one_version_in_force"
            ),
        ]
        triggers: ClassVar = [_append_only("scheme_activation_append_only")]


class Negotiation(models.Model):
    """Two parties at a table, with the text they start from and the day their new figures begin."""

    id = models.UUIDField(primary_key=True, editable=False)
    title = models.CharField(max_length=200)
    scheme = models.CharField(max_length=63)
    base = models.TextField()
    starts_on = models.DateField()
    workers = models.ForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="negotiations_as_workers"
    )
    employers = models.ForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="negotiations_as_employers"
    )
    opened_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "title": PUBLIC,
        "scheme": PUBLIC,
        "base": PUBLIC,
        "starts_on": PUBLIC,
        "workers": PUBLIC,
        "employers": PUBLIC,
        "opened_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(workers=models.F("employers")),
                name="negotiation_between_two",
            ),
        ]
        triggers: ClassVar = [_append_only("negotiation_append_only")]


class Proposal(models.Model):
    """A text that one side laid on the table. It stays there; a better one is laid beside it."""

    id = models.UUIDField(primary_key=True, editable=False)
    negotiation = models.ForeignKey(
        "schemes.Negotiation", on_delete=models.PROTECT, related_name="proposals"
    )
    side = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    text = models.TextField()
    made_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "negotiation": PUBLIC,
        "side": PUBLIC,
        "number": PUBLIC,
        "hash": PUBLIC,
        "text": PUBLIC,
        "made_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["negotiation", "side", "number"], name="proposal_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(side__in=["workers", "employers"]), name="proposal_side"
            ),
        ]
        triggers: ClassVar = [_append_only("proposal_append_only")]


class Acceptance(models.Model):
    """That one side says yes to a text on the table. Its last word counts."""

    id = models.UUIDField(primary_key=True, editable=False)
    negotiation = models.ForeignKey(
        "schemes.Negotiation", on_delete=models.PROTECT, related_name="acceptances"
    )
    side = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    accepted_by = models.UUIDField()
    accepted_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "negotiation": PUBLIC,
        "side": PUBLIC,
        "number": PUBLIC,
        "hash": PUBLIC,
        "accepted_by": PERSONAL_REFERENCE,
        "accepted_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["negotiation", "side", "number"], name="acceptance_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(side__in=["workers", "employers"]), name="acceptance_side"
            ),
        ]
        triggers: ClassVar = [_append_only("acceptance_append_only")]
