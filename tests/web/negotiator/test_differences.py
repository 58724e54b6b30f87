"""Two texts beside each other: no rule that differs is called the same."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from eigenwijs.web.negotiator.differences import Row, rows
from tests.schemes.test_language import SCHEMES

SHOP = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
ON = date(2027, 1, 1)
LONGER = "In je contract staan 12 uur per week of minder."


def ends(expiry: str, portable: bool = True) -> str:
    text = SHOP if portable else SHOP.replace("portable: true", "portable: false")
    return (
        f'{text}expiry: {{{expiry}, article: "5"}}\nreversion: {{to: sector_fund, article: "5"}}\n'
    )


def row(label: str, *texts: str) -> Row:
    found = [one for one in rows(list(texts), ON) if one.label == label]
    assert len(found) == 1, label
    return found[0]


@pytest.mark.parametrize(
    ("first", "second", "says_first", "says_second"),
    [
        (
            ends("months_after_job: 6", portable=False),
            ends("months_after_job: 1", portable=False),
            "nog 6 maanden gebruiken na je laatste dag",
            "nog 1 maand gebruiken na je laatste dag",
        ),
        (ends("at_age: 67"), ends("at_age: 50"), "voor je 67 wordt", "voor je 50 wordt"),
        (
            ends("end_of_year_after: 5"),
            ends("end_of_year_after: 0"),
            "5 jaar na het jaar waarin het erop komt",
            "31 december van het jaar waarin het erop komt",
        ),
        (ends("on: 2030-12-31"), ends("at_age: 67"), "31 december 2030", "voor je 67 wordt"),
        (ends("on: 2030-12-31"), ends("on: 2031-12-31"), "2030", "2031"),
        (ends("after_months: 48"), ends("after_months: 1"), "48 maanden", "1 maand"),
        (SHOP, ends("after_months: 48"), "blijft altijd geldig", "48 maanden"),
    ],
)
def test_ends_of_money_that_differ_are_said_in_their_own_words(
    first: str, second: str, says_first: str, says_second: str
) -> None:
    found = row("Wanneer geld vervalt", first, second)
    plain = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in found.cells]
    assert found.differs
    assert says_first in plain[0]
    assert says_second in plain[1]
    assert not row("Wanneer geld vervalt", first, first).differs


def test_a_condition_that_was_turned_around_differs() -> None:
    other = SHOP.replace("contract_hours_week > min_hours", "contract_hours_week < min_hours")
    found = row("Wie er buiten valt", SHOP, other)
    assert found.differs
    assert "meer dan 12" in found.cells[0]
    assert "minder dan 12" in found.cells[1]


def test_a_sentence_that_was_changed_is_shown_as_each_text_has_it() -> None:
    found = row("Wie er buiten valt", SHOP, SHOP.replace(LONGER, "Je werkt te weinig uren."))
    assert found.differs
    assert LONGER in found.cells[0]
    assert "Je werkt te weinig uren." in found.cells[1]
    assert not found.language


def test_a_sentence_that_differs_in_the_other_language_alone_differs() -> None:
    other = SHOP.replace("Your contract is for 12 hours", "Your contract is for 8 hours")
    found = row("Wie er buiten valt", SHOP, other)
    assert "for 12 hours" in found.cells[0]
    assert "for 8 hours" in found.cells[1]
    assert found.language == "en"
    with translation.override("en"):
        assert "for 8 hours" in row("Who is left out", SHOP, other).cells[1]
        other = SHOP.replace(LONGER, "Je werkt te weinig uren.")
        found = row("Who is left out", SHOP, other)
        assert "Je werkt te weinig uren." in found.cells[1]
        assert found.language == "nl"


def test_a_condition_that_is_written_otherwise_is_shown_as_it_is_written() -> None:
    other = SHOP.replace("contract_hours_week > min_hours", "(contract_hours_week > min_hours)")
    found = row("Wie er buiten valt", SHOP, other)
    assert found.cells == ("contract_hours_week > min_hours", "(contract_hours_week > min_hours)")


def test_a_condition_that_is_the_same_or_missing_is_said_as_before() -> None:
    without = SHOP[: SHOP.index("  - id: agency")] + SHOP[SHOP.index("  - id: hours") :]
    found = [one for one in rows([SHOP, without], ON) if one.label.startswith("Wie er buiten valt")]
    assert [one.cells for one in found] == [
        ("staat erin", "staat er niet in"),
        ("staat erin", "staat erin"),
    ]
    assert [one.differs for one in found] == [True, False]
    assert LONGER in found[1].label
    # the condition that both have stands in another place of each text
    turned = without.replace("contract_hours_week > min_hours", "contract_hours_week < min_hours")
    assert "minder dan 12" in row("Wie er buiten valt", SHOP, turned).cells[1]
    assert "meer dan 12" in row("Wie er buiten valt", SHOP, turned).cells[0]
