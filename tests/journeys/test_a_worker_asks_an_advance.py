"""A worker asks coming money, reads first what that means, and takes it back: on every way in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.factories.contributions import employment
from tests.journeys.browser import assert_accessible
from tests.journeys.test_a_worker_books_a_course import heading, sign_in
from tests.web.worker.test_advance import shop_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_asking_reading_what_it_means_and_taking_it_back(
    any_page: Page, live_server: object
) -> None:
    page = any_page
    shop, _client = shop_of()
    sign_in(page, employment(shop).person_id, str(live_server))

    page.goto("/mijn/rekening/")
    page.get_by_role("link", name="Bekijk je voorschot").click()
    heading(page, "Voorschot")
    page.get_by_label("Hoeveel vraag je, in euro?").fill("9999")
    page.get_by_role("button", name="Ga verder").click()
    expect(page.get_by_role("alert")).to_contain_text("Vul een bedrag in tot en met")
    page.get_by_label("Hoeveel vraag je, in euro?").fill("25")
    page.get_by_role("button", name="Ga verder").click()

    heading(page, "Wil je dit voorschot?")
    expect(page.get_by_role("main")).to_contain_text("25,00")
    expect(page.get_by_role("main")).to_contain_text("Dan houd je wat je kreeg.")
    page.get_by_role("button", name="Ja, vraag dit voorschot").click()

    heading(page, "Voorschot")
    expect(page.get_by_role("main")).to_contain_text("Voorschot gevraagd")
    page.get_by_role("button", name="Trek je voorschot in").click()
    expect(page.get_by_role("main")).not_to_contain_text("Voorschot gevraagd")


def test_what_axe_sees(page: Page, live_server: object) -> None:
    shop, _client = shop_of()
    sign_in(page, employment(shop).person_id, str(live_server))
    page.goto("/mijn/rekening/voorschot/")
    assert_accessible(page)
    page.get_by_role("button", name="Ga verder").click()
    assert_accessible(page)
    page.get_by_label("Hoeveel vraag je, in euro?").fill("25")
    page.get_by_role("button", name="Ga verder").click()
    heading(page, "Wil je dit voorschot?")
    assert_accessible(page)
    page.get_by_role("button", name="Ja, vraag dit voorschot").click()
    heading(page, "Voorschot")
    assert_accessible(page)
