"""A part that is paid halfway a course, on the pages of worker, provider and desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.models import Payout
from eigenwijs.bookings.types import BookingState, BookingView, HalfwayView
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Role
from tests.factories.bookings import make_booking, worker_at
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, make_person
from tests.factories.web import client_as, client_of
from tests.web.test_completion import provider_of, read, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> BookingView:
    """Booked 60 days ago; halfway today. Of € 350.00 40 percent is paid halfway, 20 at the completion."""
    return begun()


def begun(completed_percent: int = 20, *, starts_days_ago: int = 10) -> BookingView:
    now = timezone.now()
    then = now - timedelta(days=60)
    worker = make_person()
    conditions = make_conditions(halfway_percent=40, completed_percent=completed_percent)
    make_credit(worker.id, 350_00, conditions=conditions, at=then)
    starts_on = local_date(now) - timedelta(days=starts_days_ago)
    run = make_run(starts_on=starts_on, ends_on=starts_on + timedelta(days=19))
    made = make_booking(worker, run, confirmed_at=then + timedelta(days=1), at=then)
    operations.confirm_start(booking_id=made.id, by=worker_at(worker, now), at=now)
    return made


def part_of(booking: BookingView) -> HalfwayView:
    found = queries.booking(booking.id)
    assert found
    assert found.halfway
    return found.halfway


def path_of(booking: BookingView) -> str:
    return f"/mijn/boekingen/{booking.id}/"


def claim(booking: BookingView) -> None:
    path = f"/opleider/boekingen/{booking.id}/aanwezig/"
    assert provider_of(booking).post(path, {"said": "followed"}).status_code == 302


def test_before_the_yes_the_page_says_what_is_paid_on_which_day() -> None:
    now = timezone.now()
    worker = make_person()
    conditions = make_conditions(halfway_percent=40, completed_percent=20)
    make_credit(worker.id, 350_00, conditions=conditions, at=now)
    starts_on = local_date(now) + timedelta(days=60)
    run = make_run(starts_on=starts_on, ends_on=starts_on + timedelta(days=19))
    client = client_of(worker.id)
    client.post(f"/boeken/{run.id}/", {"required_by_employer": "no", "work_related": "yes"})
    text = read(client, f"/boeken/{run.id}/ja/")
    assert "€ 140,00 krijgt de opleider pas halverwege" in text


def test_the_worker_is_asked_on_the_day_and_the_yes_pays(booking: BookingView) -> None:
    worker = client_of(booking.person_id)
    for path in ("/mijn/", path_of(booking)):
        assert "Volg je je cursus nog?" in read(worker, path)
    page = read(worker, path_of(booking))
    assert "Daarvan pas betaald als je de cursus halverwege nog volgt" in page
    assert "€ 140,00" in page
    page = read(worker, path_of(booking) + "halverwege/")
    assert "Zeg je ja, dan krijgt de opleider € 140,00." in page
    worker.post(path_of(booking) + "halverwege/", {"answer": "yes"})
    assert part_of(booking).due_at
    page = read(worker, path_of(booking))
    assert "Je volgde de cursus tot en met de helft" in page
    assert "Volg je je cursus nog?" not in page
    assert "Daarvan pas betaald als je de cursus halverwege nog volgt" not in page
    payouts = read(provider_of(booking), "/opleider/uitbetalingen/")
    assert payouts.count("Het deel halverwege") == 1
    file = read(provider_of(booking), "/opleider/uitbetalingen/?csv=1").splitlines()
    assert sorted(line.rsplit(";", 1)[1] for line in file[1:]) == ["", "Het deel halverwege"]


def test_any_other_answer_is_no_answer(booking: BookingView) -> None:
    worker = client_of(booking.person_id)
    assert worker.post(path_of(booking) + "halverwege/", {"answer": "misschien"}).status_code == 404
    assert part_of(booking).due_at is None


def test_a_no_goes_to_a_person_whose_decision_the_worker_reads(booking: BookingView) -> None:
    worker, desk = client_of(booking.person_id), client_as(Role.DESK)
    answer = worker.post(
        path_of(booking) + "halverwege/",
        {"answer": "no"},
        follow=True,
        headers={"accept-language": "nl"},
    )
    assert "Iemand van ons belt je en besluit." in answer.content.decode()
    (item,) = queries.work_items()
    page = read(desk, f"/hulp/start/{item.id}/")
    assert "De opleider zei hier nog niets over." in page
    assert "De deelnemer zegt: niet meer." in page
    assert "Volgde de deelnemer de cursus halverwege nog?" in page
    assert "Laat het de deelnemer dan zelf invullen" not in page
    words = {"outcome": "not_followed", "reason": "Gestopt.", "evidence": "De lijst."}
    desk.post(f"/hulp/start/{item.id}/", words)
    page = read(worker, path_of(booking))
    assert "De deelnemer stopte voor de helft" in page
    assert "Ik ben het er niet mee eens" in page
    worker.post(path_of(booking) + "bezwaar/", {"text": "Ik was er wel."})
    assert "Ik ben het er niet mee eens" not in read(worker, path_of(booking))
    (again,) = queries.work_items()
    other = client_as(Role.DESK)
    assert "Dit is het laatste besluit." in read(other, f"/hulp/start/{again.id}/")
    other.post(f"/hulp/start/{again.id}/", words)
    assert state_of(booking) is BookingState.NOT_COMPLETED
    page = read(worker, path_of(booking))
    assert "De deelnemer stopte voor de helft" in page
    for text in (
        page,
        read(worker, "/mijn/boekingen/"),
        read(worker, "/mijn/berichten/"),
        read(provider_of(booking), f"/opleider/boekingen/{booking.id}/"),
    ):
        assert "estopt of niet afgerond" in text  # true of who stopped before halfway, too
    assert "Daarvan terug naar je leerrekening" in page
    assert "€ 210,00" in page
    page = read(provider_of(booking), f"/opleider/boekingen/{booking.id}/")
    assert "€ 140,00" in page  # what it keeps: the part at the start


def test_after_a_no_the_page_says_who_decides_and_offers_only_the_yes(booking: BookingView) -> None:
    worker, path = client_of(booking.person_id), path_of(booking) + "halverwege/"
    worker.post(path, {"answer": "no"})
    page = read(worker, path_of(booking))
    assert "Jij zei dat je de cursus halverwege niet meer volgde. Iemand van ons belt je" in page
    assert "Volg je je cursus nog?" not in page
    assert f'href="{path}"' in page
    page = read(worker, path)
    assert "Zeg je toch ja, dan krijgt de opleider € 140,00." in page
    assert 'value="yes"' in page
    assert 'value="no"' not in page
    worker.post(path, {"answer": "yes"})
    assert part_of(booking).due_at
    assert "Jij zei dat" not in read(worker, path_of(booking)).split("Hoe het gaat")[0]


def test_after_it_was_settled_a_decision_is_not_objected_to(booking: BookingView) -> None:
    worker, desk = client_of(booking.person_id), client_as(Role.DESK)
    worker.post(path_of(booking) + "halverwege/", {"answer": "no"})
    (item,) = queries.work_items()
    words = {"outcome": "followed", "reason": "Was er.", "evidence": "De lijst."}
    desk.post(f"/hulp/start/{item.id}/", words)
    assert "Ik ben het er niet mee eens" in read(worker, path_of(booking))
    worker.post(path_of(booking) + "halverwege/", {"answer": "yes"})
    assert part_of(booking).due_at
    assert "Ik ben het er niet mee eens" not in read(worker, path_of(booking))


def test_who_says_that_it_was_completed_reads_that_halfway_is_paid_too() -> None:
    booking = begun(starts_days_ago=30)
    worker, path = client_of(booking.person_id), path_of(booking) + "afgerond/"
    text = "Het deel voor halverwege wacht ook nog op jou: € 140,00."
    assert text in read(worker, path)
    worker.post(path_of(booking) + "halverwege/", {"answer": "yes"})
    assert text not in read(worker, path)


def test_what_the_provider_says_is_told_to_the_worker(booking: BookingView) -> None:
    path = f"/opleider/boekingen/{booking.id}/"
    page = read(provider_of(booking), path)
    assert "Volgt de deelnemer de cursus nog?" in page
    assert "Daarvan halverwege" in page
    assert "Gaat het niet door?" in page
    claim(booking)
    page = read(provider_of(booking), path)
    assert "Je hebt het gezegd." in page
    assert "De deelnemer volgt de cursus nog</button>" not in page
    assert "Je krijgt dit deel als de deelnemer zelf ja zegt." in page
    page = read(client_of(booking.person_id), path_of(booking))
    assert "De opleider zegt van wel. Klopt dat? Zeg je niets, dan bellen we je." in page


def test_where_the_worker_is_silent_a_person_reads_what_the_provider_said(
    booking: BookingView,
) -> None:
    claim(booking)
    later = timezone.now() + timedelta(days=15)
    operations.remind_silent(by=SYSTEM, at=later)
    operations.settle_due(by=SYSTEM, at=later)
    assert part_of(booking).due_at is None
    (item,) = queries.work_items()
    page = read(client_as(Role.DESK), f"/hulp/start/{item.id}/")
    assert "De opleider zegt: de deelnemer volgt de cursus nog." in page
    assert "De deelnemer zei hier nog niets over." in page
    worker = client_of(booking.person_id)
    worker.post(path_of(booking) + "halverwege/", {"answer": "yes"})
    assert part_of(booking).due_at
    page = read(provider_of(booking), f"/opleider/boekingen/{booking.id}/")
    assert "Volgt de deelnemer de cursus nog?" not in page


def test_the_worker_reads_that_all_is_paid_only_when_every_part_is() -> None:
    booking = begun(completed_percent=0)
    worker = client_of(booking.person_id)
    Payout.objects.filter(booking=booking.id).update(state="paid", settled_at=timezone.now())
    assert "Wij betalen de opleider" in read(worker, path_of(booking))
    worker.post(path_of(booking) + "halverwege/", {"answer": "yes"})
    assert "Wij betalen de opleider" in read(worker, path_of(booking))
    Payout.objects.filter(booking=booking.id).update(state="paid", settled_at=timezone.now())
    assert "De opleider is betaald" in read(worker, path_of(booking))


def test_a_booking_of_which_nothing_waits_for_halfway_has_no_such_page() -> None:
    other = make_booking(at=timezone.now() - timedelta(days=1))
    answer = client_of(other.person_id).get(path_of(other) + "halverwege/")
    assert answer.status_code == 302


def test_who_stopped_before_halfway_is_not_asked_whether_it_was_completed() -> None:
    """The course is over, and the worker can still object: until then a yes would be refused."""
    booking = begun(starts_days_ago=30)
    worker = client_of(booking.person_id)
    path = f"{path_of(booking)}afgerond/"
    assert path in read(worker, "/mijn/")
    worker.post(f"{path_of(booking)}halverwege/", {"answer": "no"})
    (item,) = queries.work_items()
    words = {"outcome": "not_followed", "reason": "Gestopt.", "evidence": "De lijst."}
    assert client_as(Role.DESK).post(f"/hulp/start/{item.id}/", words).status_code == 302
    assert path not in read(worker, "/mijn/")
    assert path not in read(worker, path_of(booking))


def test_who_was_right_about_halfway_is_asked_whether_it_was_completed() -> None:
    booking = begun(starts_days_ago=30)
    worker, path = client_of(booking.person_id), path_of(booking)
    worker.post(f"{path}halverwege/", {"answer": "no"})
    decide("not_followed")
    worker.post(f"{path}bezwaar/", {"text": "Ik was er wel."})
    decide("followed")
    assert part_of(booking).due_at
    operations.remind_silent(by=SYSTEM, at=timezone.now())
    assert "Laat ons weten of je hem hebt afgerond" in read(worker, "/mijn/berichten/")
    for page in (path, "/mijn/"):
        assert f"{path}afgerond/" in read(worker, page)
    worker.post(f"{path}afgerond/", {"answer": "no"})
    assert "Jij zei dat je cursus niet is afgerond." in read(worker, path)
    worker.post(f"{path}afgerond/", {"answer": "yes"})
    assert state_of(booking) is BookingState.COMPLETED


def test_who_stopped_before_halfway_gets_no_message_that_asks_about_the_end() -> None:
    booking = begun(starts_days_ago=30)
    worker = client_of(booking.person_id)
    worker.post(f"{path_of(booking)}halverwege/", {"answer": "no"})
    decide("not_followed")
    operations.remind_silent(by=SYSTEM, at=timezone.now())
    assert "Laat ons weten of je hem hebt afgerond" not in read(worker, "/mijn/berichten/")


def decide(outcome: str) -> None:
    """Another of the desk each time."""
    (item,) = queries.work_items()
    words = {"outcome": outcome, "reason": "De lijst zegt het.", "evidence": "De lijst."}
    assert client_as(Role.DESK).post(f"/hulp/start/{item.id}/", words).status_code == 302
