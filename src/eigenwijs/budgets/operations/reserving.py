"""Money set aside for a booking, and set free again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import lots, rules
from eigenwijs.budgets.lifecycle import RESERVATION
from eigenwijs.budgets.lots import PotState
from eigenwijs.budgets.models import GraceLot, Pot, Reservation, ReservationLine
from eigenwijs.budgets.operations.lapsing import let_ended_lapse
from eigenwijs.budgets.queries import reservation, reservation_view, spend_facts
from eigenwijs.budgets.rules import PAYS_ALL, Room
from eigenwijs.budgets.types import ReservationView
from eigenwijs.catalogue.types import CourseFacts
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef, HoldVoid, NewTransfer, TransferRef
from eigenwijs.people import queries as people
from eigenwijs.people.access import require_own_file
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Conditions, Milestone, PayableSteps, SpendFacts

CALENDAR = Actor.system("lapse_pots")
"""Nobody lets money lapse but its date, whoever meets it first."""

_MESSAGES = {
    "no_lines": _("Kies eerst welk geld je wilt gebruiken."),
    "pot_twice": _("Hetzelfde geld staat twee keer in de lijst."),
    "unknown_pot": _("Dit geld hoort niet bij je leerrekening."),
    "not_usable": _("Dit geld is niet voor deze cursus."),
    "more_than_it_pays": _(
        "Dit geld betaalt een deel van deze cursus, niet zo veel. Kijk nog een keer wat je zelf betaalt."
    ),
    "insufficient_funds": _("Er staat niet genoeg geld op je leerrekening."),
    "key_reused": _("Voor deze boeking is al ander geld vastgezet."),
    "unknown_booking": _("Voor deze boeking is geen geld vastgezet."),
    "not_reserved": _("Het geld voor deze boeking is al vrij of al uitgegeven."),
}


class UnableToReserve(DomainError):
    """Nothing was set aside or set free.

    Codes: no_lines, pot_twice, unknown_pot (not this person's), not_usable (its conditions),
    more_than_it_pays (of the price of a course), insufficient_funds, key_reused (other lines for
    the same booking), unknown_booking, not_reserved. `params` may have the `pot`.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@transaction.atomic
def reserve(
    *,
    booking_id: UUID,
    person_id: UUID,
    lines: Sequence[tuple[UUID, Money]],
    payee_id: UUID,
    facts: CourseFacts,
    work_related: bool,
    has_halfway: bool = False,
    expires_at: datetime,
    by: Actor,
    at: datetime,
) -> ReservationView:
    """Set aside money of one or more of the person's pots for a booking: all of it or none.

    `lines` are pots and amounts in the order of the funding mix: that is the order in which they
    will be spent. `has_halfway`: the course is long enough for a part that is paid halfway. Refuses a pot
    whose conditions do not allow the course, and money past its end.
    The same booking with the same lines is answered as it was reserved. Only the person
    themselves may do it. Raises UnableToReserve and people.access.NotPermitted.
    """
    require_own_file(by, person_id)
    if not lines or any(amount.cents <= 0 for _pot, amount in lines):
        raise UnableToReserve("no_lines")
    wanted = dict(lines)
    if len(wanted) < len(lines):
        raise UnableToReserve("pot_twice")
    states = lots.lock(list(wanted))
    known = reservation(booking_id)
    if known is not None:
        set_aside: dict[UUID, Money] = defaultdict(Money.zero)
        for line in known.lines:
            set_aside[line.pot_id] += line.amount
        if list(set_aside.items()) != list(lines):
            raise UnableToReserve("key_reused")
        return known
    _check(states, wanted, person_id, facts, work_related=work_related, at=at)
    new, is_new = Reservation.objects.get_or_create(
        pk=booking_id,
        defaults={
            "person_id": person_id,
            "payee_id": payee_id,
            "expires_at": expires_at,
            "recorded_at": at,
        },
    )
    if not is_new:
        raise UnableToReserve("key_reused")
    _lapse_first(states, payee_id, at=at)
    rows = ReservationLine.objects.bulk_create(_lines(new, states, lines, has_halfway))
    _post([_hold(row, new, "reserve", at) for row in rows], by=by, at=at)
    audit.record(
        by=by,
        at=at,
        action="budgets.reserve",
        subject=(Reservation._meta.label_lower, booking_id),
        ids={"cents": sum(row.amount_cents for row in rows), "pots": len(rows)},
    )
    return reservation_view(new)


def _lapse_first(states: Mapping[UUID, PotState], payee_id: UUID, *, at: datetime) -> None:
    """Let what has ended lapse before the next run does: a hold would count against it, and free as much."""
    day = local_date(at)
    if any(rules.lapsing(state.lots, state.available, day) for state in states.values()):
        posted = {lots.account(state.pot) for state in states.values()}
        posted |= {payable(payee_id, state.pot, at) for state in states.values()}
        let_ended_lapse(states, then_posted=posted, by=CALENDAR, at=at)


def _lines(
    of: Reservation,
    states: dict[UUID, PotState],
    lines: Sequence[tuple[UUID, Money]],
    has_halfway: bool,
) -> list[ReservationLine]:
    """One line for each pot and each milestone of its conditions."""
    rows = list[ReservationLine]()
    for pot_id, amount in lines:
        pot = states[pot_id].pot
        parts = Conditions.from_json(pot.conditions).parts(amount, has_halfway=has_halfway)
        for milestone, part in parts.items():
            name = f"{pot_id}" if milestone is Milestone.STARTED else f"{pot_id}.{milestone}"
            row = ReservationLine(
                pk=derived_id(of.pk, f"budgets.line.{name}"),
                reservation=of,
                pot=pot,
                milestone=milestone,
                position=len(rows),
                amount_cents=part.cents,
                hold=derived_id(of.pk, f"budgets.hold.{name}"),
            )
            rows.append(row)
    return rows


@transaction.atomic
def lock_to_reserve(pot_ids: Collection[UUID]) -> None:
    """Lock at once the pots of a booking, before promised money is put on one of them.

    In the order of their ids, as whoever reserves does.
    """
    lots.lock(pot_ids)


def _check(
    states: dict[UUID, PotState],
    wanted: dict[UUID, Money],
    person_id: UUID,
    facts: CourseFacts,
    *,
    work_related: bool,
    at: datetime,
) -> None:
    own = set(people.files_of(person_id))
    known = spend_facts(person_id, facts, on=local_date(at))
    room = _room(states.values(), own, known)
    for pot_id, amount in wanted.items():
        state = states.get(pot_id)
        if state is None or state.pot.person_id not in own:
            raise UnableToReserve("unknown_pot", pot=str(pot_id))
        conditions = Conditions.from_json(state.pot.conditions)
        if schemes.spending_refusals(conditions, course=known, work_related=work_related):
            raise UnableToReserve("not_usable", pot=str(pot_id))
        if amount.cents > state.usable(local_date(at)):
            raise UnableToReserve("insufficient_funds", pot=str(pot_id))
        room.take(state.pot.scheme, _steps(state.pot, known), amount.cents)
    for pot_id in wanted:  # what one may pay follows from what all of them pay
        pot = states[pot_id].pot
        if room.left(pot.scheme, _steps(pot, known)) < 0:
            raise UnableToReserve("more_than_it_pays", pot=str(pot_id))


def _room(states: Iterable[PotState], own: Collection[UUID], known: SpendFacts) -> Room:
    """Return what pots of these schemes may pay for a course.

    All versions that the person has money of count, as in the mix, whether or not they pay now.
    """
    schemes_named = {state.pot.scheme for state in states}
    pots = Pot.objects.filter(person__in=own, scheme__in=schemes_named)
    return Room((pot.scheme, _steps(pot, known)) for pot in pots)


def _steps(pot: Pot, known: SpendFacts) -> PayableSteps:
    conditions = Conditions.from_json(pot.conditions)
    return schemes.payable_steps(conditions, course=known) or PAYS_ALL


def _hold(row: ReservationLine, of: Reservation, kind: str, at: datetime) -> NewTransfer:
    return NewTransfer(
        key=row.hold,
        debit=lots.account(row.pot),
        credit=payable(of.payee_id, row.pot, at),
        amount=Money(row.amount_cents),
        kind=kind,
        occurred_on=local_date(at),
        group=of.pk,
        expires_at=of.expires_at,
    )


def payable(payee_id: UUID, pot: Pot, at: datetime) -> AccountRef:
    """Return the provider's payable account beside a pot."""
    return ledger.sub_account(
        kind=AccountKind.PROVIDER_PAYABLE, owner=payee_id, bucket=pot.account_bucket, at=at
    )


def _post(entries: Sequence[NewTransfer | HoldVoid], *, by: Actor, at: datetime) -> None:
    try:
        ledger.post(entries, by=by, at=at)
    except ledger.UnableToPost as error:
        if error.code == "insufficient_funds":
            raise UnableToReserve("insufficient_funds") from error
        raise


@transaction.atomic
def extend(*, booking_id: UUID, expires_at: datetime, by: Actor, at: datetime) -> ReservationView:
    """Keep what is still set aside until another moment; nothing is free in between.

    Each hold is voided and made anew in one group. Raises UnableToReserve (unknown_booking,
    not_reserved).
    """
    found, rows = locked(booking_id)
    if found.state != RESERVATION.initial:
        raise UnableToReserve("not_reserved")
    if found.expires_at == expires_at:
        return reservation_view(found)
    found.expires_at = expires_at
    entries: list[NewTransfer | HoldVoid] = []
    rows = still_held(rows)
    for row in rows:
        entries.append(void(row, at))
        row.hold = derived_id(row.hold, f"renewed.{expires_at.isoformat()}")
        entries.append(_hold(row, found, "renew", at))
    _post(entries, by=by, at=at)
    ReservationLine.objects.bulk_update(rows, ["hold"])
    found.save(update_fields=["expires_at"])
    audit.record(
        by=by,
        at=at,
        action="budgets.extend",
        subject=(Reservation._meta.label_lower, booking_id),
        fields=["expires_at"],
    )
    return reservation_view(found)


def void(row: ReservationLine, at: datetime) -> HoldVoid:
    """Return the entry that sets one line free."""
    return HoldVoid(
        hold=TransferRef(row.pot.account_bucket, row.hold),
        key=derived_id(row.hold, "void"),
        occurred_on=local_date(at),
    )


@transaction.atomic
def release(*, booking_id: UUID, with_grace: bool, by: Actor, at: datetime) -> ReservationView:
    """Set free what is still set aside for a booking; a booking that is free already stays so.

    `with_grace`: it comes back for a reason that is not the worker's (the provider said no, the
    course was cancelled) or by a right that may cost the worker nothing (withdrawal in its term);
    what is past its end then stays usable for the grace of its conditions.
    What the provider was paid at an earlier milestone stays spent.
    Raises UnableToReserve (unknown_booking, not_reserved when it was spent).
    """
    found, rows = locked(booking_id)
    if found.state == "released":
        return reservation_view(found)
    if found.state != RESERVATION.initial:
        raise UnableToReserve("not_reserved")
    held = still_held(rows)
    before = lots.lock([row.pot_id for row in held])
    ledger.post([void(row, at) for row in held], by=by, at=at)
    came_back(booking_id, found, before, with_grace=with_grace, at=at)
    event = "release" if len(held) == len(rows) else "free_rest"
    audit.move(found, event, by=by, at=at, lifecycle=RESERVATION)
    return reservation_view(found)


def locked(booking_id: UUID) -> tuple[Reservation, list[ReservationLine]]:
    """Return a booking's reservation and lines, locked; raises UnableToReserve without one."""
    found = Reservation.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if found is None:
        raise UnableToReserve("unknown_booking")
    rows = found.lines.select_related("pot").order_by("position")
    return found, list(rows)


def still_held(rows: Iterable[ReservationLine]) -> list[ReservationLine]:
    """Return the lines of an open reservation that were not spent at an earlier milestone."""
    return [row for row in rows if row.posting is None]


def came_back(
    key: UUID, of: Reservation, before: dict[UUID, PotState], *, with_grace: bool, at: datetime
) -> None:
    """Look again at the ends of pots to which money may have come back since `before`.

    What came back past its end lapses with the next run; with grace it gets a new last day, as
    many months from now as its conditions say.
    """
    day = local_date(at)
    for pot_id, now in lots.read([state.pot for state in before.values()]).items():
        late = rules.came_back_late(now.lots, before[pot_id].available, now.available, day)
        if late and with_grace:
            usable_until = lots.grace_until(now.pot, day)
            GraceLot.objects.create(
                pk=derived_id(key, f"budgets.grace.{pot_id}"),
                pot=now.pot,
                reservation=of,
                amount_cents=late,
                usable_until=usable_until,
                recorded_at=at,
            )
            lots.check_from([pot_id], usable_until + timedelta(days=1))
        elif late:
            lots.check_from([pot_id], day)
