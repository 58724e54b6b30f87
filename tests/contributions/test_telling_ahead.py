"""People are told what the next version of a scheme changes for them, before it is the law."""

from __future__ import annotations

import contextlib
from datetime import date, datetime
from uuid import UUID

import pytest
from django.db import transaction

from eigenwijs.audit.queries import events_without_reaction
from eigenwijs.contributions import ahead
from eigenwijs.jobs import operations as jobs
from eigenwijs.jobs.operations import react as react_to
from eigenwijs.kernel.clock import local_date
from eigenwijs.notices.models import Notice
from eigenwijs.people.models import Person
from eigenwijs.schemes import operations as schemes
from eigenwijs.schemes.types import SchemeVersionView
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
    worker,
)
from tests.factories.people import make_organisation

pytestmark = pytest.mark.django_db

KIND = "scheme_changes"


def activate(text: str, at: datetime, valid_from: date = FROM) -> None:
    version = load(text)
    signer = make_organisation()
    schemes.sign(
        version_hash=version, side="employer", organisation_id=signer.id, document="akte",
        by=SYSTEM, at=LONG_AGO,
    )  # fmt: skip
    schemes.activate(version_hash=version, valid_from=valid_from, by=SYSTEM, at=at)


def told() -> list[object]:
    return sorted(Notice.objects.filter(kind=KIND).values_list("person", flat=True))


def test_each_is_told_once_what_changes_for_them_at_every_employer(now: datetime) -> None:
    """32 hours: from € 10.00 to € 12.50; 12 hours: from € 10.00 to nothing; 4 hours: never anything."""
    shop = booked([worker(n, hours=hours) for n, hours in enumerate((3200, 1200, 400), 1)], now)
    other = make_participant(MONTHLY_SCHEME)
    deliver(other, "2026-10", [worker(9, hours=3200)], now)
    react(now)
    activate(MONTHLY_NEXT, now)
    jobs.drain(at=later(now))
    mine = [employment(shop, 1).person_id, employment(shop, 2).person_id]
    assert told() == sorted([*mine, employment(other, 9).person_id])
    assert events_without_reaction() == []
    again = schemes.activate(
        version_hash=load(MONTHLY_NEXT), valid_from=FROM, by=SYSTEM, at=later(now, 2)
    )
    assert again.valid_from == FROM
    jobs.drain(at=later(now, 2))
    assert len(told()) == 3


def test_who_has_two_jobs_is_told_once(now: datetime) -> None:
    """In one file, and in two that joined."""
    shop = booked([worker(1)], now)
    other = make_participant(MONTHLY_SCHEME)
    deliver(other, "2026-10", [worker(1)], now)
    react(now)
    first, second = (employment(one, 1).person_id for one in (shop, other))
    Person.objects.filter(pk=second).update(merged_into=first)
    activate(MONTHLY_NEXT, now)
    jobs.drain(at=later(now))
    assert told() == [first]


def test_an_employer_that_goes_wrong_keeps_nobody_else_from_hearing(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops = [booked([worker(1)], now), make_participant(MONTHLY_SCHEME)]
    deliver(shops[1], "2026-10", [worker(2)], now)
    react(now)
    broken, good = sorted(shops, key=lambda one: one.id)
    of_employer = ahead.files_that_change

    def files(employer_id: UUID, after: SchemeVersionView) -> set[UUID]:
        if employer_id == broken.id:
            raise ArithmeticError
        return of_employer(employer_id, after)

    monkeypatch.setattr(ahead, "files_that_change", files)
    activate(MONTHLY_NEXT, now)
    for event in events_without_reaction():
        react_to(event_id=event.id, at=now)
    for event in events_without_reaction():
        with contextlib.suppress(ArithmeticError), transaction.atomic():
            react_to(event_id=event.id, at=now)
    assert told() == [employment(good, 2 if good is shops[1] else 1).person_id]


def test_nobody_is_told_of_what_counts_already(now: datetime) -> None:
    booked([worker(1)], now)
    activate(MONTHLY_NEXT, now, valid_from=local_date(now))
    jobs.drain(at=now)
    assert told() == []


def test_nobody_is_told_when_the_telling_comes_after_the_day(now: datetime) -> None:
    booked([worker(1)], now)
    activate(MONTHLY_NEXT, now)
    jobs.drain(at=later(now, 30))
    assert told() == []


def test_who_gets_the_same_is_told_nothing(now: datetime) -> None:
    booked([worker(1)], now)
    activate(MONTHLY.replace("source: an invented", "source: another invented"), now)
    jobs.drain(at=later(now))
    assert told() == []
