"""The terms of booking are data: dated, sourced, never a gap."""

from __future__ import annotations

from datetime import date

import pytest

from eigenwijs.bookings.terms import all_terms, read_terms, terms_in_force
from eigenwijs.bookings.types import Terms

TEXT = """
- version: "a"
  valid_from: 2026-01-01
  answer_working_days: {value: 5, status: inferred}
  withdrawal_days: {value: 14, source: the law}
  reminder_days: {value: 7, status: inferred}
  work_item_days: {value: 14, status: inferred}
  objection_days: {value: 14, status: inferred}
  hold_days_after_start: {value: 60, status: inferred}
  cost_steps:
    status: inferred
    value:
      - {days_before: 14, percent: 0}
      - {days_before: 0, percent: 100}
"""


def test_shipped_terms_are_sound_and_keep_the_law() -> None:
    assert all_terms()
    assert all(terms.withdrawal_days >= 14 for terms in all_terms())
    assert all(terms.cost_steps[0].percent == 0 for terms in all_terms())


def test_version_in_force_is_the_latest_that_has_begun() -> None:
    newer = TEXT.replace('"a"', '"b"').replace("2026-01-01", "2027-07-01")
    older, latest = read_terms(TEXT + newer)
    assert (older.version, latest.version) == ("a", "b")
    with pytest.raises(LookupError):
        terms_in_force(date(2025, 12, 31))
    assert terms_in_force(date(2026, 1, 1)).version == "2026-1"


def test_terms_survive_the_way_through_json() -> None:
    (terms,) = read_terms(TEXT)
    assert Terms.from_json(terms.to_json()) == terms


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("source: the law", "note: none"),
        ("value: 5", "value: 0"),
        ("value: 14, source", "value: 14.5, source"),
        ("reminder_days: {value: 7", "reminder_days: {value: 14"),
        ("days_before: 0, percent: 100", "days_before: 1, percent: 100"),
        ("percent: 100", "percent: 101"),
        ("days_before: 14, percent: 0", "days_before: 0, percent: 0"),
    ],
)
def test_faulty_terms_are_refused(before: str, after: str) -> None:
    assert before in TEXT
    with pytest.raises(ValueError, match=r"."):
        read_terms(TEXT.replace(before, after))


def test_costs_that_fall_as_the_start_nears_are_refused() -> None:
    text = TEXT.replace("percent: 0", "percent: 50").replace("percent: 500", "percent: 0")
    with pytest.raises(ValueError, match="never costs less"):
        read_terms(text.replace("percent: 100", "percent: 10"))


def test_versions_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="later"):
        read_terms(TEXT + TEXT)
