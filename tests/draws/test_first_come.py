"""Served in order of arrival, where a law demands it: who waited is drawn first, and nothing is given twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenwijs.audit import queries as trail
from eigenwijs.budgets import access as own_account
from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import operations, queries
from eigenwijs.draws.models import Ticket
from eigenwijs.draws.operations import UnableToClaim, UnableToMakeRound
from eigenwijs.draws.types import (
    CarryOver,
    Claim,
    FirstCome,
    Fit,
    Group,
    Outcome,
    RoundState,
    RoundView,
    TicketView,
)
from eigenwijs.insight import operations as insight
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people import operations as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import Role
from tests.factories.draws import (
    CLOSED,
    EVERYONE,
    FALLEN,
    MADE,
    OPENED,
    enter_all,
    make_draft,
    make_rules,
    make_waiting,
    open_,
)
from tests.factories.people import SYSTEM, actor_for, make_employment, make_opened, make_person

pytestmark = pytest.mark.django_db


def ask(round_id: UUID, person_id: UUID, cents: int = 100_00, at: datetime = CLOSED) -> str:
    """Ask as the person; return `granted` or the code of the refusal."""
    try:
        ticket = operations.claim(
            round_id=round_id,
            person_id=person_id,
            amount=Money(cents),
            by=actor_for(person_id),
            at=at,
        )
    except UnableToClaim as refusal:
        return refusal.code
    return "granted" if ticket.place else str(ticket.outcome)


def code_of(answer: TicketView | UnableToClaim) -> str:
    return answer.code if isinstance(answer, UnableToClaim) else "granted"


def arrivals(round_id: UUID) -> list[tuple[int | None, UUID, int]]:
    rows = Ticket.objects.filter(round=round_id, arrival__isnull=False).order_by("arrival")
    return list(rows.values_list("arrival", "person", "cents"))


def assert_books_hold(at: datetime = CLOSED) -> None:
    assert insight.prove_books(by=SYSTEM, at=at).breaches == ()


def opened(**changes: object) -> RoundView:
    return open_(make_waiting(**changes).id)


def test_who_waits_is_drawn_first_and_later_arrivals_get_what_is_left_in_their_order() -> None:
    """€ 500: two who waited get € 100 each; then the first three who come, and the fourth nothing."""
    found = make_waiting(pot=Money(500_00))
    waited = enter_all(found.id, 2)
    assert ask(found.id, make_person().id, at=OPENED) == "not_open"
    assert open_(found.id).state is RoundState.DRAWN
    assert [queries.ticket_of(one, found.id).outcome for one in waited] == [Outcome.WON] * 2  # type: ignore[union-attr]
    came = [make_person().id for _one in range(4)]
    assert [ask(found.id, one) for one in came] == ["granted"] * 3 + ["sold_out"]
    assert arrivals(found.id) == [
        (place, one, 100_00) for place, one in enumerate(came[:3], start=1)
    ]
    assert budgets.left_in_round(found.id) == Money.zero()
    assert [one.kind for one in notices.inbox(came[0])] == ["place_claimed"]
    assert_books_hold()


def test_with_too_little_for_all_who_waited_nobody_who_comes_later_gets_anything() -> None:
    found = make_waiting()
    enter_all(found.id, 5)
    open_(found.id)
    assert ask(found.id, make_person().id) == "sold_out"
    assert arrivals(found.id) == []


def test_a_granted_request_becomes_money_of_the_worker_with_its_reason() -> None:
    found = opened()
    me = make_person().id
    ask(found.id, me)
    place = queries.ticket_of(me, found.id).place  # type: ignore[union-attr]
    assert place
    operations.accept_place(place_id=place.id, by=actor_for(me), at=CLOSED)
    assert own_account.own_account(actor_for(me), on=CLOSED.date()).available == Money(100_00)
    credit = budgets.credit(place.id)
    assert credit
    assert [step.code for step in credit.reason.steps] == ["came_in_time"]
    assert_books_hold()


def test_who_asks_again_finds_the_same_answer_and_nothing_is_written_twice() -> None:
    found = opened()
    me = make_person().id
    tickets = [
        operations.claim(round_id=found.id, person_id=me, by=actor_for(me), at=CLOSED)
        for _try in range(3)
    ]
    assert tickets == tickets[:1] * 3
    assert len(arrivals(found.id)) == 1
    assert len(notices.inbox(me)) == 1
    assert budgets.left_in_round(found.id) == Money(200_00)


def test_a_refusal_is_not_kept_and_what_comes_free_goes_to_who_comes_next() -> None:
    found = opened(pot=Money(100_00))
    first, second, third = (make_person().id for _one in range(3))
    assert ask(found.id, first) == "granted"
    assert ask(found.id, second) == "sold_out"
    place = queries.ticket_of(first, found.id).place  # type: ignore[union-attr]
    assert place
    operations.decline_place(place_id=place.id, by=actor_for(first), at=CLOSED)
    assert [ask(found.id, one) for one in (second, third)] == ["granted", "sold_out"]
    assert_books_hold()


def test_what_comes_free_goes_first_to_who_waited_and_got_nothing() -> None:
    """Everyone who waited is on the reserve list, however short a list the rules asked for."""
    found = make_waiting(pot=Money(100_00), reserve_places=1)
    waited = enter_all(found.id, 4)
    open_(found.id)
    tickets = [queries.ticket_of(one, found.id) for one in waited]
    (winner,) = [one for one in tickets if one and one.place]
    reserves = [one for one in tickets if one and not one.place]
    assert {one.reserve_rank for one in reserves} == {1, 2, 3}
    (reserve,) = [one for one in reserves if one.reserve_rank == 1]
    assert ask(found.id, reserve.person_id) == "reserve"
    assert winner.place
    operations.decline_place(place_id=winner.place.id, by=actor_for(winner.person_id), at=CLOSED)
    moved = queries.ticket_of(reserve.person_id, found.id)
    assert moved
    assert moved.place
    assert ask(found.id, make_person().id) == "sold_out"


def test_each_row_of_the_trail_names_who_asked() -> None:
    found = opened()
    mine, helped = make_person().id, make_person().id
    desk = actor_for(make_person(role=Role.DESK), Role.DESK)
    ask(found.id, mine)
    operations.claim(round_id=found.id, person_id=helped, by=desk, at=CLOSED)
    rows = {
        person: [
            one.actor_person
            for one in trail.trail(subject=("draws.ticket", queries.ticket_of(person, found.id).id))  # type: ignore[union-attr]
        ]
        for person in (mine, helped)
    }
    assert rows == {mine: [mine], helped: [desk.person_id]}


def test_nobody_asks_for_somebody_else() -> None:
    found = opened()
    with pytest.raises(NotPermitted):
        operations.claim(
            round_id=found.id, person_id=make_person().id, by=actor_for(make_person()), at=CLOSED
        )
    assert arrivals(found.id) == []


def test_two_files_of_one_person_get_one_answer() -> None:
    found = opened()
    mine = make_opened(make_employment().person_id, at=MADE)
    other = make_employment(birth_date=date(1990, 5, 17))
    first = claimed(found.id, other.person_id)
    me = actor_for(mine, Role.WORKER, None, CLOSED)
    code = people.issue_claim_code(other.person_id, by=SYSTEM, at=CLOSED)
    people.claim(code=code, birth_date=date(1990, 5, 17), by=me, at=CLOSED)
    assert claimed(found.id, mine.id) == claimed(found.id, other.person_id) == first
    assert len(arrivals(found.id)) == 1


def claimed(round_id: UUID, person_id: UUID) -> TicketView:
    return operations.claim(round_id=round_id, person_id=person_id, by=SYSTEM, at=CLOSED)


@pytest.mark.parametrize(
    ("cents", "code"), [(99_99, "wrong_amount"), (100_01, "wrong_amount"), (100_00, "granted")]
)
def test_an_amount_must_be_within_the_rules(cents: int, code: str) -> None:
    assert ask(opened().id, make_person().id, cents) == code


def test_whom_the_round_is_not_for_gets_nothing() -> None:
    assert ask(opened(when="age >= 120").id, make_person().id) == "may_not_enter"


def test_who_took_their_ticket_from_the_waiting_room_hears_that_it_is_gone() -> None:
    found = make_waiting()
    (me,) = enter_all(found.id, 1)
    operations.withdraw(round_id=found.id, person_id=me, by=SYSTEM, at=OPENED)
    open_(found.id)
    assert ask(found.id, me) == "withdrawn"


def test_a_round_that_is_drawn_and_no_more_takes_no_arrivals() -> None:
    found = make_waiting(first_come=None)
    operations.list_due(by=SYSTEM, at=CLOSED)
    operations.reveal(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert ask(found.id, make_person().id) == "not_found"
    answers = operations.claim_many(
        round_id=found.id,
        claims=[Claim(make_person().id, Money(100_00), SYSTEM, CLOSED)],
        at=CLOSED,
    )
    assert [code_of(one) for one in answers] == ["not_open"]


def test_an_id_of_nobody_does_not_fail_those_who_ask_with_it() -> None:
    found = opened()
    claims = [
        Claim(person_id, Money(100_00), SYSTEM, CLOSED)
        for person_id in (derived_id(found.id, "nobody"), make_person().id)
    ]
    answers = operations.claim_many(round_id=found.id, claims=claims, at=CLOSED)
    assert [code_of(one) for one in answers] == ["sold_out", "granted"]


def test_after_the_last_day_nothing_is_granted_any_more() -> None:
    found = opened()
    last = datetime.combine(found.rules.reserve_until, CLOSED.timetz())
    assert ask(found.id, make_person().id, at=last - timedelta(days=1)) == "granted"
    assert ask(found.id, make_person().id, at=last + timedelta(days=1)) == "not_open"


def test_a_round_opens_by_itself_but_waits_for_its_beacon() -> None:
    found = make_waiting(
        beacon=make_rules().beacon,
        first_come=FirstCome(FALLEN, "Op volgorde van ontvangst."),
    )
    operations.list_due(by=SYSTEM, at=CLOSED)
    assert operations.open_due(by=SYSTEM, at=FALLEN) == 0
    assert ask(found.id, make_person().id, at=FALLEN) == "not_open"
    operator = actor_for(make_person(role=Role.OPERATOR), Role.OPERATOR)
    operations.enter_beacon(round_id=found.id, value="5f3c", by=operator, at=FALLEN)
    assert operations.open_due(by=SYSTEM, at=FALLEN - timedelta(seconds=1)) == 0
    assert operations.open_due(by=SYSTEM, at=FALLEN) == 1
    assert operations.open_due(by=SYSTEM, at=FALLEN) == 0
    assert ask(found.id, make_person().id, at=FALLEN) == "granted"


def test_the_files_of_the_draw_stay_as_they_were_and_arrivals_stand_in_a_file_of_their_own() -> (
    None
):
    found = make_waiting(pot=Money(1_000_00))
    enter_all(found.id, 3)
    open_(found.id)
    before = queries.files(found.id)
    came = [make_person().id for _one in range(2)]
    for one in came:
        ask(found.id, one)
    after = queries.files(found.id)
    numbers = [queries.ticket_of(one, found.id).number for one in came]  # type: ignore[union-attr]
    assert after.pop("arrivals.csv") == (
        f"arrival,ticket,cents\n1,{numbers[0]},10000\n2,{numbers[1]},10000\n"
    )
    assert before.pop("arrivals.csv") == "arrival,ticket,cents\n"
    assert after == before
    faults, _remarks = queries.verify_draw.verify(
        *(after[name] for name in ("rules.json", "tickets.csv", "result.json"))
    )
    assert faults == []
    assert sum(line.tickets for line in queries.groups_now(found.id)) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"first_come": FirstCome(CLOSED, " ")}, "law_missing"),
        ({"first_come": FirstCome(OPENED, "wet")}, "wrong_opening"),
        ({"beacon": make_rules().beacon}, "wrong_opening"),
        ({"first_come": FirstCome(CLOSED + timedelta(days=65), "wet")}, "wrong_opening"),
        ({"fit": Fit.CLOSE}, "wrong_first_come"),
        ({"carry_over": CarryOver(1, 3)}, "wrong_first_come"),
        ({"groups": (replace(EVERYONE, weight=2),)}, "wrong_first_come"),
        ({"groups": (Group("a", EVERYONE.title, "age >= 18"), EVERYONE)}, "wrong_first_come"),
    ],
)
def test_rules_that_serve_in_order_of_arrival_name_the_law_and_treat_everyone_alike(
    changes: dict[str, object], code: str
) -> None:
    plain = {"fit": Fit.SKIP, "carry_over": CarryOver(), "beacon": None}
    terms = {"first_come": FirstCome(CLOSED, "wet")}
    make_draft(make_rules(**plain, **terms))
    with pytest.raises(UnableToMakeRound) as refused:
        operations.make_round(
            rules=make_rules(**(plain | terms | changes)),
            payer_id=make_draft(make_rules()).payer_id,
            by=SYSTEM,
            at=MADE,
        )
    assert refused.value.code == code


@pytest.mark.parametrize(
    "changes",
    [{"arrival": None}, {"arrival": 1, "entered_at": OPENED}, {"arrival": 2, "won_cents": 1}],
)
def test_the_database_takes_no_other_ticket_after_the_draw(changes: dict[str, object]) -> None:
    found = opened()
    values: dict[str, object] = {
        "pk": UUID(int=7),
        "round_id": found.id,
        "person_id": make_person().id,
        "number": "AAAA",
        "cents": 100_00,
        "entered_at": CLOSED,
        "group": "all",
        "losses": 0,
        "weight": 1,
        "outcome": "won",
        "won_cents": 100_00,
        "arrival": 1,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(**(values | changes))
    Ticket.objects.create(**values)


def naive(pot: int, asked: Sequence[tuple[int, int]]) -> list[str]:
    """In order of arrival, each person once: who fits gets it, who does not is passed over."""
    granted: set[int] = set()
    answers = []
    for person, cents in asked:
        if person not in granted and cents <= pot:
            granted.add(person)
            pot -= cents
        answers.append("granted" if person in granted else "sold_out")
    return answers


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pot=st.integers(1, 12),
    asked=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 6)), max_size=9),
    cut=st.integers(0, 9),
)
def test_many_at_once_are_answered_as_one_by_one_in_order_of_arrival(
    pot: int, asked: list[tuple[int, int]], cut: int
) -> None:
    with transaction.atomic():
        euros = {"pot": Money(pot * 100), "least": Money(100), "most": Money(min(pot, 6) * 100)}
        wanted = [(person, min(size, pot)) for person, size in asked]
        persons = [make_person(claimed=False).id for _one in range(8)]
        claims = [
            Claim(persons[person], Money(size * 100), SYSTEM, CLOSED) for person, size in wanted
        ]
        at_once, apart = opened(**euros), opened(**euros)
        parts = [claims[:cut], claims[cut:]]
        answers = [
            code_of(one)
            for part in parts
            for one in operations.claim_many(round_id=at_once.id, claims=part, at=CLOSED)
        ]
        singles = [
            code_of(operations.claim_many(round_id=apart.id, claims=[one], at=CLOSED)[0])
            for one in claims
        ]
        assert answers == singles == naive(pot, wanted)
        assert arrivals(at_once.id) == arrivals(apart.id)
        left = [budgets.left_in_round(one.id) for one in (at_once, apart)]
        assert left[0] == left[1]
        assert queries.prove() == []
        again = operations.claim_many(round_id=at_once.id, claims=claims, at=CLOSED)
        given_ = Counter(code_of(one) for one in again)
        assert given_["granted"] >= answers.count("granted")
        transaction.set_rollback(True)
