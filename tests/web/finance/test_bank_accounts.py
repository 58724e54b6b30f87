"""Finance opens an account of the foundation, and decides on money only after a second proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Role
from eigenwijs.treasury import queries
from tests.factories import treasury as make
from tests.factories.treasury import StatementText, pays
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db

FIELDS = {"iban": make.OWN_IBAN, "holder_name": "Stichting Leergeld", "opening": "1.250,00"}


@pytest.fixture
def finance() -> Client:
    return client_as(Role.FINANCE)


def text(answer: HttpResponse) -> str:
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def without_second_proof(client: Client) -> Client:
    session = client.session
    del session["second_proof"]
    session.save()
    return client


def test_a_first_account_is_opened_and_listed_with_its_money_in_the_buffer(
    finance: Client,
) -> None:
    assert "De stichting heeft hier nog geen rekening" in text(
        finance.get(reverse("finance:payee_accounts"))
    )
    shown = text(finance.post(reverse("finance:new_bank_account"), FIELDS, follow=True))
    assert "Stichting Leergeld" in shown
    assert "De stichting heeft hier nog geen rekening" not in shown
    (account,) = queries.bank_accounts()
    assert account.iban == make.OWN_IBAN
    make.load(
        StatementText(opening=125_000, on=local_date(datetime.now(UTC))), at=datetime.now(UTC)
    )
    assert len(queries.statements()) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"iban": "NL00 ABNA 0417 1643 00"}, "Dit is geen geldig rekeningnummer"),
        ({"holder_name": "漢"}, "Vul de naam van de rekeninghouder in"),
        ({"opening": "-1,00"}, "kan niet met rood staan beginnen"),
        ({"opening": ""}, "Saldo vóór het eerste afschrift"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_opened(
    finance: Client, wrong: dict[str, str], why: str
) -> None:
    assert why in text(finance.post(reverse("finance:new_bank_account"), {**FIELDS, **wrong}))
    assert queries.bank_accounts() == []


def test_the_same_account_is_not_opened_twice(finance: Client) -> None:
    for _time in range(2):
        answer = finance.post(reverse("finance:new_bank_account"), FIELDS)
    assert "Dit rekeningnummer is er al." in text(answer)
    assert len(queries.bank_accounts()) == 1


def test_an_account_is_opened_only_after_a_second_proof(finance: Client) -> None:
    answer = without_second_proof(finance).post(reverse("finance:new_bank_account"), FIELDS)
    assert answer["Location"].startswith(reverse("signin:second_proof"))
    assert queries.bank_accounts() == []


@pytest.mark.parametrize("action", ["return", "buffer"])
def test_money_goes_back_or_to_the_buffer_only_after_a_second_proof(
    finance: Client, action: str
) -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    make.make_bank_account()
    make.load(StatementText([pays(700, "zonder kenmerk")], on=local_date(at)), at=at)
    (entry,) = queries.unmatched_entries()
    address = reverse("finance:entry", args=[entry.id])
    answer = without_second_proof(finance).post(address, {"action": action})
    assert answer["Location"].startswith(reverse("signin:second_proof"))
    assert queries.unmatched_entries() == [entry]
