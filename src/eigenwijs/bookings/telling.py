"""Notices about a booking, to its worker and to the people of its provider."""

from __future__ import annotations

from datetime import date, datetime

from eigenwijs.bookings.models import Booking
from eigenwijs.bookings.reading import booking_number, offer_of
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people
from eigenwijs.people.types import Role


def tell_worker(
    booking: Booking,
    kind: str,
    *,
    part: str = "",
    by: Actor,
    at: datetime,
    **params: str | int | date,
) -> None:
    """Tell the worker; a kind of notice is told once about a booking, or about each part of it."""
    notices.tell(
        person_id=booking.person_id,
        kind=kind,
        params={**_about(booking), **_plain(params)},
        by=by,
        at=at,
        key=derived_id(booking.pk, f"notice.{kind}{part}"),
    )


def tell_provider(
    booking: Booking,
    kind: str,
    *,
    attempt: int = 1,
    part: str = "",
    by: Actor,
    at: datetime,
    **params: str | int | date,
) -> None:
    """Tell everyone who works for the provider; no name of the worker is in the notice.

    A kind of notice is told once about a booking, or about each attempt to pay a part of it.
    """
    again = (f".{attempt}" if attempt > 1 else "") + part
    for holder in people.role_holders(Role.PROVIDER):
        if holder.organisation_id == booking.provider_id:
            notices.tell(
                person_id=holder.person_id,
                kind=kind,
                params={**_about(booking), **_plain(params)},
                by=by,
                at=at,
                key=derived_id(booking.pk, f"notice.{kind}.{holder.person_id}{again}"),
            )


def _about(booking: Booking) -> dict[str, str | int]:
    offer = offer_of(booking)
    return {
        "booking": str(booking.pk),
        "number": booking_number(booking.pk),
        "title": offer.title,
        "provider": offer.provider_name,
        "starts_on": booking.starts_on.isoformat(),
    }


def _plain(params: dict[str, str | int | date]) -> dict[str, str | int]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in params.items()
    }
