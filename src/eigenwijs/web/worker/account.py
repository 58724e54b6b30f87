"""The learning account: what there is, what happened, and why each amount is what it is."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.bookings import queries as bookings
from eigenwijs.budgets import access as budgets
from eigenwijs.budgets import queries as budget_queries
from eigenwijs.budgets.types import StatementKind, StatementLine
from eigenwijs.contributions import queries as contributions
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.spreadsheets import decimal, spreadsheet
from eigenwijs.web.worker.forms import StatementForm

LINES_A_PAGE = 40

KINDS = {
    StatementKind.CREDITED: _("Geld erbij"),
    StatementKind.TAKEN_BACK: _("Correctie binnen de termijn"),
    StatementKind.RESERVED: _("Vastgezet voor een cursus"),
    StatementKind.RELEASED: _("Weer vrij"),
    StatementKind.SPENT: _("Uitgegeven"),
    StatementKind.REFUNDED: _("Teruggekomen"),
    StatementKind.LAPSED: _("Niet meer geldig"),
}


@permitted(Permission.SEE_OWN_ACCOUNT)
def account(request: HttpRequest) -> HttpResponse:
    """Show available, reserved and expected money, pot by pot, with the conditions of each."""
    actor, today = request.actor, local_date(request_time(request))  # type: ignore[attr-defined]
    credits_by_pot: dict[UUID, list[object]] = {}
    for credit in budget_queries.credits_of(actor.person_id):
        credits_by_pot.setdefault(credit.pot_id, []).append(credit)
    found = budgets.own_account(actor, on=today)
    pots = [(pot, credits_by_pot.get(pot.id, [])) for pot in found.pots]
    context = {
        "account": found,
        "pots": pots,
        "advances": contributions.advances(by=actor, on=today),
        "time": contributions.time_to_learn(by=actor, on=today),
    }
    return render(request, "worker/account.html", context)


@permitted(Permission.SEE_OWN_ACCOUNT)
def statement(request: HttpRequest) -> HttpResponse:
    """Show what happened, newest first; filtered by days and kind, and to take along as CSV."""
    form = StatementForm(request.GET)
    form.is_valid()
    lines = budgets.own_statement(
        request.actor,  # type: ignore[attr-defined]
        since=form.cleaned_data.get("since"),
        until=form.cleaned_data.get("until"),
    )
    if kind := form.cleaned_data.get("kind"):
        lines = [line for line in lines if line.kind == kind]
    titles = _course_titles(request, lines)
    if "csv" in request.GET:
        return _as_csv(lines, titles, local_date(request_time(request)))
    page = page_of(request, lines, LINES_A_PAGE)
    rows = [(line, KINDS[line.kind], titles.get(line.booking_id)) for line in page.items]
    return render(request, "worker/statement.html", {"form": form, "page": page, "rows": rows})


@permitted(Permission.SEE_OWN_ACCOUNT)
def why(request: HttpRequest, credit_id: UUID) -> HttpResponse:
    """Show where one amount came from: the rule, its version, the facts and each step."""
    credit = budgets.own_credit(request.actor, credit_id)  # type: ignore[attr-defined]
    language = get_language() or "nl"
    context = {
        "credit": credit,
        "period": Period.parse(credit.reason.period),
        "steps": schemes.explain(credit.reason.steps, "nl" if language == "nl" else "en"),
        "version": schemes.version(credit.reason.version_hash),
    }
    return render(request, "worker/why.html", context)


def _course_titles(request: HttpRequest, lines: list[StatementLine]) -> dict[UUID | None, str]:
    """The course of each booking that the lines name."""
    if not any(line.booking_id for line in lines):
        return {}
    own = bookings.bookings_of(request.actor.person_id)  # type: ignore[attr-defined]
    return {booking.id: booking.offer.title for booking in own}


def _as_csv(
    lines: list[StatementLine], titles: dict[UUID | None, str], today: date
) -> HttpResponse:
    """The lines as a file for a spreadsheet."""
    head = (_("Dag"), _("Wat"), _("Van wie"), _("Cursus"), _("Erbij"), _("Eraf"))
    rows = [
        (
            line.on.isoformat(),
            str(KINDS[line.kind]),
            line.payer_name,
            titles.get(line.booking_id, ""),
            decimal(max(line.change, Money.zero())),
            decimal(max(-line.change, Money.zero())),
        )
        for line in lines
    ]
    name = gettext("overzicht")
    return spreadsheet(f"{name}-{today}", [head, *rows])
