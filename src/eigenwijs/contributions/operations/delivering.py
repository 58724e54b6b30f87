"""An employer delivers a payroll file: look first, then confirm."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.contributions.access import require_employer
from eigenwijs.contributions.lifecycle import DELIVERY
from eigenwijs.contributions.models import Delivery
from eigenwijs.contributions.operations.booking import (
    CHANGED_MEANWHILE,
    book,
    is_being_credited,
    refuse,
)
from eigenwijs.contributions.operations.reading import (
    is_as_shown,
    last_confirmed,
    lock_employer,
    read,
)
from eigenwijs.contributions.payroll_file import column_faults
from eigenwijs.contributions.queries import delivery_view
from eigenwijs.contributions.types import DeliveryView
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.patience import BEING_READ, in_time, lock_at_once
from eigenwijs.kernel.period import Period

READ_AT_ONCE = 2_000
"""A file of more lines is read by the job worker."""

BOOKED_AT_ONCE = 2_000
"""A delivery of more lines is booked by the job worker after it was confirmed."""

_UNCONFIRMED = ("received", "previewed", "refused")

UNCONFIRMED_LIFE = timedelta(days=7)
"""How long what was delivered and never confirmed is kept: names, birth dates and addresses stand in it."""

_BEING_BOOKED = _(
    "Je vorige aanlevering wordt nog verwerkt. Probeer het over een paar minuten weer."
)


class UnableToDeliver(FaultyImport):
    """The file is refused as a whole and nothing of it was kept; `faults` says all that is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        message = _("We konden dit bestand niet verwerken.")
        super().__init__("faulty_delivery", faults, message)


class UnableToDiscard(DomainError):
    """Codes: being_read, already_confirmed."""


class UnableToConfirm(DomainError):
    """Codes: unknown_delivery, already_discarded, changed_meanwhile, being_booked."""


@transaction.atomic
def preview_delivery(
    *,
    employer_id: UUID,
    period: Period,
    file_name: str,
    content: bytes,
    by: Actor,
    at: datetime,
) -> DeliveryView:
    """Read a payroll file and show what it comes to; nothing counts until it is confirmed.

    A file that was confirmed for this period before, or that still waits to be read, is recognised
    by its content: that delivery is returned, with `is_new` false. Another file for a confirmed
    period is a correction of it. An earlier preview that was not confirmed is discarded. A file of
    more than 2,000 lines is read by the job worker (`delivery_received`): its state is `received`
    until then, and `refused`, with all its faults, where it is wrong. Raises UnableToDeliver with
    every fault of a smaller one (being_read: the job worker is at an earlier file; being_booked), and
    access.NotPermitted.
    """
    require_employer(by, employer_id)
    content_hash = hashlib.sha256(content).hexdigest()
    known = _known(employer_id, str(period), content_hash)
    if known is None:
        # Before the lock too: booking a large file has it for minutes.
        _refuse_while_booking(employer_id)
        lock_employer(employer_id)
        known = _known(employer_id, str(period), content_hash)
    if known is not None:
        return delivery_view(known)
    _refuse_while_booking(employer_id)
    lines = content.count(b"\n")
    is_large = lines > READ_AT_ONCE
    if is_large and (faults := column_faults(content)):
        raise UnableToDeliver(faults)
    if not _discard_previews(employer_id, by=by, at=at):
        raise UnableToDeliver([BEING_READ])
    delivery = Delivery.objects.create(
        id=new_id(at),
        employer_id=employer_id,
        period=str(period),
        period_start=period.start,
        file_name=file_name[:255],
        content_hash=content_hash,
        line_count=lines,
        delivered_at=at,
        content=content if is_large else None,
    )
    if is_large:
        audit.announce(
            by=by,
            at=at,
            event="delivery_received",
            subject=_subject(delivery),
            ids={"lines": lines, "period": str(period)},
        )
    elif faults := tuple(read(delivery, content, by=by, at=at)):
        raise UnableToDeliver(faults)
    return replace(delivery_view(delivery), is_new=True)


