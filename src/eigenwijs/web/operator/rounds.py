"""Rounds: made, tried on a past one, published, closed and drawn, in the one order that there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.draws import operations, queries
from eigenwijs.draws.operations import (
    UnableToDraw,
    UnableToMakeRound,
    UnableToWithdrawRound,
)
from eigenwijs.draws.types import AgreedTerms, ClassLine, RoundState, RoundView
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import access
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import Permission
from eigenwijs.web import rounds as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.operator.agreed_round_forms import AgreedRoundForm
from eigenwijs.web.operator.round_forms import (
    FIELD_OF,
    GROUPS,
    BeaconForm,
    DryRunForm,
    RoundForm,
    TicketListForm,
    WithdrawForm,
)
from eigenwijs.web.signin.proof import ask_for_second_proof

SHOWN_FAULTS = 100


@permitted(Permission.MANAGE_ROUNDS)
def rounds(request: HttpRequest) -> HttpResponse:
    """List all rounds, the newest first."""
    rows = [(one, *words.state_words(one, request_time(request))) for one in queries.rounds()]
    return render(request, "operator/rounds.html", {"rows": rows})


@permitted(Permission.MANAGE_ROUNDS)
def new_round(request: HttpRequest) -> HttpResponse:
    """Ask for the rules of a new round and make a draft of them; in a window of a scheme, what it leaves open."""
    windows = queries.agreed_windows(local_date(request_time(request)))
    agreed = _chosen(request, windows)
    form = _form(request.POST or None, agreed)
    if request.method == "POST" and form.is_valid():
        at = request_time(request)
        try:
            made = operations.make_round(
                rules=form.rules(new_id(at)),
                payer_id=form.cleaned_data["payer"],
                by=request.actor,  # type: ignore[attr-defined]
                at=at,
            )
        except UnableToMakeRound as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("De ronde is gemaakt. Ze is nog niet gepubliceerd."))
            return redirect("operator:round", made)
    context = {"form": form, "of": None, "windows": windows, **_settled(agreed)}
    return render(request, "operator/round_form.html", context)


@permitted(Permission.MANAGE_ROUNDS)
def change_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Ask for other rules of a draft."""
    of = _found(round_id)
    if of.state is not RoundState.DRAFT:
        raise Http404
    agreed = queries.agreed_terms(of.rules)
    form = _form(request.POST or None, agreed, of=of)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_round(
                rules=form.rules(round_id),
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToMakeRound as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("De regels zijn bewaard."))
            return redirect("operator:round", round_id)
    return render(request, "operator/round_form.html", {"form": form, "of": of, **_settled(agreed)})


@permitted(Permission.MANAGE_ROUNDS)
def one_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show one round and its next step; a post takes that step, after a second proof."""
    of = _found(round_id)
    action = request.POST.get("action")
    beacon = BeaconForm(request.POST if action == "beacon" else None)
    withdrawing = WithdrawForm(request.POST if action == "withdraw" else None)
    problem = ""
    is_whole = all(form.is_valid() for form in (beacon, withdrawing) if form.is_bound)
    if request.method == "POST" and is_whole:
        try:
            access.require_second_proof(request.actor, request_time(request))  # type: ignore[attr-defined]
            done = _step(request, round_id, beacon, withdrawing)
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        except (UnableToMakeRound, UnableToDraw, UnableToWithdrawRound) as refusal:
            if refusal.code == "wrong_value":
                beacon.add_error("value", str(refusal))
            else:
                problem = str(refusal)
        else:
            messages.success(request, done)
            return redirect("operator:round", round_id)
    context = _context(of, beacon, problem, request_time(request))
    return render(request, "operator/round.html", {**context, "withdrawing": withdrawing})


@permitted(Permission.MANAGE_ROUNDS)
def dry_run(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Try the rules of a draft on a past round or a list: what would each group have had?

    A list is sent and read in the same request; nothing of it is kept.
    """
    of = _found(round_id)
    past = [one for one in queries.published_rounds() if one.listed_at and one.id != round_id]
    form = DryRunForm(request.GET or None, past=past)
    is_sent = request.method == "POST"
    listed = TicketListForm(request.POST, request.FILES) if is_sent else TicketListForm()
    found: Sequence[ClassLine] | None = None
    faults: tuple[Fault, ...] = ()
    if is_sent and listed.is_valid():
        trial = queries.dry_run_on_list(of.rules, listed.cleaned_data["file"].read())
        found, faults = (None if trial.faults else trial.lines), trial.faults
    elif form.is_valid():
        found = queries.dry_run(of.rules, form.cleaned_data["past"])
    lines = [(line, words.class_words(line), words.odds(line.chance)) for line in found or ()]
    context = {
        "of": of,
        "form": form if past else None,
        "listed": listed,
        "lines": None if found is None else lines,
        "faults": faults[:SHOWN_FAULTS],
        "more_faults": max(0, len(faults) - SHOWN_FAULTS),
    }
    return render(request, "operator/round_dry_run.html", context)


