"""A round from draft to settled: in one order only, one ticket a person, and no cent unaccounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

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
)
from eigenwijs.draws.types import CarryOver, Outcome, RoundState
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import ContractKind
from tests.factories import treasury
from tests.factories.contributions import GIFT, MONTHLY, MONTHLY_SCHEME, SCHEMES, make_law
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    EVERYONE,
    FALLEN,
    FLEX,
    MADE,
    OPENED,
    VALUE,
    assert_books_hold,
    draw,
    enter_all,
    make_draft,
    make_fund,
    make_funded,
    make_operator,
    make_published,
    make_rules,
    places,
    seen,
    verified,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)

pytestmark = pytest.mark.django_db


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


def test_won_money_that_ends_at_an_age_ends_before_the_winners_own_birthday() -> None:
    """€ 100.00 on 4 May 2026: until 31 July for who turns 67 on 1 August, without a birth date for ever."""
    text = (SCHEMES / GIFT / "scheme.yaml").read_text()
    end = 'expiry: {at_age: 67, article: "7"}\nreversion: {to: sector_fund, article: "7"}\n'
    make_law(GIFT, text=f"{text}\n{end}")
    found = make_published()
    for born in (date(1959, 8, 1), None):
        person = make_person(birth_date=born).id
        operations.enter(round_id=found.id, person_id=person, by=SYSTEM, at=OPENED)
    draw(found.id)
    ends = {}
    for winner, place in places(found.id).items():
        operations.accept_place(place_id=place.pk, by=actor_for(winner), at=DRAWN)
        (pot,) = budgets.account(winner, on=DRAWN.date()).pots
        ends[winner] = [lot.usable_until for lot in pot.lots]
    assert sorted(ends.values(), key=str) == [[None], [date(2026, 7, 31)]]


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


def test_no_round_gives_money_of_a_scheme_whose_money_ends_with_a_job() -> None:
    """A round knows no job, and its draw would fail on the day on which people wait for it."""
    ends = MONTHLY.replace("portable: true", "portable: false") + (
        'expiry: {months_after_job: 6, article: "3"}\nreversion: {to: sector_fund, article: "3"}\n'
    )
    make_law("", text=ends)
    with pytest.raises(UnableToMakeRound) as refusal:
        make_draft(make_rules(scheme=MONTHLY_SCHEME))
    assert refusal.value.code == "not_portable"


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
