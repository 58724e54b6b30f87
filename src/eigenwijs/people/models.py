"""The tables of this room."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from eigenwijs.people.types import ContractKind, OrganisationKind, Role


def _choices(enum: type[OrganisationKind] | type[ContractKind] | type[Role]) -> list[str]:
    return [member.value for member in enum]


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
    is_fictional = models.BooleanField(default=False)
    persona = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="person_not_merged_into_itself", condition=~Q(merged_into=F("id"))
            ),
            models.CheckConstraint(
                name="person_persona_is_fictional", condition=Q(persona="") | Q(is_fictional=True)
            ),
        ]


class User(AbstractBaseUser):
    """The login that opens one file. There are no passwords.

    `email` is proven: sign-in codes go to it. `session_stamp` is part of every session's key, so
    a new stamp ends all sessions.
    """

    password = None  # type: ignore[assignment]
    id = models.UUIDField(primary_key=True, editable=False)
    person = models.OneToOneField("people.Person", on_delete=models.PROTECT)
    email = models.EmailField(null=True)  # noqa: DJ001 (several logins have none)
    is_active = models.BooleanField(default=True)
    session_stamp = models.CharField(max_length=32)

    objects = BaseUserManager()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to stay valid."""
        return self.session_stamp

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

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="organisation_kind_known", condition=Q(kind__in=_choices(OrganisationKind))
            ),
            models.UniqueConstraint(
                fields=["kind", "kvk_number"],
                name="organisation_kvk_number_unique",
                condition=~Q(kvk_number=""),
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

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="role_assignment_role_known", condition=Q(role__in=_choices(Role))
            ),
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                name="role_assignment_once",
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
        ]
