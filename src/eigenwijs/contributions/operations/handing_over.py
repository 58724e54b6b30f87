"""The notas that no employer sees: finance hands them to the fund that pays, and every look is written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.contributions import queries
from eigenwijs.contributions.models import PaymentRequest
from eigenwijs.contributions.types import PaymentRequestView
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access
from eigenwijs.people.types import Permission


@transaction.atomic
def look_at_hidden_nota(
    *, reference: str, on_paper: bool, by: Actor, at: datetime
) -> PaymentRequestView | None:
    """Return a nota over what people told about themselves, to hand it to its payer; the look is written down.

    None where it is absent, or where the employer sees it and hands it over itself. On paper also where it
    was replaced: nobody should pay that. Raises access.NotPermitted.
    """
    access.require(by, Permission.HAND_OVER_NOTAS)
    found = queries.hidden_request(reference)
    if found is None or (on_paper and found.state == "replaced"):
        return None
    audit.record(
        by=by,
        at=at,
        action=f"contributions.paymentrequest.{'print' if on_paper else 'look'}",
        subject=(PaymentRequest._meta.label_lower, found.id),
        ids={"reference": found.reference},
    )
    return found
