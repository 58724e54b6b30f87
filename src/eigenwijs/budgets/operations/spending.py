"""Money that goes to a provider, and comes back to the pots that it came from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import lots, rules
from eigenwijs.budgets.lifecycle import RESERVATION
from eigenwijs.budgets.models import Refund, Reservation, ReservationLine
from eigenwijs.budgets.operations.reserving import came_back, locked, payable, still_held, void
from eigenwijs.budgets.queries import reservation_view
from eigenwijs.budgets.types import PayableLine, ReservationView, Spending
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountRef, HoldPosting, HoldVoid, Reversal, TransferRef
from eigenwijs.schemes.types import Milestone

_SPEND_MESSAGES = {
    "more_than_reserved": _("Dit is meer dan er voor de boeking is vastgezet."),
    "not_reserved": _("Het geld voor deze boeking is al vrij of al uitgegeven."),
    "expired": _(
        "Het geld was tot een eerdere dag vastgezet. Het kan niet meer worden uitgegeven."
    ),
}
_REFUND_MESSAGES = {
    "not_spent": _("Voor deze boeking is nog geen geld uitgegeven."),
    "more_than_spent": _("Er kan niet meer terug dan er is uitgegeven."),
    "paid_out": _("De opleider heeft dit geld al gekregen en moet het eerst terugbetalen."),
    "key_reused": _("Dit nummer is al gebruikt voor een andere terugbetaling."),
}


class UnableToSpend(DomainError):
    """Nothing was spent.

    Codes: more_than_reserved, not_reserved (released, or spent with another amount), expired.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code, _SPEND_MESSAGES[code])


class UnableToRefund(DomainError):
    """Nothing came back. Codes: not_spent, more_than_spent, paid_out, key_reused."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _REFUND_MESSAGES[code])


@transaction.atomic
def spend(
    *,
    booking_id: UUID,
    amount: Money | None = None,
    milestone: Milestone | None = None,
    with_grace: bool = False,
    by: Actor,
    at: datetime,
) -> Spending:
    """Let the provider have what was set aside for a booking: all, what is for a milestone, or `amount`.

    Lines pay in their order, each until it is empty; what is not spent is free again (`with_grace`
    as in `release`), but at a milestone what is for another one stays set aside. Returns where the
    provider's money stands, for the payment order. The same booking with the same amount or
    milestone is answered as it was spent. Raises UnableToSpend, and UnableToReserve
    (unknown_booking).
    """
    if amount is not None and milestone is not None:
        raise ValueError("a milestone spends all that is set aside for it")
    found, rows = locked(booking_id)
    others_held = [row for row in still_held(rows) if milestone not in (None, row.milestone)]
    rows = [row for row in rows if milestone in (None, row.milestone)]
    total = sum(row.amount_cents for row in rows) if amount is None else amount.cents
    is_spent = found.state == "spent" or (milestone is not None and not still_held(rows))
    if rows and is_spent and sum(row.spent_cents for row in rows) == total:
        return _spending(found, rows, at)
    if found.state != RESERVATION.initial or not rows or len(still_held(rows)) < len(rows):
        raise UnableToSpend("not_reserved")
    if not 0 < total <= sum(row.amount_cents for row in rows):
        raise UnableToSpend("more_than_reserved")
    before = lots.lock([row.pot_id for row in rows])
    entries: list[HoldPosting | HoldVoid] = []
    parts = rules.spend_lines(total, [row.amount_cents for row in rows])
    for row, cents in zip(rows, parts, strict=True):
        if not cents:
            entries.append(void(row, at))
            continue
        row.spent_cents = cents
        row.posting = derived_id(row.hold, "post")
        hold = TransferRef(row.pot.account_bucket, row.hold)
        entries.append(HoldPosting(hold, row.posting, local_date(at), Money(cents)))
    try:
        ledger.post(entries, by=by, at=at)
    except ledger.UnableToPost as error:
        if error.code == "hold_expired":
            raise UnableToSpend("expired") from error
        raise
    ReservationLine.objects.bulk_update(rows, ["spent_cents", "posting"])
    came_back(booking_id, found, before, with_grace=with_grace, at=at)
    if others_held:
        audit.record(
            by=by,
            at=at,
            action="budgets.spend_part",
            subject=(Reservation._meta.label_lower, booking_id),
            ids={"cents": total},
        )
    else:
        audit.move(found, "spend", by=by, at=at, lifecycle=RESERVATION, ids={"cents": total})
    return _spending(found, rows, at)


def _spending(of: Reservation, rows: list[ReservationLine], at: datetime) -> Spending:
    owed: dict[AccountRef, int] = {}
    for row in rows:
        if row.spent_cents:
            account = payable(of.payee_id, row.pot, at)
            owed[account] = owed.get(account, 0) + row.spent_cents
    return Spending(
        booking_id=of.pk,
        payee_id=of.payee_id,
        amount=Money(sum(owed.values())),
        payable=tuple(PayableLine(account, Money(cents)) for account, cents in owed.items()),
    )


@transaction.atomic
def refund(
    *,
    key: UUID,
    booking_id: UUID,
    amount: Money,
    milestone: Milestone | None = None,
    with_grace: bool,
    by: Actor,
    at: datetime,
) -> ReservationView:
    """Give `amount` of what a booking spent, ever or at a milestone, back to the pots that it came from.

    The last line that paid gets its money back first: free money before money with an end, that
    before money with conditions. What is back has its original end; `with_grace` as in `release`.
    A known key is answered as it was. Raises UnableToRefund, and UnableToReserve
    (unknown_booking).
    """
    found, rows = locked(booking_id)
    known = Refund.objects.filter(pk=key).first()
    if known is not None:
        if (known.reservation_id, known.amount_cents) != (booking_id, amount.cents):
            raise UnableToRefund("key_reused")
        return reservation_view(found)
    rows = [row for row in rows if row.spent_cents and milestone in (None, row.milestone)]
    if not rows:
        raise UnableToRefund("not_spent")
    refundable = [row.spent_cents - row.refunded_cents for row in rows]
    if not 0 < amount.cents <= sum(refundable):
        raise UnableToRefund("more_than_spent")
    before = lots.lock([row.pot_id for row in rows])
    entries = []
    for row, cents in zip(rows, rules.refund_lines(amount.cents, refundable), strict=True):
        if cents and row.posting is not None:
            row.refunded_cents += cents
            spent = TransferRef(row.pot.account_bucket, row.posting)
            back = derived_id(key, f"budgets.refund.{row.pk}")
            entries.append(Reversal(spent, back, local_date(at), Money(cents)))
    try:
        ledger.post(entries, by=by, at=at)
    except ledger.UnableToPost as error:
        if error.code == "insufficient_funds":
            raise UnableToRefund("paid_out") from error
        raise
    ReservationLine.objects.bulk_update(rows, ["refunded_cents"])
    Refund.objects.create(pk=key, reservation=found, amount_cents=amount.cents, recorded_at=at)
    came_back(key, found, before, with_grace=with_grace, at=at)
    audit.record(
        by=by,
        at=at,
        action="budgets.refund",
        subject=(Reservation._meta.label_lower, booking_id),
        ids={"key": str(key), "cents": amount.cents},
    )
    return reservation_view(found)
