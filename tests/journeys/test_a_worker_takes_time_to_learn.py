"""A worker chooses a day to learn, reads first what that means, and the employer refuses it: on every way in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from eigenwijs.budgets.models import TimeUse
from eigenwijs.kernel.wording import day as in_words
from tests.factories.contributions import employment
from tests.journeys.browser import assert_accessible
from tests.journeys.test_a_worker_books_a_course import heading, sign_in
from tests.journeys.test_an_employer_delivers import sign_in as sign_in_employer
from tests.web.worker.test_time import DAY, school_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_choosing_a_day_and_reading_that_it_cannot_be(any_page: Page, live_server: object) -> None:
    page = any_page
    school, _client = school_of()
    worker = employment(school).person_id
    sign_in(page, worker, str(live_server))

    page.goto("/mijn/rekening/")
    page.get_by_role("link", name="Kies een dag om te leren").click()
    heading(page, "Tijd om te leren")
    page.get_by_label("Op welke dag wil je leren?").fill(f"{DAY:%d-%m-%Y}")
    page.get_by_label("Hoeveel uur?").fill("9")
    page.get_by_role("button", name="Ga verder").click()
    expect(page.get_by_role("alert")).to_contain_text("Zo veel tijd heb je op die dag niet over.")
    page.get_by_label("Hoeveel uur?").fill("7,5")
    page.get_by_role("button", name="Ga verder").click()

    heading(page, "Wil je op deze dag leren?")
    expect(page.get_by_role("main")).to_contain_text("Niet wat je leert.")
    page.get_by_role("button", name="Ja, ik kies deze dag").click()

    heading(page, "Tijd om te leren")
    expect(page.get_by_role("main")).to_contain_text("wacht op antwoord")

    sign_in_employer(page, school, str(live_server))
    page.goto("/werkgever/tijd/")
    expect(page.get_by_role("main")).to_contain_text(in_words(DAY))
    page.get_by_label("Er is die dag werk dat niet kan wachten").check()
    page.get_by_role("button", name="Verstuur je antwoord").click()
    expect(page.get_by_role("main")).to_contain_text("kan niet doorgaan")
    assert TimeUse.objects.get().state == "refused"


def test_what_axe_sees(page: Page, live_server: object) -> None:
    school, _client = school_of()
    sign_in(page, employment(school).person_id, str(live_server))
    page.goto("/mijn/tijd/")
    assert_accessible(page)
    page.get_by_role("button", name="Ga verder").click()
    assert_accessible(page)
    page.get_by_label("Op welke dag wil je leren?").fill(f"{DAY:%d-%m-%Y}")
    page.get_by_label("Hoeveel uur?").fill("2")
    page.get_by_role("button", name="Ga verder").click()
    heading(page, "Wil je op deze dag leren?")
    assert_accessible(page)
    page.get_by_role("button", name="Ja, ik kies deze dag").click()
    heading(page, "Tijd om te leren")
    assert_accessible(page)
    page.get_by_text("Waarom heb ik zo veel?").click()
    page.locator("details a").first.click()
    heading(page, "Waarom zo veel tijd?")
    assert_accessible(page)
