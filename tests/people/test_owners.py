"""A letter's code shows what there is; more than that takes a proof that the code did not give.

The attackers of `docs/explanation/persons-and-claims.md`: one works in payroll and knows name, birth date
and number; one opens the post at work; one sits at the desk. None of them gets at the money alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from eigenwijs.audit import queries as trail
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access, operations, queries
from eigenwijs.people.access import NotPermitted, SecondProofNeeded
from eigenwijs.people.models import ClaimCode, RecoveryRequest, User
from eigenwijs.people.operations import UnableToConfirm, UnableToRecover
from eigenwijs.people.types import Looked, Role
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_opened,
    make_person,
    make_recovery_letter,
)

pytestmark = pytest.mark.django_db

BORN = date(1990, 5, 17)
VISITOR = Actor.anonymous()


def desk(now: datetime, name: str = "", role: Role = Role.DESK) -> Actor:
    return actor_for(make_person(name, role=Role.DESK), role, second_proof_at=now)


def opened(now: datetime, contact: str = "sam@example.org") -> UUID:
    """A file that somebody opened with the letter's code and nothing more."""
    return make_opened(make_employment(contact=contact).person_id, at=now, confirmed=False).id


def is_confirmed(person_id: UUID) -> bool:
    login = queries.login(person_id)
    return login is not None and login.is_confirmed


class TestACodeAlone:
    """Whoever opens somebody else's letter."""

    def test_gives_no_second_proof_whatever_is_set_up_with_it(self, now: datetime) -> None:
        person = opened(now)
        by = actor_for(person, second_proof_at=now)
        operations.change_contact(person_id=person, email="dief@example.org", by=by, at=now)
        assert queries.login(person).email == "dief@example.org"  # type: ignore[union-attr]
        assert not access.has_fresh_second_proof(by, now)
        for change in ({"phone": "06"}, {"address": "Elders 1"}, {"email": "ander@example.org"}):
            with pytest.raises(SecondProofNeeded):
                operations.change_contact(person_id=person, by=by, at=now, **change)
        with pytest.raises(SecondProofNeeded):
            operations.issue_code_list(person_id=person, by=by, at=now)
        assert queries.known_email(person) == "sam@example.org", "what can confirm stays"
        assert not is_confirmed(person)

    def test_lets_a_list_on_paper_be_the_first_way_in_and_no_second_one(
        self, now: datetime
    ) -> None:
        person = opened(now)
        by = actor_for(person)
        printed = operations.issue_code_list(person_id=person, by=by, at=now)
        operations.prove_with_list_code(person_id=person, code=printed.codes[0], by=by, at=now)
        by = actor_for(person, second_proof_at=now)
        with pytest.raises(SecondProofNeeded):
            operations.issue_code_list(person_id=person, by=by, at=now)
        with pytest.raises(SecondProofNeeded):
            operations.change_contact(person_id=person, email="dief@example.org", by=by, at=now)

    def test_is_told_at_the_address_that_was_known(self, now: datetime) -> None:
        person = opened(now)
        (event,) = trail.events_without_reaction()
        assert (event.event, event.subject[1]) == ("person_claimed", person)

    def test_opens_nothing_more_when_payroll_delivers_another_contact_afterwards(
        self, now: datetime
    ) -> None:
        made = make_employment(contact="sam@example.org")
        make_opened(made.person_id, at=now, confirmed=False)
        make_employment(
            queries.organisation(made.employer_id),
            personnel_number=made.personnel_number,
            contact="payroll@example.org",
        )
        assert queries.known_email(made.person_id) == "sam@example.org"


def test_proving_the_address_that_was_known_confirms_the_owner(now: datetime) -> None:
    person = opened(now, contact="Sam@Example.org")
    by = actor_for(person, second_proof_at=now)
    operations.issue_code_list(person_id=person, by=by, at=now)
    operations.change_contact(person_id=person, email="SAM@example.org", by=by, at=now)
    assert is_confirmed(person)
    assert access.has_fresh_second_proof(by, now)
    operations.change_contact(person_id=person, email="nieuw@example.org", by=by, at=now)
    assert queries.known_email(person) == "nieuw@example.org"


