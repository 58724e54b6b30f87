"""A provider delivers courses, answers a request and is asked about attendance; the desk decides."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from eigenwijs.bookings import operations
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import OrganisationKind, Role
from tests.catalogue.test_course_file import MESSY_LIST, line, template
from tests.factories.bookings import make_booking, worker_at
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import SYSTEM, make_organisation
from tests.factories.web import client_as
from tests.journeys.browser import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
TODAY = local_date(NOW)


def enter(page: Page, client: Client) -> None:
    """Walk in with the session of a test client."""
    page.goto("/")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": page.url}]
    )


def look(page: Page, name: str) -> None:
    """Check what every page owes its readers."""
    page.wait_for_load_state()
    assert_accessible(page)
    assert_fits(page)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).click()


def test_a_provider_delivers_a_file_and_answers_a_request(page: Page, tmp_path: Path) -> None:
    provider = make_organisation(OrganisationKind.PROVIDER, "De Vakschool")
    enter(page, client_as(Role.PROVIDER, provider.id))
    file = tmp_path / "cursussen.csv"

    page.goto("/opleider/aanleveren/")
    look(page, "deliver")
    file.write_bytes(template(line(titel=""), line(startdatum="31-02-2027")))
    page.get_by_label("Je bestand met cursussen").set_input_files(file)
    press(page, "Bekijk wat er verandert")
    expect(page.get_by_role("alert")).to_contain_text("Dit bestand klopt nog niet")
    look(page, "faults")
    start = (TODAY + timedelta(days=90)).strftime("%d-%m-%Y")
    file.write_bytes(MESSY_LIST.encode())
    page.get_by_label("Je bestand met cursussen").set_input_files(file)
    press(page, "Bekijk wat er verandert")
    look(page, "preview")
    press(page, "Ja, zet dit in de catalogus")
    expect(page.get_by_text("Je cursussen staan in de catalogus.")).to_be_visible()
    page.goto("/opleider/aanleveren/")
    file.write_bytes(template(line(startdatum=start)))
    page.get_by_label("Je bestand met cursussen").set_input_files(file)
    press(page, "Bekijk wat er verandert")
    press(page, "Ja, zet dit in de catalogus")
    page.goto("/opleider/cursussen/")
    look(page, "courses")
    page.get_by_role("link", name="Lassen voor beginners").click()
    look(page, "course")
    page.get_by_role("link", name="Wijzigen").click()
    look(page, "course_form")
    press(page, "Bewaren")
    page.get_by_role("link", name="Nieuwe start").click()
    look(page, "run_form")
    page.get_by_label("Startdatum").fill(start)
    page.get_by_label("Wanneer op de dag").select_option("weekend")
    page.get_by_label("Plaats", exact=False).first.fill("Zwolle")
    press(page, "Bewaren")
    look(page, "run")

    run = make_run(
        make_course("Solderen", provider_id=provider.id), starts_on=TODAY + timedelta(days=60)
    )
    booking = make_booking(run=run, at=NOW, early_start=True)
    page.goto("/opleider/")
    look(page, "home")
    page.get_by_role("link", name=booking.number).click()
    look(page, "booking")
    press(page, "Ja, bevestigen")
    expect(page.get_by_text("Bevestigd. De deelnemer krijgt bericht.")).to_be_visible()
    look(page, "booking_confirmed")
    page.goto("/opleider/boekingen/")
    look(page, "bookings")


def test_the_desk_decides_about_a_silent_start_and_the_provider_sees_its_money(page: Page) -> None:
    provider = make_organisation(OrganisationKind.PROVIDER, "De Vakschool")
    asked = NOW - timedelta(days=100)
    for days in (21, 2):
        run = make_run(make_course(provider_id=provider.id), starts_on=TODAY - timedelta(days=days))
        booking = make_booking(run=run, at=asked, confirmed_at=asked + timedelta(hours=1))
    operations.remind_silent(by=SYSTEM, at=NOW)
    operations.confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, NOW), at=NOW)

    enter(page, client_as(Role.DESK))
    page.goto("/hulp/")
    look(page, "work_list")
    page.get_by_role("main").get_by_role("row").nth(1).get_by_role("link").click()
    look(page, "work_item")
    press(page, "Besluiten")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("De deelnemer is begonnen").check()
    page.get_by_label("Waarom besluit je dit?").fill("De opleider stuurde de lijst.")
    page.get_by_label("Waar weet je het uit?").fill("Presentielijst, gebeld met de deelnemer.")
    press(page, "Besluiten")
    expect(page.get_by_text("Niemand om te bellen")).to_be_visible()

    enter(page, client_as(Role.PROVIDER, provider.id))
    page.goto("/opleider/uitbetalingen/")
    look(page, "payouts")
    page.goto("/opleider/")
    look(page, "home_attendance")
    page.goto(f"/opleider/starts/{booking.offer.run_id}/")
    look(page, "run_attendance")
