"""Money that lapsed, per receiver, and paying it out."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.operations import UnableToPayLapsed
from eigenwijs.budgets.types import FEWEST_PEOPLE
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Permission
from eigenwijs.treasury import queries as treasury
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time


@permitted(Permission.MAKE_PAYMENT_BATCHES)
def lapsed(request: HttpRequest) -> HttpResponse:
    """Show per receiver what lapsed to it; a post has all of one receiver ready to be paid."""
    at = request_time(request)
    if request.method == "POST":
        try:
            operations.pay_lapsed(
                receiver_id=_sent_id(request),
                year=_sent_year(request),
                by=request.actor,  # type: ignore[attr-defined]
                at=at,
            )
        except UnableToPayLapsed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Het staat klaar onder Betalen. Iemand anders geeft vrij."))
        return redirect("finance:lapsed")
    rows = [
        {"lapsed": one, "account": treasury.usable_account(one.receiver_id, local_date(at))}
        for one in queries.lapsed(on=local_date(at))
    ]
    return render(request, "finance/lapsed.html", {"rows": rows, "fewest": FEWEST_PEOPLE})


def _sent_year(request: HttpRequest) -> int | None:
    """The year of a sum for an employer; None where none was sent, or it is no year."""
    sent = request.POST.get("year", "")
    return int(sent) if re.fullmatch("[0-9]{4}", sent) else None


def _sent_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("receiver", ""))
    except ValueError:
        raise Http404 from None
