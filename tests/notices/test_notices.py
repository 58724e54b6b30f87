"""People are told once, in their own language, and what cannot be mailed becomes a letter."""

from __future__ import annotations

from datetime import datetime
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils.translation import override

from eigenwijs.audit import queries as audit
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.lifecycle import UnableToMove
from eigenwijs.notices import operations, queries
from eigenwijs.notices.kind import IN_APP, MAIL, MAIL_OR_LETTER, Kind
from eigenwijs.notices.kinds import KINDS, words
from eigenwijs.notices.models import Notice
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people_queries
from eigenwijs.people.models import Person
from eigenwijs.people.types import Looked, Role
from tests.factories.people import SYSTEM, actor_for, make_employment, make_person

pytestmark = pytest.mark.django_db

PARAMS: dict[str, str | int] = {
    "amount_cents": 17_500,
    "starts_on": "2027-03-03",
    "course": "Lassen",
    "booking": "b1",
}


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, channels in {"app": IN_APP, "mail": MAIL, "letter": MAIL_OR_LETTER}.items():
        kind = Kind("%(course)s", "%(amount_cents)s op %(starts_on)s", channels)
        monkeypatch.setitem(KINDS, name, kind)


def tell(person_id: UUID, now: datetime, kind: str = "mail", **changes: Any) -> UUID:
    key = changes.pop("key", None) or new_id(now)
    assert isinstance(key, UUID)
    params: dict[str, str | int] = PARAMS | changes
    operations.tell(person_id=person_id, kind=kind, params=params, by=SYSTEM, at=now, key=key)
    return key


def test_a_notice_is_said_in_the_readers_language_when_it_is_read(now: datetime) -> None:
    person = make_person()
    tell(person.id, now)
    (notice,) = queries.inbox(person.id)
    assert (notice.title, notice.params["booking"]) == ("Lassen", "b1")
    assert notice.body.replace("\u00a0", " ") == "€ 175,00 op 3 maart 2027"
    with override("en"):
        (notice,) = queries.inbox(person.id)
    assert notice.body.replace("\u00a0", " ") == "€175.00 op 3 March 2027"


def test_the_same_key_tells_once_and_leaves_one_row_in_the_trail(now: datetime) -> None:
    person = make_person()
    key = tell(person.id, now)
    tell(person.id, now, key=key)
    assert len(queries.inbox(person.id)) == 1
    assert len(audit.trail(subject=("notices.notice", key))) == 1


def test_the_same_key_for_something_else_is_refused(now: datetime) -> None:
    person = make_person()
    key = tell(person.id, now)
    for other in ({"amount_cents": 1}, {"kind": "letter"}):
        with pytest.raises(operations.UnableToTell) as refusal:
            tell(person.id, now, key=key, **other)
        assert refusal.value.code == "key_reused"


def test_unknown_kinds_and_empty_places_are_refused(now: datetime) -> None:
    person = make_person()
    for kind, params, code in (("nothing", PARAMS, "unknown_kind"), ("mail", {}, "missing_params")):
        with pytest.raises(operations.UnableToTell) as refusal:
            operations.tell(
                person_id=person.id, kind=kind, params=params, by=SYSTEM, at=now, key=new_id(now)
            )
        assert refusal.value.code == code
    assert not Notice.objects.exists()


def test_reading_is_noted_for_ones_own_notices_only(now: datetime) -> None:
    person, other = make_person(), make_person()
    first, _ = tell(person.id, now), tell(person.id, now)
    assert queries.unread_count(person.id) == 2
    assert operations.mark_read(by=actor_for(other), at=now, notice_id=first) == 0
    assert operations.mark_read(by=actor_for(person), at=now, notice_id=first) == 1
    assert operations.mark_read(by=actor_for(person), at=now, notice_id=first) == 0
    assert queries.unread_count(person.id) == 1
    assert operations.mark_read(by=actor_for(person), at=now) == 1
    assert queries.unread_count(person.id) == 0


