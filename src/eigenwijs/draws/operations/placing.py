"""Won places: offered, accepted, declined or lapsed; and who then moves up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.budgets.types import NewCredit, NewGrant, Reason
from eigenwijs.draws import published, standing, telling
from eigenwijs.draws.lifecycle import PLACE, ROUND
from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.reading import place_view
from eigenwijs.draws.types import Fit, RoundRules
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.notices import operations as notices
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Looked, Permission, Role
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Conditions, Step

CHUNK = 500
REMIND_BEFORE = timedelta(days=7)
_MESSAGES = {
    "not_found": _("Deze plaats is er niet."),
    "too_late": _("De laatste dag om te antwoorden is voorbij."),
    "answered": _("Je hebt al geantwoord."),
    "had_money": _(
        "Je kreeg dit jaar al geld uit deze regeling. Meer dan één keer per jaar kan niet."
    ),
    "has_place": _(
        "Je hebt al een plek in deze ronde, want je rekeningen zijn samengevoegd. Iedereen krijgt één plek."
    ),
}


class UnableToAnswer(DomainError):
    """Nothing changed. Codes: not_found, too_late, answered, had_money, has_place."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


def offer(
    rows: Sequence[Ticket],
    of: Round,
    terms: RoundRules,
    *,
    kind: str = "round_won",
    by: Actor,
    at: datetime,
) -> None:
    """Give tickets a place: hold the money for each and tell them. Send a few hundred at a time."""
    if not rows:
        return
    last = local_date(at) + timedelta(days=terms.accept_days)
    places = [
        Place(
            pk=derived_id(row.pk, "draws.place"),
            ticket=row,
            cents=row.won_cents or row.cents,
            offered_at=at,
            expires_at=start_of_day(last + timedelta(days=1)),
        )
        for row in rows
    ]
    credits_ = credits_of(places, of, terms, local_date(at))
    grants = [
        NewGrant(credit, place.expires_at) for credit, place in zip(credits_, places, strict=True)
    ]
    budgets.promise_grants(grants, round_id=of.pk, by=by, at=at)
    Place.objects.bulk_create(places)
    notices.tell_all(telling.places(places, of, terms, kind), by=by, at=at)


@in_time
def accept_place(*, place_id: UUID, by: Actor, at: datetime) -> UUID:
    """Say yes to a won place: the money is on the learning account; return the id of its credit.

    By its winner, or by the desk that they asked, which stands in their log. Again changes nothing.
    Raises UnableToAnswer, NotPermitted, TooBusy.
    """
    place, of, terms = _own(place_id, by, at, also_desk=True)
    _lock_tickets([(place, terms)])
    _accept(place, of, terms, by=by, at=at)
    return place.pk


@transaction.atomic
def accept_places(
    *, place_ids: Collection[UUID], pot_ids: Collection[UUID], by: Actor, at: datetime
) -> None:
    """Say yes to one's won places by booking with them, in the transaction of the booking.

    `pot_ids` are all pots that the booking takes money from. Locked once and in this order: rounds
    with their places, tickets, then pots, so that a booking, a lapse and another booking of the same person
    wait for each other, never in a circle. Raises UnableToAnswer, NotPermitted.
    """
    rows = Place.objects.filter(pk__in=place_ids).order_by("ticket__round", "pk")
    ordered = list(rows.values_list("pk", flat=True))
    if len(ordered) < len(set(place_ids)):
        raise UnableToAnswer("not_found")
    own = [_own(place_id, by, at) for place_id in ordered]
    _lock_tickets([(place, terms) for place, _of, terms in own])
    budgets.lock_to_reserve(pot_ids)
    for place, of, terms in own:
        _accept(place, of, terms, by=by, at=at)


