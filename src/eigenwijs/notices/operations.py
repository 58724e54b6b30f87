"""Telling people, and what becomes of what they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import override

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.notices.kinds import KINDS, words
from eigenwijs.notices.lifecycle import NOTICE
from eigenwijs.notices.models import Notice
from eigenwijs.notices.types import Letter, ParamValue
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Looked, Permission


class UnableToTell(DomainError):
    """Codes: unknown_kind, missing_params, key_reused."""


@transaction.atomic
def tell(
    *,
    person_id: UUID,
    kind: str,
    params: Mapping[str, ParamValue],
    by: Actor,
    at: datetime,
    key: UUID,
) -> None:
    """Tell a person something: in the app now, and by mail or letter as the kind says.

    `params` hold ids, cents, ISO dates and titles; the words are made when they are read or sent.
    The same `key` with the same content is told once. Raises UnableToTell: unknown_kind,
    missing_params (a place in the words stays empty), key_reused (other content under that key).
    """
    if kind not in KINDS:
        raise UnableToTell("unknown_kind", params={"kind": kind})
    if missing := KINDS[kind].places - set(params):
        raise UnableToTell("missing_params", params={"missing": ", ".join(sorted(missing))})
    content = {"person_id": person_id, "kind": kind, "params": dict(params)}
    notice, is_new = Notice.objects.get_or_create(
        id=key,
        defaults={
            **content,
            "told_at": at,
            "state": NOTICE.initial if KINDS[kind].channels else "in_app",
        },
    )
    if is_new:
        subject = ("notices.notice", key)
        ids = {"kind": kind, "person": str(person_id)}
        audit.record(by=by, at=at, action="notices.notice.tell", subject=subject, ids=ids)
    elif content != {name: getattr(notice, name) for name in content}:
        raise UnableToTell("key_reused", params={"key": str(key)})


@transaction.atomic
def mark_read(*, by: Actor, at: datetime, notice_id: UUID | None = None) -> int:
    """Note that the actor read one of their own notices, or all of them; return how many were new.

    A notice of somebody else is like one that does not exist: nothing happens.
    """
    if by.person_id is None:
        return 0
    unread = Notice.objects.filter(person__in=people.files_of(by.person_id), read_at=None)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    ids = list(unread.select_for_update().order_by("id").values_list("id", flat=True))
    Notice.objects.filter(pk__in=ids).update(read_at=at)
    for read in ids:
        audit.record(
            by=by,
            at=at,
            action="notices.notice.read",
            subject=("notices.notice", read),
            fields=["read_at"],
        )
    return len(ids)


def mark_mailed(*, notice_id: UUID, by: Actor, at: datetime) -> None:
    """Note that the mail of a notice goes out now; raises UnableToMove if it no longer has to.

    Call it in the transaction that sends: its lock keeps two workers from sending one notice.
    """
    _move(notice_id, "mail", by=by, at=at)


def keep_in_app(*, notice_id: UUID, by: Actor, at: datetime) -> None:
    """Note that a notice stays in the app only; raises UnableToMove if it already left."""
    _move(notice_id, "keep", by=by, at=at)


def ask_letter(*, notice_id: UUID, by: Actor, at: datetime) -> None:
    """Put a notice that mail cannot reach on the list of letters; raises UnableToMove."""
    _move(notice_id, "ask_letter", by=by, at=at)


@transaction.atomic
def print_letters(*, notice_ids: Sequence[UUID], by: Actor, at: datetime) -> list[Letter]:
    """Return waiting letters, to print, and note that they were; printed ones may be printed again.

    Unknown ids and notices that are no letter are left out. The persons see in their log that the
    actor saw their name and address. Raises people.access.NotPermitted.
    """
    people_access.require(by, Permission.SEE_WORK_LIST)
    rows = Notice.objects.filter(pk__in=notice_ids, state__in=["letter_due", "printed"])
    notices = list(rows.select_for_update().order_by("told_at", "id"))
    owners = {notice.pk: people.surviving(notice.person_id) for notice in notices}
    people_access.look_at_many(set(owners.values()), what=Looked.CONTACT, by=by, at=at)
    persons = people.persons(owners.values())
    letters = []
    for notice in notices:
        audit.move(notice, "print", by=by, at=at, lifecycle=NOTICE)
        person = persons[owners[notice.pk]]
        with override(person.language):
            title, body = words(notice.kind, notice.params)
        letters.append(
            Letter(
                notice_id=notice.pk,
                name=person.name,
                address=person.address,
                phone=person.phone,
                language=person.language,
                title=title,
                body=body,
            )
        )
    return letters


def _move(notice_id: UUID, event: str, *, by: Actor, at: datetime) -> None:
    audit.move(Notice(pk=notice_id), event, by=by, at=at, lifecycle=NOTICE)
