"""Reading learning accounts. Nothing here writes; `access` says who may see what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from eigenwijs.budgets import lots, portable, rules
from eigenwijs.budgets.granted import hold_key as grant_hold_key
from eigenwijs.budgets.granted import left_in_round, prove_promises
from eigenwijs.budgets.history import statement, years
from eigenwijs.budgets.lapsed_sums import lapsed, people_of
from eigenwijs.budgets.lifecycle import RESERVATION
from eigenwijs.budgets.lots import PotState
from eigenwijs.budgets.models import (
    Credit,
    ExpectedCredit,
    Pot,
    Reservation,
    ReservationLine,
)
from eigenwijs.budgets.proof import prove
from eigenwijs.budgets.rules import Candidate
from eigenwijs.budgets.time_accounts import (
    days_to_answer,
    time_at_employer,
    time_balances,
    time_credit,
    time_of,
)
from eigenwijs.budgets.tracing import bookings_from, credits_into, pot_owners
from eigenwijs.budgets.types import (
    AccountView,
    CreditView,
    ExpectedView,
    Lot,
    Mix,
    MixLine,
    NewCredit,
    PotAnswer,
    PotView,
    Reason,
    ReservationView,
    ReservedLine,
)
from eigenwijs.catalogue.types import CourseFacts
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Conditions, Milestone, Refusal, SpendFacts, SpendMilestones

__all__ = [
    "account",
    "balances_under_scheme",
    "bookings_from",
    "credit",
    "credit_views",
    "credits_into",
    "credits_of",
    "days_to_answer",
    "ending_at_once",
    "export",
    "grant_hold_key",
    "hold_keys",
    "lapsed",
    "left_in_round",
    "mix",
    "people_of",
    "pot_owners",
    "prove",
    "prove_promises",
    "reservation",
    "reservation_view",
    "reservations",
    "spend_facts",
    "statement",
    "time_at_employer",
    "time_balances",
    "time_credit",
    "time_of",
    "to_credit",
    "years",
]

_STILL_TO_COME = Q(withdrawn_at=None, credited_cents__lt=F("amount_cents"))


def account(person_id: UUID, *, on: date) -> AccountView:
    """Return the learning account of a person on a day, over all files that are theirs."""
    pots = _pots(person_id, on)
    coming = _coming(person_id)
    return AccountView(
        person_id=person_id,
        available=sum_money(pot.available for pot in pots),
        reserved=sum_money(pot.reserved for pot in pots),
        expected=sum_money(one.amount for one in coming),
        pots=tuple(pots),
        coming=tuple(coming),
    )


def credit(credit_id: UUID) -> CreditView | None:
    """Return one credit with its reason, or None."""
    return credit_views([credit_id]).get(credit_id)


def credit_views(credit_ids: Collection[UUID]) -> dict[UUID, CreditView]:
    """Return credits by id; absent ones are left out."""
    rows = Credit.objects.filter(pk__in=credit_ids).select_related("pot", "pot__payer")
    return {row.pk: _credit_view(row) for row in rows}


def credits_of(person_id: UUID) -> list[CreditView]:
    """Return everything that was credited to a person, newest first."""
    rows = (
        Credit.objects.filter(pot__person__in=people.files_of(person_id))
        .select_related("pot", "pot__payer")
        .order_by("-occurred_on", "-pk")
    )
    return [_credit_view(row) for row in rows]


def conditions_of(pot_ids: Collection[UUID]) -> list[Conditions]:
    """Return the conditions on the money of each of these pots, in no order."""
    rows = Pot.objects.filter(pk__in=pot_ids).values_list("conditions", flat=True)
    return [Conditions.from_json(plain) for plain in rows]


def spend_facts(person_id: UUID, facts: CourseFacts, *, on: date) -> SpendFacts:
    """Return what is known when a person books a course on a day, about the course and about them."""
    return SpendFacts(
        price=facts.price,
        subjects=facts.subjects,
        is_online=facts.is_online,
        quality_marks=facts.quality_marks,
        course_kind=facts.kind.value,
        employed=people.is_employed(people.files_of(person_id), on=on),
    )


def mix(
    person_id: UUID,
    facts: CourseFacts,
    *,
    work_related: bool,
    on: date,
    price: Money | None = None,
    order: Sequence[UUID] = (),
    promised: Sequence[NewCredit] = (),
    freed: UUID | None = None,
) -> Mix:
    """Return which pots pay for a course, and what is left for the worker to pay.

    `price` None: the price of the course. The pots in `order` pay first, in that order; then
    those that the worker put in order before; then conditional pots, the earliest end, and free
    money. Money that was `promised` counts as if it were there; of one pot it is used last, in the
    order given. So does what is set aside for the booking `freed`, that of which the end is past, too: it
    would come back with grace.
    """
    wanted = facts.price if price is None else price
    pots = {pot.id: pot for pot in _pots(person_id, on, promised, freed)}
    known = spend_facts(person_id, facts, on=on)
    against = {
        pot.id: schemes.spending_refusals(pot.conditions, course=known, work_related=work_related)
        for pot in pots.values()
        if pot.available
    }
    usable = [_candidate(pots[pot_id], known) for pot_id, why in against.items() if not why]
    lines = tuple(
        MixLine(pots[pot_id], Money(cents))
        for pot_id, cents in rules.share_out(wanted.cents, rules.in_order(usable, order))
    )
    paid = sum_money(line.amount for line in lines)
    return Mix(
        lines=lines,
        from_account=paid,
        pay_yourself=wanted - paid,
        answers=tuple(_answer(pots[pot_id], why, lines, known) for pot_id, why in against.items()),
        accepts=tuple(_accepts(lines, promised)),
    )


def _accepts(lines: Iterable[MixLine], promised: Sequence[NewCredit]) -> Iterator[UUID]:
    for line in lines:
        coming = [one for one in promised if one.pot_id == line.pot.id]
        there = line.pot.available - sum_money(one.amount for one in coming)
        for one in coming:
            if line.amount <= there:
                break
            there += one.amount
            yield one.key


def to_credit(payer_id: UUID) -> Money:
    """Return what a payer paid in that is on nobody's account yet."""
    return ledger.balance_at_home(AccountKind.PAYER_CLEARING, payer_id).available


