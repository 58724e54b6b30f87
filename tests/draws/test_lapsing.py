"""Places that lapse and who moves up: the same winners whatever the chunks, and none twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import operations, queries, seeds
from eigenwijs.draws.models import Round
from eigenwijs.draws.operations import (
    UnableToAnswer,
    placing,
)
from eigenwijs.draws.rules import key
from eigenwijs.draws.types import Fit, PlaceState, RoundState
from eigenwijs.kernel.money import Money
from tests.factories.contributions import GIFT, SCHEMES, make_law
from tests.factories.draws import (
    DRAWN,
    OPENED,
    VALUE,
    assert_books_hold,
    draw,
    enter_all,
    kinds_told,
    make_published,
    make_rules,
    places,
    seen,
    told,
    verified,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_person,
)

pytestmark = pytest.mark.django_db


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


DATED = """\
spend:
  pays:
    cases: [{otherwise: most}]
    text: {nl: Dit betaalt een deel van een cursus., en: This pays a part of a course.}
    article: "4"
"""
MOST = """\
parameters:
  most: {unit: EUR, values: {2020-01-01: 300.00, 2026-05-06: 250.00}, article: "4"}
"""


def test_a_winner_can_say_yes_after_a_figure_of_the_scheme_changed() -> None:
    """The money keeps the figure of the day on which it was offered, of which the page told them."""
    text = (SCHEMES / GIFT / "scheme.yaml").read_text()
    make_law(GIFT, text=text.replace("spend:\n", DATED).replace("parameters:\n", MOST))
    person = make_person().id
    found = make_published()
    operations.enter(round_id=found.id, person_id=person, by=SYSTEM, at=OPENED)
    draw(found.id)
    at = DRAWN + timedelta(days=3)
    (open_place,) = queries.open_places_of(person, at=at)
    operations.accept_place(place_id=open_place.id, by=actor_for(person), at=at)
    (pot,) = budgets.account(person, on=at.date()).pots
    assert pot.available == Money(100_00)
    assert pot.conditions.pays
    assert pot.conditions.pays.figures == {"most": "30000"}
    assert pot.id == open_place.credit.pot_id
    assert_books_hold(at)
