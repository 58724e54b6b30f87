"""A scheme that says how money is divided is what a round over it runs by, whoever makes the round."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from eigenwijs.draws import operations, queries, terms
from eigenwijs.draws.operations import UnableToMakeRound
from eigenwijs.draws.types import (
    AgreedTerms,
    CarryOver,
    FirstCome,
    Fit,
    Group,
    Outcome,
    RoundRules,
    RoundState,
)
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.checking import FaultyScheme
from eigenwijs.treasury import queries as treasury
from tests.factories.contributions import GIFT, SCHEMES, make_law
from tests.factories.draws import (
    FALLEN,
    MADE,
    draw,
    enter_all,
    make_fund,
    make_funded,
    make_operator,
    make_rules,
    verified,
)
from tests.factories.people import SYSTEM

CEILING = """
ceiling:
  who: {nl: Wie 18 is of ouder., en: Who is 18 or older.}
  when: age >= 18
  order: priority
  groups:
    - {id: on_call, when: "contract_kind in [on_call]", text: {nl: Oproep, en: On call}, weight: 3, article: "8"}
    - {id: few, when: contract_hours_week < 20, text: {nl: Weinig, en: Few}, share_percent: 20, article: "8"}
  bad_luck: {step: 1, rounds: 3, article: "8"}
  least: 100.00
  most: 100.00
  when_too_small: partial
  windows:
    - {opens: 2026-04-01, closes: 2026-04-30, pot: 250.00, article: "8"}
    - {opens: 2026-06-01, closes: 2026-06-30, pot: 9000.00, article: "8"}
  article: "8"
"""
LAW = "Artikel 8: in volgorde van ontvangst."
ARRIVAL = f"""
ceiling:
  who: {{nl: Iedereen., en: Everyone.}}
  order: first_come
  law: "{LAW}"
  most: 100.00
  when_too_small: skip
  windows:
    - {{opens: 2026-05-01, closes: 2026-07-31, pot: 250.00, article: "8"}}
  article: "8"
