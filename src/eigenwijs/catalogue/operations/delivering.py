"""Course files: delivered, looked at, and taken into the catalogue after their provider's yes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.catalogue import access, delivery
from eigenwijs.catalogue.models import CourseDelivery
from eigenwijs.catalogue.types import DeliveryView, ImportSummary
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport, described
from eigenwijs.kernel.patience import BEING_READ

_DELIVERY = "catalogue.coursedelivery"

_UNREADABLE = Fault(
    "unreadable",
    _(
        "Bij het lezen ging bij ons iets mis. We kijken wat het is. Lever het bestand opnieuw aan, of "
        "verdeel het over kleinere bestanden."
    ),
)

_log = logging.getLogger(__name__)


class UnableToImportCourses(FaultyImport):
    """A course file that is refused as a whole, with all its faults. Codes: faulty, not_found."""


class UnableToDiscardCourses(DomainError):
    """Codes: not_found, being_read, already_confirmed."""


@transaction.atomic
def deliver_courses(
    *, content: bytes, file_name: str, provider_id: UUID, by: Actor, at: datetime
) -> DeliveryView:
    """Keep a course file without faults, to be confirmed; nothing changes in the catalogue yet.

    A file of more than 2,000 lines is read by the job worker (`courses_received`): its state is
    `received` until then, and `refused` where it has faults; the same file again meanwhile is the
    same delivery. Raises UnableToImportCourses (faulty, with all faults of a smaller one, or
    being_read: an earlier file was not read yet; not_found).
    """
    _require_import(by, provider_id)
    on = local_date(at)
    if content.count(b"\n") > delivery.READ_AT_ONCE:
        kept = _receive(content, file_name, provider_id, by=by, at=at)
    else:
        summary = delivery.plan(content, provider_id, on).summary
        _refuse_file(summary.faults)
        kept = delivery.keep(content, file_name, provider_id, found=summary, by=by, at=at)[0].pk
        _record(kept, "delivered", summary, by=by, at=at)
    return _view_of(kept, provider_id, on)


def _receive(content: bytes, file_name: str, provider_id: UUID, *, by: Actor, at: datetime) -> UUID:
    kept, is_new = delivery.keep(content, file_name, provider_id, found=None, by=by, at=at)
    if is_new:
        audit.announce(
            by=by,
            at=at,
            event="courses_received",
            subject=(_DELIVERY, kept.pk),
            ids={"lines": content.count(b"\n")},
        )
    elif bytes(kept.content) != content:
        _refuse_file([BEING_READ])
    return kept.pk


@transaction.atomic
def read_courses(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `courses_received`: read a large file and keep what it does, or its faults.

    A file on which reading breaks is refused (unreadable), so that it blocks no other; only what
    may pass by itself, a lost database, is raised and tried again.
    """
    kept = delivery.lock(event.subject[1])
    if kept is None or kept.found is not None:
        return
    lines = int(event.ids["lines"] or 0)
    try:
        with transaction.atomic(), audit.progress(event.subject, lines) as tell:
            content = bytes(kept.content)
            found = delivery.plan(content, kept.provider_id, local_date(at), tell=tell).summary
            delivery.mark_read(kept, found)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        _log.error("course file %s cannot be read: %s", kept.pk, described(error))
        found = ImportSummary(lines, 0, 0, 0, 0, 0, 0, faults=(_UNREADABLE,), warnings=())
        delivery.mark_read(kept, found)
    _record(kept.pk, "read", found, by=by, at=at)


@transaction.atomic
def discard_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> None:
    """Throw away a file that its provider did not say yes to, also one that waits to be read.

    Raises UnableToDiscardCourses (being_read: the job worker is at it; already_confirmed; not_found).
    """
    provider_id = delivery.provider_of(delivery_id)
    if provider_id is None or not access.may_edit(by, provider_id):
        raise UnableToDiscardCourses("not_found")
    unconfirmed = delivery.lock_to_discard(delivery_id)
    if unconfirmed is None:
        raise UnableToDiscardCourses(BEING_READ.code, BEING_READ.message)
    if not unconfirmed:
        raise UnableToDiscardCourses("already_confirmed", _("Je zei al ja tegen dit bestand."))
    for kept in unconfirmed:
        subject = (_DELIVERY, delivery_id)
        audit.record(by=by, at=at, action="catalogue.delivery.discarded", subject=subject)
        kept.delete()


