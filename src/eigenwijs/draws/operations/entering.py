"""Somebody is in a round, once, whatever the channel and however often they come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.draws import published, reading, rules, seeds, standing, telling
from eigenwijs.draws.models import Round, Ticket
from eigenwijs.draws.types import RoundState, TicketView
from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time
from eigenwijs.notices import operations as notices
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Looked, Permission

_MESSAGES = {
    "not_found": _("Deze ronde is er niet."),
    "not_open": _("Je kunt nu niet meedoen aan deze ronde. Kijk wanneer ze open is."),
    "may_not_enter": _("Deze ronde is niet voor jouw situatie."),
    "had_money": _(
        "Je kreeg dit jaar al geld uit deze regeling. Meer dan één keer per jaar kan niet."
    ),
    "wrong_amount": _("Vul een bedrag in van %(least)s tot en met %(most)s."),
    "not_in": _("Je doet niet mee aan deze ronde."),
}


class UnableToEnter(DomainError):
    """Nothing changed. Codes: not_found, not_open, may_not_enter, had_money, wrong_amount, not_in."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@in_time
def enter(
    *, round_id: UUID, person_id: UUID, amount: Money | None = None, by: Actor, at: datetime
) -> TicketView:
    """Put a person in a round and return their ticket, without its chance; `amount` None asks the most.

    By the person, or by somebody of the desk whom they asked, which stands in their log. The key is
    the round and the person: entering again, from another device, over another channel or after a
    lost connection gives the same ticket; another amount is asked from then on. After a withdrawal the
    same ticket counts again. Raises UnableToEnter, NotPermitted, TooBusy.
    """
    _may_act_for(person_id, by)
    of = _open_round(round_id, at)
    terms = published.read_rules(of.rules)
    wanted = terms.most if amount is None else amount
    if not terms.least <= wanted <= terms.most:
        least, most = wording.money(terms.least), wording.money(terms.most)
        raise UnableToEnter("wrong_amount", least=least, most=most)
    first = people.surviving(person_id)
    where = standing.standings([first], terms)[first]
    if not where.may_enter:
        raise UnableToEnter("may_not_enter")
    if standing.had_money([first], terms):
        raise UnableToEnter("had_money")
    _note_look(person_id, by, at)
    with _window_of_round():
        row = _own_ticket(of, first, wanted, at)
        is_news = row.entered_at == at or row.cents != wanted.cents or row.withdrawn_at is not None
        lost = standing.losses([first], of).get(first, 0)
        row.cents, row.withdrawn_at = wanted.cents, None
        row.group, row.losses = where.group.id, min(lost, terms.carry_over.most)
        row.weight = rules.weight(where.group, row.losses, terms.carry_over)
        row.save()
    if is_news:
        audit.record(
            by=by,
            at=at,
            action="draws.ticket.enter",
            subject=(Ticket._meta.label_lower, row.pk),
            ids={"round": str(round_id), "cents": row.cents},
        )
        notices.tell_all([telling.entered(row, of, terms, at)], by=by, at=at)
    return reading.ticket_view(row, terms)


@in_time
def withdraw(*, round_id: UUID, person_id: UUID, by: Actor, at: datetime) -> None:
    """Take a person out of a round that is still open. Again changes nothing.

    Raises UnableToEnter (not_found, not_open, not_in), NotPermitted, TooBusy.
    """
    _may_act_for(person_id, by)
    of = _open_round(round_id, at)
    own = reading.tickets_of(people.files_of(person_id), of)
    if not own:
        raise UnableToEnter("not_in")
    _note_look(person_id, by, at)
    for row in own:
        if row.withdrawn_at is None:
            with _window_of_round():
                Ticket.objects.filter(pk=row.pk).update(withdrawn_at=at)
            audit.record(
                by=by,
                at=at,
                action="draws.ticket.withdraw",
                subject=(Ticket._meta.label_lower, row.pk),
                ids={"round": str(round_id)},
            )


def _may_act_for(person_id: UUID, by: Actor) -> None:
    if access.can(by, Permission.ENTER_ROUNDS_FOR):
        return
    access.require(by, Permission.ENTER_ROUNDS)
    access.require_own_file(by, person_id)


def _note_look(person_id: UUID, by: Actor, at: datetime) -> None:
    access.look_at(person_id, what=Looked.ROUND, by=by, at=at)


@contextmanager
def _window_of_round() -> Iterator[None]:
    """Say it in our words when the window closed in this very moment: the database holds that."""
    try:
        yield
    except IntegrityError as error:
        raise UnableToEnter("not_open") from error


def _open_round(round_id: UUID, at: datetime) -> Round:
    of = Round.objects.filter(pk=round_id).first()
    if of is None or not RoundState(of.state).is_public:
        raise UnableToEnter("not_found")
    if not reading.round_view(of).is_open(at):
        raise UnableToEnter("not_open")
    return of


def _own_ticket(of: Round, person_id: UUID, wanted: Money, at: datetime) -> Ticket:
    """The person's ticket, made where there is none; of two at once the database lets one make it."""
    known = reading.tickets_of(people.files_of(person_id), of)
    if known:
        return known[0]
    Ticket.objects.bulk_create(
        [
            Ticket(
                pk=derived_id(of.pk, f"draws.ticket.{person_id}"),
                round=of,
                person_id=person_id,
                number=seeds.ticket_number(),
                cents=wanted.cents,
                entered_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    return Ticket.objects.get(round=of, person=person_id)
