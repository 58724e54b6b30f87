"""Who gets in, by which door."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from eigenwijs.people import operations, queries
from eigenwijs.people.types import PersonView, Role
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db


def mailed_code() -> str:
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def user_of(person: PersonView | UUID) -> object:
    person_id = person if isinstance(person, UUID) else person.id
    return get_user_model()._default_manager.get(person_id=person_id)


def sign_in(client: Client, email: str) -> object:
    client.post(reverse("account_login"), {"email": email})
    return client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def app_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_a_worker_signs_in_with_a_code_by_email(client: Client) -> None:
    make_person(email="sam@example.org")
    answer = sign_in(client, "Sam@Example.org")
    assert answer["Location"] == reverse("signin:start")  # type: ignore[index]
    assert mail.outbox[-1].to == ["Sam@Example.org"]
    assert is_signed_in(client)


def test_after_signing_in_one_is_where_one_wanted_to_be(client: Client) -> None:
    make_person(email="sam@example.org")
    wanted = reverse("my_data:looks")
    answer = client.get(wanted)
    assert answer["Location"] == f"/inloggen/?next={wanted}"
    answer = client.post(answer["Location"], {"email": "sam@example.org"})
    answer = client.post(answer["Location"], {"code": mailed_code()})
    assert answer["Location"] == wanted


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client) -> None:
    make_person(email="sam@example.org")
    known, unknown = Client(), Client()
    answers = [
        one.post(reverse("account_login"), {"email": email}, follow=True)
        for one, email in ((known, "sam@example.org"), (unknown, "nobody@example.org"))
    ]
    texts = [
        re.sub(r'value="[^"]*"', "", text_of(answer)).replace(email, "…")
        for answer, email in zip(answers, ("sam@example.org", "nobody@example.org"), strict=True)
    ]
    assert texts[0] == texts[1]
    assert [one.to for one in mail.outbox] == [["sam@example.org"]]


def test_a_wrong_code_gets_a_clear_answer_and_five_end_it(client: Client) -> None:
    make_person(email="sam@example.org")
    client.post(reverse("account_login"), {"email": "sam@example.org"})
    right = mailed_code()
    wrong = "000000" if right != "000000" else "111111"
    for _try in range(4):
        answer = client.post(reverse("account_confirm_login_code"), {"code": wrong})
        assert "Deze code klopt niet" in text_of(answer)
    client.post(reverse("account_confirm_login_code"), {"code": wrong})
    client.post(reverse("account_confirm_login_code"), {"code": right})
    assert not is_signed_in(client)


def test_asking_codes_has_a_limit(client: Client) -> None:
    make_person(email="sam@example.org")
    for _time in range(9):
        Client().post(reverse("account_login"), {"email": "sam@example.org"})
    assert len(mail.outbox) == 5


def test_nobody_signs_in_with_what_a_payroll_says(client: Client) -> None:
    make_employment(name="Sam", contact="sam@example.org")
    client.post(reverse("account_login"), {"email": "sam@example.org"})
    assert mail.outbox == []


def test_a_code_of_a_paper_list_signs_in_once(client: Client) -> None:
    person = make_person()
    now = datetime.now(UTC)
    printed = operations.issue_code_list(
        person_id=person.id, by=actor_for(person, second_proof_at=now), at=now
    )
    fields = {"number": printed.number, "birth_date": "17-05-1990", "code": printed.codes[0]}
    wrong = client.post(reverse("signin:paper"), {**fields, "birth_date": "18-05-1990"})
    assert "Dit klopt niet" in text_of(wrong)
    assert printed.number in text_of(wrong), "what was typed is kept"
    client.post(reverse("signin:paper"), fields)
    assert is_signed_in(client)
    again = Client()
    again.post(reverse("signin:paper"), fields)
    assert not is_signed_in(again)


def test_signing_out_needs_a_form_and_ends_the_session() -> None:
    client = client_of(make_person())
    assert client.get(reverse("signin:sign_out")).status_code == 405
    client.post(reverse("signin:sign_out"))
    assert not is_signed_in(client)


def test_a_closed_login_ends_at_once() -> None:
    person = make_person()
    client = client_of(person)
    assert client.get(reverse("my_data:data")).status_code == 200
    get_user_model()._default_manager.filter(person_id=person.id).update(is_active=False)
    assert client.get(reverse("my_data:data")).status_code == 302


def test_staff_without_a_second_factor_set_one_up_before_anything_else(client: Client) -> None:
    employer = make_organisation()
    make_person(email="baas@example.org", role=Role.EMPLOYER, organisation_id=employer.id)
    sign_in(client, "baas@example.org")
    for path in ("/", reverse("signin:start"), reverse("my_data:data"), "/werkgever/"):
        assert client.get(path)["Location"] == reverse("signin:second_factor"), path
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = client.session["mfa.totp.secret"]
    assert secret in text_of(page)
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "12345"})
    assert "Deze code klopt niet" in text_of(wrong)
    client.post(reverse("mfa_activate_totp"), {"code": app_code(secret)})
    assert client.get("/").status_code == 200


def test_staff_give_both_proofs_at_every_sign_in(client: Client) -> None:
    person = make_person(email="ans@example.org", role=Role.DESK)
    secret = generate_totp_secret()
    TOTP.activate(user_of(person), secret)
    answer = sign_in(client, "ans@example.org")
    assert answer["Location"] == reverse("mfa_authenticate")  # type: ignore[index]
    assert not is_signed_in(client)
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    client.post(reverse("mfa_authenticate"), {"code": app_code(secret)})
    assert is_signed_in(client)
    assert client.get("/").status_code == 200


def test_the_key_of_an_app_is_unreadable_in_the_database() -> None:
    secret = generate_totp_secret()
    TOTP.activate(user_of(make_person()), secret)
    assert secret not in str(Authenticator.objects.get().data)


def test_a_worker_who_is_also_staff_gives_both_proofs_too(client: Client) -> None:
    person = make_person(email="noor@example.org")
    operations.grant_role(person_id=person.id, role=Role.FINANCE, by=SYSTEM, at=datetime.now(UTC))
    sign_in(client, "noor@example.org")
    assert client.get(reverse("my_data:data"))["Location"] == reverse("signin:second_factor")


def test_a_passkey_is_only_an_offer_for_a_worker(client: Client) -> None:
    person = make_person(email="sam@example.org")
    Authenticator.objects.create(user=user_of(person), type="webauthn", data={"name": "telefoon"})
    sign_in(client, "sam@example.org")
    assert is_signed_in(client)


def test_staff_keep_their_last_factor_others_may_go() -> None:
    person = make_person(role=Role.DESK)
    TOTP.activate(user_of(person), generate_totp_secret())
    client = client_of(person)
    client.post(reverse("signin:remove_app"))
    assert Authenticator.objects.count() == 1
    Authenticator.objects.create(user=user_of(person), type="webauthn", data={"name": "laptop"})
    client.post(reverse("signin:remove_app"))
    assert Authenticator.objects.get().type == "webauthn"


def test_one_acts_in_one_role_at_a_time() -> None:
    person = make_person()
    shop = make_organisation(name="De Winkel")
    operations.grant_role(
        person_id=person.id,
        role=Role.EMPLOYER,
        organisation_id=shop.id,
        by=SYSTEM,
        at=datetime.now(UTC),
    )
    client = client_of(person)
    assert client.get(reverse("my_data:data")).status_code == 200
    page = text_of(client.get(reverse("signin:choose_role")))
    assert "De Winkel" in page
    employer = queries.roles(person.id)[1]
    client.post(reverse("signin:choose_role"), {"role": str(employer.id)})
    assert client.get(reverse("my_data:data")).status_code == 404
    stranger = make_person(role=Role.FINANCE)
    foreign = queries.roles(stranger.id)[0]
    assert client.post(reverse("signin:choose_role"), {"role": foreign.id}).status_code == 404


def test_a_role_that_ended_ends_at_once() -> None:
    person = make_person(role=Role.DESK)
    client = client_of(person)
    assert client.get("/").status_code == 200
    operations.revoke_role(queries.roles(person.id)[0].id, by=SYSTEM, at=datetime.now(UTC))
    assert client.get(reverse("signin:start"))["Location"] == "/"


@override_settings(DEMO=True)
def test_in_a_demonstration_a_visitor_becomes_a_persona(client: Client) -> None:
    make_person("Echt Mens")
    persona = make_person("Noor", role=Role.FINANCE, persona="Noor betaalt de opleiders.")
    page = text_of(client.get(reverse("signin:personas")))
    assert "Noor betaalt de opleiders." in page
    assert "Echt Mens" not in page
    client.post(reverse("signin:become", args=[persona.id]))
    assert is_signed_in(client)
    assert client.get("/").status_code == 200, "a persona of the staff needs no second factor"


@override_settings(DEMO=True)
def test_only_personas_can_be_become(client: Client) -> None:
    person = make_person()
    assert client.post(reverse("signin:become", args=[person.id])).status_code == 404
    assert not is_signed_in(client)


def test_outside_a_demonstration_there_are_no_personas(client: Client) -> None:
    persona = make_person(persona="Noor")
    assert client.get(reverse("signin:personas"))["Location"] == reverse("account_login")
    assert client.post(reverse("signin:become", args=[persona.id])).status_code == 404
    assert not is_signed_in(client)


def test_a_persona_session_is_worth_nothing_outside_a_demonstration(client: Client) -> None:
    persona = make_person(role=Role.FINANCE, persona="Noor")
    with override_settings(DEMO=True):
        client.post(reverse("signin:become", args=[persona.id]))
    assert client.get("/")["Location"] == reverse("signin:second_factor")


@override_settings(DEMO=True)
def test_the_demonstration_shows_the_code_it_would_mail(client: Client) -> None:
    make_person(email="sam@example.org")
    page = client.post(reverse("account_login"), {"email": "sam@example.org"}, follow=True)
    assert "Alleen op deze oefensite" in text_of(page)
    assert mailed_code() in text_of(page)


def test_outside_a_demonstration_no_page_shows_a_code(client: Client) -> None:
    make_person(email="sam@example.org")
    page = client.post(reverse("account_login"), {"email": "sam@example.org"}, follow=True)
    assert mailed_code() not in text_of(page)
    assert "oefensite" not in text_of(page)


def test_without_a_broker_there_is_no_way_in_through_one(client: Client) -> None:
    assert "Inloggen met" not in text_of(client.get(reverse("account_login")))
    assert client.post(reverse("signin:broker")).status_code == 404
    callback = reverse("openid_connect_callback", kwargs={"provider_id": "broker"})
    assert client.get(callback).status_code == 404


@override_settings(BROKER_NAME="DigiD")
def test_an_identity_that_nobody_coupled_opens_nothing(client: Client, rf: object) -> None:
    from allauth.core.exceptions import ImmediateHttpResponse
    from allauth.socialaccount.models import SocialAccount, SocialLogin

    from eigenwijs.web.signin.adapter import BrokerAdapter

    make_person(email="sam@example.org")
    nobody = get_user_model()(email="sam@example.org")
    stranger = SocialLogin(user=nobody, account=SocialAccount(uid="x", provider="broker"))
    stranger.state = {"process": "login"}
    request = rf.get("/")  # type: ignore[attr-defined]
    with pytest.raises(ImmediateHttpResponse) as turned_away:
        BrokerAdapter().pre_social_login(request, stranger)
    assert turned_away.value.response["Location"] == reverse("signin:broker_unknown")
    assert "Inloggen met DigiD" in text_of(client.get(reverse("account_login")))
    assert client.get(reverse("signin:broker_unknown")).status_code == 200


def test_coupling_a_broker_asks_a_second_proof() -> None:
    client = client_of(make_person())
    session = client.session
    del session["second_proof"]
    session.save()
    with override_settings(BROKER_NAME="DigiD"):
        answer = client.post(reverse("signin:broker"), {"process": "connect"})
    assert answer["Location"].startswith(reverse("signin:second_proof"))


class TestClaim:
    """The letter's code and the birth date open a file."""

    def letter(self, **row: object) -> tuple[UUID, str]:
        made = make_employment(**row)  # type: ignore[arg-type]
        now = datetime.now(UTC)
        return made.person_id, operations.issue_claim_code(made.person_id, by=SYSTEM, at=now)

    def test_a_claim_signs_in_and_asks_how_to_get_in_next_time(self, client: Client) -> None:
        person, code = self.letter(name="Sam de Vries")
        answer = client.post(
            reverse("signin:claim"), {"code": code.lower(), "birth_date": "17-5-1990"}, follow=True
        )
        assert answer.redirect_chain[-1][0] == reverse("signin:welcome")
        assert "Welkom, Sam de Vries" in text_of(answer)
        assert queries.login(person)
        assert client.get(reverse("signin:code_list")).status_code == 200, "a first way in"

    def test_a_claim_alone_reaches_no_money_and_no_contact_data(self, client: Client) -> None:
        person, code = self.letter(contact="sam@example.org")
        client.post(reverse("signin:claim"), {"code": code, "birth_date": "17-5-1990"})
        assert "s•••@example.org" in text_of(client.get(reverse("signin:welcome")))
        client.post(reverse("signin:code_list"))
        assert queries.login(person).codes_left == 20  # type: ignore[union-attr]
        for name in ("my_data:contact", "mfa_add_webauthn", "mfa_activate_totp", "signin:claim"):
            answer = client.get(reverse(name), follow=True)
            assert answer.redirect_chain[-1][0] == reverse("signin:owner"), name
        again = client.post(reverse("signin:code_list"), follow=True)
        assert again.redirect_chain[-1][0] == reverse("signin:owner"), "one list, not two"
        strange = client.post(reverse("my_data:email"), {"email": "dief@example.org"})
        assert "Dit adres kenden we nog niet" in text_of(strange)
        assert mail.outbox == []

    def test_the_address_that_payroll_delivered_shows_who_it_is(self, client: Client) -> None:
        person, code = self.letter(contact="sam@example.org")
        client.post(reverse("signin:claim"), {"code": code, "birth_date": "17-5-1990"})
        client.post(reverse("my_data:email"), {"email": "Sam@example.org"})
        (message,) = mail.outbox
        mailed = re.search(r"\b\d{6}\b", str(message.body))
        assert mailed
        client.post(reverse("my_data:email_code"), {"code": mailed[0]})
        assert queries.login(person).is_confirmed  # type: ignore[union-attr]
        assert client.get(reverse("my_data:contact")).status_code == 200
        assert client.get(reverse("signin:owner"))["Location"] == reverse("signin:start")

    def test_another_first_address_signs_in_and_leads_to_the_question(self, client: Client) -> None:
        person, code = self.letter(contact="sam@example.org")
        client.post(reverse("signin:claim"), {"code": code, "birth_date": "17-5-1990"})
        client.post(reverse("my_data:email"), {"email": "anders@example.org"})
        mailed = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
        assert mailed
        answer = client.post(reverse("my_data:email_code"), {"code": mailed[0]})
        assert answer["Location"] == reverse("signin:owner")
        login = queries.login(person)
        assert login
        assert (login.email, login.is_confirmed) == ("anders@example.org", False)

    def test_wrong_code_and_wrong_date_read_the_same_and_keep_what_was_typed(
        self, client: Client
    ) -> None:
        _person, code = self.letter()
        _other, foreign = self.letter(birth_date=date(1980, 1, 1))
        texts = set()
        for typed in (code, foreign):
            answer = client.post(
                reverse("signin:claim"),
                {"code": typed, "birth_date": "18-05-1990"},
            )
            assert typed in text_of(answer)
            texts.add(re.sub(r'value="[^"]*"', "", text_of(answer)))
        assert len(texts) == 1
        slip = client.post(reverse("signin:claim"), {"code": "ABCD", "birth_date": "18-05-1990"})
        assert "Je hebt je vertypt" in text_of(slip)
        assert not is_signed_in(client)

    def test_a_birth_date_that_does_not_exist_is_said_at_the_field(self, client: Client) -> None:
        answer = client.post(reverse("signin:claim"), {"code": "x", "birth_date": "31-02-1990"})
        assert "Vul een datum in" in text_of(answer)

    def test_who_is_signed_in_joins_the_file_to_their_own(self) -> None:
        person = make_person()
        other, code = self.letter()
        client = client_of(person)
        assert "komt bij jouw dossier" in text_of(client.get(reverse("signin:claim")))
        answer = client.post(
            reverse("signin:claim"), {"code": code, "birth_date": "17-05-1990"}, follow=True
        )
        assert "Gelukt" in text_of(answer)
        assert queries.files_of(person.id) == [person.id, other]

    def test_trying_codes_has_a_limit(self, client: Client) -> None:
        answers = [
            client.post(
                reverse("signin:claim"), {"code": "ABCD-EFGH-JKMN", "birth_date": "17-05-1990"}
            ).status_code
            for _try in range(21)
        ]
        assert answers == [200] * 20 + [429]
        refused = client.post(
            reverse("signin:claim"), {"code": "ABCD-EFGH-JKMN", "birth_date": "17-05-1990"}
        )
        assert "Even wachten" in text_of(refused)