def _accept(place: Place, of: Round, terms: RoundRules, *, by: Actor, at: datetime) -> None:
    if place.state == "accepted":
        return
    _check_open(place, terms, at)
    files = people.files_of(place.ticket.person_id)
    given = Place.objects.filter(ticket__round=of, ticket__person__in=files, state="accepted")
    if given.exists():  # the round is locked: of two yeses at once the second sees the first
        raise UnableToAnswer("has_place")
    (credit,) = credits_of([place], of, terms, local_date(at))
    budgets.accept_grant(credit, round_id=of.pk, by=by, at=at)
    audit.move(place, "accept", by=by, at=at, lifecycle=PLACE, values={"answered_at": at})
    if standing.had_money([place.ticket.person_id], terms):
        raise UnableToAnswer("had_money")
    if terms.once_a_year:
        subject = ("people.person", people.surviving(place.ticket.person_id))
        audit.announce(by=by, at=at, event="money_given_once_a_year", subject=subject)


def _lock_tickets(own: Collection[tuple[Place, RoundRules]]) -> None:
    """Where a scheme gives once a year, lock all tickets in its rounds of who says yes, on all their files.

    Of two yeses at once, whoever paid the rounds, the second waits here and then sees the first.
    """
    once = [(place.ticket.person_id, terms.scheme) for place, terms in own if terms.once_a_year]
    if not once:
        return
    files = people.files_of_all({person_id for person_id, _scheme in once})
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).filter(
        person__in={file for own_files in files.values() for file in own_files},
        round__scheme__in={scheme for _person_id, scheme in once},
    )
    list(rows.order_by("pk").values_list("pk"))


@in_time
def decline_place(*, place_id: UUID, by: Actor, at: datetime) -> None:
    """Say no to a won place; who is next on the reserve list gets it. Again changes nothing.

    Only its winner can. Raises UnableToAnswer, NotPermitted, TooBusy.
    """
    place, of, terms = _own(place_id, by, at)
    if place.state == "declined":
        return
    _check_open(place, terms, at)
    budgets.withdraw_grants([place.pk], round_id=of.pk, by=by, at=at)
    audit.move(place, "decline", by=by, at=at, lifecycle=PLACE, values={"answered_at": at})
    move_up(of, terms, by=by, at=at)


def lapse_due(*, by: Actor, at: datetime) -> int:
    """Let every place lapse whose last day is past, and let others move up; return how many lapsed.

    In chunks, each in a transaction of its own.
    """
    due = Place.objects.filter(state=PLACE.initial, expires_at__lte=at)
    rounds = list(due.values_list("ticket__round", flat=True).distinct().order_by("ticket__round"))
    count = 0
    for round_id in rounds:
        while lapsed := _lapse_next(round_id, by=by, at=at):
            count += lapsed
    return count


@transaction.atomic
def _lapse_next(round_id: UUID, *, by: Actor, at: datetime) -> int:
    """Let the next chunk of a round's places lapse; who answers or books meanwhile waits for one chunk."""
    of = Round.objects.select_for_update().get(pk=round_id)
    terms = published.read_rules(of.rules)
    due = list(
        Place.objects.select_for_update(of=("self",))
        .filter(ticket__round=of, state=PLACE.initial, expires_at__lte=at)
        .select_related("ticket")
        .order_by("pk")[: CHUNK + 1]
    )
    if not due:
        return 0
    chunk = due[:CHUNK]
    budgets.withdraw_grants([one.pk for one in chunk], round_id=of.pk, by=by, at=at)
    for place in chunk:
        audit.move(place, "lapse", by=by, at=at, lifecycle=PLACE, values={"answered_at": at})
    notices.tell_all(telling.places(chunk, of, terms, "place_lapsed"), by=by, at=at)
    move_up(of, terms, more_follows=len(due) > CHUNK, by=by, at=at)
    return len(chunk)


