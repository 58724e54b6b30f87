"""Persons, organisations, employments, roles and ways in."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from eigenwijs.kernel.classification import (
    PERSONAL_ERASED,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    SENSITIVE_ERASED,
    Classified,
)
from eigenwijs.people.types import ContractKind, Looked, OrganisationKind, Role, Status


def _known(field: str, enum: type[StrEnum]) -> Q:
    return Q(**{f"{field}__in": [member.value for member in enum]})


class Person(models.Model):
    """One file: a human being and what must be known to write to them. Never a BSN."""

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="nl")
    claimed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged_files"
    )
    corrected_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    is_fictional = models.BooleanField(default=False)
    persona = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "name": PERSONAL_SCRUBBED,
        "birth_date": PERSONAL_SCRUBBED,
        "email": PERSONAL_SCRUBBED,
        "phone": PERSONAL_SCRUBBED,
        "address": PERSONAL_SCRUBBED,
        "language": PERSONAL_SCRUBBED,
        "claimed_at": PUBLIC,
        "merged_into": PERSONAL_REFERENCE,
        "corrected_by": PERSONAL_REFERENCE,
        "is_fictional": PUBLIC,
        "persona": PUBLIC,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="person_not_merged_into_itself", condition=~Q(merged_into=F("id"))
            ),
            models.CheckConstraint(
                name="person_persona_is_fictional", condition=Q(persona="") | Q(is_fictional=True)
            ),
        ]


class StatusChange(models.Model):
    """From `since` on, the person's own situation is `status`. A new situation is a new row."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=20)
    since = models.DateField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "status": SENSITIVE_ERASED,
        "since": SENSITIVE_ERASED,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="status_known", condition=_known("status", Status)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="status_change_not_edited", operation=pgtrigger.Update),
        ]


class User(AbstractBaseUser):
    """The login that opens one file. There are no passwords.

    `email` is proven: sign-in codes go to it. `session_stamp` is what a session must carry, so a
    new stamp ends every session. Before `confirmed_at` no second proof counts.
    """

    password = None  # type: ignore[assignment]
    id = models.UUIDField(primary_key=True, editable=False)
    person = models.OneToOneField("people.Person", on_delete=models.PROTECT, related_name="login")
    email = models.EmailField(null=True)  # noqa: DJ001 (a login without e-mail is not a double one)
    is_active = models.BooleanField(default=True)
    session_stamp = models.CharField(max_length=32)
    confirmed_at = models.DateTimeField(null=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "person": PERSONAL_REFERENCE,
        "email": PERSONAL_ERASED,
        "is_active": PUBLIC,
        "session_stamp": SENSITIVE_ERASED,
        "confirmed_at": PUBLIC,
        "last_login": PERSONAL_ERASED,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email"], name="user_email_unique"),
            models.CheckConstraint(
                name="user_email_lower_case", condition=Q(email=Lower("email")) & ~Q(email="")
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to stay valid."""
        return self.session_stamp

    def get_session_auth_fallback_hash(self) -> list[str]:
        """No older stamp opens anything."""
        return []

    def has_usable_password(self) -> bool:
        """Nobody has a password."""
        return False


class Organisation(models.Model):
    """An employer, provider, payer, operator or party to an agreement."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    kvk_number = models.CharField(max_length=8, blank=True)
    address = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "kind": PUBLIC,
        "name": PUBLIC,
        "kvk_number": PUBLIC,
        "address": PUBLIC,
        "email": PUBLIC,
        "is_active": PUBLIC,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="organisation_kind_known", condition=_known("kind", OrganisationKind)
            ),
            models.CheckConstraint(
                name="organisation_kvk_number_eight_digits",
                condition=Q(kvk_number="") | Q(kvk_number__regex=r"^\d{8}$"),
            ),
            models.UniqueConstraint(
                fields=["kind", "kvk_number"],
                name="organisation_kvk_number_unique",
                condition=~Q(kvk_number=""),
            ),
        ]


