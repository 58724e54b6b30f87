"""The shipped account of France pays by the kind of course that its provider tells."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

import pytest

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.operations import UnableToReserve
from eigenwijs.catalogue.types import CourseKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, PersonView
from eigenwijs.schemes import operations as schemes
from eigenwijs.schemes import queries as scheme_queries
from eigenwijs.schemes.types import Conditions, SpendFacts
from tests.factories.budgets import NOW, make_course_facts, make_credit
from tests.factories.people import SYSTEM, make_employment, make_organisation
from tests.schemes.test_language import SCHEMES

pytestmark = pytest.mark.django_db

TODAY = local_date(NOW)
FEE = 103_20
MOST = {
    CourseKind.SKILLS_REVIEW: 1_600_00,
    CourseKind.CERTIFICATE: 1_500_00,
    CourseKind.DRIVING_LICENCE: 900_00,
}
OTHERS_FIRST = 100_00


@pytest.fixture
def account() -> Conditions:
    """The conditions of money that this account got in March 2026."""
    text = (SCHEMES / "fr/cpf/scheme.yaml").read_text()
    version = schemes.load(text=text, by=SYSTEM, at=NOW).hash
    return scheme_queries.conditions(
        version_hash=version, credited_on=date(2026, 3, 1), reverts_to=None
    )


@pytest.fixture
def worker() -> PersonView:
    found = people.person(make_employment().person_id)
    assert found
    return found


def reserve(person: PersonView, cents: int, kind: CourseKind, *lines: tuple[UUID, int]) -> None:
    operations.reserve(
        booking_id=new_id(NOW),
        person_id=person.id,
        lines=[(pot, Money(part)) for pot, part in lines],
        payee_id=make_organisation(OrganisationKind.PROVIDER).id,
        facts=make_course_facts(cents, kind=kind),
        work_related=False,
        expires_at=NOW + timedelta(days=90),
        by=SYSTEM,
        at=NOW,
    )


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (CourseKind.COURSE, 2_396_80),
        (CourseKind.BASIC_SKILLS, 2_396_80),
        (CourseKind.LANGUAGE, 2_396_80),
        (CourseKind.CERTIFICATE, 1_500_00),
        (CourseKind.SKILLS_REVIEW, 1_600_00),
    ],
)
def test_of_2500_euros_it_pays_what_its_kind_allows_whatever_the_page_sent(
    account: Conditions, worker: PersonView, kind: CourseKind, most: int
) -> None:
    pot = make_credit(worker.id, 5_000_00, conditions=account).pot_id
    facts = make_course_facts(2_500_00, kind=kind)
    found = queries.mix(worker.id, facts, work_related=False, on=TODAY)
    assert [(line.pot.id, line.amount) for line in found.lines] == [(pot, Money(most))]
    with pytest.raises(UnableToReserve) as caught:
        reserve(worker, 2_500_00, kind, (pot, most + 1))
    assert caught.value.code == "more_than_it_pays"
    reserve(worker, 2_500_00, kind, (pot, most))


def test_a_driving_licence_asks_who_has_work_for_100_euros_of_others(
    account: Conditions, worker: PersonView
) -> None:
    pot = make_credit(worker.id, 5_000_00, conditions=account).pot_id
    gift = make_credit(worker.id, 99_99).pot_id
    kind = CourseKind.DRIVING_LICENCE
    facts = make_course_facts(1_800_00, kind=kind)
    found = queries.mix(worker.id, facts, work_related=False, on=TODAY)
    assert [line.pot.id for line in found.lines] == [gift]
    with pytest.raises(UnableToReserve):
        reserve(worker, 1_800_00, kind, (gift, 99_99), (pot, 1))
    cent = make_credit(worker.id, 1).pot_id
    found = queries.mix(worker.id, facts, work_related=False, on=TODAY)
    paid = {line.pot.id: line.amount.cents for line in found.lines}
    assert paid == {pot: 900_00, gift: 99_99, cent: 1}
    reserve(worker, 1_800_00, kind, *paid.items())


def test_random_courses_are_paid_as_a_plain_reading_of_the_rules_says(account: Conditions) -> None:
    drawn = random.Random("kinds")
    seen = set()
    for _ in range(2_000):
        kind = drawn.choice(list(CourseKind))
        price = drawn.choice([0, 1, FEE, drawn.randrange(3_000_00)])
        employed, others = drawn.random() < 0.5, drawn.choice([0, 1, 99_99, 100_00, 500_00])
        course = SpendFacts(Money(price), (), False, (), employed=employed, course_kind=kind.value)
        is_licence = kind is CourseKind.DRIVING_LICENCE
        if is_licence and employed and others < OTHERS_FIRST:
            expected = 0
        else:
            fee = FEE if employed and others == 0 else 0
            expected = min(MOST.get(kind, price), max(price - fee, 0))
        found = scheme_queries.most_payable(account, course=course, others=Money(others))
        assert found == Money(expected), (kind, price, employed, others)
        seen.add((kind, employed, expected == MOST.get(kind)))
    assert {(kind, employed, True) for kind in MOST for employed in (True, False)} <= seen