class TestConfirmingAtTheDesk:
    """The desk sees a proof, and the code on the owner's own screen."""

    def test_opens_the_account_and_the_owner_sees_it(self, now: datetime) -> None:
        person = opened(now, contact="")
        operations.change_contact(
            person_id=person, email="sam@example.org", by=actor_for(person), at=now
        )
        code = queries.confirmation_code(person).lower()
        operations.confirm_owner(person_id=person, code=code, by=desk(now, "Hanneke"), at=now)
        assert is_confirmed(person)
        assert queries.known_email(person) == "sam@example.org"
        assert [(look.what, look.looker_name) for look in queries.looks(person)] == [
            (Looked.OWNER_CONFIRMED, "Hanneke")
        ]
        assert "owner_confirmed" in [row.event for row in trail.events_without_reaction()]

    def test_needs_the_code_of_this_login_as_it_is_now(self, now: datetime) -> None:
        person, other = opened(now), opened(now)
        before = queries.confirmation_code(person)
        operations.change_contact(
            person_id=person, email="anders@example.org", by=actor_for(person), at=now
        )
        for code in (before, queries.confirmation_code(other), "", "ABCD-EFGH"):
            with pytest.raises(UnableToConfirm):
                operations.confirm_owner(person_id=person, code=code, by=desk(now), at=now)
        assert not is_confirmed(person)

    def test_is_not_for_whoever_printed_the_letter_nor_for_other_roles(self, now: datetime) -> None:
        person = make_employment().person_id
        ans = desk(now)
        (letter,) = operations.issue_claim_letters(person_ids=[person], by=ans, at=now)
        operations.claim(code=letter.code, birth_date=BORN, by=VISITOR, at=now)
        shown = queries.confirmation_code(person)
        with pytest.raises(UnableToConfirm) as refusal:
            operations.confirm_owner(person_id=person, code=shown, by=ans, at=now)
        assert refusal.value.code == "own_letter"
        for role in set(Role) - {Role.DESK}:
            with pytest.raises(NotPermitted):
                operations.confirm_owner(
                    person_id=person, code=shown, by=desk(now, role=role), at=now
                )
        with pytest.raises(NotPermitted):
            own = actor_for(person, Role.DESK, second_proof_at=now)
            operations.confirm_owner(person_id=person, code=shown, by=own, at=now)
        operations.confirm_owner(person_id=person, code=shown, by=desk(now), at=now)
        assert is_confirmed(person)


