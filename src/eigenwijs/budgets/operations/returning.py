"""Money that lapsed goes to the receiver that its conditions named."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets.models import Lapse
from eigenwijs.budgets.queries import people_of
from eigenwijs.budgets.types import FEWEST_PEOPLE
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury.types import PaymentSource

_OWNER = "budgets.lapse"
_MESSAGES = {
    "nothing_waits": _("Er staat niets meer klaar voor deze ontvanger. Kijk de lijst opnieuw na."),
    "too_few_people": _(
        "Dit is van minder dan %(people)d mensen. Dan kan de ontvanger zien van wie het was. Wacht "
        "tot er meer bij staat."
    ),
}


class UnableToPayLapsed(DomainError):
    """Nothing was ordered. Codes: nothing_waits, too_few_people."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@transaction.atomic
def pay_lapsed(*, receiver_id: UUID, by: Actor, at: datetime) -> UUID:
    """Order that all that lapsed to a receiver is paid to it; return the id of the payment order.

    It goes the way of every payment: to an account of the receiver that a second person approved,
    in a batch that another person than its maker releases. Only in totals of at least ten people,
    so that no payer sees a person. Raises UnableToPayLapsed.
    """
    rows = list(
        Lapse.objects.select_for_update(of=("self",))
        .filter(receiver=receiver_id, order=None)
        .select_related("pot")
        .order_by("id")
    )
    if not rows:
        raise UnableToPayLapsed("nothing_waits")
    if people_of({row.pot.person_id for row in rows}) < FEWEST_PEOPLE:
        raise UnableToPayLapsed("too_few_people", people=FEWEST_PEOPLE)
    amount = Money(sum(row.amount_cents for row in rows))
    account = ledger.open_account(kind=AccountKind.LAPSED, owner=receiver_id, at=at)
    order_id = new_id(at)
    until = max(row.lapsed_on for row in rows)
    treasury.order_payment(
        key=order_id,
        reference=f"Eigenwijs, verlopen leergeld tot en met {until.isoformat()}",
        payee_id=receiver_id,
        sources=[PaymentSource(account, amount)],
        owner=(_OWNER, order_id),
        by=by,
        at=at,
    )
    Lapse.objects.filter(pk__in=[row.pk for row in rows]).update(order=order_id)
    audit.record(
        by=by,
        at=at,
        action="budgets.lapse.pay",
        subject=("treasury.paymentorder", order_id),
        ids={"receiver": str(receiver_id), "cents": amount.cents, "lapses": len(rows)},
    )
    return order_id


@transaction.atomic
def lapsed_came_back(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `order_rejected` and `order_returned`: what lapsed waits to be paid again."""
    order_id = str(event.ids["order"])
    waiting = Lapse.objects.filter(order=order_id).update(order=None)
    if waiting:
        audit.record(
            by=by,
            at=at,
            action="budgets.lapse.wait_again",
            subject=("treasury.paymentorder", UUID(order_id)),
            ids={"lapses": waiting},
        )
