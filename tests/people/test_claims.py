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
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.models import ClaimCode, Employment, User
from eigenwijs.people.operations import UnableToClaim, UnableToIssueClaimCode
from eigenwijs.people.types import Looked, Role
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
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


def issue(person_id: UUID, at: datetime) -> str:
    return operations.issue_claim_code(person_id, by=SYSTEM, at=at)


def test_code_and_birth_date_open_the_file_once(now: datetime) -> None:
    person = make_employment().person_id
    code = issue(person, now)
    assert claim(code.lower().replace("-", " "), at=now) == person
    login = queries.login(person)
    assert login
    assert login.email == ""
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
    by = actor_for(own)
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
    one = claim(issue(ids[0], now), at=now)
    claim(issue(ids[1], now), at=now, by=actor_for(one))
    three = claim(issue(ids[2], now), at=now)
    letter = operations.issue_recovery_code(one, by=SYSTEM, at=now)
    assert claim(letter.code, at=now, by=actor_for(three)) == three
    assert queries.files_of(ids[1]) == [three, one, ids[1]]
    assert queries.login(one) == queries.login(three)
    assert not User.objects.get(person=one).is_active


def test_someone_elses_letter_does_not_join_my_file(now: datetime) -> None:
    mine = claim(issue(make_employment().person_id, now), at=now)
    partner = make_employment(birth_date=OTHER).person_id
    code = issue(partner, now)
    assert refused(code, OTHER, at=now, by=actor_for(mine)).startswith("other_birth_date")
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
    one, two = (claim(issue(make_employment().person_id, now), at=now) for _file in range(2))
    letters = [
        operations.issue_recovery_code(person, by=SYSTEM, at=now).code for person in (two, one)
    ]
    answers: list[object] = []

    def run(person: UUID, code: str) -> None:
        try:
            answers.append(claim(code, at=now, by=actor_for(person)))
        except UnableToClaim as refusal:
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
    assert User.objects.filter(is_active=True).count() == 1


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
    ans = make_person(role=Role.DESK, birth_date=None)
    file = make_employment().person_id
    assert claim(issue(file, now), at=now, by=actor_for(ans, Role.DESK)) == ans.id
    assert [held.role for held in queries.roles(ans.id)] == [Role.WORKER, Role.DESK]
    assert queries.person(ans.id).birth_date == BORN  # type: ignore[union-attr]


def test_a_recovery_letter_ends_the_old_ways_in(now: datetime) -> None:
    person = claim(issue(make_employment().person_id, now), at=now)
    by = actor_for(person, second_proof_at=now)
    printed = operations.issue_code_list(person_id=person, by=by, at=now)
    stamp = User.objects.get().session_stamp
    letter = operations.issue_recovery_code(person, by=SYSTEM, at=now)
    assert claim(letter.code, at=now) == person
    assert User.objects.get().session_stamp != stamp
    with pytest.raises(operations.UnableToUseCode):
        operations.sign_in_with_list_code(
            number=printed.number, code=printed.codes[0], birth_date=BORN, by=VISITOR, at=now
        )


def test_letters_hold_a_name_an_address_and_a_code_only_for_those_who_work_there(
    now: datetime,
) -> None:
    employer = make_organisation()
    boss = make_person(role=Role.EMPLOYER, organisation_id=employer.id)
    by = actor_for(boss, Role.EMPLOYER, employer.id)
    one, two = make_employment(employer), make_employment(employer)
    claim(issue(two.person_id, now), at=now)
    (letter,) = operations.issue_claim_letters(
        person_ids=[one.person_id, two.person_id], by=by, at=now
    )
    assert letter.person_id == one.person_id
    again = operations.issue_claim_letters(person_ids=[one.person_id], by=by, at=now)
    assert again == [], "who has not opened their file yet is not the employer's to know"
    assert claim(letter.code, at=now) == one.person_id
    assert [(look.what, look.organisation_name) for look in queries.looks(one.person_id)] == [
        (Looked.CLAIM_LETTER, employer.name)
    ]
    elsewhere = make_employment().person_id
    with pytest.raises(NotPermitted):
        operations.issue_claim_letters(person_ids=[elsewhere], by=by, at=now)
    with pytest.raises(NotPermitted):
        operations.issue_recovery_code(one.person_id, by=by, at=now)
    with pytest.raises(NotPermitted):
        operations.issue_claim_code(elsewhere, by=actor_for(boss, Role.WORKER), at=now)
