"""The operator's pages of schemes: load, sign, put in force; employers that take part."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from eigenwijs.contributions import queries as contributions
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.schemes import queries
from tests.factories.contributions import (
    ELECTROTECHNICAL,
    GIFT,
    MONTHLY,
    MONTHLY_NEXT,
    MONTHLY_SCHEME,
    SCHEMES,
    deliver,
    make_law,
    make_participant,
    react,
    worker,
)
from tests.factories.people import make_organisation
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db

TEXT = (SCHEMES / GIFT / "scheme.yaml").read_bytes()


@pytest.fixture
def client() -> Client:
    return client_as(Role.OPERATOR)


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def load(client: Client, content: bytes) -> HttpResponse:
    file = SimpleUploadedFile("scheme.yaml", content)
    return client.post(reverse("operator:schemes"), {"file": file}, follow=True)


def test_a_scheme_is_loaded_signed_and_put_in_force_and_an_employer_takes_part(
    client: Client,
) -> None:
    shop = make_organisation(name="De Winkel")
    assert "Geldt nog niet" in text_of(load(client, TEXT))
    (version,) = queries.all_versions()
    assert version.text.encode() == TEXT
    page = text_of(client.get(reverse("operator:scheme", args=[version.hash])))
    assert "<dt>De werkgever</dt>" in page
    assert ">De werkgever</option>" in page
    address = reverse("operator:scheme", args=[version.hash])
    signature = {"side": "employer", "organisation": str(shop.id), "document": "Akte 7"}
    fields = {f"sign-{name}": value for name, value in signature.items()}
    assert "De Winkel" in text_of(client.post(address, {"action": "sign", **fields}, follow=True))
    early = client.post(address, {"action": "activate", "activate-valid_from": "01-01-2019"})
    assert "Deze regeling begint op 2020-01-01." in text_of(early)
    client.post(address, {"action": "activate", "activate-valid_from": "01-01-2026"})
    assert queries.version(version.hash).valid_from == date(2026, 1, 1)

    page = reverse("operator:participations", args=[shop.id])
    joining = {"scheme": GIFT, "payer": str(shop.id), "starts_on": "31-12-2025"}
    joining |= {"payment_term_days": "30", "reverts_to": ""}
    assert "Deze regeling geldt niet op de dag" in text_of(client.post(page, joining))
    client.post(page, {**joining, "starts_on": "01-01-2026"})
    (made,) = contributions.participations(shop.id)
    assert (made.payer_id, made.starts_on) == (shop.id, date(2026, 1, 1))
    assert made.payment_term_days == 30
    assert "Laat stoppen" in text_of(client.get(page))


def test_every_fault_of_a_text_is_on_the_page_and_nothing_is_kept(client: Client) -> None:
    faulty = TEXT.replace(b"starts: 2020-01-01", b"starts: soon").replace(
        b"periods: [month", b"periods: [day"
    )
    page = text_of(load(client, faulty))
    assert page.count("<li>Regel ") == 2
    assert "Er is niets geladen." in page
    assert "Kies een bestand." in text_of(client.post(reverse("operator:schemes")))
    assert "UTF-8" in text_of(load(client, b"\xff\xfe"))
    assert queries.all_versions() == []


def test_money_that_ends_needs_a_receiver_and_a_fund_can_pay(
    client: Client, settings: LazySettings
) -> None:
    settings.DEMO = True  # Parts of this agreement were never published.
    make_law(ELECTROTECHNICAL)
    shop, fund = make_organisation(), make_organisation(OrganisationKind.PAYER, "Het Fonds")
    page = reverse("operator:participations", args=[shop.id])
    joining = {"scheme": ELECTROTECHNICAL, "payer": str(fund.id), "starts_on": "01-01-2026"}
    joining |= {"payment_term_days": "14"}
    assert "Zeg wie het dan krijgt" in text_of(client.post(page, joining))
    client.post(page, {**joining, "reverts_to": str(fund.id)})
    (made,) = contributions.participations(shop.id)
    assert (made.payer_id, made.reverts_to) == (fund.id, fund.id)
    assert "Het Fonds" in text_of(client.get(page))


def test_an_employer_stops_with_a_last_day(client: Client) -> None:
    make_law(GIFT)
    shop = make_participant(GIFT)
    (part,) = contributions.participations(shop.id)
    address = reverse("operator:leave", args=[shop.id, part.id])
    assert client.get(address).status_code == 200
    early = client.post(address, {"ends_on": "31-12-2023"})
    assert "Het einde ligt voor het begin." in text_of(early)
    client.post(address, {"ends_on": "31-12-2025"})
    assert contributions.participations(shop.id)[0].ends_on == date(2025, 12, 31)
    elsewhere = reverse("operator:leave", args=[make_organisation().id, part.id])
    assert client.get(elsewhere).status_code == 404


def test_one_party_cannot_sign_for_the_others_or_let_employers_take_part() -> None:
    party, shop = client_as(Role.NEGOTIATOR), make_organisation()
    make_law(GIFT)
    (version,) = queries.all_versions()
    for address in (
        reverse("operator:schemes"),
        reverse("operator:scheme", args=[version.hash]),
        reverse("operator:participations", args=[shop.id]),
    ):
        assert party.get(address).status_code == 404
        assert party.post(address).status_code == 404


def test_a_signature_is_noted_only_after_a_second_proof(client: Client) -> None:
    load(client, TEXT)
    (version,) = queries.all_versions()
    session = client.session
    del session["second_proof"]
    session.save()
    answer = client.post(reverse("operator:scheme", args=[version.hash]), {"action": "sign"})
    assert answer["Location"].startswith(reverse("signin:second_proof"))


def test_before_it_is_the_law_the_operator_sees_what_a_version_changes(
    client: Client, now: datetime
) -> None:
    """20 hours: € 12.50 for € 10.00; 12 hours: nothing for € 10.00. Only then comes the button."""
    make_law(MONTHLY_SCHEME, text=MONTHLY)
    shop = make_participant(MONTHLY_SCHEME)
    deliver(shop, "2026-10", [worker(1), worker(2, hours=1200)], now)
    react(now)
    load(client, MONTHLY_NEXT.encode())
    version = queries.versions(MONTHLY_SCHEME)[0]
    address = reverse("operator:scheme", args=[version.hash])
    signature = {"side": "employer", "organisation": str(shop.id), "document": "Akte 7"}
    client.post(
        address, {"action": "sign", **{f"sign-{key}": one for key, one in signature.items()}}
    )
    assert "Laat gelden" not in text_of(client.get(address))
    page = text_of(client.post(address, {"action": "try", "activate-valid_from": "01-12-2026"}))
    assert "2 dienstverbanden nagerekend. Meer: 1. Minder: 1, waarvan niets meer: 1." in page
    assert shop.name not in page.split("Per werkgever")[1]  # so few people have no name
    assert "Laat gelden vanaf 1 december 2026" in page.replace("\xa0", " ")
    wrong = text_of(client.post(address, {"action": "try", "activate-valid_from": "morgen"}))
    assert "Laat gelden" not in wrong
    for day in ("01-01-0001", "31-12-9999"):
        far = client.post(address, {"action": "try", "activate-valid_from": day})
        assert "Kies een dag van 1901" in text_of(far)
    client.post(address, {"action": "activate", "activate-valid_from": "2026-12-01"})
    assert queries.version(version.hash).valid_from == date(2026, 12, 1)


def test_a_first_version_has_nothing_to_compare_and_nobody_delivered_yet(
    client: Client, now: datetime
) -> None:
    load(client, TEXT)
    (version,) = queries.all_versions()
    address = reverse("operator:scheme", args=[version.hash])
    shop = make_organisation()
    signature = {"side": "employer", "organisation": str(shop.id), "document": "Akte 7"}
    client.post(
        address, {"action": "sign", **{f"sign-{key}": one for key, one in signature.items()}}
    )
    page = text_of(client.post(address, {"action": "try", "activate-valid_from": "01-01-2026"}))
    assert "niets om mee te vergelijken" in page
    client.post(address, {"action": "activate", "activate-valid_from": "2026-01-01"})
    load(client, TEXT + b"# a second version\n")
    second = queries.versions(GIFT)[0]
    address = reverse("operator:scheme", args=[second.hash])
    client.post(
        address, {"action": "sign", **{f"sign-{key}": one for key, one in signature.items()}}
    )
    page = text_of(client.post(address, {"action": "try", "activate-valid_from": "01-01-2027"}))
    assert "Er verandert voor niemand iets." in page
