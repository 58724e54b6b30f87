"""Searching and reading about courses: open to everyone, the same for everyone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from eigenwijs.catalogue.types import CourseKind
from eigenwijs.people.types import Role
from tests.factories.budgets import make_credit
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import make_person
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db

DUTCH = {"accept-language": "nl"}


def main_of(client: Client, path: str) -> str:
    page = client.get(path, headers=DUTCH).content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_a_search_finds_the_course_with_its_next_start() -> None:
    course = make_course("Lassen voor beginners")
    soon = timezone.localdate() + timedelta(days=20)
    make_run(course, starts_on=soon, place="Hengelo", price_cents=129_500)
    page = main_of(Client(), "/cursussen/?words=lassen")
    assert "Lassen voor beginners" in page
    assert "Hengelo" in page
    assert "€\N{NO-BREAK SPACE}1.295,00" in page


def test_what_costs_nothing_is_free_and_the_menu_says_where_booking_is() -> None:
    course = make_course("Gratis taalles")
    run = make_run(course, starts_on=timezone.localdate() + timedelta(days=20), price_cents=0)
    for path in ("/cursussen/?words=taalles", f"/cursussen/{course.id}/"):
        page = main_of(Client(), path)
        assert "Gratis" in page.replace("Gratis taalles", "")
        assert "€\N{NO-BREAK SPACE}0,00" not in page
    page = client_of(make_person()).get(f"/boeken/{run.id}/").content.decode()
    assert re.search(r'href="/cursussen/" aria-current', page)


def test_nothing_found_says_what_to_try() -> None:
    assert "Probeer minder woorden" in main_of(Client(), "/cursussen/?words=onbestaanbaar")


@pytest.mark.parametrize(
    "query", ["page=99", "page=x", "page=-1", "day_part=nacht", "max_price=veel"]
)
def test_an_odd_address_still_answers(query: str) -> None:
    make_course()
    assert Client().get(f"/cursussen/?{query}").status_code == 200


def test_the_list_is_the_same_for_every_balance() -> None:
    for number in range(3):
        make_run(make_course(f"Cursus {number}"))
    rich, poor = (make_person(role=Role.WORKER) for _ in range(2))
    make_credit(rich.id, 500_000)
    assert main_of(client_of(rich), "/cursussen/") == main_of(client_of(poor), "/cursussen/")


def test_a_course_shows_when_it_starts_and_what_is_free() -> None:
    course = make_course("Excel", description="Van formule tot draaitabel.")
    soon = timezone.localdate() + timedelta(days=20)
    make_run(course, starts_on=soon, seats=1)
    page = main_of(Client(), f"/cursussen/{course.id}/")
    assert "Van formule tot draaitabel." in page
    assert "nog 1 plek vrij" in page
    assert "Nederlands" in page


def test_a_course_says_its_kind_where_that_is_not_an_ordinary_one() -> None:
    course = make_course("Lessen", kind=CourseKind.SKILLS_REVIEW)
    assert "loopbaanonderzoek" in main_of(Client(), f"/cursussen/{course.id}/")
    assert "Soort cursus" not in main_of(Client(), f"/cursussen/{make_course().id}/")


def test_a_description_is_shown_as_text() -> None:
    course = make_course("Excel", description="<script>alert(1)</script>")
    assert "&lt;script&gt;" in main_of(Client(), f"/cursussen/{course.id}/")
