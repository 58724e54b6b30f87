"""The desk helps people in, exactly and in sight."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from eigenwijs.kernel.actor import Actor
from eigenwijs.people import operations, queries
from eigenwijs.people.types import Looked, Role
from tests.factories.people import SYSTEM, make_employment, make_organisation, make_person
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return client_as(Role.DESK)


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_only_who_fits_exactly_is_found_and_they_see_it(client: Client) -> None:
    person = make_person("Sam de Vries")
    path = reverse("desk_people:find")
    nobody = client.post(path, {"name": "Sam de Vrie", "birth_date": "17-05-1990"})
    assert "Niemand past precies" in text_of(nobody)
    answer = client.post(path, {"name": "sam de vries", "birth_date": "17-05-1990"})
    assert answer["Location"] == reverse("desk_people:person", args=[person.id])
    assert "Sam de Vries" in text_of(client.get(answer["Location"]))
    assert {look.what for look in queries.looks(person.id)} == {Looked.FILE, Looked.CONTACT}


def test_a_personnel_number_finds_one(client: Client) -> None:
    shop = make_organisation()
    made = make_employment(shop, personnel_number="1001")
    answer = client.post(
        reverse("desk_people:find"),
        {"employer_id": str(shop.id), "personnel_number": "1001"},
    )
    assert answer["Location"] == reverse("desk_people:person", args=[made.person_id])


def test_half_a_question_keeps_what_was_typed(client: Client) -> None:
    page = text_of(client.post(reverse("desk_people:find"), {"name": "Sam", "birth_date": "x"}))
    assert 'value="Sam"' in page
    assert "Vul een datum in" in page


def test_a_letter_opens_a_new_file_or_lets_its_owner_in_again(client: Client) -> None:
    person = make_employment().person_id
    path = reverse("desk_people:letter", args=[person])
    assert client.post(path)["Content-Type"] == "application/pdf"
    code = operations.issue_claim_code(person, by=SYSTEM, at=datetime.now(UTC))
    operations.claim(
        code=code, birth_date=date(1990, 5, 17), by=Actor.anonymous(), at=datetime.now(UTC)
    )
    assert client.post(path)["Content-Type"] == "application/pdf"
    assert [look.what for look in queries.looks(person)] == [Looked.CLAIM_LETTER]


def test_a_file_without_a_birth_date_gets_no_letter(client: Client) -> None:
    person = make_person(birth_date=None)
    page = client.post(reverse("desk_people:letter", args=[person.id]), follow=True)
    assert "geen geboortedatum" in text_of(page)


def test_a_correction_needs_a_seen_proof(client: Client) -> None:
    person = make_person("Sam")
    path = reverse("desk_people:correct", args=[person.id])
    client.post(path, {"name": "Sam", "birth_date": "18-05-1990"})
    assert queries.person(person.id) == person
    client.post(path, {"name": "Sam", "birth_date": "18-05-1990", "seen": "on"})
    assert queries.person(person.id).birth_date == date(1990, 5, 18)  # type: ignore[union-attr]