def move_up(
    of: Round, terms: RoundRules, *, more_follows: bool = False, by: Actor, at: datetime
) -> None:
    """Offer what came free to the reserve list, in its order, whole requests only.

    The round is locked. Where the first of the list does not fit, `skip` looks further and the other
    rules wait until more comes free. With `more_follows` `skip` waits too, so that who moves up does
    not depend on how much comes free at once. Who had money of the scheme meanwhile, where that is given once
    a year, and who got a place here with a joined file, is passed over. Nothing after the last day of the list.
    """
    if local_date(at) > terms.reserve_until:
        return
    left = accounts.left_in_round(of.pk).cents
    chosen: list[Ticket] = []
    for row in _in_line(of, terms):
        if row.cents <= left:
            chosen.append(row)
            left -= row.cents
        elif more_follows or terms.fit is not Fit.SKIP:
            break
        if left < terms.least.cents:
            break
    for start in range(0, len(chosen), CHUNK):
        offer(chosen[start : start + CHUNK], of, terms, kind="place_moved_up", by=by, at=at)


def _in_line(of: Round, terms: RoundRules) -> Iterator[Ticket]:
    """Yield the reserve list in its order, one ticket a person, but who can get nothing of this round any more."""
    waiting = Ticket.objects.filter(round=of, outcome="reserve", place=None)
    rows = waiting.order_by("reserve_rank").iterator(CHUNK)
    seen: set[UUID] = set()
    while chunk := list(islice(rows, CHUNK)):
        files = people.files_of_all(row.person_id for row in chunk)
        passed_over = standing.had_money(files, terms) | standing.with_place(files, of)
        for row in chunk:
            first = files[row.person_id][0]
            if row.person_id not in passed_over and first not in seen:
                yield row
            seen.add(first)


@transaction.atomic
def remind_of_deadlines(*, by: Actor, at: datetime) -> int:
    """Tell winners once that a week is left to say yes; return how many."""
    due = list(
        Place.objects.select_for_update(of=("self",))
        .filter(
            state=PLACE.initial,
            reminded_at=None,
            expires_at__gt=at,
            expires_at__lte=at + REMIND_BEFORE,
        )
        .select_related("ticket__round")
        .order_by("ticket__round", "pk")  # as whoever books with them
    )
    by_round: dict[UUID, list[Place]] = {}
    for place in due:
        by_round.setdefault(place.ticket.round_id, []).append(place)
    for chunk in by_round.values():
        of = chunk[0].ticket.round
        told = telling.places(chunk, of, published.read_rules(of.rules), "place_ends_soon")
        notices.tell_all(told, by=by, at=at)
    Place.objects.filter(pk__in=[place.pk for place in due]).update(reminded_at=at)
    return len(due)


def settle_due(*, by: Actor, at: datetime) -> int:
    """Settle every round whose reserve list is past and whose places are answered; return how many.

    What nobody won goes back to the payer.
    """
    due = Round.objects.filter(state="drawn", reserve_until__lt=local_date(at)).order_by("pk")
    return sum(_settle(round_id, by=by, at=at) for round_id in due.values_list("pk", flat=True))


@transaction.atomic
def _settle(round_id: UUID, *, by: Actor, at: datetime) -> bool:
    of = Round.objects.select_for_update().get(pk=round_id)
    open_places = Place.objects.filter(ticket__round=of, state=PLACE.initial)
    if of.state != "drawn" or open_places.exists():
        return False
    left = pay_back(of, by=by, at=at)
    audit.move(
        of,
        "settle",
        by=by,
        at=at,
        lifecycle=ROUND,
        ids={"left_cents": left.cents},
        values={"settled_at": at},
    )
    return True


def pay_back(of: Round, *, by: Actor, at: datetime) -> Money:
    """Order that what nobody won goes back to the payer of a round, once; return how much it is."""
    return budgets.pay_left_over(
        key=derived_id(of.pk, "draws.left_over"),
        round_id=of.pk,
        payer_id=of.payer_id,
        reference=_left_over_words(of),
        by=by,
        at=at,
    )


