"""A round from draft to settled: in one order only, one ticket a person, and no cent unaccounted for."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from eigenwijs.audit import queries as trail
from eigenwijs.budgets import access as own_account
from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.types import StatementKind
from eigenwijs.draws import operations, queries, seeds
from eigenwijs.draws.models import Place, Round, RoundSeed, Ticket
from eigenwijs.draws.operations import (
    UnableToAnswer,
    UnableToDraw,
    UnableToEnter,
    UnableToMakeRound,
    UnableToWithdrawRound,
    placing,
    withdrawing,
)
from eigenwijs.draws.rules import key
from eigenwijs.draws.types import CarryOver, Fit, Group, Outcome, PlaceState, RoundState
from eigenwijs.insight import operations as insight
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people import operations as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import ContractKind, Role
from tests.factories import treasury
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    EVERYONE,
    FALLEN,
    MADE,
    OPENED,
    VALUE,
    draw,
    enter_all,
    make_draft,
    make_fund,
    make_funded,
    make_operator,
    make_published,
    make_rules,
    seen,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_opened,
    make_organisation,
    make_person,
)

pytestmark = pytest.mark.django_db
FLEX = Group(
    "flex",
    {"nl": "Met een oproepcontract", "en": "On call"},
    "contract_kind in [on_call]",
    weight=3,
)


def assert_books_hold(at: datetime) -> None:
    assert insight.prove_books(by=SYSTEM, at=at).breaches == ()


def verified(round_id: UUID) -> list[str]:
    files = queries.files(round_id)
    faults, _remarks = queries.verify_draw.verify(
        *(files[name] for name in ("rules.json", "tickets.csv", "result.json"))
    )
    return faults


def places(round_id: UUID) -> dict[UUID, Place]:
    rows = Place.objects.filter(ticket__round=round_id).select_related("ticket")
    return {row.ticket.person_id: row for row in rows}


def kinds_told(person_id: UUID) -> list[str]:
    return [one.kind for one in notices.inbox(person_id)]


def test_a_round_is_paid_by_its_reference_published_entered_drawn_and_the_money_is_the_winners(
    react: Callable[[datetime], int],
) -> None:
    """€ 300 for six people who each ask € 100: three win, two are on the reserve list, one lost."""
    draft = make_draft(make_rules())
    treasury.make_bank_account()
    paid = treasury.Detail(cents=300_00, reference=draft.reference)
    treasury.load(treasury.StatementText([treasury.Booking(300_00, (paid,))]), at=MADE)
    react(MADE)
    assert seen(draft.id).funded_at == MADE
    operations.publish_round(round_id=draft.id, by=SYSTEM, at=MADE)
    entered = enter_all(draft.id, 6)
    done = draw(draft.id)
    assert done.state is RoundState.DRAWN
    assert verified(draft.id) == []
    tickets = {one: queries.ticket_of(one, draft.id) for one in entered}
    outcomes = Counter(one.outcome for one in tickets.values() if one)
    assert outcomes == {Outcome.WON: 3, Outcome.RESERVE: 2, Outcome.LOST: 1}
    assert_books_hold(DRAWN)
    winner, place = next(iter(places(draft.id).items()))
    assert budgets.account(winner, on=DRAWN.date()).available == Money.zero()
    operations.accept_place(place_id=place.pk, by=actor_for(winner), at=DRAWN)
    account = own_account.own_account(actor_for(winner), on=DRAWN.date())
    assert account.available == Money(100_00)
    (line,) = budgets.statement(winner)
    assert (line.kind, line.change) == (StatementKind.CREDITED, Money(100_00))
    credit = budgets.credit(place.pk)
    assert credit
    assert credit.reason.sources["round"] == str(draft.id)
    assert_books_hold(DRAWN)


def test_a_place_that_lapses_or_is_declined_goes_down_the_reserve_list_and_what_is_left_goes_back() -> (
    None
):
    found = make_published()
    entered = enter_all(found.id, 6)
    draw(found.id)
    first, second, third = ((person, place) for person, place in places(found.id).items())
    operations.accept_place(place_id=first[1].pk, by=actor_for(first[0]), at=DRAWN)
    operations.decline_place(place_id=second[1].pk, by=actor_for(second[0]), at=DRAWN)
    moved_up = [one for one in entered if "place_moved_up" in kinds_told(one)]
    assert [queries.ticket_of(one, found.id).reserve_rank for one in moved_up] == [1]  # type: ignore[union-attr]
    assert_books_hold(DRAWN)
    lapsed_at = third[1].expires_at
    assert operations.remind_of_deadlines(by=SYSTEM, at=lapsed_at - timedelta(days=3)) == 2
    assert operations.remind_of_deadlines(by=SYSTEM, at=lapsed_at - timedelta(days=3)) == 0
    assert operations.lapse_due(by=SYSTEM, at=lapsed_at) == 2
    with pytest.raises(UnableToAnswer, match="laatste dag"):
        operations.accept_place(place_id=third[1].pk, by=actor_for(third[0]), at=lapsed_at)
    counts = queries.place_counts(found.id)
    assert (counts.offered, counts.accepted, counts.declined, counts.lapsed) == (1, 1, 1, 2)
    assert counts.left == Money(100_00)
    assert_books_hold(lapsed_at)
    much_later = lapsed_at + timedelta(days=90)
    operations.lapse_due(by=SYSTEM, at=much_later)
    assert operations.settle_due(by=SYSTEM, at=much_later) == 1
    assert seen(found.id).state is RoundState.SETTLED
    assert queries.place_counts(found.id).left == Money.zero()
    assert_books_hold(much_later)


def drawn_with_a_large_request_on_reserve(fit: Fit) -> tuple[UUID, list[UUID]]:
    """€ 300, and six people in the order of the draw: the fourth asks € 200, the others € 100 each."""
    found = make_published(make_rules(fit=fit, most=Money(200_00), reserve_places=3))
    seed = seeds.reveal(Round.objects.get(pk=found.id))
    least = Money(100_00)
    keys = {}
    for person_id in (make_person().id for _person in range(6)):
        ticket = operations.enter(
            round_id=found.id, person_id=person_id, amount=least, by=SYSTEM, at=OPENED
        )
        keys[person_id] = key(seed, VALUE, ticket.number, 1)
    persons = sorted(keys, key=keys.__getitem__)
    operations.enter(
        round_id=found.id, person_id=persons[3], by=SYSTEM, at=OPENED + timedelta(minutes=1)
    )
    draw(found.id)
    return found.id, persons


def told(kind: str, persons: Sequence[UUID]) -> list[int]:
    """Which of these heard this, by their place."""
    return [place for place, one in enumerate(persons) if kind in kinds_told(one)]


@pytest.mark.parametrize("fit", [Fit.CLOSE, Fit.SKIP])
@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_who_moves_up_does_not_depend_on_how_many_places_lapse_at_once(
    fit: Fit, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times € 100 lapses: the first of the list gets its € 200 and the second € 100."""
    monkeypatch.setattr(placing, "CHUNK", chunk)
    round_id, persons = drawn_with_a_large_request_on_reserve(fit)
    at = places(round_id)[persons[0]].expires_at
    assert operations.lapse_due(by=SYSTEM, at=at) == 3
    assert told("place_lapsed", persons) == [0, 1, 2]
    assert told("place_moved_up", persons) == [3, 4]
    assert queries.place_counts(round_id).left == Money.zero()
    assert_books_hold(at)


