"""An employer delivers a payroll with faults, then a good one, confirms, corrects, and sees the nota."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.people.types import OrganisationView, Role
from tests.factories.contributions import (
    GIFT,
    SUPERMARKET,
    Bank,
    make_law,
    make_participant,
    worker,
)
from tests.factories.payroll_files import write_payroll_file
from tests.factories.web import client_as
from tests.journeys.browser import assert_accessible, assert_fits
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, employer: OrganisationView, address: str) -> None:
    """Give the window the session of somebody who acts for the employer."""
    session = client_as(Role.EMPLOYER, employer.id).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
    )


def deliver(page: Page, path: Path, content: bytes, period: str) -> None:
    path.write_bytes(content)
    page.goto("/werkgever/aanleveren/")
    page.get_by_label("Over welke periode gaat dit bestand?").select_option(period)
    page.get_by_label("Salarisbestand").set_input_files(path)
    page.get_by_role("button", name="Bekijk wat eruit komt").click()


def accessible_and_fitting(page: Page) -> None:
    """What is asked of every page here; axe itself needs JavaScript."""
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_faulty_file_to_a_corrected_nota(
    open_page: OpenPage, live_server: object, tmp_path: Path, javascript: bool
) -> None:
    settings_demo, settings.DEMO = settings.DEMO, True
    try:
        make_law(SUPERMARKET)
        make_law(GIFT)
    finally:
        settings.DEMO = settings_demo
    Bank()
    employer = make_participant(SUPERMARKET, GIFT)
    page = open_page(java_script_enabled=javascript)
    look = accessible_and_fitting if javascript else assert_fits
    sign_in(page, employer, str(live_server))
    period = str(Period.containing(local_date(datetime.now(UTC)), PeriodKind.FOUR_WEEKS))
    file = tmp_path / "salaris.csv"

    page.goto("/werkgever/")
    expect(page.get_by_role("heading", level=1)).to_have_text(employer.name)
    look(page)

    wrong = [worker(1), worker(1), worker(2, paid_hours_period=-100)]
    deliver(page, file, write_payroll_file(wrong), period)
    expect(page.get_by_text("Het bestand heeft 2 fouten")).to_be_visible()
    look(page)

    rows = [worker(1), worker(2), worker(3, hours=None)]
    deliver(page, file, write_payroll_file(rows), period)
    expect(page.get_by_text("Mensen met een bedrag")).to_be_visible()
    page.get_by_text("€ 13,46 · Leerbudget van de cao Supermarkten").first.click()
    look(page)
    page.get_by_role("button", name="Ja, bevestig deze aanlevering").click()
    expect(page.get_by_text("De aanlevering is verwerkt")).to_be_visible()
    look(page)

    corrected = [worker(1), worker(2, hours=1200), worker(3, hours=None)]
    deliver(page, file, write_payroll_file(corrected), period)
    expect(page.get_by_text("contracturen per week: 20,00 wordt 12,00")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Ja, bevestig deze aanlevering").click()

    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Nota’s").click()
    look(page)
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("Betalingskenmerk")).to_be_visible()
    look(page)
