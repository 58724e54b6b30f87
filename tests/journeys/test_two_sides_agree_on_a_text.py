"""Two negotiators change a scheme, see who is left out, sign one text; by that text the next payroll credits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.schemes import operations
from tests.factories.contributions import (
    SUPERMARKET,
    Bank,
    deliver,
    employment,
    make_participant,
    react,
    requests_of,
    worker,
)
from tests.factories.people import SYSTEM, make_opened, make_organisation
from tests.factories.web import client_as, client_of
from tests.journeys.browser import assert_accessible, assert_fits
from tests.journeys.conftest import OpenPage
from tests.journeys.test_finance_pays_providers import sign_in
from tests.schemes.test_language import SCHEMES

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SHOP = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()


def say_yes(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()
    page.get_by_role("button", name="Ja, hier tekenen wij voor").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_two_sides_agree_and_a_worker_reads_why(
    open_page: OpenPage, live_server: Any, settings: Any, javascript: bool
) -> None:
    settings.DEMO = True  # the text of this agreement was not published
    now = datetime.now(UTC)
    operations.load(text=SHOP, by=SYSTEM, at=now)
    union = make_organisation(OrganisationKind.AGREEMENT_PARTY, name="Vakbond van de Proef")
    shops = make_organisation(OrganisationKind.AGREEMENT_PARTY, name="Winkels van de Proef")
    mine = open_page(java_script_enabled=javascript)
    theirs = open_page(java_script_enabled=javascript)
    see = assert_accessible if javascript else assert_fits
    sign_in(mine, client_as(Role.NEGOTIATOR, union.id), str(live_server))
    sign_in(theirs, client_as(Role.NEGOTIATOR, shops.id), str(live_server))

    # given: a table on the scheme as it is
    mine.goto("/cao/")
    mine.get_by_role("link", name="Nieuwe onderhandeling").click()
    mine.get_by_label("Waarover onderhandelen jullie?").fill("Cao van de Proef")
    mine.get_by_label("Vakbonden").check()
    mine.get_by_label("Wie zit tegenover jullie?").select_option("Winkels van de Proef")
    mine.get_by_label("Vanaf welke dag gelden de nieuwe getallen?").fill("01-01-2024")
    see(mine)
    mine.get_by_role("button", name="Open de tafel").click()
    expect(mine.get_by_text("Waarmee jullie begonnen geeft niets aan: Weekendhulp")).to_be_visible()
    see(mine)

    # when: the union tries, sees who is still left out, mends a sentence and lays it on the table
    mine.get_by_role("link", name="Maak jullie voorstel").click()
    amount = mine.get_by_role("textbox", name="Het bedrag per jaar")
    mine.get_by_text("Alle groepen in getallen").click()
    amount.fill("165,00")
    mine.get_by_role("textbox", name="De grens in uren per week").fill("8")
    mine.get_by_role("checkbox", name="uitzendbureau").uncheck()
    if javascript:
        mine.get_by_role("slider", name="Het bedrag per jaar").fill("170")
        expect(amount).to_have_value("170.00")
        amount.fill("165,00")
        amount.press("Tab")
    else:
        mine.get_by_role("button", name="Reken uit").click()
    left_out = (
        "Wat je nu invult geeft niets aan: Oproepkracht van 44, meestal 16 of 17 uur per week."
    )
    expect(mine.get_by_text(left_out)).to_be_visible()
    expect(mine.get_by_text("Deze zinnen kloppen niet meer")).to_be_visible()
    if javascript:  # what was opened stays open at a change
        expect(mine.get_by_role("table", name="Alle groepen")).to_be_visible()
    see(mine)
    mine.get_by_role("button", name="Schrijf verder in de tekst").click()
    text = mine.get_by_label("De tekst van jullie voorstel")
    text.fill(text.input_value().replace("12 uur", "8 uur").replace("12 hours", "8 hours"))
    see(mine)
    mine.get_by_role("button", name="Leg op tafel").click()
    expect(mine.get_by_text("Jullie voorstel ligt op tafel.")).to_be_visible()
    expect(mine.get_by_text("Vakbonden, voorstel 1").first).to_be_visible()

    # then: the other side compares and says yes, and so does the union
    theirs.goto("/cao/")
    theirs.get_by_role("link", name="Cao van de Proef").click()
    theirs.get_by_label("met", exact=True).select_option("Waarmee jullie begonnen")
    theirs.get_by_role("button", name="Vergelijk").click()
    expect(theirs.get_by_role("cell", name="€ 165,00").first).to_be_visible()
    see(theirs)
    say_yes(theirs, "Vakbonden, voorstel 1")
    expect(theirs.get_by_text("Nu is de andere kant aan zet")).to_be_visible()
    mine.reload()
    expect(mine.get_by_text("De andere kant zegt ja tegen")).to_be_visible()
    say_yes(mine, "Vakbonden, voorstel 1")
    expect(mine.get_by_role("heading", name="Jullie zijn het eens")).to_be_visible()
    see(mine)

    # and: a third person puts it in force, and the next payroll credits by exactly that text
    third = open_page(java_script_enabled=javascript)
    sign_in(third, client_as(Role.OPERATOR), str(live_server))
    third.goto("/beheer/regelingen/")
    third.get_by_role("link", name="Leerbudget van de cao Supermarkten").first.click()
    third.get_by_label("Geldt vanaf").fill("01-01-2024")
    third.get_by_role("button", name="Reken na wat er verandert").click()
    see(third)
    third.get_by_role("button", name="Laat gelden vanaf").click()
    expect(third.get_by_text("Vanaf dan geldt deze regeling.")).to_be_visible()
    employer = make_participant(SUPERMARKET)
    ago = now - timedelta(days=3)
    deliver(employer, "2026-03", [worker(hours=1000)], ago)
    react(ago)
    Bank().pay(requests_of(employer)[0], now)
    person = make_opened(employment(employer).person_id, at=ago)
    reader = open_page(java_script_enabled=javascript)
    sign_in(reader, client_of(person.id), str(live_server))
    reader.goto("/mijn/rekening/overzicht/")
    reader.get_by_role("link", name="Waarom dit bedrag?").first.click()
    expect(reader.get_by_text("€ 165,00").first).to_be_visible()
    expect(reader.get_by_text("€ 13,75").first).to_be_visible()
    see(reader)
