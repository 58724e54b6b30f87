"""My bookings: how they stand, saying that a course started, leaving, and objecting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    DecisionView,
    HalfwayView,
    Leaving,
)
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.kernel.wording import money
from eigenwijs.people.types import Permission
from eigenwijs.schemes.types import Milestone
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.worker.forms import ObjectionForm
from eigenwijs.web.worker.questions import (
    answer_about,
    is_completion_asked,
    is_for_a_person,
    is_halfway_asked,
    is_start_asked,
    milestone_of,
)

LOOKS = {
    BookingState.REQUESTED: "wait",
    BookingState.PROPOSED: "wait",
    BookingState.CONFIRMED: "good",
    BookingState.DECIDED: "wait",
    BookingState.OBJECTED: "wait",
    BookingState.STARTED: "good",
    BookingState.COMPLETED: "good",
    BookingState.DECLINED: "bad",
    BookingState.LAPSED: "bad",
    BookingState.CALLED_OFF: "bad",
    BookingState.NOT_STARTED: "bad",
    BookingState.NOT_COMPLETED: "bad",
}


ALL_CAME_BACK = {
    BookingState.DECLINED,
    BookingState.LAPSED,
    BookingState.WITHDRAWN,
    BookingState.CANCELLED,
    BookingState.CALLED_OFF,
}
"""How a booking ends of which, unless leaving cost something, all money is free again."""

KEEPS = {BookingState.COMPLETED, BookingState.NOT_COMPLETED}
"""How a booking ends of which the provider keeps its money, all or a part."""

NOTHING_WAITS = {
    *ALL_CAME_BACK,
    BookingState.REPLACED,
    BookingState.NOT_STARTED,
    BookingState.COMPLETED,
}
"""How a booking ends of which no part waited, or waits, for the completion."""

ORDER = ("done", "now", "later")


@dataclass(frozen=True)
class Moment:
    """One moment in the life of a booking; `state` is done, now or later."""

    label: str | Promise
    at: date | datetime | None
    state: str = "done"


@permitted(Permission.SEE_OWN_BOOKINGS)
def bookings(request: HttpRequest) -> HttpResponse:
    """List the bookings: those that go on, and those that are over."""
    own = queries.bookings_of(request.actor.person_id)  # type: ignore[attr-defined]
    rows = [(each, look(each)) for each in own]
    context = {
        "going_on": [row for row in rows if not row[0].state.is_over],
        "over": [row for row in rows if row[0].state.is_over],
    }
    return render(request, "worker/bookings.html", context)


@permitted(Permission.SEE_OWN_BOOKINGS)
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Show one booking: how it stands, what it costs and what can be done now."""
    return _show(request, _own(request, booking_id), is_new=False)


