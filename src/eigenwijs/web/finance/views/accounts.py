"""The account numbers on which payees are paid: nobody adds or changes one alone."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eigenwijs.budgets import queries as budgets
from eigenwijs.kernel.clock import local_date
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import OrganisationKind, Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import UnableToChangeAccount
from eigenwijs.treasury.types import PayeeAccountState, PayeeAccountView
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import BankAccountForm, PayeeAccountForm, sent
from eigenwijs.web.finance.names import colleague_names, organisation_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.signin.proof import ask_for_second_proof, with_second_proof


@permitted(Permission.APPROVE_PAYEE_ACCOUNTS)
def accounts(request: HttpRequest) -> HttpResponse:
    """List payees' accounts, those that wait for approval on top."""
    names = organisation_names()
    found = sorted(
        queries.payee_accounts(), key=lambda one: one.state is not PayeeAccountState.AWAITING
    )
    rows = [{"account": one, "payee": names.get(one.payee_id, "")} for one in found]
    page = page_of(request, rows, 50)
    context = {"page": page, "bank_accounts": queries.bank_accounts()}
    return render(request, "finance/accounts.html", context)


@never_cache
@permitted(Permission.APPROVE_PAYEE_ACCOUNTS)
@with_second_proof
def new_bank_account(request: HttpRequest) -> HttpResponse:
    """Open an account of the foundation, on which payers pay."""
    form = BankAccountForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            operations.open_bank_account(
                **form.cleaned_data,
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToChangeAccount as refusal:
            field = "holder_name" if refusal.code == "wrong_name" else "iban"
            form.add_error(field, str(refusal))
        else:
            messages.success(request, _("De rekening van de stichting is bewaard."))
            return redirect("finance:payee_accounts")
    return render(request, "finance/new_bank_account.html", {"form": form})


@permitted(Permission.APPROVE_PAYEE_ACCOUNTS)
def new_account(request: HttpRequest) -> HttpResponse:
    """Register an account number for who is paid: providers, and receivers of lapsed money.

    A second person approves it.
    """
    payees = [(one.id, one.name) for one in people.organisations(OrganisationKind.PROVIDER)]
    # And who waits for money already: a payment that was made ready may have no account yet.
    waiting = {
        one.order.payee_id for one in queries.payable_orders(local_date(request_time(request)))
    }
    waiting |= {one.receiver_id for one in budgets.lapsed(on=local_date(request_time(request)))}
    payees += [
        (one.id, one.name)
        for one in people.organisations()
        if one.id in waiting and one.id not in dict(payees)
    ]
    form = PayeeAccountForm(sent(request), payees=payees)
    if request.method == "POST" and form.is_valid():
        try:
            account_id = operations.register_payee_account(
                payee_id=form.cleaned_data["payee"],
                iban=form.cleaned_data["iban"],
                holder_name=form.cleaned_data["holder_name"],
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToChangeAccount as refusal:
            fields = {"wrong_name": "holder_name", "awaiting": "payee"}
            form.add_error(fields.get(refusal.code, "iban"), str(refusal))
        else:
            messages.success(request, _("Het rekeningnummer wacht nu op goedkeuring."))
            return redirect("finance:payee_account", account_id)
    return render(request, "finance/new_account.html", {"form": form})


@permitted(Permission.APPROVE_PAYEE_ACCOUNTS)
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Show one account; a post approves, refuses or ends it, after a second proof."""
    try:
        found = queries.payee_account(account_id)
    except LookupError:
        raise Http404 from None
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        try:
            access.require_second_proof(actor, request_time(request))
            messages.success(request, _decide(request, found))
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        except UnableToChangeAccount as refusal:
            messages.error(request, str(refusal))
        return redirect("finance:payee_account", account_id)
    names = colleague_names([found.registered_by, found.decided_by])
    context = {
        "account": found,
        "payee": organisation_names().get(found.payee_id, ""),
        "registered_by": names.get(found.registered_by, ""),
        "decided_by": names.get(found.decided_by, "") if found.decided_by else "",
        "is_mine": found.registered_by == actor.person_id,
    }
    return render(request, "finance/account.html", context)


def _decide(request: HttpRequest, found: PayeeAccountView) -> str:
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    action = request.POST.get("action")
    if action == "approve":
        operations.approve_payee_account(account_id=found.id, by=by, at=at)
        return _("Het rekeningnummer is goedgekeurd. Na vijf werkdagen kan er op betaald worden.")
    if action == "end":
        operations.end_payee_account(account_id=found.id, by=by, at=at)
        return _("Op dit rekeningnummer wordt niet meer betaald.")
    operations.refuse_payee_account(account_id=found.id, by=by, at=at)
    return _("Het rekeningnummer is afgewezen.")
