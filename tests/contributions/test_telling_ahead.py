"""People are told what the next version of a scheme changes for them, before it is the law."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.clock import local_date
from eigenwijs.notices.models import Notice
from eigenwijs.schemes import operations as schemes
from tests.contributions.test_ahead import FROM, booked, load
from tests.factories.contributions import (
    LONG_AGO,
    MONTHLY,
    MONTHLY_NEXT,
    MONTHLY_SCHEME,
    SYSTEM,
    deliver,
    employment,
    later,
    make_participant,
    react,
    waiting,
    worker,
)
from tests.factories.people import make_organisation

pytestmark = pytest.mark.django_db

KINDS = ("scheme_gives_other_amount", "scheme_gives_no_more")


def activate(text: str, at: datetime, valid_from: date = FROM) -> None:
    version = load(text)
    signer = make_organisation()
    schemes.sign(
        version_hash=version, side="employer", organisation_id=signer.id, document="akte",
        by=SYSTEM, at=LONG_AGO,
    )  # fmt: skip
    schemes.activate(version_hash=version, valid_from=valid_from, by=SYSTEM, at=at)


def told() -> set[tuple[object, str, int, int]]:
    rows = Notice.objects.filter(kind__in=KINDS)
    return {
        (one.person_id, one.kind, one.params["before_cents"], one.params["after_cents"])
        for one in rows
    }


def test_each_is_told_once_what_changes_for_them_at_every_employer(now: datetime) -> None:
    """32 hours: from € 10.00 to € 12.50; 12 hours: from € 10.00 to nothing; 4 hours: never anything."""
    shop = booked([worker(n, hours=hours) for n, hours in enumerate((3200, 1200, 400), 1)], now)
    other = make_participant(MONTHLY_SCHEME)
    deliver(other, "2026-10", [worker(9, hours=3200)], now)
    react(now)
    activate(MONTHLY_NEXT, now)
    jobs.drain(at=later(now))
    assert told() == {
        (employment(shop, 1).person_id, KINDS[0], 10_00, 12_50),
        (employment(shop, 2).person_id, KINDS[1], 10_00, 0),
        (employment(other, 9).person_id, KINDS[0], 10_00, 12_50),
    }
    assert waiting() == []
    again = schemes.activate(
        version_hash=load(MONTHLY_NEXT), valid_from=FROM, by=SYSTEM, at=later(now, 2)
    )
    assert again.valid_from == FROM
    jobs.drain(at=later(now, 2))
    assert Notice.objects.filter(kind__in=KINDS).count() == 3


def test_nobody_is_told_of_what_counts_already(now: datetime) -> None:
    booked([worker(1)], now)
    activate(MONTHLY_NEXT, now, valid_from=local_date(now))
    assert waiting() == []
    assert told() == set()


def test_nobody_is_told_when_the_telling_comes_after_the_day(now: datetime) -> None:
    booked([worker(1)], now)
    activate(MONTHLY_NEXT, now)
    jobs.drain(at=later(now, 30))
    assert told() == set()


def test_who_gets_the_same_is_told_nothing(now: datetime) -> None:
    booked([worker(1)], now)
    activate(MONTHLY.replace("source: an invented", "source: another invented"), now)
    jobs.drain(at=later(now))
    assert told() == set()
