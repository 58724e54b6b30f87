"""Make the first operator of a new installation."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.people import operations
from eigenwijs.people.types import Role


class Command(BaseCommand):
    """Somebody must grant the first role; whoever reaches the command line may."""

    help = "Let somebody sign in as operator: name and e-mail address"

    def add_arguments(self, parser: CommandParser) -> None:
        """Name and address."""
        parser.add_argument("name")
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *_args: object, **options: str) -> None:
        """Make the person, the login and the role."""
        by, at = Actor.system("add_operator"), timezone.now()
        try:
            person_id = operations.register_person(
                name=options["name"], email=options["email"], by=by, at=at
            )
            operations.open_login(person_id=person_id, email=options["email"], by=by, at=at)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        operations.grant_role(person_id=person_id, role=Role.OPERATOR, by=by, at=at)
        self.stdout.write(f"{options['name']} can sign in with a code sent to {options['email']}")
