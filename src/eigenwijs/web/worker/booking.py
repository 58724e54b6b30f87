"""Booking a course in three steps: two questions, who pays what, and the yes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eigenwijs.bookings import operations as bookings
from eigenwijs.bookings import queries
from eigenwijs.bookings.types import BookingView, Quote
from eigenwijs.budgets import access as budgets
from eigenwijs.budgets.operations import UnableToReserve as UnableToReserveMoney
from eigenwijs.budgets.types import PotAnswer
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.operations import UnableToTakeSeat
from eigenwijs.catalogue.types import CourseView, RunView
from eigenwijs.draws.operations import UnableToAnswer
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people import access as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes.types import Localised
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin.proof import ask_for_second_proof
from eigenwijs.web.worker.forms import QuestionsForm, YesForm

ANSWERS = "booking_answers"
QUOTE_SALT = "worker.booking.quote"
QUOTE_SECONDS = 2 * 60 * 60
MOST_POTS = 20
COME_BACK = {
    "too_busy",
    "changed",
    "wrong_amounts",
    "insufficient_funds",
    "not_usable",
    "more_than_it_pays",
    "unknown_pot",
    "too_late",
    "answered",
    "needs_early_start",
}
"""The refusals after which the worker looks at it once more."""


@permitted(Permission.BOOK_COURSES)
def questions(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Ask whether the employer must pay, and whether it is for work. The answers go to no payer."""
    run, course = _chosen(run_id)
    if booked := queries.open_booking_of(request.actor.person_id, run_id):  # type: ignore[attr-defined]
        return redirect("worker:booking", booked)
    known = _answers(request, run_id)
    form = QuestionsForm(request.POST or None, initial=known and {"work_related": known["work"]})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["required_by_employer"] == "yes":
            request.session.pop(ANSWERS, None)  # an earlier no counts no longer
            return redirect("worker:employer_pays", run_id)
        work = form.cleaned_data["work_related"]
        _remember(request, run_id, {"work": work, "order": known["order"] if known else []})
        return redirect("worker:funding", run_id)
    context = {"form": form, "run": run, "course": course}
    return render(request, "worker/book_questions.html", context)


