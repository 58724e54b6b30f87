"""A part that is paid only when the course was completed, on the pages of worker, provider and desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.models import Payout
from eigenwijs.bookings.types import BookingState, BookingView
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.people.types import Role
from tests.factories.bookings import make_booking, worker_at
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, actor_for, make_person
from tests.factories.web import client_as, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> BookingView:
    """Booked 60 days ago; it began 30 days ago and is over; half of € 350.00 waits for the completion."""
    return begun(completed_percent=50)


def begun(*, completed_percent: int) -> BookingView:
    now = timezone.now()
    then = now - timedelta(days=60)
    worker = make_person()
    conditions = make_conditions(completed_percent=completed_percent, attended_at_least=75)
    make_credit(worker.id, 350_00, conditions=conditions, at=then)
    starts_on = local_date(now) - timedelta(days=30)
    run = make_run(starts_on=starts_on, ends_on=starts_on + timedelta(days=9))
    made = make_booking(worker, run, confirmed_at=then + timedelta(days=1), at=then)
    operations.confirm_start(booking_id=made.id, by=worker_at(worker, now), at=now)
    return made


def provider_of(booking: BookingView) -> Client:
    return client_as(Role.PROVIDER, booking.offer.provider_id)


def read(client: Client, path: str) -> str:
    answer = client.get(path, headers={"accept-language": "nl"})
    assert answer.status_code == 200
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def said(booking: BookingView, percent: str) -> str:
    path = f"/opleider/boekingen/{booking.id}/aanwezig/"
    values = {"said": "completed", "attended_percent": percent}
    answer = provider_of(booking).post(path, values, follow=True, headers={"accept-language": "nl"})
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def state_of(booking: BookingView) -> BookingState:
    found = queries.booking(booking.id)
    assert found
    return found.state


def test_what_was_attended_is_asked_and_anything_else_is_refused(booking: BookingView) -> None:
    page = read(provider_of(booking), f"/opleider/boekingen/{booking.id}/")
    assert "Hoeveel procent volgde de deelnemer?" in page
    assert "Nodig is 75 procent." in page
    assert "Wat nog niet betaald is, gaat terug naar de deelnemer." in page
    assert "€ 175,00" in page
    for wrong in ("", "veel", "101", "-1", "9" * 5_000, "٧٥"):
        assert "een heel getal van 0 tot en met 100" in said(booking, wrong)
    page = said(booking, "80 %")
    assert "Je hebt het gezegd." in page
    assert "Gaat het niet door?" in page


def test_the_worker_is_asked_on_the_first_page_until_they_answer(booking: BookingView) -> None:
    worker = client_of(booking.person_id)
    path = f"/mijn/boekingen/{booking.id}/afgerond/"
    assert path in read(worker, "/mijn/")
    worker.post(path, {"answer": "yes"})
    assert state_of(booking) is BookingState.COMPLETED
    assert path not in read(worker, "/mijn/")


def test_the_worker_reads_what_the_provider_said_and_can_contradict_it(
    booking: BookingView,
) -> None:
    said(booking, "80")
    worker = client_of(booking.person_id)
    page = read(worker, f"/mijn/boekingen/{booking.id}/")
    assert "De opleider zegt dat je 80 procent hebt gevolgd." in page
    assert "Daarvan pas betaald als de cursus is afgerond" in page
    assert "krijgt de opleider ook de laatste € 175,00" in read(
        worker, f"/mijn/boekingen/{booking.id}/afgerond/"
    )
    worker.post(f"/mijn/boekingen/{booking.id}/afgerond/", {"answer": "no"})
    assert state_of(booking) is BookingState.STARTED
    (item,) = queries.work_items()
    assert item.booking_id == booking.id


def test_the_workers_yes_pays_and_the_page_says_when_all_is_paid(booking: BookingView) -> None:
    worker = client_of(booking.person_id)
    worker.post(f"/mijn/boekingen/{booking.id}/afgerond/", {"answer": "yes"})
    assert state_of(booking) is BookingState.COMPLETED
    assert "Wij betalen de opleider" in read(worker, f"/mijn/boekingen/{booking.id}/")
    payouts = read(provider_of(booking), "/opleider/uitbetalingen/")
    assert payouts.count("€ 175,00") == 2
    assert payouts.count("Het deel voor de afronding") == 1
    file = read(provider_of(booking), "/opleider/uitbetalingen/?csv=1").splitlines()
    assert file[0].endswith(";Sinds;Deel")
    assert sorted(line.rsplit(";", 1)[1] for line in file[1:]) == ["", "Het deel voor de afronding"]


def test_a_person_decides_where_it_is_not_enough_and_nobody_loses_money_before(
    booking: BookingView,
) -> None:
    said(booking, "60")
    desk = client_as(Role.DESK)
    (item,) = queries.work_items()
    page = read(desk, f"/hulp/start/{item.id}/")
    assert "De opleider zegt: 60 procent gevolgd." in page
    assert "Pas daarna wordt het uitgevoerd." in page
    desk.post(
        f"/hulp/start/{item.id}/",
        {"outcome": "not_completed", "reason": "Te weinig gevolgd.", "evidence": "De lijst."},
    )
    assert state_of(booking) is BookingState.STARTED
    worker = client_of(booking.person_id)
    assert "Ben je het er niet mee eens?" in read(worker, f"/mijn/boekingen/{booking.id}/")
    worker.post(f"/mijn/boekingen/{booking.id}/bezwaar/", {"text": "Ik was er wel."})
    (again,) = queries.work_items()
    last = read(client_as(Role.DESK), f"/hulp/start/{again.id}/")
    assert "Dit is het laatste besluit." in last


def test_where_the_worker_is_silent_a_person_reads_what_the_provider_said(
    booking: BookingView,
) -> None:
    ended = start_of_day(booking.offer.ends_on) + timedelta(hours=12)
    by = actor_for(make_person(), Role.PROVIDER, booking.offer.provider_id)
    operations.complete(
        booking_id=booking.id, attended_percent=80, certificate=True, by=by, at=ended
    )
    operations.remind_silent(by=SYSTEM, at=timezone.now())
    operations.settle_due(by=SYSTEM, at=timezone.now())
    assert state_of(booking) is BookingState.STARTED
    (item,) = queries.work_items()
    page = read(client_as(Role.DESK), f"/hulp/start/{item.id}/")
    for words in (
        "De opleider zegt: 80 procent gevolgd.",
        "De opleider zegt: er is een diploma of certificaat.",
        "De deelnemer zei hier nog niets over.",
    ):
        assert words in page
    worker = client_of(booking.person_id)
    path = f"/mijn/boekingen/{booking.id}/"
    assert "Klopt dat? Zeg je niets, dan bellen we je." in read(worker, path)
    worker.post(path + "afgerond/", {"answer": "no"})
    page = read(client_as(Role.DESK), f"/hulp/start/{item.id}/")
    assert "De deelnemer zegt: niet afgerond." in page


def test_a_person_reads_that_the_worker_says_yes_where_the_provider_says_too_little(
    booking: BookingView,
) -> None:
    said(booking, "60")
    worker = client_of(booking.person_id)
    worker.post(f"/mijn/boekingen/{booking.id}/afgerond/", {"answer": "yes"})
    assert state_of(booking) is BookingState.STARTED
    (item,) = queries.work_items()
    page = read(client_as(Role.DESK), f"/hulp/start/{item.id}/")
    assert "De deelnemer zegt: wel afgerond." in page


def test_who_pays_all_at_the_completion_reads_that_all_is_paid() -> None:
    """Nothing was owed for the start, so nothing of it is still to be paid."""
    booking = begun(completed_percent=100)
    worker = client_of(booking.person_id)
    path = f"/mijn/boekingen/{booking.id}/"
    worker.post(path + "afgerond/", {"answer": "yes"})
    assert "Wij betalen de opleider" in read(worker, path)
    Payout.objects.filter(booking=booking.id).update(state="paid", settled_at=timezone.now())
    page = read(worker, path)
    assert "De opleider is betaald" in page
    assert "Wij betalen de opleider" not in page


def test_a_worker_who_says_yes_against_the_provider_reads_that_a_person_decides(
    booking: BookingView,
) -> None:
    said(booking, "60")
    worker = client_of(booking.person_id)
    path = f"/mijn/boekingen/{booking.id}/afgerond/"
    page = read(worker, path)
    assert "iemand van ons belt je en besluit" in page
    assert "de laatste € 175,00" not in page
    assert path not in read(worker, "/mijn/")  # no answer pays anything: a person calls
    answer = worker.post(path, {"answer": "yes"}, follow=True, headers={"accept-language": "nl"})
    assert "Tot dan betalen we niets." in answer.content.decode()
    assert state_of(booking) is BookingState.STARTED
    desk, (item,) = client_as(Role.DESK), queries.work_items()
    words = {"outcome": "not_completed", "reason": "Te weinig gevolgd.", "evidence": "De lijst."}
    desk.post(f"/hulp/start/{item.id}/", words)
    assert "Is je cursus afgerond?" not in read(worker, f"/mijn/boekingen/{booking.id}/")
    answer = worker.post(path, {"answer": "yes"}, headers={"accept-language": "nl"})
    assert "Wij besloten dat je deze cursus niet hebt afgerond." in answer.content.decode()


def test_a_booking_of_which_nothing_waits_has_no_such_page(booking: BookingView) -> None:
    other = make_booking(at=timezone.now() - timedelta(days=1))
    answer = client_of(other.person_id).get(f"/mijn/boekingen/{other.id}/afgerond/")
    assert answer.status_code == 302


def test_after_an_answer_the_page_says_who_decides_and_offers_only_the_other_answer(
    booking: BookingView,
) -> None:
    said(booking, "60")
    worker, page = client_of(booking.person_id), f"/mijn/boekingen/{booking.id}/"
    path = page + "afgerond/"
    spoken = {
        "yes": "Jij zei dat je cursus is afgerond. De opleider zegt dat je te weinig volgde.",
        "no": "Jij zei dat je cursus niet is afgerond.",
    }
    assert "Verander je antwoord" not in read(worker, page)
    for answer, other in (("yes", "no"), ("no", "yes"), ("yes", "no")):
        worker.post(path, {"answer": answer})
        for text in (read(worker, page), read(worker, path)):
            assert spoken[answer] in text
            assert spoken[other] not in text
            assert "Iemand van ons belt je en besluit." in text
        assert "Is je cursus afgerond?" not in read(worker, page)
        assert f'href="{path}"' in read(worker, page)
        assert f'value="{other}"' in read(worker, path)
        assert f'value="{answer}"' not in read(worker, path)
    (item,) = queries.work_items()
    words = {"outcome": "completed", "reason": "Was er wel.", "evidence": "De lijst."}
    desk = client_as(Role.DESK)
    assert "De deelnemer zegt: wel afgerond." in read(desk, f"/hulp/start/{item.id}/")
    desk.post(f"/hulp/start/{item.id}/", words)
    assert spoken["yes"] not in read(worker, page)  # the decision stands there instead
    assert "Is je cursus afgerond?" not in read(worker, page)


def test_a_no_without_a_word_of_the_provider_can_still_become_a_yes(booking: BookingView) -> None:
    worker, page = client_of(booking.person_id), f"/mijn/boekingen/{booking.id}/"
    worker.post(page + "afgerond/", {"answer": "no"})
    assert "Jij zei dat je cursus niet is afgerond." in read(worker, page)
    text = read(worker, page + "afgerond/")
    assert "Zeg je toch ja, dan krijgt de opleider ook de laatste € 175,00." in text
    worker.post(page + "afgerond/", {"answer": "yes"})
    assert state_of(booking) is BookingState.COMPLETED
    assert "Jij zei dat je cursus niet is afgerond." not in read(worker, page)


def test_where_a_person_decided_that_it_was_completed_the_page_says_that_a_yes_pays(
    booking: BookingView,
) -> None:
    said(booking, "60")
    worker, page = client_of(booking.person_id), f"/mijn/boekingen/{booking.id}/"
    (item,) = queries.work_items()
    words = {"outcome": "completed", "reason": "Genoeg.", "evidence": "De lijst."}
    assert client_as(Role.DESK).post(f"/hulp/start/{item.id}/", words).status_code == 302
    for asked in (page, "/mijn/"):  # the decision stands there, and needs no answer
        assert f"{page}afgerond/" not in read(worker, asked)
    text = read(worker, f"{page}afgerond/")
    assert "Zeg je ja, dan krijgt de opleider ook de laatste € 175,00." in text
    assert "Tot dan betalen we niets." not in text
    worker.post(f"{page}afgerond/", {"answer": "yes"})
    assert state_of(booking) is BookingState.COMPLETED