@permitted(Permission.SEE_OWN_BOOKINGS)
def booked(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Show the same right after the yes."""
    own = _own(request, booking_id)
    return _show(request, own, is_new=own.state is BookingState.REQUESTED)


@permitted(Permission.SEE_OWN_BOOKINGS)
def start(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask whether the course started; yes and no are both fine answers."""
    own = _own(request, booking_id)
    problem: DomainError | None = None
    if request.method == "POST":
        answer = request.POST.get("answer")
        tell = {"yes": operations.confirm_start, "no": operations.deny_start}.get(answer or "")
        if tell is None:
            raise Http404
        try:
            tell(booking_id=booking_id, by=request.actor, at=request_time(request))  # type: ignore[attr-defined]
        except (operations.UnableToConfirmStart, TooBusy) as refusal:
            problem = refusal
        else:
            if answer == "yes":
                messages.success(request, _("Dank je. We schreven op dat je cursus begonnen is."))
            return redirect("worker:booking", booking_id)
    return render(request, "worker/booking_start.html", {"booking": own, "problem": problem})


@permitted(Permission.SEE_OWN_BOOKINGS)
def halfway(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask whether the worker still follows the course, where a part of the money waits for that."""
    own = _own(request, booking_id)
    if own.halfway is None:
        return redirect("worker:booking", booking_id)
    return _ask(request, own, operations.follow, Milestone.HALFWAY, "worker/booking_halfway.html")


@permitted(Permission.SEE_OWN_BOOKINGS)
def completion(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask whether the course was completed, where a part of the money waits for that."""
    own = _own(request, booking_id)
    if own.completion is None:
        return redirect("worker:booking", booking_id)
    template = "worker/booking_completion.html"
    return _ask(request, own, operations.complete, Milestone.COMPLETED, template)


def _ask(
    request: HttpRequest,
    own: BookingView,
    say_yes: Callable[..., None],
    milestone: Milestone,
    template: str,
) -> HttpResponse:
    """Ask about a part that is paid later, and take the yes or the no."""
    problem: DomainError | None = None
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    if request.method == "POST":
        answer = request.POST.get("answer")
        if answer not in ("yes", "no"):
            raise Http404
        try:
            if answer == "yes":
                say_yes(booking_id=own.id, by=by, at=at)
            else:
                operations.deny_part(booking_id=own.id, milestone=milestone, by=by, at=at)
        except (operations.UnableToAnswer, TooBusy) as refusal:
            problem = refusal
        else:
            messages.success(request, _what_was_said(_own(request, own.id), milestone))
            return redirect("worker:booking", own.id)
    can_stop = queries.leaving(own.id, at) is not None
    context = {
        "booking": own,
        "problem": problem,
        "can_stop": can_stop,
        "said": answer_about(own, milestone),
        "is_for_a_person": is_for_a_person(own),
    }
    return render(request, template, context)


def _what_was_said(now: BookingView, milestone: Milestone) -> str:
    """What an answer about a later part did."""
    is_yes = (
        now.halfway is not None and now.halfway.due_at is not None
        if milestone is Milestone.HALFWAY
        else now.state is BookingState.COMPLETED
    )
    if is_yes:
        return gettext("Dank je. We schreven het op.")
    return gettext(
        "We schreven het op. Iemand van ons belt je en besluit. Tot dan betalen we niets."
    )


@permitted(Permission.SEE_OWN_BOOKINGS)
def leave(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Show what leaving means today, and leave at exactly that cost."""
    own, at = _own(request, booking_id), request_time(request)
    problem: DomainError | None = None
    leaving = queries.leaving(booking_id, at)
    if request.method == "POST":
        cost, ending = (_shown_cents(request, name) for name in ("cost", "ending"))
        try:
            operations.withdraw(
                booking_id=booking_id,
                agreed_cost=cost,
                agreed_ending=ending,
                by=request.actor,  # type: ignore[attr-defined]
                at=at,
            )
        except (operations.UnableToWithdraw, TooBusy) as refusal:
            problem = refusal
            leaving = queries.leaving(booking_id, at)
        else:
            if leaving:
                messages.success(request, _what_came_back(leaving))
            return redirect("worker:booking", booking_id)
    context = {"booking": own, "leaving": leaving, "problem": problem}
    return render(request, "worker/booking_leave.html", context)


@permitted(Permission.SEE_OWN_BOOKINGS)
def objection(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Take the worker's own words against a decision about the start or the end."""
    own = _own(request, booking_id)
    if not own.decisions:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            milestone = milestone_of(own.decisions[-1])
            object_to = (
                partial(operations.object_to_part, milestone=milestone)
                if milestone
                else operations.object_to_decision
            )
            object_to(
                booking_id=booking_id,
                text=form.cleaned_data["text"],
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except (operations.UnableToDecide, TooBusy) as refusal:
            form.add_error("text" if refusal.params.get("field") else None, str(refusal))
        else:
            return redirect("worker:booking", booking_id)
    context = {"booking": own, "decision": own.decisions[-1], "form": form}
    return render(request, "worker/booking_objection.html", context)


def _what_came_back(leaving: Leaving) -> str:
    """What leaving did to the money, in one to three sentences."""
    sentences = [gettext("Je bent gestopt.")]
    if leaving.cost:
        sentences.append(gettext("Dat kost %(amount)s.") % {"amount": money(leaving.cost)})
    if usable := leaving.usable_back:
        sentences.append(
            gettext("%(amount)s staat weer vrij op je leerrekening.") % {"amount": money(usable)}
        )
    return " ".join(sentences)


def look(view: BookingView) -> str:
    """Which look the state of a booking has: good, wait, bad or neutral."""
    return LOOKS.get(view.state, "neutral")


def moments_of(view: BookingView, today: date) -> list[Moment]:
    """Return the life of a booking: what happened, what happens now and what is still to come."""
    moments = [Moment(_("Jij boekte deze cursus"), view.requested_at)]
    if view.state is BookingState.REQUESTED:
        moments.append(Moment(_("De opleider antwoordt, uiterlijk op"), view.answer_by, "now"))
    if view.state is BookingState.PROPOSED and view.proposal:
        label = _("Jij kiest de andere start of niet, uiterlijk op")
        moments.append(Moment(label, view.proposal.accept_by, "now"))
    if view.confirmed_at:
        moments.append(Moment(_("De opleider zei ja"), view.confirmed_at))
    if view.state.is_over and view.state is not BookingState.COMPLETED:
        return [*moments, Moment(view.state_label, view.ended_at, "now")]
    if view.withdrawal_until and view.withdrawal_until >= today:
        moments.append(
            Moment(_("Tot en met deze dag kun je stoppen"), view.withdrawal_until, "later")
        )
    starts_on = view.offer.starts_on
    if view.started_at:
        moments.append(Moment(_("Jij zei: de cursus is begonnen"), view.started_at))
    else:
        is_now = is_start_asked(view, today)
        label = _("De cursus begint") if starts_on > today else _("De cursus zou beginnen")
        moments.append(Moment(label, starts_on, "now" if is_now else "later"))
    if view.halfway:
        moments.append(_halfway_moment(view.halfway, today, is_now=is_halfway_asked(view, today)))
    if view.completed_at:
        moments.append(Moment(_("Je rondde de cursus af"), view.completed_at))
    if view.is_paid:
        moments.append(Moment(_("De opleider is betaald"), None))
    else:
        moments.append(Moment(_("Wij betalen de opleider"), None, "later"))
    return sorted(moments, key=_order)


def _halfway_moment(part: HalfwayView, today: date, *, is_now: bool) -> Moment:
    if part.due_at:
        return Moment(_("Je volgde de cursus tot en met de helft"), part.due_at)
    label = _("De cursus is halverwege") if part.falls_on > today else _("De cursus was halverwege")
    return Moment(label, part.falls_on, "now" if is_now else "later")


def _order(moment: Moment) -> tuple[int, date]:
    """Done before now before later, each by day; what has no day comes last."""
    day = local_date(moment.at) if isinstance(moment.at, datetime) else moment.at
    return ORDER.index(moment.state), day or date.max


def _show(request: HttpRequest, own: BookingView, *, is_new: bool) -> HttpResponse:
    at = request_time(request)
    today = local_date(at)
    decision = own.decisions[-1] if own.decisions else None
    said_halfway, said_end = (
        answer_about(own, milestone) for milestone in (Milestone.HALFWAY, Milestone.COMPLETED)
    )
    context = {
        "booking": own,
        "is_new": is_new,
        "look": look(own),
        "moments": moments_of(own, today),
        "asks_start": is_start_asked(own, today),
        "asks_about_proposal": own.state is BookingState.PROPOSED,
        "replaced_by": own.proposal if own.state is BookingState.REPLACED else None,
        "asks_halfway": is_halfway_asked(own, today),
        "said_halfway": said_halfway,
        "asks_completion": is_completion_asked(own, today),
        "said_end": said_end,
        "waits": _waits(own),
        "leaving": queries.leaving(own.id, at),
        "decision": decision,
        "holds_money": not own.state.is_over or own.state in KEEPS,
        "is_called_off": own.state is BookingState.CALLED_OFF,
        "all_came_back": own.state in ALL_CAME_BACK and not own.cost,
        "may_object": (
            own.state is BookingState.DECIDED
            or (
                own.state is BookingState.STARTED
                and decision is not None
                and _is_open(own, decision)
            )
        )
        and decision is not None
        and decision.objection_until is not None
        and today <= decision.objection_until,
    }
    return render(request, "worker/booking.html", context)


def _waits(own: BookingView) -> dict[str, Money]:
    """What waits for halfway and for the completion, and what of both came back."""
    if own.state in NOTHING_WAITS:
        return {}
    halfway = own.halfway.amount if own.halfway and not own.halfway.due_at else Money.zero()
    completion = own.completion.amount if own.completion else Money.zero()
    if own.state is BookingState.NOT_COMPLETED:
        return {"back": halfway + completion}
    return {"halfway": halfway, "completion": completion}


def _is_open(own: BookingView, decision: DecisionView) -> bool:
    """Whether a decision about a later part was not carried out yet, and the worker did not object."""
    milestone = milestone_of(decision)
    is_settled = own.halfway is not None and own.halfway.due_at is not None
    return bool(milestone) and not (
        decision.objection or (milestone is Milestone.HALFWAY and is_settled)
    )


def _shown_cents(request: HttpRequest, name: str) -> Money:
    cents = request.POST.get(name, "")
    if not cents.isascii() or not cents.isdecimal():
        raise Http404
    return Money(int(cents))


def _own(request: HttpRequest, booking_id: UUID) -> BookingView:
    found = access.own_booking(booking_id, by=request.actor)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
