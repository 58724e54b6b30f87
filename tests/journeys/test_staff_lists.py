"""Staff lists: one card a row on a phone, and still a table to a screen reader; filters close by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from eigenwijs.bookings import operations
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Role
from tests.factories.bookings import make_booking
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM
from tests.factories.web import client_as
from tests.journeys.browser import SMALL, assert_accessible, assert_fits, text_at
from tests.journeys.conftest import OpenPage
from tests.journeys.test_finance_pays_providers import sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

HIDDEN_ASIDE = "region => region.scrollWidth - region.clientWidth"
LABEL = "cell => getComputedStyle(cell, '::before').content"


def test_the_work_list_of_the_desk(open_page: OpenPage, live_server: object) -> None:
    now = timezone.now()
    asked = now - timedelta(days=100)
    run = make_run(starts_on=local_date(now) - timedelta(days=21))
    booking = make_booking(run=run, at=asked, confirmed_at=asked + timedelta(hours=1))
    operations.remind_silent(by=SYSTEM, at=now)
    page = open_page()
    sign_in(page, client_as(Role.DESK), str(live_server))
    page.goto("/hulp/")
    course = page.get_by_role("cell", name=booking.offer.title)
    assert "Cursus" not in course.evaluate(LABEL)

    page.set_viewport_size(SMALL)
    assert page.locator(".table-region").evaluate(HIDDEN_ASIDE) == 0
    assert "Cursus" in course.evaluate(LABEL)
    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_role("columnheader", name="Cursus")).to_have_count(1)
    expect(page.get_by_role("rowheader", name=booking.number)).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    text_at(page, 200)
    assert page.locator(".table-region").evaluate(HIDDEN_ASIDE) == 0
    assert_fits(page)


def test_the_button_of_a_filter_stands_beside_its_fields(
    open_page: OpenPage, live_server: object
) -> None:
    page = open_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, client_as(Role.FINANCE), str(live_server))
    page.goto("/financien/ontvangsten/")
    field = page.locator(".filters .utrecht-form-field").last.bounding_box()
    button = page.locator(".filters button").bounding_box()
    assert field
    assert button
    assert 0 < button["x"] - (field["x"] + field["width"]) <= 32
    assert button["x"] < 640
    assert field["y"] <= button["y"] < field["y"] + field["height"]
