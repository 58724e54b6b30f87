"""The worker's first screen: how much can I spend, what can I do with it, who can help me."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from eigenwijs.bookings import queries as bookings
from eigenwijs.bookings.types import BookingState
from eigenwijs.budgets import access as budgets
from eigenwijs.contributions import queries as contributions
from eigenwijs.draws import access as draws
from eigenwijs.draws.types import PlaceState
from eigenwijs.kernel.clock import local_date
from eigenwijs.notices import operations as notice_operations
from eigenwijs.notices import queries as notices
from eigenwijs.notices.types import NoticeView
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import Page, page_number
from eigenwijs.web.rounds import last_day
from eigenwijs.web.worker.bookings import look
from eigenwijs.web.worker.questions import (
    is_completion_asked,
    is_for_a_person,
    is_halfway_asked,
    is_start_asked,
)

MESSAGES_A_PAGE = 20

# What a notice names → the page that shows it.
ABOUT = {
    "credit": "worker:why",
    "booking": "worker:booking",
    "round": "worker:round",
    "time_credit": "worker:why_time",
}


@permitted(Permission.SEE_OWN_ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    """Answer the three questions; what waits for the worker comes first."""
    actor, today = request.actor, local_date(request_time(request))  # type: ignore[attr-defined]
    own = [each for each in bookings.bookings_of(actor.person_id) if not each.state.is_over]
    account = budgets.own_account(actor, on=today)
    has_money = account.available or account.reserved or account.expected
    to_answer = [each for each in own if is_start_asked(each, today)]
    halfway = [each for each in own if is_halfway_asked(each, today)]
    # Where the provider says that it is too little, a person calls, whatever the worker says: their page asks it.
    completion = [
        each for each in own if not is_for_a_person(each) and is_completion_asked(each, today)
    ]
    is_asked = bool(to_answer or halfway or completion)
    rounds = draws.own_rounds(actor, at=request_time(request))
    won = [
        (each, each.ticket.place.amount, last_day(each.ticket.place))
        for each in rounds
        if each.ticket and each.ticket.place and each.ticket.place.state is PlaceState.OFFERED
    ]
    changes = contributions.changes_ahead(by=actor, on=today)
    context = {
        "won": won,
        "time": contributions.time_to_learn(by=actor, on=today),
        "versions_ahead": {one.after.hash: one.after for one in changes}.values(),
        "served_rounds": [each for each in rounds if each.can_ask],
        "open_rounds": [each for each in rounds if each.is_open and not each.is_in],
        "person": people.person(actor.person_id),
        "account": account,
        "open_bookings": [(each, look(each)) for each in own],
        "to_answer": to_answer,
        "halfway_to_answer": halfway,
        "completion_to_answer": completion,
        "is_asked": is_asked,
        "proposed": [each for each in own if each.proposal and each.state is BookingState.PROPOSED],
        "may_have_letter": not (has_money or is_asked or people.employments(actor.person_id)),
        "unread": notices.unread_count(actor.person_id),
    }
    return render(request, "worker/home.html", context)


@permitted(Permission.SEE_OWN_MESSAGES)
def messages(request: HttpRequest) -> HttpResponse:
    """Show messages, newest first. Reading changes nothing: the worker says that they read them."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        notice_operations.mark_read(by=actor, at=request_time(request))
        return redirect("worker:messages")
    number = page_number(request)
    found = notices.inbox(
        actor.person_id, limit=MESSAGES_A_PAGE + 1, offset=(number - 1) * MESSAGES_A_PAGE
    )
    more = len(found) > MESSAGES_A_PAGE
    rows = [(notice, _link(notice)) for notice in found[:MESSAGES_A_PAGE]]
    page = Page(rows, number, number + more, len(found))
    unread = notices.unread_count(actor.person_id)
    return render(request, "worker/messages.html", {"page": page, "unread": unread})


def _link(notice: NoticeView) -> str:
    """The page about which the notice is, or nothing."""
    for name, address in ABOUT.items():
        if name in notice.params:
            return reverse(address, args=[notice.params[name]])
    return ""
