"""My bookings: how they stand, the start, leaving at the cost that was shown, objecting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.types import BookingState, BookingView, StartOutcome
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import PersonView
from eigenwijs.web.worker.bookings import moments_of
from tests.factories.bookings import make_booking, make_desk, make_worker
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import make_person
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> date:
    return local_date(timezone.now())


@pytest.fixture
def worker() -> PersonView:
    return make_worker(20_000, 30_000)


@pytest.fixture
def browser(worker: PersonView) -> Client:
    client = client_of(worker)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    return client


def booked(
    worker: PersonView, starts_in: int, *, days_ago: int = 1, confirmed: bool = True
) -> BookingView:
    """A booking made some days ago of a run that starts in some days from now."""
    now = timezone.now()
    then: datetime = now - timedelta(days=days_ago)
    starts_on = local_date(now) + timedelta(days=starts_in)
    run = make_run(starts_on=starts_on, ends_on=starts_on + timedelta(days=9))
    return make_booking(worker, run, confirmed_at=then if confirmed else None, at=then)


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def state_of(booking: BookingView) -> BookingState:
    found = queries.booking(booking.id)
    assert found
    return found.state


def test_the_list_parts_what_goes_on_from_what_is_over(browser: Client, worker: PersonView) -> None:
    booking = booked(worker, 90)
    assert "Voorbij" not in text_of(browser, "/mijn/boekingen/")
    browser.post(f"/mijn/boekingen/{booking.id}/stoppen/", {"cost": "0", "ending": "0"})
    assert "Voorbij" in text_of(browser, "/mijn/boekingen/")


def test_leaving_costs_what_the_page_showed(browser: Client, worker: PersonView) -> None:
    booking = booked(worker, 20, days_ago=40)
    page = text_of(browser, f"/mijn/boekingen/{booking.id}/stoppen/")
    assert "€ 35,00" in page
    refused = browser.post(f"/mijn/boekingen/{booking.id}/stoppen/", {"cost": "0", "ending": "0"})
    assert "De kosten zijn veranderd sinds je keek." in refused.content.decode()
    assert state_of(booking) is BookingState.CONFIRMED
    browser.post(f"/mijn/boekingen/{booking.id}/stoppen/", {"cost": "3500", "ending": "0"})
    assert state_of(booking) is BookingState.CANCELLED
    # The course was 350.00 from the account; of that 35.00 is cost and 315.00 comes back.
    page = text_of(browser, f"/mijn/boekingen/{booking.id}/")
    assert "Je bent gestopt. Dat kost € 35,00. € 315,00 staat weer vrij op je leerrekening." in page
    assert "Van je leerrekening" not in page


def test_who_stops_before_the_answer_reads_what_is_free_again_and_what_is_true(
    browser: Client, worker: PersonView
) -> None:
    booking = booked(worker, 90, confirmed=False)
    browser.post(f"/mijn/boekingen/{booking.id}/stoppen/", {"cost": "0", "ending": "0"})
    page = text_of(browser, f"/mijn/boekingen/{booking.id}/")
    assert "Je bent gestopt. € 350,00 staat weer vrij op je leerrekening." in page
    assert "Gestopt voordat de opleider antwoordde" in page
    assert "in de bedenktijd" not in page
    assert "Terug naar je leerrekening" in page
    assert "Van je leerrekening" not in page


def test_leaving_late_shows_what_ends_at_once_before_the_yes() -> None:
    # 350.00 that ended a month ago. Twenty days before: 35.00 is cost, 315.00 comes back and ends.
    worker = make_person()
    ends_on = local_date(timezone.now()) - timedelta(days=30)
    at = timezone.now() - timedelta(days=40)
    make_credit(worker.id, 35_000, conditions=make_conditions(ends_on=ends_on), at=at)
    booking = booked(worker, 20, days_ago=40)
    browser = client_of(worker)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    path = f"/mijn/boekingen/{booking.id}/stoppen/"
    page = text_of(browser, path)
    assert "Let op: € 315,00 van je geld is over de datum." in page
    assert "€ 0,00" in page
    refused = browser.post(path, {"cost": "3500", "ending": "0"})
    assert "ander geld over de datum dan toen je keek" in refused.content.decode()
    assert browser.post(path, {"cost": "3500"}).status_code == 404
    browser.post(path, {"cost": "3500", "ending": "31500"})
    assert state_of(booking) is BookingState.CANCELLED


def test_home_asks_whether_the_course_started_and_takes_the_yes(
    browser: Client, worker: PersonView
) -> None:
    booking = booked(worker, -2, days_ago=40)
    assert f"/mijn/boekingen/{booking.id}/begonnen/" in text_of(browser, "/mijn/")
    page = browser.post(
        f"/mijn/boekingen/{booking.id}/begonnen/", {"answer": "yes"}, follow=True
    ).content.decode()
    assert "Dank je. We schreven op dat je cursus begonnen is." in page
    assert state_of(booking) in (BookingState.STARTED, BookingState.COMPLETED)
    assert "Is je cursus begonnen?" not in text_of(browser, "/mijn/")


def test_a_no_is_a_fine_answer_and_somebody_calls(browser: Client, worker: PersonView) -> None:
    booking = booked(worker, -2, days_ago=40)
    browser.post(f"/mijn/boekingen/{booking.id}/begonnen/", {"answer": "no"})
    assert "Iemand van ons belt je." in text_of(browser, f"/mijn/boekingen/{booking.id}/")
    assert state_of(booking) is BookingState.CONFIRMED


def test_nothing_is_answered_for_the_worker(browser: Client, worker: PersonView) -> None:
    booking = booked(worker, -2, days_ago=40)
    assert browser.post(f"/mijn/boekingen/{booking.id}/begonnen/").status_code == 404
    early = booked(worker, 90)
    page = browser.post(f"/mijn/boekingen/{early.id}/begonnen/", {"answer": "yes"})
    assert "De cursus is nog niet begonnen." in page.content.decode()


def test_a_decision_is_shown_with_its_reason_and_can_be_objected_to(
    browser: Client, worker: PersonView
) -> None:
    booking = booked(worker, -5, days_ago=40)
    browser.post(f"/mijn/boekingen/{booking.id}/begonnen/", {"answer": "no"})
    item = queries.work_items()[0]
    operations.decide_start(
        work_item_id=item.id,
        outcome=StartOutcome.STAYED_AWAY,
        reason="De docent noteerde wie er was.",
        evidence="Presentielijst van de eerste les.",
        by=make_desk(),
        at=timezone.now(),
    )
    page = text_of(browser, f"/mijn/boekingen/{booking.id}/")
    assert "De docent noteerde wie er was." in page
    assert "Presentielijst van de eerste les." in page
    objection = f"/mijn/boekingen/{booking.id}/bezwaar/"
    assert "Er klopt nog iets niet" in browser.post(objection, {"text": " "}).content.decode()
    browser.post(objection, {"text": "Ik was er wel, maar achterin."})
    assert state_of(booking) is BookingState.OBJECTED
    assert "Ik was er wel, maar achterin." in text_of(browser, f"/mijn/boekingen/{booking.id}/")


def test_there_is_nothing_to_object_to_without_a_decision(
    browser: Client, worker: PersonView
) -> None:
    booking = booked(worker, 90)
    assert browser.get(f"/mijn/boekingen/{booking.id}/bezwaar/").status_code == 404


@pytest.mark.parametrize("page", ["", "gelukt/", "begonnen/", "stoppen/", "bezwaar/"])
def test_somebody_elses_booking_is_like_absent(worker: PersonView, page: str) -> None:
    booking = booked(worker, 90)
    stranger = client_of(make_worker(10_000))
    assert stranger.get(f"/mijn/boekingen/{booking.id}/{page}").status_code == 404


def test_what_was_done_stands_before_what_is_to_come(worker: PersonView, today: date) -> None:
    found = replace(booked(worker, -20, days_ago=60), started_at=timezone.now())
    found = replace(found, completed_at=timezone.now(), state=BookingState.COMPLETED)
    moments = [(str(moment.label), moment.state) for moment in moments_of(found, today)]
    assert moments[-2:] == [
        ("Je rondde de cursus af", "done"),
        ("Wij betalen de opleider", "later"),
    ]


def test_the_moments_of_a_booking_are_told_in_their_order(worker: PersonView, today: date) -> None:
    booking = booked(worker, 90)
    found = queries.booking(booking.id)
    assert found
    moments = [(str(moment.label), moment.state) for moment in moments_of(found, today)]
    assert moments == [
        ("Jij boekte deze cursus", "done"),
        ("De opleider zei ja", "done"),
        ("Tot en met deze dag kun je stoppen", "later"),
        ("De cursus begint", "later"),
        ("Wij betalen de opleider", "later"),
    ]
