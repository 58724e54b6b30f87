"""The operator's pages: organisations, roles, letters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from eigenwijs.contributions.operations import crediting
from eigenwijs.kernel import wording
from eigenwijs.people import operations, queries
from eigenwijs.people.types import OrganisationKind, Role
from tests.factories.contributions import (
    GIFT,
    Bank,
    deliver,
    make_law,
    make_participant,
    react,
    react_once,
    requests_of,
    worker,
)
from tests.factories.people import (
    SYSTEM,
    make_employment,
    make_organisation,
    make_person,
)
from tests.factories.treasury import pays
from tests.factories.web import client_as, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return client_as(Role.OPERATOR)


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_an_organisation_is_registered_found_and_changed(client: Client) -> None:
    fields = {
        "kind": "employer",
        "name": "Supermarkt De Linde",
        "kvk_number": "1234 5678",
        "address": "Dorpsstraat 1",
        "email": "personeel@delinde.example",
    }
    answer = client.post(reverse("operator:new_organisation"), fields)
    (made,) = queries.organisations(OrganisationKind.EMPLOYER)
    assert answer["Location"] == reverse("operator:organisation", args=[made.id])
    assert made.kvk_number == "12345678"
    for query in ("words=linde", "words=1234", "kind=employer"):
        assert "Supermarkt De Linde" in text_of(client.get(f"/beheer/?{query}")), query
    assert "Supermarkt De Linde" not in text_of(client.get("/beheer/?kind=provider"))
    client.post(answer["Location"], {**fields, "name": "De Linde BV"})
    changed = queries.organisation(made.id)
    assert changed
    assert (changed.name, changed.is_active) == ("De Linde BV", False)


def test_a_wrong_number_is_said_at_its_field_and_what_was_typed_is_kept(client: Client) -> None:
    make_organisation(kvk_number="12345678")
    for number, why in (("123", "acht cijfers"), ("12345678", "Er is al een organisatie")):
        page = text_of(
            client.post(
                reverse("operator:new_organisation"),
                {"kind": "employer", "name": "Bakker Bart", "kvk_number": number},
            )
        )
        assert why in page
        assert "Bakker Bart" in page


def test_somebody_new_gets_a_role_and_a_login(client: Client) -> None:
    shop = make_organisation(name="De Winkel")
    client.post(
        reverse("operator:grant"),
        {
            "name": "Bo Baas",
            "email": "Bo@winkel.example",
            "role": "employer",
            "organisation_id": str(shop.id),
        },
    )
    (held,) = queries.role_holders(Role.EMPLOYER)
    assert (held.person_name, held.organisation_name) == ("Bo Baas", "De Winkel")
    login = queries.login(held.person_id)
    assert login
    assert login.email == "bo@winkel.example"
    assert "Bo Baas" in text_of(client.get(reverse("operator:organisation", args=[shop.id])))


def test_a_role_that_cannot_be_leaves_nothing_behind(client: Client) -> None:
    page = client.post(
        reverse("operator:grant"),
        {"name": "Bo", "email": "bo@example.org", "role": "employer", "organisation_id": ""},
    )
    assert "Kies een organisatie die bij de rol past" in text_of(page)
    assert queries.person_with_login("bo@example.org") is None


def test_who_signs_in_here_already_gets_the_role_with_it(client: Client) -> None:
    worker = make_person(email="noor@example.org")
    client.post(
        reverse("operator:grant"),
        {"name": "Noor", "email": "noor@example.org", "role": "desk", "organisation_id": ""},
    )
    assert [held.role for held in queries.roles(worker.id)] == [Role.WORKER, Role.DESK]


def test_a_role_ends_and_the_last_operator_stays(client: Client) -> None:
    held = queries.roles(make_person(role=Role.FINANCE).id)[0]
    path = reverse("operator:role", args=[held.id])
    assert client.get(path).status_code == 200
    client.post(path, {"action": "revoke"})
    assert queries.role_holders(Role.FINANCE) == []
    (me,) = queries.role_holders(Role.OPERATOR)
    page = client.post(reverse("operator:role", args=[me.id]), {"action": "revoke"}, follow=True)
    assert "laatste beheerder" in text_of(page)
    assert queries.role_holders(Role.OPERATOR) == [me]


def test_a_colleague_who_lost_a_phone_sets_up_a_new_lock(client: Client) -> None:
    colleague = make_person(role=Role.FINANCE)
    user = get_user_model()._default_manager.get(person_id=colleague.id)
    TOTP.activate(user, generate_totp_secret())
    theirs = client_of(colleague)
    held = queries.roles(colleague.id)[0]
    client.post(reverse("operator:role", args=[held.id]), {"action": "forget"})
    assert not Authenticator.objects.exists()
    assert theirs.get(reverse("signin:ways_in")).status_code == 302


def test_roles_are_given_only_with_a_second_proof(client: Client) -> None:
    session = client.session
    del session["second_proof"]
    session.save()
    answer = client.get(reverse("operator:grant"))
    assert answer["Location"].startswith(reverse("signin:second_proof"))


def test_letters_go_to_all_who_have_not_opened_their_file(client: Client) -> None:
    shop = make_organisation(name="De Winkel")
    make_employment(shop, name="Sam")
    opened = make_employment(shop, name="Noor")
    code = operations.issue_claim_code(opened.person_id, by=SYSTEM, at=datetime.now(UTC))
    operations.claim(
        code=code,
        birth_date=queries.person(opened.person_id).birth_date,  # type: ignore[union-attr, arg-type]
        by=SYSTEM,
        at=datetime.now(UTC),
    )
    assert "De Winkel" in text_of(client.get(reverse("operator:letters")))
    path = reverse("operator:letters_of", args=[shop.id])
    answer = client.post(path, {"who": "new"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert len(queries.looks(opened.person_id)) == 0
    assert "Er zijn nu geen brieven" in text_of(client.post(path, {"who": "new"}, follow=True)), (
        "a first letter is not made useless by accident"
    )
    assert client.post(path, {"who": "all"})["Content-Type"] == "application/pdf"


def test_a_payment_that_stands_still_is_marked_with_since_when_and_what_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began 16 minutes ago and nothing moved; then two of three are credited, 14 minutes ago."""
    monkeypatch.setattr(crediting, "CHUNK", 2)
    began = datetime.now(UTC) - timedelta(minutes=16)
    make_law(GIFT)
    employer = make_participant(GIFT)
    bank = Bank()
    deliver(employer, "2026-01", [worker(1), worker(2), worker(3)], began)
    react(began)
    (request,) = requests_of(employer)
    bank.load(pays(request.total_cents, reference=request.reference), at=began)
    react_once(began)
    shown = text_of(client.get(reverse("operator:crediting")))
    assert "0 van 3 bijgeschreven" in shown
    assert f"Staat stil sinds {wording.moment(began)}" in shown
    assert "Vraag wie de server beheert" in shown
    react_once(began + timedelta(minutes=2))
    shown = text_of(client.get(reverse("operator:crediting")))
    assert "2 van 3 bijgeschreven" in shown
    assert "stil" not in shown


def test_lists_take_no_more_queries_as_they_grow(
    client: Client, django_assert_max_num_queries: object
) -> None:
    for _number in range(60):
        make_organisation()
    for _number in range(5):
        make_person(role=Role.FINANCE)
    for name in ("organisations", "roles", "letters"):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            client.get(reverse(f"operator:{name}"))
