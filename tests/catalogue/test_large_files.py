"""Course files that are too large for a page to wait for: the job worker reads and imports them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from eigenwijs.audit import queries as trail
from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.models import Course, CourseDelivery, CourseVersion, RunVersion
from eigenwijs.catalogue.types import DeliveryView
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import OrganisationKind, OrganisationView, Role
from tests.factories.catalogue import import_courses
from tests.factories.people import SYSTEM, actor_for, make_organisation, make_person

pytestmark = pytest.mark.django_db

React = Callable[[datetime], int]
HEADER = "cursuscode;titel;taal;prijs;startdatum;dagdeel;plaats"


@pytest.fixture
def provider() -> OrganisationView:
    return make_organisation(OrganisationKind.PROVIDER)


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of two lines go the way of files of 100,000."""
    monkeypatch.setattr("eigenwijs.catalogue.delivery.READ_AT_ONCE", 1)


def file_of(count: int, *, price: int = 300, start: str = "01-06-2027") -> bytes:
    lines = [
        f"C{number};Cursus {number};nl;{price},00;{start};avond;Zwolle" for number in range(count)
    ]
    return "\n".join([HEADER, *lines, ""]).encode()


def deliver(provider: OrganisationView, content: bytes, now: datetime) -> DeliveryView:
    return operations.deliver_courses(
        content=content, file_name="c.csv", provider_id=provider.id, by=SYSTEM, at=now
    )


@pytest.mark.usefixtures("everything_is_large")
def test_it_is_read_looked_at_and_imported_in_turn(
    provider: OrganisationView, now: datetime, react: React
) -> None:
    kept = deliver(provider, file_of(3), now)
    assert kept.state == "received"
    react(now)
    read = queries.course_delivery(kept.id, provider.id, now.date())
    assert read is not None
    assert (read.state, read.summary.courses_new, read.summary.runs_new) == ("read", 3, 3)
    assert not Course.objects.exists()
    person = make_person(role=Role.PROVIDER, organisation_id=provider.id)
    by = actor_for(person, Role.PROVIDER, provider.id)
    asked = operations.confirm_delivery(delivery_id=kept.id, by=by, at=now)
    assert asked.state == "asked"
    assert operations.confirm_delivery(delivery_id=kept.id, by=by, at=now) == asked
    assert not Course.objects.exists()
    react(now)
    done = queries.course_delivery(kept.id, provider.id, now.date())
    assert done is not None
    assert (done.state, done.summary.courses_new) == ("imported", 3)
    assert {row.recorded_by for row in CourseVersion.objects.all()} == {person.id}
    assert RunVersion.objects.count() == 3
    assert queries.delivery_progress(kept.id) is None


@pytest.mark.usefixtures("everything_is_large")
def test_double_click_starts_one_reading_and_another_file_waits_its_turn(
    provider: OrganisationView, now: datetime
) -> None:
    first = deliver(provider, file_of(2), now)
    assert deliver(provider, file_of(2), now) == first
    with pytest.raises(operations.UnableToImportCourses) as refused:
        deliver(provider, file_of(3), now)
    assert [fault.code for fault in refused.value.faults] == ["being_read"]
    events = [row.event for row in trail.events_without_reaction()]
    assert events.count("courses_received") == 1


@pytest.mark.usefixtures("everything_is_large")
def test_faults_are_kept_and_the_file_is_not(
    provider: OrganisationView, now: datetime, react: React
) -> None:
    kept = deliver(provider, file_of(2, start="31-02-2027"), now)
    react(now)
    refused = queries.course_delivery(kept.id, provider.id, now.date())
    assert refused is not None
    assert refused.state == "refused"
    assert [(one.code, one.line) for one in refused.summary.faults] == [
        ("no_such_day", 2),
        ("no_such_day", 3),
    ]
    assert CourseDelivery.objects.get().content == b""
    with pytest.raises(operations.UnableToImportCourses):
        operations.confirm_delivery(delivery_id=kept.id, by=SYSTEM, at=now)


