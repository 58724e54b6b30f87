"""Reading across all rooms, under pseudonyms. Callers check the permission; nothing here writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from eigenwijs.audit import queries as audit
from eigenwijs.audit.types import Subject, TrailRow
from eigenwijs.bookings import queries as bookings
from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions import queries as contributions
from eigenwijs.draws import queries as draws
from eigenwijs.insight.naming import Names
from eigenwijs.insight.paths import Trace
from eigenwijs.insight.proofs import proof_of, proof_subject
from eigenwijs.insight.steps import to_path
from eigenwijs.insight.trail import Disguise
from eigenwijs.insight.types import (
    BooksProof,
    Event,
    Found,
    GroupPath,
    Line,
    Path,
    TrailLine,
)
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.pseudonyms import whose
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import Breach, Progress, ProofPart
from eigenwijs.people import queries as people
from eigenwijs.treasury import queries as treasury

GROUP = "ledger.group"
_BOOKING_NUMBER = re.compile(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b", re.IGNORECASE)


def proofs(*, limit: int = 30) -> list[BooksProof]:
    """Return the proofs of the books, the last one first."""
    disguise = Disguise()
    return [proof_of(row, disguise) for row in audit.trail(subject=proof_subject(), limit=limit)]


def breaches(
    *,
    at: datetime,
    part: ProofPart | None = None,
    tell: Progress | None = None,
    connections: int = 1,
) -> list[Breach]:
    """Prove the books without writing the outcome anywhere; return everything that is wrong.

    The ledger recomputes every balance, sum, group and hold from its transfers; budgets compares every
    credit, reservation and spending with theirs, draws every place and what is left of every round; a
    hold that neither a booking nor a place owns is named too. A `part` is proven by the ledger alone;
    raises LookupError if it does not exist. `tell` hears how far it is. So many `connections` share the
    ledger's work.
    """
    with ledger.one_moment():
        holds = budgets.hold_keys() | draws.hold_keys()
        found = ledger.prove(
            at=at, known_holds=holds, part=part, tell=tell, connections=connections
        )
        if part is None:
            for room, prove in (("budgets", budgets.prove), ("draws", draws.prove)):
                found += prove()
                if tell is not None:
                    tell(room, 1, 1, "rooms")
    return found


def trail(
    *,
    subject: Subject | None = None,
    actor_person: UUID | None = None,
    actor: str = "",
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[TrailLine]:
    """Return rows of the trail under pseudonyms, newest first; what to ask as in `audit.queries.trail`."""
    disguise = Disguise()
    rows = audit.trail(
        subject=subject,
        actor_person=actor_person,
        actor=actor,
        action=action,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )
    return [disguise.line(row) for row in rows]


def subject_of(number: int) -> Subject | None:
    """Return what a row of the trail is about, so that its other rows can be asked for; None: no row."""
    row = _row(number)
    return row.subject if row else None


def actor_of(number: int) -> UUID | None:
    """Return who did what a row of the trail says; None if that was nobody, or there is no row."""
    row = _row(number)
    return row.actor_person if row else None


def person_of(text: str) -> UUID | None:
    """Return whose pseudonym is in `text`, or None. Tries every file: seconds for ten million."""
    return whose(text, people.file_ids())


def subject_named(text: str) -> Subject | None:
    """Return what a pseudonym, booking number or payment reference names in the trail, or None."""
    if person := person_of(text):
        return ("people.person", person)
    for booking in bookings.bookings_numbered(text.strip()):
        return ("bookings.booking", booking)
    for request in contributions.requests_named(["".join(text.split()).upper()]):
        return ("contributions.paymentrequest", request)
    return None


def latest_events(*, before: int | None = None, limit: int = 50) -> list[Event]:
    """Return what was written in the books last, by the trail: one event a group and moment."""
    lines = trail(action="ledger.post", before=before, limit=limit)
    happened = ledger.what_happened({line.subject_id for line in lines if line.subject_id})
    return [
        Event(
            number=line.number,
            group=line.subject_id,
            at=line.at,
            who=line.who,
            happened=tuple(happened.get((line.subject_id, line.at), ())),
            transfers=int(dict(line.details)["transfers"]),
            amount=Money(int(dict(line.details)["cents"])),
        )
        for line in lines
        if line.subject_id
    ]


def transfers_of(
    amount: Money, *, since: date | None = None, until: date | None = None, limit: int = 50
) -> Sequence[Line]:
    """Return the last transfers of exactly this amount; days are inclusive."""
    found = ledger.transfers_of(amount, since=since, until=until, limit=limit)
    return Names().lines(found)


def group_path(
    group_id: UUID, *, transfer: UUID | None = None, offset: int = 0, limit: int = 50
) -> GroupPath | None:
    """Return one event of the books with the way of its money, or None if there is no such event.

    With `transfer` the way of that one transfer; else that of the `limit` transfers from place `offset`.
    """
    if transfer:
        views = [one for one in ledger.transfers_named(transfer) if one.group == group_id]
    else:
        views = ledger.group(group_id, offset=offset, limit=limit)
    if not views:
        return None
    rows = audit.trail(subject=(GROUP, group_id), limit=20)
    disguise, trace = Disguise(), Trace()
    trace.start_at_transfers(views)
    trace.start_at_bank(_about(rows))
    trace.add_bookings([group_id])
    trace.follow()
    return GroupPath(
        id=group_id,
        lines=trace.names.lines(views),
        line_count=ledger.group_size(group_id),
        trail=tuple(disguise.line(row) for row in rows),
        path=to_path(trace),
    )


def request_path(reference: str, *, offset: int = 0, limit: int = 50) -> Path | None:
    """Return the way of the money that a payment request asks, or None if there is no such request.

    Shows `limit` of its amounts, from place `offset` on.
    """
    found = contributions.requests_named([reference])
    if not found:
        return None
    trace = Trace()
    trace.add_requests(found)
    trace.add_dues(*contributions.amounts_asked(found[0], offset=offset, limit=limit))
    trace.follow()
    return to_path(trace)


def find(text: str) -> Found | None:
    """Return what a reference or number leads to, or None.

    A payment reference (RF…), a booking number (`3F5A-09BC`, also within the text of a payment), or the
    id of a group, transfer, payment order, batch, entry of a statement or payment request.
    """
    reference = "".join(text.split()).upper()
    if contributions.requests_named([reference]):
        return Found(reference=reference)
    if number := _BOOKING_NUMBER.search(text):
        for booking in bookings.bookings_numbered(number.group()):
            if ledger.group_size(booking):
                return Found(group=booking)
    with suppress(ValueError):
        return _find_id(UUID("".join(text.split())))
    return None


def _find_id(identifier: UUID) -> Found | None:
    if requests := contributions.requests_by_id([identifier]):
        return Found(reference=requests[0].reference)
    groups = [
        identifier,
        *(batch.group for batch in treasury.batches_named([identifier])),
        *bookings.bookings_paid_by([order.owner[1] for order in treasury.orders_named(identifier)]),
        *(
            part.group
            for entry in treasury.entries_named([identifier])
            for part in entry.allocations
        ),
    ]
    for group in groups:
        if ledger.group_size(group):
            return Found(group=group)
    transfers = ledger.transfers_named(identifier)
    return Found(group=transfers[0].group, transfer=identifier) if transfers else None


def _row(number: int) -> TrailRow | None:
    try:
        return audit.event(number)
    except LookupError:
        return None


def _about(rows: Sequence[TrailRow]) -> dict[str, UUID]:
    """What the treasury moved the money of a group for."""
    return {
        name: UUID(str(value))
        for row in rows
        if row.action == "treasury.post"
        for name, value in row.ids.items()
    }