"""


def law_with(block: str, valid_from: date = date(2024, 1, 1)) -> None:
    """Put a scheme with the block in force."""
    text = (SCHEMES / GIFT / "scheme.yaml").read_text() + block
    make_law(GIFT, valid_from=valid_from, text=text)


def first_window() -> AgreedTerms:
    return queries.agreed_windows(MADE.date())[0]


def rules_of(agreed: AgreedTerms) -> RoundRules:
    """The rules of a round exactly as agreed, the rest as other rounds have it."""
    rules = make_rules(
        who=agreed.who,
        when=agreed.when,
        pot=agreed.pot,
        least=agreed.least,
        most=agreed.most,
        groups=agreed.groups,
        fit=agreed.fit,
        carry_over=agreed.carry_over,
    )
    if agreed.law:
        opens_at = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
        return replace(
            rules,
            first_come=FirstCome(opens_at, agreed.law),
            reserve_until=agreed.last_day,
            beacon=None,
        )
    later = agreed.first_day - rules.opens_on
    beacon = replace(rules.beacon, falls_at=FALLEN + later) if rules.beacon else None
    return replace(
        rules,
        opens_on=agreed.first_day,
        closes_on=agreed.last_day,
        reserve_until=rules.reserve_until + later,
        beacon=beacon,
    )


def refusal(rules: RoundRules) -> str:
    with pytest.raises(UnableToMakeRound) as refused:
        operations.make_round(rules=rules, payer_id=make_fund(), by=make_operator(), at=MADE)
    assert "%(" not in str(refused.value)
    return refused.value.code


@pytest.mark.django_db
def test_a_round_taken_from_a_scheme_is_drawn_by_its_terms() -> None:
    """€ 250 for six who ask € 100: two get it, a third what is left of it."""
    law_with(CEILING)
    found = make_funded(rules_of(first_window()))
    operations.publish_round(round_id=found.id, by=SYSTEM, at=MADE)
    entered = enter_all(found.id, 6)
    done = draw(found.id)
    assert done.state is RoundState.DRAWN
    assert verified(found.id) == []
    tickets = [queries.ticket_of(one, found.id) for one in entered]
    won = Counter(one.place.amount.cents for one in tickets if one and one.place)
    assert won == {100_00: 2, 50_00: 1}
    assert sum(one.outcome is Outcome.WON for one in tickets if one) == 3
    assert schemes.version(done.rules.scheme_hash).text.endswith(CEILING)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pot": Money(250_01)}, "other_pot"),
        ({"least": Money(99_99)}, "other_amounts"),
        ({"most": Money(100_01)}, "other_amounts"),
        ({"when": "age >= 19"}, "other_who"),
        ({"who": {"nl": "Iedereen", "en": "Everyone"}}, "other_who"),
        ({"fit": Fit.CLOSE}, "other_fit"),
        ({"carry_over": CarryOver()}, "other_bad_luck"),
        ({"once_a_year": True}, "other_once"),
        ({"groups": (Group("all", {"nl": "a", "en": "b"}),)}, "other_groups"),
        ({"opens_on": date(2026, 4, 2)}, "other_window"),
        ({"closes_on": date(2026, 4, 29)}, "other_window"),
    ],
)
def test_a_round_that_departs_from_its_scheme_is_refused(
    change: dict[str, object], code: str
) -> None:
    law_with(CEILING)
    rules = rules_of(first_window())
    assert refusal(replace(rules, **change)) == code  # type: ignore[arg-type]
    weights = tuple(replace(one, weight=one.weight % 3 + 1) for one in rules.groups)
    assert refusal(replace(rules, groups=weights)) == "other_groups"
    assert queries.rounds() == []


@pytest.mark.django_db
def test_a_scheme_that_says_lots_has_no_order_of_arrival_and_the_other_way_round() -> None:
    law_with(CEILING)
    plain = {"groups": rules_of(first_window()).groups[-1:], "fit": Fit.SKIP}
    arrival = FirstCome(datetime(2026, 5, 10, 10, 0, tzinfo=UTC), LAW)
    rules = make_rules(carry_over=CarryOver(), first_come=arrival, **plain)
    assert refusal(rules) == "other_order"
    law_with(ARRIVAL, date(2026, 1, 1))
    rules = rules_of(first_window())
    assert refusal(replace(rules, first_come=None)) == "other_order"
    assert refusal(replace(rules, first_come=replace(arrival, law="Artikel 9"))) == "other_order"
    assert refusal(replace(rules, first_come=arrival)) == "other_window"
    assert refusal(replace(rules, reserve_until=date(2026, 8, 1))) == "other_window"


@pytest.mark.django_db
def test_in_order_of_arrival_the_waiting_room_lies_before_the_window() -> None:
    law_with(ARRIVAL)
    agreed = first_window()
    found = make_funded(rules_of(agreed))
    assert found.rules.opens_on < found.rules.closes_on < agreed.first_day
    assert found.rules.reserve_until == agreed.last_day
    assert (agreed.least, agreed.when) == (Money(1), "")
    assert queries.agreed_terms(found.rules) == agreed


@pytest.mark.django_db
def test_a_pot_is_divided_once_unless_its_round_was_dropped() -> None:
    law_with(CEILING)
    agreed = first_window()
    rules = rules_of(agreed)
    made = make_funded(rules)
    assert first_window().first_day == date(2026, 6, 1)
    again = replace(rules, round_id=new_id(MADE))
    assert refusal(again) == "window_taken"
    operations.change_round(rules=replace(rules, accept_days=30), by=SYSTEM, at=MADE)
    operations.publish_round(round_id=made.id, by=SYSTEM, at=MADE)
    assert refusal(again) == "window_taken"
    operations.withdraw_round(
        round_id=made.id, reason={"nl": "a", "en": "b"}, by=make_operator(), at=MADE
    )
    assert operations.make_round(rules=again, payer_id=make_fund(), by=SYSTEM, at=MADE)


@pytest.mark.django_db
def test_a_round_that_was_paid_too_late_for_its_window_gives_the_money_back() -> None:
    """Its days are the scheme's, so it cannot wait: € 250 goes back and the window is free."""
    law_with(CEILING)
    made = make_funded(rules_of(first_window()))
    too_late = MADE.replace(year=2026, month=4, day=2)
    with pytest.raises(UnableToMakeRound) as refused:
        operations.publish_round(round_id=made.id, by=SYSTEM, at=too_late)
    assert refused.value.code == "too_late"
    operations.discard_round(round_id=made.id, by=SYSTEM, at=too_late)
    (waiting,) = treasury.payable_orders(too_late.date())
    assert (waiting.order.amount, waiting.order.payee_id) == (Money(250_00), made.payer_id)
    assert queries.prove() == []


