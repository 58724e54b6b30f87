"""A published round is withdrawn before its window closes: with a reason that everyone reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.draws import published, telling
from eigenwijs.draws.lifecycle import ROUND
from eigenwijs.draws.models import Round, Ticket
from eigenwijs.draws.operations.placing import pay_back
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.notices import operations as notices
from eigenwijs.people import access
from eigenwijs.people.types import Permission

CHUNK = 500
_MESSAGES = {
    "not_found": _("Deze ronde is er niet."),
    "not_published": _(
        "Alleen een gepubliceerde ronde die nog niet is gesloten, kun je intrekken."
    ),
    "window_closed": _("De ronde is gesloten. Intrekken kan niet meer: de loting gaat door."),
    "reason_missing": _("Vul in waarom, in het Nederlands en in het Engels. Iedereen leest het."),
}


class UnableToWithdrawRound(DomainError):
    """Nothing changed. Codes: not_found, not_published, window_closed, reason_missing."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


@transaction.atomic
def withdraw_round(*, round_id: UUID, reason: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Withdraw a published round before its window closes, for a reason in Dutch and in English.

    The reason stands on its page for good, everyone who is in hears it from `tell_next_of_withdrawal`,
    and the money goes back to its payer. Nobody drew in vain, so no bad luck is counted. Again changes
    nothing. Raises UnableToWithdrawRound, NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    of = Round.objects.select_for_update().filter(pk=round_id).first()
    if of is None:
        raise UnableToWithdrawRound("not_found")
    if of.state == "withdrawn":
        return
    if of.state != "published":
        raise UnableToWithdrawRound("not_published")
    if at >= of.closes_at:
        raise UnableToWithdrawRound("window_closed")
    said = {language: reason.get(language, "").strip() for language in ("nl", "en")}
    if not all(said.values()):
        raise UnableToWithdrawRound("reason_missing")
    left = pay_back(of, by=by, at=at)
    audit.move(
        of,
        "withdraw",
        by=by,
        at=at,
        lifecycle=ROUND,
        announce_as="round_withdrawn",
        ids={"left_cents": left.cents},
        values={"withdrawn_at": at, "withdrawn_for": said},
    )


@transaction.atomic
def tell_next_of_withdrawal(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `round_withdrawn` and to what this announces: tell the next chunk of who was in, and why.

    Announces `telling_of_withdrawal_continues` while there may be more. Nobody enters or leaves a
    withdrawn round.
    """
    of = Round.objects.get(pk=event.subject[1])
    before = int(event.ids.get("told") or 0)
    tickets = Ticket.objects.filter(round=of, withdrawn_at=None).order_by("pk")
    rows = list(tickets[before : before + CHUNK])
    notices.tell_all(telling.withdrawn(rows, of, published.read_rules(of.rules)), by=by, at=at)
    if len(rows) == CHUNK:
        ids: dict[str, IdValue] = {"told": before + CHUNK}
        audit.announce(
            by=by, at=at, event="telling_of_withdrawal_continues", subject=event.subject, ids=ids
        )
