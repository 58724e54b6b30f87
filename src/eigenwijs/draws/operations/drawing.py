"""The window closes, the beacon falls, the seed is revealed: in this order and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.draws import published, reading, rules, seeds, standing, telling
from eigenwijs.draws.lifecycle import ROUND
from eigenwijs.draws.models import Round, Ticket
from eigenwijs.draws.operations.placing import move_up, offer
from eigenwijs.draws.rules import ClassName, Outcome
from eigenwijs.draws.types import RoundRules
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.errors import DomainError
from eigenwijs.notices import operations as notices
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission

_CHUNK = 500
_MOST_CHARACTERS = 200
_MESSAGES = {
    "not_found": _("Deze ronde is er niet."),
    "window_open": _("De ronde is nog open. Het kan pas als niemand meer mee kan doen."),
    "not_listed": _("De lijst met tickets is nog niet gepubliceerd. Dat komt eerst."),
    "no_beacon": _("Deze ronde heeft geen openbaar getal."),
    "not_fallen": _("Het openbare getal is nog niet gevallen. Wacht tot het er is."),
    "wrong_value": _(
        "Vul het openbare getal in, precies zoals het gepubliceerd is, zonder spaties."
    ),
    "beacon_missing": _("Vul eerst het openbare getal in."),
    "wrong_state": _("Dit is al gebeurd, of het kan nu niet."),
}

_SET_CLASSES = """
UPDATE draws_ticket AS ticket SET "group" = listed.class, losses = listed.losses, weight = listed.weight
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[]) AS listed (id, class, losses, weight)
WHERE ticket.id = listed.id
"""
_SET_OUTCOMES = """
UPDATE draws_ticket AS ticket
SET outcome = drawn.outcome, won_cents = drawn.cents, reserve_rank = drawn.place
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::int[]) AS drawn (number, outcome, cents, place)
WHERE ticket.number = drawn.number AND ticket.round_id = %s
"""


class UnableToDraw(DomainError):
    """Nothing changed. Codes: not_found, window_open, not_listed, no_beacon, not_fallen, wrong_value,
    beacon_missing, wrong_state."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


def list_due(*, by: Actor, at: datetime) -> int:
    """Publish the list of every round whose window has closed; return how many."""
    due = Round.objects.filter(state="published", closes_at__lte=at).order_by("closes_at", "pk")
    waiting = list(due.values_list("pk", flat=True))
    for round_id in waiting:
        list_tickets(round_id=round_id, by=by, at=at)
    return len(waiting)


def open_due(*, by: Actor, at: datetime) -> int:
    """Draw the order of everyone who waits in rounds whose moment of opening has come; return how many.

    Rounds that are served in order of arrival open by themselves; one whose beacon is not typed in yet
    waits for it. Raises NotPermitted.
    """
    ready = Q(state="fallen") | Q(state="listed", falls_at=None)
    due = Round.objects.filter(ready, serves_from__lte=at).order_by("serves_from", "pk")
    opened = 0
    for round_id in due.values_list("pk", flat=True):
        try:
            reveal(round_id=round_id, by=by, at=at)
        except UnableToDraw as refusal:
            if refusal.code != "wrong_state":  # somebody drew it at this very moment
                raise
        else:
            opened += 1
    return opened


@transaction.atomic
def list_tickets(*, round_id: UUID, by: Actor, at: datetime) -> None:
    """Close a round whose window is over: classes and weights, and the list with its hash.

    Of two tickets of one person (their files were joined meanwhile) one counts. Raises UnableToDraw
    (not_found, window_open, wrong_state), NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    of = _locked(round_id)
    if of.state != "published":
        raise UnableToDraw("wrong_state")
    if at < of.closes_at:
        raise UnableToDraw("window_open")
    terms = published.read_rules(of.rules)
    _one_a_person(of, terms, by=by, at=at)
    _set_classes(of, terms)
    text = published.tickets_text(reading.listed_tickets(of))
    audit.move(
        of,
        "list",
        by=by,
        at=at,
        lifecycle=ROUND,
        ids={"tickets": text.count("\n") - 1},
        values={"listed_at": at, "tickets_sha256": rules.digest(text)},
    )


@transaction.atomic
def enter_beacon(*, round_id: UUID, value: str, by: Actor, at: datetime) -> None:
    """Write down the value of the beacon, once, by a person. It is never fetched.

    Raises UnableToDraw (not_found, no_beacon, not_listed, not_fallen, wrong_value, wrong_state),
    NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    if by.kind is not ActorKind.PERSON:
        raise access.NotPermitted
    of = _locked(round_id)
    if of.falls_at is None:
        raise UnableToDraw("no_beacon")
    if of.state == "published":
        raise UnableToDraw("not_listed")
    if of.state != "listed":
        raise UnableToDraw("wrong_state")
    if at < of.falls_at:
        raise UnableToDraw("not_fallen")
    plain = value.strip()
    is_plain = plain.isascii() and plain.isprintable() and " " not in plain and ":" not in plain
    if not 0 < len(plain) <= _MOST_CHARACTERS or not is_plain:
        raise UnableToDraw("wrong_value")
    audit.move(
        of,
        "enter_beacon",
        by=by,
        at=at,
        lifecycle=ROUND,
        values={
            "beacon_value": plain,
            "beacon_entered_at": at,
            "beacon_entered_by": by.person_id,
        },
    )


