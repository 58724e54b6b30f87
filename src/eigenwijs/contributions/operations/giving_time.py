"""Time to learn that a delivery makes due is given at once: nobody has to pay first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.types import NewTime
from eigenwijs.contributions.models import AmountDue, CreditedAmount, Delivery
from eigenwijs.contributions.reasons import Reasons
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.ids import derived_id
from eigenwijs.people import queries as people
from eigenwijs.schemes.types import TIME_UNITS

_CHUNK = 500


def give_time_due(delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Give what is due of time after lowerings took their part; in the transaction that books the delivery.

    A lowering that is not taken by then waits for later time of the same job and scheme: what was given stays.
    """
    left = F("amount_cents") - F("settled_cents") - F("credited_cents")
    waiting = AmountDue.objects.filter(
        participation__employer=delivery.employer_id,
        unit__in=TIME_UNITS,
        amount_cents__gt=F("settled_cents") + F("credited_cents"),
    )
    rows = list(waiting.select_related("line", "participation").annotate(left=left).order_by("id"))
    employer = people.organisation(delivery.employer_id)
    if not rows or employer is None:
        return
    reasons = Reasons(None)
    day = local_date(at)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        reasons.read_set_offs(chunk)
        reasons.read_birth_dates(chunk)
        budgets.give_time(
            [
                NewTime(
                    key=derived_id(row.id, "time"),
                    person_id=row.person_id,
                    employer_id=employer.id,
                    employer_name=employer.name,
                    scheme=row.scheme,
                    unit=row.unit,
                    hundredths=row.left,
                    usable_until=reasons.time_ends_on(row, day),
                    reason=reasons.reason(row),
                )
                for row in chunk
            ],
            group=delivery.pk,
            by=by,
            at=at,
        )
        copy_in(
            CreditedAmount(
                id=derived_id(row.id, "time"), amount_due_id=row.id, cents=row.left, credited_at=at
            )
            for row in chunk
        )
    AmountDue.objects.filter(pk__in=[row.pk for row in rows]).update(
        credited_cents=F("amount_cents") - F("settled_cents")
    )
