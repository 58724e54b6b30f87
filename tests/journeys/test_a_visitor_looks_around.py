"""A visitor reads what Eigenwijs is and what it promises, in Dutch or English, on any screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser import assert_accessible, assert_fits

PUBLIC_PAGES = ["/", "/beloften/", "/toegankelijkheid/", "/privacy/", "/gallery/"]


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_pages_are_accessible(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer
    assert answer.ok
    assert_accessible(page)


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_pages_fit_a_small_screen_with_large_text(small_page: Page, address: str) -> None:
    small_page.goto(address)
    size = small_page.evaluate("() => getComputedStyle(document.documentElement).fontSize")
    assert float(size.removesuffix("px")) >= 32, "the reader's own text size is ignored"
    assert_fits(small_page)


def test_a_visitor_finds_the_promises_from_the_home_page(any_page: Page) -> None:
    any_page.goto("/")
    any_page.get_by_role("contentinfo").get_by_role("link", name="Onze beloften").click()
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Onze beloften")


def test_a_visitor_reads_in_english(any_page: Page) -> None:
    any_page.goto("/")
    expect(any_page.locator("html")).to_have_attribute("lang", "nl")
    any_page.get_by_role("button", name="English").click()
    expect(any_page.locator("html")).to_have_attribute("lang", "en")
    expect(any_page.get_by_role("contentinfo")).to_contain_text("Our promises")