def test_lapses_go_on_from_the_chunk_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of three lapsed, then it breaks: the two stay lapsed, and the next run does the third."""
    monkeypatch.setattr(placing, "CHUNK", 2)
    round_id, persons = drawn_with_a_large_request_on_reserve(Fit.CLOSE)
    at = places(round_id)[persons[0]].expires_at
    withdraw, calls = placing.budgets.withdraw_grants, iter([True, False, True])

    def fail_the_second_time(*arguments: Any, **more: Any) -> None:
        withdraw(*arguments, **more)
        assert next(calls), "the second chunk breaks"

    monkeypatch.setattr(placing.budgets, "withdraw_grants", fail_the_second_time)
    with pytest.raises(AssertionError, match="breaks"):
        operations.lapse_due(by=SYSTEM, at=at)
    assert queries.place_counts(round_id).lapsed == 2
    assert operations.lapse_due(by=SYSTEM, at=at) == 1
    assert told("place_lapsed", persons) == [0, 1, 2]
    assert told("place_moved_up", persons) == [3, 4]
    assert_books_hold(at)


def test_no_step_happens_before_the_one_that_it_follows() -> None:
    operator = make_operator()
    draft = make_draft(make_rules())
    with pytest.raises(UnableToMakeRound, match="geld"):
        operations.publish_round(round_id=draft.id, by=operator, at=MADE)
    found = make_published()
    enter_all(found.id, 1)
    with pytest.raises(UnableToDraw) as open_still:
        operations.list_tickets(round_id=found.id, by=operator, at=CLOSED - timedelta(hours=2))
    with pytest.raises(UnableToDraw) as not_listed:
        operations.enter_beacon(round_id=found.id, value=VALUE, by=operator, at=FALLEN)
    with pytest.raises(UnableToDraw) as nor_drawn:
        operations.reveal(round_id=found.id, by=operator, at=FALLEN)
    operations.list_tickets(round_id=found.id, by=operator, at=CLOSED)
    with pytest.raises(UnableToDraw) as not_fallen:
        operations.enter_beacon(
            round_id=found.id, value=VALUE, by=operator, at=FALLEN - timedelta(minutes=1)
        )
    with pytest.raises(UnableToDraw) as no_beacon:
        operations.reveal(round_id=found.id, by=operator, at=DRAWN)
    operations.enter_beacon(round_id=found.id, value=VALUE, by=operator, at=FALLEN)
    with pytest.raises(UnableToDraw) as twice:
        operations.enter_beacon(round_id=found.id, value="ab", by=operator, at=FALLEN)
    operations.reveal(round_id=found.id, by=operator, at=DRAWN)
    with pytest.raises(UnableToDraw) as drawn_twice:
        operations.reveal(round_id=found.id, by=operator, at=DRAWN)
    refusals = (open_still, not_listed, nor_drawn, not_fallen, no_beacon, twice, drawn_twice)
    assert [one.value.code for one in refusals] == [
        "window_open",
        "not_listed",
        "not_listed",
        "not_fallen",
        "beacon_missing",
        "wrong_state",
        "wrong_state",
    ]


REASON = {"nl": "De voorwaarde klopte niet.", "en": "The condition was wrong."}


def test_a_published_round_is_withdrawn_with_a_reason_and_everyone_who_is_in_hears_it(
    react: Callable[[datetime], int],
) -> None:
    """€ 300 goes back to the fund, a withdrawn ticket hears nothing, and nobody drew in vain."""
    fund, operator = make_fund(), make_operator()
    found = make_published(payer_id=fund)
    entered = enter_all(found.id, 3)
    operations.withdraw(round_id=found.id, person_id=entered[0], by=SYSTEM, at=OPENED)
    at = OPENED + timedelta(days=1)
    for _again in range(2):
        operations.withdraw_round(round_id=found.id, reason=REASON, by=operator, at=at)
    react(at)
    done = seen(found.id)
    assert (done.state, done.withdrawn_at, done.withdrawn_for) == (
        RoundState.WITHDRAWN,
        at,
        REASON,
    )
    assert done in queries.published_rounds()
    assert ["round_withdrawn" in kinds_told(one) for one in entered] == [False, True, True]
    notice = next(one for one in notices.inbox(entered[1]) if one.kind == "round_withdrawn")
    assert "De voorwaarde klopte niet." in str(notice.body)
    (waiting,) = treasury.queries.payable_orders(at.date())
    assert (waiting.order.amount, waiting.order.payee_id) == (Money(300_00), fund)
    assert queries.place_counts(found.id).left == Money.zero()
    assert_books_hold(at)
    with pytest.raises(UnableToEnter) as closed:
        operations.enter(round_id=found.id, person_id=make_person().id, by=SYSTEM, at=at)
    assert closed.value.code == "not_open"
    assert operations.list_due(by=SYSTEM, at=CLOSED) == 0
    assert operations.settle_due(by=SYSTEM, at=CLOSED + timedelta(days=365)) == 0
    again = make_published(make_rules(days=60), payer_id=fund, days=60)
    ticket = operations.enter(
        round_id=again.id, person_id=entered[1], by=SYSTEM, at=OPENED + timedelta(days=60)
    )
    assert ticket.weight == 1


def test_who_was_in_a_withdrawn_round_hears_it_two_by_two_after_the_request(
    react: Callable[[datetime], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six are in and one left: five messages in three events, each once, nothing within the request."""
    monkeypatch.setattr(withdrawing, "CHUNK", 2)
    found = make_published()
    entered = enter_all(found.id, 6)
    operations.withdraw(round_id=found.id, person_id=entered[0], by=SYSTEM, at=OPENED)
    react(OPENED)
    operations.withdraw_round(round_id=found.id, reason=REASON, by=make_operator(), at=OPENED)
    seen_after = []
    while waiting := trail.events_without_reaction():
        seen_after.append((waiting[0].event, len(told("round_withdrawn", entered))))
        jobs.react(event_id=waiting[0].id, at=OPENED)
    assert seen_after == [
        ("round_withdrawn", 0),
        ("telling_of_withdrawal_continues", 2),
        ("telling_of_withdrawal_continues", 4),
    ]
    assert told("round_withdrawn", entered) == [1, 2, 3, 4, 5]


