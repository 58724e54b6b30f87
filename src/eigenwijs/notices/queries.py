"""Reading notices. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import override

from eigenwijs.notices.kind import Channel
from eigenwijs.notices.kinds import KINDS, words
from eigenwijs.notices.models import Notice
from eigenwijs.notices.types import DueNotice, NoticeView, WaitingLetter
from eigenwijs.people import queries as people


def inbox(person_id: UUID, *, limit: int = 50, offset: int = 0) -> list[NoticeView]:
    """Return the notices of a person, all their files included, newest first, in the language in force."""
    rows = Notice.objects.filter(person__in=people.files_of(person_id)).order_by("-told_at", "-id")
    return [_view(row) for row in rows[offset : offset + limit]]


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Return all notices of a person, newest first, as plain data in the language in force."""
    rows = Notice.objects.filter(person__in=people.files_of(person_id)).order_by("-told_at", "-id")
    return [
        {
            "id": str(view.id),
            "kind": view.kind,
            "title": str(view.title),
            "body": str(view.body),
            "about": dict(view.params),
            "told_at": view.told_at.isoformat(),
            "read_at": view.read_at.isoformat() if view.read_at else None,
        }
        for view in map(_view, rows.iterator())
    ]


def unread_count(person_id: UUID) -> int:
    """Return how many notices the person has not read yet."""
    return Notice.objects.filter(person__in=people.files_of(person_id), read_at=None).count()


def told_before(keys: Iterable[UUID]) -> set[UUID]:
    """Return which of these keys a notice has."""
    return set(Notice.objects.filter(pk__in=list(keys)).values_list("pk", flat=True))


def due_notices(*, after: UUID | None = None, limit: int = 200) -> list[DueNotice]:
    """Return notices that must still leave the house, by id, in their persons' languages."""
    rows = Notice.objects.filter(state="due").order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [_due(row) for row in rows[:limit]]


def waiting_letters(*, limit: int = 500) -> list[WaitingLetter]:
    """Return the letters that wait to be printed, oldest first, without their persons."""
    rows = Notice.objects.filter(state="letter_due").order_by("id")[:limit]
    return [
        WaitingLetter(
            notice_id=row.pk,
            kind=row.kind,
            title=str(words(row.kind, row.params)[0]),
            told_at=row.told_at,
        )
        for row in rows
    ]


def _view(row: Notice) -> NoticeView:
    title, body = words(row.kind, row.params)
    return NoticeView(
        id=row.pk,
        kind=row.kind,
        title=title,
        body=body,
        params=row.params,
        told_at=row.told_at,
        read_at=row.read_at,
    )


def _due(row: Notice) -> DueNotice:
    owner = people.surviving(row.person_id)
    person = people.persons([owner])[owner]
    login = people.login(person.id)
    known = [login.email if login else ""]
    if KINDS[row.kind].is_about_access:
        known.append(person.email.lower())
    with override(person.language):
        title, body = words(row.kind, row.params)
    return DueNotice(
        id=row.pk,
        person_id=person.id,
        addresses=tuple(dict.fromkeys(filter(None, known))),
        claimed=person.claimed,
        name=person.name,
        language=person.language,
        title=title,
        body=body,
        may_go_by_letter=Channel.LETTER in KINDS[row.kind].channels,
    )
