"""Reading rounds, tickets and places. Nothing here writes; `access` says who may see what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import agreed, published, reading, standing, trials, verify_draw
from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.operations.placing import credits_of
from eigenwijs.draws.types import (
    AgreedTerms,
    ClassLine,
    OpenPlace,
    Outcome,
    OwnRound,
    PlaceCounts,
    PlaceState,
    RoundRules,
    RoundState,
    RoundView,
    Standing,
    TicketView,
    Trial,
)
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.types import Breach
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView

__all__ = [
    "agreed_terms",
    "agreed_windows",
    "archive",
    "dry_run",
    "dry_run_on_list",
    "export",
    "files",
    "granted_on_arrival",
    "groups_now",
    "hold_keys",
    "is_sold_out",
    "open_places",
    "open_places_of",
    "place_counts",
    "prove",
    "published_rounds",
    "round_",
    "rounds",
    "rounds_of",
    "ticket_of",
    "verifier",
    "verify",
]


_BEFORE_SETTLED = (RoundState.PUBLISHED, RoundState.LISTED, RoundState.FALLEN, RoundState.DRAWN)


def rounds() -> list[RoundView]:
    """Return all rounds, the newest first."""
    return [reading.round_view(row) for row in Round.objects.order_by("-number")]


def published_rounds() -> list[RoundView]:
    """Return the rounds that everyone may see, the newest first."""
    rows = Round.objects.exclude(state__in=("draft", "discarded")).order_by("-number")
    return [reading.round_view(row) for row in rows]


def round_(round_id: UUID) -> RoundView | None:
    """Return one round, or None."""
    row = Round.objects.filter(pk=round_id).first()
    return reading.round_view(row) if row else None


def agreed_windows(on: date) -> list[AgreedTerms]:
    """Return the windows of schemes that are law then, still to come after a day, and have no round yet."""
    found = []
    for version in schemes.all_versions():
        settled = agreed.windows(version) if version.valid_from else ()
        taken = reading.taken_days(version.scheme) if settled else frozenset()
        for one in settled:
            is_open = one.first_day > on and one.first_day not in taken
            if is_open and _is_law(version, one.first_day):
                found.append(one)
    return sorted(found, key=lambda one: (one.first_day, one.scheme))


def agreed_terms(of: RoundRules) -> AgreedTerms | None:
    """Return what the scheme of a round settles in its window; None where it leaves rounds free."""
    version = schemes.version_in_force(of.scheme, of.opens_on)
    return agreed.window(of, agreed.windows(version))


def _is_law(version: SchemeVersionView, on: date) -> bool:
    try:
        return schemes.version_in_force(version.scheme, on).hash == version.hash
    except schemes.UnableToFindVersion:
        return False


def groups_now(round_id: UUID) -> list[ClassLine]:
    """Return the classes of a round: tickets, chance, and after the draw who won what."""
    row = Round.objects.get(pk=round_id)
    return reading.class_lines(row, published.read_rules(row.rules))


def place_counts(round_id: UUID) -> PlaceCounts:
    """Return what became of a round's places, and what is left of its money."""
    rows = Place.objects.filter(ticket__round=round_id).values_list("state").annotate(Count("id"))
    counts = dict(rows)
    return PlaceCounts(
        offered=counts.get("offered", 0),
        accepted=counts.get("accepted", 0),
        declined=counts.get("declined", 0),
        lapsed=counts.get("lapsed", 0),
        left=budgets.left_in_round(round_id),
    )


