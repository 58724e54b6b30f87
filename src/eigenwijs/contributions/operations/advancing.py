"""Somebody asks coming amounts of a job ahead, or takes that back before it came."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.contributions.access import own_employment, require_own_advances
from eigenwijs.contributions.asking import advances
from eigenwijs.contributions.models import AdvanceAsk, Delivery
from eigenwijs.contributions.operations.reading import lock_employer
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time


class UnableToAskAdvance(DomainError):
    """Codes: no_advance (no such job, not one's own, or nothing to ask there now), already_asked,
    wrong_amount."""


class UnableToWithdrawAdvance(DomainError):
    """Code: already_came."""


@in_time
def ask_advance(
    *, employment_id: UUID, scheme: str, amount: Money, by: Actor, at: datetime
) -> None:
    """Ask coming amounts ahead: they come with the employer's next delivery that names the job.

    At most what `queries.advances` says can be asked; where that is less at the delivery, less comes, and
    where nothing is allowed then it waits on. The same call again changes nothing. Raises
    UnableToAskAdvance and access.NotPermitted.
    """
    require_own_advances(by)
    employment = own_employment(by, employment_id)
    if employment is None:
        raise UnableToAskAdvance("no_advance", _("Hier kun je nu geen voorschot vragen."))
    lock_employer(employment.employer_id)  # no delivery is read or booked at this moment
    found = advances(by=by, on=local_date(at))
    job = [one for one in found if (one.employment_id, one.scheme) == (employment_id, scheme)]
    if job and job[0].ask_id:
        if job[0].asked == amount:
            return
        raise UnableToAskAdvance(
            "already_asked",
            _("Je vroeg al een voorschot. Trek dat eerst in, of wacht tot het komt."),
        )
    if not (job and job[0].room):
        raise UnableToAskAdvance("no_advance", _("Hier kun je nu geen voorschot vragen."))
    if not 0 < amount.cents <= job[0].room.cents:
        raise UnableToAskAdvance(
            "wrong_amount",
            _("Vul een bedrag in tot en met %(most)s."),
            {"most": job[0].room},
        )
    ask = AdvanceAsk.objects.create(
        id=new_id(at),
        employment_id=employment_id,
        scheme=scheme,
        cents=amount.cents,
        asked_at=at,
    )
    _record("ask", ask, by=by, at=at)


@in_time
def withdraw_advance(*, ask_id: UUID, by: Actor, at: datetime) -> None:
    """Take back an ask that waits; nothing happens where there is none, or it is another person's.

    An employer that saw it in a file and did not say yes yet has to look again. Raises
    UnableToWithdrawAdvance where the employer said yes to it, and access.NotPermitted.
    """
    require_own_advances(by)
    known = AdvanceAsk.objects.filter(pk=ask_id).first()
    employment = own_employment(by, known.employment_id) if known else None
    if employment is None:
        return
    lock_employer(employment.employer_id)
    ask = AdvanceAsk.objects.select_for_update().filter(pk=ask_id).first()
    if ask is None:
        return
    confirmed = Delivery.objects.filter(
        employer=employment.employer_id, state="confirmed", delivered_at__gt=ask.asked_at
    )
    if ask.amount_due_id is not None or confirmed.exists():
        raise UnableToWithdrawAdvance(
            "already_came",
            _("Je werkgever zei al ja tegen dit voorschot. Intrekken kan niet meer."),
        )
    _record("withdraw", ask, by=by, at=at)
    ask.delete()


def _record(what: str, ask: AdvanceAsk, *, by: Actor, at: datetime) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"contributions.advanceask.{what}",
        subject=(AdvanceAsk._meta.label_lower, ask.pk),
        ids={"employment": str(ask.employment_id), "scheme": ask.scheme},
    )