class Employment(models.Model):
    """Work for one employer under one contract, as the payroll last stated it.

    The person is the file that the payroll row made; a file that joins another keeps its rows.
    `stated_on` is the last day of the period for which the payroll stated these terms, and
    `delivered_birth_date` what the payroll said last: the file may have been corrected since.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, db_index=False)
    personnel_number = models.CharField(max_length=40)
    employment_number = models.PositiveSmallIntegerField(default=1)
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="employments", db_index=False
    )
    contract_kind = models.CharField(max_length=20)
    contract_hours_week = models.PositiveIntegerField(null=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    stated_on = models.DateField(null=True)
    delivered_birth_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "employer": PERSONAL_REFERENCE,
        "personnel_number": PERSONAL_SCRUBBED,
        "employment_number": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "contract_kind": PERSONAL_SCRUBBED,
        "contract_hours_week": PERSONAL_SCRUBBED,
        "started_on": PERSONAL_SCRUBBED,
        "ended_on": PERSONAL_SCRUBBED,
        "stated_on": PUBLIC,
        "delivered_birth_date": PERSONAL_SCRUBBED,
        "recorded_at": PUBLIC,
    }

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "employer"], name="employment_of_person"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["employer", "personnel_number", "employment_number"],
                name="employment_once",
            ),
            models.CheckConstraint(
                name="employment_contract_kind_known",
                condition=_known("contract_kind", ContractKind),
            ),
            models.CheckConstraint(
                name="employment_on_call_has_no_hours",
                condition=~Q(contract_kind=ContractKind.ON_CALL.value)
                | Q(contract_hours_week__isnull=True),
            ),
            models.CheckConstraint(
                name="employment_ends_after_start",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
        ]


class RoleAssignment(models.Model):
    """A role that a person holds, from `granted_at` until `ended_at`."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20)
    organisation = models.ForeignKey("people.Organisation", null=True, on_delete=models.PROTECT)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "role": PERSONAL_REFERENCE,
        "organisation": PERSONAL_REFERENCE,
        "granted_at": PUBLIC,
        "ended_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="role_assignment_role_known", condition=_known("role", Role)
            ),
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                name="role_assignment_once",
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
        ]


class ClaimCode(models.Model):
    """A one-time code that opens a file, together with its birth date.

    `selector` is the first part of the code and finds the row; of the whole code only a keyed
    digest is kept. Five wrong tries lock it. `issued_by` is who printed it, nobody for the system.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="codes")
    selector = models.CharField(max_length=5, unique=True)
    digest = models.CharField(max_length=64)
    for_recovery = models.BooleanField(default=False)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "selector": SENSITIVE_ERASED,
        "digest": SENSITIVE_ERASED,
        "for_recovery": PUBLIC,
        "issued_at": PUBLIC,
        "issued_by": PERSONAL_REFERENCE,
        "expires_at": PUBLIC,
        "wrong_tries": PUBLIC,
        "used_at": PUBLIC,
        "withdrawn_at": PUBLIC,
    }

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["person"],
                name="claim_code_open",
                condition=Q(used_at=None, withdrawn_at=None),
            ),
        ]


class RecoveryRequest(models.Model):
    """The desk's question for a letter that opens a claimed file again; somebody else answers it."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="recoveries")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(default=False)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "asked_by": PERSONAL_REFERENCE,
        "asked_at": PUBLIC,
        "answered_by": PERSONAL_REFERENCE,
        "answered_at": PUBLIC,
        "is_approved": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], name="recovery_request_one_open", condition=Q(answered_at=None)
            ),
            models.CheckConstraint(
                name="recovery_request_approved_by_another",
                condition=Q(is_approved=False)
                | (Q(answered_at__isnull=False) & ~Q(asked_by=F("answered_by"))),
            ),
        ]


class CodeList(models.Model):
    """A paper list of one-time codes with which one person signs in. A new list ends the old one."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="code_lists")
    number = models.CharField(max_length=8, unique=True)
    issued_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "number": SENSITIVE_ERASED,
        "issued_at": PUBLIC,
        "withdrawn_at": PUBLIC,
        "wrong_tries": PUBLIC,
        "locked_until": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], name="code_list_one_in_use", condition=Q(withdrawn_at=None)
            ),
        ]


class ListCode(models.Model):
    """One code of a paper list; of the code only a keyed digest is kept."""

    code_list = models.ForeignKey("people.CodeList", on_delete=models.CASCADE, related_name="codes")
    position = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "code_list": PERSONAL_REFERENCE,
        "position": PUBLIC,
        "digest": SENSITIVE_ERASED,
        "used_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code_list", "position"], name="list_code_once"),
        ]


class Look(models.Model):
    """One time that somebody saw another person's data. No look is ever rewritten."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="looks")
    what = models.CharField(max_length=20)
    at = models.DateTimeField()
    looker = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    organisation = models.ForeignKey(
        "people.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "person": PERSONAL_ERASED,
        "what": PERSONAL_ERASED,
        "at": PERSONAL_ERASED,
        "looker": PERSONAL_ERASED,
        "role": PERSONAL_ERASED,
        "organisation": PERSONAL_ERASED,
    }

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-at"], name="look_of_person")]
        constraints: ClassVar = [
            models.CheckConstraint(name="look_what_known", condition=_known("what", Looked)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="look_not_edited", operation=pgtrigger.Update),
        ]
