"""A day on which somebody learns in time that was given: chosen, answered, or taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import telling
from eigenwijs.budgets.lifecycle import TIME_USE
from eigenwijs.budgets.models import TimeCredit, TimeUse
from eigenwijs.budgets.operations.lapsing import CHUNK
from eigenwijs.budgets.time_accounts import TAKEN, lots_and_days, time_use_view
from eigenwijs.budgets.time_rules import time_left
from eigenwijs.budgets.types import LONGEST_AHEAD, MOST_A_DAY, TimeRefusal, TimeUseView
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people
from eigenwijs.people.types import EmploymentView
from eigenwijs.schemes.types import DAYS_TO_ANSWER


class UnableToTakeTime(DomainError):
    """Codes: no_time (none under this scheme), not_enough, too_soon, too_far, not_in_job, wrong_amount,
    already_chosen, unknown_day, too_late."""


@transaction.atomic
def take_time(
    *,
    employment: EmploymentView,
    scheme: str,
    hundredths: int,
    day: date,
    by: Actor,
    at: datetime,
) -> TimeUseView:
    """Let somebody learn on a day, in time under a scheme; their employer has two weeks to say no.

    Whether that employer takes part in the scheme is for the caller to know. The same call again changes
    nothing. Raises UnableToTakeTime.
    """
    files = people.files_of(employment.person_id)
    # Whoever chooses a day waits here; what is added meanwhile only makes more.
    list(TimeCredit.objects.filter(person__in=files).order_by("pk").select_for_update())
    answer_by = local_date(at) + timedelta(days=DAYS_TO_ANSWER)
    known = TimeUse.objects.filter(
        employment=employment.id, scheme=scheme, day=day, state__in=TAKEN
    ).first()
    if known is not None:
        if known.hundredths == hundredths:
            return time_use_view(known)
        raise UnableToTakeTime(
            "already_chosen",
            _("Die dag koos je al. Trek hem eerst in als je meer of minder tijd wilt."),
        )
    unit = check_time(employment=employment, scheme=scheme, hundredths=hundredths, day=day, at=at)
    row = TimeUse.objects.create(
        id=new_id(at),
        person_id=employment.person_id,
        employment_id=employment.id,
        employer_id=employment.employer_id,
        scheme=scheme,
        unit=unit,
        hundredths=hundredths,
        day=day,
        answer_by=answer_by,
        asked_at=at,
    )
    audit.record(
        by=by,
        at=at,
        action="budgets.timeuse.ask",
        subject=(TimeUse._meta.label_lower, row.pk),
        ids={"employment": str(employment.id), "scheme": scheme},
    )
    return time_use_view(row)


def check_time(
    *, employment: EmploymentView, scheme: str, hundredths: int, day: date, at: datetime
) -> str:
    """Return what the scheme counts; raise UnableToTakeTime where `take_time` would. Writes nothing."""
    files = people.files_of(employment.person_id)
    units = TimeCredit.objects.filter(person__in=files, scheme=scheme).order_by()
    unit = units.values_list("unit", flat=True).first()
    if unit is None:
        raise UnableToTakeTime("no_time", _("Je hebt hier geen tijd om te leren."))
    today = local_date(at)
    _check_day(employment, day, today + timedelta(days=DAYS_TO_ANSWER), today)
    on_the_day = TimeUse.objects.filter(person__in=files, day=day, state__in=TAKEN)
    parts = [(unit, hundredths), *on_the_day.values_list("unit", "hundredths")]
    whole = sum(Fraction(one, MOST_A_DAY[counted]) for counted, one in parts)
    if hundredths <= 0 or whole > 1:
        raise UnableToTakeTime("wrong_amount", _("Zo veel tijd heeft een dag niet."))
    lots, taken = lots_and_days(files, scheme)
    if time_left(lots, [*taken, (day, hundredths)]).short:
        raise UnableToTakeTime(
            "not_enough",
            _("Zo veel tijd heb je op die dag niet over. Kies minder, of een andere dag."),
        )
    return unit


def _check_day(employment: EmploymentView, day: date, answer_by: date, today: date) -> None:
    """Refuse a day that the employer cannot answer in time, that is far away, or outside the job."""
    if day <= answer_by:
        first = answer_by + timedelta(days=1)
        raise UnableToTakeTime(
            "too_soon",
            _("Je werkgever heeft twee weken om te antwoorden. Kies een dag vanaf %(first)s."),
            {"first": first},
        )
    if day > today + LONGEST_AHEAD:
        raise UnableToTakeTime("too_far", _("Kies een dag binnen een jaar."))
    if day < employment.started_on or (employment.ended_on and day > employment.ended_on):
        raise UnableToTakeTime("not_in_job", _("Op die dag werk je daar niet."))


@transaction.atomic
def withdraw_time(*, use_id: UUID, person_id: UUID, by: Actor, at: datetime) -> TimeUseView | None:
    """Take a chosen day back, until the day before; the time is free again.

    None where there is no such day, or it is another person's. Raises UnableToTakeTime (too_late).
    """
    files = people.files_of(person_id)
    row = TimeUse.objects.select_for_update().filter(pk=use_id, person__in=files).first()
    if row is None:
        return None
    if row.state == "withdrawn":
        return time_use_view(row)
    if row.state == "refused" or row.day <= local_date(at):
        raise UnableToTakeTime("too_late", _("Deze dag kun je niet meer intrekken."))
    audit.move(row, "withdraw", by=by, at=at, lifecycle=TIME_USE)
    _warn_again(files, row.scheme)
    return time_use_view(row)


@transaction.atomic
def answer_time(
    *, use_id: UUID, employer_id: UUID, refusal: TimeRefusal | None, by: Actor, at: datetime
) -> TimeUseView | None:
    """Let an employer agree to a day, or refuse it for a reason; its person is told.

    None where there is no such day at this employer. The same answer again changes nothing. Raises
    UnableToTakeTime (too_late: it stands already, was taken back, or the last day to answer is over).
    """
    row = TimeUse.objects.select_for_update().filter(pk=use_id, employer=employer_id).first()
    if row is None:
        return None
    wanted = ("refused", refusal.value) if refusal else ("stands", "")
    if (row.state, row.refused_because) == wanted:
        return time_use_view(row)
    if row.state != "asked" or row.answer_by < local_date(at):
        raise UnableToTakeTime("too_late", _("Hierop kun je niet meer antwoorden."))
    if refusal:
        values = {"refused_because": refusal.value, "answered_at": at}
        audit.move(row, "refuse", by=by, at=at, lifecycle=TIME_USE, values=values)
        _warn_again(people.files_of(row.person_id), row.scheme)
    else:
        audit.move(row, "agree", by=by, at=at, lifecycle=TIME_USE, values={"answered_at": at})
    view = time_use_view(row)
    notices.tell_all([telling.time_answered(view)], by=by, at=at)
    return view


@transaction.atomic
def settle_time(*, by: Actor, at: datetime) -> int:
    """Let days stand of which the employer said nothing, and free those of jobs that ended before them.

    Also where that end is known only after the day. In one chunk, for a daily job; returns how many days
    changed: call again until 0.
    """
    rows = TimeUse.objects.select_for_update(of=("self",), skip_locked=True)
    rows = rows.select_related("employer").order_by("pk")
    told = []
    over = rows.filter(state__in=TAKEN, employment__ended_on__lt=F("day"))
    for row in over[:CHUNK]:
        audit.move(row, "withdraw", by=by, at=at, lifecycle=TIME_USE)
        _warn_again(people.files_of(row.person_id), row.scheme)
        told.append(telling.time_answered(time_use_view(row)))
    for row in rows.filter(state="asked", answer_by__lt=local_date(at))[:CHUNK]:
        audit.move(row, "let_stand", by=by, at=at, lifecycle=TIME_USE)
        told.append(telling.time_answered(time_use_view(row)))
    notices.tell_all(told, by=by, at=at)
    return len(told)


def _warn_again(files: Collection[UUID], scheme: str) -> None:
    """Let people hear of the end of time that is free again."""
    TimeCredit.objects.filter(person__in=files, scheme=scheme, warned=True).update(warned=False)
