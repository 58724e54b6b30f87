"""Search: found by words, parts of words and filters; the same order for everyone."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from inspect import signature
from uuid import UUID

import pytest

from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.types import DayPart, SearchFilter, SearchPage
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import OrganisationKind
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import LONG_AGO, SYSTEM, make_organisation

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


def search(text: str = "", page: int = 1, **filters: object) -> SearchPage:
    return queries.search(SearchFilter(on=TODAY, text=text, **filters), page=page)  # type: ignore[arg-type]


def titles(found: SearchPage) -> list[str]:
    return [hit.course.title for hit in found.hits]


@pytest.mark.parametrize(
    "words",
    [
        "installatietechniek",
        "techniek",  # inside a compound, which stemming does not split
        "installatie",
        "INSTALLATIETECHNIEK",
        "monteurs",  # the plural of a word in the description
        "monteur warmtepompen",
        "coordinatie",  # written with an accent
        "vakschool",  # the name of the provider
    ],
)
def test_course_is_found_by_any_of_its_words(words: str) -> None:
    provider = make_organisation(OrganisationKind.PROVIDER, "De Vakschool")
    make_course(
        "Installatietechniek",
        provider_id=provider.id,
        description="Voor de monteur van warmtepompen. Met coördinatie op de bouwplaats.",
    )
    make_course("Bloemschikken")
    found = search(words)
    assert titles(found) == ["Installatietechniek"]
    assert found.exact


def test_all_words_must_be_there() -> None:
    make_course("Lassen voor beginners")
    make_course("Boekhouden voor beginners")
    assert titles(search("boekhouden beginners")) == ["Boekhouden voor beginners"]


def test_short_word_is_not_found_inside_other_words() -> None:
    make_course("Glaszetten")
    make_course("Lassen")
    assert titles(search("las")) == ["Lassen"]


@pytest.mark.parametrize("text", ["'", "a & !b", "(:*", "%", "_", "\\", "c++"])
def test_signs_in_the_text_break_nothing(text: str) -> None:
    make_course("Programmeren in C++")
    search(text)


def test_typing_mistake_shows_what_looks_like_it_and_says_so() -> None:
    make_course("Installatietechniek")
    make_course("Bloemschikken")
    found = search("instalatietechnik")
    assert titles(found) == ["Installatietechniek"]
    assert not found.exact


def test_nothing_like_it_is_nothing() -> None:
    make_course("Bloemschikken")
    found = search("kernfysica")
    assert (found.hits, found.total, found.pages) == ((), 0, 1)


def test_withdrawn_course_is_not_found() -> None:
    course = make_course("Bloemschikken")
    operations.withdraw_course(course_id=course.id, by=SYSTEM, at=LONG_AGO)
    assert titles(search()) == []


def test_filters_look_at_one_run_that_has_all_of_it() -> None:
    course = make_course("Lassen")
    make_run(course, place="Zwolle", starts_on=date(2027, 3, 1), price_cents=50_000)
    make_run(
        course,
        place="Den Bosch",
        starts_on=date(2027, 9, 1),
        price_cents=20_000,
        day_part=DayPart.WEEKEND,
        language="pl",
    )
    make_run(course, is_online=True, starts_on=date(2027, 5, 1), price_cents=90_000)
    assert titles(search(place="zwolle")) == ["Lassen"]
    assert titles(search(place="zwolle", max_price=Money(30_000))) == []
    assert titles(search(place="bosch", max_price=Money(20_000))) == ["Lassen"]
    assert titles(search(place="bosch", max_price=Money(19_999))) == []
    assert titles(search(starts_from=date(2027, 9, 1), starts_until=date(2027, 9, 1))) == ["Lassen"]
    assert titles(search(starts_from=date(2027, 9, 2))) == []
    assert titles(search(starts_until=date(2027, 2, 28))) == []
    assert titles(search(day_part=DayPart.WEEKEND, language="pl")) == ["Lassen"]
    assert titles(search(day_part=DayPart.EVENING, language="pl")) == []
    assert [run.record.is_online for run in search(online=True).hits[0].runs] == [True]


def test_subject_covers_the_narrower_ones() -> None:
    make_course("Lassen", subjects=("0715",))
    make_course("Verplegen", subjects=("0913", "09"))
    make_course("Overal wat", subjects=())
    assert titles(search(subject="07")) == ["Lassen"]
    assert titles(search(subject="0715")) == ["Lassen"]
    assert titles(search(subject="0716")) == []


def test_language_finds_courses_without_a_run_too() -> None:
    make_course("Lassen", language="nl")
    make_course("Welding", language="en")
    assert titles(search(language="en")) == ["Welding"]


@pytest.mark.parametrize("why", ["withdrawn", "started", "full", "no price"])
def test_course_that_nobody_can_book_is_left_out_on_request(why: str) -> None:
    course = make_course("Lassen")
    if why == "withdrawn":
        operations.withdraw_run(run_id=make_run(course).id, by=SYSTEM, at=LONG_AGO)
    elif why == "started":
        make_run(course, starts_on=TODAY)
    elif why == "full":
        run = make_run(course, seats=1)
        operations.take_seat(run_id=run.id, key=run.id, by=SYSTEM, at=LONG_AGO)
    assert titles(search(bookable=True)) == []
    (hit,) = search().hits
    assert hit.runs == ()


def test_order_is_title_first_then_the_soonest_start() -> None:
    in_text = make_course("Metaal", description="met lassen")
    later, sooner, never = make_course("Lassen 3"), make_course("Lassen 2"), make_course("Lassen 1")
    make_run(in_text, starts_on=TODAY + timedelta(days=1))
    make_run(later, starts_on=TODAY + timedelta(days=60))
    make_run(sooner, starts_on=TODAY + timedelta(days=30))
    assert never
    assert titles(search("lassen")) == ["Lassen 2", "Lassen 3", "Lassen 1", "Metaal"]


def test_order_is_the_same_all_day_and_shuffled_the_next() -> None:
    for number in range(12):
        make_course(f"AAA cursus {number}")
    today = titles(search())
    assert titles(search()) == today
    tomorrow = queries.search(SearchFilter(on=TODAY + timedelta(days=1)))
    assert sorted(titles(tomorrow)) == sorted(today)
    assert titles(tomorrow) != today


def test_pages_hold_every_course_once() -> None:
    made = {make_course().id for _ in range(45)}
    pages = [search(page=number) for number in (1, 2, 3)]
    seen: list[UUID] = [hit.course.id for page in pages for hit in page.hits]
    assert (len(seen), set(seen)) == (45, made)
    assert [page.number for page in pages] == [1, 2, 3]
    assert (search(page=99).number, search(page=0).number) == (3, 1)


def test_search_asks_the_database_a_fixed_number_of_times(
    django_assert_num_queries: object,
) -> None:
    for _ in range(25):
        make_run()
    with django_assert_num_queries(5):  # type: ignore[operator]
        search("cursus")


def test_search_cannot_know_who_asks_or_what_they_have() -> None:
    assert list(signature(queries.search).parameters) == ["wanted", "page"]
    asked = {field.name for field in fields(SearchFilter)}
    assert not {name for name in asked if "person" in name or "actor" in name or "pot" in name}
