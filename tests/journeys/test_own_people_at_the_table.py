"""A negotiator lays the firm's own people on the table as counts; both sides then see figures of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eigenwijs.jobs.operations import drain, react
from eigenwijs.people.types import Role
from eigenwijs.schemes import operations as schemes
from eigenwijs.simulation.types import RunSize
from eigenwijs.web.negotiator import long_runs
from tests.factories.negotiations import make_table
from tests.factories.web import client_as
from tests.journeys.browser import assert_accessible, assert_fits
from tests.journeys.conftest import OpenPage
from tests.journeys.test_finance_pays_providers import sign_in
from tests.simulation.test_long_runs import ENDING, SHOP, waiting

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LINES = """Aantal;Contract;Uren per week;Leeftijd
1500;vast;;
2500;oproep;;
1800;;minder dan 12 uur;
2200;;12 uur of meer;
2600;;;tot 25
1400;;;25 of ouder
"""
PERSONS = "Naam;Geboortedatum;Aantal;Contract\nJan Jansen;01-02-1990;1;vast\n"


def choose(page: Page, lines: str) -> None:
    page.get_by_label("In welke sector werken zij?").select_option("G handel")
    page.get_by_label("De tabel van jullie mensen").set_input_files(
        [{"name": "mensen.csv", "mimeType": "text/csv", "buffer": lines.encode()}]
    )
    page.get_by_role("button", name="Leg deze tabel op tafel").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_both_sides_look_at_the_same_people(
    open_page: OpenPage, live_server: Any, monkeypatch: pytest.MonkeyPatch, javascript: bool
) -> None:
    small = RunSize(persons=5_000, years=3, draws=2, persons_a_draw=1_000)
    monkeypatch.setattr(long_runs, "SIZE", small)
    now = datetime.now(UTC)
    table = make_table(SHOP, now)
    schemes.propose(negotiation_id=table.id, text=ENDING, by=table.union, at=now)
    see = assert_accessible if javascript else assert_fits
    mine = open_page(java_script_enabled=javascript)
    theirs = open_page(java_script_enabled=javascript)
    sign_in(mine, client_as(Role.NEGOTIATOR, table.union.organisation_id), str(live_server))
    sign_in(theirs, client_as(Role.NEGOTIATOR, table.employers.organisation_id), str(live_server))

    # given: a file with persons is refused as a whole
    mine.goto(f"/cao/tafels/{table.id}/")
    mine.get_by_role("link", name="Reken met jullie eigen mensen").first.click()
    see(mine)
    choose(mine, PERSONS)
    expect(mine.get_by_role("heading", name="Dit bestand klopt nog niet")).to_be_visible()
    expect(mine.get_by_role("cell", name="Geboortedatum", exact=True)).to_be_visible()
    see(mine)

    # when: counts are delivered
    choose(mine, LINES)
    expect(mine.get_by_text("Jullie tabel ligt op tafel.")).to_be_visible()
    see(mine)

    # then: both sides see them, and figures of them
    mine.get_by_role("link", name="Reken met deze mensen").click()
    theirs.goto(f"/cao/tafels/{table.id}/")
    for page in (mine, theirs):
        expect(page.get_by_text("jullie tabel 1: 4.000 mensen, aangeleverd")).to_be_visible()
        expect(page.get_by_role("group", name="Storten kost in 2027:")).to_be_visible()
        see(page)
    theirs.get_by_label("Voor wie").select_option("alle werknemers")
    theirs.get_by_role("button", name="Vergelijk").click()
    expect(theirs.get_by_text("volgens cijfers van het CBS")).to_be_visible()

    # and: years are of these people, and what is open stays open while they are computed
    mine.get_by_role("link", name="Tien jaar doorrekenen").click()
    mine.get_by_role("button", name="Reken het door").click()
    expect(mine.get_by_role("progressbar")).to_be_visible()
    react(event_id=waiting()[0].id, at=datetime.now(UTC))
    if not javascript:
        mine.get_by_role("link", name="Kijk hoe ver het is").click()
    band = mine.get_by_text("De band wordt nog berekend: 0 van 2 keer.")
    expect(band).to_be_visible(timeout=20_000)
    mine.get_by_text("Alle jaren in getallen").click()
    drain(at=datetime.now(UTC))
    if not javascript:
        mine.get_by_role("link", name="Kijk hoe ver het is").click()
        mine.get_by_text("Alle jaren in getallen").click()
    expect(mine.get_by_role("table", name="Per jaar; tussen haakjes de band")).to_be_visible(
        timeout=20_000
    )
    expect(
        mine.get_by_text("In het begin gelden de bedragen voor jullie 4.000 mensen.")
    ).to_be_visible()
    see(mine)
