"""A page that asks another site for anything fails its journey, and reaches nothing."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

from tests.journeys.browser import strangers

ELSEWHERE = "https://elders.example/plaatje.png"


def test_a_request_to_another_site_is_seen_and_fails(context: BrowserContext) -> None:
    asked = strangers(context, "http://localhost")
    failed: list[str] = []
    context.on("requestfailed", lambda request: failed.append(str(request.failure)))
    page = context.new_page()
    page.set_content(
        f'<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src="{ELSEWHERE}">'
    )
    assert asked == [ELSEWHERE]
    assert failed == ["net::ERR_NAME_NOT_RESOLVED"]
