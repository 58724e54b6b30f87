"""The work list: entries that wait for a person, and what that person can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.kernel.clock import local_date
from eigenwijs.people import access
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import UnableToDecide
from eigenwijs.treasury.types import EntryState, EntryView
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import AssignForm, OrdersForm, OriginalForm
from eigenwijs.web.finance.names import organisation_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.signin.proof import ask_for_second_proof
from eigenwijs.web.spreadsheets import decimal, spreadsheet


@permitted(Permission.ASSIGN_ENTRIES)
def work_list(request: HttpRequest) -> HttpResponse:
    """List what is open, or the surpluses that stay with their payers; also as a file."""
    state = EntryState.KEPT if request.GET.get("toon") == "blijft" else EntryState.OPEN
    names = organisation_names()
    rows = [
        {"entry": entry, "payer": names.get(entry.held_for, "") if entry.held_for else ""}
        for entry in queries.unmatched_entries(state=state)
    ]
    if "csv" in request.GET:
        return _as_file(rows, local_date(request_time(request)))
    page = page_of(request, rows, 50)
    context = {"page": page, "shows_kept": state is EntryState.KEPT}
    return render(request, "finance/work_list.html", context)


def _as_file(rows: list[dict[str, Any]], today: date) -> HttpResponse:
    heads = (_("Dag"), _("Bij"), _("Af"), _("Open"), _("Van of naar"), _("Betaler"))
    lines: list[tuple[object, ...]] = [(*heads, _("Omschrijving"), _("Waarom"))]
    for row in rows:
        found: EntryView = row["entry"]
        comes_in = found.amount.cents > 0
        sides = (decimal(found.amount), "") if comes_in else ("", decimal(-found.amount))
        who = (found.counterparty_name, row["payer"])
        why = (found.remittance, found.doubt.label)
        lines.append((found.booked_on, *sides, decimal(found.open), *who, *why))
    return spreadsheet(f"werklijst-{today}", lines)


@dataclass
class Choices:
    """What can be decided about an entry: the forms of its page."""

    proposals: list[dict[str, Any]] = field(default_factory=list)
    assign: AssignForm | None = None
    orders: OrdersForm | None = None
    original: OriginalForm | None = None
    refused: list[str] = field(default_factory=list)


@permitted(Permission.ASSIGN_ENTRIES)
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Show one entry: where it went, and while it is open what can be done with it."""
    try:
        found = queries.entry(entry_id)
    except LookupError:
        raise Http404 from None
    choices = _choices(found, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            done = _decide(request, found, choices)
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        except UnableToDecide as refusal:
            choices.refused.append(str(refusal))
        else:
            if done:
                messages.success(request, done)
                return redirect("finance:entry", entry_id)
    context = {
        "entry": found,
        "payer": organisation_names().get(found.held_for, "") if found.held_for else "",
        "choices": choices,
        "is_open": found.state in (EntryState.OPEN, EntryState.KEPT),
    }
    return render(request, "finance/entry.html", context)


def _choices(found: EntryView, data: Any) -> Choices:
    """The forms that make sense for this entry; the one that was sent in keeps what was typed."""
    if found.state not in (EntryState.OPEN, EntryState.KEPT):
        return Choices()
    sent = data.get("action") if data is not None else ""
    choices = Choices()
    if found.amount.cents > 0:
        proposals = queries.receipts_named_by(found.id)
        names = organisation_names()
        choices.proposals = [
            {"receipt": receipt, "payer": names.get(receipt.payer_id, "")} for receipt in proposals
        ]
        choices.assign = AssignForm(
            data if sent == "assign" else None, entry=found, proposals=proposals
        )
    elif originals := queries.originals_of(found.id):
        choices.original = OriginalForm(data if sent == "reverse" else None, originals=originals)
    orders, offsets = queries.orders_for(found.id), queries.offsets_of(found.id)
    if not found.held_for and (orders or offsets):
        typed = data if sent == "orders" else None
        choices.orders = OrdersForm(typed, orders=orders, offsets=offsets)
    return choices


def _decide(request: HttpRequest, found: EntryView, choices: Choices) -> str:
    """Carry out what was sent in; return what to say, or nothing when a form is not right."""
    what: dict[str, Any] = {
        "entry_id": found.id,
        "by": request.actor,  # type: ignore[attr-defined]
        "at": request_time(request),
    }
    action = request.POST.get("action", "")
    if action == "assign" and choices.assign is not None:
        return _if_valid(
            choices.assign,
            lambda form: operations.assign_entry(parts=form.parts, **what),
            _("Het geld is toegewezen."),
        )
    if action == "orders" and choices.orders is not None:
        return _if_valid(
            choices.orders,
            lambda form: operations.assign_entry_to_orders(
                order_ids=form.cleaned_data.get("orders", ()),
                offset_ids=form.cleaned_data.get("offsets", ()),
                **what,
            ),
            _("De boeking hoort nu bij onze betalingen."),
        )
    if action == "reverse" and choices.original is not None:
        return _if_valid(
            choices.original,
            lambda form: operations.reverse_entry(
                original_id=form.cleaned_data["original"], **what
            ),
            _("De ontvangst is teruggeboekt."),
        )
    if action == "again":
        helped = operations.match_again(**what)
        return _("Er is nu een plek gevonden.") if helped else _("Het past nog steeds nergens bij.")
    return _simple(action, what)


def _simple(action: str, what: dict[str, Any]) -> str:
    if action == "keep":
        operations.keep_surplus(**what)
        return _("Het geld blijft bij de betaler staan.")
    if action in ("buffer", "return"):
        access.require_second_proof(what["by"], what["at"])
    if action == "buffer":
        operations.book_to_buffer(**what)
        return _("De boeking staat in de buffer.")
    if action == "return":
        operations.return_receipt(**what)
        return _("De terugbetaling staat klaar. Iemand anders geeft haar vrij.")
    raise UnableToDecide("wrong_state")


def _if_valid(form: Any, carry_out: Callable[[Any], object], done: str) -> str:
    if not form.is_valid():
        return ""
    carry_out(form)
    return done
