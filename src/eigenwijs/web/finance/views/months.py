"""Closing months: what is still open, and who closes what."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.insight import operations
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.period import Period
from eigenwijs.kernel.wording import period
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, PeriodView
from eigenwijs.people import access
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import Permission
from eigenwijs.treasury import queries as treasury
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import MonthForm
from eigenwijs.web.finance.names import colleague_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin.proof import ask_for_second_proof

MONTHS_OFFERED = 12
OPEN_KINDS = (
    AccountKind.UNMATCHED,
    AccountKind.PAYER_CLEARING,
    AccountKind.IN_TRANSIT,
    AccountKind.RETURNED,
)


@permitted(Permission.CLOSE_PERIODS)
def months(request: HttpRequest) -> HttpResponse:
    """Show closed months and what is open; a post begins to close one, or closes it for good."""
    listed = ledger.periods()
    begun = [one for one in listed if one.closed_at is None]
    can_begin = _can_begin(local_date(request_time(request)), [one.until for one in listed])
    is_close = request.POST.get("action") == "close"
    form = MonthForm(
        request.POST or None,
        months=[_month(one.until) for one in begun] if is_close else can_begin,
    )
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _close(request, form.cleaned_data["month"]))
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("finance:months")
    names = colleague_names(who for one in listed for who in _people(one))
    totals = ledger.totals_by_kind()
    context = {
        "form": form,
        "months": [
            (_month(one.until), one, *(names.get(who, "") if who else "" for who in _people(one)))
            for one in listed
        ],
        "begun": [
            (_month(one.until), one.begun_by == request.actor.person_id)  # type: ignore[attr-defined]
            for one in begun
        ],
        "can_begin": can_begin,
        "entries": treasury.unmatched_entries(),
        "open": {kind.value: totals[kind].posted for kind in OPEN_KINDS},
    }
    return render(request, "finance/months.html", context)


def _close(request: HttpRequest, month: Period) -> str:
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    access.require_second_proof(by, at)
    names = {"month": period(month)}
    if request.POST.get("action") == "close":
        operations.close_month(until=month.end, by=by, at=at)
        return _("De boeken tot en met %(month)s zijn afgesloten.") % names
    operations.begin_closing(until=month.end, by=by, at=at)
    return _("In %(month)s komt niets meer bij. Een collega sluit de maand af.") % names


def _can_begin(today: date, closed: list[date]) -> list[Period]:
    """The months of the last year that are over and not closed, the last one first."""
    month = _month(today - timedelta(days=1))
    months: list[Period] = []
    while len(months) < MONTHS_OFFERED:
        month = _month(month.start - timedelta(days=1))
        if closed and month.end <= max(closed):
            break
        months.append(month)
    return months


def _people(one: PeriodView) -> tuple[UUID | None, UUID | None]:
    """Who began and who closed."""
    return one.begun_by, one.closed_by


def _month(day: date) -> Period:
    return Period(day.year, day.month)