@pytest.mark.django_db
def test_a_draft_from_before_the_scheme_said_it_is_not_published() -> None:
    make_law(GIFT)
    free = make_funded(make_rules())
    law_with(CEILING, date(2026, 1, 1))
    with pytest.raises(UnableToMakeRound) as refused:
        operations.publish_round(round_id=free.id, by=SYSTEM, at=MADE)
    assert refused.value.code == "other_pot"


@pytest.mark.django_db
def test_a_scheme_that_says_nothing_of_rounds_leaves_them_free() -> None:
    make_law(GIFT)
    found = make_funded(make_rules(pot=Money(777_00), fit=Fit.SKIP))
    assert queries.agreed_windows(MADE.date()) == []
    assert queries.agreed_terms(found.rules) is None
    second = make_rules(round_id=UUID(int=9))
    assert operations.make_round(rules=second, payer_id=make_fund(), by=SYSTEM, at=MADE)


@pytest.mark.parametrize(
    ("change", "is_good"),
    [
        ({}, True),
        ({"shares": (50, 50)}, True),
        ({"shares": (50, 51)}, False),
        ({"shares": (1,) * 5}, True),
        ({"shares": (1,) * 6}, False),
        ({"weight": 10}, True),
        ({"weight": 11}, False),
        ({"weight": 0}, False),
        ({"least": 1}, True),
        ({"least": 0}, False),
        ({"least": 301}, False),
        ({"least": 300, "pot": 300}, True),
        ({"pot": 299}, False),
        ({"pot": 100_000_000_000}, True),
        ({"pot": 100_000_000_001}, False),
        ({"days": 0}, True),
        ({"days": -1}, False),
        ({"step": 5}, True),
        ({"step": 6}, False),
    ],
)
def test_what_the_check_of_a_scheme_lets_through_a_round_can_run(
    change: dict[str, Any], is_good: bool
) -> None:
    """The bounds are the same: a text passes exactly where rules of its terms pass."""
    of = {"shares": (20,), "weight": 2, "least": 100, "pot": 1000, "days": 2, "step": 1} | change
    first = date(2026, 4, 1)
    last = first + timedelta(of["days"])
    groups = [
        Group(f"g_{i}", {"nl": "x", "en": "x"}, f"age < {i + 20}", of["weight"], share)
        for i, share in enumerate(of["shares"])
    ]
    rules = make_rules(
        pot=Money(of["pot"]),
        least=Money(of["least"]),
        most=Money(300),
        closes_on=last,
        carry_over=CarryOver(of["step"], 1),
        groups=(*groups, Group("all", {"nl": "x", "en": "x"})),
    )
    lines = "".join(
        f"\n    - {{id: {one.id}, when: {one.when}, text: {{nl: x, en: x}}, weight: {one.weight}, "
        f'share_percent: {one.share_percent}, article: "8"}}'
        for one in groups
    )
    block = f"""
ceiling:
  who: {{nl: x, en: x}}
  order: priority
  groups:{lines}
  bad_luck: {{step: {of["step"]}, rounds: 1, article: "8"}}
  least: {of["least"] / 100:.2f}
  most: 3.00
  when_too_small: close
  windows:
    - {{opens: {first}, closes: {last}, pot: {of["pot"] // 100}.{of["pot"] % 100:02}, article: "8"}}
  article: "8"
"""
    text = (SCHEMES / GIFT / "scheme.yaml").read_text() + block
    assert is_good is not any(is_wrong for _code, is_wrong in terms._wrongs(rules, MADE.date()))
    if is_good:
        assert schemes.ceiling(text)
    else:
        with pytest.raises(FaultyScheme):
            schemes.ceiling(text)
