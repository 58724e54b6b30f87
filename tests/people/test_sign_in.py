"""Paper lists, contact data, roles: who gets in, and who may change what."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import Error, IntegrityError, transaction

from eigenwijs.audit.queries import events_without_reaction as events
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import access, operations, queries
from eigenwijs.people.access import NotPermitted, SecondProofNeeded
from eigenwijs.people.models import Look, Person, User
from eigenwijs.people.operations import (
    UnableToChangeContact,
    UnableToChangeOrganisation,
    UnableToGrantRole,
    UnableToOpenLogin,
    UnableToUseCode,
)
from eigenwijs.people.types import Looked, OrganisationKind, Permission, Role, Status
from tests.factories.people import SYSTEM, actor_for, make_organisation, make_person

pytestmark = pytest.mark.django_db

VISITOR = Actor.anonymous()
BORN = date(1990, 5, 17)


def test_each_code_of_a_paper_list_signs_in_once(now: datetime) -> None:
    person = make_person()
    printed = operations.issue_code_list(
        person_id=person.id, by=actor_for(person, second_proof_at=now), at=now
    )
    assert len(set(printed.codes)) == 20

    def use(code: str, born: date = BORN, at: datetime = now) -> object:
        return operations.sign_in_with_list_code(
            number=printed.number.lower(), code=code, birth_date=born, by=VISITOR, at=at
        )

    assert use(printed.codes[7]) == person.id
    login = queries.login(person.id)
    assert login
    assert login.codes_left == 19
    with pytest.raises(UnableToUseCode):
        use(printed.codes[7])
    with pytest.raises(UnableToUseCode):
        use(printed.codes[8], date(1990, 5, 18))
    for _try in range(3):
        with pytest.raises(UnableToUseCode):
            use("ABCD-EFGH")
    with pytest.raises(UnableToUseCode):
        use(printed.codes[8])
    assert use(printed.codes[8], at=now + timedelta(hours=1)) == person.id


def test_a_paper_code_is_a_second_proof_for_its_owner_only(now: datetime) -> None:
    person, other = make_person(), make_person()
    printed = operations.issue_code_list(
        person_id=person.id, by=actor_for(person, second_proof_at=now), at=now
    )
    with pytest.raises(NotPermitted):
        operations.prove_with_list_code(
            person_id=person.id, code=printed.codes[0], by=actor_for(other), at=now
        )
    operations.prove_with_list_code(
        person_id=person.id, code=printed.codes[0], by=actor_for(person), at=now
    )
    with pytest.raises(UnableToUseCode):
        operations.prove_with_list_code(
            person_id=person.id, code=printed.codes[0], by=actor_for(person), at=now
        )


def test_a_new_list_ends_the_old_one(now: datetime) -> None:
    person = make_person()
    by = actor_for(person, second_proof_at=now)
    old = operations.issue_code_list(person_id=person.id, by=by, at=now)
    operations.issue_code_list(person_id=person.id, by=by, at=now)
    with pytest.raises(UnableToUseCode):
        operations.prove_with_list_code(person_id=person.id, code=old.codes[0], by=by, at=now)
    with pytest.raises(SecondProofNeeded):
        operations.issue_code_list(person_id=person.id, by=actor_for(person), at=now)


def test_contact_changes_only_with_a_fresh_second_proof_and_ends_sessions(now: datetime) -> None:
    person = make_person(email="oud@example.org")
    stamp = User.objects.get(person=person.id).session_stamp
    for proof in (None, now - timedelta(minutes=16)):
        with pytest.raises(SecondProofNeeded):
            operations.change_contact(
                person_id=person.id,
                email="nieuw@example.org",
                by=actor_for(person, second_proof_at=proof),
                at=now,
            )
    by = actor_for(person, second_proof_at=now - timedelta(minutes=14))
    operations.change_contact(person_id=person.id, email="Nieuw@Example.org ", by=by, at=now)
    user = User.objects.get(person=person.id)
    assert (user.email, user.session_stamp != stamp) == ("nieuw@example.org", True)
    stamp = user.session_stamp
    operations.change_contact(person_id=person.id, phone="06 1234", by=by, at=now)
    user.refresh_from_db()
    assert user.session_stamp == stamp
    assert queries.person(person.id).phone == "06 1234"  # type: ignore[union-attr]


def test_a_login_keeps_a_way_in_and_an_address_of_its_own(now: datetime) -> None:
    person, other = make_person(), make_person(email="bezet@example.org")
    by = actor_for(person, second_proof_at=now)
    with pytest.raises(UnableToChangeContact) as refused:
        operations.change_contact(person_id=person.id, email="BEZET@example.org", by=by, at=now)
    assert refused.value.code == "email_taken"
    with pytest.raises(UnableToChangeContact) as refused:
        operations.change_contact(person_id=person.id, email="", by=by, at=now)
    assert refused.value.code == "no_way_in"
    operations.issue_code_list(person_id=person.id, by=by, at=now)
    operations.change_contact(person_id=person.id, email="", by=by, at=now)
    assert queries.login(person.id).email == ""  # type: ignore[union-attr]
    with pytest.raises(NotPermitted):
        operations.change_contact(person_id=other.id, phone="1", by=by, at=now)


def test_deny_by_default() -> None:
    person = make_person()
    assert access.can(actor_for(person), Permission.SEE_OWN_ACCOUNT)
    assert not access.can(actor_for(person), Permission.MANAGE_ROLES)
    assert not access.can(Actor.anonymous(), Permission.SEE_OWN_FILE)
    assert not access.can(
        Actor(actor_for(person).kind, person.id, role="emperor"), Permission.SEE_TRAIL
    )
    assert all(access.can(SYSTEM, permission) for permission in Permission)


def test_every_permission_belongs_to_a_role_and_every_role_has_some() -> None:
    assert set(access.ROLE_PERMISSIONS) == set(Role)
    assert set().union(*access.ROLE_PERMISSIONS.values()) == set(Permission)
    assert all(access.ROLE_PERMISSIONS.values())


def test_roles_of_staff_see_no_account_and_release_no_decision() -> None:
    money = {Permission.SEE_OWN_ACCOUNT, Permission.BOOK_COURSES}
    for role in set(Role) - {Role.WORKER}:
        assert not money & access.ROLE_PERMISSIONS[role]
    for held in access.ROLE_PERMISSIONS.values():
        assert not {Permission.DECIDE_STARTS, Permission.RELEASE_PAYMENT_BATCHES} <= held


def test_a_look_at_anothers_data_stands_in_that_persons_log_for_ever(now: datetime) -> None:
    person = make_person()
    helper = make_person("Ans", role=Role.DESK)
    by = actor_for(helper, Role.DESK)
    access.look_at(person.id, what=Looked.CONTACT, by=by, at=now)
    access.look_at(person.id, what=Looked.CONTACT, by=by, at=now + timedelta(minutes=1))
    access.look_at(person.id, what=Looked.FILE, by=actor_for(person), at=now)
    access.look_at(person.id, what=Looked.FILE, by=SYSTEM, at=now)
    (look,) = access.looks(person.id)
    assert (look.looker_name, look.role, look.times) == ("Ans", Role.DESK, 2)
    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        Look.objects.update(what=Looked.FILE)


def test_roles_are_granted_by_another_for_the_right_kind_of_organisation(now: datetime) -> None:
    boss = make_person(role=Role.OPERATOR)
    by = actor_for(boss, Role.OPERATOR)
    person, employer = make_person(), make_organisation()
    with pytest.raises(UnableToGrantRole, match="jezelf"):
        operations.grant_role(person_id=boss.id, role=Role.FINANCE, by=by, at=now)
    for role, organisation in (
        (Role.EMPLOYER, None),
        (Role.PROVIDER, employer.id),
        (Role.DESK, employer.id),
    ):
        with pytest.raises(UnableToGrantRole, match="past"):
            operations.grant_role(
                person_id=person.id, role=role, organisation_id=organisation, by=by, at=now
            )
    with pytest.raises(NotPermitted):
        operations.grant_role(person_id=person.id, role=Role.DESK, by=actor_for(person), at=now)
    first = operations.grant_role(
        person_id=person.id, role=Role.EMPLOYER, organisation_id=employer.id, by=by, at=now
    )
    again = operations.grant_role(
        person_id=person.id, role=Role.EMPLOYER, organisation_id=employer.id, by=by, at=now
    )
    assert first == again
    assert [role.role for role in queries.roles(person.id)] == [Role.WORKER, Role.EMPLOYER]
    operations.revoke_role(first, by=by, at=now)
    operations.revoke_role(first, by=by, at=now)
    assert [role.role for role in queries.roles(person.id)] == [Role.WORKER]


def test_the_last_operator_stays(now: datetime) -> None:
    one = make_person(role=Role.OPERATOR)
    (held,) = queries.roles(one.id)
    with pytest.raises(UnableToGrantRole, match="laatste"):
        operations.revoke_role(held.id, by=SYSTEM, at=now)
    make_person(role=Role.OPERATOR)
    operations.revoke_role(held.id, by=SYSTEM, at=now)
    assert queries.roles(one.id) == []


def test_one_email_opens_one_login(now: datetime) -> None:
    make_person(email="een@example.org")
    with pytest.raises(UnableToOpenLogin, match="logt al iemand in"):
        make_person(email="Een@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(email="Hoofdletter@example.org")


def test_an_organisation_says_what_is_wrong_with_it(now: datetime) -> None:
    one = make_organisation(kvk_number="12345678")
    for fields, code in (
        ({"name": " ", "kvk_number": ""}, "name_missing"),
        ({"name": "x", "kvk_number": "1234567"}, "kvk_number_wrong"),
        ({"name": "x", "kvk_number": "1234 5678"}, "kvk_number_taken"),
    ):
        with pytest.raises(UnableToChangeOrganisation) as refused:
            operations.register_organisation(
                kind=OrganisationKind.EMPLOYER, by=SYSTEM, at=now, **fields
            )
        assert refused.value.code == code
    operations.change_organisation(
        one.id,
        name="Nieuw",
        kvk_number="12345678",
        address="",
        email="",
        is_active=False,
        by=SYSTEM,
        at=now,
    )
    assert queries.organisation(one.id).name == "Nieuw"  # type: ignore[union-attr]
    provider = make_organisation(OrganisationKind.PROVIDER, kvk_number="12345678")
    assert queries.organisations(OrganisationKind.PROVIDER) == [provider]


def test_a_status_change_is_a_row_and_the_file_stays(now: datetime) -> None:
    person = make_person()
    by = actor_for(person)
    for status, since in (
        (Status.EMPLOYED, date(2024, 1, 1)),
        (Status.JOBSEEKER, date(2026, 5, 1)),
    ):
        operations.record_status(person_id=person.id, status=status, since=since, by=by, at=now)
    assert [one.status for one in queries.statuses(person.id)] == [
        Status.JOBSEEKER,
        Status.EMPLOYED,
    ]
    with pytest.raises(NotPermitted):
        operations.record_status(
            person_id=make_person().id, status=Status.SICK, since=date(2026, 1, 1), by=by, at=now
        )


def test_the_desk_corrects_a_birth_date_and_the_person_is_told(now: datetime) -> None:
    person, ans = make_person("Sam"), make_person(role=Role.DESK)
    by = actor_for(ans, Role.DESK)
    right = date(1991, 5, 17)
    operations.correct_person(person_id=person.id, name="Sam", birth_date=right, by=by, at=now)
    assert queries.person(person.id).birth_date == right  # type: ignore[union-attr]
    assert [row.event for row in events()] == ["person_corrected"]
    for actor, target in ((by, ans.id), (actor_for(person), person.id), (by, new_id(now))):
        with pytest.raises(NotPermitted):
            operations.correct_person(
                person_id=target, name="x", birth_date=right, by=actor, at=now
            )


def test_personas_are_fictional_people_with_a_login(now: datetime) -> None:
    make_person("Echt")
    fictional = make_person("Noor", persona="Noor werkt in een supermarkt.")
    assert [(p.person_id, p.text) for p in queries.personas()] == [
        (fictional.id, "Noor werkt in een supermarkt.")
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(name="Echt").update(persona="toch een rol")


def test_the_export_holds_all_that_the_room_knows(now: datetime) -> None:
    person = make_person("Noor", email="noor@example.org")
    access.look_at(
        person.id, what=Looked.FILE, by=actor_for(make_person(role=Role.DESK), Role.DESK), at=now
    )
    whole = queries.export(person.id)
    assert whole["files"][0]["name"] == "Noor"
    assert whole["who_looked"][0]["what"] == "file"
    assert set(whole) == {
        "files",
        "employments",
        "statuses",
        "qualifications",
        "roles",
        "who_looked",
    }


def test_finding_people_is_exact_or_nothing(now: datetime) -> None:
    person = make_person("Sam de Vries")
    assert [p.id for p in queries.find_people(name="sam de vries", birth_date=BORN)] == [person.id]
    assert queries.find_people(name="Sam", birth_date=BORN) == []
    assert queries.find_people(name="Sam de Vries") == []
    assert queries.find_people() == []
