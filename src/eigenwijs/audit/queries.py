"""Reading the trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from eigenwijs.audit.models import AuditRow, Progress
from eigenwijs.audit.types import ProgressView, Subject, TrailRow


def event(event_id: int) -> TrailRow:
    """Return one row by its number; raises LookupError if there is none."""
    row = AuditRow.objects.filter(pk=event_id).first()
    if row is None:
        raise LookupError(event_id)
    return _view(row)


def progress(subject: Subject) -> ProgressView | None:
    """Return how far the long operation about a subject is; None where none runs."""
    row = Progress.objects.filter(subject_kind=subject[0], subject_id=subject[1]).first()
    return ProgressView(row.done, row.total) if row else None


def trail(
    *,
    subject: Subject | None = None,
    actor_person: UUID | None = None,
    actor: str = "",
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[TrailRow]:
    """Return rows, newest first, that fit everything asked.

    About one subject, by one person, by an `actor` (a role, or a kind of actor: system, anonymous), of
    actions that start with `action`, from `since` up to but not including `until`; `before` is the
    number of the last row of the page before.
    """
    rows = AuditRow.objects.order_by("-id")
    if subject is not None:
        rows = rows.filter(subject_kind=subject[0], subject_id=subject[1])
    if actor_person is not None:
        rows = rows.filter(actor_person=actor_person)
    if actor:
        rows = rows.filter(Q(actor_role=actor) | Q(actor_kind=actor))
    if action:
        rows = rows.filter(action__startswith=action)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_view(row) for row in rows[:limit]]


def events_without_reaction(
    *, subject: Subject | None = None, up_to: int | None = None, after: int = 0, limit: int = 1000
) -> list[TrailRow]:
    """Return events that nothing reacted to yet, oldest first.

    Optionally of one subject, up to and including row `up_to`, or after row `after`. This is what
    makes a lost job harmless: what must still happen is read from the trail itself.
    """
    rows = AuditRow.objects.exclude(event="").filter(reaction=None, id__gt=after).order_by("id")
    if subject is not None:
        rows = rows.filter(subject_kind=subject[0], subject_id=subject[1])
    if up_to is not None:
        rows = rows.filter(id__lte=up_to)
    return [_view(row) for row in rows[:limit]]


def last_event() -> int:
    """Return the number of the newest event; 0 where there is none."""
    newest = AuditRow.objects.exclude(event="").order_by("-id").first()
    return newest.pk if newest else 0


def _view(row: AuditRow) -> TrailRow:
    return TrailRow(
        id=row.pk,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_person=row.actor_person,
        actor_role=row.actor_role,
        actor_organisation=row.actor_organisation,
        actor_name=row.actor_name,
        action=row.action,
        subject=(row.subject_kind, row.subject_id),
        field_names=tuple(row.field_names),
        ids=row.ids,
        from_state=row.from_state,
        to_state=row.to_state,
        event=row.event,
    )
