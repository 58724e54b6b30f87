"""The first operator of a new installation comes from the command line."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from eigenwijs.people import queries
from eigenwijs.people.types import Role

pytestmark = pytest.mark.django_db


def test_the_first_operator_can_sign_in_and_grant_roles() -> None:
    call_command("add_operator", "Olga Beheer", "Olga@example.org", verbosity=0)
    (held,) = queries.role_holders(Role.OPERATOR)
    login = queries.login(held.person_id)
    assert login
    assert (held.person_name, login.email) == ("Olga Beheer", "olga@example.org")


def test_an_address_that_is_in_use_leaves_nothing_behind() -> None:
    call_command("add_operator", "Olga", "olga@example.org", verbosity=0)
    with pytest.raises(CommandError, match="logt al iemand in"):
        call_command("add_operator", "Otto", "olga@example.org", verbosity=0)
    assert len(queries.role_holders(Role.OPERATOR)) == 1
