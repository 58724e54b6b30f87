"""Requests after opening, for rounds where a law demands the order of arrival.

Everything that can be known without the pot is looked at in the thread of whoever asks. What needs
the pot is written for all who wait at once: see `single_writer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from threading import Lock
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.budgets.types import NewGrant
from eigenwijs.draws import published, reading, seeds, standing, telling
from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.operations import placing
from eigenwijs.draws.single_writer import SingleWriter, WaitedTooLong, WriterFailed
from eigenwijs.draws.types import Claim, RoundRules, RoundState, TicketView
from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy, in_time
from eigenwijs.notices import operations as notices
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Looked, Permission

WRITER = Actor.system("draws.claim_many")
MOST_AT_ONCE = 1_000
_MESSAGES = {
    "not_found": _("Deze ronde is er niet."),
    "not_open": _("Je kunt nu niets vragen in deze ronde. Kijk wanneer ze open is."),
    "may_not_enter": _("Deze ronde is niet voor jouw situatie."),
    "had_money": _(
        "Je kreeg dit jaar al geld uit deze regeling. Meer dan één keer per jaar kan niet."
    ),
    "wrong_amount": _("Vul een bedrag in van %(least)s tot en met %(most)s."),
    "sold_out": _("Er is niet genoeg geld meer in deze ronde voor wat je vraagt."),
    "answer_unknown": _(
        "We weten niet of je aanvraag gelukt is. Vraag het nog een keer: je krijgt nooit twee keer geld, "
        "en als het gelukt is, zie je dat."
    ),
    "withdrawn": _(
        "Je haalde je ticket uit de wachtkamer voor de ronde opende. Opnieuw vragen kan niet meer."
    ),
}


class UnableToClaim(DomainError):
    """Nothing was granted. Codes: not_found, not_open, may_not_enter, had_money, wrong_amount, sold_out,
    withdrawn.

    Nothing is kept of a refusal: whoever comes again after money came free may get it. And
    answer_unknown: the database went away, and whoever asks again finds what became of it.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


def claim(
    *, round_id: UUID, person_id: UUID, amount: Money | None = None, by: Actor, at: datetime
) -> TicketView:
    """Ask for money of a round that is served in order of arrival; return the ticket with its place.

    `amount` None is for rounds in which everybody gets the same. By the person, or by somebody of the
    desk whom they asked, which stands in their log. The answer is given once it stands in the database
    for good, so never call this inside a transaction. The key is the round and the person: whoever asks
    again, from another device or after a lost connection, finds the same answer. Raises UnableToClaim,
    NotPermitted, TooBusy.
    """
    with transaction.atomic(durable=True):
        pass  # an answer inside a transaction of the caller could still be undone
    asked = _checked(round_id, person_id, amount, by, at)
    if isinstance(asked, TicketView):
        return asked
    try:
        answer = _writer_of(round_id).answer(asked)
    except WaitedTooLong as error:
        raise UnableToClaim("answer_unknown") from error
    except WriterFailed as error:
        if isinstance(error.__cause__, TooBusy):
            raise TooBusy from error
        if isinstance(error.__cause__, OperationalError | InterfaceError):
            raise UnableToClaim("answer_unknown") from error
        raise
    if isinstance(answer, UnableToClaim):
        raise answer
    return answer


@in_time
def claim_many(
    *, round_id: UUID, claims: Sequence[Claim], at: datetime
) -> list[TicketView | UnableToClaim]:
    """Deal with requests in the order given, in one transaction: what fits is granted, the rest is passed over.

    One answer each, in their order. The requests were looked at as `claim` does. Who has a ticket already
    gets that; of two requests of one person the first counts. Send up to 1,000. Raises TooBusy.
    """
    of = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    if not reading.round_view(of).is_served(at):
        return [UnableToClaim("not_open") for _claim in claims]
    terms = published.read_rules(of.rules)
    firsts = _first_files(claims)
    known = _known(of, firsts)
    left = accounts.left_in_round(of.pk).cents
    fitting: dict[UUID, Claim] = {}
    served: list[UUID | None] = []
    for claim_ in claims:
        files = firsts.get(claim_.person_id)
        if files is None:  # nobody of ours; the others are served all the same
            served.append(None)
            continue
        first = files[0]
        has_answer = first in known or first in fitting
        if not has_answer and claim_.amount.cents <= left:
            fitting[first] = claim_
            left -= claim_.amount.cents
            has_answer = True
        served.append(first if has_answer else None)
    known |= _grant(fitting, of, terms, at)
    return [_answer(known.get(first) if first else None, terms) for first in served]