def test_a_round_is_not_withdrawn_without_a_reason_or_by_others_or_once_its_window_closed() -> None:
    found, operator = make_published(), make_operator()
    draft = make_draft(make_rules())

    def refused(at: datetime, round_id: UUID = found.id, reason: dict[str, str] = REASON) -> str:
        with pytest.raises(UnableToWithdrawRound) as refusal:
            operations.withdraw_round(round_id=round_id, reason=reason, by=operator, at=at)
        return refusal.value.code

    assert refused(OPENED, reason={"nl": "Fout.", "en": " "}) == "reason_missing"
    assert refused(OPENED, round_id=draft.id) == "not_published"
    assert refused(OPENED, round_id=UUID(int=1)) == "not_found"
    assert refused(found.closes_at) == "window_closed"
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert refused(OPENED) == "not_published"
    with pytest.raises(NotPermitted):
        operations.withdraw_round(
            round_id=found.id, reason=REASON, by=actor_for(make_person()), at=OPENED
        )
    withdrawn = make_published()
    operations.withdraw_round(round_id=withdrawn.id, reason=REASON, by=operator, at=OPENED)
    for change in ({"withdrawn_for": {}}, {"withdrawn_at": MADE}, {"state": "published"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Round.objects.filter(pk=withdrawn.id).update(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "withdrawn", "withdrawn_at": CLOSED, "withdrawn_for": {"nl": "a", "en": "b"}},
        {"state": "withdrawn", "withdrawn_at": OPENED},
        {"rules": "{}"},
        {"pot_cents": 1},
        {"seed": "ab" * 32},
        {"beacon_value": "ab", "beacon_entered_at": MADE, "beacon_entered_by": UUID(int=1)},
        {"state": "listed", "listed_at": OPENED, "tickets_sha256": "ab"},
        {"state": "drawn", "seed": "ab", "drawn_at": DRAWN},
        {"published_at": OPENED},
    ],
)
def test_the_database_holds_the_order_too(change: dict[str, object]) -> None:
    found = make_published()
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.filter(pk=found.id).update(**change)


