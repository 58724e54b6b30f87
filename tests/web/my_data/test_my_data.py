"""A worker's own data."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from eigenwijs.people import access, operations, queries
from eigenwijs.people.types import Looked, Role, Status
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)
from tests.factories.travel import make_travel
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def mailed_code() -> str:
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def test_the_page_shows_what_is_known_and_nothing_of_others() -> None:
    person, other = make_person("Noor"), make_person("Sam")
    page = text_of(client_of(person).get(reverse("my_data:data")))
    assert "Noor" in page
    assert other.name not in page


def test_who_looked_is_told_with_name_and_organisation() -> None:
    person = make_person("Noor")
    shop = make_organisation(name="De Winkel")
    boss = make_person("Bo Baas", role=Role.EMPLOYER, organisation_id=shop.id)
    client = client_of(person)
    assert "Nog niemand" in text_of(client.get(reverse("my_data:looks")))
    for _time in range(2):
        access.look_at(
            person.id,
            what=Looked.DELIVERY,
            by=actor_for(boss, Role.EMPLOYER, shop.id),
            at=datetime.now(UTC),
        )
    page = text_of(client.get(reverse("my_data:looks")))
    for word in ("Bo Baas", "De Winkel", "wat je werkgever over je aanleverde", "2 keer"):
        assert word in page


def test_everything_comes_along_in_one_file() -> None:
    person = make_person("Noor", email="noor@example.org")
    answer = client_of(person).get(reverse("my_data:export_file"))
    whole = json.loads(answer.content)
    assert whole["format"] == "eigenwijs-person/1"
    assert whole["people"]["files"][0]["name"] == "Noor"
    assert set(whole) >= {"people", "budgets", "contributions", "bookings", "notices"}
    assert "attachment" in answer["Content-Disposition"]


def test_telephone_and_address_change_and_can_be_emptied() -> None:
    person = make_person()
    client = client_of(person)
    client.post(
        reverse("my_data:contact"), {"phone": "06 12345678", "address": "Straat 1\nUtrecht"}
    )
    changed = queries.person(person.id)
    assert changed
    assert changed.phone == "06 12345678"
    assert changed.address.splitlines() == ["Straat 1", "Utrecht"]
    wrong = client.post(reverse("my_data:contact"), {"phone": "zz", "address": "Straat 1"})
    assert "Vul een telefoonnummer in" in wrong.content.decode()
    assert 'value="zz"' in wrong.content.decode()
    client.post(reverse("my_data:contact"), {"phone": "", "address": ""})
    assert queries.person(person.id) == person


def test_a_new_email_address_is_proven_ends_other_sessions_and_the_old_one_is_told() -> None:
    person = make_person(email="oud@example.org")
    client, elsewhere = client_of(person), client_of(person)
    client.post(reverse("my_data:email"), {"email": "nieuw@example.org"})
    assert mail.outbox[-1].to == ["nieuw@example.org"]
    wrong = client.post(reverse("my_data:email_code"), {"code": "x"})
    assert "Deze code klopt niet" in text_of(wrong)
    assert queries.login(person.id).email == "oud@example.org"  # type: ignore[union-attr]
    client.post(reverse("my_data:email_code"), {"code": mailed_code()})
    assert queries.login(person.id).email == "nieuw@example.org"  # type: ignore[union-attr]
    assert mail.outbox[-1].to == ["oud@example.org"]
    assert client.get(reverse("my_data:contact")).status_code == 200, "this session goes on"
    assert elsewhere.get(reverse("my_data:data")).status_code == 302


def test_a_code_for_one_purpose_serves_no_other() -> None:
    person = make_person(email="oud@example.org")
    client = client_of(person)
    client.post(reverse("my_data:email"), {"email": "nieuw@example.org"})
    session = client.session
    session["second_proof"]["at"] = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    session.save()
    client.post(reverse("signin:prove", args=["e-mail"]), {"code": mailed_code()})
    assert client.get(reverse("my_data:contact")).status_code == 302


def test_an_address_of_someone_else_is_refused_after_its_proof_only() -> None:
    make_person(email="bezet@example.org")
    client = client_of(make_person())
    page = client.post(reverse("my_data:email"), {"email": "bezet@example.org"}, follow=True)
    assert "logt al iemand in" not in text_of(page)
    page = client.post(reverse("my_data:email_code"), {"code": mailed_code()}, follow=True)
    assert "logt al iemand in" in text_of(page)


def test_a_situation_is_added_from_a_day_that_has_come() -> None:
    person = make_person()
    client = client_of(person)
    page = client.post(reverse("my_data:status"), {"status": "jobseeker", "since": "01-01-2999"})
    assert "Deze dag moet nog komen" in text_of(page)
    client.post(reverse("my_data:status"), {"status": "jobseeker", "since": "01-05-2026"})
    assert [(one.status, one.since) for one in queries.statuses(person.id)] == [
        (Status.JOBSEEKER, date(2026, 5, 1))
    ]


def test_one_language_for_the_site_and_for_letters_and_it_changes_at_once() -> None:
    person = make_person()
    client = client_of(person)
    page = text_of(client.get(reverse("my_data:data"), headers={"accept-language": "en"}))
    assert '<html lang="nl"' in page, "the language of the file, not of the browser"
    chosen = {"language": "en", "next": reverse("my_data:data")}
    page = text_of(client.post(reverse("set_language"), chosen, follow=True))
    assert '<html lang="en"' in page
    assert 'value="en" lang="en" aria-pressed="true"' in page
    assert queries.person(person.id).language == "en"  # type: ignore[union-attr]
    client.post(reverse("set_language"), {"language": "xx"})
    assert queries.person(person.id).language == "en"  # type: ignore[union-attr]
    elsewhere = client_of(person)
    assert '<html lang="en"' in text_of(elsewhere.get("/cursussen/"))


def test_a_file_of_two_jobs_shows_both() -> None:
    now = datetime.now(UTC)
    person = make_person()
    for name in ("De Winkel", "De Fabriek"):
        job = make_employment(make_organisation(name=name))
        code = operations.issue_claim_code(job.person_id, by=SYSTEM, at=now)
        operations.claim(
            code=code,
            birth_date=date(1990, 5, 17),
            by=actor_for(person, second_proof_at=now),
            at=now,
        )
    page = text_of(client_of(person).get(reverse("my_data:data")))
    assert "De Winkel" in page
    assert "De Fabriek" in page


def test_what_was_delivered_and_told_comes_along_on_paper_too(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    travel = make_travel()
    paper = client_of(travel.worker).get(reverse("worker:overview"))
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    delivered, told = text.split("Wat je werkgever over je aanleverde")[1].split(
        "Berichten aan jou"
    )
    for words in ("employer", "vast contract", "80", "23,72"):
        assert words in " ".join(delivered.split())
    assert "Er is geld bij gekomen" in " ".join(told.split())


def test_a_qualification_is_told_and_taken_back_and_nobody_has_to() -> None:
    person = make_person()
    client = client_of(person)
    page = text_of(client.get(reverse("my_data:qualification")))
    assert "Niemand op je werk ziet dit." in page
    assert "Het hoeft niet" in page
    assert "Wis wat ik vertelde" not in page
    nothing = client.post(reverse("my_data:qualification"), {"level": ""})
    assert "Kies je hoogste diploma, of ga terug: het hoeft niet." in text_of(nothing)
    client.post(reverse("my_data:qualification"), {"level": "basic_vocational"})
    assert "Mbo 2" in text_of(client.get(reverse("my_data:data")))
    kept = "Bij geld dat het al gaf, blijft staan wat je toen vertelde."
    assert kept in text_of(client.get(reverse("my_data:qualification")))
    client.post(reverse("my_data:withdraw_qualification"))
    page = text_of(client.get(reverse("my_data:data")))
    assert kept in page
    assert "Niet verteld" in page
