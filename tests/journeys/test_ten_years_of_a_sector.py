"""A negotiator asks for ten years of a sector, leaves, and finds what ends; the other side sees the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

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
SMALL = RunSize(persons=1_000, years=3, draws=2, persons_a_draw=200)


@pytest.mark.parametrize("javascript", [True, False])
def test_ten_years_are_asked_left_and_found_by_both(
    open_page: OpenPage, live_server: Any, monkeypatch: pytest.MonkeyPatch, javascript: bool
) -> None:
    monkeypatch.setattr(long_runs, "SIZE", SMALL)
    now = datetime.now(UTC)
    table = make_table(SHOP, now)
    schemes.propose(negotiation_id=table.id, text=ENDING, by=table.union, at=now)
    see = assert_accessible if javascript else assert_fits
    mine = open_page(java_script_enabled=javascript)
    sign_in(mine, client_as(Role.NEGOTIATOR, table.union.organisation_id), str(live_server))

    # given: a run that was asked from the table
    mine.goto(f"/cao/tafels/{table.id}/")
    mine.get_by_role("link", name="Tien jaar doorrekenen").click()
    mine.get_by_label("Vergelijk", exact=True).select_option("Waarmee jullie begonnen")
    mine.get_by_label("met", exact=True).select_option("Vakbonden, voorstel 1")
    see(mine)
    mine.get_by_role("button", name="Reken het door").click()
    expect(mine.get_by_role("progressbar")).to_be_visible()
    see(mine)

    # when: the job worker has the figures
    react(event_id=waiting()[0].id, at=datetime.now(UTC))
    if not javascript:
        mine.get_by_role("link", name="Kijk hoe ver het is").click()
    ending = mine.get_by_text("Hier vervalt geld dat al van mensen was. In 3 jaar:")
    expect(ending).to_be_visible(timeout=20_000)
    expect(mine.get_by_text("De band wordt nog berekend: 0 van 2 keer.")).to_be_visible()

    # then: all of it is there when one comes back, for the other side too
    mine.goto("/cao/")
    drain(at=datetime.now(UTC))
    theirs = open_page(java_script_enabled=javascript)
    sign_in(theirs, client_as(Role.NEGOTIATOR, table.employers.organisation_id), str(live_server))
    for page in (mine, theirs):
        page.goto(f"/cao/tafels/{table.id}/tien-jaar/")
        page.get_by_role("link", name="Waarmee jullie begonnen / Vakbonden, voorstel 1").click()
        expect(page.get_by_role("progressbar")).to_have_count(0)
        page.get_by_text("Alle jaren in getallen").click()
        expect(page.get_by_role("table", name="Per jaar; tussen haakjes de band")).to_be_visible()
        page.get_by_text("Alle groepen in getallen").click()
    see(mine)
