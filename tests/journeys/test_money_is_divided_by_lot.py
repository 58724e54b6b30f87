"""A worker enters a round and wins, the operator draws it, and an auditor recomputes the winners."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect

from eigenwijs.draws import operations, queries
from eigenwijs.draws.types import Group
from eigenwijs.people.types import Role
from tests.factories.catalogue import make_course, make_run
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    EVERYONE,
    FALLEN,
    OPENED,
    VALUE,
    draw,
    enter_all,
    make_funded,
    make_published,
    make_rules,
)
from tests.factories.people import SYSTEM, make_person
from tests.factories.web import client_as, client_of
from tests.journeys.browser import SMALL, assert_accessible, assert_fits, text_at, wait_until_drawn
from tests.journeys.conftest import OpenPage

LARGE: ViewportSize = {"width": 1000, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
FLEX = Group(
    "flex",
    {"nl": "Oproep- en uitzendkrachten", "en": "On-call and agency workers"},
    "contract_kind in [on_call, agency]",
    weight=3,
)
SCROLLED_TABLES = """() => [...document.querySelectorAll(".table-region")]
    .filter(region => region.scrollWidth > region.clientWidth)
    .map(region => region.getAttribute("aria-label"))"""
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, client: Client, address: str) -> None:
    """Give the window the session of a client."""
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
    )


def days_since(moment: datetime) -> int:
    return (datetime.now(UTC) - moment).days


def look(page: Page) -> None:
    """What is asked of every page here: axe, and that it fits, also on a phone with large text."""
    assert_accessible(page)
    assert_fits(page)
    text_at(page, 200)
    page.set_viewport_size(SMALL)
    assert_fits(page)
    text_at(page, 100)
    page.set_viewport_size(LARGE)


def assert_tables_read_whole_on_a_phone(page: Page) -> None:
    wait_until_drawn(page)
    page.set_viewport_size(PHONE)
    assert page.evaluate(SCROLLED_TABLES) == []
    page.set_viewport_size(LARGE)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_worker_enters_wins_and_says_yes_by_booking(
    open_page: OpenPage, live_server: object, javascript: bool
) -> None:
    days = days_since(OPENED) - 5
    found = make_published(make_rules(days=days, groups=(FLEX, EVERYONE)), days=days)
    me = make_person("Samira de Boer")
    page = open_page(java_script_enabled=javascript)
    see = look if javascript else assert_fits
    sign_in(page, client_of(me), str(live_server))

    page.goto("/mijn/")
    page.get_by_role("link", name="Leerronde voorjaar").click()
    see(page)
    page.get_by_role("button", name="Ik doe mee").click()
    expect(page.get_by_text("Je hoeft niets te doen tot")).to_be_visible()
    expect(page.get_by_text("Kans in jouw groep:")).to_be_visible()
    see(page)

    page.get_by_role("link", name="Alle regels en het bewijs").click()
    expect(page.get_by_text("Open: meedoen kan")).to_be_visible()
    assert_tables_read_whole_on_a_phone(page)
    see(page)

    draw(found.id, days=days)
    page.goto("/mijn/")
    expect(page.get_by_role("heading", name="Er staat geld voor je klaar")).to_be_visible()
    see(page)
    page.get_by_role("link", name="Bekijk je geld").click()
    expect(page.get_by_text("Je neemt je plek aan door te boeken.")).to_be_visible()
    see(page)
    starts_on = (datetime.now(UTC) + timedelta(days=90)).date()
    run = make_run(make_course("Lassen"), starts_on=starts_on, price_cents=70_00)
    page.goto(f"/boeken/{run.id}/")
    page.locator("input[name=required_by_employer][value=no]").check()
    page.locator("input[name=work_related][value=yes]").check()
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_text("Je neemt je plek aan door te boeken.")).to_be_visible()
    see(page)
    page.get_by_role("link", name="Verder").click()
    see(page)
    page.get_by_role("button", name="Ja, ik boek deze cursus").click()
    page.goto("/mijn/rondes/")
    expect(page.get_by_text("Gewonnen: het geld is van jou")).to_be_visible()
    see(page)
    page.goto("/mijn/")
    expect(page.get_by_text("€ 30,00").first).to_be_visible()


def test_an_operator_draws_and_an_auditor_recomputes_the_winners(
    open_page: OpenPage, live_server: object, tmp_path: Path
) -> None:
    days = days_since(DRAWN) - 1
    later = timedelta(days=days)
    found = make_published(days=days)
    enter_all(found.id, 12, at=OPENED + later)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED + later)
    assert FALLEN + later < datetime.now(UTC)

    page = open_page()
    sign_in(page, client_as(Role.OPERATOR), str(live_server))
    page.goto("/beheer/rondes/")
    look(page)
    page.get_by_role("link", name="Leerronde voorjaar").click()
    look(page)
    page.get_by_label("Het openbare getal").fill("met een spatie")
    page.get_by_role("button", name="Bewaar het getal").click()
    expect(page.get_by_text("precies zoals het gepubliceerd is").first).to_be_visible()
    look(page)
    page.get_by_label("Het openbare getal").fill(VALUE)
    page.get_by_role("button", name="Bewaar het getal").click()
    page.get_by_role("button", name="Onthul het geheime getal en loot").click()
    expect(page.get_by_text("Geloot. Iedereen in de ronde krijgt bericht.")).to_be_visible()
    look(page)
    page.goto("/beheer/rondes/nieuw/")
    page.get_by_role("button", name="Maak de ronde").click()
    look(page)
    draft = make_funded(make_rules(days=days + 90), at=DRAWN + later)
    page.goto(f"/beheer/rondes/{draft.id}/")
    look(page)
    page.get_by_role("link", name="Probeer de regels uit").click()
    page.get_by_role("button", name="Proberen").click()
    expect(page.get_by_text("Eén proefloting")).to_be_visible()
    look(page)
    for lines, said in (("all;1\n", "Er is niet geloot."), ("all;100\n" * 12, "Eén proefloting")):
        list_of_tickets = tmp_path / "lijst.csv"
        list_of_tickets.write_text(f"klasse;bedrag\n{lines}")
        page.get_by_label("Een lijst van jezelf").set_input_files(list_of_tickets)
        page.get_by_role("button", name="Probeer de lijst").click()
        expect(page.get_by_text(said)).to_be_visible()
        look(page)

    open_now = make_published(days=days_since(OPENED) - 5)
    desk = open_page()
    sign_in(desk, client_as(Role.DESK), str(live_server))
    desk.goto(f"/hulp/personen/{make_person().id}/rondes/")
    look(desk)
    desk.get_by_role("button", name="Zet de deelnemer erin").click()
    expect(desk.get_by_text("De deelnemer staat erin en krijgt bericht.")).to_be_visible()
    look(desk)
    assert sum(line.tickets for line in queries.groups_now(open_now.id)) == 1
    page.goto(f"/beheer/rondes/{open_now.id}/")
    page.get_by_label("Waarom, in het Nederlands").fill("De voorwaarde klopte niet.")
    page.get_by_role("button", name="Trek de ronde in").click()
    look(page)
    page.get_by_label("Waarom, in het Engels").fill("The condition was wrong.")
    page.get_by_role("button", name="Trek de ronde in").click()
    expect(page.get_by_text("Wie meedoet, krijgt bericht met je reden.")).to_be_visible()
    look(page)

    auditor = open_page()
    sign_in(auditor, client_as(Role.AUDITOR), str(live_server))
    auditor.goto("/controle/")
    auditor.get_by_role("link", name="Lotingen").click()
    look(auditor)
    auditor.get_by_role("link", name="Leerronde voorjaar").last.click()  # the newest is first
    expect(auditor.get_by_text(VALUE)).to_be_visible()
    look(auditor)
    with auditor.expect_download() as download:
        auditor.get_by_role("link", name="Alle bestanden samen").click()
    file = tmp_path / "alles.zip"
    download.value.save_as(file)
    faults, _remarks = queries.verify(file)
    assert faults == []
