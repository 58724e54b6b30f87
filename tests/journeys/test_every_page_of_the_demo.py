"""Every page that a persona of the demonstration can reach is accessible, in light and in dark, and fits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urldefrag, urlsplit

import pytest
from django.core.cache import cache
from django.urls import resolve
from playwright.sync_api import Error, Page

from eigenwijs.people import queries as people
from eigenwijs.project.seed.story import Story
from tests.journeys.browser import SMALL, assert_accessible, assert_fits, text_at

pytestmark = pytest.mark.django_db(transaction=True)

VIEWS_OF_A_KIND = 1
LARGE = {"width": 1000, "height": 900}


def links(page: Page) -> list[str]:
    """The addresses on this site to which the page links."""
    site = urlsplit(page.url)
    found = page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
    here = [urldefrag(link).url for link in found if urlsplit(link).netloc == site.netloc]
    return list(dict.fromkeys(here))


def is_page(page: Page, address: str) -> bool:
    """Go there; whether it is a page and not a file to download."""
    try:
        answer = page.goto(address)
    except Error as error:
        if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
            return False
        raise
    assert answer is not None
    assert answer.status == 200, f"{address} answered {answer.status}"
    return "html" in answer.headers.get("content-type", "")


def walk(page: Page, look: Callable[[Page], None], seen: dict[str, int]) -> list[str]:
    """Follow every link to a view that was not seen yet, and look at each page; return them."""
    waiting, looked_at = [page.url], []
    while waiting:
        address = waiting.pop(0)
        view = resolve(urlsplit(address).path).view_name
        if seen.get(view, 0) >= VIEWS_OF_A_KIND:
            continue
        seen[view] = seen.get(view, 0) + 1
        if is_page(page, address):
            look(page)
            looked_at.append(address)
            waiting += links(page)
    return looked_at


def test_every_page_of_the_demo(open_page: Callable[..., Page], settings: Any) -> None:
    settings.DEMO = True
    cache.clear()
    Story(datetime.now(UTC)).tell()

    def look(page: Page) -> None:
        assert_accessible(page)
        assert_fits(page)
        text_at(page, 200)
        page.set_viewport_size(SMALL)  # type: ignore[arg-type]
        assert_fits(page)
        text_at(page, 100)
        page.set_viewport_size(LARGE)  # type: ignore[arg-type]

    visitor = open_page()
    visitor.goto("/")
    seen: dict[str, int] = {}
    looked_at = walk(visitor, look, seen)
    for persona in people.personas():
        page = open_page()
        page.goto("/demo/")
        with page.expect_navigation():
            page.get_by_role("button", name=f"Word {persona.name}").click()
        looked_at += walk(page, look, seen)
        page.context.close()
    assert len(looked_at) >= 60
