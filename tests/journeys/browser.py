"""What a journey asks of every page it sees."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import BrowserContext, Page, Request, ViewportSize

ACCEPTED_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""All of them that axe puts in its category of colour: the others see what it stands in and its shape."""
ALL_BUT_COLOUR = """() => JSON.stringify([
    document.documentElement.outerHTML,
    [...document.querySelectorAll("*")].map(element => {
        const {x, y, width, height} = element.getBoundingClientRect();
        const {display, visibility, opacity} = getComputedStyle(element);
        return [x, y, width, height, display, visibility, opacity];
    }),
])"""
SMALL: ViewportSize = {"width": 320, "height": 640}
NORMAL_TEXT = 16
WIDER_THAN_THE_WINDOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
        .filter(element => element.getBoundingClientRect().right > width + 1)
        .map(element => `${element.tagName.toLowerCase()}.${element.className}`);
}"""
FONTS_ARE_THERE = "() => document.fonts.ready.then(() => true)"
ALL_AT_REST = "() => Promise.all(document.getAnimations().map(motion => motion.finished))"


def wait_until_drawn(page: Page) -> None:
    """Wait for the styles and fonts of the page: before them, everything has another width."""
    page.wait_for_load_state()
    page.evaluate(FONTS_ARE_THERE)


def find_violations(page: Page) -> list[str]:
    """Return every violation that axe finds in the page as it stands, in light and in dark.

    In dark it runs the rules of colour, and all of them where more than colours is different.
    """
    found, shape = [], None
    wait_until_drawn(page)
    page.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(ALL_AT_REST)
        before, shape = shape, page.evaluate(ALL_BUT_COLOUR)
        rules: Any = RULES_OF_COLOUR if shape == before else ACCEPTED_RULES
        # What passed is most of what axe tells, and nobody reads it.
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        results = AxeResults(page.evaluate("options => axe.run(options)", options))
        if results.violations_count:
            found.append(f"{page.url} ({scheme})\n{results.generate_report()}")
    page.emulate_media(color_scheme="light")
    return found


def find_overflow(page: Page) -> list[str]:
    """Return what makes the page wider than its window: nobody should scroll in two directions."""
    wait_until_drawn(page)
    wide = page.evaluate(WIDER_THAN_THE_WINDOW)
    return [f"{page.url} is too wide at {wide}"] if wide else []


def assert_accessible(page: Page) -> None:
    """Fail with every violation that axe finds."""
    found = find_violations(page)
    assert not found, "\n".join(found)


def assert_fits(page: Page) -> None:
    """Fail when the page is wider than its window."""
    found = find_overflow(page)
    assert not found, found


def text_at(page: Page, percent: int) -> None:
    """Set the reader's own text size, as in the browser's settings."""
    size = NORMAL_TEXT * percent // 100
    sizes = {"standard": size, "fixed": size}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})


def strangers(context: BrowserContext, address: str) -> list[str]:
    """Return what fills with every request of the context's pages to another site.

    Asking Python before each request (`route`) would keep the browser from remembering a stylesheet.
    """
    found: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            found.append(request.url)

    context.on("request", look)
    return found
