"""What happens to money on a learning account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from eigenwijs.audit.models import AuditRow
from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.operations import (
    UnableToChooseOrder,
    UnableToCredit,
    UnableToRefund,
    UnableToReserve,
    UnableToSpend,
    UnableToTakeBack,
)
from eigenwijs.budgets.types import NewCredit, Spending
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger_operations
from eigenwijs.ledger import periods
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, NewTransfer
from eigenwijs.notices import queries as notices
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import OrganisationKind, PersonView, Role
from tests.factories.budgets import (
    CO_FUNDED,
    NOW,
    OWN_CONTRIBUTION,
    SIXTY_PERCENT,
    make_conditions,
    make_course_facts,
    make_credit,
    make_reason,
    pay_in,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)

pytestmark = pytest.mark.django_db

TODAY = local_date(NOW)
SOON = NOW + timedelta(days=90)
PROVIDER = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture
def person() -> PersonView:
    return make_person()


@pytest.fixture
def payee() -> UUID:
    return make_organisation(OrganisationKind.PROVIDER).id


@pytest.fixture(autouse=True)
def _books_are_proven() -> Iterator[None]:
    yield
    assert ledger.prove(at=NOW, known_holds=queries.hold_keys()) == []
    assert queries.prove() == []


def figures(person_id: UUID, on: date = TODAY) -> tuple[int, int, int]:
    account = queries.account(person_id, on=on)
    return account.available.cents, account.reserved.cents, account.expected.cents


def reserve(
    person_id: UUID,
    payee_id: UUID,
    *lines: tuple[UUID, int],
    booking: UUID | None = None,
    at: datetime = NOW,
    expires_at: datetime = SOON,
    by: Actor = SYSTEM,
) -> UUID:
    booking_id = booking or new_id(NOW)
    operations.reserve(
        booking_id=booking_id,
        person_id=person_id,
        lines=[(pot, Money(cents)) for pot, cents in lines],
        payee_id=payee_id,
        facts=make_course_facts(),
        work_related=True,
        expires_at=expires_at,
        by=by,
        at=at,
    )
    return booking_id


def spend(booking_id: UUID, cents: int | None = None) -> Spending:
    amount = None if cents is None else Money(cents)
    return operations.spend(booking_id=booking_id, amount=amount, by=SYSTEM, at=NOW)


def refund(booking_id: UUID, cents: int, key: UUID | None = None, *, grace: bool = False) -> None:
    operations.refund(
        key=key or new_id(NOW),
        booking_id=booking_id,
        amount=Money(cents),
        with_grace=grace,
        by=SYSTEM,
        at=NOW,
    )


def lapse(on: date) -> int:
    return operations.lapse_due(by=SYSTEM, at=start_of_day(on) + timedelta(hours=3)).lapsed.cents


class TestCrediting:
    def test_money_arrives_with_its_conditions_and_reason(self, person: PersonView) -> None:
        conditions = make_conditions(ends_on=date(2029, 11, 23), correctable_for_days=30)
        credit = make_credit(person.id, 17_500, conditions=conditions)
        assert figures(person.id) == (17_500, 0, 0)
        assert credit.conditions == conditions
        assert credit.reason == make_reason()
        assert credit.correctable_until == date(2026, 12, 23)
        assert queries.credit(credit.id) == credit

    def test_one_pot_for_a_payer_and_its_conditions_whatever_the_end(
        self, person: PersonView
    ) -> None:
        payer, fund = make_organisation().id, make_organisation(OrganisationKind.PAYER).id
        first = make_conditions(ends_on=date(2029, 1, 1), reverts_to=fund)
        for conditions in (first, replace(first, expires_on=date(2029, 2, 1))):
            make_credit(person.id, 100, payer_id=payer, conditions=conditions)
        make_credit(person.id, 7, payer_id=payer)
        make_credit(person.id, 9, conditions=first)
        pots = queries.account(person.id, on=TODAY).pots
        assert sorted(pot.available.cents for pot in pots) == [7, 9, 200]
        (two_lots,) = [pot for pot in pots if pot.available.cents == 200]
        assert [lot.usable_until for lot in two_lots.lots] == [date(2029, 1, 1), date(2029, 2, 1)]

    def test_a_payer_cannot_give_what_it_did_not_pay(self, person: PersonView) -> None:
        payer = make_organisation().id
        pay_in(payer, 99)
        with pytest.raises(UnableToCredit) as caught:
            operations.credit(**self.values(person.id, payer), by=SYSTEM, at=NOW)
        assert caught.value.code == "not_funded"
        assert figures(person.id) == (0, 0, 0)

    def values(self, person_id: UUID, payer_id: UUID) -> dict[str, object]:
        return {
            "key": new_id(NOW),
            "person_id": person_id,
            "payer_id": payer_id,
            "amount": Money(100),
            "conditions": make_conditions(),
            "reason": make_reason(),
            "occurred_on": TODAY,
            "group": new_id(NOW),
        }

    def test_the_same_key_credits_once(self, person: PersonView) -> None:
        payer = make_organisation().id
        pay_in(payer, 1_000)
        values = self.values(person.id, payer)
        first = operations.credit(**values, by=SYSTEM, at=NOW)
        again = operations.credit(**values, by=SYSTEM, at=NOW + timedelta(days=1))
        assert first == again
        assert figures(person.id)[0] == 100
        with pytest.raises(UnableToCredit) as caught:
            operations.credit(**{**values, "amount": Money(101)}, by=SYSTEM, at=NOW)
        assert caught.value.code == "key_reused"

    def test_money_of_a_day_in_a_closed_month_is_refused_as_such(self, person: PersonView) -> None:
        payer = make_organisation().id
        pay_in(payer, 100)
        at = NOW + timedelta(days=12)
        periods.begin(date(2026, 11, 30), by=new_id(at), at=at)
        with pytest.raises(UnableToCredit) as caught:
            operations.credit(**self.values(person.id, payer), by=SYSTEM, at=at)
        assert caught.value.code == "period_closed"

    def test_what_else_the_books_refuse_keeps_its_own_name(
        self, person: PersonView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_entries: object, **_more: object) -> None:
            raise ledger_operations.UnableToPost("unknown_account", account="")

        monkeypatch.setattr(ledger_operations, "post", refuse)
        with pytest.raises(ledger_operations.UnableToPost) as caught:
            operations.credit(**self.values(person.id, make_organisation().id), by=SYSTEM, at=NOW)
        assert caught.value.code == "unknown_account"

    def test_many_are_credited_together_or_not_at_all(self) -> None:
        payer = make_organisation().id
        pay_in(payer, 299)
        people = [make_person(claimed=False).id for _ in range(3)]
        credits_ = [NewCredit(**self.values(one, payer)) for one in people]
        with pytest.raises(UnableToCredit):
            operations.credit_all(credits_, by=SYSTEM, at=NOW)
        assert [figures(one)[0] for one in people] == [0, 0, 0]
        pay_in(payer, 1)
        operations.credit_all(credits_, by=SYSTEM, at=NOW)
        assert [figures(one)[0] for one in people] == [100, 100, 100]

    @pytest.mark.parametrize(
        ("code", "change"),
        [
            ("receiver_missing", {"reverts_to": None}),
            ("ended_already", {"expires_on": TODAY - timedelta(days=1)}),
        ],
    )
    def test_money_that_ends_badly_is_refused(
        self, person: PersonView, code: str, change: dict[str, object]
    ) -> None:
        payer = make_organisation().id
        pay_in(payer, 100)
        conditions = replace(make_conditions(ends_on=TODAY), **change)
        values = {**self.values(person.id, payer), "conditions": conditions}
        with pytest.raises(UnableToCredit) as caught:
            operations.credit(**values, by=SYSTEM, at=NOW)
        assert caught.value.code == code

    def test_money_that_goes_along_never_reverts_to_an_employer(self, person: PersonView) -> None:
        employer = make_organisation().id
        conditions = make_conditions(ends_on=date(2029, 1, 1), reverts_to=employer)
        pay_in(employer, 100)
        values = {**self.values(person.id, employer), "conditions": conditions}
        with pytest.raises(UnableToCredit) as caught:
            operations.credit(**values, by=SYSTEM, at=NOW)
        assert caught.value.code == "reverts_to_employer"
        fund = make_organisation(OrganisationKind.PAYER).id
        back = replace(conditions, reverts_to=fund, goes_back=True, employer=employer)
        refused = {
            "reverts_to_employer": back,
            "ends_with_job": replace(back, goes_back=False, months_after_job=2),
            "job_missing": replace(back, portable=False, employer=None),
        }
        for code, bad in refused.items():
            with pytest.raises(UnableToCredit) as caught:
                operations.credit(**{**values, "conditions": bad}, by=SYSTEM, at=NOW)
            assert caught.value.code == code
        values["conditions"] = replace(back, portable=False)
        operations.credit(**values, by=SYSTEM, at=NOW)
        assert figures(person.id)[0] == 100


class TestExpecting:
    def expect(self, person_id: UUID, payer_id: UUID, cents: int, key: UUID) -> None:
        operations.expect(
            key=key,
            person_id=person_id,
            payer_id=payer_id,
            amount=Money(cents),
            due_on=date(2026, 12, 31),
            conditions=make_conditions(),
            reason=make_reason(),
            by=SYSTEM,
            at=NOW,
        )

    def test_expected_money_is_in_no_book_and_can_be_changed(self, person: PersonView) -> None:
        payer, key = make_organisation().id, new_id(NOW)
        self.expect(person.id, payer, 100, key)
        self.expect(person.id, payer, 80, key)
        assert figures(person.id) == (0, 0, 80)
        (coming,) = queries.account(person.id, on=TODAY).coming
        assert (coming.amount, coming.due_on) == (Money(80), date(2026, 12, 31))
        operations.withdraw_expected(key=key, by=SYSTEM, at=NOW)
        operations.withdraw_expected(key=key, by=SYSTEM, at=NOW)
        self.expect(person.id, payer, 80, key)
        assert figures(person.id) == (0, 0, 0)

    def test_caps_see_what_somebody_has_under_a_scheme(
        self, person: PersonView, payee: UUID
    ) -> None:
        payer = make_organisation().id
        pot = make_credit(person.id, 500, payer_id=payer).pot_id
        reserve(person.id, payee, (pot, 200))
        self.expect(person.id, payer, 80, new_id(NOW))
        make_credit(person.id, 1, conditions=make_conditions(scheme="other"))
        nobody = make_person().id
        assert queries.balances_under_scheme([person.id, nobody], "gift") == {
            person.id: Money(580),
            nobody: Money(0),
        }

    def test_what_arrives_is_expected_no_longer_part_by_part(self, person: PersonView) -> None:
        payer, key = make_organisation().id, new_id(NOW)
        self.expect(person.id, payer, 100, key)
        pay_in(payer, 100)
        values = TestCrediting().values(person.id, payer)
        part = {**values, "amount": Money(60), "expected": key}
        operations.credit(**part, by=SYSTEM, at=NOW)
        assert figures(person.id) == (60, 0, 40)
        rest = {**values, "key": key, "amount": Money(40)}
        operations.credit(**rest, by=SYSTEM, at=NOW)
        operations.credit(**rest, by=SYSTEM, at=NOW)
        assert figures(person.id) == (100, 0, 0)


class TestTakingBack:
    def take_back(self, credit_id: UUID, cents: int, key: UUID, at: datetime = NOW) -> int:
        return operations.take_back(
            key=key, credit_id=credit_id, amount=Money(cents), by=SYSTEM, at=at
        ).cents

    def test_credited_money_stays_without_a_correction_term(self, person: PersonView) -> None:
        credit = make_credit(person.id, 100)
        with pytest.raises(UnableToTakeBack) as caught:
            self.take_back(credit.id, 1, new_id(NOW))
        assert caught.value.code == "not_correctable"

    def test_the_term_ends_after_its_last_day(self, person: PersonView) -> None:
        credit = make_credit(person.id, 100, conditions=make_conditions(correctable_for_days=30))
        last = start_of_day(TODAY + timedelta(days=31)) - timedelta(seconds=1)
        assert self.take_back(credit.id, 10, new_id(NOW), last) == 10
        with pytest.raises(UnableToTakeBack):
            self.take_back(credit.id, 10, new_id(NOW), last + timedelta(seconds=1))

    def test_only_what_is_neither_spent_nor_reserved_returns_to_the_payer(
        self, person: PersonView, payee: UUID
    ) -> None:
        credit = make_credit(person.id, 100, conditions=make_conditions(correctable_for_days=30))
        spend(reserve(person.id, payee, (credit.pot_id, 30)))
        reserve(person.id, payee, (credit.pot_id, 20))
        key = new_id(NOW)
        assert self.take_back(credit.id, 100, key) == 50
        assert self.take_back(credit.id, 100, key) == 50
        assert self.take_back(credit.id, 100, new_id(NOW)) == 0
        assert figures(person.id) == (0, 20, 0)
        clearing = ledger.balance_of(AccountKind.PAYER_CLEARING, credit.payer_id)
        assert clearing.posted.cents == 50

    def test_money_of_another_credit_is_never_touched(
        self, person: PersonView, payee: UUID
    ) -> None:
        payer = make_organisation().id
        fund = make_organisation(OrganisationKind.PAYER).id
        early = make_conditions(ends_on=date(2027, 1, 1), correctable_for_days=30, reverts_to=fund)
        late = replace(early, expires_on=date(2028, 1, 1))
        corrected = make_credit(person.id, 100, payer_id=payer, conditions=early)
        make_credit(person.id, 100, payer_id=payer, conditions=late)
        spend(reserve(person.id, payee, (corrected.pot_id, 100)))
        assert self.take_back(corrected.id, 100, new_id(NOW)) == 0
        assert figures(person.id)[0] == 100


class TestBooking:
    def test_money_of_several_pots_is_set_aside_spent_and_owed_to_the_provider(
        self, person: PersonView, payee: UUID
    ) -> None:
        one, two = make_credit(person.id, 17_500), make_credit(person.id, 30_000)
        booking = reserve(person.id, payee, (one.pot_id, 17_500), (two.pot_id, 22_500))
        assert figures(person.id) == (7_500, 40_000, 0)
        assert len(ledger.group(booking)) == 2
        spending = spend(booking)
        assert figures(person.id) == (7_500, 0, 0)
        assert spending.amount == Money(40_000)
        assert [(line.amount, ledger.account(line.account).owner) for line in spending.payable] == [
            (Money(40_000), payee)
        ]
        assert spend(booking) == spending

    def test_it_is_all_of_it_or_none(self, person: PersonView, payee: UUID) -> None:
        one, two = make_credit(person.id, 100), make_credit(person.id, 100)
        with pytest.raises(UnableToReserve) as caught:
            reserve(person.id, payee, (one.pot_id, 100), (two.pot_id, 101))
        assert caught.value.code == "insufficient_funds"
        assert figures(person.id) == (200, 0, 0)

    def test_the_same_booking_is_reserved_once(self, person: PersonView, payee: UUID) -> None:
        one, two = make_credit(person.id, 100), make_credit(person.id, 100)
        booking = reserve(person.id, payee, (one.pot_id, 60))
        reserve(person.id, payee, (one.pot_id, 60), booking=booking)
        assert figures(person.id) == (140, 60, 0)
        for lines in ([(one.pot_id, 61)], [(two.pot_id, 60)]):
            with pytest.raises(UnableToReserve) as caught:
                reserve(person.id, payee, *lines, booking=booking)
            assert caught.value.code == "key_reused"

    def test_money_of_somebody_else_is_not_there(self, person: PersonView, payee: UUID) -> None:
        other = make_credit(make_person().id, 100)
        for pot in (other.pot_id, new_id(NOW)):
            with pytest.raises(UnableToReserve) as caught:
                reserve(person.id, payee, (pot, 1))
            assert caught.value.code == "unknown_pot"

    @pytest.mark.parametrize("role", Role)
    def test_nobody_else_sets_a_workers_money_aside(
        self, person: PersonView, payee: UUID, role: Role
    ) -> None:
        pot = make_credit(person.id, 100).pot_id
        somebody = actor_for(make_person(), role, make_organisation().id)
        with pytest.raises(NotPermitted):
            reserve(person.id, payee, (pot, 1), by=somebody)
        reserve(person.id, payee, (pot, 1), by=actor_for(person))

    @pytest.mark.parametrize("lines", [[], [0], [-1]])
    def test_nothing_is_not_set_aside(
        self, person: PersonView, payee: UUID, lines: list[int]
    ) -> None:
        pot = make_credit(person.id, 100).pot_id
        with pytest.raises(UnableToReserve) as caught:
            reserve(person.id, payee, *((pot, cents) for cents in lines))
        assert caught.value.code == "no_lines"

    def test_a_condition_holds_whatever_the_page_sent(
        self, person: PersonView, payee: UUID
    ) -> None:
        pot = make_credit(person.id, 100, conditions=make_conditions(online_only=True)).pot_id
        with pytest.raises(UnableToReserve) as caught:
            reserve(person.id, payee, (pot, 100))
        assert caught.value.code == "not_usable"

    def test_money_that_pays_a_part_pays_no_more_whatever_the_page_sent(
        self, person: PersonView, payee: UUID
    ) -> None:
        """60 percent of € 400 is € 240, also from two pots of the scheme together."""
        conditions = make_conditions(scheme="state", pays=SIXTY_PERCENT)
        first, second = (
            make_credit(person.id, 20_000, conditions=conditions).pot_id for _payer in range(2)
        )
        with pytest.raises(UnableToReserve) as caught:
            reserve(person.id, payee, (first, 20_000), (second, 4_001))
        assert caught.value.code == "more_than_it_pays"
        reserve(person.id, payee, (first, 20_000), (second, 4_000))

    def test_what_a_pot_may_pay_beside_others_is_judged_by_all_that_is_set_aside(
        self, payee: UUID
    ) -> None:
        """Of € 400 it leaves € 103.20 without, and nothing with, € 50 of another agreement."""
        worker = make_employment().person_id
        conditions = make_conditions(scheme="state", own=OWN_CONTRIBUTION)
        state = make_credit(worker, 50_000, conditions=conditions).pot_id
        gift = make_credit(worker, 10_000).pot_id
        for lines in (((state, 29_681),), ((state, 29_681), (gift, 4_999))):
            with pytest.raises(UnableToReserve) as caught:
                reserve(worker, payee, *lines)
            assert caught.value.code == "more_than_it_pays"
        reserve(worker, payee, (state, 35_000), (gift, 5_000))

    def test_money_that_asks_others_first_is_not_set_aside_without_them(
        self, person: PersonView, payee: UUID
    ) -> None:
        conditions = make_conditions(scheme="state", others_pay_at_least=CO_FUNDED)
        state, again = (make_credit(person.id, 9_000, conditions=conditions).pot_id for _ in "ab")
        gift = make_credit(person.id, 9_000).pot_id
        for lines in (((state, 1),), ((state, 9_000), (again, 9_000)), ((state, 1), (gift, 4_999))):
            with pytest.raises(UnableToReserve) as caught:
                reserve(person.id, payee, *lines)
            assert caught.value.code == "more_than_it_pays"
        reserve(person.id, payee, (state, 9_000), (gift, 5_000))

    def test_what_the_mix_offers_of_several_versions_can_be_set_aside(
        self, person: PersonView, payee: UUID
    ) -> None:
        """€ 200 of a version that pays half, € 200 of one that pays 60 percent; the free one is last."""
        half, sixty, free = (
            make_credit(
                person.id, 50_000, conditions=make_conditions(scheme="state", pays=pays)
            ).pot_id
            for pays in (replace(SIXTY_PERCENT, figures={"part": "1/2"}), SIXTY_PERCENT, None)
        )
        facts = make_course_facts()
        order = (half, sixty, free)
        mix = queries.mix(person.id, facts, work_related=True, on=TODAY, order=order)
        lines = [(line.pot.id, line.amount.cents) for line in mix.lines]
        assert lines == [(half, 20_000), (sixty, 20_000)]
        reserve(person.id, payee, *lines)

    def test_what_is_released_can_be_spent_again(self, person: PersonView, payee: UUID) -> None:
        pot = make_credit(person.id, 100).pot_id
        booking = reserve(person.id, payee, (pot, 100))
        for _ in range(2):
            view = operations.release(booking_id=booking, with_grace=False, by=SYSTEM, at=NOW)
        assert view.state == "released"
        assert figures(person.id) == (100, 0, 0)
        with pytest.raises(UnableToSpend) as caught:
            spend(booking)
        assert caught.value.code == "not_reserved"

    def test_a_part_is_spent_from_the_first_line_on_and_the_rest_is_free(
        self, person: PersonView, payee: UUID
    ) -> None:
        one, two = make_credit(person.id, 100), make_credit(person.id, 100)
        booking = reserve(person.id, payee, (one.pot_id, 100), (two.pot_id, 50))
        spend(booking, 70)
        view = queries.reservation(booking)
        assert view is not None
        assert [line.spent.cents for line in view.lines] == [70, 0]
        assert figures(person.id) == (130, 0, 0)
        with pytest.raises(UnableToSpend):
            spend(booking, 71)

    @pytest.mark.parametrize("cents", [0, 151])
    def test_no_more_and_no_less_than_something_of_it_is_spent(
        self, person: PersonView, payee: UUID, cents: int
    ) -> None:
        booking = reserve(person.id, payee, (make_credit(person.id, 150).pot_id, 150))
        with pytest.raises(UnableToSpend) as caught:
            spend(booking, cents)
        assert caught.value.code == "more_than_reserved"

    def test_after_its_end_a_reservation_is_not_spent_unless_it_was_extended(
        self, person: PersonView, payee: UUID
    ) -> None:
        pot = make_credit(person.id, 100).pot_id
        booking = reserve(person.id, payee, (pot, 100), expires_at=NOW + timedelta(days=1))
        late = NOW + timedelta(days=2)
        with pytest.raises(UnableToSpend) as caught:
            operations.spend(booking_id=booking, by=SYSTEM, at=late)
        assert caught.value.code == "expired"
        for _ in range(2):
            operations.extend(booking_id=booking, expires_at=SOON, by=SYSTEM, at=late)
        assert figures(person.id) == (0, 100, 0)
        operations.spend(booking_id=booking, by=SYSTEM, at=late)
        assert figures(person.id) == (0, 0, 0)

    def test_a_refund_goes_back_to_the_pot_that_paid_last_first(
        self, person: PersonView, payee: UUID
    ) -> None:
        # € 175 conditional money first, then € 225 of free money; € 300 comes back:
        # € 225 to the free money, € 75 to the conditional money.
        one, two = make_credit(person.id, 17_500), make_credit(person.id, 30_000)
        booking = reserve(person.id, payee, (one.pot_id, 17_500), (two.pot_id, 22_500))
        spend(booking)
        key = new_id(NOW)
        refund(booking, 30_000, key)
        refund(booking, 30_000, key)
        view = queries.reservation(booking)
        assert view is not None
        assert [line.refunded.cents for line in view.lines] == [7_500, 22_500]
        assert figures(person.id) == (37_500, 0, 0)
        for code, cents, again in (
            ("more_than_spent", 10_001, new_id(NOW)),
            ("more_than_spent", 0, new_id(NOW)),
            ("key_reused", 29_999, key),
        ):
            with pytest.raises(UnableToRefund) as caught:
                refund(booking, cents, again)
            assert caught.value.code == code
        refund(booking, 10_000)
        assert figures(person.id) == (47_500, 0, 0)

    def test_what_was_paid_out_comes_back_after_the_provider_paid_it_back(
        self, person: PersonView, payee: UUID
    ) -> None:
        booking = reserve(person.id, payee, (make_credit(person.id, 100).pot_id, 100))
        with pytest.raises(UnableToRefund) as caught:
            refund(booking, 1)
        assert caught.value.code == "not_spent"
        (payable,) = spend(booking).payable
        bank = ledger_operations.open_account(kind=AccountKind.BANK, owner=UUID(int=1), at=NOW)

        def move(debit: object, credit: object) -> None:
            transfer = NewTransfer(
                new_id(NOW), debit, credit, Money(100), "paid", TODAY, new_id(NOW)
            )
            ledger_operations.post([transfer], by=SYSTEM, at=NOW)

        move(payable.account, bank)
        with pytest.raises(UnableToRefund) as caught:
            refund(booking, 100)
        assert caught.value.code == "paid_out"
        move(bank, payable.account)
        refund(booking, 100)
        assert figures(person.id) == (100, 0, 0)


class TestLapsing:
    END = date(2026, 12, 31)

    def credit(self, person_id: UUID, cents: int, end: date = END) -> UUID:
        self.fund = make_organisation(OrganisationKind.PAYER).id
        conditions = make_conditions(ends_on=end, reverts_to=self.fund)
        return make_credit(person_id, cents, conditions=conditions).pot_id

    def test_money_is_usable_on_its_last_day_and_then_goes_to_the_receiver_named(
        self, person: PersonView
    ) -> None:
        self.credit(person.id, 10_000)
        assert lapse(self.END) == 0
        after = self.END + timedelta(days=1)
        assert figures(person.id, after)[0] == 0
        assert lapse(after) == 10_000
        assert lapse(after) == 0
        fund = ledger.balance_of(AccountKind.LAPSED, self.fund)
        assert fund.available == Money(10_000)

    def test_money_past_its_end_is_not_reserved_even_before_it_lapsed(
        self, person: PersonView, payee: UUID
    ) -> None:
        pot = self.credit(person.id, 10_000)
        with pytest.raises(UnableToReserve) as caught:
            reserve(person.id, payee, (pot, 1), at=start_of_day(self.END + timedelta(days=1)))
        assert caught.value.code == "insufficient_funds"

    def test_money_past_its_end_stays_out_of_reach_when_live_money_of_its_pot_is_set_aside(
        self, person: PersonView, payee: UUID
    ) -> None:
        """At half past midnight after the end, before the run that lets it lapse."""
        pot = self.credit(person.id, 10_000)
        conditions = make_conditions(ends_on=date(2028, 1, 1), reverts_to=self.fund)
        (one,) = queries.account(person.id, on=TODAY).pots
        live = make_credit(person.id, 20_000, payer_id=one.payer_id, conditions=conditions)
        assert live.pot_id == pot
        night = start_of_day(self.END + timedelta(days=1)) + timedelta(minutes=30)
        day = local_date(night)
        for cents, left in ((12_000, 8_000), (8_000, 0)):
            reserve(person.id, payee, (pot, cents), at=night)
            assert figures(person.id, day)[0] == left
            mix = queries.mix(person.id, make_course_facts(), work_related=True, on=day)
            assert mix.from_account == Money(left)
        with pytest.raises(UnableToReserve) as caught:
            reserve(person.id, payee, (pot, 1), at=night)
        assert caught.value.code == "insufficient_funds"
        assert ledger.balance_of(AccountKind.LAPSED, self.fund).available == Money(10_000)
        assert [notice.kind for notice in notices.inbox(person.id)].count("money_lapsed") == 1
        row = AuditRow.objects.get(action="budgets.lapse")
        assert (row.actor_kind, row.actor_person) == ("system", None)
        assert lapse(day) == 0

    def test_what_is_set_aside_or_spent_does_not_lapse(
        self, person: PersonView, payee: UUID
    ) -> None:
        pot = self.credit(person.id, 10_000)
        spend(reserve(person.id, payee, (pot, 3_000)))
        reserve(person.id, payee, (pot, 2_000))
        assert lapse(self.END + timedelta(days=1)) == 5_000

    def test_what_is_released_after_its_end_lapses_with_the_next_run(
        self, person: PersonView, payee: UUID
    ) -> None:
        booking = reserve(person.id, payee, (self.credit(person.id, 10_000), 10_000))
        assert lapse(self.END + timedelta(days=1)) == 0
        late = start_of_day(self.END + timedelta(days=5))
        operations.release(booking_id=booking, with_grace=False, by=SYSTEM, at=late)
        assert figures(person.id, local_date(late)) == (0, 0, 0)
        assert lapse(local_date(late)) == 10_000

    def test_with_grace_it_stays_usable_for_six_months(
        self, person: PersonView, payee: UUID
    ) -> None:
        booking = reserve(person.id, payee, (self.credit(person.id, 10_000), 10_000))
        late = start_of_day(date(2027, 1, 31))
        operations.release(booking_id=booking, with_grace=True, by=SYSTEM, at=late)
        assert lapse(date(2027, 7, 31)) == 0
        (pot,) = queries.account(person.id, on=date(2027, 7, 31)).pots
        assert [(lot.amount.cents, lot.usable_until) for lot in pot.lots] == [
            (10_000, date(2027, 7, 31))
        ]
        assert lapse(date(2027, 8, 1)) == 10_000

    def test_money_that_comes_back_before_its_end_keeps_its_end(
        self, person: PersonView, payee: UUID
    ) -> None:
        booking = reserve(person.id, payee, (self.credit(person.id, 10_000), 10_000))
        spend(booking)
        refund(booking, 10_000, grace=True)
        (pot,) = queries.account(person.id, on=TODAY).pots
        assert [lot.usable_until for lot in pot.lots] == [self.END]
        assert lapse(self.END + timedelta(days=1)) == 10_000

    def test_it_goes_in_chunks_until_it_is_done(self) -> None:
        for _ in range(3):
            self.credit(make_person(claimed=False).id, 100)
        at = start_of_day(self.END + timedelta(days=1))
        runs = [operations.lapse_due(by=SYSTEM, at=at, limit=2) for _ in range(2)]
        assert [(run.pots, run.lapsed.cents, run.done) for run in runs] == [
            (2, 200, False),
            (1, 100, True),
        ]


class TestTelling:
    def told(self, person_id: UUID) -> list[str]:
        return [notice.kind for notice in notices.inbox(person_id)]

    def test_somebody_is_told_of_money_that_arrives_once(self, person: PersonView) -> None:
        payer = make_organisation(name="Bakkerij De Boer").id
        conditions = make_conditions(ends_on=date(2029, 11, 23))
        make_credit(person.id, 17_500, payer_id=payer, conditions=conditions)
        (notice,) = notices.inbox(person.id)
        body = notice.body.replace("\N{NO-BREAK SPACE}", " ")
        assert "Bakkerij De Boer zet € 175,00 op je leerrekening" in body
        assert "tot en met 23 november 2029" in body

    def test_somebody_is_told_of_a_correction(self, person: PersonView) -> None:
        credit = make_credit(person.id, 100, conditions=make_conditions(correctable_for_days=9))
        key = new_id(NOW)
        for _ in range(2):
            operations.take_back(key=key, credit_id=credit.id, amount=Money(10), by=SYSTEM, at=NOW)
        assert sorted(self.told(person.id)) == ["money_arrived", "money_corrected"]

    def test_somebody_is_warned_two_months_before_an_end_once(
        self, person: PersonView, payee: UUID
    ) -> None:
        end = date(2027, 6, 30)
        pot = make_credit(person.id, 100, conditions=make_conditions(ends_on=end)).pot_id
        reserve(person.id, payee, (pot, 30), expires_at=NOW + timedelta(days=900))
        early = start_of_day(end - timedelta(days=61))
        assert operations.warn_of_lapse(by=SYSTEM, at=early) == 0
        for days in (1, 2, 40):
            operations.warn_of_lapse(by=SYSTEM, at=early + timedelta(days=days))
        warnings = [one for one in notices.inbox(person.id) if one.kind == "money_lapsing"]
        assert [one.params["amount_cents"] for one in warnings] == [70]

    def test_a_later_end_is_warned_of_without_the_earlier_one_again(
        self, person: PersonView, payee: UUID
    ) -> None:
        """€ 1.00 ends in 50 days, € 2.00 of the same pot 40 days later; in between € 0.30 is set aside."""
        fund = make_organisation(OrganisationKind.PAYER).id
        payer = make_organisation().id
        end = TODAY + timedelta(days=50)
        for cents, ends_on in ((100, end), (200, end + timedelta(days=40))):
            conditions = make_conditions(ends_on=ends_on, reverts_to=fund)
            pot = make_credit(person.id, cents, payer_id=payer, conditions=conditions).pot_id
        assert operations.warn_of_lapse(by=SYSTEM, at=NOW) == 1
        reserve(person.id, payee, (pot, 30), expires_at=NOW + timedelta(days=900))
        for _ in range(2):
            operations.warn_of_lapse(by=SYSTEM, at=NOW + timedelta(days=45))
        warnings = [one for one in notices.inbox(person.id) if one.kind == "money_lapsing"]
        assert [one.params["amount_cents"] for one in reversed(warnings)] == [100, 200]

    def test_somebody_is_told_who_has_the_money_that_ended(self, person: PersonView) -> None:
        fund = make_organisation(OrganisationKind.PAYER, "Fonds Techniek").id
        conditions = make_conditions(ends_on=TODAY, reverts_to=fund)
        make_credit(person.id, 17_500, conditions=conditions)
        lapse(TODAY + timedelta(days=1))
        lapse(TODAY + timedelta(days=1))
        (notice,) = [one for one in notices.inbox(person.id) if one.kind == "money_lapsed"]
        assert "Fonds Techniek" in notice.body

    def test_nothing_is_said_of_money_that_is_gone(self, person: PersonView, payee: UUID) -> None:
        end = TODAY + timedelta(days=30)
        pot = make_credit(person.id, 100, conditions=make_conditions(ends_on=end)).pot_id
        spend(reserve(person.id, payee, (pot, 100)))
        assert operations.warn_of_lapse(by=SYSTEM, at=NOW) == 1
        assert operations.warn_of_lapse(by=SYSTEM, at=NOW) == 0
        lapse(end + timedelta(days=1))
        assert self.told(person.id) == ["money_arrived_with_end"]


class TestOrder:
    def test_the_worker_puts_pots_in_order(self, person: PersonView) -> None:
        one, two = make_credit(person.id, 1).pot_id, make_credit(person.id, 2).pot_id
        for order in ([two, one], [one, two], [two]):
            operations.choose_order(person_id=person.id, pots=order, by=SYSTEM, at=NOW)
            pots = [pot.id for pot in queries.account(person.id, on=TODAY).pots]
            assert pots[: len(order)] == order

    def test_pots_of_others_and_pots_named_twice_are_refused(self, person: PersonView) -> None:
        own, other = make_credit(person.id, 1).pot_id, make_credit(make_person().id, 1).pot_id
        for code, pots in (("unknown_pot", [own, other]), ("pot_twice", [own, own])):
            with pytest.raises(UnableToChooseOrder) as caught:
                operations.choose_order(person_id=person.id, pots=pots, by=SYSTEM, at=NOW)
            assert caught.value.code == code
