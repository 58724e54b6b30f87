"""Letters on paper: a name and a code, and nothing else."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from pypdf import PdfReader

from eigenwijs.kernel.actor import Actor
from eigenwijs.people import operations, queries
from eigenwijs.people.types import Role
from tests.factories.people import make_employment, make_organisation
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db


def pages_of(answer: object) -> list[str]:
    reader = PdfReader(io.BytesIO(answer.content))  # type: ignore[attr-defined]
    return [page.extract_text() for page in reader.pages]


def test_an_employer_prints_a_letter_for_everyone_new_once() -> None:
    shop = make_organisation()
    sam = make_employment(shop, name='Sam "#show" de Vries \\ $x$', birth_date=date(1990, 5, 17))
    noor = make_employment(shop, name="Noor Ødegård", contact="noor@example.org")
    make_employment(name="Iemand Anders")
    client = client_as(Role.EMPLOYER, shop.id)
    path = reverse("letters:first_letters")
    page = client.get(path).content.decode()
    assert "Noor Ødegård" in page
    assert "Iemand Anders" not in page
    letters = pages_of(client.post(path))
    assert len(letters) == 2
    assert 'Sam "#show" de Vries' in letters[1]
    assert "1990" not in "".join(letters), "the birth date stays the worker's own secret"
    assert "noor@example.org" not in "".join(letters)
    together = re.sub(r"\s", "", letters[1])  # wide letters may read as words apart
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", together)
    assert code
    person = operations.claim(
        code=code[0], birth_date=date(1990, 5, 17), by=Actor.anonymous(), at=datetime.now(UTC)
    )
    assert person == sam.person_id
    assert client.post(path)["Content-Type"].startswith("text/html"), "not a second time"
    looks = queries.looks(noor.person_id)
    assert [look.organisation_name for look in looks] == [shop.name]