@pytest.mark.usefixtures("everything_is_large")
def test_a_file_on_which_reading_breaks_is_refused_and_blocks_no_other(
    provider: OrganisationView,
    now: datetime,
    react: React,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = deliver(provider, file_of(2), now)
    with monkeypatch.context() as patch:
        patch.setattr("eigenwijs.catalogue.delivery.plan", Mock(side_effect=ValueError("Jansen")))
        react(now)
    refused = queries.course_delivery(broken.id, provider.id, now.date())
    assert refused is not None
    assert (refused.state, refused.summary.faults[0].code) == ("refused", "unreadable")
    assert "ValueError" in caplog.text
    assert "Jansen" not in caplog.text
    deliver_and_import(provider, file_of(3), now, react)
    assert Course.objects.count() == 3


@pytest.mark.usefixtures("everything_is_large")
def test_a_lost_database_while_reading_is_tried_again(
    provider: OrganisationView, now: datetime, react: React, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = deliver(provider, file_of(2), now)
    with monkeypatch.context() as patch, pytest.raises(OperationalError), transaction.atomic():
        patch.setattr("eigenwijs.catalogue.delivery.plan", Mock(side_effect=OperationalError))
        react(now)
    react(now)
    read = queries.course_delivery(kept.id, provider.id, now.date())
    assert read is not None
    assert read.state == "read"


@pytest.mark.usefixtures("everything_is_large")
def test_what_was_not_confirmed_can_be_thrown_away_by_its_provider_alone(
    provider: OrganisationView, now: datetime, react: React
) -> None:
    other = make_organisation(OrganisationKind.PROVIDER)
    stranger = actor_for(
        make_person(role=Role.PROVIDER, organisation_id=other.id), Role.PROVIDER, other.id
    )
    waits = deliver(provider, file_of(2), now)
    with pytest.raises(operations.UnableToDiscardCourses):
        operations.discard_delivery(delivery_id=waits.id, by=stranger, at=now)
    operations.discard_delivery(delivery_id=waits.id, by=SYSTEM, at=now)
    refused = deliver(provider, file_of(2, start="31-02-2027"), now)
    react(now)
    operations.discard_delivery(delivery_id=refused.id, by=SYSTEM, at=now)
    assert not CourseDelivery.objects.exists()
    kept = deliver(provider, file_of(2), now)
    react(now)
    operations.confirm_delivery(delivery_id=kept.id, by=SYSTEM, at=now)
    for _ in range(2):  # asked, and imported
        with pytest.raises(operations.UnableToDiscardCourses) as too_late:
            operations.discard_delivery(delivery_id=kept.id, by=SYSTEM, at=now)
        assert too_late.value.code == "already_confirmed"
        react(now)
    assert (CourseDelivery.objects.count(), Course.objects.count()) == (1, 2)


@pytest.mark.usefixtures("everything_is_large")
def test_failing_half_way_imports_nothing_and_is_taken_up_again(
    provider: OrganisationView, now: datetime, react: React, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = deliver(provider, file_of(2), now)
    react(now)
    operations.confirm_delivery(delivery_id=kept.id, by=SYSTEM, at=now)
    with monkeypatch.context() as patch, pytest.raises(ConnectionError), transaction.atomic():
        patch.setattr("eigenwijs.catalogue.delivery.run_version", Mock(side_effect=ConnectionError))
        react(now)
    assert not Course.objects.exists()
    react(now)
    assert Course.objects.count() == 2


@pytest.mark.usefixtures("everything_is_large")
def test_what_no_longer_fits_is_refused_as_a_whole(
    provider: OrganisationView, now: datetime, react: React
) -> None:
    deliver_and_import(provider, file_of(2), now, react)
    again = deliver(provider, file_of(3, price=400), now)
    react(now)
    operations.confirm_delivery(delivery_id=again.id, by=SYSTEM, at=now)
    operations.withdraw_course(course_id=queries.courses_of(provider.id)[0].id, by=SYSTEM, at=now)
    own, stranger = (
        make_person(role=Role.PROVIDER, organisation_id=one.id)
        for one in (provider, make_organisation(OrganisationKind.PROVIDER))
    )
    react(now)
    assert [one.kind for one in notices.inbox(own.id)] == ["courses_refused"]
    assert notices.inbox(stranger.id) == []
    refused = queries.course_delivery(again.id, provider.id, now.date())
    assert refused is not None
    assert (refused.state, refused.summary.faults[0].code) == ("refused", "withdrawn")
    assert Course.objects.count() == 2


@pytest.mark.usefixtures("everything_is_large")
def test_the_same_file_twice_changes_nothing(
    provider: OrganisationView, now: datetime, react: React
) -> None:
    for _ in range(2):
        deliver_and_import(provider, file_of(2), now, react)
    assert CourseVersion.objects.count() == RunVersion.objects.count() == 2


def deliver_and_import(
    provider: OrganisationView, content: bytes, now: datetime, react: React
) -> None:
    kept = deliver(provider, content, now)
    react(now)
    operations.confirm_delivery(delivery_id=kept.id, by=SYSTEM, at=now)
    react(now)


def test_many_lines_ask_the_database_no_more_than_few(
    provider: OrganisationView, now: datetime
) -> None:
    """New, and changed: as many statements for 300 courses as for 30."""
    other = make_organisation(OrganisationKind.PROVIDER)
    asked = []
    for owner, count in ((provider, 30), (other, 300)):
        with CaptureQueriesContext(connection) as captured:
            for price in (300, 400):
                import_courses(
                    content=file_of(count, price=price),
                    file_name="c.csv",
                    provider_id=owner.id,
                    by=SYSTEM,
                    at=now,
                )
        asked.append(len(captured))
    assert asked[0] == asked[1]
