"""Following money from the payroll to the account, for those who audit: never a name.

Private to the room; `queries` hands it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from eigenwijs.budgets.types import Reason
from eigenwijs.contributions.models import AmountDue, CreditedAmount, PaymentRequest
from eigenwijs.contributions.reasons import Reasons
from eigenwijs.contributions.types import TracedAmount
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period


def amounts_asked(
    request_id: UUID, *, offset: int = 0, limit: int
) -> tuple[list[TracedAmount], int]:
    """Return amounts of a payment request in the order of the payroll, and how many there are."""
    rows = AmountDue.objects.filter(request=request_id).order_by("period", "line__number", "id")
    return _traced(list(rows[offset : offset + limit])), rows.count()


def amounts_credited(credit_ids: Collection[UUID]) -> list[TracedAmount]:
    """Return the amounts due that these credits brought to their pots."""
    rows = AmountDue.objects.filter(credits__in=credit_ids).distinct()
    return _traced(list(rows.order_by("period", "line__number", "id")))


def reasons_of(amount_ids: Collection[UUID]) -> dict[UUID, Reason]:
    """Return why amounts that were asked are what they are, computed again from what was kept.

    For amounts that are not credited yet; a credit carries its own reason, as it was given.
    """
    by_request: dict[PaymentRequest, list[AmountDue]] = defaultdict(list)
    rows = AmountDue.objects.filter(pk__in=amount_ids)
    for row in rows.select_related("line", "participation", "request"):
        if row.request is not None:
            by_request[row.request].append(row)
    found: dict[UUID, Reason] = {}
    for request, asked in by_request.items():
        known = Reasons(request)
        known.read_set_offs(asked)
        found |= {row.id: known.reason(row) for row in asked}
    return found


def requests_named(references: Collection[str]) -> list[UUID]:
    """Return the payment requests with these references."""
    rows = PaymentRequest.objects.filter(reference__in=references).order_by("number")
    return list(rows.values_list("pk", flat=True))


def _traced(rows: Sequence[AmountDue]) -> list[TracedAmount]:
    credits_: dict[UUID, list[UUID]] = defaultdict(list)
    for due, credit in CreditedAmount.objects.filter(amount_due__in=rows).values_list(
        "amount_due", "id"
    ):
        credits_[due].append(credit)
    return [
        TracedAmount(
            id=row.id,
            delivery_id=row.delivery_id,
            request_id=row.request_id,
            person_id=row.person_id,
            employment_id=row.employment_id,
            scheme=row.scheme,
            version_hash=row.version_hash,
            period=Period.parse(row.period),
            amount=Money(row.amount_cents),
            set_off=Money(row.settled_cents),
            credited=Money(row.credited_cents),
            credits=tuple(sorted(credits_[row.id])),
        )
        for row in rows
    ]
