"""The desk helps people in, exactly and in sight."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from eigenwijs.people import queries
from eigenwijs.people.types import Looked, Role
from tests.factories.people import make_employment, make_opened, make_organisation, make_person
from tests.factories.web import client_as, client_of

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


def test_files_of_the_same_name_and_birth_date_are_told_apart(client: Client) -> None:
    born = date(1990, 5, 17)
    for employer, opened in (("Zon", True), ("Maan", False)):
        shop = make_organisation(name=employer)
        file = make_employment(shop, name="Sam de Vries", birth_date=born).person_id
        if opened:
            make_opened(file, at=datetime.now(UTC))
    page = text_of(
        client.post(
            reverse("desk_people:find"), {"name": "Sam de Vries", "birth_date": "17-05-1990"}
        )
    )
    assert "Zelf geopend, Zon" in page
    assert "Nog niet geopend, Maan" in page


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
    make_opened(person, at=datetime.now(UTC))
    assert "Een collega zegt ja of nee" in text_of(client.post(path, follow=True))
    assert [one.person_id for one in queries.recovery_requests()] == [person]
    seen = [look.what for look in queries.looks(person)]
    assert sorted(seen) == [Looked.CLAIM_LETTER, Looked.CONTACT, Looked.RECOVERY_ASKED]


def test_the_owner_is_confirmed_with_a_seen_proof_and_the_code_on_their_screen(
    client: Client,
) -> None:
    person = make_opened(make_employment().person_id, at=datetime.now(UTC), confirmed=False).id
    page = reverse("desk_people:person", args=[person])
    path = reverse("desk_people:confirm", args=[person])
    assert path in text_of(client.get(page))
    theirs = text_of(client_of(person).get(reverse("signin:owner")))
    code = queries.confirmation_code(person)
    assert code in theirs
    client.post(path, {"code": code})
    wrong = text_of(client.post(path, {"code": "ABCD-EFGH", "seen": "on"}))
    assert 'value="ABCD-EFGH"' in wrong
    assert "niet de code die nu op het scherm" in wrong
    assert not queries.login(person).is_confirmed  # type: ignore[union-attr]
    client.post(path, {"code": code, "seen": "on"})
    assert queries.login(person).is_confirmed  # type: ignore[union-attr]
    assert path not in text_of(client.get(page))
    assert client.get(path).status_code == 404


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
