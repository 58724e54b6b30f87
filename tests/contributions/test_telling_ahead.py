"""People are told what the next version of a scheme changes for them, before it is the law."""

from __future__ import annotations

import contextlib
from datetime import date, datetime
from uuid import UUID

import pytest
from django.db import transaction

from eigenwijs.audit.queries import events_without_reaction
from eigenwijs.contributions import ahead, operations
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


def test_a_change_by_versions_between_two_days_that_count_is_told(now: datetime) -> None:
    """December has € 10.00 and January € 12.50. The version of 5 December counts for neither."""
    shop = booked([worker(1)], now)
    activate(MONTHLY_NEXT, now, valid_from=date(2026, 12, 5))
    again = MONTHLY_NEXT.replace("source: an invented", "source: another invented")
    activate(again, now, valid_from=date(2026, 12, 20))
    jobs.drain(at=later(now))
    assert told() == [employment(shop, 1).person_id]
    starts = Notice.objects.filter(kind=KIND).values_list("params__starts_on", flat=True)
    assert list(starts) == ["2026-12-20"]


def test_what_starts_too_far_away_is_told_once_when_it_comes_within_reach(now: datetime) -> None:
    """From December 2027: more than a year after October 2026, and a year after November."""
    shop = booked([worker(1)], now)
    far = date(2027, 12, 1)
    activate(MONTHLY_NEXT, now, valid_from=far)
    jobs.drain(at=later(now))
    assert operations.announce_changes_ahead(by=SYSTEM, at=later(now)) == 0
    assert told() == []
    deliver(shop, "2026-11", [worker(1)], later(now, 10))
    react(later(now, 10))
    assert operations.announce_changes_ahead(by=SYSTEM, at=later(now, 10)) == 1
    jobs.drain(at=later(now, 10))
    assert told() == [employment(shop, 1).person_id]
    assert operations.announce_changes_ahead(by=SYSTEM, at=later(now, 11)) == 0


def test_who_changed_their_language_meanwhile_is_told_once_all_the_same(now: datetime) -> None:
    """The second employer's delivery comes within reach later."""
    shops = [booked([worker(1)], now), make_participant(MONTHLY_SCHEME)]
    deliver(shops[1], "2026-10", [worker(1)], now)
    react(now)
    first, second = (employment(one, 1).person_id for one in shops)
    Person.objects.filter(pk=second).update(merged_into=first)
    activate(MONTHLY_NEXT, now, valid_from=date(2027, 12, 1))
    jobs.drain(at=later(now))
    for days, (shop, language) in enumerate(zip(shops, ("nl", "en"), strict=True), start=10):
        Person.objects.update(language=language)
        deliver(shop, "2026-11", [worker(1)], later(now, days))
        react(later(now, days))
        operations.announce_changes_ahead(by=SYSTEM, at=later(now, days))
        jobs.drain(at=later(now, days))
    assert told() == [first]
