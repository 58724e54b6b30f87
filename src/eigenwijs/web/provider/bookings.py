"""Requests to answer, and who was there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.operations import UnableToAnswer, UnableToPay
from eigenwijs.bookings.types import BookingState, PayoutState, PayoutView, ProviderBookingView
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import RunView
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury import queries as treasury_queries
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.provider.forms import (
    AnswerForm,
    AttendedForm,
    BookingFilter,
    PayeeAccountForm,
    ProposalForm,
)
from eigenwijs.web.provider.own import actor_of, provider_of
from eigenwijs.web.signin.proof import with_second_proof
from eigenwijs.web.spreadsheets import decimal, spreadsheet

PAGE_SIZE = 50


@permitted(Permission.ANSWER_BOOKINGS)
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the provider: requests, attendance, money that came back."""
    at = request_time(request)
    by = actor_of(request)
    today = local_date(at)
    open_ones = access.provider_bookings(
        by=by, at=at, states=(BookingState.REQUESTED, BookingState.CONFIRMED)
    )
    payouts = queries.payouts_of(provider_of(request))
    context = {
        "to_answer": [one for one in open_ones if one.state is BookingState.REQUESTED],
        "attendance": [
            one
            for one in open_ones
            if one.state is BookingState.CONFIRMED
            and one.offer.starts_on <= today
            and one.attended is None
        ],
        "came_back": [one for one in payouts if one.state is PayoutState.REOPENED],
        "account": treasury_queries.usable_account(provider_of(request), today),
    }
    return render(request, "provider/home.html", context)


@permitted(Permission.ANSWER_BOOKINGS)
def bookings(request: HttpRequest) -> HttpResponse:
    """List the provider's bookings in one state or all, the latest start first; also as a file."""
    form = BookingFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    at = request_time(request)
    found = access.provider_bookings(
        by=actor_of(request), at=at, states=(BookingState(state),) if state else ()
    )[::-1]
    if "csv" in request.GET:
        return _as_file(found, local_date(at))
    page = page_of(request, found, PAGE_SIZE)
    return render(request, "provider/bookings.html", {"form": form, "page": page})


def _as_file(found: Sequence[ProviderBookingView], today: date) -> HttpResponse:
    heads = (_("Nummer"), _("Deelnemer"), _("Cursus"), _("Start"), _("Prijs"), _("Stand"))
    lines: list[tuple[object, ...]] = [(*heads, _("Betaling"))]
    for one in found:
        offer, payout = one.offer, one.payout.label if one.payout else ""
        course = (offer.title, offer.starts_on, decimal(offer.price))
        lines.append((one.number, one.participant_name, *course, one.state_label, payout))
    return spreadsheet(f"boekingen-{today}", lines)


@permitted(Permission.ANSWER_BOOKINGS)
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Show a booking with what the provider can do with it now."""
    return _show(request, _own_booking(request, booking_id), AnswerForm())


@permitted(Permission.ANSWER_BOOKINGS)
@require_POST
def confirm(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Say yes to a request."""
    _own_booking(request, booking_id)
    try:
        operations.confirm(booking_id=booking_id, by=actor_of(request), at=request_time(request))
    except (UnableToAnswer, TooBusy) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Bevestigd. De deelnemer krijgt bericht."))
    return redirect("provider:booking", booking_id)


@permitted(Permission.ANSWER_BOOKINGS)
@require_POST
def propose(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Propose another start instead of a yes."""
    found = _own_booking(request, booking_id)
    at = request_time(request)
    form = ProposalForm(_other_runs(found, local_date(at)), request.POST)
    if not form.is_valid():
        messages.error(request, _("Kies een andere start uit de lijst."))
        return redirect("provider:booking", booking_id)
    try:
        operations.propose(
            booking_id=booking_id,
            run_id=UUID(form.cleaned_data["run"]),
            by=actor_of(request),
            at=at,
        )
    except (UnableToAnswer, TooBusy) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Voorgesteld. De deelnemer krijgt bericht en kiest."))
    return redirect("provider:booking", booking_id)


def _other_runs(found: ProviderBookingView, today: date) -> list[RunView]:
    """The starts that can be proposed instead: of the same course, with a seat, not dearer."""
    if found.state is not BookingState.REQUESTED:
        return []
    return [
        one
        for one in catalogue.runs_of(found.offer.course_id, bookable_on=today)
        if one.id != found.run_id and one.price <= found.offer.price
    ]


@permitted(Permission.ANSWER_BOOKINGS)
@require_POST
def refuse(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Say no to a request, or call a confirmed course off."""
    found = _own_booking(request, booking_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form)
    act = operations.decline if found.state is BookingState.REQUESTED else operations.cancel
    try:
        act(
            booking_id=booking_id,
            answer=form.cleaned_data["answer"],
            by=actor_of(request),
            at=request_time(request),
        )
    except TooBusy as refusal:
        form.add_error(None, str(refusal))
        return _show(request, found, form)
    except UnableToAnswer as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Afgezegd. Wat nog niet betaald is, gaat terug naar de deelnemer.")
            if found.state is BookingState.STARTED
            else _("Afgezegd. Al het geld gaat terug naar de deelnemer."),
        )
    return redirect("provider:booking", booking_id)


