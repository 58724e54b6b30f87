"""The state of the books in one look, and their proof."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.insight import operations
from eigenwijs.insight import queries as insight
from eigenwijs.insight.types import BooksProof
from eigenwijs.kernel.period import Period
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, Side
from eigenwijs.people.types import Permission
from eigenwijs.treasury import queries as treasury
from eigenwijs.web.access import permitted
from eigenwijs.web.auditor.words import BREACHES, KINDS, OF_ACCOUNTS
from eigenwijs.web.middleware import request_time

COMMAND = "python3 run.py manage prove_books"
DAYS_SHOWN = 10
MONTHS_SHOWN = 24


@permitted(Permission.SEE_BOOKS_PROOF)
def home(request: HttpRequest) -> HttpResponse:
    """Show what is there and what is owed, and when that was last proven."""
    totals, money = ledger.totals_by_kind(), ledger.client_money()

    def rows(side: Side) -> list[tuple[Any, Any]]:
        return [
            (words, totals[kind])
            for kind, words in KINDS.items()
            if kind.side is side and (kind is not AccountKind.ROUND_POT or totals[kind].posted)
        ]

    context = {
        "there": rows(Side.DEBIT),
        "owed": rows(Side.CREDIT),
        "money": money,
        "is_there": money.bank + money.in_transit,
        "last": next(iter(insight.proofs(limit=1)), None),
        "days": treasury.client_money_proofs(limit=DAYS_SHOWN),
    }
    return render(request, "auditor/home.html", context)


@permitted(Permission.SEE_BOOKS_PROOF)
def proof(request: HttpRequest) -> HttpResponse:
    """Show what was proven; a post proves all books now."""
    if request.method == "POST":
        made = operations.prove_books(
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
        _say(request, made)
        return redirect("auditor:proof")
    proofs = insight.proofs()
    context = {
        "last": proofs[0] if proofs else None,
        "proofs": proofs,
        "checks": BREACHES.values(),
        "of_accounts": OF_ACCOUNTS,
        "command": COMMAND,
        "seal": ledger.last_seal(),
        "closed": [
            (Period(one.until.year, one.until.month), one)
            for one in ledger.periods(limit=MONTHS_SHOWN)
        ],
    }
    return render(request, "auditor/proof.html", context)


@permitted(Permission.SEE_BOOKS_PROOF)
def seals(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001 (every view takes one)
    """Hand out all seals, to keep elsewhere and check with `check_seals.py`."""
    answer = StreamingHttpResponse(ledger.seal_lines(), content_type="application/x-ndjson")
    answer["Content-Disposition"] = 'attachment; filename="seals.jsonl"'
    return answer


@permitted(Permission.SEE_BOOKS_PROOF)
def seal_checker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (every view takes one)
    """Hand out the stand-alone script that checks exported seals."""
    answer = HttpResponse(ledger.seal_checker(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="check_seals.py"'
    return answer


def _say(request: HttpRequest, made: BooksProof) -> None:
    if made.holds:
        messages.success(request, _("De boeken zijn bewezen. Er is niets mis gevonden."))
    else:
        messages.error(request, _("De boeken kloppen niet. Hieronder staat wat er mis is."))
