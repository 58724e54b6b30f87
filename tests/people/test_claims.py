"""A file opens with a code and a birth date, and joins another only by its owner's claim."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.audit import queries as trail
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import operations, queries, rules
from eigenwijs.people.access import NotPermitted, SecondProofNeeded
from eigenwijs.people.models import ClaimCode, Employment, User
from eigenwijs.people.operations import UnableToClaim, UnableToIssueClaimCode
from eigenwijs.people.types import Looked, Role
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_opened,
    make_organisation,
    make_person,
    make_recovery_letter,
)

pytestmark = pytest.mark.django_db

BORN = date(1990, 5, 17)
OTHER = date(1991, 5, 17)
VISITOR = Actor.anonymous()


def claim(code: str, born: date = BORN, *, at: datetime, by: Actor = VISITOR) -> UUID:
    return operations.claim(code=code, birth_date=born, by=by, at=at)


def refused(code: str, born: date = BORN, *, at: datetime, by: Actor = VISITOR) -> str:
    with pytest.raises(UnableToClaim) as refusal:
        claim(code, born, by=by, at=at)
    return f"{refusal.value.code}: {refusal.value}"


def proven(person_id: UUID, now: datetime) -> Actor:
    return actor_for(person_id, second_proof_at=now)


def make_confirmed(person_id: UUID, now: datetime) -> None:
    code = queries.confirmation_code(person_id)
    operations.confirm_owner(person_id=person_id, code=code, by=SYSTEM, at=now)


def issue(person_id: UUID, at: datetime) -> str:
    return operations.issue_claim_code(person_id, by=SYSTEM, at=at)


def test_code_and_birth_date_open_the_file_once(now: datetime) -> None:
    person = make_employment().person_id
    code = issue(person, now)
    assert claim(code.lower().replace("-", " "), at=now) == person
    login = queries.login(person)
    assert login
    assert (login.email, login.is_confirmed) == ("", False)
    assert [role.role for role in queries.roles(person)] == [Role.WORKER]
    assert refused(code, at=now).startswith("not_accepted")
    events = [row.event for row in trail.events_without_reaction()]
    assert events == ["person_claimed"]


def test_wrong_code_wrong_date_used_expired_withdrawn_and_locked_are_one_answer(
    now: datetime,
) -> None:
    answers = set()
    person = make_employment().person_id
    code = issue(person, now)
    answers.add(refused(code, OTHER, at=now))
    selector = code.replace("-", "")[:5]
    body = next(
        selector + secret
        for secret in ("AAAAAA", "BBBBBB")
        if selector + secret != code.replace("-", "")[:11]
    )
    answers.add(refused(body + rules.check_character(body), at=now))
    answers.add(refused(rules.new_code(12), at=now))
    answers.add(refused(code, at=now + rules.CLAIM_CODE_LIFE))
    replaced, code = code, issue(person, now)
    answers.add(refused(replaced, at=now))
    for _try in range(5):
        answers.add(refused(code, OTHER, at=now))
    answers.add(refused(code, at=now))
    newest = issue(person, now)
    claim(newest, at=now)
    answers.add(refused(newest, at=now))
    assert len(answers) == 1, answers


def test_four_wrong_tries_are_forgiven_the_fifth_locks(now: datetime) -> None:
    person = make_employment().person_id
    code = issue(person, now)
    for _try in range(4):
        refused(code, OTHER, at=now)
    assert claim(code, at=now) == person

    other = make_employment().person_id
    code = issue(other, now)
    for _try in range(5):
        refused(code, OTHER, at=now)
    refused(code, at=now)
    assert [row.action for row in trail.trail(subject=("people.person", other))].count(
        "people.claim_code.lock"
    ) == 1
    assert claim(issue(other, now), at=now) == other


def test_a_slip_of_the_pen_is_no_try(now: datetime) -> None:
    code = issue(make_employment().person_id, now)
    slip = code[:-1] + ("A" if code[-1] != "A" else "B")
    for _try in range(9):
        assert refused(slip, at=now).startswith("mistyped")
    assert ClaimCode.objects.get().wrong_tries == 0


def test_name_birth_date_and_email_open_nothing(now: datetime) -> None:
    made = make_employment(name="Sam", contact="sam@example.org")
    assert queries.login(made.person_id) is None
    assert not User.objects.filter(email="sam@example.org").exists()


def test_a_code_is_not_kept(now: datetime) -> None:
    code = issue(make_employment().person_id, now).replace("-", "")
    stored = ClaimCode.objects.values().get()
    assert code not in str(stored)
    assert code[5:] not in str(stored)


def test_a_claimed_file_gets_no_new_claim_code(now: datetime) -> None:
    person = make_employment().person_id
    claim(issue(person, now), at=now)
    with pytest.raises(UnableToIssueClaimCode, match="al geopend"):
        issue(person, now)


def test_a_second_job_joins_the_file_by_the_workers_own_claim_and_both_histories_stay(
    now: datetime,
) -> None:
    first = make_employment(started_on=date(2022, 1, 1), ended_on=date(2025, 12, 31))
    own = claim(issue(first.person_id, now), at=now)
    second = make_employment(started_on=date(2026, 1, 1))
    make_confirmed(own, now)
    by = proven(own, now)
    assert claim(issue(second.person_id, now), at=now, by=by) == own
    assert queries.files_of(own) == queries.files_of(second.person_id)
    assert queries.files_of(own) == [own, second.person_id]
    assert queries.surviving(second.person_id) == own
    assert [e.id for e in queries.employments(own)] == [second.id, first.id]
    assert Employment.objects.get(pk=second.id).person_id == second.person_id
    file = queries.person(second.person_id)
    assert file
    assert file.merged_into == own
    again = make_employment(
        queries.organisation(second.employer_id),
        personnel_number=second.personnel_number,
        employment_number=2,
    )
    assert again.id in {e.id for e in queries.employments(own)}


def test_a_third_file_follows_a_file_that_joins_later(now: datetime) -> None:
    ids = [make_employment(at=now + timedelta(minutes=n)).person_id for n in range(3)]
    one = make_opened(ids[0], at=now).id
    claim(issue(ids[1], now), at=now, by=proven(one, now))
    three = make_opened(ids[2], at=now).id
    letter = make_recovery_letter(one, at=now)
    assert claim(letter.code, at=now, by=proven(three, now)) == three
    assert queries.files_of(ids[1]) == [three, one, ids[1]]
    assert queries.login(one) == queries.login(three)
    assert not User.objects.get(person=one).is_active


def test_someone_elses_letter_does_not_join_my_file(now: datetime) -> None:
    mine = make_opened(make_employment().person_id, at=now).id
    partner = make_employment(birth_date=OTHER).person_id
    code = issue(partner, now)
    assert refused(code, OTHER, at=now, by=proven(mine, now)).startswith("other_birth_date")
    assert queries.files_of(mine) == [mine]
    assert claim(code, OTHER, at=now) == partner


def test_two_at_once_open_one_file_once(transactional_db: None, now: datetime) -> None:
    code = issue(make_employment().person_id, now)
    results: list[str] = []

    def run() -> None:
        try:
            claim(code, at=now)
            results.append("opened")
        except UnableToClaim as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["not_accepted"] * 3 + ["opened"]
    assert User.objects.count() == 1


def test_two_files_that_claim_each_other_at_once_become_one(
    transactional_db: None, now: datetime
) -> None:
    one, two = (make_opened(make_employment().person_id, at=now).id for _file in range(2))
    letters = [make_recovery_letter(person, at=now).code for person in (two, one)]
    answers: list[object] = []

    def run(person: UUID, code: str) -> None:
        try:
            answers.append(claim(code, at=now, by=proven(person, now)))
        except (
            UnableToClaim,
            SecondProofNeeded,
        ) as refusal:  # the other may have closed this login
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=pair) for pair in zip((one, two), letters, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    first, *rest = queries.files_of(one)
    assert {first, *rest} == {one, two}
    assert queries.surviving(first) == first
    assert User.objects.filter(person__in=[one, two], is_active=True).count() == 1


def test_issuing_and_claiming_at_once_never_block_each_other(
    transactional_db: None, now: datetime
) -> None:
    person = make_employment().person_id
    code = issue(person, now)
    failures: list[Exception] = []

    def run(task: Callable[[], object]) -> None:
        try:
            task()
        except (UnableToClaim, UnableToIssueClaimCode):
            pass
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    tasks = [lambda: issue(person, now), lambda: refused(code, OTHER, at=now)] * 6
    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_staff_who_claim_their_own_letter_become_workers_too(now: datetime) -> None:
    ans = make_person(role=Role.DESK)
    file = make_employment().person_id
    by = actor_for(ans, Role.DESK, second_proof_at=now)
    assert claim(issue(file, now), at=now, by=by) == ans.id
    assert [held.role for held in queries.roles(ans.id)] == [Role.WORKER, Role.DESK]


def test_staff_without_a_birth_date_cannot_take_a_workers_letter_for_their_own(
    now: datetime,
) -> None:
    employer = make_organisation()
    nadia = make_person(role=Role.EMPLOYER, organisation_id=employer.id, birth_date=None)
    worker = make_employment(employer).person_id
    code = issue(worker, now)
    by = actor_for(nadia, Role.EMPLOYER, employer.id, second_proof_at=now)
    assert refused(code, at=now, by=by).startswith("other_birth_date")
    assert queries.files_of(nadia.id) == [nadia.id]
    assert claim(code, at=now) == worker


def test_one_colleague_of_the_desk_cannot_take_a_workers_file_for_their_own(now: datetime) -> None:
    """They may correct a birth date and print a letter, but not both, and not for themselves."""
    ans, ben = (make_person(role=Role.DESK) for _who in range(2))
    desk, colleague = (actor_for(one, Role.DESK, second_proof_at=now) for one in (ans, ben))
    worker = make_employment(birth_date=OTHER).person_id
    operations.correct_person(person_id=worker, name="Sam", birth_date=BORN, by=desk, at=now)
    assert operations.issue_claim_letters(person_ids=[worker], by=desk, at=now) == []
    assert operations.issue_claim_letters(person_ids=[worker], by=colleague, at=now)
    same_day = make_employment().person_id
    (letter,) = operations.issue_claim_letters(person_ids=[same_day], by=desk, at=now)
    assert refused(letter.code, at=now, by=desk).startswith("own_letter")
    assert claim(letter.code, at=now) == same_day


def test_a_letter_is_ones_own_whichever_of_ones_files_printed_it(now: datetime) -> None:
    ans = make_person(role=Role.DESK)
    (letter,) = operations.issue_claim_letters(
        person_ids=[make_employment().person_id], by=actor_for(ans, Role.DESK), at=now
    )
    home = make_opened(make_employment().person_id, at=now).id
    assert claim(make_recovery_letter(ans.id, at=now).code, at=now, by=proven(home, now)) == home
    said = refused(letter.code, at=now, by=proven(home, now))
    assert said.startswith("own_letter: Deze brief heb je zelf geprint.")
    assert letter.person_id not in queries.files_of(home)


def test_joining_asks_a_second_proof_of_a_confirmed_owner(now: datetime) -> None:
    opened = make_opened(make_employment().person_id, at=now, confirmed=False).id
    code = issue(make_employment().person_id, now)
    for by in (proven(opened, now), actor_for(make_person())):
        with pytest.raises(SecondProofNeeded):
            claim(code, at=now, by=by)
    assert queries.files_of(opened) == [opened]


def test_nobody_at_an_employer_gets_a_code(now: datetime) -> None:
    """Payroll knows names, birth dates and personnel numbers, so a code would be all it needs."""
    employer = make_organisation()
    boss = make_person(role=Role.EMPLOYER, organisation_id=employer.id)
    worker = make_employment(employer).person_id
    opened = make_opened(make_employment(employer).person_id, at=now).id
    for role in set(Role) - {Role.DESK, Role.OPERATOR}:
        by = actor_for(boss, role, employer.id, second_proof_at=now)
        with pytest.raises(NotPermitted):
            operations.issue_claim_letters(person_ids=[worker], by=by, at=now)
        with pytest.raises(NotPermitted):
            operations.issue_claim_code(worker, by=by, at=now)
        with pytest.raises(NotPermitted):
            operations.ask_recovery(person_id=opened, by=by, at=now)
        with pytest.raises(NotPermitted):
            operations.open_login(person_id=worker, email="x@example.org", by=by, at=now)
    assert not ClaimCode.objects.filter(person=worker).exists()


def test_not_even_the_operator_opens_a_workers_login_without_a_claim(now: datetime) -> None:
    worker = make_employment().person_id
    iris = actor_for(make_person(role=Role.OPERATOR), Role.OPERATOR, second_proof_at=now)
    with pytest.raises(NotPermitted):
        operations.open_login(person_id=worker, email="x@example.org", by=iris, at=now)
    assert queries.login(worker) is None


def test_letters_are_for_files_that_nobody_opened_and_stand_in_the_log(now: datetime) -> None:
    by = actor_for(make_person("Iris", role=Role.OPERATOR), Role.OPERATOR)
    new, opened = make_employment().person_id, make_employment().person_id
    make_opened(opened, at=now)
    (letter,) = operations.issue_claim_letters(person_ids=[new, opened], by=by, at=now)
    assert letter.person_id == new
    assert [(look.what, look.looker_name) for look in queries.looks(new)] == [
        (Looked.CLAIM_LETTER, "Iris")
    ]
    assert claim(letter.code, at=now) == new