def _chosen(request: HttpRequest, windows: Sequence[AgreedTerms]) -> AgreedTerms | None:
    """Return the window of a scheme that the address names; 404 where there is no such window."""
    if "scheme" not in request.GET:
        return None
    named = (request.GET["scheme"], request.GET.get("opens"))
    for one in windows:
        if (one.scheme, one.first_day.isoformat()) == named:
            return one
    raise Http404


def _form(data: Any, agreed: AgreedTerms | None, of: RoundView | None = None) -> RoundForm:
    return AgreedRoundForm(data, agreed=agreed, of=of) if agreed else RoundForm(data, of=of)


def _settled(agreed: AgreedTerms | None) -> dict[str, object]:
    return {"agreed": agreed, "fit": words.FITS[agreed.fit] if agreed else ""}


def _context(of: RoundView, beacon: forms.Form, problem: str, at: datetime) -> dict[str, object]:
    drawn = of.state.is_drawn
    state, look = words.state_words(of, at)
    falls_at = of.rules.beacon.falls_at if of.rules.beacon else None
    return {
        "of": of,
        "rules": of.rules,
        "state": state,
        "look": look,
        "problem": problem,
        "beacon": beacon if of.state is RoundState.LISTED and falls_at else None,
        "is_draft": of.state is RoundState.DRAFT,
        "is_over": of.state is RoundState.PUBLISHED and at >= of.closes_at,
        "may_withdraw": of.state is RoundState.PUBLISHED and at < of.closes_at,
        "may_draw": of.state is RoundState.FALLEN
        or (of.state is RoundState.LISTED and falls_at is None),
        "rows": [
            (line, words.class_words(line), words.odds(line.chance))
            for line in (queries.groups_now(of.id) if of.state.is_public else ())
        ],
        "drawn": drawn,
        "counts": queries.place_counts(of.id) if drawn else None,
        "arrived": queries.granted_on_arrival(of.id) if drawn and of.rules.first_come else None,
    }


def _step(
    request: HttpRequest, round_id: UUID, beacon: forms.Form, withdrawing: WithdrawForm
) -> str:
    """Take the step that was asked; return what to say. Raises what the operations raise."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    steps: dict[str, tuple[Callable[..., object], str]] = {
        "publish": (operations.publish_round, _("Gepubliceerd. De regels staan nu vast.")),
        "discard": (operations.discard_round, _("De ronde gaat niet door.")),
        "list": (operations.list_tickets, _("De lijst met tickets is gepubliceerd.")),
        "reveal": (operations.reveal, _("Geloot. Iedereen in de ronde krijgt bericht.")),
    }
    action = request.POST.get("action", "")
    if action == "beacon":
        operations.enter_beacon(
            round_id=round_id, value=beacon.cleaned_data["value"], by=actor, at=at
        )
        return _("Het openbare getal is bewaard.")
    if action == "withdraw":
        operations.withdraw_round(round_id=round_id, reason=withdrawing.reason, by=actor, at=at)
        return _("De ronde is ingetrokken. Wie meedoet, krijgt bericht met je reden.")
    if action not in steps:
        raise Http404
    operation, done = steps[action]
    operation(round_id=round_id, by=actor, at=at)
    return done


def _show(form: RoundForm, refusal: UnableToMakeRound) -> None:
    """Put a refusal at the field that it is about."""
    where = str(refusal.params.get("field", ""))
    name = f"group_{where}_when" if where in GROUPS else "when" if where else ""
    name = name or FIELD_OF.get(refusal.code, "")
    form.add_error(name if name in form.fields else None, str(refusal))


def _found(round_id: UUID) -> RoundView:
    found = queries.round_(round_id)
    if found is None:
        raise Http404
    return found