@transaction.atomic
def confirm_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> DeliveryView:
    """Take a delivered file into the catalogue. A second time changes nothing and says the same.

    A large file is imported by the job worker (`courses_confirmed`), and refused where it no longer
    fits. Raises UnableToImportCourses (not_found; faulty if the catalogue changed so that a smaller
    one no longer fits).
    """
    provider_id, on = delivery.provider_of(delivery_id), local_date(at)
    if provider_id is None or not access.may_edit(by, provider_id):
        raise UnableToImportCourses("not_found", [])
    if delivery.is_with_worker(delivery_id):  # which has it locked for minutes
        return _view_of(delivery_id, provider_id, on)
    kept = delivery.lock(delivery_id)
    if kept is None:
        raise UnableToImportCourses("not_found", [])
    shown = _view_of(delivery_id, kept.provider_id, on)
    if shown.state == "refused":
        _refuse_file(shown.summary.faults)
    if shown.state != "read":
        return shown
    if shown.summary.lines > delivery.READ_AT_ONCE:
        delivery.mark_asked(kept, at)
        lines = shown.summary.lines
        subject = (_DELIVERY, kept.pk)
        audit.announce(
            by=by, at=at, event="courses_confirmed", subject=subject, ids={"lines": lines}
        )
    else:
        plan = delivery.plan(bytes(kept.content), kept.provider_id, on, to_apply=True)
        _refuse_file(plan.summary.faults)
        _import(kept, plan, by=by, at=at)
    return _view_of(delivery_id, kept.provider_id, on)


@transaction.atomic
def import_delivery(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `courses_confirmed`: import a large file as a whole, or refuse it as a whole.

    Announces `courses_refused`, for whoever said yes is not looking any more.
    The versions it makes are recorded by who said yes.
    """
    kept = delivery.lock(event.subject[1])
    if kept is None or kept.confirmed_at is not None or kept.asked_at is None:
        return
    with audit.progress(event.subject, int(event.ids["lines"] or 0)) as tell:
        plan = delivery.plan(
            bytes(kept.content), kept.provider_id, local_date(at), to_apply=True, tell=tell
        )
        if plan.summary.faults:
            delivery.mark_read(kept, plan.summary)
            audit.announce(
                by=by,
                at=at,
                event="courses_refused",
                subject=event.subject,
                ids={"provider": str(kept.provider_id), **delivery.counts(plan.summary)},
            )
        else:
            who = ActorKind(event.actor_kind)
            asked = Actor(who, event.actor_person, event.actor_role, event.actor_organisation)
            _import(kept, plan, by=asked if event.actor_person else by, at=at)


def _import(kept: CourseDelivery, plan: delivery.Plan, *, by: Actor, at: datetime) -> None:
    delivery.apply(plan, kept.provider_id, by=by, at=at)
    delivery.mark_confirmed(kept, plan.summary, at)
    _record(kept.pk, "confirmed", plan.summary, by=by, at=at)


def _record(kept: UUID, what: str, summary: ImportSummary, *, by: Actor, at: datetime) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"catalogue.delivery.{what}",
        subject=(_DELIVERY, kept),
        ids=delivery.counts(summary),
    )


def _view_of(kept: UUID, provider_id: UUID, on: date) -> DeliveryView:
    view = delivery.view(kept, provider_id, on)
    assert view is not None  # noqa: S101 — the caller has just locked or made it
    return view


def _require_import(by: Actor, provider_id: UUID) -> None:
    if not access.may_edit(by, provider_id):
        raise UnableToImportCourses("not_found", [])


def _refuse_file(faults: Sequence[Fault]) -> None:
    if faults:
        in_order = sorted(faults, key=lambda fault: fault.line or 0)
        raise UnableToImportCourses("faulty", in_order, _("Dit bestand klopt nog niet."))
