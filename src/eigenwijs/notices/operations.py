"""Telling people, and what becomes of what they were told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
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

_NEW = """
INSERT INTO notices_notice (id, person_id, kind, params, state, told_at)
SELECT new.id, new.person, new.kind, new.params, new.state, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::jsonb[], %s::text[])
    AS new (id, person, kind, params, state)
ON CONFLICT (id) DO NOTHING RETURNING id
"""


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
    made = _write(notices, at)
    rest = Notice.objects.filter(pk__in=[new.key for new in notices if new.key not in made])
    stored = {
        key: content for key, *content in rest.values_list("pk", "person_id", "kind", "params")
    }
    told: dict[str, list[NewNotice]] = {}
    for new in notices:
        content = [new.person_id, new.kind, dict(new.params)]
        if stored.setdefault(new.key, content) != content:
            raise UnableToTell("key_reused", params={"key": str(new.key)})
        if new.key in made:
            told.setdefault(new.kind, []).append(new)
    for kind, these in told.items():
        audit.record(
            by=by,
            at=at,
            action="notices.notice.tell",
            subject=("notices.notice", these[0].key),
            ids={"kind": kind, "person": str(these[0].person_id), "notices": len(these)},
        )


def _write(notices: Sequence[NewNotice], at: datetime) -> set[UUID]:
    """Keep the notices whose keys are not known yet; return those keys."""
    columns: list[list[Any]] = [
        [new.key for new in notices],
        [new.person_id for new in notices],
        [new.kind for new in notices],
        [json.dumps(dict(new.params)) for new in notices],
        [KINDS[new.kind].first_state for new in notices],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NEW, [at, *columns])
        return {key for (key,) in cursor.fetchall()}


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
