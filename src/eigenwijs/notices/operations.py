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
from eigenwijs.notices.types import Letter, NewNotice, ParamValue
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Looked, Permission


class UnableToTell(DomainError):
    """Codes: unknown_kind, missing_params, key_reused."""


def tell(
    *,
    person_id: UUID,
    kind: str,
    params: Mapping[str, ParamValue],
    by: Actor,
    at: datetime,
    key: UUID,
) -> None:
    """Tell one person something; see `tell_all`."""
    tell_all([NewNotice(key, person_id, kind, params)], by=by, at=at)


@transaction.atomic
def tell_all(notices: Sequence[NewNotice], *, by: Actor, at: datetime) -> None:
    """Tell persons something: in the app now, and by mail or letter as the kind says.

    `params` hold ids, cents, ISO dates and titles; the words are made when they are read or sent.
    The same `key` with the same content is told once. One row of the trail a kind, about its first
    notice. Raises UnableToTell: unknown_kind, missing_params (a place in the words stays empty),
    key_reused (other content under that key).
    """
    for new in notices:
        if new.kind not in KINDS:
            raise UnableToTell("unknown_kind", params={"kind": new.kind})
        if missing := KINDS[new.kind].places - set(new.params):
            raise UnableToTell("missing_params", params={"missing": ", ".join(sorted(missing))})
    keys = [new.key for new in notices]
    before = set(Notice.objects.filter(pk__in=keys).values_list("pk", flat=True))
    Notice.objects.bulk_create(
        [_row(new, at) for new in notices if new.key not in before], ignore_conflicts=True
    )
    rows = Notice.objects.filter(pk__in=keys).values_list("pk", "person_id", "kind", "params")
    stored = {key: content for key, *content in rows}
    told: dict[str, list[NewNotice]] = {}
    for new in notices:
        if stored[new.key] != [new.person_id, new.kind, dict(new.params)]:
            raise UnableToTell("key_reused", params={"key": str(new.key)})
        if new.key not in before:
            told.setdefault(new.kind, []).append(new)
    for kind, these in told.items():
        audit.record(
            by=by,
            at=at,
            action="notices.notice.tell",
            subject=("notices.notice", these[0].key),
            ids={"kind": kind, "person": str(these[0].person_id), "notices": len(these)},
        )


def _row(new: NewNotice, at: datetime) -> Notice:
    return Notice(
        id=new.key,
        person_id=new.person_id,
        kind=new.kind,
        params=dict(new.params),
        told_at=at,
        state=KINDS[new.kind].first_state,
    )


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
    notices = list(rows.select_for_update().order_by("id"))
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
