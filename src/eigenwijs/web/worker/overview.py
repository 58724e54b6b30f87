"""Everything on paper: the worker's account with its reasons, and the courses, as a PDF."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eigenwijs.bookings import queries as bookings
from eigenwijs.budgets import access as budgets
from eigenwijs.budgets import queries as budget_queries
from eigenwijs.budgets.types import AccountView, PotView
from eigenwijs.contributions import queries as contributions
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.kernel.wording import day, hours, money, period
from eigenwijs.notices import queries as notices
from eigenwijs.people import queries as people
from eigenwijs.people.types import ContractKind, Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Localised, in_unit
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.pdf import pdf_response
from eigenwijs.web.times import TIME_STATES
from eigenwijs.web.worker.account import KINDS

Part = dict[str, Any]
EVERY_MESSAGE = 100_000


@permitted(Permission.SEE_OWN_ACCOUNT)
def overview(request: HttpRequest) -> HttpResponse:
    """Hand out the PDF."""
    actor = request.actor  # type: ignore[attr-defined]
    today = local_date(request_time(request))
    account = budgets.own_account(actor, on=today)
    person = people.person(actor.person_id)
    values = {
        "title": _("Mijn leerrekening"),
        "intro": _("Van %(name)s, op %(day)s.")
        % {"name": person.name if person else "", "day": day(today)},
        "sums": [
            (_("Dit kun je uitgeven"), money(account.available)),
            (_("Vastgezet voor je cursus"), money(account.reserved)),
            (_("Dit komt er nog bij"), money(account.expected)),
        ],
        "parts": [
            _pots(account),
            _bookings(request),
            _credits(request),
            _statement(request),
            *_time(request),
            _delivered(request),
            _messages(request),
        ],
    }
    return pdf_response("worker/documents/overview.typ", values, f"leerrekening-{today}")


def _without_end(pot: PotView) -> str:
    return _("zolang je baan duurt") if pot.conditions.months_after_job else _("altijd")


def _pots(account: AccountView) -> Part:
    rows = [
        (
            f"{pot.payer_name}: {_in_language(pot.title)}",
            day(lot.usable_until) if lot.usable_until else _without_end(pot),
            money(lot.amount),
        )
        for pot in account.pots
        for lot in pot.lots
    ]
    return {
        "title": _("Wat er nu op staat"),
        "text": "" if rows else _("Er staat nu niets op."),
        "columns": (1, 0, 0),
        "numbers": (2,),
        "head": (_("Van wie"), _("Geldig tot"), _("Bedrag")),
        "rows": rows,
    }


def _bookings(request: HttpRequest) -> Part:
    person_id = request.actor.person_id  # type: ignore[attr-defined]
    rows = [
        (
            day(view.offer.starts_on),
            f"{view.offer.title}, {view.offer.provider_name}",
            str(view.state_label),
            money(view.price),
        )
        for view in bookings.bookings_of(person_id)
    ]
    return {
        "title": _("Wat je boekte"),
        "text": "" if rows else _("Je boekte nog niets."),
        "columns": (0, 2, 1, 0),
        "numbers": (3,),
        "head": (_("Start"), _("Cursus"), _("Hoe het ermee staat"), _("Prijs")),
        "rows": rows,
    }


def _credits(request: HttpRequest) -> Part:
    person_id = request.actor.person_id  # type: ignore[attr-defined]
    rows = [
        (
            day(credit.occurred_on),
            credit.payer_name,
            f"{_in_language(credit.conditions.title)}, {schemes.place(credit.reason.article)}".rstrip(
                ", "
            ),
            period(Period.parse(credit.reason.period)),
            money(credit.amount - credit.taken_back),
        )
        for credit in budget_queries.credits_of(person_id)
    ]
    return {
        "title": _("Wat erbij kwam, en waarom"),
        "text": "" if rows else _("Er kwam nog niets bij."),
        "columns": (0, 1, 1, 0, 0),
        "numbers": (4,),
        "head": (_("Dag"), _("Van wie"), _("Regel"), _("Over"), _("Bedrag")),
        "rows": rows,
    }


def _statement(request: HttpRequest) -> Part:
    lines = budgets.own_statement(request.actor)  # type: ignore[attr-defined]
    rows = [
        (
            day(line.on),
            str(KINDS[line.kind]),
            line.payer_name,
            money(line.change, signed=True),
            money(line.available),
        )
        for line in lines
    ]
    return {
        "title": _("Wat er gebeurde"),
        "text": _(
            "Elke regel is een post in het grootboek. Het jaaroverzicht telt dezelfde regels op."
        )
        if rows
        else _("Er gebeurde nog niets."),
        "columns": (0, 1, 1, 0, 0),
        "numbers": (3, 4),
        "head": (_("Dag"), _("Wat"), _("Van wie"), _("Bedrag"), _("Daarna te besteden")),
        "rows": rows,
    }


def _delivered(request: HttpRequest) -> Part:
    delivered = contributions.export(request.actor.person_id)["delivered"]  # type: ignore[attr-defined]
    rows = [
        (
            period(Period.parse(one["period"])),
            one["employer"],
            str(ContractKind(one["contract_kind"]).label),
            hours(one["paid_hours_period_hundredths"]),
            money(Money(one["change_cents"])),
        )
        for one in delivered
    ]
    return {
        "title": _("Wat je werkgever over je aanleverde"),
        "text": "" if rows else _("Er is nog niets aangeleverd."),
        "columns": (0, 1, 1, 0, 0),
        "numbers": (3, 4),
        "head": (_("Over"), _("Werkgever"), _("Contract"), _("Betaalde uren"), _("Bedrag")),
        "rows": rows,
    }


def _time(request: HttpRequest) -> list[Part]:
    """Time to learn, only of who has it."""
    accounts = budget_queries.time_of(
        request.actor.person_id,  # type: ignore[attr-defined]
        on=local_date(request_time(request)),
    )
    rows = [
        (
            day(one.given_on),
            one.employer_name,
            in_unit(one.hundredths, one.unit),
            day(one.usable_until) if one.usable_until else _("altijd"),
        )
        for own in accounts
        for one in own.credits
    ]
    taken = [
        (
            day(one.day),
            one.employer_name,
            in_unit(one.hundredths, one.unit),
            str(TIME_STATES[one.state][0]),
        )
        for own in accounts
        for one in own.uses
    ]
    parts: list[Part] = [
        {
            "title": _("Tijd om te leren die erbij kwam"),
            "text": "",
            "columns": (0, 1, 0, 0),
            "numbers": (2,),
            "head": (_("Dag"), _("Werkgever"), _("Hoeveel"), _("Geldig tot")),
            "rows": rows,
        },
        {
            "title": _("Dagen waarop je leert"),
            "text": "" if taken else _("Je koos nog geen dag."),
            "columns": (0, 1, 0, 0),
            "numbers": (2,),
            "head": (_("Dag"), _("Werkgever"), _("Hoeveel"), _("Stand")),
            "rows": taken,
        },
    ]
    return parts if accounts else []


def _messages(request: HttpRequest) -> Part:
    told = notices.inbox(request.actor.person_id, limit=EVERY_MESSAGE)  # type: ignore[attr-defined]
    rows = [(day(local_date(one.told_at)), f"{one.title}. {one.body}") for one in told]
    return {
        "title": _("Berichten aan jou"),
        "text": "" if rows else _("Je kreeg nog geen berichten."),
        "columns": (0, 1),
        "numbers": (),
        "head": (_("Dag"), _("Bericht")),
        "rows": rows,
    }


def _in_language(texts: Localised) -> str:
    return texts.get(get_language() or "nl", texts["en"])
