"""Two people of finance take in a statement, settle what is open and pay a provider by file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.pain import check_schema
from tests.factories import treasury as make
from tests.factories.people import make_organisation
from tests.factories.treasury import Booking, StatementText, camt, pays
from tests.factories.web import client_as
from tests.journeys.browser import assert_accessible, assert_fits
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, client: Client, address: str) -> None:
    """Give the window the session of somebody who signed in."""
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
    )


def follow(page: Page, name: str) -> None:
    """Follow a link of the menu."""
    page.get_by_role("navigation", name="Menu").get_by_role("link", name=name, exact=True).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_two_people_pay_a_provider(
    open_page: OpenPage, live_server: object, tmp_path: Path, javascript: bool
) -> None:
    address = str(live_server)
    at = datetime.now(UTC) - timedelta(hours=1)
    make.make_bank_account(opening=10_000)
    payer = make_organisation(OrganisationKind.EMPLOYER, "Supermarkt Zonnig").id
    provider = make_organisation(OrganisationKind.PROVIDER, "Opleider Noord").id
    account = operations.register_payee_account(
        payee_id=provider,
        iban=make.PAYEE_IBAN,
        holder_name="Noord BV",
        by=make.someone(),
        at=make.LONG_AGO,
    )
    operations.approve_payee_account(account_id=account, by=make.someone(), at=make.LONG_AGO)
    reference = make.expect(50_000, payer=payer, at=at)
    other = make.expect(900, payer=payer, at=at)

    first, second = (open_page(java_script_enabled=javascript) for _ in range(2))
    sign_in(first, client_as(Role.FINANCE), address)
    sign_in(second, client_as(Role.FINANCE), address)

    # A statement: one payment is placed, one waits for a person.
    statement = StatementText(
        [pays(50_000, reference), pays(900, "zonder kenmerk"), pays(-250, "incasso")],
        opening=10_000,
        on=local_date(at),
    )
    file = tmp_path / "afschrift.xml"
    file.write_bytes(camt(statement))
    first.goto("/financien/")
    follow(first, "Afschriften")
    first.get_by_label("Bestand van de bank").set_input_files(file)
    first.get_by_role("button", name="Lees het afschrift in").click()
    expect(first.get_by_role("status")).to_contain_text("1 afschrift is ingelezen.")
    follow(first, "Werklijst")
    first.get_by_role("link", name="€ 9,00").click()
    first.get_by_label("Betalingskenmerk 1").fill(other)
    first.get_by_label("Bedrag 1").fill("9,00")
    first.get_by_role("button", name="Wijs toe").click()
    expect(first.get_by_role("status")).to_contain_text("Het geld is toegewezen.")

    # A payment: made by one, released by the other, given to the bank as a file.
    payable = make.owe(provider, 12_345, payer=payer, at=at)
    order = make.order(provider, payable, 12_345, at=at)
    follow(first, "Betalen")
    first.get_by_role("button", name="Maak een betaalbatch").click()
    expect(first.get_by_text("Iemand anders moet het vrijgeven.")).to_be_visible()
    second.goto("/financien/")
    second.get_by_role("main").get_by_role("link", name="Betaalbatches").click()
    second.get_by_role("table").get_by_role("link").click()
    second.get_by_label("Ik heb elke betaling bekeken").check()
    second.get_by_role("button", name="Geef € 123,45 vrij").click()
    with second.expect_download() as download:
        second.get_by_role("link", name="Download het bestand (XML)").click()
    content = download.value.path().read_bytes()
    check_schema(content)
    (batch,) = queries.batches()
    assert content == queries.batch_file(batch.id)

    # The bank books it: the payment is settled, and every cent but the direct debit is in the books.
    file.write_bytes(camt(statement.then(Booking(-12_345, (), batch=batch.identifier), days=0)))
    follow(second, "Afschriften")
    second.get_by_label("Bestand van de bank").set_input_files(file)
    second.get_by_role("button", name="Lees het afschrift in").click()
    assert queries.order(order).state == "settled"
    follow(second, "Bewijs")
    expect(second.get_by_role("main")).to_contain_text("Elke cent is verklaard")
    expect(second.get_by_role("main")).to_contain_text("Ging van de bank af")


PAGES = {
    "home": "",
    "proof": "bewijs/",
    "statements": "afschriften/",
    "statement": "afschriften/{statement}/",
    "work_list": "werklijst/",
    "entry": "boekingen/{entry}/",
    "debit": "boekingen/{debit}/",
    "receipts": "ontvangsten/",
    "receipt": "ontvangsten/{receipt}/",
    "accounts": "rekeningen/",
    "new_account": "rekeningen/nieuw/",
    "account": "rekeningen/{account}/",
    "payable": "betalen/",
    "batches": "batches/",
    "batch": "batches/{batch}/",
    "answer": "batches/antwoord/",
}


@pytest.fixture
def filled() -> dict[str, object]:
    """Something of everything that finance's pages show; the ids of their addresses."""
    at = datetime.now(UTC) - timedelta(hours=1)
    bank = make.make_bank_account(opening=10_000)
    payer = make_organisation(OrganisationKind.EMPLOYER, "Supermarkt Zonnig").id
    provider = make_organisation(OrganisationKind.PROVIDER, "Opleider Noord").id
    account = operations.register_payee_account(
        payee_id=provider,
        iban=make.PAYEE_IBAN,
        holder_name="Noord BV",
        by=make.someone(),
        at=make.LONG_AGO,
    )
    operations.approve_payee_account(account_id=account, by=make.someone(), at=make.LONG_AGO)
    awaiting = operations.register_payee_account(
        payee_id=provider, iban=make.PAYER_IBAN, holder_name="Noord BV", by=make.someone(), at=at
    )
    paid, partly, open_one = (
        make.expect(cents, payer=payer, at=at) for cents in (50_000, 2_000, 700)
    )
    statement = StatementText(
        [
            pays(50_000, paid),
            pays(1_200, partly),
            pays(600, f"nota {open_one} en {partly}"),
            pays(-2_500, "incasso zonder opdracht"),
            Booking(-1_000, code="ACMT-MDOP-CHRG", details=()),
        ],
        opening=10_000,
        on=local_date(at),
    )
    (view,) = make.load(statement, at=at).imported
    payable = make.owe(provider, 20_000, payer=payer, at=at)
    batch = make.make_batch(bank, make.order(provider, payable, 12_345, at=at), at=at)
    make.order(provider, payable, 5_000, at=at)
    entry, debit = queries.unmatched_entries()
    return {
        "statement": view.id,
        "entry": entry.id,
        "debit": debit.id,
        "receipt": partly,
        "account": awaiting,
        "batch": batch,
    }


@pytest.mark.parametrize("name", PAGES)
def test_finance_pages_are_accessible(
    page: Page, live_server: object, filled: dict[str, object], name: str
) -> None:
    sign_in(page, client_as(Role.FINANCE), str(live_server))
    answer = page.goto("/financien/" + PAGES[name].format(**filled))
    assert answer
    assert answer.ok
    assert_accessible(page)


@pytest.mark.parametrize("name", PAGES)
def test_finance_pages_fit_a_small_screen_with_large_text(
    small_page: Page, live_server: object, filled: dict[str, object], name: str
) -> None:
    sign_in(small_page, client_as(Role.FINANCE), str(live_server))
    small_page.goto("/financien/" + PAGES[name].format(**filled))
    assert_fits(small_page)
