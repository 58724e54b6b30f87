"""Made-up rounds: made, paid, published, entered and drawn through the operations of the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from eigenwijs.audit.types import TrailRow
from eigenwijs.draws import operations, queries, verify_draw
from eigenwijs.draws.models import Place
from eigenwijs.draws.types import Beacon, CarryOver, FirstCome, Fit, Group, RoundRules, RoundView
from eigenwijs.insight import operations as insight
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.schemes import queries as schemes
from tests.factories.budgets import pay_in
from tests.factories.contributions import GIFT, make_law
from tests.factories.people import SYSTEM, actor_for, make_organisation, make_person

MADE = datetime(2026, 3, 20, 10, 0, tzinfo=UTC)
OPENED = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
CLOSED = datetime(2026, 4, 30, 23, 30, tzinfo=UTC)  # past midnight in Amsterdam, winter or summer
FALLEN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DRAWN = datetime(2026, 5, 4, 13, 0, tzinfo=UTC)
VALUE = "5f3c" * 16
EVERYONE = Group("all", {"nl": "Iedereen", "en": "Everyone"})
FLEX = Group(
    "flex",
    {"nl": "Met een oproepcontract", "en": "On call"},
    "contract_kind in [on_call]",
    weight=3,
)


def make_rules(*, days: int = 0, **changes: object) -> RoundRules:
    """Rules of a round of April 2026, `days` later; € 300 for requests of € 100 each unless changed."""
    later = timedelta(days=days)
    values: dict[str, object] = {
        "round_id": new_id(MADE + later),
        "title": {"nl": "Leerronde voorjaar", "en": "Spring learning round"},
        "who": {"nl": "Iedereen", "en": "Everyone"},
        "when": "",
        "payer": "",
        "scheme": GIFT,
        "scheme_hash": "",
        "pot": Money(300_00),
        "least": Money(100_00),
        "most": Money(100_00),
        "opens_on": date(2026, 4, 1) + later,
        "closes_on": date(2026, 4, 30) + later,
        "groups": (EVERYONE,),
        "fit": Fit.CLOSE,
        "reserve_places": 2,
        "carry_over": CarryOver(step=1, most=3),
        "accept_days": 28,
        "reserve_until": date(2026, 7, 31) + later,
        "beacon": Beacon("drand quicknet", "4711", FALLEN + later),
    }
    return replace(RoundRules(**(values | changes)))  # type: ignore[arg-type]


def make_operator() -> Actor:
    """Somebody of the operator."""
    return actor_for(make_person(role=Role.OPERATOR), Role.OPERATOR)


def make_fund() -> UUID:
    """A fund that pays rounds."""
    return make_organisation(OrganisationKind.PAYER).id


def make_draft(
    rules: RoundRules, *, payer_id: UUID | None = None, at: datetime = MADE
) -> RoundView:
    """A draft, its scheme in force."""
    try:
        schemes.version_in_force(rules.scheme, rules.opens_on)
    except schemes.UnableToFindVersion:
        make_law(rules.scheme)
    round_id = operations.make_round(
        rules=rules, payer_id=payer_id or make_fund(), by=SYSTEM, at=at
    )
    return seen(round_id)


def make_funded(
    rules: RoundRules, *, payer_id: UUID | None = None, at: datetime = MADE
) -> RoundView:
    """A draft for which all money is there."""
    draft = make_draft(rules, payer_id=payer_id, at=at)
    pay_in(draft.payer_id, rules.pot.cents, at=at)
    matched = TrailRow(
        id=0,
        at=at,
        actor_kind="system",
        actor_person=None,
        actor_role="",
        actor_organisation=None,
        actor_name="test",
        action="receipt_matched",
        subject=("treasury.expectedreceipt", draft.id),
        field_names=(),
        ids={"owner": str(draft.id), "cents": rules.pot.cents, "complete": 1},
        from_state="",
        to_state="",
        event="receipt_matched",
    )
    operations.round_funded(matched, by=SYSTEM, at=at)
    return seen(draft.id)


def make_published(
    rules: RoundRules | None = None, *, payer_id: UUID | None = None, days: int = 0
) -> RoundView:
    """A round that is published; it opens on 1 April 2026, `days` later."""
    at = MADE + timedelta(days=days)
    found = make_funded(rules or make_rules(days=days), payer_id=payer_id, at=at)
    operations.publish_round(round_id=found.id, by=SYSTEM, at=at)
    return seen(found.id)


def make_waiting(**changes: object) -> RoundView:
    """A round that is served in order of arrival from the end of April 2026 on; now people can wait."""
    opens_at = datetime(2026, 4, 30, 22, 0, tzinfo=UTC)  # midnight in Amsterdam
    plain: dict[str, Any] = {
        "fit": Fit.SKIP,
        "carry_over": CarryOver(),
        "beacon": None,
        "first_come": FirstCome(opens_at, "Aanvragen worden behandeld in volgorde van ontvangst."),
    }
    return make_published(make_rules(**(plain | changes)))


def open_(round_id: UUID) -> RoundView:
    """Close the waiting room, draw who waits and serve whoever comes from then on."""
    operations.list_due(by=SYSTEM, at=CLOSED)
    operations.open_due(by=SYSTEM, at=CLOSED)
    return seen(round_id)


def enter_all(round_id: UUID, count: int, *, at: datetime = OPENED) -> list[UUID]:
    """Put so many new persons in a round; return who they are."""
    persons = [make_person().id for _person in range(count)]
    for person_id in persons:
        operations.enter(round_id=round_id, person_id=person_id, by=SYSTEM, at=at)
    return persons


def draw(round_id: UUID, *, days: int = 0, by: Actor | None = None) -> RoundView:
    """Close the window, write down the beacon and reveal the seed."""
    later = timedelta(days=days)
    operator = by or make_operator()
    operations.list_tickets(round_id=round_id, by=SYSTEM, at=CLOSED + later)
    if seen(round_id).rules.beacon:
        operations.enter_beacon(round_id=round_id, value=VALUE, by=operator, at=FALLEN + later)
    operations.reveal(round_id=round_id, by=operator, at=DRAWN + later)
    return seen(round_id)


def make_won(person_id: UUID, *, rules: RoundRules | None = None) -> RoundView:
    """A round that was drawn and in which this person, the only one, won."""
    found = make_published(rules)
    operations.enter(round_id=found.id, person_id=person_id, by=SYSTEM, at=OPENED)
    return draw(found.id)


def seen(round_id: UUID) -> RoundView:
    """The round as it is now."""
    found = queries.round_(round_id)
    assert found
    return found


def verified(round_id: UUID) -> list[str]:
    """The faults that everyone's verification finds in the published files."""
    files = queries.files(round_id)
    faults, _remarks = verify_draw.verify(
        *(files[name] for name in ("rules.json", "tickets.csv", "result.json"))
    )
    return faults


def places(round_id: UUID) -> dict[UUID, Place]:
    """The places of a round by person."""
    rows = Place.objects.filter(ticket__round=round_id).select_related("ticket")
    return {row.ticket.person_id: row for row in rows}


def kinds_told(person_id: UUID) -> list[str]:
    """The kinds of what a person was told, the newest first."""
    return [one.kind for one in notices.inbox(person_id)]


def told(kind: str, persons: Sequence[UUID]) -> list[int]:
    """The places in the list of the persons who were told this."""
    return [number for number, person in enumerate(persons) if kind in kinds_told(person)]


def assert_books_hold(at: datetime) -> None:
    """The proof of the books, of every room, finds nothing."""
    assert insight.prove_books(by=SYSTEM, at=at).breaches == ()
