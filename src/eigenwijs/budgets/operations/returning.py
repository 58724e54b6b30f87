"""Money that lapsed goes to the receiver that its conditions named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets.lapsed_sums import EMPLOYER, people_of, to_employers, waiting
from eigenwijs.budgets.models import Lapse
from eigenwijs.budgets.types import FEWEST_PEOPLE
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id, new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, NewAccount, NewTransfer
from eigenwijs.schemes.types import Conditions
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury.types import PaymentSource

_OWNER = "budgets.lapse"
_MESSAGES = {
    "nothing_waits": _("Er staat niets meer klaar voor deze ontvanger. Kijk de lijst opnieuw na."),
    "too_few_people": _(
        "Dit is van minder dan %(people)d mensen. Dan kan de ontvanger zien van wie het was. Wacht "
        "tot er meer bij staat."
    ),
    "year_goes_on": _("Een werkgever krijgt één bedrag per jaar. Wacht tot dit jaar voorbij is."),
}


class UnableToPayLapsed(DomainError):
    """Nothing was ordered. Codes: nothing_waits, too_few_people, year_goes_on."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@transaction.atomic
def pay_lapsed(*, receiver_id: UUID, year: int | None = None, by: Actor, at: datetime) -> UUID:
    """Order that all that lapsed to a receiver is paid to it; return the id of the payment order.

    To an employer it is what lapsed in a calendar `year` that is over.

    It goes the way of every payment: to an account of the receiver that a second person approved,
    in a batch that another person than its maker releases. Only in totals of at least ten people,
    so that no payer sees a person. Raises UnableToPayLapsed.
    """
    if year:
        own = to_employers().filter(receiver=receiver_id, lapsed_on__year=year)
    else:
        own = waiting().filter(
            Q(passed_to=receiver_id) | (Q(receiver=receiver_id) & ~Q(receiver__kind=EMPLOYER))
        )
    rows = list(own.select_for_update(of=("self",)).select_related("pot").order_by("id"))
    if not rows:
        raise UnableToPayLapsed("nothing_waits")
    if year and year >= local_date(at).year:
        raise UnableToPayLapsed("year_goes_on")
    if people_of({row.pot.person_id for row in rows}) < FEWEST_PEOPLE:
        raise UnableToPayLapsed("too_few_people", people=FEWEST_PEOPLE)
    amount = Money(sum(row.amount_cents for row in rows))
    account = ledger.open_account(kind=AccountKind.LAPSED, owner=receiver_id, at=at)
    order_id = new_id(at)
    until = max(row.lapsed_on for row in rows)
    treasury.order_payment(
        key=order_id,
        # Of an employer the year alone: a day would be the day of one person.
        reference=f"Eigenwijs, verlopen leergeld {year or f'tot en met {until.isoformat()}'}",
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
def pass_on_small_years(*, by: Actor, at: datetime) -> int:
    """Let what was to go back to employers, of too few people in a year that is over, go to its fund.

    So no employer learns what one person did. Returns how many lapses it was. For a daily job.
    """
    day = local_date(at)
    own = to_employers().filter(lapsed_on__lt=day.replace(month=1, day=1))
    years: dict[tuple[UUID, int], list[Lapse]] = defaultdict(list)
    for row in own.select_for_update(of=("self",)).select_related("pot").order_by("id"):
        years[row.receiver_id, row.lapsed_on.year].append(row)
    count = 0
    for (employer, _year), rows in years.items():
        if people_of({row.pot.person_id for row in rows}) < FEWEST_PEOPLE:
            _pass_on(employer, rows, by=by, at=at)
            count += len(rows)
    return count


def _pass_on(employer: UUID, rows: Sequence[Lapse], *, by: Actor, at: datetime) -> None:
    for row in rows:
        row.passed_to_id = Conditions.from_json(row.pot.conditions).reverts_to
    owners = sorted({employer, *(row.passed_to_id for row in rows if row.passed_to_id)})
    accounts = ledger.open_accounts(
        [NewAccount(AccountKind.LAPSED, owner=owner) for owner in owners], at=at
    )
    owed = dict(zip(owners, accounts, strict=True))
    group = new_id(at)
    transfers = [
        NewTransfer(
            key=derived_id(row.pk, "budgets.pass_on"),
            debit=owed[employer],
            credit=owed[row.passed_to_id],
            amount=Money(row.amount_cents),
            kind="pass_on",
            occurred_on=local_date(at),
            group=group,
        )
        for row in rows
        if row.passed_to_id
    ]
    ledger.post(transfers, by=by, at=at)
    Lapse.objects.bulk_update(rows, ["passed_to"])
    audit.record(
        by=by,
        at=at,
        action="budgets.lapse.pass_on",
        subject=("ledger.group", group),
        ids={"employer": str(employer), "lapses": len(rows)},
    )


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
