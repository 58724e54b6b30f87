"""Who may see a learning account: its own person, and nobody else. Absent and forbidden are one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from eigenwijs.budgets import queries
from eigenwijs.budgets.types import (
    AccountView,
    CreditView,
    PotYear,
    StatementLine,
    TimeCreditView,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access as people
from eigenwijs.people.types import Permission


def own_account(actor: Actor, *, on: date) -> AccountView:
    """Return the actor's own learning account; raises NotPermitted."""
    return queries.account(_own(actor), on=on)


def own_statement(
    actor: Actor, *, since: date | None = None, until: date | None = None
) -> list[StatementLine]:
    """Return the actor's own statement; raises NotPermitted."""
    return queries.statement(_own(actor), since=since, until=until)


def own_years(actor: Actor) -> list[PotYear]:
    """Return the actor's own yearly overview: sums of the statement; raises NotPermitted."""
    return queries.years(own_statement(actor))


def own_credit(actor: Actor, credit_id: UUID) -> CreditView:
    """Return one credit of the actor with its reason; raises NotPermitted, also where none is."""
    _own(actor)
    found = queries.credit(credit_id)
    if found is None or not people.is_own_file(actor, found.person_id):
        raise people.NotPermitted
    return found


def own_time_credit(actor: Actor, credit_id: UUID) -> TimeCreditView:
    """Return time that the actor got once, with its reason; raises NotPermitted, also where there is none."""
    _own(actor)
    found = queries.time_credit(credit_id)
    if found is None or not people.is_own_file(actor, found.person_id):
        raise people.NotPermitted
    return found


def _own(actor: Actor) -> UUID:
    people.require(actor, Permission.SEE_OWN_ACCOUNT)
    if actor.person_id is None:
        raise people.NotPermitted
    return actor.person_id