def test_what_is_published_stays_and_the_list_is_closed_for_good() -> None:
    found = make_published()
    (person,) = enter_all(found.id, 1)
    draw(found.id)
    for change in ({"seed": "ab"}, {"beacon_value": "ab"}, {"tickets_sha256": "ab"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Round.objects.filter(pk=found.id).update(**change)
    for change in ({"cents": 1}, {"number": "X"}, {"weight": 9}, {"withdrawn_at": DRAWN}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(person=person).update(**change)
    ticket = Ticket(pk=UUID(int=5), round_id=found.id, person_id=make_person().id, number="N")
    ticket.cents, ticket.entered_at = 1, DRAWN
    with pytest.raises(IntegrityError), transaction.atomic():
        ticket.save(force_insert=True)
    with pytest.raises(UnableToEnter) as too_late:
        operations.enter(round_id=found.id, person_id=make_person().id, by=SYSTEM, at=DRAWN)
    assert too_late.value.code == "not_open"


def test_entering_again_from_elsewhere_or_through_the_desk_gives_the_same_one_ticket() -> None:
    found = make_published()
    person = make_person()
    desk = actor_for(make_person(role=Role.DESK), Role.DESK)
    tickets = [
        operations.enter(round_id=found.id, person_id=person.id, by=by, at=OPENED + later)
        for by in (actor_for(person), actor_for(person), desk)
        for later in (timedelta(), timedelta(days=20))
    ]
    assert len({(one.id, one.number, one.weight) for one in tickets}) == 1
    assert Ticket.objects.count() == 1
    assert kinds_told(person.id) == ["round_entered"]


def test_many_devices_at_once_make_one_ticket_and_the_odds_are_those_of_one(
    transactional_db: None,
) -> None:
    found = make_published()
    person = make_person()
    start = Barrier(6)

    def enter(_device: int) -> str:
        try:
            start.wait()
            return operations.enter(
                round_id=found.id, person_id=person.id, by=actor_for(person), at=OPENED
            ).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as devices:
        numbers = set(devices.map(enter, range(6)))
    assert len(numbers) == 1
    enter_all(found.id, 29, at=OPENED + timedelta(days=28))
    (line,) = queries.groups_now(found.id)
    assert (line.tickets, line.weight) == (30, 1)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    rows = queries.files(found.id)["tickets.csv"].splitlines()[1:]
    assert {row.split(",")[2] for row in rows} == {"1"}
    assert len(rows) == 30


def test_when_how_often_and_through_whom_people_enter_changes_no_key_and_no_winner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Played twice from the same start, with the same seed: every published byte is the same.

    What a ticket is called is dealt for each person and each time that a number is drawn, so that a
    second number for the same person would be seen.
    """
    found = make_published(make_rules(groups=(FLEX, EVERYONE), pot=Money(800_00)))
    files = [make_employment(contract_kind=ContractKind.ON_CALL).person_id for _job in range(10)]
    files += [make_person().id for _person in range(10)]
    desk = actor_for(make_person(role=Role.DESK), Role.DESK)
    operator = make_operator()
    drawn: Counter[UUID] = Counter()
    now: list[UUID] = []

    def deal() -> str:
        drawn[now[0]] += 1
        return f"T{files.index(now[0]):02}-{drawn[now[0]]}"

    monkeypatch.setattr(seeds, "ticket_number", deal)

    def play(entries: Sequence[tuple[UUID, timedelta, Actor]], returns: UUID) -> dict[str, str]:
        drawn.clear()
        with transaction.atomic():
            for person_id, later, by in sorted(entries, key=lambda one: one[1]):
                now[:] = [person_id]
                at = OPENED + later
                operations.enter(round_id=found.id, person_id=person_id, by=by, at=at)
                if person_id == returns:
                    operations.withdraw(round_id=found.id, person_id=person_id, by=by, at=at)
                    operations.enter(round_id=found.id, person_id=person_id, by=by, at=at)
            draw(found.id, by=operator)
            published = queries.files(found.id)
            transaction.set_rollback(True)
        return published

    once = play([(one, timedelta(), SYSTEM) for one in files], returns=desk.person_id or found.id)
    assert len(json.loads(once["result.json"])["winners"]) == 8
    chance = random.Random(1)
    entries = [
        (one, timedelta(minutes=chance.randrange(29 * 24 * 60)), chance.choice((SYSTEM, desk)))
        for one in files
        for _device in range(chance.choice((1, 1, 3)))
    ]
    assert play(entries, returns=files[0]) == once


def test_files_of_one_person_that_join_while_the_round_is_open_have_one_ticket_in_the_list() -> (
    None
):
    found = make_published()
    person = make_opened(make_employment().person_id, at=MADE)
    other = make_employment(birth_date=date(1990, 5, 17))
    for file in (person.id, other.person_id):
        operations.enter(round_id=found.id, person_id=file, by=SYSTEM, at=OPENED)
    code = people.issue_claim_code(other.person_id, by=SYSTEM, at=OPENED)
    me = actor_for(person, Role.WORKER, None, OPENED)
    people.claim(code=code, birth_date=date(1990, 5, 17), by=me, at=OPENED)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert queries.files(found.id)["tickets.csv"].count("\n") == 2
    assert queries.ticket_of(person.id, found.id) == queries.ticket_of(other.person_id, found.id)


def test_who_withdraws_is_in_no_list_and_may_come_back_while_it_is_open() -> None:
    found = make_published()
    person = make_person()
    me = actor_for(person)
    first = operations.enter(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    operations.withdraw(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    operations.withdraw(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    assert queries.groups_now(found.id) == []
    again = operations.enter(
        round_id=found.id, person_id=person.id, by=me, at=OPENED + timedelta(days=1)
    )
    assert (again.number, again.withdrawn_at) == (first.number, None)
    operations.withdraw(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert queries.files(found.id)["tickets.csv"] == "ticket,class,weight,cents\n"


def test_nobody_else_enters_answers_or_manages_for_somebody() -> None:
    found = make_published()
    person, stranger = make_person(), actor_for(make_person())
    for act in (operations.enter, operations.withdraw):
        with pytest.raises(NotPermitted):
            act(round_id=found.id, person_id=person.id, by=stranger, at=OPENED)
    enter_all(found.id, 1)
    draw(found.id)
    (place,) = places(found.id).values()
    for answer in (operations.accept_place, operations.decline_place):
        with pytest.raises(UnableToAnswer) as refusal:
            answer(place_id=place.pk, by=stranger, at=DRAWN)
        assert refusal.value.code == "not_found"
    with pytest.raises(NotPermitted):
        operations.reveal(round_id=found.id, by=stranger, at=DRAWN)
    with pytest.raises(NotPermitted):
        operations.make_round(rules=make_rules(), payer_id=make_fund(), by=stranger, at=MADE)


def test_groups_and_who_may_enter_follow_the_facts_of_the_first_day() -> None:
    rules = make_rules(
        when="age >= 18", groups=(FLEX, EVERYONE), most=Money(200_00), pot=Money(1_000_00)
    )
    found = make_published(rules)
    on_call = make_employment(contract_kind=ContractKind.ON_CALL)
    ended = make_employment(contract_kind=ContractKind.ON_CALL, ended_on=date(2026, 3, 31))
    child = make_person(birth_date=date(2010, 1, 1))
    unknown = make_person(birth_date=None)
    tickets = [
        operations.enter(round_id=found.id, person_id=one.person_id, by=SYSTEM, at=OPENED)
        for one in (on_call, ended)
    ]
    assert [(one.group.id, one.weight) for one in tickets if one.group] == [("flex", 3), ("all", 1)]
    for file in (child, unknown):
        with pytest.raises(UnableToEnter) as refusal:
            operations.enter(round_id=found.id, person_id=file.id, by=SYSTEM, at=OPENED)
        assert refusal.value.code == "may_not_enter"
    with pytest.raises(UnableToEnter, match=r"100,00.*200,00"):
        operations.enter(
            round_id=found.id,
            person_id=on_call.person_id,
            amount=Money(200_01),
            by=SYSTEM,
            at=OPENED,
        )


def test_bad_luck_is_carried_over_until_a_place_is_won() -> None:
    """The second round has € 100 for three who drew in vain and one who won: weights 2 and 1."""
    fund = make_fund()
    first = make_published(make_rules(pot=Money(100_00), reserve_places=0), payer_id=fund)
    entered = enter_all(first.id, 4)
    draw(first.id)
    (winner,) = places(first.id)
    second = make_published(
        make_rules(days=60, pot=Money(100_00), reserve_places=0), payer_id=fund, days=60
    )
    tickets = {
        one: operations.enter(
            round_id=second.id, person_id=one, by=SYSTEM, at=OPENED + timedelta(days=60)
        )
        for one in entered
    }
    assert {one: ticket.weight for one, ticket in tickets.items()} == {
        one: 1 if one == winner else 2 for one in entered
    }


def test_money_for_all_the_rest_waits_for_the_first_of_the_list_unless_the_rule_says_skip() -> None:
    """€ 500 and requests up to € 400: the list moves when what is free is enough, or passes over."""
    for fit in (Fit.CLOSE, Fit.SKIP):
        rules = make_rules(pot=Money(500_00), most=Money(400_00), fit=fit, reserve_places=9)
        found = make_published(rules)
        for cents in (400_00, 400_00, 200_00, 100_00):
            operations.enter(
                round_id=found.id,
                person_id=make_person().id,
                amount=Money(cents),
                by=SYSTEM,
                at=OPENED,
            )
        draw(found.id)
        assert verified(found.id) == []
        for person, place in places(found.id).items():
            if place.state == PlaceState.OFFERED:
                operations.decline_place(place_id=place.pk, by=actor_for(person), at=DRAWN)
        assert_books_hold(DRAWN)


def test_the_seed_is_on_no_row_or_log_that_can_be_read_before_it_is_revealed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[str] = []
    token = seeds.secrets.token_hex
    monkeypatch.setattr(
        seeds.secrets, "token_hex", lambda size: made.append(token(size)) or made[-1]
    )
    found = make_published()
    enter_all(found.id, 2)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    (seed,) = (one for one in made if len(one) == 64)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s", [f"%{seed}%"])
            assert cursor.fetchone() == (0,), table
    assert seed not in json.dumps(queries.files(found.id)) + repr(seen(found.id)) + caplog.text
    with pytest.raises(DatabaseError), transaction.atomic():
        RoundSeed.objects.update(sealed="x")
    operations.enter_beacon(round_id=found.id, value=VALUE, by=make_operator(), at=FALLEN)
    operations.reveal(round_id=found.id, by=SYSTEM, at=DRAWN)
    assert seen(found.id).seed == seed


def test_without_a_beacon_it_is_drawn_and_the_page_can_say_that_it_could_be_steered() -> None:
    found = make_published(make_rules(beacon=None))
    enter_all(found.id, 4)
    done = draw(found.id)
    assert done.could_be_steered
    assert verified(found.id) == []
    with pytest.raises(UnableToDraw) as refusal:
        operations.enter_beacon(round_id=found.id, value=VALUE, by=make_operator(), at=DRAWN)
    assert refusal.value.code == "no_beacon"


def test_a_list_that_came_after_the_beacon_could_be_steered() -> None:
    found = make_published()
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=FALLEN)
    assert seen(found.id).could_be_steered


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("wrong_amounts", {"least": Money(0)}),
        ("wrong_amounts", {"most": Money(300_01)}),
        ("wrong_window", {"closes_on": date(2026, 3, 31)}),
        ("too_late", {"opens_on": date(2026, 3, 19)}),
        ("wrong_groups", {"groups": (FLEX,)}),
        ("wrong_groups", {"groups": (EVERYONE, replace(FLEX, id="all"))}),
        ("wrong_weight", {"groups": (replace(EVERYONE, weight=0),)}),
        ("wrong_share", {"groups": (replace(FLEX, share_percent=101), EVERYONE)}),
        ("wrong_reserve_until", {"reserve_until": date(2026, 5, 28)}),
        ("wrong_accept_days", {"accept_days": 6}),
        ("wrong_carry_over", {"carry_over": CarryOver(6, 1)}),
        ("unusable_condition", {"when": "paid_hours_period > 3"}),
        ("unusable_condition", {"groups": (replace(FLEX, when="age ="), EVERYONE)}),
        ("title_missing", {"title": {"nl": "Ronde", "en": ""}}),
    ],
)
def test_rules_that_do_not_hold_are_refused_with_what_is_wrong(
    code: str, changes: dict[str, object]
) -> None:
    with pytest.raises(UnableToMakeRound) as refusal:
        make_draft(make_rules(**changes))
    assert refusal.value.code == code
    assert str(refusal.value)


def test_only_a_fund_pays_and_a_beacon_falls_a_day_after_the_window_or_later() -> None:
    with pytest.raises(UnableToMakeRound) as employer:
        make_draft(make_rules(), payer_id=make_organisation().id)
    assert employer.value.code == "not_a_fund"
    rules = make_rules()
    assert rules.beacon
    early = replace(rules.beacon, falls_at=CLOSED + timedelta(hours=20))
    with pytest.raises(UnableToMakeRound) as beacon:
        make_draft(replace(rules, beacon=early))
    assert beacon.value.code == "wrong_beacon"


def test_a_draft_changes_and_goes_as_long_as_nothing_was_paid() -> None:
    draft = make_draft(make_rules())
    operations.change_round(
        rules=replace(draft.rules, reserve_places=7, pot=Money(1)), by=SYSTEM, at=MADE
    )
    assert seen(draft.id).rules.reserve_places == 7
    assert seen(draft.id).rules.pot == Money(300_00)
    assert seen(draft.id).seed_sha256 == draft.seed_sha256
    operations.discard_round(round_id=draft.id, by=SYSTEM, at=MADE)
    assert seen(draft.id).state is RoundState.DISCARDED
    funded = make_published()
    for act in (operations.discard_round, operations.publish_round):
        with pytest.raises(UnableToMakeRound) as refusal:
            act(round_id=funded.id, by=SYSTEM, at=MADE)
        assert refusal.value.code == "wrong_state"


def test_a_dry_run_on_a_past_round_says_what_other_rules_would_do_for_each_group() -> None:
    past = make_published(make_rules(pot=Money(100_00)))
    for _job in range(10):
        job = make_employment(contract_kind=ContractKind.ON_CALL)
        operations.enter(round_id=past.id, person_id=job.person_id, by=SYSTEM, at=OPENED)
    enter_all(past.id, 10)
    draw(past.id)
    rules = make_rules(days=60, groups=(FLEX, EVERYONE), pot=Money(1_000_00))
    lines = queries.dry_run(rules, past.id)
    assert [(one.group.id, one.tickets, one.weight) for one in lines] == [
        ("flex", 10, 3),
        ("all", 10, 1),
    ]
    assert sum(one.winners or 0 for one in lines) == 10
    assert lines[0].chance > lines[1].chance


def test_a_lost_answer_is_found_again_by_accepting_once_more() -> None:
    found = make_published()
    (person,) = enter_all(found.id, 1)
    draw(found.id)
    (place,) = places(found.id).values()
    answers = {
        operations.accept_place(place_id=place.pk, by=actor_for(person), at=DRAWN)
        for _try in range(3)
    }
    assert answers == {place.pk}
    assert len(budgets.credits_of(person)) == 1
    with pytest.raises(UnableToAnswer) as refusal:
        operations.decline_place(place_id=place.pk, by=actor_for(person), at=DRAWN)
    assert refusal.value.code == "answered"


def test_books_name_a_place_whose_hold_is_gone_and_a_round_that_lacks_money() -> None:
    found = make_published()
    enter_all(found.id, 2)
    draw(found.id)
    one, two = places(found.id).values()
    Place.objects.filter(pk=one.pk).update(cents=1)
    codes = {breach.code for breach in queries.prove()}
    assert codes == {"grant_differs", "round_differs"}
    Place.objects.filter(pk=one.pk).update(cents=two.cents)
    assert queries.prove() == []


def test_refusals_say_something_in_words() -> None:
    for error, module in (
        (UnableToDraw, operations.drawing),
        (UnableToEnter, operations.entering),
        (UnableToAnswer, operations.placing),
        (UnableToWithdrawRound, operations.withdrawing),
    ):
        for code in module._MESSAGES:
            refusal: DomainError = error(code)
            assert refusal.code == code


def test_a_funded_round_is_funded_once() -> None:
    found = make_funded(make_rules())
    assert queries.place_counts(found.id).left == Money(300_00)
    assert_books_hold(MADE)


def test_what_nobody_won_goes_back_to_the_fund_and_again_when_the_bank_refuses_it(
    react: Callable[[datetime], int],
) -> None:
    """A round that nobody entered: € 300 comes in, and € 300 goes out the way of every payment."""
    fund = make_fund()
    account = treasury.operations.register_payee_account(
        payee_id=fund,
        iban=treasury.PAYEE_IBAN,
        holder_name="Fonds Voorbeeld",
        by=treasury.someone(),
        at=MADE,
    )
    treasury.operations.approve_payee_account(account_id=account, by=treasury.someone(), at=MADE)
    draft = make_draft(make_rules(), payer_id=fund)
    bank = treasury.make_bank_account()
    paid = treasury.Detail(cents=300_00, reference=draft.reference)
    treasury.load(treasury.StatementText([treasury.Booking(300_00, (paid,))]), at=MADE)
    react(MADE)
    operations.publish_round(round_id=draft.id, by=SYSTEM, at=MADE)
    draw(draft.id)
    assert verified(draft.id) == []
    done = datetime(2026, 8, 3, 9, 0, tzinfo=CLOSED.tzinfo)
    assert operations.settle_due(by=SYSTEM, at=done) == 1
    (waiting,) = treasury.queries.payable_orders(done.date())
    assert (waiting.order.amount, waiting.blocked) == (Money(300_00), "")
    batch = treasury.make_batch(bank, waiting.order.id, at=done)
    treasury.release(batch, at=done)
    refused = treasury.status_report(
        treasury.queries.batch(batch).identifier, orders={waiting.order.id.hex: "RJCT"}
    )
    treasury.operations.import_payment_status(content=refused, by=SYSTEM, at=done)
    react(done)
    (again,) = treasury.queries.payable_orders(done.date())
    assert again.order.id != waiting.order.id
    assert again.order.amount == Money(300_00)
    assert_books_hold(done)