@permitted(Permission.ANSWER_BOOKINGS)
@require_POST
def attendance(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Say whether the participant was there, still follows the course halfway, or completed it."""
    found = _own_booking(request, booking_id)
    said = request.POST.get("said", "")
    by, at = actor_of(request), request_time(request)
    try:
        if said == "completed":
            operations.complete(
                booking_id=booking_id,
                attended_percent=_percent(request.POST.get("attended_percent", "")),
                certificate="certificate" in request.POST,
                by=by,
                at=at,
            )
        elif said == "followed":
            operations.follow(booking_id=booking_id, by=by, at=at)
        elif said in ("yes", "no"):
            operations.say_attendance(booking_id=booking_id, attended=said == "yes", by=by, at=at)
    except (UnableToAnswer, TooBusy) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Bewaard."))
    if request.POST.get("back") == "run":
        return redirect("provider:run", found.run_id)
    return redirect("provider:booking", booking_id)


def _percent(typed: str) -> int | None:
    """Read a percentage; None where it is none, which the operation says."""
    text = typed.strip().removesuffix("%").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else None


@permitted(Permission.SEE_PAYOUTS)
def payouts(request: HttpRequest) -> HttpResponse:
    """List what the provider is paid; also as a file."""
    provider_id = provider_of(request)
    today = local_date(request_time(request))
    found = queries.payouts_of(provider_id)
    if "csv" in request.GET:
        return _payouts_as_file(found, today)
    context = {
        "page": page_of(request, found, PAGE_SIZE),
        "ordered": queries.payout_total(provider_id, "ordered"),
        "paid": queries.payout_total(provider_id, "paid"),
        "account": treasury_queries.usable_account(provider_id, today),
        "accounts": treasury_queries.payee_accounts(payee_id=provider_id),
    }
    return render(request, "provider/payouts.html", context)


def _payouts_as_file(found: Sequence[PayoutView], today: date) -> HttpResponse:
    heads = (_("Nummer"), _("Cursus"), _("Start"), _("Bedrag"), _("Stand"), _("Reden"))
    lines: list[tuple[object, ...]] = [(*heads, _("Sinds"), _("Deel"))]
    for one in found:
        course = (one.title, one.starts_on, decimal(one.amount))
        since = local_date(one.settled_at or one.ordered_at)
        part = one.part_label
        lines.append((one.number, *course, one.state.label, one.reason, since, part))
    return spreadsheet(f"uitbetalingen-{today}", lines)


@permitted(Permission.SEE_PAYOUTS)
@require_POST
def pay_again(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask to be paid again for a booking whose money came back."""
    try:
        operations.pay(booking_id=booking_id, by=actor_of(request), at=request_time(request))
    except (UnableToPay, TooBusy) as refusal:
        if refusal.code == "not_found":
            raise Http404 from None
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Het geld gaat mee met de volgende betaling."))
    return redirect("provider:payouts")


@permitted(Permission.CHANGE_PAYEE_ACCOUNT)
@with_second_proof
def payee_account(request: HttpRequest) -> HttpResponse:
    """Say on which account the provider wants to be paid."""
    form = PayeeAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, at = actor_of(request), request_time(request)
        try:
            treasury.register_payee_account(
                payee_id=provider_of(request), **form.cleaned_data, by=by, at=at
            )
        except treasury.UnableToChangeAccount as refusal:
            form.add_error("holder_name" if refusal.code == "wrong_name" else "iban", str(refusal))
        else:
            messages.success(
                request, _("Bewaard. Iemand van ons kijkt ernaar. Daarna duurt het vijf werkdagen.")
            )
            return redirect("provider:payouts")
    return render(request, "provider/payee_account.html", {"form": form})


def _own_booking(request: HttpRequest, booking_id: UUID) -> ProviderBookingView:
    found = access.provider_booking(booking_id, by=actor_of(request), at=request_time(request))
    if found is None:
        raise Http404
    return found


def _show(request: HttpRequest, found: ProviderBookingView, form: AnswerForm) -> HttpResponse:
    today = local_date(request_time(request))
    state = found.state
    asked = found.completion.attended_at_least if found.completion else 0
    waits_halfway = found.halfway is not None and found.halfway.due_at is None
    has_started = state is BookingState.STARTED
    others = _other_runs(found, today)
    context = {
        "booking": found,
        "proposal_form": ProposalForm(others) if others else None,
        "form": form,
        "attended_form": AttendedForm(asked) if asked else None,
        "has_started": has_started,
        "can_answer": state is BookingState.REQUESTED,
        "can_call_off": state
        in (BookingState.CONFIRMED, BookingState.DECIDED, BookingState.OBJECTED)
        or (has_started and (found.completion is not None or waits_halfway)),
        "can_say_attendance": found.offer.starts_on <= today
        and state in (BookingState.CONFIRMED, BookingState.STARTED, BookingState.COMPLETED),
        "can_follow": has_started
        and waits_halfway
        and found.halfway is not None
        and found.halfway.falls_on <= today,
        "can_complete": has_started and not waits_halfway and found.offer.ends_on <= today,
    }
    return render(request, "provider/booking.html", context)
