"""What there is to do, and the proof that the clients' money is there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import sum_money
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.types import BatchState, PayeeAccountState
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time


@permitted(Permission.SEE_CLIENT_MONEY)
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for a person, and whether the money is there."""
    payable = queries.payable_orders(local_date(request_time(request)))
    ready = [one for one in payable if not one.blocked]
    entries = queries.unmatched_entries()
    context = {
        "entries": entries,
        "accounts": queries.payee_accounts(state=PayeeAccountState.AWAITING),
        "ready": ready,
        "ready_total": sum_money(one.order.amount for one in ready),
        "blocked": len(payable) - len(ready),
        "batches": [one for one in queries.batches() if one.state is BatchState.MADE],
        "latest": _latest(),
    }
    return render(request, "finance/home.html", context)


@permitted(Permission.SEE_CLIENT_MONEY)
def proof(request: HttpRequest) -> HttpResponse:
    """Show the proof of each day; a post proves today again."""
    if request.method == "POST":
        at = request_time(request)
        for account in queries.bank_accounts():
            operations.prove_client_money(
                bank_account_id=account.id,
                by=request.actor,  # type: ignore[attr-defined]
                at=at,
            )
        messages.success(request, _("Het bewijs van vandaag is gemaakt."))
        return redirect("finance:proof")
    proofs = queries.client_money_proofs()
    return render(request, "finance/proof.html", {"latest": _latest(), "proofs": proofs})


def _latest() -> list[object]:
    """The last proof of each account."""
    latest: dict[object, object] = {}
    for one in queries.client_money_proofs():
        latest.setdefault(one.bank_account_id, one)
    return list(latest.values())
