"""The schemes that come with us: of many countries, each with what was published and what was not."""

from __future__ import annotations

from datetime import date

import pytest

from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.checking import check, inferred_places
from eigenwijs.schemes.types import SpendFacts
from tests.factories.budgets import NOW
from tests.factories.people import SYSTEM
from tests.schemes.test_language import SCHEMES

SHIPPED = sorted(SCHEMES.glob("*/*/scheme.yaml"))
NOT_YET = SCHEMES.parent / "docs/reference/not-yet.md"
COUNTRIES, LEAST = 5, 12


def test_there_are_schemes_of_many_countries_and_kinds_of_amount() -> None:
    found = [check(path.read_text()) for path in SHIPPED]
    assert len(found) >= LEAST
    assert len({one.scheme[:2] for one in found}) >= COUNTRIES
    assert {one.unit for one in found} == {"EUR", "SGD", "GBP", "hours", "days"}


def test_a_scheme_that_lacks_a_rule_says_what_it_assumes() -> None:
    """A scheme that the list of what cannot be said names is shipped with it as an assumption, or in full."""
    named = {
        path for path in SHIPPED if f"`{check(path.read_text()).scheme}`" in NOT_YET.read_text()
    }
    assumed = {path for path in named if inferred_places(check(path.read_text()))}
    assert {path.parent.name for path in named - assumed} == {"cpf"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("price", "most", "refused"),
    [(99_99, 29_99, ["least_price"]), (100_00, 30_00, []), (1_234_56, 370_36, [])],
)
def test_the_account_of_upper_austria_pays_30_percent(
    price: int, most: int, refused: list[str]
) -> None:
    """€ 1,234.56 × 30% = € 370.368, whole cents down; under € 100.00 it pays nothing at all."""
    text = (SCHEMES / "at/bildungskonto/scheme.yaml").read_text()
    version = operations.load(text=text, by=SYSTEM, at=NOW).hash
    fund = new_id(NOW)
    conditions = queries.conditions(
        version_hash=version, credited_on=date(2025, 3, 31), reverts_to=fund
    )
    course = SpendFacts(Money(price), ("0613",), False, (), employed=True)
    assert queries.most_payable(conditions, course=course) == Money(most)
    found = queries.spending_refusals(conditions, course=course, work_related=False)
    assert [one.id for one in found] == refused
    assert conditions.expires_on == date(2026, 12, 31)


def test_the_dutch_stap_budget_had_five_windows_in_order_of_arrival() -> None:
    """About € 160 million was published for 2022, later € 184 million; July and November to the euro."""
    terms = queries.ceiling((SCHEMES / "nl/stap-2022/scheme.yaml").read_text())
    assert terms
    assert terms.law
    assert (terms.least, terms.most) == (Money(1), Money(1_000_00))
    pots = {one.opens_on.month: one.pot.cents // 100_00 for one in terms.windows}
    assert (pots[7], pots[11]) == (326_000, 485_000)
    assert list(pots) == [3, 5, 7, 9, 11]
    assert 1_600_000 <= sum(pots.values()) <= 1_840_000
