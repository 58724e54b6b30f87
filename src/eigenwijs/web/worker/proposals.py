"""Another start that a provider proposes: what it means, and the yes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets.operations import UnableToReserve as UnableToReserveMoney
from eigenwijs.catalogue.operations import UnableToTakeSeat
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people import access as people
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin.proof import ask_for_second_proof
from eigenwijs.web.worker.booking import shown, yes_form


@never_cache
@permitted(Permission.BOOK_COURSES)
def proposal(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Show what the other start means, and take the yes. Sending the page twice makes one booking."""
    own = access.own_booking(booking_id, by=request.actor)  # type: ignore[attr-defined]
    if own is None:
        raise Http404
    if own.proposal is None:
        return redirect("worker:booking", booking_id)
    if not people.has_fresh_second_proof(request.actor, request_time(request)):  # type: ignore[attr-defined]
        return ask_for_second_proof(request)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            made = _accept(request, own)
        except signing.BadSignature:
            problem = DomainError("too_old", _("Deze pagina was te oud. Kijk het nog een keer na."))
        except (
            operations.UnableToAnswer,
            operations.UnableToReserve,
            UnableToReserveMoney,
            UnableToTakeSeat,
            TooBusy,
        ) as refusal:
            problem = refusal
        else:
            return redirect("worker:booking", made.id)
    quote = queries.proposed_quote(booking_id, at=request_time(request))
    if quote is None:
        if problem:
            messages.error(request, str(problem))
        return redirect("worker:booking", booking_id)
    form, problem = yes_form(request, quote, problem)
    context = {"booking": own, "quote": quote, "form": form, "problem": problem}
    return render(request, "worker/booking_proposal.html", context)


def _accept(request: HttpRequest, own: BookingView) -> BookingView:
    """Take the start as it was shown; the signature says that it was."""
    if own.proposal is None:
        raise Http404
    values = shown(request, own.proposal.run_id)
    return operations.accept_proposal(
        booking_id=own.id,
        run_version=values["run_version"],
        course_version=values["course_version"],
        lines=[(UUID(pot), Money(cents)) for pot, cents in values["lines"]],
        pay_yourself=Money(values["pay_yourself"]),
        early_start_requested="early_start" in request.POST,
        by=request.actor,  # type: ignore[attr-defined]
        at=request_time(request),
    )
