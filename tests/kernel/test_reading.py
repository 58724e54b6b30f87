"""Cells read exactly or refused: dates, numbers, amounts, yes and no."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.reading import (
    read_cents,
    read_date,
    read_hundredths,
    read_number,
    read_whole_number,
    read_yes_no,
)


def code_of(answer: object) -> str:
    assert isinstance(answer, Fault)
    assert (answer.line, answer.field_name) == (7, "kolom")
    return answer.code


@pytest.mark.parametrize(
    "text",
    [
        "03-02-2026",
        "3-2-2026",
        "2026-02-03",
        "2026-2-3",
        "20260203",
        "2026-02-03 00:00:00",
        "03-02-2026 00:00",
    ],
)
def test_the_known_ways_to_write_a_date(text: str) -> None:
    assert read_date(text, line=7, field_name="kolom") == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing"),
        ("31-02-2026", "no_such_day"),
        ("29-02-2025", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        ("00000000", "no_such_day"),
        ("01-01-0201", "year_out_of_range"),
        ("01-01-2201", "year_out_of_range"),
        ("01-01-26", "not_a_date"),
        ("03/02/2026", "not_a_date"),
        ("46056", "not_a_date"),
        ("3 februari 2026", "not_a_date"),
        ("03-02-2026 13:45", "not_a_date"),
        ("٠٣-٠٢-٢٠٢٦", "not_a_date"),
    ],
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    assert code_of(read_date(text, line=7, field_name="kolom")) == code


@given(
    st.dates(date(1900, 1, 1), date(2200, 12, 31)),
    st.sampled_from(["%d-%m-%Y", "%Y-%m-%d", "%Y%m%d"]),
)
def test_every_date_reads_back(day: date, form: str) -> None:
    assert read_date(day.strftime(form), line=7, field_name="kolom") == day


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Fraction(12)),
        ("12,5", Fraction(25, 2)),
        ("12.50", Fraction(25, 2)),
        ("0,125", Fraction(1, 8)),
        ("1.234,56", Fraction(123456, 100)),
        ("1,234.56", Fraction(123456, 100)),
        ("1.234.567", Fraction(1234567)),
        ("1234,567", Fraction(1234567, 1000)),
        ("1 234,5", Fraction(12345, 10)),
        ("1\u00a0234", Fraction(1234)),
        ("1'234.50", Fraction(12345, 10)),
        ("-5,00", Fraction(-5)),
        ("5,00-", Fraction(-5)),
        ("- 5", Fraction(-5)),
        ("+5", Fraction(5)),
        ("007", Fraction(7)),
    ],
)
def test_the_known_ways_to_write_a_number(text: str, value: Fraction) -> None:
    assert read_number(text, line=7, field_name="kolom") == value


@pytest.mark.parametrize("text", ["1.234", "1,234", "12,345", "999.000", "-1.234"])
def test_a_number_that_means_two_things_is_refused(text: str) -> None:
    assert code_of(read_number(text, line=7, field_name="kolom")) == "ambiguous_number"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "12,5,6",
        "1.23,4",
        "1.2345,6",
        "12,",
        ",5",
        "1.234.56",
        "--5",
        "-5-",
        "1e3",
        "١٢",
        "12 5",
        "1,234,56",
        "-",
        "36:30",
        "9" * 5000,
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert code_of(read_number(text, line=7, field_name="kolom")) == "not_a_number"


def _dutch(hundredths: int) -> str:
    return f"{hundredths // 100},{hundredths % 100:02d}"


def _dutch_grouped(hundredths: int) -> str:
    return f"{hundredths // 100:,}".replace(",", ".") + f",{hundredths % 100:02d}"


def _english_grouped(hundredths: int) -> str:
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"


@given(
    st.integers(0, 10**12),
    st.sampled_from([_dutch, _dutch_grouped, _english_grouped]),
    st.sampled_from(["{}", "-{}", "{}-", "+{}"]),
)
def test_every_number_of_two_decimals_reads_back_exactly(
    value: int, write: object, sign: str
) -> None:
    text = sign.format(write(value))  # type: ignore[operator]
    expected = -value if "-" in sign else value
    assert read_hundredths(text, line=7, field_name="kolom") == expected


def test_nothing_is_rounded() -> None:
    assert read_hundredths("36,6700", line=7, field_name="kolom") == 3667
    assert code_of(read_hundredths("36,6667", line=7, field_name="kolom")) == "too_precise"


@pytest.mark.parametrize(
    "text", ["€ 1.234,56", "1234.56", "EUR 1.234,56", "1.234,56 €", "€1,234.56"]
)
def test_amounts_are_read_as_cents(text: str) -> None:
    assert read_cents(text, line=7, field_name="kolom") == 123456


def test_an_amount_without_digits_is_missing_or_no_number() -> None:
    assert code_of(read_cents("€", line=7, field_name="kolom")) == "missing"
    assert code_of(read_cents("In overleg", line=7, field_name="kolom")) == "not_a_number"


def test_whole_numbers() -> None:
    assert read_whole_number("12,00", line=7, field_name="kolom") == 12
    assert code_of(read_whole_number("12,5", line=7, field_name="kolom")) == "not_whole"


@pytest.mark.parametrize(
    ("text", "value"), [("Ja", True), ("n", False), ("WAAR", True), ("0", False)]
)
def test_yes_and_no(text: str, value: bool) -> None:
    assert read_yes_no(text, line=7, field_name="kolom") is value


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    assert code_of(read_yes_no("misschien", line=7, field_name="kolom")) == "not_yes_or_no"
    assert code_of(read_yes_no("", line=7, field_name="kolom")) == "missing"
