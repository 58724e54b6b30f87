"""The tables of this room. All of them only grow: what was loaded, signed or activated stands."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from eigenwijs.kernel.classification import PUBLIC, Classified


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
