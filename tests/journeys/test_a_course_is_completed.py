"""Half of the money waits for the completion: the provider says it, a person decides, the worker objects."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from eigenwijs.bookings import operations
from eigenwijs.bookings.types import BookingView, CompletionOutcome
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Role
from tests.factories.bookings import make_booking, worker_at
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import make_person
from tests.factories.web import client_as, client_of
from tests.journeys.browser import assert_accessible, assert_fits
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def begun(*, halfway: bool = False) -> BookingView:
    """A course of € 350.00 that began 30 days ago and is over; half waits, for 75 percent attended.

    Or it goes on for another 20 days, and 40 percent waits for halfway.
    """
    now = timezone.now()
    then = now - timedelta(days=60)
    worker = make_person()
    conditions = make_conditions(completed_percent=50, attended_at_least=75)
    if halfway:
        conditions = make_conditions(halfway_percent=40)
    make_credit(worker.id, 350_00, conditions=conditions, at=then)
    starts_on = local_date(now) - timedelta(days=30)
    run = make_run(starts_on=starts_on, ends_on=starts_on + timedelta(days=50 if halfway else 9))
    booking = make_booking(worker, run, confirmed_at=then + timedelta(days=1), at=then)
    operations.confirm_start(booking_id=booking.id, by=worker_at(worker, now), at=now)
    return booking


def sign_in(page: Page, client: Client, address: str) -> None:
    """Give the window the session of somebody who signed in."""
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
    )


def look_at(page: Page, *, javascript: bool = True) -> None:
    """Axe is a script itself."""
    if javascript:
        assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_what_was_not_attended_goes_to_a_person_and_the_worker_can_object(
    open_page: OpenPage, live_server: object, javascript: bool
) -> None:
    booking, address, page = begun(), str(live_server), open_page(java_script_enabled=javascript)

    # Given: the provider says that 60 percent was attended.
    sign_in(page, client_as(Role.PROVIDER, booking.offer.provider_id), address)
    page.goto(f"/opleider/boekingen/{booking.id}/")
    look_at(page, javascript=javascript)
    page.get_by_label("Hoeveel procent volgde de deelnemer?").fill("60")
    page.get_by_role("button", name="Cursus afgerond").click()
    expect(page.get_by_text("Je hebt het gezegd.")).to_be_visible()
    look_at(page, javascript=javascript)

    # When: a person decides that it was not completed.
    sign_in(page, client_as(Role.DESK), address)
    page.goto("/hulp/")
    page.get_by_role("link", name=booking.number).or_(
        page.get_by_role("link", name=booking.offer.title)
    ).first.click()
    expect(page.get_by_text("De opleider zegt: 60 procent gevolgd.")).to_be_visible()
    expect(page.get_by_text("De deelnemer zei hier nog niets over.")).to_be_visible()
    look_at(page, javascript=javascript)
    page.get_by_label(str(CompletionOutcome.NOT_COMPLETED.label)).check()
    page.get_by_label("Waarom besluit je dit?").fill("Minder dan 75 procent gevolgd.")
    page.get_by_label("Waar weet je het uit?").fill("De presentielijst.")
    page.get_by_role("button", name="Besluiten").click()
    expect(page.get_by_text("Besloten. De deelnemer krijgt bericht.")).to_be_visible()

    # Then: the worker reads it, and objects; nothing more was paid.
    sign_in(page, client_of(booking.person_id), address)
    page.goto(f"/mijn/boekingen/{booking.id}/")
    expect(page.get_by_text("Minder dan 75 procent gevolgd.")).to_be_visible()
    expect(page.get_by_text("Daarvan pas betaald als de cursus is afgerond")).to_be_visible()
    look_at(page, javascript=javascript)
    page.get_by_role("link", name="Ik ben het er niet mee eens").click()
    look_at(page, javascript=javascript)
    page.get_by_role("textbox").fill("Ik was er elke week.")
    page.locator("main").get_by_role("button").first.click()
    expect(page.get_by_text("Ik was er elke week.")).to_be_visible()


def test_a_workers_yes_is_asked_on_a_page_that_says_what_it_pays(
    open_page: OpenPage, live_server: object
) -> None:
    booking, worker = begun(), open_page()
    sign_in(worker, client_of(booking.person_id), str(live_server))
    worker.goto(f"/mijn/boekingen/{booking.id}/")
    look_at(worker)
    worker.get_by_role("link", name="Geef antwoord").click()
    expect(worker.get_by_text("krijgt de opleider ook de laatste € 175,00")).to_be_visible()
    look_at(worker)
    worker.get_by_role("button", name="Ja, afgerond").click()
    expect(worker.get_by_text("Je rondde de cursus af")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_halfway_a_worker_says_that_they_still_follow_it(
    open_page: OpenPage, live_server: object, javascript: bool
) -> None:
    booking, worker = begun(halfway=True), open_page(java_script_enabled=javascript)
    sign_in(worker, client_of(booking.person_id), str(live_server))
    worker.goto("/mijn/")
    expect(worker.get_by_role("heading", name="Volg je je cursus nog?")).to_be_visible()
    worker.get_by_role("link", name="Geef antwoord").click()
    expect(worker.get_by_text("Zeg je ja, dan krijgt de opleider € 140,00.")).to_be_visible()
    look_at(worker, javascript=javascript)
    worker.get_by_role("button", name="Ja, ik volg hem nog").click()
    expect(worker.get_by_text("Je volgde de cursus tot en met de helft")).to_be_visible()
    look_at(worker, javascript=javascript)
