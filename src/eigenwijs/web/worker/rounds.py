"""Rounds in which money is divided by lot: which fit me, am I in, did I win."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.draws import access, operations
from eigenwijs.draws.types import OwnRound, PlaceState
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import Permission
from eigenwijs.web import rounds as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.provider.forms import PriceField, price_text

_PLACES = {
    PlaceState.OFFERED: (gettext_lazy("Gewonnen: zeg nog ja"), "wait"),
    PlaceState.ACCEPTED: (gettext_lazy("Gewonnen: het geld is van jou"), "good"),
    PlaceState.DECLINED: (gettext_lazy("Je zei nee"), "neutral"),
    PlaceState.LAPSED: (gettext_lazy("Vervallen: er kwam geen ja"), "bad"),
}
_GRANTED = {
    PlaceState.OFFERED: (gettext_lazy("Gelukt: zeg nog ja"), "wait"),
    PlaceState.ACCEPTED: (gettext_lazy("Gelukt: het geld is van jou"), "good"),
}


class AmountForm(forms.Form):
    """How much somebody asks, where the rules leave that open."""

    amount = PriceField(label=gettext_lazy("Hoeveel vraag je, in euro?"))


@permitted(Permission.ENTER_ROUNDS)
def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds that the worker is in, or can enter."""
    found = access.own_rounds(request.actor, at=request_time(request))  # type: ignore[attr-defined]
    rows = [(one, *standing_words(one)) for one in found]
    return render(request, "worker/rounds.html", {"rows": rows})


@permitted(Permission.ENTER_ROUNDS)
def one_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show one round and where the worker stands; a post enters, withdraws or answers."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    found = access.own_round(actor, round_id, at=at)
    if found is None:
        raise Http404
    if is_to_ask(found, at):
        return redirect("worker:ask_round", round_id)
    form = None
    problem = ""
    if found.is_open and not found.round.rules.is_fixed:
        cents = (found.ticket.amount if found.ticket else found.round.rules.most).cents
        initial = {"amount": price_text(cents)}
        is_sent = request.POST.get("action") == "enter"
        form = AmountForm(request.POST if is_sent else None, initial=initial)
    if request.method == "POST" and (form is None or not form.is_bound or form.is_valid()):
        try:
            done = act(request, found, form)
        except (operations.UnableToEnter, operations.UnableToAnswer, TooBusy) as refusal:
            if form is not None and refusal.code == "wrong_amount":
                form.add_error("amount", str(refusal))
            else:
                problem = str(refusal)
        else:
            messages.success(request, done)
            return redirect("worker:round", round_id)
    return render(request, "worker/round.html", context_of(found, form, problem))


def act(request: HttpRequest, found: OwnRound, form: forms.Form | None) -> str:
    """Do what was asked; return what to say. Raises what the operations raise, or Http404."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    who: dict[str, Any] = {"round_id": found.round.id, "person_id": actor.person_id}
    action = request.POST.get("action", "")
    place = found.ticket.place if found.ticket else None
    if action == "enter":
        amount = Money(form.cleaned_data["amount"]) if form else None
        operations.enter(**who, amount=amount, by=actor, at=at)
        return _("Je staat erin.")
    if action == "withdraw":
        operations.withdraw(**who, by=actor, at=at)
        return _("Je doet niet meer mee.")
    if action == "accept" and place:
        operations.accept_place(place_id=place.id, by=actor, at=at)
        return _("Gelukt. Het geld staat op je leerrekening.")
    if action == "decline" and place:
        operations.decline_place(place_id=place.id, by=actor, at=at)
        return _("Je zei nee. Het geld gaat naar iemand anders.")
    raise Http404


def context_of(found: OwnRound, form: forms.Form | None, problem: str) -> dict[str, Any]:
    """Return what the page of one round shows."""
    ticket = found.ticket
    place = ticket.place if ticket else None
    chance = ticket.chance if ticket else None
    state, look = standing_words(found)
    return {
        "own": found,
        "of": found.round,
        "rules": found.round.rules,
        "ticket": ticket,
        "place": place,
        "form": form,
        "problem": problem,
        "state": state,
        "look": look,
        "result_on": words.result_on(found.round),
        "last_day": words.last_day(place) if place else None,
        "odds": words.odds(chance) if chance is not None else "",
        "fit": words.FITS[found.round.rules.fit],
    }


def is_to_ask(found: OwnRound, at: datetime) -> bool:
    """Whether somebody asks on the page of their own for it: they did not wait, and waiting is over."""
    of = found.round
    return (
        of.rules.first_come is not None
        and not found.ticket
        and not found.had_money
        and at >= of.closes_at
    )


def standing_words(found: OwnRound) -> tuple[object, str]:
    """Return where somebody stands in a round, and the look of it."""
    ticket = found.ticket
    if found.round.withdrawn_at:
        return _("Ingetrokken"), "bad"
    if found.had_money:
        return _("Je kreeg dit jaar al geld"), "neutral"
    if ticket and ticket.place:
        words_for = _PLACES | _GRANTED if ticket.arrival else _PLACES
        return words_for[ticket.place.state]
    if ticket and ticket.reserve_rank:
        return _("Nummer %(rank)s op de wachtlijst") % {"rank": ticket.reserve_rank}, "wait"
    if ticket and ticket.outcome:
        return _("Niet gewonnen"), "neutral"
    return _words_of_who_is_in(found) if found.is_in else _words_of_who_is_not(found)


def _words_of_who_is_in(found: OwnRound) -> tuple[object, str]:
    is_waiting = found.round.rules.first_come is not None
    return (_("Je zit in de wachtkamer") if is_waiting else _("Je staat erin")), "good"


def _words_of_who_is_not(found: OwnRound) -> tuple[object, str]:
    if found.is_open:
        return _("Open: je kunt meedoen"), "wait"
    if found.can_ask:
        return _("Open: er is nog geld"), "wait"
    if found.is_served and found.ticket is None:
        return _("Het geld is op"), "neutral"
    return (_("Opent nog") if found.ticket is None else _("Je deed niet meer mee")), "neutral"
