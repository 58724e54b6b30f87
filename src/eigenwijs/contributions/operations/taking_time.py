"""Somebody takes time to learn at an employer that takes part, and that employer answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.operations import UnableToTakeTime
from eigenwijs.budgets.types import TimeRefusal
from eigenwijs.contributions.access import employer_of, own_employment
from eigenwijs.contributions.telling import tell_employer
from eigenwijs.contributions.time import takes_part
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.patience import in_time
from eigenwijs.people import access as people_access
from eigenwijs.people.types import EmploymentView, Permission

__all__ = ["UnableToTakeTime", "answer_time", "check_day", "choose_day", "take_day_back"]


@in_time
def choose_day(
    *, employment_id: UUID, scheme: str, hundredths: int, day: date, by: Actor, at: datetime
) -> None:
    """Choose a day to learn, in a job at an employer that takes part in the scheme on that day.

    The employer is told, and has two weeks to say no. The same call again changes nothing. Raises
    UnableToTakeTime and access.NotPermitted.
    """
    employment = _own(by, employment_id, scheme, day)
    use = budgets.take_time(
        employment=employment, scheme=scheme, hundredths=hundredths, day=day, by=by, at=at
    )
    params = {"answer_by_on": use.answer_by.isoformat()}
    tell_employer(employment.employer_id, "time_asked", params, about=use.id, by=by, at=at)


def check_day(
    *, employment_id: UUID, scheme: str, hundredths: int, day: date, by: Actor, at: datetime
) -> None:
    """Raise UnableToTakeTime or NotPermitted where `choose_day` would. Writes nothing."""
    employment = _own(by, employment_id, scheme, day)
    budgets.check_time(employment=employment, scheme=scheme, hundredths=hundredths, day=day, at=at)


def _own(by: Actor, employment_id: UUID, scheme: str, day: date) -> EmploymentView:
    people_access.require(by, Permission.TAKE_TIME)
    employment = own_employment(by, employment_id)
    if employment is None or not takes_part(employment.employer_id, scheme, day):
        raise UnableToTakeTime("no_time", _("Bij deze baan kun je op die dag geen tijd opnemen."))
    return employment


@in_time
def take_day_back(*, use_id: UUID, by: Actor, at: datetime) -> None:
    """Take a chosen day back; nothing happens where there is none, or it is another person's.

    Raises UnableToTakeTime (too_late) and access.NotPermitted.
    """
    people_access.require(by, Permission.TAKE_TIME)
    use = (
        budgets.withdraw_time(use_id=use_id, person_id=by.person_id, by=by, at=at)
        if by.person_id
        else None
    )
    if use is not None:
        params = {"day_on": use.day.isoformat()}
        tell_employer(use.employer_id, "time_taken_back", params, about=use.id, by=by, at=at)


@in_time
def answer_time(*, use_id: UUID, refusal: TimeRefusal | None, by: Actor, at: datetime) -> None:
    """Agree to a day that somebody of `by`'s employer chose, or refuse it for a reason.

    Nothing happens where there is none, or it is at another employer. Raises UnableToTakeTime and
    access.NotPermitted.
    """
    people_access.require(by, Permission.ANSWER_TIME)
    employer_id = employer_of(by, Permission.ANSWER_TIME)
    if employer_id is not None:
        budgets.answer_time(use_id=use_id, employer_id=employer_id, refusal=refusal, by=by, at=at)