@transaction.atomic
def left_over_came_back(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `order_rejected` and `order_returned`: what was left of a round is paid again."""
    of = Round.objects.filter(pk=UUID(str(event.ids["owner"]))).first()
    if of is None:
        return
    budgets.pay_left_over_again(
        key=derived_id(of.pk, f"draws.left_over.{event.id}"),
        round_id=of.pk,
        payer_id=of.payer_id,
        amount=Money(int(event.ids["cents"] or 0)),
        reference=_left_over_words(of),
        by=by,
        at=at,
    )


def _left_over_words(of: Round) -> str:
    return f"Eigenwijs, over van ronde {of.number}"


def _own(
    place_id: UUID, by: Actor, at: datetime, *, also_desk: bool = False
) -> tuple[Place, Round, RoundRules]:
    """The actor's own place, or for the desk anybody's, and its round; both locked, the round first."""
    is_desk = also_desk and by.role == Role.DESK and access.can(by, Permission.ENTER_ROUNDS_FOR)
    if not is_desk:
        access.require(by, Permission.ENTER_ROUNDS)
    found = Place.objects.filter(pk=place_id).values_list("ticket__round", flat=True).first()
    if found is None:
        raise UnableToAnswer("not_found")
    of = Round.objects.select_for_update().get(pk=found)
    rows = Place.objects.select_for_update(of=("self",)).select_related("ticket")
    place = rows.get(pk=place_id)
    if is_desk:
        access.look_at(place.ticket.person_id, what=Looked.ROUND, by=by, at=at)
    elif not access.is_own_file(by, place.ticket.person_id):
        raise UnableToAnswer("not_found")
    return place, of, published.read_rules(of.rules)


def _check_open(place: Place, terms: RoundRules, at: datetime) -> None:
    if place_view(place).is_passed_on:
        had = standing.had_money([place.ticket.person_id], terms)
        raise UnableToAnswer("had_money" if had else "has_place")
    if place.state != PLACE.initial:
        raise UnableToAnswer("too_late" if place.state == "lapsed" else "answered")
    if at >= place.expires_at:
        raise UnableToAnswer("too_late")


def credits_of(places: Sequence[Place], of: Round, terms: RoundRules, on: date) -> list[NewCredit]:
    """Return the credits that places become if they are accepted on a day. Won money is never corrected.

    Figures of the scheme are those of the day of the offer, for which money is held; its end counts from the yes.
    """
    born: dict[UUID, date] = {}
    if schemes.ends_at_age(terms.scheme_hash):
        born = people.birth_dates({place.ticket.person_id for place in places})

    @cache
    def conditions(birth_date: date | None, offered_on: date) -> Conditions:
        as_offered, as_accepted = (
            schemes.conditions(
                version_hash=terms.scheme_hash,
                credited_on=day,
                reverts_to=of.payer_id,
                birth_date=birth_date,
            )
            for day in (offered_on, on)
        )
        end = as_accepted.expires_on
        return replace(as_offered, expires_on=end, correctable_for_days=None)

    return [
        _credit(
            place,
            of,
            terms,
            conditions(born.get(place.ticket.person_id), local_date(place.offered_at)),
            on,
        )
        for place in places
    ]


def _credit(
    place: Place, of: Round, terms: RoundRules, conditions: Conditions, on: date
) -> NewCredit:
    way = "won_by_lot" if place.ticket.arrival is None else "came_in_time"
    step = Step(way, {"ticket": place.ticket.number, "round": dict(terms.title)})
    return NewCredit(
        key=place.pk,
        person_id=place.ticket.person_id,
        payer_id=of.payer_id,
        amount=Money(place.cents),
        conditions=conditions,
        reason=Reason(
            scheme=terms.scheme,
            version_hash=terms.scheme_hash,
            article="",
            period=str(Period.containing(terms.opens_on, PeriodKind.MONTH)),
            steps=(step,),
            sources={"round": str(of.pk), "ticket": str(place.ticket_id)},
        ),
        occurred_on=on,
        group=place.pk,
    )
