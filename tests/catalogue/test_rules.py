"""What a record must be, and how a provider's words become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.catalogue import rules
from eigenwijs.catalogue.types import (
    CourseRecord,
    DayPart,
    FrozenOffer,
    RunRecord,
    course_record,
    plain_values,
    run_record,
)
from eigenwijs.kernel.ids import new_id

RUN = RunRecord(date(2027, 3, 1), date(2027, 3, 8), 35_000, "Zwolle", "8011", language="nl")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("€0", 0),
        ("gratis", 0),
        ("€795", 79_500),
        ("€ 1.250,00", 125_000),
        ("1250", 125_000),
        ("1250,5", 125_050),
        ("1,250.00", 125_000),
        ("EUR 350", 35_000),
        ("350 euro", 35_000),
        ("€ 350,-", 35_000),
        ("100000", 10_000_000),
    ],
)
def test_one_price_in_euros_is_read_to_the_cent(text: str, cents: int) -> None:
    assert rules.read_price(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "€350-€750",
        "€133/€190",
        "In overleg",
        "n.v.t.",
        "$980",
        "£2300",
        "vanaf 350",
        "€ 1.250",
        "1,250",
        "-5",
        "350,005",
        "€ 350 excl. btw",
        "100000,01",
        "350 of 400",
    ],
)
def test_anything_else_is_not_a_price_and_never_a_guess(text: str) -> None:
    assert rules.read_price(text) is None


@given(st.integers(0, rules.MAX_PRICE_CENTS))
def test_a_price_written_the_dutch_way_is_read_back(cents: int) -> None:
    euros, rest = divmod(cents, 100)
    dotted = f"{euros:,}".replace(",", ".")
    assert rules.read_price(f"€ {dotted},{rest:02d}") == cents


def test_accents_and_case_do_not_matter_in_search() -> None:
    assert rules.fold("  Coördineren  in de\tZORG ") == "coordineren in de zorg"


def test_the_same_title_is_the_same_course_and_another_is_not() -> None:
    assert rules.default_code("Lassen voor  beginners", "ROC") == rules.default_code(
        "lassen voor Beginners", "roc"
    )
    assert rules.default_code("Lassen 1", "") != rules.default_code("Lassen 2", "")
    assert len(rules.default_code("x" * 200, "y" * 200)) <= rules.MAX_CODE
    assert len(rules.default_run_code(replace(RUN, place="x" * 100))) <= rules.MAX_CODE


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"title": " "}, "title", "missing"),
        ({"title": "x" * 201}, "title", "too_long"),
        ({"language": "xx"}, "language", "unknown_language"),
        ({"subjects": ("0713", "9")}, "subjects", "unknown_subject"),
        ({"subjects": ("11",)}, "subjects", "unknown_subject"),
        ({"url": "javascript:alert(1)"}, "url", "bad_url"),
        ({"url": "roc.nl"}, "url", "bad_url"),
        ({"price_cents": -1}, "price_cents", "bad_price"),
        ({"price_cents": rules.MAX_PRICE_CENTS + 1}, "price_cents", "bad_price"),
    ],
)
def test_a_course_record_names_what_is_wrong(
    change: dict[str, object], field: str, code: str
) -> None:
    good = CourseRecord("Lassen", language="nl", subjects=("0715",), url="https://roc.nl/lassen")
    assert rules.course_faults(good) == []
    faults = rules.course_faults(replace(good, **change))  # type: ignore[arg-type]
    assert [(fault.field_name, fault.code) for fault in faults] == [(field, code)]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"ends_on": date(2027, 2, 28)}, "ends_on", "ends_before_start"),
        ({"place": " "}, "place", "missing_place"),
        ({"postcode": "0999"}, "postcode", "bad_postcode"),
        ({"language": ""}, "language", "unknown_language"),
        ({"seats": 0}, "seats", "bad_seats"),
        ({"price_cents": -1}, "price_cents", "bad_price"),
    ],
)
def test_a_run_record_names_what_is_wrong(change: dict[str, object], field: str, code: str) -> None:
    assert rules.run_faults(RUN) == []
    faults = rules.run_faults(replace(RUN, **change))  # type: ignore[arg-type]
    assert [(fault.field_name, fault.code) for fault in faults] == [(field, code)]


def test_an_online_run_needs_no_place() -> None:
    assert rules.run_faults(replace(RUN, place="", postcode="", is_online=True)) == []


def test_records_survive_the_way_through_json(now: object) -> None:
    course = CourseRecord("Lassen", subjects=("0715", "07"), price_cents=35_000)
    assert course_record(plain_values(course)) == course
    assert run_record(plain_values(RUN)) == RUN


def test_an_offer_survives_the_way_through_json(now: object) -> None:
    key = new_id(now)  # type: ignore[arg-type]
    offer = FrozenOffer(
        course_id=key,
        course_version=1,
        run_id=key,
        run_version=2,
        provider_id=key,
        provider_name="ROC",
        taught_by="ROC",
        title="Lassen",
        duration="8 avonden",
        starts_on=RUN.starts_on,
        ends_on=RUN.ends_on,
        place="Zwolle",
        is_online=False,
        day_part=DayPart.EVENING,
        language="nl",
        price_cents=35_000,
        subjects=("0715",),
        quality_marks=("nrto",),
    )
    assert FrozenOffer.from_json(offer.to_json()) == offer