@in_time
def _checked(
    round_id: UUID, person_id: UUID, amount: Money | None, by: Actor, at: datetime
) -> Claim | TicketView:
    """Look at all that needs no lock: the answer there is already, whether anything is left, who asks."""
    if not access.can(by, Permission.ENTER_ROUNDS_FOR):
        access.require(by, Permission.ENTER_ROUNDS)
        access.require_own_file(by, person_id)
    of = Round.objects.filter(pk=round_id, serves_from__isnull=False).first()
    if of is None or not RoundState(of.state).is_public:
        raise UnableToClaim("not_found")
    access.look_at(person_id, what=Looked.ROUND, by=by, at=at)
    terms = published.read_rules(of.rules)
    files = people.files_of(person_id)
    if own := reading.tickets_of(files, of):
        answer = _answer(own[0], terms)
        if not isinstance(answer, UnableToClaim):
            return answer
        raise UnableToClaim("had_money") if standing.had_money(files[:1], terms) else answer
    if not reading.round_view(of).is_served(at):
        raise UnableToClaim("not_open")
    wanted = terms.most if amount is None else amount
    if (amount is None and not terms.is_fixed) or not terms.least <= wanted <= terms.most:
        least, most = wording.money(terms.least), wording.money(terms.most)
        raise UnableToClaim("wrong_amount", least=least, most=most)
    if accounts.left_in_round(round_id) < wanted:
        raise UnableToClaim("sold_out")
    if not standing.standings(files[:1], terms)[files[0]].may_enter:
        raise UnableToClaim("may_not_enter")
    if standing.had_money(files[:1], terms):
        raise UnableToClaim("had_money")
    return Claim(files[0], wanted, by, at)


def _first_files(claims: Sequence[Claim]) -> dict[UUID, list[UUID]]:
    return people.files_of_all({claim_.person_id for claim_ in claims})


def _known(of: Round, files: dict[UUID, list[UUID]]) -> dict[UUID, Ticket]:
    """The tickets that there are, by the first file of their person; one that counts before others."""
    firsts = {file: own[0] for own in files.values() for file in own}
    rows = Ticket.objects.filter(round=of, person__in=firsts).select_related("place")
    known: dict[UUID, Ticket] = {}
    for row in sorted(rows, key=reading.counts_first):
        known.setdefault(firsts[row.person_id], row)
    return known


def _answer(row: Ticket | None, terms: RoundRules) -> TicketView | UnableToClaim:
    if row is None:
        return UnableToClaim("sold_out")
    if row.withdrawn_at is not None:
        return UnableToClaim("withdrawn")
    return reading.ticket_view(row, terms)


def _grant(
    claims: dict[UUID, Claim], of: Round, terms: RoundRules, at: datetime
) -> dict[UUID, Ticket]:
    """Write requests, places, holds, messages and the trail; return the tickets by person."""
    if not claims:
        return {}
    last = local_date(at) + timedelta(days=terms.accept_days)
    expires_at = start_of_day(last + timedelta(days=1))
    places = [
        Place(
            pk=derived_id(ticket.pk, "draws.place"),
            ticket=ticket,
            cents=ticket.cents,
            offered_at=at,
            expires_at=expires_at,
        )
        for ticket in _tickets(claims, of, terms)
    ]
    credits_ = placing.credits_of(places, of, terms, local_date(at))
    fits = budgets.promise_what_fits(
        [NewGrant(credit, expires_at) for credit in credits_], round_id=of.pk, by=WRITER, at=at
    )
    granted = [place for place, fit in zip(places, fits, strict=True) if fit]
    copy_in(place.ticket for place in granted)
    copy_in(granted)
    audit.record_each(
        at=at,
        action="draws.ticket.claim",
        rows=[
            (
                claims[place.ticket.person_id].by,
                (Ticket._meta.label_lower, place.ticket_id),
                {"round": str(of.pk), "cents": place.cents, "arrival": place.ticket.arrival},
            )
            for place in granted
        ],
    )
    told = telling.places(granted, of, terms, "place_claimed")
    notices.tell_all(told, by=WRITER, at=at)
    return {place.ticket.person_id: place.ticket for place in granted}


def _tickets(claims: dict[UUID, Claim], of: Round, terms: RoundRules) -> list[Ticket]:
    (everyone,) = terms.groups
    came = Ticket.objects.filter(round=of).aggregate(last=Max("arrival"))["last"] or 0
    return [
        Ticket(
            pk=derived_id(of.pk, f"draws.ticket.{person_id}"),
            round=of,
            person_id=person_id,
            number=seeds.ticket_number(),
            cents=claim_.amount.cents,
            entered_at=claim_.at,
            group=everyone.id,
            losses=0,
            weight=everyone.weight,
            outcome="won",
            won_cents=claim_.amount.cents,
            arrival=arrival,
        )
        for arrival, (person_id, claim_) in enumerate(claims.items(), start=came + 1)
    ]


_making = Lock()


def _writer_of(round_id: UUID) -> SingleWriter[Claim, TicketView | UnableToClaim]:
    """Return the one writer of a round in this process."""
    with _making:
        return _made_writer(round_id)


@cache
def _made_writer(round_id: UUID) -> SingleWriter[Claim, TicketView | UnableToClaim]:
    return SingleWriter(partial(_write, round_id), most=MOST_AT_ONCE)


def _write(round_id: UUID, claims: Sequence[Claim]) -> list[TicketView | UnableToClaim]:
    return claim_many(round_id=round_id, claims=claims, at=max(claim_.at for claim_ in claims))
