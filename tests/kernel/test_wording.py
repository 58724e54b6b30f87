"""Amounts and dates are written as people in this language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period


def readable(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("cents", "dutch", "english"),
    [
        (0, "€ 0,00", "€0.00"),
        (5, "€ 0,05", "€0.05"),
        (125000, "€ 1.250,00", "€1,250.00"),
        (-25099, "− € 250,99", "−€250.99"),
        (123456789, "€ 1.234.567,89", "€1,234,567.89"),
    ],
)
def test_an_amount_is_written_in_the_language_of_the_page(
    cents: int, dutch: str, english: str
) -> None:
    with override("nl"):
        assert readable(wording.money(Money(cents))) == dutch
    with override("en"):
        assert wording.money(Money(cents)) == english


def test_a_signed_amount_shows_its_plus_but_nothing_for_zero() -> None:
    with override("nl"):
        assert readable(wording.money(Money(100), signed=True)) == "+ € 1,00"
        assert readable(wording.money(Money(0), signed=True)) == "€ 0,00"


def test_an_amount_and_a_date_never_break_over_two_lines() -> None:
    with override("nl"):
        assert " " not in wording.money(Money(-100))
        assert " " not in wording.day(date(2027, 3, 3))


def test_a_date_is_written_out() -> None:
    with override("nl"):
        assert readable(wording.day(date(2027, 3, 3))) == "3 maart 2027"
    with override("en"):
        assert readable(wording.day(date(2027, 3, 3))) == "3 March 2027"


def test_a_moment_is_told_in_amsterdam_even_around_midnight() -> None:
    late = datetime(2027, 3, 2, 23, 30, tzinfo=UTC)
    with override("nl"):
        assert readable(wording.moment(late)) == "3 maart 2027, 00:30"
        assert readable(wording.day(late)) == "3 maart 2027"


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("2026-03", "maart 2026"),
        ("2026-P03", "periode 3 van 2026"),
        ("2026-Q1", "kwartaal 1 van 2026"),
        ("2026", "2026"),
    ],
)
def test_a_pay_period_is_named_as_on_a_payslip(notation: str, expected: str) -> None:
    with override("nl"):
        assert wording.period(Period.parse(notation)) == expected


@pytest.mark.parametrize(
    ("hundredths", "expected"), [(2400, "24 uur"), (725, "7,25 uur"), (50, "0,5 uur")]
)
def test_hours_lose_no_part_and_no_needless_zeros(hundredths: int, expected: str) -> None:
    with override("nl"):
        assert wording.hours(hundredths) == expected


@pytest.mark.parametrize(
    ("count", "nl", "en"), [(1, "1 maand", "1 month"), (6, "6 maanden", "6 months")]
)
def test_one_month_is_no_months(count: int, nl: str, en: str) -> None:
    with override("nl"):
        assert wording.months(count) == nl
    with override("en"):
        assert wording.months(count) == en


def test_an_iban_is_read_in_fours() -> None:
    assert readable(wording.iban("NL91ABNA0417164300")) == "NL91 ABNA 0417 1643 00"
