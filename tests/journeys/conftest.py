"""The browser of the journeys: Debian's chromium, Dutch, in Amsterdam, on a small and a large screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.journeys.browser import SMALL, strangers, text_at
from tests.journeys.find import chromium

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 15_000  # milliseconds


@pytest.fixture(scope="session", autouse=True)
def _browser_has_an_event_loop() -> None:
    """Django refuses the database where an event loop runs; here it is the browser's, not ours.

    Journeys run last, so no other test meets this.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the browser that is installed, without a window."""
    return {"executable_path": chromium(), "headless": True, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Look as someone in the Netherlands does. Only axe needs to pass the content security policy."""
    return {
        "locale": "nl-NL",
        "timezone_id": "Europe/Amsterdam",
        "bypass_csp": True,
        "reduced_motion": "reduce",
        "viewport": {"width": 1000, "height": 900},
    }


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(
    new_context: Callable[..., BrowserContext], live_server: LiveServer
) -> Iterator[OpenPage]:
    """Open a window of its own, signed out; options as of the browser's context. Pages ask no other site."""
    asked: list[list[str]] = []

    def open_one(**options: Any) -> Page:
        context = new_context(base_url=live_server.url, **options)
        context.set_default_timeout(PATIENCE)
        asked.append(strangers(context, live_server.url))
        return context.new_page()

    yield open_one
    assert not any(asked), asked


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    """A window in which no script may fail."""
    window = open_page()
    faults: list[str] = []
    window.on("pageerror", lambda error: faults.append(str(error)))
    window.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield window
    assert faults == []


@pytest.fixture
def page_without_javascript(open_page: OpenPage) -> Page:
    """A window with JavaScript off."""
    return open_page(java_script_enabled=False)


@pytest.fixture
def small_page(open_page: OpenPage) -> Page:
    """An old phone of a reader with large text: 320 px wide, text at 200 %."""
    window = open_page()
    window.set_viewport_size(SMALL)
    text_at(window, 200)
    return window


@pytest.fixture(params=["with JavaScript", "without JavaScript", "small screen, large text"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """Every way in which a worker's journey must pass, one after the other."""
    names = {
        "with JavaScript": "page",
        "without JavaScript": "page_without_javascript",
        "small screen, large text": "small_page",
    }
    window: Page = request.getfixturevalue(names[request.param])
    return window