@transaction.atomic
def reveal(*, round_id: UUID, by: Actor, at: datetime) -> None:
    """Reveal the seed, draw, hold the money for each winner and tell everyone.

    Who won but got money since the list, where one a year is all, gets no place: it goes to the reserve list.
    Who has several tickets, as their files were joined since, gets what the best of them gave.
    Raises UnableToDraw (not_found, not_listed, beacon_missing, wrong_state), NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    of = _locked(round_id)
    if of.state == "published":
        raise UnableToDraw("not_listed")
    if of.state == "listed" and of.falls_at is not None:
        raise UnableToDraw("beacon_missing")
    if of.state not in ("listed", "fallen"):
        raise UnableToDraw("wrong_state")
    terms = published.read_rules(of.rules)
    seed = seeds.reveal(of)
    outcome = rules.draw(
        reading.listed_tickets(of),
        pot_cents=terms.pot.cents,
        groups=terms.groups,
        fit=terms.fit,
        reserve_places=terms.reserve_places,
        seed=seed,
        beacon=of.beacon_value,
    )
    _set_outcomes(of, outcome)
    audit.move(
        of,
        "draw",
        by=by,
        at=at,
        lifecycle=ROUND,
        ids={"winners": len(outcome.won), "cents": sum(outcome.won.values())},
        values={"seed": seed, "drawn_at": at},
    )
    tickets = Ticket.objects.filter(round=of).exclude(outcome="").order_by("number")
    had = standing.had_money(
        tickets.exclude(outcome="lost").values_list("person", flat=True), terms
    )
    doubles = standing.doubles(of)
    for rows in _chunks(tickets.iterator(_CHUNK)):
        chunk = [row for row in rows if row.pk not in doubles]
        served = [row for row in chunk if row.outcome == "lost" or row.person_id not in had]
        offer([row for row in served if row.outcome == "won"], of, terms, by=by, at=at)
        told = telling.results(served, of, terms)
        told += telling.had_money([row for row in chunk if row not in served], of, terms)
        notices.tell_all(told, by=by, at=at)
    if had or doubles:
        move_up(of, terms, by=by, at=at)


def _locked(round_id: UUID) -> Round:
    of = Round.objects.select_for_update().filter(pk=round_id).first()
    if of is None:
        raise UnableToDraw("not_found")
    return of


def _one_a_person(of: Round, terms: RoundRules, *, by: Actor, at: datetime) -> None:
    """Of several tickets of one person the one with the lowest number counts; it is as random as all.

    None of who got money meanwhile in another round, where one a year is all; they are told.
    """
    rows = Ticket.objects.filter(round=of, withdrawn_at=None).order_by("number")
    tickets = list(rows.values_list("pk", "person"))
    files = people.files_of_all(person for _ticket, person in tickets)
    had = standing.had_money(files, terms)
    seen = {files[person][0] for person in had}
    doubles = []
    for ticket, person in tickets:
        first = files[person][0]
        if first in seen:
            doubles.append(ticket)
        seen.add(first)
    left_out = Ticket.objects.filter(pk__in=doubles, person__in=had)
    notices.tell_all(telling.had_money(left_out, of, terms), by=by, at=at)
    Ticket.objects.filter(pk__in=doubles).update(withdrawn_at=at)


def _set_classes(of: Round, terms: RoundRules) -> None:
    """Look once more at everyone's group and bad luck, and join the classes that are too small."""
    rows = Ticket.objects.filter(round=of, withdrawn_at=None).order_by("pk")
    persons = dict(rows.values_list("pk", "person"))
    standings = standing.standings(persons.values(), terms)
    lost = standing.losses(persons.values(), of)
    own: dict[UUID, ClassName] = {
        ticket: (standings[one].group.id, min(lost.get(one, 0), terms.carry_over.most))
        for ticket, one in persons.items()
    }
    sizes: dict[ClassName, int] = {}
    for name in own.values():
        sizes[name] = sizes.get(name, 0) + 1
    joined = rules.joined_classes(sizes, terms.groups)
    weights = {
        name: rules.weight(terms.group(name[0]), name[1], terms.carry_over)
        for name in joined.values()
    }
    listed = [(ticket, joined[name]) for ticket, name in own.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_CLASSES,
            [
                [ticket for ticket, _name in listed],
                [name[0] for _ticket, name in listed],
                [name[1] for _ticket, name in listed],
                [weights[name] for _ticket, name in listed],
            ],
        )


def _set_outcomes(of: Round, outcome: Outcome) -> None:
    Ticket.objects.filter(round=of, withdrawn_at=None).update(outcome="lost")
    won = [(number, "won", cents, None) for number, cents in outcome.won.items()]
    reserve = [
        (number, "reserve", None, place) for place, number in enumerate(outcome.reserve, start=1)
    ]
    drawn: list[tuple[str, str, int | None, int | None]] = [*won, *reserve]
    with connection.cursor() as cursor:
        cursor.execute(_SET_OUTCOMES, [*([row[i] for row in drawn] for i in range(4)), of.pk])


def _chunks(rows: Iterator[Ticket]) -> Iterator[Sequence[Ticket]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
