"""From a payroll file to a course of one's own, and to books that prove it; every amount to the cent.

Given two employers under a gift of € 240,00 a year for 36 hours a week; Sam works 36 hours for the one and
18 for the other (€ 240,00 and € 120,00), Robin 30 hours for the other (€ 240,00, from 0.8 of a full week on).
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sepaxml
import time_machine
import xmlschema
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from eigenwijs.jobs import operations as jobs
from eigenwijs.people.types import OrganisationKind, PersonView, Role
from eigenwijs.treasury import operations as treasury
from tests.factories.catalogue import make_course, make_run
from tests.factories.contributions import GIFT, make_law, make_participant
from tests.factories.people import LONG_AGO, actor_for, make_organisation, make_person
from tests.factories.treasury import Booking, StatementText, camt, make_bank_account, pays
from tests.factories.web import client_of
from tests.journeys.browser import assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

FIRST_DAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
PROVIDER_IBAN = "NL66RABO0900000078"

HEADER = (
    "Personeelsnummer;Naam;Geboortedatum;Soort contract;Contracturen per week;Betaalde uren;"
    "In dienst;E-mail\r\n"
)
FILE_A = HEADER + "11;Sam de Vries;17-05-1990;vast;36,00;1872,00;01-09-2019;sam@example.org\r\n"
FILE_B = (
    HEADER
    + "21;Sam de Vries;17-05-1990;tijdelijk;18,00;936,00;01-01-2024;\r\n"
    + "22;Robin Bakker;02-02-1985;vast;30,00;1560,00;01-01-2020;\r\n"
)


@dataclass
class Clock:
    """The day it is, for the pages and for the jobs."""

    traveller: time_machine.Coordinates

    def to(self, moment: datetime) -> None:
        """Go to `moment` and do the work that waits."""
        self.traveller.move_to(moment)
        self.work()

    def work(self) -> None:
        """Do what the job worker would do now."""
        jobs.drain(at=datetime.now(UTC))


@pytest.fixture
def clock() -> Iterator[Clock]:
    cache.clear()
    with time_machine.travel(FIRST_DAY, tick=True) as traveller:
        yield Clock(traveller)


@pytest.fixture
def sign_in(
    open_page: Callable[..., Page], live_server: object
) -> Callable[[PersonView | UUID, Role], Page]:
    """Open a window of its own in which somebody is signed in, in one role, at this moment."""

    def window(person: PersonView | UUID, role: Role) -> Page:
        client = client_of(person)
        session = client.session
        session["role"] = role.value
        session.save()
        page = open_page()
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])  # type: ignore[attr-defined]
        return page

    return window


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name).click()
    assert_fits(page)


def upload(page: Page, label: str, name: str, content: bytes) -> None:
    page.get_by_label(label).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def staff(role: Role, organisation: UUID | None = None, name: str = "") -> PersonView:
    return make_person(name or f"Medewerker {role}", role=role, organisation_id=organisation)


def deliver(page: Page, content: str, total: str) -> str:
    """Upload a year's payroll file, check the total, say yes, and return the reference of the nota."""
    page.goto("/werkgever/aanleveren/")
    page.get_by_label("Over welke periode gaat dit bestand?").select_option("2026")
    upload(page, "Salarisbestand", "salarissen.csv", content.encode())
    press(page, "Bekijk wat eruit komt")
    expect(page.get_by_role("row", name="Samen")).to_contain_text(total)
    press(page, "Ja, bevestig deze aanlevering")
    page.get_by_role("table", name="Bij deze aanlevering").get_by_role("link").click()
    expect(page.get_by_role("main")).to_contain_text(total)
    return re.sub(r"\s", "", fact(page, "Betalingskenmerk"))


def fact(page: Page, label: str) -> str:
    return page.locator("dt", has_text=label).locator("xpath=following-sibling::dd[1]").inner_text()


def letter_codes(page: Page, employer: str) -> dict[str, str]:
    """Let the operator print the first letters of an employer; return each person's code."""
    page.goto("/beheer/brieven/")
    with page.expect_download() as printed:
        page.get_by_role("button", name=f"Maak de eerste brieven {employer}", exact=True).click()
    codes = {}
    for sheet in PdfReader(io.BytesIO(Path(printed.value.path()).read_bytes())).pages:
        lines = [line.replace(" ", "") for line in sheet.extract_text().splitlines()]
        codes[lines[1]] = next(line for line in lines if re.fullmatch(r"\w{4}-\w{4}-\w{4}", line))
    return codes


