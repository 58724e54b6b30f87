"""From rows to what callers get, and the files of a round. Private to the room."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Count, Sum
from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from eigenwijs.draws import published, rules
from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.rules import ClassName, ListedTicket
from eigenwijs.draws.types import (
    ClassLine,
    Outcome,
    PlaceState,
    PlaceView,
    RoundRules,
    RoundState,
    RoundView,
    TicketView,
)
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.pseudonyms import pseudonym

CHUNK = 10_000


def reference(number: int) -> str:
    """Return the creditor reference with which a payer pays for a round: RF, two digits, LOT and digits."""
    body = f"LOT{number:07d}"
    return str(iso11649.validate(f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"))


def round_view(row: Round) -> RoundView:
    """Return a round as callers get it."""
    return RoundView(
        id=row.pk,
        number=row.number,
        state=RoundState(row.state),
        rules=published.read_rules(row.rules),
        payer_id=row.payer_id,
        reference=reference(row.number),
        rules_sha256=rules.digest(row.rules),
        seed_sha256=json.loads(row.rules)["seed_sha256"],
        closes_at=row.closes_at,
        made_at=row.made_at,
        funded_at=row.funded_at,
        published_at=row.published_at,
        listed_at=row.listed_at,
        tickets_sha256=row.tickets_sha256,
        beacon_value=row.beacon_value,
        beacon_entered_at=row.beacon_entered_at,
        entered_by=pseudonym(row.beacon_entered_by) if row.beacon_entered_by else "",
        seed=row.seed,
        drawn_at=row.drawn_at,
        settled_at=row.settled_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_for=row.withdrawn_for,
    )


def listed_tickets(of: Round) -> Iterator[ListedTicket]:
    """Yield the tickets of a round that are in its list, by number."""
    rows = Ticket.objects.filter(round=of, withdrawn_at=None, arrival=None).order_by("number")
    for number, group, losses, weight, cents in rows.values_list(
        "number", "group", "losses", "weight", "cents"
    ).iterator(CHUNK):
        yield ListedTicket(number, group, losses or 0, weight or 1, cents)


def files(of: Round) -> dict[str, str]:
    """Return the files that a round has published so far, by name."""
    state = RoundState(of.state)
    if not state.is_public:
        return {}
    found = {published.RULES: of.rules}
    if of.listed_at:
        found[published.TICKETS] = published.tickets_text(listed_tickets(of))
    if of.listed_at and state.is_drawn:
        found[published.RESULT] = published.result_text(
            round_id=of.pk,
            rules_sha256=rules.digest(of.rules),
            tickets_sha256=of.tickets_sha256,
            listed_at=of.listed_at,
            beacon=(of.beacon_value, of.beacon_entered_at) if of.beacon_entered_at else None,
            seed=of.seed,
            outcome=_outcome(of),
        )
    if of.serves_from and state.is_drawn:
        found[published.ARRIVALS] = published.arrivals_text(_arrivals(of))
    return found


def _arrivals(of: Round) -> Iterator[tuple[int, str, int]]:
    rows = Ticket.objects.filter(round=of, arrival__isnull=False).order_by("arrival")
    for arrival, number, cents in rows.values_list("arrival", "number", "cents").iterator(CHUNK):
        yield arrival or 0, number, cents


def _outcome(of: Round) -> rules.Outcome:
    drawn = Ticket.objects.filter(round=of, outcome="won", arrival=None)
    won = drawn.values_list("number", "won_cents")
    reserve = Ticket.objects.filter(round=of, outcome="reserve").order_by("reserve_rank")
    return rules.Outcome(
        {number: cents or 0 for number, cents in won.iterator(CHUNK)},
        tuple(reserve.values_list("number", flat=True)),
    )


def class_lines(of: Round, rules_of: RoundRules) -> list[ClassLine]:
    """Return the classes of a round as they are listed, or would be if the window closed now."""
    counted: dict[ClassName, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    drawn = Ticket.objects.filter(round=of, withdrawn_at=None, arrival=None)
    rows = drawn.values("group", "losses", "outcome")
    for row in rows.annotate(tickets=Count("id"), asked=Sum("cents"), won=Sum("won_cents")):
        sums = counted[row["group"], row["losses"] or 0]
        has_won = row["outcome"] == Outcome.WON
        for place, value in enumerate(
            (row["tickets"], row["asked"], row["tickets"] if has_won else 0, row["won"] or 0)
        ):
            sums[place] += value
    joined = rules.joined_classes({one: sums[0] for one, sums in counted.items()}, rules_of.groups)
    together: dict[ClassName, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, sums in counted.items():
        place_sums = together[joined[name]]
        for place, value in enumerate(sums):
            place_sums[place] += value
    return lines(together, rules_of, is_drawn=RoundState(of.state).is_drawn)


def lines(
    sums: Mapping[ClassName, list[int]], of: RoundRules, *, is_drawn: bool
) -> list[ClassLine]:
    """Return one line a class, in the order of the rules; sums are tickets, asked, winners, won."""
    chances = rules.chances(
        {name: (one[0], one[1]) for name, one in sums.items()},
        pot_cents=of.pot.cents,
        groups=of.groups,
        carry_over=of.carry_over,
    )
    places = {group.id: place for place, group in enumerate(of.groups)}
    found = []
    for name in sorted(sums, key=lambda one: (places[one[0]], one[1])):
        tickets, asked, winners, won = sums[name]
        group = of.group(name[0])
        line = ClassLine(
            group=group,
            losses=name[1],
            weight=rules.weight(group, name[1], of.carry_over),
            tickets=tickets,
            asked=Money(asked),
            chance=chances[name],
            winners=winners if is_drawn else None,
            won=Money(won) if is_drawn else None,
        )
        found.append(line)
    return found


def place_view(row: Place) -> PlaceView:
    """Return a place as callers get it."""
    return PlaceView(
        id=row.pk,
        amount=Money(row.cents),
        state=PlaceState(row.state),
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
    )


def ticket_view(row: Ticket, of: RoundRules, chance: float | None = None) -> TicketView:
    """Return a ticket as its owner gets it; read its place with it (`select_related`)."""
    place = getattr(row, "place", None)
    return TicketView(
        id=row.pk,
        round_id=row.round_id,
        person_id=row.person_id,
        number=row.number,
        amount=Money(row.cents),
        entered_at=row.entered_at,
        withdrawn_at=row.withdrawn_at,
        group=of.group(row.group) if row.group else None,
        losses=row.losses or 0,
        weight=row.weight or 1,
        chance=chance,
        outcome=Outcome(row.outcome) if row.outcome else None,
        reserve_rank=row.reserve_rank,
        arrival=row.arrival,
        place=place_view(place) if place else None,
    )


def chance_of(row: Ticket, of: Round, rules_of: RoundRules) -> float | None:
    """Return the chance of a ticket's class as it stands, None where it has none or the draw is over."""
    if not row.group or row.withdrawn_at or row.outcome:
        return None
    sizes = {
        (group, losses or 0): count
        for group, losses, count in Ticket.objects.filter(round=of, withdrawn_at=None)
        .values_list("group", "losses")
        .annotate(Count("id"))
    }
    name = rules.joined_classes(sizes, rules_of.groups)[row.group, row.losses or 0]
    for line in class_lines(of, rules_of):
        if (line.group.id, line.losses) == name:
            return line.chance
    return None


def tickets_of(person_files: Collection[UUID], of: Round) -> list[Ticket]:
    """Return the tickets that files of one person have in a round, the one that counts first; hardly ever more."""
    rows = Ticket.objects.filter(round=of, person__in=person_files).select_related("place")
    return sorted(rows, key=counts_first)


def counts_first(row: Ticket) -> tuple[bool, bool, bool, str]:
    """Return the key by which, of a person's tickets in a round, the one that counts sorts first.

    That of the place that waits or was accepted, which is one; read the place with it (`select_related`).
    """
    place = getattr(row, "place", None)
    is_live = place is not None and place.state in (PlaceState.OFFERED, PlaceState.ACCEPTED)
    is_over = place is None or place_view(place).is_passed_on
    return row.withdrawn_at is not None, not is_live, is_over, row.number


def taken_days(scheme: str, *, apart_from: UUID | None = None) -> frozenset[date]:
    """Return the first days of the rounds of a scheme, but those that were dropped or withdrawn."""
    rows = Round.objects.filter(scheme=scheme).exclude(state__in=("discarded", "withdrawn"))
    rules_of = [published.read_rules(text) for text in rows.values_list("rules", flat=True)]
    return frozenset(one.first_day for one in rules_of if one.round_id != apart_from)
