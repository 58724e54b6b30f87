"""The desk's pages: the work list and the decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.types import BookingView
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Role
from tests.factories.bookings import make_booking, worker_at
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DECISION = {
    "outcome": "started",
    "reason": "De opleider stuurde de lijst.",
    "evidence": "Presentielijst van 1 maart.",
}


@pytest.fixture
def client() -> Client:
    return client_as(Role.DESK)


@pytest.fixture
def silent() -> BookingView:
    """A booking whose worker said nothing for three weeks."""
    run = make_run(starts_on=local_date(NOW) - timedelta(days=21))
    asked = NOW - timedelta(days=100)
    booking = make_booking(run=run, at=asked, confirmed_at=asked + timedelta(hours=1))
    operations.remind_silent(by=SYSTEM, at=NOW)
    return booking


def test_work_list_is_empty_and_says_so(client: Client) -> None:
    assert "Niemand om te bellen" in client.get("/hulp/").content.decode()


def test_work_list_names_the_booking_and_not_the_worker(
    client: Client, silent: BookingView
) -> None:
    text = client.get("/hulp/").content.decode()
    assert silent.number in text
    assert "Persoon" not in text.partition("<main")[2]


def test_work_list_comes_along_as_a_file_without_the_worker(
    client: Client, silent: BookingView
) -> None:
    answer = client.get("/hulp/?csv=1")
    head, row = answer.content.decode("utf-8-sig").splitlines()
    assert head == "Nummer;Waarom;Cursus;Opleider;Start;Wacht sinds;Klaar"
    cells = row.split(";")
    assert cells[0] == silent.number
    assert cells[4:] == [silent.offer.starts_on.isoformat(), local_date(NOW).isoformat(), ""]
    assert "Persoon" not in row
    assert client_as(Role.FINANCE).get("/hulp/?csv=1").status_code == 404


def test_decision_is_taken_with_reason_and_evidence(client: Client, silent: BookingView) -> None:
    (item,) = queries.work_items()
    where = f"/hulp/start/{item.id}/"
    assert "Persoon" in client.get(where).content.decode()
    missing = client.post(where, {**DECISION, "evidence": ""})
    assert DECISION["reason"] in missing.content.decode()
    assert client.post(where, DECISION)["Location"] == "/hulp/"
    assert "Niemand om te bellen" in client.get("/hulp/").content.decode()
    assert silent.number in client.get("/hulp/?closed=on").content.decode()
    assert "Eerder besloten" in client.get(where).content.decode()
    after = queries.booking(silent.id)
    assert after
    assert after.state == "decided"


def test_same_person_does_not_decide_on_the_objection(client: Client, silent: BookingView) -> None:
    (item,) = queries.work_items()
    client.post(f"/hulp/start/{item.id}/", DECISION)
    operations.object_to_decision(
        booking_id=silent.id,
        text="Ik was er niet.",
        by=worker_at(silent.person_id, NOW),
        at=timezone.now(),
    )
    (again,) = queries.work_items()
    where = f"/hulp/start/{again.id}/"
    assert "Ik was er niet." in client.get(where).content.decode()
    refused = client.post(where, DECISION)
    assert "Laat een collega kijken" in refused.content.decode()
    assert client_as(Role.DESK).post(where, DECISION).status_code == 302


def test_nobody_else_sees_a_work_item(silent: BookingView) -> None:
    (item,) = queries.work_items()
    for role in (Role.WORKER, Role.PROVIDER, Role.FINANCE, Role.EMPLOYER):
        assert client_as(role).get(f"/hulp/start/{item.id}/").status_code == 404
