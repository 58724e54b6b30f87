"""Notices leave by mail once, and by another way where mail cannot reach."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from eigenwijs.jobs.mails import send_mails
from eigenwijs.kernel.ids import new_id
from eigenwijs.notices import operations, queries
from eigenwijs.notices.kind import MAIL, MAIL_OR_LETTER, Kind
from eigenwijs.notices.kinds import KINDS
from eigenwijs.notices.models import Notice
from eigenwijs.people import operations as people
from eigenwijs.people.models import User
from tests.factories.people import SYSTEM, actor_for, make_employment, make_opened, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "mail", Kind("Je kunt %(course)s volgen", "%(amount_cents)s", MAIL))
    monkeypatch.setitem(KINDS, "letter", Kind("%(course)s", "%(amount_cents)s", MAIL_OR_LETTER))


def tell(person_id: UUID, now: datetime, kind: str = "mail", course: str = "Lassen") -> UUID:
    key = new_id(now)
    params: dict[str, str | int] = {"course": course, "amount_cents": 17_500}
    operations.tell(person_id=person_id, kind=kind, params=params, by=SYSTEM, at=now, key=key)
    return key


def state(notice: UUID) -> str:
    return str(Notice.objects.get(pk=notice).state)


def fails_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def send(self: EmailMessage, fail_silently: bool = False) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", send)


def test_a_notice_is_mailed_once_in_the_persons_language(now: datetime) -> None:
    person = make_person("Zoë Wit", email="zoe@example.org")
    people.choose_language(person_id=person.id, language="en", by=actor_for(person), at=now)
    key = tell(person.id, now, course="Lassen\nvoor beginners")
    assert send_mails(by=SYSTEM, at=now) == 1
    assert send_mails(by=SYSTEM, at=now) == 0
    (message,) = mail.outbox
    assert message.to == ["zoe@example.org"]
    assert message.subject == "Je kunt Lassen voor beginners volgen"
    assert "€175.00" in message.body
    assert "Dear Zoë Wit," in message.body
    assert message.extra_headers["Message-ID"].startswith(f"<{key}@")
    assert state(key) == "mailed"


def test_an_unopened_file_gets_no_mail(now: datetime) -> None:
    person_id = make_employment(contact="werk@example.org").person_id
    key = tell(person_id, now, "letter")
    assert send_mails(by=SYSTEM, at=now) == 0
    assert mail.outbox == []
    assert state(key) == "in_app"
    assert len(queries.inbox(person_id)) == 1


@pytest.mark.parametrize(("kind", "after"), [("mail", "in_app"), ("letter", "letter_due")])
def test_whoever_has_no_address_gets_a_letter_where_the_kind_says_so(
    now: datetime, kind: str, after: str
) -> None:
    person = make_person()
    User.objects.filter(person=person.id).update(email=None)
    key = tell(person.id, now, kind)
    assert send_mails(by=SYSTEM, at=now) == 0
    assert state(key) == after


@pytest.mark.parametrize(("kind", "after"), [("mail", "in_app"), ("letter", "letter_due")])
def test_a_refused_address_is_like_none(
    now: datetime, kind: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tell(make_person().id, now, kind)
    fails_with(monkeypatch, SMTPRecipientsRefused({"x": (550, b"no such user")}))
    assert send_mails(by=SYSTEM, at=now) == 0
    assert state(key) == after


def test_an_address_that_refuses_keeps_no_other_from_hearing(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is asked a way in for is told at both addresses; the first of them is gone."""
    person = make_opened(make_employment(contact="oud@example.org").person_id, at=now)
    User.objects.filter(person=person.id).update(email="weg@example.org")
    about_access = Kind("%(course)s", "%(amount_cents)s", MAIL, is_about_access=True)
    monkeypatch.setitem(KINDS, "access", about_access)
    key = tell(person.id, now, "access")
    send = EmailMessage.send

    def refuse_the_login(self: EmailMessage, fail_silently: bool = False) -> int:
        if self.to == ["weg@example.org"]:
            raise SMTPRecipientsRefused({"x": (550, b"no such user")})
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", refuse_the_login)
    assert send_mails(by=SYSTEM, at=now) >= 1
    assert "oud@example.org" in [address for message in mail.outbox for address in message.to]
    assert state(key) == "mailed"


@pytest.mark.parametrize(
    "error",
    [
        SMTPServerDisconnected(),
        ConnectionRefusedError(),
        SMTPRecipientsRefused({"x": (451, b"later")}),
    ],
)
def test_when_the_mail_server_does_not_answer_everything_stays_due(
    now: datetime, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [tell(make_person().id, now) for _ in range(2)]
    with monkeypatch.context() as patch:
        fails_with(patch, error)
        assert send_mails(by=SYSTEM, at=now) == 0
    assert [state(key) for key in keys] == ["due", "due"]
    assert send_mails(by=SYSTEM, at=now) == 2


def test_one_notice_that_cannot_be_said_holds_up_no_other(
    now: datetime, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = tell(make_person().id, now, course="slecht"), tell(make_person().id, now)
    send = EmailMessage.send

    def send_good(self: EmailMessage, fail_silently: bool = False) -> int:
        if "slecht" in self.subject:
            raise ValueError(self.to[0])
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", send_good)
    assert send_mails(by=SYSTEM, at=now) == 1
    assert (state(bad), state(good)) == ("due", "mailed")
    assert f"notice {bad} is not mailed: ValueError" in caplog.text
    assert "@example.org" not in caplog.text
