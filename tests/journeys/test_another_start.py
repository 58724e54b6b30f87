"""A provider without a seat proposes another start, and the worker takes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Role
from tests.factories.bookings import make_booking, make_worker
from tests.factories.catalogue import make_course, make_run
from tests.factories.web import client_as, client_of
from tests.journeys.conftest import OpenPage
from tests.journeys.test_a_course_is_completed import look_at, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_worker_takes_the_start_that_the_provider_proposes(
    open_page: OpenPage, live_server: object, javascript: bool
) -> None:
    address, page = str(live_server), open_page(java_script_enabled=javascript)
    course, first = make_course("Lassen"), local_date(timezone.now()) + timedelta(days=90)
    run = make_run(course, starts_on=first)
    make_run(course, starts_on=first + timedelta(days=7), price_cents=300_00)
    asked_at = timezone.now() - timedelta(hours=1)
    booking = make_booking(make_worker(200_00, 300_00), run, at=asked_at)

    # Given: the provider has no seat, but has one a week later.
    sign_in(page, client_as(Role.PROVIDER, booking.offer.provider_id), address)
    page.goto(f"/opleider/boekingen/{booking.id}/")
    look_at(page, javascript=javascript)
    page.get_by_role("button", name="Deze start voorstellen").click()
    expect(page.get_by_text("Voorgesteld. De deelnemer krijgt bericht en kiest.")).to_be_visible()

    # When: the worker looks at what it means, and takes it.
    sign_in(page, client_of(booking.person_id), address)
    page.goto("/mijn/")
    page.get_by_role("link", name="Bekijk de andere start").click()
    expect(page.get_by_role("heading", name="Wil je deze andere start?")).to_be_visible()
    look_at(page, javascript=javascript)
    page.get_by_role("button", name="Ja, ik neem deze start").click()

    # Then: there is a place, and the first request says where it went.
    expect(page.get_by_text("Bevestigd", exact=True)).to_be_visible()
    page.goto(f"/mijn/boekingen/{booking.id}/")
    expect(page.get_by_text("Verzet naar een andere start").first).to_be_visible()
    look_at(page, javascript=javascript)
