"""A worker opens the file with a letter, gets in again on paper, and decides how to be reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from eigenwijs.people import operations
from eigenwijs.people.types import Role
from tests.factories.people import SYSTEM, actor_for, make_employment, make_opened, make_person
from tests.factories.web import client_as
from tests.journeys.browser import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def mailed_code() -> str:
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).click()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    page.wait_for_load_state()
    assert_fits(page)


def test_a_letter_and_the_address_that_payroll_knew_are_enough(any_page: Page) -> None:
    page = any_page
    person = make_employment(name="Noor Blom", contact="noor@example.org").person_id
    code = operations.issue_claim_code(person, by=SYSTEM, at=datetime.now(UTC))
    page.goto("/claim/")
    page.get_by_label("De code uit je brief").fill(code)
    page.get_by_label("Je geboortedatum").fill("17-05-1990")
    press(page, "Open mijn rekening")
    heading(page, "Welkom, Noor Blom")
    expect(page.get_by_role("main")).to_contain_text("n•••@example.org")
    page.goto("/mijn/gegevens/contact/")
    heading(page, "Is deze rekening van jou?")
    page.get_by_role("link", name="Dat adres lees ik").click()
    page.get_by_label("Je e-mailadres").fill("noor@example.org")
    press(page, "Stuur de code")
    page.get_by_label("De code uit de e-mail").fill(mailed_code())
    press(page, "Bewaar dit adres")
    heading(page, "Mijn gegevens")
    page.get_by_role("link", name="Telefoon en adres wijzigen").click()
    heading(page, "Telefoon en adres")


def test_a_recovery_letter_takes_two_colleagues(
    open_page: Callable[..., Page], live_server: LiveServer
) -> None:
    person = make_opened(make_employment(name="Noor Blom").person_id, at=datetime.now(UTC)).id
    desk, second = open_page(), open_page()
    for window, role in ((desk, Role.DESK), (second, Role.OPERATOR)):
        cookie = client_as(role).cookies["sessionid"].value
        window.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    desk.goto(f"/hulp/personen/{person}/")
    press(desk, "Vraag een herstelbrief aan")
    expect(desk.get_by_role("main")).to_contain_text("Een collega zegt ja of nee")
    desk.goto("/brieven/")
    heading(desk, "Herstelbrieven")
    assert_accessible(desk)
    desk.get_by_role("main").get_by_role("link").click()
    expect(desk.get_by_role("button", name="Ja, maak de brief")).to_have_count(0)
    second.goto("/brieven/")
    second.get_by_role("main").get_by_role("link").click()
    heading(second, "Een herstelbrief")
    assert_accessible(second)
    with second.expect_download():
        press(second, "Ja, maak de brief")


def test_from_letter_to_list_on_paper_to_a_new_email_address(any_page: Page) -> None:
    page = any_page
    person = make_employment(name="Sam de Vries").person_id
    code = operations.issue_claim_code(person, by=SYSTEM, at=datetime.now(UTC))

    page.goto("/inloggen/")
    page.get_by_role("link", name="Ik heb een brief met een code").click()
    heading(page, "Je brief met een code")
    page.get_by_label("De code uit je brief").fill("ABCD")
    page.get_by_label("Je geboortedatum").fill("17-05-1990")
    press(page, "Open mijn rekening")
    expect(page.get_by_role("alert")).to_contain_text("Je hebt je vertypt")
    page.get_by_label("De code uit je brief").fill(code.lower().replace("-", " "))
    press(page, "Open mijn rekening")

    heading(page, "Welkom, Sam de Vries")
    page.get_by_role("link", name="Met een lijst op papier").click()
    press(page, "Maak mijn lijst")
    heading(page, "Jouw lijst met codes")
    number = page.get_by_role("main").locator("strong.code").inner_text()
    codes = page.locator(".codes .code").all_inner_texts()
    assert len(codes) == 20
    page.get_by_role("button", name="Uitloggen").click()

    # At the desk somebody sees a passport, and the code on Sam's own screen
    page.goto("/inloggen/papier/?next=/claim/eigenaar/")
    page.get_by_label("Het nummer van je lijst").fill(number)
    page.get_by_label("Je geboortedatum").fill("17-5-1990")
    page.get_by_label("Een code van je lijst").fill(codes[2])
    press(page, "Inloggen")
    heading(page, "Is deze rekening van jou?")
    shown = page.get_by_role("main").locator("strong.code").inner_text()
    clerk = actor_for(make_person(role=Role.DESK), Role.DESK)
    operations.confirm_owner(person_id=person, code=shown, by=clerk, at=datetime.now(UTC))
    page.get_by_role("button", name="Uitloggen").click()

    page.goto("/inloggen/papier/?next=/mijn/gegevens/")
    page.get_by_label("Het nummer van je lijst").fill(number)
    page.get_by_label("Je geboortedatum").fill("17-5-1990")
    page.get_by_label("Een code van je lijst").fill(codes[0])
    press(page, "Inloggen")
    heading(page, "Mijn gegevens")
    page.get_by_role("link", name="E-mailadres wijzigen").click()
    heading(page, "Laat nog een keer zien dat jij het bent")
    page.get_by_label("Een code van je lijst").fill(codes[1])
    press(page, "Ga verder")
    heading(page, "Je e-mailadres")
    page.get_by_label("Je e-mailadres").fill("sam@example.org")
    press(page, "Stuur de code")
    page.get_by_label("De code uit de e-mail").fill(mailed_code())
    press(page, "Bewaar dit adres")
    heading(page, "Mijn gegevens")
    expect(page.get_by_role("main")).to_contain_text("sam@example.org")


@pytest.mark.parametrize("name", ["sign_in", "paper", "claim", "proof", "data", "list", "ways_in"])
def test_the_pages_of_getting_in_are_accessible(page: Page, name: str) -> None:
    make_person(email="sam@example.org")
    addresses = {
        "sign_in": "/inloggen/",
        "paper": "/inloggen/papier/",
        "claim": "/claim/",
        "proof": "/inloggen/bewijs/",
        "data": "/mijn/gegevens/",
        "list": "/mijn/gegevens/wie-keek/",
        "ways_in": "/inloggen/manieren/",
    }
    if name not in ("sign_in", "paper", "claim"):
        sign_in(page, "sam@example.org")
    page.goto(addresses[name])
    assert_accessible(page)
    assert_fits(page)


def test_the_question_whose_account_it_is_is_accessible(page: Page) -> None:
    person = make_employment(contact="noor@example.org").person_id
    code = operations.issue_claim_code(person, by=SYSTEM, at=datetime.now(UTC))
    page.goto("/claim/")
    page.get_by_label("De code uit je brief").fill(code)
    page.get_by_label("Je geboortedatum").fill("17-05-1990")
    press(page, "Open mijn rekening")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Welkom")
    assert_accessible(page)
    page.goto("/claim/eigenaar/")
    heading(page, "Is deze rekening van jou?")
    assert_accessible(page)


def sign_in(page: Page, email: str) -> None:
    page.goto("/inloggen/")
    page.get_by_label("Je e-mailadres").fill(email)
    press(page, "Stuur mij een code")
    page.get_by_label("De code uit de e-mail").fill(mailed_code())
    press(page, "Inloggen")
    expect(page.get_by_role("button", name="Uitloggen")).to_be_visible()


def test_a_passkey_is_made_and_signs_in_by_itself(page: Page) -> None:
    make_person(email="sam@example.org")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, "sam@example.org")
    page.goto("/inloggen/manieren/")
    page.get_by_role("link", name="Passkey toevoegen").click()
    press(page, "Stuur een code naar sam@example.org")
    page.get_by_label("De code uit de e-mail").fill(mailed_code())
    press(page, "Ga verder")
    heading(page, "Een passkey")
    page.get_by_label("Een naam voor dit apparaat").fill("mijn telefoon")
    press(page, "Maak een passkey")
    heading(page, "Manieren om in te loggen")
    expect(page.get_by_role("main")).to_contain_text("mijn telefoon")
    page.get_by_role("button", name="Uitloggen").click()
    page.goto("/inloggen/")
    press(page, "Ik heb een passkey")
    expect(page.get_by_role("button", name="Uitloggen")).to_be_visible()
    page.goto("/inloggen/bewijs/passkey/?next=/mijn/gegevens/contact/")
    press(page, "Gebruik je passkey")
    heading(page, "Telefoon en adres")


def test_staff_set_up_an_app_with_codes_before_anything_else(page: Page) -> None:
    make_person(email="ans@example.org", role=Role.DESK)
    sign_in(page, "ans@example.org")
    heading(page, "Eerst een extra slot")
    assert_accessible(page)
    page.get_by_role("link", name="Een app met codes").click()
    heading(page, "Een app met codes")
    assert_accessible(page)
    secret = page.get_by_role("main").locator("code").inner_text()
    counter = int(datetime.now(UTC).timestamp()) // 30
    page.get_by_label("De code die de app nu laat zien").fill(
        format_hotp_value(hotp_value(secret, counter))
    )
    press(page, "Bewaren")
    heading(page, "Manieren om in te loggen")
