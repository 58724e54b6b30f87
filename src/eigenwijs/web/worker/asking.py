"""Asking for money of a round that a law has served in order of arrival: from its opening on."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.draws import access, operations
from eigenwijs.draws.types import OwnRound, PlaceState, TicketView
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.provider.forms import price_text
from eigenwijs.web.worker.rounds import AmountForm, is_to_ask


@permitted(Permission.ENTER_ROUNDS)
def ask(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show whether there is money to ask for, and what else there is; a post asks."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    refusal = None
    if request.method == "POST" and "amount" not in request.POST:
        # Before anything is read for the page: thousands may ask in this minute.
        ticket, refusal = _claim(request, round_id, None)
        if ticket:
            return redirect("worker:round", round_id)
    found = access.own_round(actor, round_id, at=at)
    if found is None:
        raise Http404
    if not is_to_ask(found, at):
        return redirect("worker:round", round_id)
    form = _form(found, request)
    if refusal and refusal.code == "wrong_amount":
        refusal = None  # the form says so, beside its field
    if form is not None and request.method == "POST" and form.is_valid():
        ticket, refusal = _claim(request, round_id, Money(form.cleaned_data["amount"]))
        if ticket:
            return redirect("worker:round", round_id)
        if refusal and refusal.code == "wrong_amount":
            form.add_error("amount", str(refusal))
            refusal = None
    is_sold_out = found.is_served and not found.can_ask
    if refusal and refusal.code == "sold_out" and form is None:
        is_sold_out = True
    context = {
        "own": found,
        "of": found.round,
        "rules": found.round.rules,
        "terms": found.round.rules.first_come,
        "form": form,
        "problem": str(refusal) if refusal and not is_sold_out else "",
        "is_sold_out": is_sold_out,
    }
    return render(request, "worker/round_ask.html", context)


def _claim(
    request: HttpRequest, round_id: UUID, amount: Money | None
) -> tuple[TicketView | None, DomainError | None]:
    """Ask, and say on the next page that it worked; return the ticket, or why there is none."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    try:
        ticket = operations.claim(
            round_id=round_id, person_id=actor.person_id, amount=amount, by=actor, at=at
        )
    except (operations.UnableToClaim, TooBusy) as refusal:
        return None, refusal
    if ticket.place and ticket.place.state in (PlaceState.OFFERED, PlaceState.ACCEPTED):
        messages.success(request, _("Gelukt. Het geld staat voor je klaar."))
    return ticket, None


def _form(found: OwnRound, request: HttpRequest) -> AmountForm | None:
    """The question how much, where the rules leave that open; None where nothing is asked."""
    rules = found.round.rules
    if rules.is_fixed:
        return None
    initial = {"amount": price_text(rules.most.cents)}
    return AmountForm(request.POST if request.method == "POST" else None, initial=initial)
