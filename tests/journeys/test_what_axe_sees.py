"""Journeys find what is wrong in light, and what is wrong in dark only, be it colours or more."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys.browser import ACCEPTED_RULES, AXE_SCRIPT, RULES_OF_COLOUR, find_violations

PAGE = """<!doctype html><html lang="nl"><head><title>Proef</title><style>
    :root {{ color-scheme: light dark; --paper: #fff; --ink: #000; --shown: none }}
    @media (prefers-color-scheme: dark) {{ :root {{ --paper: #000; --ink: #fff; {in_dark} }} }}
    body {{ background: var(--paper); color: var(--ink) }}
    img {{ display: var(--shown) }}
</style></head><body><main><h1>Proef</h1>{more}<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>
</body></html>"""


@pytest.mark.parametrize(
    ("in_dark", "more", "found"),
    [
        ("", "", []),
        ("", "<input>", [("light", "label")]),
        ("--ink: #333", "", [("dark", "color-contrast")]),
        ("--shown: block", "", [("dark", "image-alt")]),
    ],
)
def test_each_fault_is_found_where_it_is(
    context: BrowserContext, in_dark: str, more: str, found: list[tuple[str, str]]
) -> None:
    page = context.new_page()
    page.set_content(PAGE.format(in_dark=in_dark, more=more))
    told = find_violations(page)
    assert len(told) == len(found), told
    for text, (scheme, rule) in zip(told, found, strict=True):
        assert f"({scheme})" in text.splitlines()[0]
        assert rule in text


def test_rules_of_colour_are_all_that_axe_calls_so(context: BrowserContext) -> None:
    page = context.new_page()
    page.evaluate(AXE_SCRIPT)
    rules = page.evaluate("axe.getRules(['cat.color'])")
    asked = {rule["ruleId"] for rule in rules if set(rule["tags"]) & set(ACCEPTED_RULES)}
    assert asked == set(RULES_OF_COLOUR["values"])
