"""The work list and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.operations import UnableToDecide
from eigenwijs.bookings.types import (
    CompletionOutcome,
    HalfwayOutcome,
    StartOutcome,
    WorkItemCause,
    WorkItemView,
)
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.desk.forms import CompletionForm, DecisionForm, HalfwayForm, WorkListFilter
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.spreadsheets import spreadsheet

PAGE_SIZE = 50

# What is decided about a part that is paid later, and in which form.
_LATER: dict[WorkItemCause, tuple[type[DecisionForm], type[HalfwayOutcome | CompletionOutcome]]] = {
    WorkItemCause.HALFWAY: (HalfwayForm, HalfwayOutcome),
    WorkItemCause.COMPLETION: (CompletionForm, CompletionOutcome),
}


@permitted(Permission.SEE_WORK_LIST)
def work_list(request: HttpRequest) -> HttpResponse:
    """List bookings for which a person has to call, without whose they are; also as a file."""
    form = WorkListFilter(request.GET)
    closed = form.is_valid() and form.cleaned_data["closed"]
    found = queries.work_items(open_only=not closed)
    if "csv" in request.GET:
        return _as_file(found, local_date(request_time(request)))
    page = page_of(request, found, PAGE_SIZE)
    return render(request, "desk/work_list.html", {"form": form, "page": page})


def _as_file(found: Sequence[WorkItemView], today: date) -> HttpResponse:
    heads = (_("Nummer"), _("Waarom"), _("Cursus"), _("Opleider"), _("Start"), _("Wacht sinds"))
    lines: list[tuple[object, ...]] = [(*heads, _("Klaar"))]
    for item in found:
        course = (item.title, item.provider_name, item.starts_on)
        closed = local_date(item.closed_at) if item.closed_at else ""
        waits_since = local_date(item.opened_at)
        lines.append((item.number, item.cause.label, *course, waits_since, closed))
    return spreadsheet(f"werklijst-{today}", lines)


@permitted(Permission.DECIDE_STARTS)
def work_item(request: HttpRequest, work_item_id: UUID) -> HttpResponse:
    """Show whom to call and what is known, and take the decision."""
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    detail = access.work_item(work_item_id, by=by, at=at)
    if detail is None:
        raise Http404
    later = _LATER.get(detail.item.cause)
    form = (later[0] if later else DecisionForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            words = {name: form.cleaned_data[name] for name in ("reason", "evidence")}
            outcome = form.cleaned_data["outcome"]
            if later:
                operations.decide_part(
                    work_item_id=work_item_id,
                    outcome=later[1](outcome),
                    by=by,
                    at=at,
                    **words,
                )
            else:
                operations.decide_start(
                    work_item_id=work_item_id,
                    outcome=StartOutcome(outcome),
                    by=by,
                    at=at,
                    **words,
                )
        except UnableToDecide as refusal:
            field = refusal.params.get("field")
            form.add_error(str(field) if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Besloten. De deelnemer krijgt bericht."))
            return redirect("desk:work_list")
    is_last = detail.item.cause is WorkItemCause.OBJECTION or (
        later is not None
        and any(isinstance(one.outcome, later[1]) for one in detail.item.decisions)
    )
    context = {"detail": detail, "form": form, "is_last": is_last, "is_about_start": not later}
    return render(request, "desk/work_item.html", context)
