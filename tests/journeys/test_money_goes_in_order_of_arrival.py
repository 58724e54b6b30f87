"""Where a law demands the order of arrival: one worker waits, another comes after opening, a third too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from eigenwijs.draws import operations
from eigenwijs.draws.types import CarryOver, FirstCome, Fit
from eigenwijs.kernel.money import Money
from tests.factories.draws import CLOSED, OPENED, make_published, make_rules
from tests.factories.people import SYSTEM, make_person
from tests.factories.web import client_of
from tests.journeys.browser import assert_fits
from tests.journeys.conftest import OpenPage
from tests.journeys.test_money_is_divided_by_lot import days_since, look, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_worker_waits_another_asks_after_opening_and_a_third_finds_the_money_gone(
    open_page: OpenPage, live_server: object, javascript: bool
) -> None:
    days = days_since(OPENED) - 5
    later = timedelta(days=days)
    rules = make_rules(
        days=days, pot=Money(200_00), beacon=None, fit=Fit.SKIP, carry_over=CarryOver()
    )
    terms = FirstCome(CLOSED + later, "Aanvragen worden behandeld in volgorde van ontvangst.")
    make_published(replace(rules, first_come=terms), days=days)
    see = look if javascript else assert_fits

    page = open_page(java_script_enabled=javascript)
    sign_in(page, client_of(make_person("Samira de Boer")), str(live_server))
    page.goto("/mijn/")
    page.get_by_role("link", name="Leerronde voorjaar").click()
    expect(page.get_by_text("Je hoeft niet snel te zijn.")).to_be_visible()
    see(page)
    page.get_by_role("button", name="Ga in de wachtkamer").click()
    expect(page.get_by_text("Je zit in de wachtkamer. Je hoeft niets te doen.")).to_be_visible()
    see(page)

    opened = make_published(
        replace(
            make_rules(days=days_since(CLOSED) - 1, pot=Money(200_00), beacon=None, fit=Fit.SKIP),
            carry_over=CarryOver(),
            first_come=replace(terms, opens_at=CLOSED + timedelta(days=days_since(CLOSED) - 1)),
        ),
        days=days_since(CLOSED) - 1,
    )
    then = CLOSED + timedelta(days=days_since(CLOSED) - 1)
    operations.list_due(by=SYSTEM, at=then)
    operations.open_due(by=SYSTEM, at=then)
    coming = open_page(java_script_enabled=javascript)
    sign_in(coming, client_of(make_person("Daan Vermeer")), str(live_server))
    coming.goto(f"/mijn/rondes/{opened.id}/")
    expect(coming.get_by_text("Open: er is nog geld")).to_be_visible()
    see(coming)
    coming.get_by_role("button", name="Vraag het geld aan").click()
    expect(coming.get_by_text("Gelukt. Het geld staat voor je klaar.")).to_be_visible()
    see(coming)

    late = open_page(java_script_enabled=javascript)
    sign_in(late, client_of(make_person("Fatma Yildiz")), str(live_server))
    late.goto(f"/mijn/rondes/{opened.id}/")
    operations.claim(round_id=opened.id, person_id=make_person().id, by=SYSTEM, at=then)
    late.get_by_role("button", name="Vraag het geld aan").click()
    expect(late.get_by_role("heading", name="Wat kun je nu doen?")).to_be_visible()
    see(late)