def balances_under_scheme(person_ids: Collection[UUID], scheme: str) -> dict[UUID, Money]:
    """Return what each person has under a scheme: available, reserved and expected together.

    Over all files of each person, for caps on a balance; zero for who has nothing. A handful of
    queries, however many people.
    """
    files = people.files_of_all(person_ids)
    owned = {file for own in files.values() for file in own}
    cents: dict[UUID, int] = defaultdict(int)
    pots = list(Pot.objects.filter(person__in=owned, scheme=scheme))
    balances = ledger.balances([lots.account(pot) for pot in pots])
    for pot in pots:
        cents[pot.person_id] += balances[lots.account(pot)].posted.cents
    coming = ExpectedCredit.objects.filter(_STILL_TO_COME, person__in=owned, scheme=scheme)
    for person_id, amount, arrived in coming.values_list(
        "person", "amount_cents", "credited_cents"
    ):
        cents[person_id] += amount - arrived
    return {
        person_id: Money(sum(cents[file] for file in files.get(person_id, ())))
        for person_id in person_ids
    }


def reservation(booking_id: UUID) -> ReservationView | None:
    """Return what is or was set aside for a booking, or None."""
    found = Reservation.objects.filter(pk=booking_id).first()
    return reservation_view(found) if found else None


def reservations(booking_ids: Collection[UUID]) -> dict[UUID, ReservationView]:
    """Return what is or was set aside for each of these bookings; absent ones are left out."""
    rows = Reservation.objects.filter(pk__in=booking_ids).prefetch_related("lines")
    return {row.pk: reservation_view(row) for row in rows}


def ending_at_once(booking_id: UUID, spent: Money, *, on: date) -> Money:
    """Return what would lapse at once if only `spent` of what is set aside for a booking was spent.

    That is the part of what comes back that is past its end. Zero where nothing is set aside.
    """
    found = Reservation.objects.filter(pk=booking_id, state=RESERVATION.initial).first()
    if found is None:
        return Money.zero()
    rows = list(found.lines.filter(posting=None).select_related("pot").order_by("position"))
    parts = rules.spend_lines(spent.cents, [row.amount_cents for row in rows])
    back: dict[UUID, int] = defaultdict(int)
    for row, part in zip(rows, parts, strict=True):
        back[row.pot_id] += row.amount_cents - part
    states = lots.read([row.pot for row in rows])
    return Money(
        sum(
            rules.came_back_late(state.lots, state.available, state.available + back[pot_id], on)
            for pot_id, state in states.items()
        )
    )


def milestones(pot_ids: Collection[UUID]) -> list[SpendMilestones]:
    """Return what these pots say of what a provider gets later; those that pay all at the start do not."""
    pots = Pot.objects.filter(pk__in=pot_ids).order_by("pk")
    found = (Conditions.from_json(pot.conditions).milestones for pot in pots)
    return [one for one in found if one]


def reservation_view(row: Reservation) -> ReservationView:
    """Return a reservation as callers get it. Private to the room."""
    return ReservationView(
        booking_id=row.pk,
        person_id=row.person_id,
        payee_id=row.payee_id,
        state=row.state,
        expires_at=row.expires_at,
        lines=tuple(
            ReservedLine(
                pot_id=line.pot_id,
                milestone=Milestone(line.milestone),
                amount=Money(line.amount_cents),
                spent=Money(line.spent_cents),
                refunded=Money(line.refunded_cents),
            )
            for line in sorted(row.lines.all(), key=lambda line: line.position)
        ),
    )


def export(person_id: UUID, *, on: date) -> dict[str, Any]:
    """Return everything of a person's learning account as plain values, to take along."""
    booked = Reservation.objects.filter(person__in=people.files_of(person_id))
    lines = statement(person_id)
    return portable.export(
        account(person_id, on=on),
        credits_of(person_id),
        lines,
        years(lines),
        [reservation_view(row) for row in booked.order_by("recorded_at", "pk")],
        time=time_of(person_id, on=on),
    )


