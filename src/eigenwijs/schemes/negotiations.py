"""Reads of negotiations, for those who sit at the table alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access
from eigenwijs.people.types import Permission
from eigenwijs.schemes.models import Negotiation
from eigenwijs.schemes.types import NegotiationView, ProposalView


def negotiation(negotiation_id: UUID, *, by: Actor) -> NegotiationView:
    """Return one negotiation; raises NotPermitted where it is absent or the actor has no seat at it.

    The system sees all.
    """
    row = _rows(by).filter(pk=negotiation_id).first()
    if row is None:
        raise access.NotPermitted
    return _view(row)


def negotiations(*, by: Actor) -> list[NegotiationView]:
    """Return the negotiations at which the actor's organisation sits, the newest first."""
    return [_view(row) for row in _rows(by).order_by("-opened_at", "id")]


def _rows(by: Actor) -> QuerySet[Negotiation]:
    access.require(by, Permission.NEGOTIATE)
    sits = Q(workers=by.organisation_id) | Q(employers=by.organisation_id)
    mine = Q() if by.is_system else sits
    return Negotiation.objects.filter(mine).prefetch_related("proposals", "acceptances")


def _view(row: Negotiation) -> NegotiationView:
    accepted: dict[str, str] = {}
    for one in sorted(row.acceptances.all(), key=lambda one: one.number):
        accepted[one.side] = one.hash
    workers, employers = accepted.get("workers", ""), accepted.get("employers", "")
    proposals = sorted(row.proposals.all(), key=lambda one: (one.made_at, one.side, one.number))
    return NegotiationView(
        id=row.id,
        title=row.title,
        scheme=row.scheme,
        starts_on=row.starts_on,
        base=row.base,
        parties={"workers": row.workers_id, "employers": row.employers_id},
        proposals=tuple(
            ProposalView(one.side, one.number, one.hash, one.text, one.made_at) for one in proposals
        ),
        accepted=accepted,
        agreed=workers if workers == employers else "",
        opened_at=row.opened_at,
    )
