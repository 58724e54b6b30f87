"""A worker finds a course, sees the money, says yes, follows the booking, and leaves or begins."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Error, Page, expect

from eigenwijs.bookings import queries
from eigenwijs.bookings.types import BookingState
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import PersonView, Role
from tests.factories.bookings import make_booking, make_worker
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import make_person
from tests.factories.web import client_of
from tests.factories.worker import make_scheme_credit
from tests.journeys.browser import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> PersonView:
    """Someone with 200 euros under a condition and 300 free."""
    return make_worker(20_000, 30_000)


def sign_in(page: Page, worker: PersonView | UUID, address: str) -> None:
    """Take the session of someone who has just signed in and given a second proof."""
    session = client_of(worker).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    assert_fits(page)


def test_from_search_to_booking_with_the_money_before_the_yes(
    any_page: Page, worker: PersonView, live_server: object
) -> None:
    page = any_page
    starts_on = local_date(timezone.now()) + timedelta(days=9)
    run = make_run(make_course("Lassen voor beginners"), starts_on=starts_on, price_cents=60_000)
    sign_in(page, worker, str(live_server))

    page.goto("/mijn/")
    expect(page.get_by_role("main")).to_contain_text("500,00")
    page.get_by_role("link", name="Zoek een cursus").first.click()
    page.get_by_label("Woord of onderwerp").fill("lassen")
    page.get_by_role("button", name="Zoeken").first.click()
    page.get_by_role("link", name="Lassen voor beginners").click()
    heading(page, "Lassen voor beginners")
    page.get_by_role("link", name="Kies deze start").click()

    heading(page, "Twee vragen vooraf")
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_role("alert")).to_contain_text("Er klopt nog iets niet")
    page.locator("input[name=required_by_employer][value=no]").check()
    page.locator("input[name=work_related][value=yes]").check()
    page.get_by_role("button", name="Verder").click()

    heading(page, "Zo betaal je")
    table = page.get_by_role("table", name="Wie betaalt wat")
    expect(table).to_contain_text("200,00")
    expect(table).to_contain_text("300,00")
    expect(table.get_by_role("row", name="Jij betaalt zelf")).to_contain_text("100,00")
    page.get_by_text("Liever ander geld eerst?").click()
    page.get_by_role("button", name="Eerst").click()
    page.get_by_role("link", name="Verder").click()

    heading(page, "Wil je deze cursus boeken?")
    page.get_by_role("button", name="Ja, ik boek deze cursus").click()
    expect(page.get_by_role("alert")).to_contain_text("Zet een vinkje.")
    page.get_by_label("Ik wil dat de cursus al in mijn bedenktijd mag beginnen.").check()
    page.get_by_role("button", name="Ja, ik boek deze cursus").click()
    expect(page.get_by_role("status")).to_contain_text("Gelukt")
    heading(page, "Lassen voor beginners")
    booking = queries.bookings_of(worker.id)[0]
    assert booking.offer.run_id == run.id

    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()  # a browser keeps no answer to a form, and asks before it sends that again
    page.wait_for_url("chrome-error://**")
    page.go_forward()
    heading(page, "Lassen voor beginners")
    assert len(queries.bookings_of(worker.id)) == 1
    page.get_by_role("link", name="Ik wil stoppen").click()
    heading(page, "Wil je stoppen?")
    page.get_by_role("button", name="Ja, ik stop").click()
    expect(page.get_by_role("main")).to_contain_text("Gestopt voordat de opleider antwoordde")
    page.goto("/mijn/")
    expect(page.get_by_role("main")).to_contain_text("500,00")


def test_the_worker_says_that_the_course_started(
    any_page: Page, worker: PersonView, live_server: object
) -> None:
    page = any_page
    now = timezone.now()
    starts_on = local_date(now) - timedelta(days=2)
    run = make_run(
        make_course("Duits"), starts_on=starts_on, ends_on=starts_on + timedelta(days=30)
    )
    then = now - timedelta(days=40)
    booking = make_booking(worker, run, confirmed_at=then, at=then)
    sign_in(page, worker, str(live_server))
    page.goto("/mijn/")
    page.get_by_role("link", name="Geef antwoord").click()
    heading(page, "Is je cursus begonnen?")
    page.get_by_role("button", name="Ja, ik ben begonnen").click()
    heading(page, "Duits")
    expect(page.get_by_role("main")).to_contain_text("Jij zei: de cursus is begonnen")
    found = queries.booking(booking.id)
    assert found
    assert found.state is BookingState.STARTED


def test_from_an_amount_to_its_reason_and_along_on_paper(
    any_page: Page, live_server: object
) -> None:
    page = any_page
    worker = make_person(role=Role.WORKER)
    make_scheme_credit(worker.id)
    sign_in(page, worker, str(live_server))
    page.goto("/mijn/rekening/")
    heading(page, "Je leerrekening")
    page.get_by_role("link", name="Bekijk wat er gebeurde").click()
    heading(page, "Wat er gebeurde")
    page.get_by_text("Alleen een deel zien?").click()
    page.get_by_label("Wat", exact=True).select_option(label="Geld erbij")
    page.get_by_role("button", name="Toon").click()
    page.get_by_role("link", name="Waarom dit bedrag?").first.click()
    heading(page, "Waarom dit bedrag?")
    expect(page.get_by_role("main")).to_contain_text("In je contract staat 20 uur per week.")
    page.get_by_role("link", name="Terug naar je rekening").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Maak een PDF").click()
    assert download.value.suggested_filename.startswith("leerrekening-")


@pytest.mark.parametrize("size", [{"width": 360, "height": 800}, {"width": 1280, "height": 900}])
def test_every_page_of_a_worker_is_accessible(
    page: Page, worker: PersonView, live_server: object, size: dict[str, int]
) -> None:
    now = timezone.now()
    booking = make_booking(worker, make_run(starts_on=local_date(now) + timedelta(days=90)), at=now)
    starts_on = local_date(now) + timedelta(days=90)
    run = make_run(starts_on=starts_on, price_cents=60_000)
    credit = make_scheme_credit(worker.id)
    sign_in(page, worker, str(live_server))
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(f"/boeken/{run.id}/")
    page.locator("input[name=required_by_employer][value=no]").check()
    page.locator("input[name=work_related][value=yes]").check()
    page.get_by_role("button", name="Verder").click()
    addresses = [
        "/mijn/",
        "/mijn/rekening/",
        "/mijn/rekening/overzicht/",
        f"/mijn/waarom/{credit.id}/",
        "/mijn/berichten/",
        "/mijn/boekingen/",
        f"/mijn/boekingen/{booking.id}/",
        f"/mijn/boekingen/{booking.id}/stoppen/",
        f"/mijn/boekingen/{booking.id}/begonnen/",
        "/cursussen/",
        "/cursussen/?words=onbestaanbaar",
        f"/cursussen/{run.course_id}/",
        f"/boeken/{run.id}/",
        f"/boeken/{run.id}/werkgever/",
        f"/boeken/{run.id}/geld/",
        f"/boeken/{run.id}/ja/",
    ]
    for address in addresses:
        answer = page.goto(address)
        assert answer
        assert answer.ok, address
        assert_accessible(page)
        assert_fits(page)
