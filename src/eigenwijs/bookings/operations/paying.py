"""What the bank did with a provider's money."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.bookings import money
from eigenwijs.bookings.lifecycle import PAYOUT
from eigenwijs.bookings.models import Payout
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.patience import in_time
from eigenwijs.people import access as people_access
from eigenwijs.people.types import Permission
from eigenwijs.schemes.types import Milestone


class UnableToPay(DomainError):
    """Nothing was ordered. Codes: not_found, wrong_state (it is on its way, or paid)."""


@in_time
def pay(*, booking_id: UUID, by: Actor, at: datetime) -> None:
    """Order what came back of a booking from the bank again. The provider asks, or finance does.

    Again changes nothing while it is on its way. Raises UnableToPay (not_found, wrong_state).
    """
    rows = Payout.objects.select_for_update(of=("self",)).filter(booking=booking_id)
    payouts = list(rows.order_by("pk"))
    is_theirs = bool(payouts) and (
        people_access.can(by, Permission.MAKE_PAYMENT_BATCHES)
        or (
            people_access.can(by, Permission.SEE_PAYOUTS)
            and by.organisation_id == payouts[0].provider_id
        )
    )
    if not is_theirs:
        raise UnableToPay("not_found", _("Deze boeking is er niet."))
    reopened = [payout for payout in payouts if payout.state == "reopened"]
    if not reopened and not any(payout.state == "ordered" for payout in payouts):
        raise UnableToPay("wrong_state", _("Dit geld is al betaald."))
    for payout in reopened:
        _order_again(payout, by=by, at=at)


def _order_again(payout: Payout, *, by: Actor, at: datetime) -> None:
    attempt = payout.attempt + 1
    audit.move(
        payout,
        "order",
        by=by,
        at=at,
        lifecycle=PAYOUT,
        values={
            "attempt": attempt,
            "order": derived_id(payout.pk, f"order {attempt}"),
            "ordered_at": at,
        },
    )
    money.order(payout, by=by, at=at)


@transaction.atomic
def payout_settled(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `order_settled`: the provider has its money. The worker is told the first time."""
    payout = _of_event(event)
    if payout is None:
        return
    values = {"settled_at": at, "reason": ""}
    audit.move(payout, "settle", by=by, at=at, lifecycle=PAYOUT, values=values)
    tell_worker(
        payout.booking,
        "booking_paid",
        part=_part(payout),
        by=by,
        at=at,
        amount_cents=payout.amount_cents,
    )


@transaction.atomic
def payout_rejected(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `order_rejected`: the bank refused, the money is still owed."""
    _reopen(event, "reject", by=by, at=at)


@transaction.atomic
def payout_returned(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `order_returned`: the money came back, it is owed again."""
    _reopen(event, "return", by=by, at=at)


def _reopen(event: TrailRow, move: str, *, by: Actor, at: datetime) -> None:
    payout = _of_event(event)
    if payout is None:
        return
    reason = str(event.ids.get("reason") or "")[:40]
    values = {"settled_at": None, "reason": reason}
    audit.move(payout, move, by=by, at=at, lifecycle=PAYOUT, values=values)
    tell_provider(
        payout.booking,
        "payout_came_back",
        attempt=payout.attempt,
        part=_part(payout),
        by=by,
        at=at,
    )


def _part(payout: Payout) -> str:
    return "" if payout.milestone == Milestone.STARTED else f".{payout.milestone}"


def _of_event(event: TrailRow) -> Payout | None:
    """Return the locked payout that an event of the treasury is about, None if it is not ours."""
    return (
        Payout.objects.select_for_update(of=("self",))
        .select_related("booking")
        .filter(pk=str(event.ids["owner"]), order=str(event.ids["order"]))
        .first()
    )
