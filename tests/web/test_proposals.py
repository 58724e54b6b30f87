"""Another start that a provider proposes, on the pages of provider and worker."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.rules import withdrawal_until
from eigenwijs.bookings.terms import terms_in_force
from eigenwijs.bookings.types import BookingState, BookingView
from eigenwijs.catalogue.types import RunView
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.wording import day
from tests.factories.bookings import make_booking, make_worker, provider_for
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import SYSTEM
from tests.factories.web import client_of
from tests.web.test_completion import provider_of, read, state_of

NBSP = "\N{NO-BREAK SPACE}"

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs() -> tuple[RunView, RunView]:
    """A run of € 350.00 in 90 days, and one a week later of € 300.00."""
    course, first = make_course("Lassen"), local_date(timezone.now()) + timedelta(days=90)
    return (
        make_run(course, starts_on=first),
        make_run(course, starts_on=first + timedelta(days=7), price_cents=300_00),
    )


@pytest.fixture
def booking(runs: tuple[RunView, RunView]) -> BookingView:
    now = timezone.now()
    return make_booking(make_worker(200_00, 300_00), runs[0], at=now - timedelta(hours=1))


def propose(booking: BookingView, run: RunView) -> None:
    operations.propose(
        booking_id=booking.id, run_id=run.id, by=provider_for(booking), at=timezone.now()
    )


def signed_quote(page: str) -> str:
    found = re.search(r'name="quote" value="([^"]+)"', page)
    assert found
    return found[1]


def start_of(run: RunView) -> str:
    return day(run.record.starts_on).replace(NBSP, " ")


def path_of(booking: BookingView) -> str:
    return f"/mijn/boekingen/{booking.id}/"


def test_the_provider_chooses_out_of_the_starts_that_can_be_proposed(
    booking: BookingView, runs: tuple[RunView, RunView]
) -> None:
    provider = provider_of(booking)
    path = f"/opleider/boekingen/{booking.id}/"
    page = read(provider, path)
    assert "Wel plaats op een andere start?" in page
    offered = re.findall(r'<option value="([^"]+)"', page)
    assert str(runs[1].id) in offered
    assert str(runs[0].id) not in offered
    answer = provider.post(
        path + "voorstellen/",
        {"run": str(runs[0].id)},
        follow=True,
        headers={"accept-language": "nl"},
    )
    assert "Kies een andere start uit de lijst." in answer.content.decode()
    provider.post(path + "voorstellen/", {"run": str(runs[1].id)})
    assert state_of(booking) is BookingState.PROPOSED
    page = read(provider, path)
    assert f"Je stelde de start op {start_of(runs[1])} voor." in page
    assert "Heb je plaats?" not in page
    assert "Deze start voorstellen" not in page


def test_the_worker_sees_what_it_means_and_takes_it(
    booking: BookingView, runs: tuple[RunView, RunView]
) -> None:
    propose(booking, runs[1])
    worker = client_of(booking.person_id)
    for path in ("/mijn/", path_of(booking)):
        assert "Wil je een andere start?" in read(worker, path)
    page = read(worker, path_of(booking) + "voorstel/")
    assert "€ 300,00" in page
    assert "Zeg je ja, dan heb je meteen een plaats." in page
    until = withdrawal_until(terms_in_force(local_date(timezone.now())), local_date(timezone.now()))
    assert f"Je hebt dan nog bedenktijd tot en met {day(until)}.".replace(NBSP, " ") in page
    assert "Zegt de opleider ja" not in page
    values = {"quote": signed_quote(page)}
    for _ in range(2):
        answer = worker.post(path_of(booking) + "voorstel/", values)
        assert answer.status_code == 302
    taken = next(
        one for one in queries.bookings_of(booking.person_id) if one.offer.run_id == runs[1].id
    )
    assert answer.headers["location"] == path_of(taken)
    assert taken.state is BookingState.CONFIRMED
    page = read(worker, path_of(booking))
    assert "Verzet naar een andere start" in page
    assert f"Je koos de start op {start_of(runs[1])}." in page


def test_a_yes_to_anything_else_than_was_shown_is_shown_again(
    booking: BookingView, runs: tuple[RunView, RunView]
) -> None:
    propose(booking, runs[1])
    worker = client_of(booking.person_id)
    answer = worker.post(
        path_of(booking) + "voorstel/", {"quote": "x"}, headers={"accept-language": "nl"}
    )
    assert "Deze pagina was te oud." in answer.content.decode()
    assert state_of(booking) is BookingState.PROPOSED


def test_a_yes_that_comes_too_late_says_so(
    booking: BookingView, runs: tuple[RunView, RunView]
) -> None:
    propose(booking, runs[1])
    worker = client_of(booking.person_id)
    values = {"quote": signed_quote(read(worker, path_of(booking) + "voorstel/"))}
    operations.lapse_due(by=SYSTEM, at=timezone.now() + timedelta(days=30))
    answer = worker.post(
        path_of(booking) + "voorstel/", values, follow=True, headers={"accept-language": "nl"}
    )
    assert answer.redirect_chain[-1][0] == path_of(booking)
    assert "Dit kan niet meer met deze boeking." in answer.content.decode()
    assert state_of(booking) is BookingState.LAPSED
    assert "Wil je een andere start?" not in read(worker, path_of(booking))


def test_a_booking_without_a_proposal_has_no_such_page(booking: BookingView) -> None:
    worker = client_of(booking.person_id)
    assert worker.get(path_of(booking) + "voorstel/").status_code == 302