class TestRecovery:
    """One asks, another says yes, the owner is told."""

    def test_takes_two_people_and_stands_in_the_owners_log(self, now: datetime) -> None:
        person = make_opened(make_employment().person_id, at=now).id
        ans, ben = desk(now, "Ans"), desk(now, "Ben", Role.OPERATOR)
        asked = operations.ask_recovery(person_id=person, by=ans, at=now)
        assert operations.ask_recovery(person_id=person, by=ben_at_desk(ben), at=now) == asked
        assert not ClaimCode.objects.filter(for_recovery=True).exists()
        with pytest.raises(UnableToRecover) as refusal:
            operations.approve_recovery(asked, by=ans, at=now)
        assert refusal.value.code == "own_request"
        operations.approve_recovery(asked, by=ben, at=now)
        seen = {(look.what, look.looker_name) for look in queries.looks(person)}
        assert seen == {(Looked.RECOVERY_ASKED, "Ans"), (Looked.CLAIM_LETTER, "Ben")}
        told = [row.event for row in trail.events_without_reaction()]
        assert told[-2:] == ["recovery_asked", "recovery_code_issued"]
        with pytest.raises(UnableToRecover) as refusal:
            operations.approve_recovery(asked, by=desk(now), at=now)
        assert refusal.value.code == "answered"

    def test_the_database_refuses_one_person_in_both_roles(self, now: datetime) -> None:
        person = make_opened(make_employment().person_id, at=now).id
        ans = desk(now)
        asked = operations.ask_recovery(person_id=person, by=ans, at=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            RecoveryRequest.objects.filter(pk=asked).update(
                answered_by=ans.person_id, answered_at=now, is_approved=True
            )

    def test_yes_needs_a_fresh_second_proof_and_the_right_role(self, now: datetime) -> None:
        person = make_opened(make_employment().person_id, at=now).id
        asked = operations.ask_recovery(person_id=person, by=desk(now), at=now)
        with pytest.raises(SecondProofNeeded):
            operations.approve_recovery(asked, by=desk(now - timedelta(hours=1)), at=now)
        for role in set(Role) - {Role.DESK, Role.OPERATOR}:
            with pytest.raises(NotPermitted):
                operations.approve_recovery(asked, by=desk(now, role=role), at=now)
        assert not ClaimCode.objects.filter(for_recovery=True).exists()

    def test_no_or_a_change_of_mind_makes_no_letter(self, now: datetime) -> None:
        person = make_opened(make_employment().person_id, at=now).id
        ans = desk(now)
        for by in (ans, desk(now)):
            asked = operations.ask_recovery(person_id=person, by=ans, at=now)
            operations.refuse_recovery(asked, by=by, at=now)
        assert queries.recovery_requests() == []
        assert not ClaimCode.objects.filter(for_recovery=True).exists()

    def test_nobody_asks_for_their_own_an_absent_or_an_unopened_file(self, now: datetime) -> None:
        ans = desk(now)
        assert ans.person_id
        for absent in (ans.person_id, UUID(int=1)):
            with pytest.raises(NotPermitted):
                operations.ask_recovery(person_id=absent, by=ans, at=now)
        with pytest.raises(UnableToRecover, match="nog niet geopend"):
            operations.ask_recovery(person_id=make_employment().person_id, by=ans, at=now)

    def test_ends_every_old_way_in_and_must_be_confirmed_anew(self, now: datetime) -> None:
        person = make_opened(make_employment().person_id, at=now).id
        by = actor_for(person, second_proof_at=now)
        printed = operations.issue_code_list(person_id=person, by=by, at=now)
        operations.change_contact(person_id=person, email="dief@example.org", by=by, at=now)
        user = User.objects.get(person=person)
        Authenticator.objects.create(user=user, type="totp", data={})
        SocialAccount.objects.create(user=user, provider="broker", uid="1")
        letter = make_recovery_letter(person, at=now)
        assert operations.claim(code=letter.code, birth_date=BORN, by=VISITOR, at=now) == person
        after = User.objects.get(person=person)
        assert after.session_stamp != user.session_stamp
        assert (after.email, after.confirmed_at) == (None, None)
        assert not Authenticator.objects.exists()
        assert not SocialAccount.objects.exists()
        with pytest.raises(operations.UnableToUseCode):
            operations.sign_in_with_list_code(
                number=printed.number, code=printed.codes[0], birth_date=BORN, by=VISITOR, at=now
            )
        assert not access.has_fresh_second_proof(by, now)

    def test_leaves_the_factors_of_staff_alone(self, now: datetime) -> None:
        ans = make_person(role=Role.DESK)
        Authenticator.objects.create(user=User.objects.get(person=ans.id), type="totp", data={})
        letter = make_recovery_letter(ans.id, at=now)
        operations.claim(code=letter.code, birth_date=BORN, by=VISITOR, at=now)
        assert Authenticator.objects.count() == 1
        assert is_confirmed(ans.id)


def ben_at_desk(ben: Actor) -> Actor:
    """The same colleague, acting at the desk."""
    assert ben.person_id
    operations.grant_role(
        person_id=ben.person_id,
        role=Role.DESK,
        organisation_id=None,
        by=SYSTEM,
        at=ben.second_proof_at,  # type: ignore[arg-type]
    )
    return actor_for(ben.person_id, Role.DESK, second_proof_at=ben.second_proof_at)