def hold_keys() -> set[UUID]:
    """Return the keys of all holds that bookings own now, for the proof of the books."""
    lines = ReservationLine.objects.filter(
        reservation__state=RESERVATION.initial, posting__isnull=True
    )
    return set(lines.values_list("hold", flat=True))


def _pots(
    person_id: UUID,
    on: date,
    promised: Iterable[NewCredit] = (),
    freed: UUID | None = None,
) -> list[PotView]:
    """All pots of a person's files, in the order of the funding mix.

    With what is promised, and as if what is set aside for a booking came back with grace, if asked.
    """
    held: dict[UUID, int] = defaultdict(int)
    set_aside = ReservationLine.objects.filter(reservation=freed, posting=None) if freed else ()
    for line in set_aside:
        held[line.pot_id] += line.amount_cents
    coming: dict[UUID, list[NewCredit]] = defaultdict(list)
    for one in promised:
        coming[one.pot_id].append(one)
    # A pot for which money was only promised, from a round, is nobody's yet.
    has_money = Exists(Credit.objects.filter(pot=OuterRef("pk")))
    own = Pot.objects.filter(has_money | Q(pk__in=coming), person__in=people.files_of(person_id))
    rows = own.select_related("payer")
    views = {
        state.pot.pk: _pot_view(
            state.counting(coming[state.pot.pk]).without_hold(held[state.pot.pk], on), on
        )
        for state in lots.read(rows.order_by("pk")).values()
    }
    order = rules.in_order(_candidate(view) for view in views.values())
    return [views[one.pot_id] for one in order]


def _candidate(pot: PotView, known: SpendFacts | None = None) -> Candidate:
    """The pot as it could pay; for a course, where what is `known` of it is given."""
    conditions = pot.conditions
    steps = schemes.payable_steps(conditions, course=known) if known else None
    return Candidate(
        pot_id=pot.id,
        cents=pot.available.cents,
        is_conditional=bool(
            conditions.spend or conditions.payment_rules or conditions.work_related_only
        ),
        first_end=pot.lots[0].usable_until if pot.lots else None,
        rank=pot.rank,
        scheme=conditions.scheme,
        steps=steps or rules.PAYS_ALL,
    )


def _answer(
    pot: PotView, against: Sequence[Refusal], lines: Iterable[MixLine], known: SpendFacts
) -> PotAnswer:
    """What a pot can pay, beside what the money of other schemes pays."""
    conditions = pot.conditions
    others = sum_money(
        line.amount for line in lines if line.pot.conditions.scheme != conditions.scheme
    )
    own = schemes.own_contribution(conditions, course=known, others=others)
    missing = schemes.co_funding_refusal(conditions, course=known, others=others)
    if missing:
        against = [*against, missing]
    limits = [conditions.pays.text] if conditions.pays else []
    if own and own.amount:
        limits.append(own.text)
    return PotAnswer(
        pot=pot,
        usable=not against,
        refusals=tuple(against),
        most=schemes.most_payable(conditions, course=known, others=others),
        limits=tuple(limits),
        exempted=own.text if own and not own.amount else None,
    )


def _coming(person_id: UUID) -> list[ExpectedView]:
    rows = (
        ExpectedCredit.objects.filter(_STILL_TO_COME, person__in=people.files_of(person_id))
        .select_related("payer")
        .order_by("due_on", "pk")
    )
    return [
        ExpectedView(
            id=row.pk,
            payer_id=row.payer_id,
            payer_name=row.payer.name,
            amount=Money(row.amount_cents - row.credited_cents),
            due_on=row.due_on,
            conditions=Conditions.from_json(row.conditions),
            reason=Reason.from_json(row.reason),
        )
        for row in rows
    ]


def _pot_view(state: PotState, on: date) -> PotView:
    pot = state.pot
    conditions = Conditions.from_json(pot.conditions)
    left: dict[date | None, int] = {}
    for lot in state.left(on):
        left[lot.until] = left.get(lot.until, 0) + lot.cents
    return PotView(
        id=pot.pk,
        person_id=pot.person_id,
        payer_id=pot.payer_id,
        payer_name=pot.payer.name,
        title=conditions.title,
        conditions=conditions,
        available=Money(state.usable(on)),
        reserved=Money(state.reserved),
        lots=tuple(Lot(Money(cents), until) for until, cents in left.items()),
        rank=pot.rank,
        opened_at=pot.opened_at,
    )


def _credit_view(row: Credit) -> CreditView:
    conditions: dict[str, Any] = dict(row.pot.conditions)
    usable_until = row.usable_until or row.pot.ends_on
    conditions["expires_on"] = usable_until.isoformat() if usable_until else None
    return CreditView(
        id=row.pk,
        pot_id=row.pot_id,
        person_id=row.pot.person_id,
        payer_id=row.pot.payer_id,
        payer_name=row.pot.payer.name,
        amount=Money(row.amount_cents),
        taken_back=Money(row.taken_back_cents),
        occurred_on=row.occurred_on,
        usable_until=usable_until,
        correctable_until=row.correctable_until,
        conditions=Conditions.from_json(conditions),
        reason=Reason.from_json(row.reason),
    )