def open_places(round_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the places of a round that wait for a yes, each with its person."""
    rows = Place.objects.filter(ticket__round=round_id, state=PlaceState.OFFERED)
    return list(rows.order_by("pk").values_list("pk", "ticket__person"))


def open_places_of(person_id: UUID, *, at: datetime) -> list[OpenPlace]:
    """Return the places that a person can say yes to at a moment, the first that ends first.

    One a round, and none once they said yes there with a file that was joined. Where a scheme gives money
    once a year: none once they had it, and of several the first.
    """
    files = people.files_of(person_id)
    own = Place.objects.filter(ticket__person__in=files)
    seen = set(own.filter(state=PlaceState.ACCEPTED).values_list("ticket__round", flat=True))
    rows = own.filter(state=PlaceState.OFFERED, expires_at__gt=at)
    found = []
    years: set[tuple[str, int]] = set()
    for row in rows.select_related("ticket__round").order_by("expires_at", "pk"):
        of = row.ticket.round
        if of.pk in seen:
            continue
        terms = published.read_rules(of.rules)
        if terms.once_a_year:
            year = (terms.scheme, terms.first_day.year)
            if year in years or standing.had_money([person_id], terms):
                continue
            years.add(year)
        seen.add(of.pk)
        (credit,) = credits_of([row], of, terms, local_date(at))
        found.append(OpenPlace(row.pk, of.pk, terms.title, terms.payer, row.expires_at, credit))
    return found


def files(round_id: UUID) -> dict[str, str]:
    """Return the files that a round has published so far, by name; none before it is published."""
    row = Round.objects.filter(pk=round_id).first()
    return reading.files(row) if row else {}


def archive(round_id: UUID) -> bytes | None:
    """Return all files of a round that was drawn, as one .zip; None before."""
    found = files(round_id)
    return published.archive(found) if published.RESULT in found else None


def verifier() -> str:
    """Return the text of the stand-alone script that recomputes winners."""
    return Path(verify_draw.__file__).read_text(encoding="utf-8")


def ticket_of(person_id: UUID, round_id: UUID) -> TicketView | None:
    """Return a person's ticket in a round, whichever of their files has it; None without."""
    row = Round.objects.filter(pk=round_id).first()
    own = reading.tickets_of(people.files_of(person_id), row) if row else []
    if row is None or not own:
        return None
    rules_of = published.read_rules(row.rules)
    return reading.ticket_view(own[0], rules_of, reading.chance_of(own[0], row, rules_of))


def rounds_of(person_id: UUID, *, at: datetime) -> list[OwnRound]:
    """Return the rounds that a person is in, or can enter or ask from now or later; no chances.

    The newest first.
    """
    files = people.files_of(person_id)
    tickets: dict[UUID, Ticket] = {}
    rows = Ticket.objects.filter(person__in=files).select_related("place")
    for row in sorted(rows, key=reading.counts_first):
        tickets.setdefault(row.round_id, row)
    shown = Q(state=RoundState.PUBLISHED, closes_at__gt=at) | Q(pk__in=tickets)
    shown |= Q(
        state__in=_BEFORE_SETTLED, serves_from__isnull=False, reserve_until__gte=local_date(at)
    )
    found = []
    for of in Round.objects.filter(shown).order_by("-number"):
        view, ticket = reading.round_view(of), tickets.get(of.pk)
        if ticket and ticket.group:
            where = Standing(may_enter=True, group=view.rules.group(ticket.group))
        else:
            where = standing.standings(files[:1], view.rules)[files[0]]
        if ticket or where.may_enter:
            own = reading.ticket_view(ticket, view.rules) if ticket else None
            had = _waits(own) and bool(standing.had_money(files[:1], view.rules))
            is_served = view.is_served(at)
            can_ask = is_served and own is None and not had and not is_sold_out(view)
            is_open = view.is_open(at) and not had
            found.append(OwnRound(view, own, where, is_open, is_served, can_ask, had))
    return found


def _waits(own: TicketView | None) -> bool:
    """Whether a round could still give somebody money, or could but for what they had already."""
    if own and own.place:
        return own.place.state is PlaceState.OFFERED or own.place.is_passed_on
    return own is None or own.outcome is not Outcome.LOST


def is_sold_out(of: RoundView) -> bool:
    """Return whether not even the smallest request fits any more. Locks nothing."""
    return budgets.left_in_round(of.id) < of.rules.least


def granted_on_arrival(round_id: UUID) -> tuple[int, Money]:
    """Return how many requests were granted in order of arrival, and how much they ask together."""
    rows = Ticket.objects.filter(round=round_id, arrival__isnull=False)
    sums = rows.aggregate(count=Count("id"), cents=Sum("cents"))
    return sums["count"], Money(sums["cents"] or 0)


def dry_run(of: RoundRules, past_round_id: UUID) -> list[ClassLine]:
    """Draw once by rules that may be a draft's among the people and amounts of a round that is past.

    With a seed that is thrown away. Each past ticket is put in the group that these rules give its
    owner; amounts outside what may be asked now are asked as near as may be. Bad luck starts at none.
    """
    past = list(
        Ticket.objects.filter(round=past_round_id, withdrawn_at=None, arrival=None)
        .order_by("number")
        .values_list("number", "person", "cents")
    )
    standings = standing.standings([person for _number, person, _cents in past], of)
    entries = [
        trials.Entry(
            number, standings[person].group.id, 0, min(max(cents, of.least.cents), of.most.cents)
        )
        for number, person, cents in past
        if standings[person].may_enter
    ]
    return trials.draw_once(of, entries)


def dry_run_on_list(of: RoundRules, content: bytes) -> Trial:
    """Draw once by rules that may be a draft's among the tickets of a file (class, amount).

    With a seed that is thrown away; nothing is kept. With any fault there are no lines.
    """
    entries, faults = trials.read_list(content, of)
    return Trial(() if faults else tuple(trials.draw_once(of, entries)), tuple(faults))


def hold_keys() -> set[UUID]:
    """Return the keys of all holds that places own now, for the proof of the books."""
    offered = Place.objects.filter(state=PlaceState.OFFERED).values_list("pk", flat=True)
    return {budgets.grant_hold_key(key) for key in offered}


def prove() -> list[Breach]:
    """Return every place whose hold or credit, and every round whose money, differs from the books."""
    offered = Place.objects.filter(state=PlaceState.OFFERED).values_list("pk", "cents")
    promised = {key: Money(cents) for key, cents in offered}
    return list(chain(budgets.prove_promises(promised), _accepted(), _left()))


def _accepted() -> Iterator[Breach]:
    rows = Place.objects.filter(state=PlaceState.ACCEPTED).order_by("pk")
    amounts = dict(rows.values_list("pk", "cents"))
    keys = list(amounts)
    for start in range(0, len(keys), reading.CHUNK):
        chunk = keys[start : start + reading.CHUNK]
        credited = budgets.credit_views(chunk)
        for key in chunk:
            if key not in credited or credited[key].amount.cents != amounts[key]:
                yield Breach("grant_differs", f"{amounts[key]} cents were accepted", None, key)


def _left() -> Iterator[Breach]:
    """The pot of a round is what was paid for it, minus what is promised and what was accepted."""
    taken = dict(
        Place.objects.filter(state__in=(PlaceState.OFFERED, PlaceState.ACCEPTED))
        .values_list("ticket__round")
        .annotate(Sum("cents"))
    )
    for row in Round.objects.exclude(funded_at=None):
        is_paid_back = row.state in (
            RoundState.SETTLED,
            RoundState.WITHDRAWN,
            RoundState.DISCARDED,
        )
        expected = 0 if is_paid_back else row.pot_cents - taken.get(row.pk, 0)
        left = budgets.left_in_round(row.pk).cents
        if left != expected:
            yield Breach(
                "round_differs", f"{expected} cents should be left, {left} are", None, row.pk
            )


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Return a person's tickets and places as plain values, to take along."""
    rows = Ticket.objects.filter(person__in=people.files_of(person_id))
    found = []
    for row in rows.select_related("round", "place").order_by("entered_at", "id"):
        of = published.read_rules(row.round.rules)
        place = getattr(row, "place", None)
        found.append(
            {
                "id": str(row.pk),
                "round": str(row.round_id),
                "title": dict(of.title),
                "payer": of.payer,
                "ticket": row.number,
                "cents": row.cents,
                "entered_at": row.entered_at.isoformat(),
                "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
                "group": row.group,
                "earlier_rounds_in_vain": row.losses,
                "weight": row.weight,
                "outcome": row.outcome,
                "won_cents": row.won_cents,
                "reserve_rank": row.reserve_rank,
                "arrival": row.arrival,
                "place": {
                    "id": str(place.pk),
                    "cents": place.cents,
                    "state": place.state,
                    "offered_at": place.offered_at.isoformat(),
                    "until": place.expires_at.isoformat(),
                    "answered_at": place.answered_at.isoformat() if place.answered_at else None,
                }
                if place
                else None,
            }
        )
    return found


def verify(path: Path) -> tuple[list[str], list[str]]:
    """Recompute the winners from a round's published files: return (faults, remarks).

    By the same stand-alone script that the round's page offers. Raises OSError, ValueError, KeyError,
    TypeError or zipfile.BadZipFile where the file is none of a round.
    """
    return verify_draw.verify(*verify_draw.read(str(path)))