def owner_of(page: Page) -> UUID:
    """Who is signed in in this window."""
    cookie = next(one for one in page.context.cookies() if one.get("name") == "sessionid")
    user_id = SessionStore(cookie.get("value"))["_auth_user_id"]
    return get_user_model()._default_manager.get(pk=user_id).person_id


def claim(page: Page, code: str) -> None:
    page.goto("/claim/")
    page.get_by_label("De code uit je brief").fill(code)
    page.get_by_label("Je geboortedatum").fill("17-05-1990")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=re.compile("Open|Voeg")).click()


def test_one_euro_travels_through_the_house(
    clock: Clock, sign_in: Callable[[PersonView | UUID, Role], Page], open_page: Callable[..., Page]
) -> None:
    # Given two employers, a provider with an approved account, and a foundation with a bank
    make_law(GIFT)
    participants = [make_participant(GIFT), make_participant(GIFT)]
    employers = [one.id for one in participants]
    provider = make_organisation(OrganisationKind.PROVIDER, "Vakschool Voorbeeld")
    bank = make_bank_account()
    ingrid, samir = staff(Role.FINANCE, name="Ingrid"), staff(Role.FINANCE, name="Samir")
    account = treasury.register_payee_account(
        payee_id=provider.id,
        iban=PROVIDER_IBAN,
        holder_name="Vakschool Voorbeeld",
        by=actor_for(ingrid, Role.FINANCE),
        at=LONG_AGO,
    )
    treasury.approve_payee_account(
        account_id=account, by=actor_for(samir, Role.FINANCE), at=LONG_AGO
    )
    starts_on = (FIRST_DAY + timedelta(days=40)).date()
    course = make_course("Basis elektrotechniek", provider_id=provider.id, price_cents=30_000)
    make_run(course, starts_on=starts_on, price_cents=30_000)

    # When both employers deliver their payroll, what the gift says is due is asked of them
    payroll = [sign_in(staff(Role.EMPLOYER, one), Role.EMPLOYER) for one in employers]
    references = [
        deliver(payroll[0], FILE_A, "€ 240,00"),
        deliver(payroll[1], FILE_B, "€ 360,00"),
    ]
    operator = sign_in(staff(Role.OPERATOR), Role.OPERATOR)
    codes = [letter_codes(operator, one.name)["SamdeVries"] for one in participants]

    # and the bank says that they paid, the money is matched and credited
    finance = sign_in(ingrid, Role.FINANCE)
    first = StatementText(
        [pays(24_000, f"Nota {references[0]}"), pays(36_000, f"nota {references[1].lower()}")],
        on=FIRST_DAY.date(),
    )
    finance.goto("/financien/afschriften/")
    upload(finance, "Bestand van de bank", "afschrift.xml", camt(first))
    press(finance, "Lees het afschrift in")
    clock.work()
    for page, amount in zip(payroll, ("€ 240,00", "€ 360,00"), strict=True):
        page.goto("/werkgever/notas/")
        row = page.get_by_role("row").nth(1)
        expect(row).to_contain_text(amount)
        expect(row).to_contain_text("betaald")

    # Then the worker opens the file with a code, shows who it is, joins the second job, and finds all the money
    worker = open_page()
    claim(worker, codes[0])
    worker.goto("/mijn/")
    expect(worker.get_by_role("main")).to_contain_text("€ 240,00")
    sam_de_vries = owner_of(worker)
    worker.goto("/mijn/gegevens/e-mail/")
    worker.get_by_label("Je e-mailadres").fill("sam@example.org")
    press(worker, "Stuur de code")
    mailed = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert mailed
    worker.get_by_label("De code uit de e-mail").fill(mailed[0])
    press(worker, "Bewaar dit adres")
    claim(worker, codes[1])
    worker.goto("/mijn/rekening/")
    expect(worker.get_by_role("main")).to_contain_text("€ 360,00")
    worker.goto("/mijn/rekening/")
    worker.get_by_text("Waarom dit bedrag?").first.click()

    # When the worker books a course from two pots
    worker.goto("/cursussen/?words=elektrotechniek")
    worker.get_by_role("link", name="Basis elektrotechniek").click()
    worker.get_by_role("link", name=re.compile("Kies deze start")).click()
    worker.get_by_label("Nee").first.check()
    worker.get_by_label("Ja").last.check()
    press(worker, "Verder")
    mix = worker.get_by_role("table", name="Wie betaalt wat")
    expect(mix.get_by_role("row")).to_have_count(4)
    expect(mix.get_by_role("row").nth(1)).to_contain_text("€ 240,00")
    expect(mix.get_by_role("row").nth(2)).to_contain_text("€ 60,00")
    expect(mix.get_by_role("row").nth(3)).to_contain_text("€ 300,00")
    worker.get_by_role("link", name="Verder").click()
    press(worker, "Ja, ik boek deze cursus")
    expect(worker.get_by_role("main")).to_contain_text("Wacht op de opleider")
    booking = worker.url
    worker.goto("/mijn/")
    expect(worker.get_by_role("main")).to_contain_text("€ 60,00")

    # and the provider says yes
    planner = sign_in(staff(Role.PROVIDER, provider.id), Role.PROVIDER)
    planner.goto("/opleider/boekingen/")
    planner.get_by_role("main").get_by_role("table").get_by_role("link").click()
    expect(planner.get_by_role("main")).not_to_contain_text("€ 240,00")
    press(planner, "Ja, bevestigen")

    # and the course starts, and the worker says so
    clock.to(FIRST_DAY + timedelta(days=41))
    sam = sign_in(sam_de_vries, Role.WORKER)
    sam.goto(booking.removesuffix("gelukt/"))
    sam.get_by_role("link", name="Geef antwoord").click()
    press(sam, "Ja, ik ben begonnen")
    clock.work()

    # Then one person of finance makes a batch and another releases it
    finance = sign_in(ingrid, Role.FINANCE)
    finance.goto("/financien/betalen/")
    expect(finance.get_by_role("row").nth(1)).to_contain_text("€ 300,00")
    finance.get_by_role("checkbox").check()
    press(finance, "Maak een betaalbatch")
    batch = finance.url
    expect(finance.get_by_role("main")).to_contain_text("Iemand anders moet het vrijgeven")
    second = sign_in(samir, Role.FINANCE)
    second.goto(batch)
    second.get_by_label("Ik heb elke betaling bekeken").check()
    press(second, "Geef € 300,00 vrij")
    with second.expect_download() as downloaded:
        second.get_by_role("link", name="Download het bestand (XML)").click()
    file = Path(downloaded.value.path()).read_bytes()
    schema = Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"
    xmlschema.XMLSchema(schema).validate(io.BytesIO(file))
    assert hashlib.sha256(file).hexdigest() in second.get_by_role("main").inner_text()
    assert b">300.00<" in file
    assert PROVIDER_IBAN.encode() in file

    # and the bank says it went out
    identifier = fact(second, "Kenmerk bij de bank")
    paid = first.then(Booking(-30_000, (), batch=identifier), days=42)
    finance.goto("/financien/afschriften/")
    upload(finance, "Bestand van de bank", "afschrift-2.xml", camt(paid))
    press(finance, "Lees het afschrift in")
    clock.work()
    planner = sign_in(staff(Role.PROVIDER, provider.id), Role.PROVIDER)
    planner.goto("/opleider/uitbetalingen/")
    expect(planner.get_by_role("row").nth(1)).to_contain_text("€ 300,00")
    expect(planner.get_by_role("row").nth(1)).to_contain_text("Betaald")

    # The books prove it, and nobody's employer saw where it went
    call_command("prove_books")
    for one in employers:
        page = sign_in(staff(Role.EMPLOYER, one), Role.EMPLOYER)
        for address in ("/werkgever/", "/werkgever/notas/"):
            page.goto(address)
            expect(page.get_by_role("main")).not_to_contain_text("elektrotechniek")
    sam.goto("/mijn/")
    expect(sam.get_by_role("main")).to_contain_text("€ 60,00")
    assert bank