class TestSecondProof:
    """Asked at changing, not at looking; by mail, paper, app or passkey."""

    def client(self, person: PersonView) -> Client:
        client = client_of(person)
        session = client.session
        session["second_proof"]["at"] = (datetime.now(UTC) - timedelta(minutes=16)).isoformat()
        session.save()
        return client

    def test_looking_asks_nothing_changing_does(self) -> None:
        client = self.client(make_person())
        for name in ("data", "looks", "export", "export_file", "status"):
            assert client.get(reverse(f"my_data:{name}")).status_code == 200, name
        for name in ("contact", "email", "email_code"):
            path = reverse(f"my_data:{name}")
            answer = client.get(path)
            assert answer["Location"].startswith(reverse("signin:second_proof")), name
        for name in ("signin:code_list", "mfa_add_webauthn", "mfa_activate_totp"):
            answer = client.get(reverse(name))
            assert answer["Location"].startswith(reverse("signin:second_proof")), name

    def test_a_mailed_code_proves_and_leads_back(self) -> None:
        person = make_person(email="sam@example.org")
        client = self.client(person)
        wanted = reverse("my_data:contact")
        page = client.get(wanted, follow=True)
        prove = page.redirect_chain[-1][0]
        assert mail.outbox == []
        client.post(prove, {"next": wanted})
        wrong = client.post(prove, {"next": wanted, "code": "abc"})
        assert "Deze code klopt niet" in text_of(wrong)
        answer = client.post(prove, {"next": wanted, "code": mailed_code()})
        assert answer["Location"] == wanted
        assert client.get(wanted).status_code == 200

    def test_a_mailed_code_works_once_and_not_after_five_wrong_tries(self) -> None:
        client = self.client(make_person())
        prove = reverse("signin:prove", args=["e-mail"])
        client.post(prove)
        right = mailed_code()
        for _try in range(5):
            client.post(prove, {"code": "1"})
        client.post(prove, {"code": right})
        assert client.get(reverse("my_data:contact")).status_code == 302
        client.post(prove)
        client.post(prove, {"code": mailed_code()})
        assert client.get(reverse("my_data:contact")).status_code == 200
        assert "mailed_code" not in client.session

    def test_mailed_codes_have_a_limit(self) -> None:
        client = self.client(make_person())
        for _time in range(7):
            page = client.post(reverse("signin:prove", args=["e-mail"]))
        assert len(mail.outbox) == 5
        assert "te veel codes" in text_of(page)

    def test_a_paper_code_proves(self) -> None:
        person = make_person()
        now = datetime.now(UTC)
        printed = operations.issue_code_list(
            person_id=person.id, by=actor_for(person, second_proof_at=now), at=now
        )
        client = self.client(person)
        prove = reverse("signin:prove", args=["papier"])
        assert "Dit klopt niet" in text_of(client.post(prove, {"code": "ABCD-EFGH"}))
        client.post(prove, {"code": printed.codes[3]})
        assert client.get(reverse("my_data:contact")).status_code == 200

    def test_what_was_pressed_before_the_proof_is_said_to_be_not_done(self) -> None:
        person = make_person()
        now = datetime.now(UTC)
        printed = operations.issue_code_list(
            person_id=person.id, by=actor_for(person, second_proof_at=now), at=now
        )
        client = self.client(person)
        prove = reverse("signin:prove", args=["papier"])
        contact = reverse("my_data:contact")
        for ask, said in ((client.get, False), (client.post, True)):
            ask(contact)
            client.post(prove, {"code": printed.codes[3 + said], "next": contact})
            assert ("Er is nog niets gedaan" in text_of(client.get(contact))) is said
            session = client.session
            del session["second_proof"]
            session.save()

    def test_staff_prove_with_a_strong_factor_only(self) -> None:
        person = make_person(role=Role.FINANCE)
        secret = generate_totp_secret()
        TOTP.activate(user_of(person), secret)
        client = self.client(person)
        assert client.get(reverse("signin:prove", args=["e-mail"])).status_code == 404
        prove = reverse("signin:prove", args=["app"])
        assert client.get(prove).status_code == 200
        client.post(prove, {"code": app_code(secret)})
        assert client.get(reverse("signin:code_list")).status_code == 200

    def test_a_passkey_is_asked_with_a_challenge(self) -> None:
        person = make_person()
        page = self.client(person).get(reverse("mfa_login_webauthn"))
        assert page.status_code == 302
        options = Client().get(
            reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}
        )
        assert options.json()["request_options"]["publicKey"]["userVerification"] == "required"

    def test_the_proof_of_one_counts_for_no_other(self) -> None:
        one, other = make_person(), make_person()
        client = client_of(one)
        proof = client.session["second_proof"]
        second = client_of(other)
        session = second.session
        session["second_proof"] = proof
        session.save()
        assert second.get(reverse("my_data:contact")).status_code == 302

    @pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:1"])
    def test_the_way_back_stays_in_the_house(self, target: str) -> None:
        client = self.client(make_person())
        prove = reverse("signin:prove", args=["e-mail"])
        client.post(prove, {"next": target})
        answer = client.post(prove, {"next": target, "code": mailed_code()})
        assert answer["Location"] == reverse("signin:start")

    def test_who_has_nothing_to_prove_with_is_told_whom_to_call(self) -> None:
        person = make_person()
        get_user_model()._default_manager.filter(person_id=person.id).update(email=None)
        page = self.client(person).get(reverse("signin:second_proof"))
        assert "Bel de hulp" in text_of(page)


def test_every_page_says_who_is_signed_in_in_which_role_and_for_whom() -> None:
    shop = make_organisation(name="De Winkel")
    boss = make_person("Bo Baas", role=Role.EMPLOYER, organisation_id=shop.id)
    page = text_of(client_of(boss).get(reverse("employer:home")))
    header = page[page.index("<header>") : page.index("</header>")]
    for word in ("Bo Baas", "Werkgever", "De Winkel"):
        assert word in header
    assert "Ingelogd als" not in text_of(Client().get(reverse("public:home")))
