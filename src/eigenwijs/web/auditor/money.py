"""Following money: find it, see its transfers, and walk the way of the euro."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from eigenwijs.insight import queries as insight
from eigenwijs.insight.types import Found
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.reading import read_cents
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.auditor.forms import MoneyForm
from eigenwijs.web.auditor.trail import before
from eigenwijs.web.paging import page_number

ROWS_A_PAGE = 50


@permitted(Permission.SEE_TRAIL)
def search(request: HttpRequest) -> HttpResponse:
    """Find money by a reference, a number or an amount; without one, show what moved last."""
    form = MoneyForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    context: dict[str, object] = {"form": form, "text": text, "lines": None, "amount": None}
    if text and (found := insight.find(text)):
        return redirect(_address(found))
    amount = _amount(text)
    if amount:
        days = {name: form.cleaned_data[name] for name in ("since", "until")}
        context |= {
            "amount": amount,
            "lines": insight.transfers_of(amount, **days, limit=ROWS_A_PAGE),
        }
    elif not text:
        rows = insight.latest_events(before=before(request), limit=ROWS_A_PAGE + 1)
        context |= {
            "events": rows[:ROWS_A_PAGE],
            "older": rows[ROWS_A_PAGE - 1].number if len(rows) > ROWS_A_PAGE else None,
            "is_newest": before(request) is None,
        }
    return render(request, "auditor/money.html", context)


@permitted(Permission.SEE_TRAIL)
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show one event of the books and the way of its money; `?post=` chooses one transfer."""
    number = page_number(request)
    transfer = _uuid(request.GET.get("post", ""))
    found = insight.group_path(
        group_id, transfer=transfer, offset=(number - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE
    )
    if found is None:
        raise Http404
    context = {
        "group": found,
        "path": found.path,
        "transfer": transfer,
        "number": number,
        "pages": -(-found.line_count // ROWS_A_PAGE),
    }
    return render(request, "auditor/group.html", context)


@permitted(Permission.SEE_TRAIL)
def request_for_payment(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the way of the money that one payment request asks."""
    number = page_number(request)
    path = insight.request_path(reference, offset=(number - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE)
    if path is None:
        raise Http404
    context = {
        "asked": path.requests[0],
        "path": path,
        "number": number,
        "pages": -(-path.due_count // ROWS_A_PAGE),
    }
    return render(request, "auditor/request.html", context)


def _address(found: Found) -> str:
    if found.group is None:
        return reverse("auditor:request", args=[found.reference])
    address = reverse("auditor:group", args=[found.group])
    return f"{address}?post={found.transfer}" if found.transfer else address


def _amount(text: str) -> Money | None:
    cents = read_cents(text.strip(), line=None, field_name="q") if text else 0
    return None if isinstance(cents, Fault) or cents <= 0 else Money(cents)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