def test_mail_goes_to_the_address_of_the_login_not_to_a_delivered_one(now: datetime) -> None:
    claimed = make_person(email="eigen@example.org")
    unclaimed = make_employment(contact="werk@example.org").person_id
    for person_id in (claimed.id, unclaimed):
        tell(person_id, now)
    due = {one.person_id: one for one in queries.due_notices()}
    assert (due[claimed.id].addresses, due[claimed.id].claimed) == (("eigen@example.org",), True)
    assert (due[unclaimed].addresses, due[unclaimed].claimed) == ((), False)


def test_what_is_about_access_also_goes_to_the_address_in_the_file(now: datetime) -> None:
    person = make_person(email="eigen@example.org")
    Person.objects.filter(pk=person.id).update(email="werk@example.org")
    for kind in ("file_claimed", "owner_confirmed", "recovery_asked", "recovery_code_issued"):
        assert KINDS[kind].is_about_access
        assert not KINDS[kind].places, "an address that an employer delivered learns no amounts"
    operations.tell(
        person_id=person.id, kind="file_claimed", params={}, by=SYSTEM, at=now, key=new_id(now)
    )
    (due,) = queries.due_notices()
    assert due.addresses == ("eigen@example.org", "werk@example.org")


def test_what_is_only_for_the_app_never_leaves(now: datetime) -> None:
    person = make_person()
    tell(person.id, now, "app")
    assert queries.due_notices() == []
    assert len(queries.inbox(person.id)) == 1


def test_a_notice_is_mailed_once(now: datetime) -> None:
    key = tell(make_person().id, now)
    operations.mark_mailed(notice_id=key, by=SYSTEM, at=now)
    assert queries.due_notices() == []
    with pytest.raises(UnableToMove):
        operations.mark_mailed(notice_id=key, by=SYSTEM, at=now)


def test_letters_wait_without_names_and_are_printed_with_a_look(now: datetime) -> None:
    person = make_person("Wil Wit")
    clerk = actor_for(make_person(role=Role.DESK), Role.DESK)
    key, mailed = tell(person.id, now, "letter"), tell(person.id, now, "letter")
    operations.ask_letter(notice_id=key, by=SYSTEM, at=now)
    operations.mark_mailed(notice_id=mailed, by=SYSTEM, at=now)
    (waiting,) = queries.waiting_letters()
    assert waiting.notice_id == key
    assert "Wil" not in repr(waiting)
    (letter,) = operations.print_letters(notice_ids=[key, mailed, new_id(now)], by=clerk, at=now)
    assert (letter.notice_id, letter.name) == (key, "Wil Wit")
    assert queries.waiting_letters() == []
    assert [look.what for look in people_queries.looks(person.id)] == [Looked.CONTACT]
    again = operations.print_letters(notice_ids=[key], by=clerk, at=now)
    assert again == [letter]


def test_letters_are_printed_by_the_desk_only(now: datetime) -> None:
    person = make_person()
    key = tell(person.id, now, "letter")
    operations.ask_letter(notice_id=key, by=SYSTEM, at=now)
    with pytest.raises(people_access.NotPermitted):
        operations.print_letters(notice_ids=[key], by=actor_for(person), at=now)
    assert len(queries.waiting_letters()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_mails_a_notice(now: datetime) -> None:
    key = tell(make_person().id, now)
    outcomes: list[str] = []
    start = Barrier(2)

    def work() -> None:
        start.wait()
        try:
            operations.mark_mailed(notice_id=key, by=SYSTEM, at=now)
            outcomes.append("mailed")
        except UnableToMove:
            outcomes.append("refused")
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(outcomes) == ["mailed", "refused"]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_can_be_said(kind: str, language: str) -> None:
    sample: dict[str, str | int] = {
        "_cents": 100,
        "_on": "2027-03-03",
        "_at": "2027-03-03T12:00:00+01:00",
        "_time": "hours:750",
        "months": 1,
    }
    params = {
        place: next((value for end, value in sample.items() if place.endswith(end)), "x")
        for place in KINDS[kind].places
    }
    with override(language):
        title, body = words(kind, params)
    assert title
    assert body
    assert "1 maanden" not in body
    assert "1 months" not in body