@transaction.atomic
def read_delivery(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `delivery_received`: read a large file, or refuse it with all its faults."""
    delivery = Delivery.objects.select_for_update().get(pk=event.subject[1])
    if delivery.state != "received" or delivery.content is None:
        return
    with audit.progress(event.subject, delivery.line_count) as tell:
        faults = read(delivery, bytes(delivery.content), by=by, at=at, tell=tell)
    if faults:
        refuse(delivery, faults, by=by, at=at)


@transaction.atomic
def discard_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> None:
    """Throw away what is not confirmed, its lines included; nothing happens where there is none.

    Raises UnableToDiscard (being_read: the job worker is at it; already_confirmed), and
    access.NotPermitted.
    """
    delivery = Delivery.objects.filter(pk=delivery_id).exclude(state="discarded").first()
    if delivery is not None:
        require_employer(by, delivery.employer_id)
        lock_employer(delivery.employer_id)
        if not Delivery.objects.filter(pk=delivery_id, state__in=_UNCONFIRMED).exists():
            raise UnableToDiscard("already_confirmed", _("Je zei al ja tegen dit bestand."))
        if not _discard_previews(delivery.employer_id, by=by, at=at):
            raise UnableToDiscard(BEING_READ.code, BEING_READ.message)


def lapse_previews(*, by: Actor, at: datetime) -> int:
    """Throw away what waits for a yes for seven days, lines and faults included; return how many.

    For a daily job. Each delivery in a transaction of its own; one that is confirmed at this moment
    stays.
    """
    old = Delivery.objects.filter(
        state__in=_UNCONFIRMED, delivered_at__lte=at - UNCONFIRMED_LIFE
    ).order_by("id")
    count = 0
    for delivery_id in list(old.values_list("id", flat=True)):
        with transaction.atomic():
            delivery = old.select_for_update().filter(pk=delivery_id).first()
            if delivery is not None:
                _discard(delivery, by=by, at=at)
                count += 1
    return count


@in_time
def confirm_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> DeliveryView:
    """Say yes to what the preview showed: amounts become due and are requested from the payers.

    Up to 2,000 lines are booked at once, more by the job worker (`delivery_confirmed`), which refuses
    the delivery where it is no longer what was shown. While money of earlier payments is being
    credited a delivery of any size waits for that (`money_credited`). Confirming again changes nothing. Raises
    UnableToConfirm (changed_meanwhile: what was shown is no longer what would be due, because of
    another delivery or another version of a scheme; look again), and access.NotPermitted.
    """
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None:
        raise UnableToConfirm("unknown_delivery", _("Deze aanlevering is er niet."))
    require_employer(by, delivery.employer_id)
    if delivery.state == "previewed":
        if _is_booking(delivery.employer_id):
            raise UnableToConfirm("being_booked", _BEING_BOOKED)
        lock_employer(delivery.employer_id)
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state in ("discarded", "refused"):
        raise UnableToConfirm(
            "already_discarded", _("Deze aanlevering is vervangen door een ander bestand.")
        )
    if delivery.state != "previewed":  # confirmed before, or still to be read and shown
        return delivery_view(delivery)
    at_once = delivery.line_count <= BOOKED_AT_ONCE and not is_being_credited(delivery.employer_id)
    if at_once and not is_as_shown(delivery):
        raise UnableToConfirm(CHANGED_MEANWHILE.code, CHANGED_MEANWHILE.message)
    audit.move(
        delivery,
        "confirm",
        by=by,
        at=at,
        lifecycle=DELIVERY,
        values={"confirmed_at": at},
        announce_as="delivery_confirmed",
        ids={"lines": delivery.line_count},
    )
    if at_once:
        book(delivery, by=by, at=at)
    return delivery_view(delivery)


def _known(employer_id: UUID, period: str, content_hash: str) -> Delivery | None:
    """Return the delivery that a file was before: still to be read, or the last one confirmed."""
    waiting = Delivery.objects.filter(
        employer_id=employer_id, period=period, content_hash=content_hash, state="received"
    ).first()
    last = last_confirmed(employer_id, period)
    same = last if last is not None and last.content_hash == content_hash else None
    return waiting or same


def _refuse_while_booking(employer_id: UUID) -> None:
    if _is_booking(employer_id):
        raise UnableToDeliver([Fault("being_booked", _BEING_BOOKED)])


def _is_booking(employer_id: UUID) -> bool:
    return Delivery.objects.filter(employer_id=employer_id, state="confirmed").exists()


def _discard_previews(employer_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Throw away what an employer did not confirm; False where the job worker is reading it."""
    own = Delivery.objects.filter(employer_id=employer_id, state__in=_UNCONFIRMED)
    unconfirmed = lock_at_once(own)
    for old in unconfirmed or ():
        _discard(old, by=by, at=at)
    return unconfirmed is not None


def _discard(old: Delivery, *, by: Actor, at: datetime) -> None:
    gone: dict[str, object] = {"content": None, "faults": [], "confirmed_at": None}
    audit.move(old, "discard", by=by, at=at, lifecycle=DELIVERY, values=gone)
    old.lines.all().delete()


def _subject(delivery: Delivery) -> tuple[str, UUID]:
    return (Delivery._meta.label_lower, delivery.id)
