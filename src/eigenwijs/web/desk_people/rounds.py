"""The desk puts somebody in a round who asked for it, and says their yes. They see it in their own log."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eigenwijs.draws import access, operations
from eigenwijs.draws.operations import UnableToAnswer, UnableToClaim, UnableToEnter
from eigenwijs.draws.types import OwnRound
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web import rounds as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.provider.forms import price_text
from eigenwijs.web.worker.rounds import AmountForm, standing_words


@never_cache
@permitted(Permission.ENTER_ROUNDS_FOR)
def rounds(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show where somebody stands in each round; a post enters or withdraws them, or says their yes."""
    person = people.person(person_id)
    if person is None:
        raise Http404
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    found = access.rounds_for(actor, person_id, at=at)
    sent = next((one for one in found if str(one.round.id) == request.POST.get("round")), None)
    problem, wrong = "", None
    if request.method == "POST":
        if sent is None:
            raise Http404
        form = _form(sent, request)
        if form is None or form.is_valid():
            try:
                done = _act(request, person_id, sent, form)
            except (UnableToEnter, UnableToClaim, UnableToAnswer, TooBusy) as refusal:
                problem = str(refusal)
            else:
                messages.success(request, done)
                return redirect("desk_people:rounds", person_id)
        wrong = form
    rows = [
        (one, *standing_words(one), wrong if one is sent and wrong else _form(one), _last_day(one))
        for one in found
    ]
    context = {"person": person, "rows": rows, "problem": problem, "wrong": wrong}
    return render(request, "desk_people/rounds.html", context)


def _form(one: OwnRound, request: HttpRequest | None = None) -> AmountForm | None:
    """The question how much, where that is open; None where nothing is asked."""
    may_ask = one.can_ask or (one.is_open and not one.is_in)
    if not may_ask or one.round.rules.is_fixed:
        return None
    initial = {"amount": price_text(one.round.rules.most.cents)}
    return AmountForm(
        request.POST if request else None, initial=initial, prefix=f"round-{one.round.number}"
    )


def _act(request: HttpRequest, person_id: UUID, sent: OwnRound, form: forms.Form | None) -> str:
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    action = request.POST.get("action")
    place = sent.ticket.place if sent.ticket else None
    if action == "accept" and place:
        operations.accept_place(place_id=place.id, by=actor, at=at)
        return _("Gelukt. Het geld staat op de leerrekening.")
    if action == "withdraw":
        operations.withdraw(round_id=sent.round.id, person_id=person_id, by=actor, at=at)
        return _("De deelnemer doet niet meer mee.")
    amount = Money(form.cleaned_data["amount"]) if form else None
    if action == "claim":
        operations.claim(
            round_id=sent.round.id, person_id=person_id, amount=amount, by=actor, at=at
        )
        return _("Gelukt. Het geld staat klaar voor de deelnemer.")
    if action == "enter":
        operations.enter(
            round_id=sent.round.id, person_id=person_id, amount=amount, by=actor, at=at
        )
        return _("De deelnemer staat erin en krijgt bericht.")
    raise Http404


def _last_day(one: OwnRound) -> object:
    place = one.ticket.place if one.ticket else None
    return words.last_day(place) if place else None
