"""Letters with which somebody gets in again: one asks, another says yes and prints."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.urls import reverse
from pypdf import PdfReader

from eigenwijs.kernel.actor import Actor
from eigenwijs.people import operations, queries
from eigenwijs.people.types import Looked, Role
from tests.factories.people import actor_for, make_employment, make_opened, make_person
from tests.factories.web import client_as, client_of

pytestmark = pytest.mark.django_db


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def pages_of(answer: object) -> list[str]:
    reader = PdfReader(io.BytesIO(answer.content))  # type: ignore[attr-defined]
    return [page.extract_text() for page in reader.pages]


def asked_by(clerk: Actor, name: str = 'Sam "#show" de Vries \\ $x$') -> tuple[UUID, UUID]:
    now = datetime.now(UTC)
    person = make_opened(make_employment(name=name).person_id, at=now).id
    return person, operations.ask_recovery(person_id=person, by=clerk, at=now)


@pytest.fixture
def clerk() -> Actor:
    return actor_for(make_person("Ans Bakker", role=Role.DESK), Role.DESK)


@pytest.mark.parametrize("role", [Role.DESK, Role.OPERATOR])
def test_a_second_person_says_yes_and_prints(clerk: Actor, role: Role) -> None:
    person, asked = asked_by(clerk)
    client = client_as(role)
    waiting = text_of(client.get(reverse("letters:recoveries")))
    assert "Ans Bakker" in waiting
    assert "de Vries" not in waiting, "the list names nobody"
    path = reverse("letters:recovery", args=[asked])
    assert "de Vries" in text_of(client.get(path))
    answer = client.post(path, {"answer": "yes"})
    assert "no-store" in answer["Cache-Control"]
    (letter,) = pages_of(answer)
    assert 'Sam "#show" de Vries' in letter
    assert "1990" not in letter, "the birth date stays the worker's own secret"
    together = re.sub(r"\s", "", letter)  # wide letters may read as words apart
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", together)
    assert code
    born, now = date(1990, 5, 17), datetime.now(UTC)
    opened = operations.claim(code=code[0], birth_date=born, by=Actor.anonymous(), at=now)
    assert opened == person
    assert client.get(path).status_code == 404, "answered"
    seen = {look.what for look in queries.looks(person)}
    assert seen == {Looked.RECOVERY_ASKED, Looked.FILE, Looked.CLAIM_LETTER}


def test_nobody_says_yes_to_their_own_question() -> None:
    ben = make_person(role=Role.DESK)
    _person, asked = asked_by(actor_for(ben, Role.DESK))
    client = client_of(ben)
    path = reverse("letters:recovery", args=[asked])
    page = text_of(client.get(path))
    assert 'value="yes"' not in page
    assert "Een collega moet ja zeggen" in page
    refused = client.post(path, {"answer": "yes"}, follow=True)
    assert "Een collega moet ja zeggen" in text_of(refused)
    assert "Er wacht niets" in text_of(client.post(path, {"answer": "no"}, follow=True))


def test_it_asks_a_second_proof(clerk: Actor) -> None:
    _person, asked = asked_by(clerk)
    client = client_as(Role.DESK)
    session = client.session
    del session["second_proof"]
    session.save()
    answer = client.get(reverse("letters:recovery", args=[asked]))
    assert answer["Location"].startswith(reverse("signin:second_proof"))