@permitted(Permission.BOOK_COURSES)
def employer_pays(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Say that the employer has to pay, and what to tell them."""
    run, course = _chosen(run_id)
    return render(request, "worker/book_employer_pays.html", {"run": run, "course": course})


@never_cache
@permitted(Permission.BOOK_COURSES)
def funding(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show which pots pay what and what the worker pays; another pot may go first."""
    _chosen(run_id)
    known = _answers(request, run_id)
    if known is None:
        return redirect("worker:book", run_id)
    if request.method == "POST":
        first = request.POST.get("first", "")
        if _is_uuid(first):
            order = [first, *(pot for pot in known["order"] if pot != first)]
            _remember(request, run_id, {**known, "order": order[:MOST_POTS]})
        return redirect("worker:funding", run_id)
    try:
        quote = _quote(request, run_id, known)
    except queries.UnableToQuote as refusal:
        return _unable(request, run_id, refusal)
    account = budgets.own_account(request.actor, on=_today(request))  # type: ignore[attr-defined]
    not_usable = [answer for answer in quote.mix.answers if not answer.usable]
    context = {
        "quote": quote,
        "run_id": run_id,
        "others": [
            answer.pot
            for answer in quote.mix.answers
            if answer.usable and (not quote.mix.lines or answer.pot.id != quote.mix.lines[0].pot.id)
        ],
        "not_usable": not_usable,
        "limited": _limited(quote),
        "exempted": _exempted(quote),
        "shortage": _shortage(quote, not_usable),
        "left": account.available + quote.won - quote.mix.from_account,
    }
    return render(request, "worker/book_funding.html", context)


def _limited(quote: Quote) -> list[PotAnswer]:
    """The pots that would pay more if their scheme paid more, while something is left to pay."""
    if not quote.mix.pay_yourself:
        return []
    pays = {line.pot.id: line.amount for line in quote.mix.lines}
    return [
        answer
        for answer in quote.mix.answers
        if answer.usable
        and answer.most is not None
        and pays.get(answer.pot.id, Money.zero()) < answer.pot.available
    ]


def _exempted(quote: Quote) -> list[Localised]:
    """Why no contribution of their own is asked of this worker, for the money that pays here."""
    pays = {line.pot.id for line in quote.mix.lines}
    texts = [one.exempted for one in quote.mix.answers if one.pot.id in pays and one.exempted]
    return [text for number, text in enumerate(texts) if text not in texts[:number]]


def _shortage(quote: Quote, not_usable: list[PotAnswer]) -> str:
    """Why the worker pays all or a part.

    One of: limited (money pays a part of a course), part, part_not_usable, no_money, work_only,
    not_usable.
    """
    refused = [answer for answer in not_usable if answer.pot.available]
    if not quote.mix.pay_yourself:
        return ""
    if _limited(quote):
        return "limited"
    if quote.mix.lines:
        return "part_not_usable" if refused else "part"
    if not refused:
        return "no_money"
    is_work_only = not quote.work_related and all(
        answer.pot.conditions.work_related_only for answer in refused
    )
    return "work_only" if is_work_only else "not_usable"


@never_cache
@permitted(Permission.BOOK_COURSES)
def yes(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show the money once more and take the yes. Sending the page twice makes one booking."""
    _chosen(run_id)
    if not people.has_fresh_second_proof(request.actor, request_time(request)):  # type: ignore[attr-defined]
        return ask_for_second_proof(request)
    known = _answers(request, run_id)
    if known is None:
        return redirect("worker:book", run_id)
    if request.method == "POST":
        return _take_yes(request, run_id, known)
    return _ask_yes(request, run_id, known)


def _take_yes(request: HttpRequest, run_id: UUID, known: dict[str, Any]) -> HttpResponse:
    """Book what was shown; where that is not possible, show it again with the reason."""
    try:
        booking = _reserve(request, run_id)
    except signing.BadSignature:
        too_old = DomainError("too_old", _("Deze pagina was te oud. Kijk het nog een keer na."))
        return _ask_yes(request, run_id, known, too_old)
    except (
        bookings.UnableToReserve,
        UnableToReserveMoney,
        UnableToTakeSeat,
        UnableToAnswer,
        TooBusy,
    ) as refusal:
        if refusal.code in COME_BACK:
            return _ask_yes(request, run_id, known, refusal)
        return _unable(request, run_id, refusal)
    request.session.pop(ANSWERS, None)
    return redirect("worker:booked", booking.id)


def _ask_yes(
    request: HttpRequest, run_id: UUID, known: dict[str, Any], problem: DomainError | None = None
) -> HttpResponse:
    try:
        quote = _quote(request, run_id, known)
    except queries.UnableToQuote as refusal:
        return _unable(request, run_id, refusal)
    form, problem = yes_form(request, quote, problem)
    context = {"quote": quote, "form": form, "run_id": run_id, "problem": problem}
    return render(request, "worker/book_yes.html", context)


def yes_form(
    request: HttpRequest, quote: Quote, problem: DomainError | None
) -> tuple[YesForm, DomainError | None]:
    """Return the yes to a quote, and the problem as far as the form does not say it."""
    values = {"quote": signed(quote)}
    if problem is not None and problem.code == "needs_early_start":
        return YesForm(values, asks_early_start=True), None
    typed = {"early_start": "early_start" in request.POST}
    return YesForm(initial=values | typed, asks_early_start=quote.needs_early_start), problem


def _reserve(request: HttpRequest, run_id: UUID) -> BookingView:
    """Book as it was shown; the signature says that it was."""
    values = shown(request, run_id)
    actor = request.actor  # type: ignore[attr-defined]
    return bookings.reserve(
        key=UUID(values["key"]),
        person_id=actor.person_id,
        run_id=run_id,
        run_version=values["run_version"],
        course_version=values["course_version"],
        lines=[(UUID(pot), Money(cents)) for pot, cents in values["lines"]],
        pay_yourself=Money(values["pay_yourself"]),
        required_by_employer=False,
        work_related=values["work_related"],
        early_start_requested="early_start" in request.POST,
        places=[UUID(place) for place in values["places"]],
        by=actor,
        at=request_time(request),
    )


def shown(request: HttpRequest, run_id: UUID) -> dict[str, Any]:
    """Return the quote that was shown; raises `signing.BadSignature` where it was not, or long ago."""
    values: dict[str, Any] = signing.loads(
        request.POST.get("quote", ""), salt=QUOTE_SALT, max_age=QUOTE_SECONDS
    )
    if values["run"] != str(run_id):
        raise signing.BadSignature
    return values


def signed(quote: Quote) -> str:
    """What was shown, in a form that cannot be changed on the way back."""
    return signing.dumps(
        {
            "run": str(quote.offer.run_id),
            "key": str(quote.key),
            "run_version": quote.offer.run_version,
            "course_version": quote.offer.course_version,
            "lines": [(str(pot), amount.cents) for pot, amount in quote.lines],
            "pay_yourself": quote.mix.pay_yourself.cents,
            "work_related": quote.work_related,
            "places": [str(place.id) for place in quote.places],
        },
        salt=QUOTE_SALT,
    )


def _quote(request: HttpRequest, run_id: UUID, known: dict[str, Any]) -> Quote:
    return queries.quote(
        person_id=request.actor.person_id,  # type: ignore[attr-defined]
        run_id=run_id,
        required_by_employer=False,
        work_related=known["work"] == "yes",
        order=[UUID(pot) for pot in known["order"]],
        at=request_time(request),
    )


def _unable(request: HttpRequest, run_id: UUID, refusal: DomainError) -> HttpResponse:
    """Say why this cannot be booked, and what else there is."""
    if refusal.code == "already_booked":
        return redirect("worker:booking", refusal.params["booking"])
    context = {"refusal": refusal, "course_id": _chosen(run_id)[0].course_id}
    return render(request, "worker/book_unable.html", context, status=409)


def _chosen(run_id: UUID) -> tuple[RunView, CourseView]:
    """The start that the address names, with its course."""
    run = catalogue.run(run_id)
    course = catalogue.course(run.course_id) if run else None
    if run is None or course is None:
        raise Http404
    return run, course


def _answers(request: HttpRequest, run_id: UUID) -> dict[str, Any] | None:
    answers: dict[str, Any] | None = request.session.get(ANSWERS, {}).get(str(run_id))
    return answers


def _remember(request: HttpRequest, run_id: UUID, answers: dict[str, Any]) -> None:
    """Keep the answers for the next step, of this course only."""
    request.session[ANSWERS] = {str(run_id): answers}


def _today(request: HttpRequest) -> date:
    return local_date(request_time(request))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
