"""Booking in three steps: the money is shown before the yes, and one yes is one booking."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.types import BookingState
from eigenwijs.budgets import queries as budgets
from eigenwijs.catalogue.types import RunView
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import PersonView, Role
from eigenwijs.schemes.types import CancelPrice, OrderClocks
from tests.factories.bookings import make_worker, provider_for
from tests.factories.budgets import (
    CO_FUNDED,
    OWN_CONTRIBUTION,
    SIXTY_PERCENT,
    make_conditions,
    make_credit,
)
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import make_employment, make_opened, make_person
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db

QUESTIONS = {"required_by_employer": "no", "work_related": "yes"}


@pytest.fixture
def worker() -> PersonView:
    """Someone with 200 euros under a condition and 300 free."""
    return make_worker(20_000, 30_000)


@pytest.fixture
def browser(worker: PersonView) -> Client:
    client = client_of(worker)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    return client


@pytest.fixture
def run() -> RunView:
    starts_on = local_date(timezone.now()) + timedelta(days=90)
    return make_run(make_course("Lassen"), starts_on=starts_on, price_cents=35_000)


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.headers.get("location"))
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def signed_quote(page: str) -> str:
    found = re.search(r'name="quote" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_money_is_shown_before_the_yes_and_booked_as_shown(
    browser: Client, worker: PersonView, run: RunView
) -> None:
    assert browser.post(f"/boeken/{run.id}/", QUESTIONS).headers["location"].endswith("/geld/")
    money = text_of(browser, f"/boeken/{run.id}/geld/")
    assert "€ 200,00" in money
    assert "€ 150,00" in money
    assert "Daarna kun je nog € 150,00 uitgeven." in money
    page = text_of(browser, f"/boeken/{run.id}/ja/")
    answer = browser.post(f"/boeken/{run.id}/ja/", {"quote": signed_quote(page)})
    booking = queries.bookings_of(worker.id)[0]
    assert answer.headers["location"] == f"/mijn/boekingen/{booking.id}/gelukt/"
    assert booking.state is BookingState.REQUESTED
    account = budgets.account(worker.id, on=local_date(timezone.now()))
    assert (account.available, account.reserved) == (Money(15_000), Money(35_000))
    assert "Je boeking is bij" in text_of(browser, answer.headers["location"])
    # A tab that comes late says how it stands now.
    by = provider_for(booking)
    operations.decline(booking_id=booking.id, answer="Vol.", by=by, at=timezone.now())
    assert "Je boeking is bij" not in text_of(browser, answer.headers["location"])


def test_a_yes_while_it_is_too_busy_keeps_what_was_typed(
    browser: Client, worker: PersonView, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = make_run(starts_on=local_date(timezone.now()) + timedelta(days=9), price_cents=35_000)
    browser.post(f"/boeken/{soon.id}/", QUESTIONS)
    quote = signed_quote(text_of(browser, f"/boeken/{soon.id}/ja/"))

    def busy(**_arguments: object) -> None:
        raise TooBusy

    with monkeypatch.context() as others:
        others.setattr(operations, "reserve", busy)
        sent = {"quote": quote, "early_start": "on"}
        page = browser.post(f"/boeken/{soon.id}/ja/", sent).content.decode()
    assert "Het is nu te druk. Er is niets veranderd. Probeer het zo nog eens." in page
    assert re.search(r'name="early_start"[^>]*checked', page)
    assert queries.bookings_of(worker.id) == []
    sent = {"quote": signed_quote(page), "early_start": "on"}
    browser.post(f"/boeken/{soon.id}/ja/", sent)
    assert len(queries.bookings_of(worker.id)) == 1


def test_a_course_that_the_employer_must_pay_forgets_an_earlier_no(
    browser: Client, run: RunView
) -> None:
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    browser.post(f"/boeken/{run.id}/", {**QUESTIONS, "required_by_employer": "yes"})
    for step in ("geld", "ja"):
        answer = browser.get(f"/boeken/{run.id}/{step}/")
        assert answer.headers["location"] == f"/boeken/{run.id}/"


def test_a_double_click_and_the_back_button_make_one_booking(
    browser: Client, worker: PersonView, run: RunView
) -> None:
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    quote = {"quote": signed_quote(text_of(browser, f"/boeken/{run.id}/ja/"))}
    first = browser.post(f"/boeken/{run.id}/ja/", quote)
    second = browser.post(f"/boeken/{run.id}/ja/", quote, follow=True)
    booking = queries.bookings_of(worker.id)[0]
    assert first.headers["location"].startswith(f"/mijn/boekingen/{booking.id}/")
    assert second.redirect_chain[-1][0] == f"/mijn/boekingen/{booking.id}/"
    assert len(queries.bookings_of(worker.id)) == 1


def test_two_tabs_make_one_booking(browser: Client, worker: PersonView, run: RunView) -> None:
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    tabs = [signed_quote(text_of(browser, f"/boeken/{run.id}/ja/")) for _tab in range(2)]
    session = browser.session
    answers = dict(session["booking_answers"])
    for quote in tabs:
        session = browser.session
        session["booking_answers"] = answers
        session.save()
        answer = browser.post(f"/boeken/{run.id}/ja/", {"quote": quote})
        booking = queries.bookings_of(worker.id)[0]
        assert answer.headers["location"].startswith(f"/mijn/boekingen/{booking.id}/")
    assert len(queries.bookings_of(worker.id)) == 1


def test_the_worker_chooses_which_money_goes_first(
    browser: Client, worker: PersonView, run: RunView
) -> None:
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    free = next(
        pot
        for pot in budgets.account(worker.id, on=local_date(timezone.now())).pots
        if not pot.conditions.work_related_only
    )
    browser.post(f"/boeken/{run.id}/geld/", {"first": str(free.id)})
    money = text_of(browser, f"/boeken/{run.id}/geld/")
    assert money.index("€ 300,00") < money.index("€ 50,00")


def test_an_order_that_is_no_pot_changes_nothing(browser: Client, run: RunView) -> None:
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    browser.post(f"/boeken/{run.id}/geld/", {"first": "<script>"})
    assert "€ 200,00" in text_of(browser, f"/boeken/{run.id}/geld/")


def test_obligatory_training_is_the_employers_cost(
    browser: Client, worker: PersonView, run: RunView
) -> None:
    answer = browser.post(f"/boeken/{run.id}/", {**QUESTIONS, "required_by_employer": "yes"})
    page = text_of(browser, answer.headers["location"])
    assert "Een verplichte cursus betaalt de werkgever" in page
    assert not queries.bookings_of(worker.id)


def test_what_is_not_for_work_leaves_work_money_alone_and_says_why(
    browser: Client, run: RunView
) -> None:
    browser.post(f"/boeken/{run.id}/", {**QUESTIONS, "work_related": "no"})
    money = text_of(browser, f"/boeken/{run.id}/geld/")
    assert "Dit geld is alleen voor leren voor werk, nu of later." in money
    # 300.00 is free, the course costs 350.00: 50.00 is the worker's, while 200.00 for work stays.
    assert (
        "Een deel van je geld is niet voor deze cursus. De laatste € 50,00 betaal je zelf." in money
    )
    assert "Daarna kun je nog € 200,00 uitgeven." in money


@pytest.mark.parametrize(
    ("pots", "work", "said"),
    [
        ([20_000], "no", "Je geld is alleen voor leren voor werk. Deze cursus betaal je helemaal"),
        ([], "yes", "Je hebt nu geen geld om uit te geven. Deze cursus betaal je helemaal zelf."),
        ([20_000], "yes", "Je geld is niet genoeg voor deze cursus. De laatste € 150,00 betaal je"),
    ],
)
def test_who_pays_alone_reads_why(run: RunView, pots: list[int], work: str, said: str) -> None:
    browser = client_of(make_worker(*pots))
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    browser.post(f"/boeken/{run.id}/", {**QUESTIONS, "work_related": work})
    money = text_of(browser, f"/boeken/{run.id}/geld/")
    assert said in money
    assert ("De laatste" in money) == ("De laatste" in said)
    assert "Daarna kun je nog" not in money
    assert ("Je € 200,00 blijft op je rekening staan." in money) == (work == "no")


def test_who_has_money_that_pays_a_part_reads_how_much_and_why(run: RunView) -> None:
    """60 percent of € 350 is € 210; € 140 is the worker's, while € 290 stays."""
    worker = make_worker()
    make_credit(worker.id, 50_000, conditions=make_conditions(pays=SIXTY_PERCENT))
    browser = client_of(worker)
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    money = text_of(browser, f"/boeken/{run.id}/geld/")
    assert "Niet al je geld betaalt de hele cursus. De laatste € 140,00 betaal je zelf." in money
    assert "voor deze cursus hooguit € 210,00. Dit geld betaalt 60 procent van de prijs." in money
    assert "Daarna kun je nog € 290,00 uitgeven." in money
    page = text_of(browser, f"/boeken/{run.id}/ja/")
    done = browser.post(f"/boeken/{run.id}/ja/", {"quote": signed_quote(page), "yes": "on"})
    assert done.status_code == 302
    assert "Dit geld betaalt 60 procent van de prijs." in text_of(
        browser, reverse("worker:account")
    )


@pytest.mark.parametrize("cancel", [(CancelPrice(7, True, 0),), ()])
def test_better_terms_of_the_money_are_on_the_page_before_the_yes(
    run: RunView, cancel: tuple[CancelPrice, ...]
) -> None:
    """That leaving costs less only where it does: not for an answer that comes sooner."""
    worker = make_worker()
    clocks = OrderClocks(2, None, 14, cancel)
    make_credit(worker.id, 500_00, conditions=make_conditions(orders=clocks))
    browser = client_of(worker)
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    browser.post(f"/boeken/{run.id}/geld/", {})
    page = text_of(browser, f"/boeken/{run.id}/ja/")
    assert "dan heb je nog 14 werkdagen bedenktijd, en zeker 14 dagen" in page
    said = "Door een afspraak bij je geld kost stoppen je minder dan normaal."
    assert (said in page) is bool(cancel)
    assert ": niets" in page


@pytest.mark.parametrize("has_job", [True, False])
def test_who_pays_a_contribution_reads_it_and_who_does_not_reads_why(
    run: RunView, has_job: bool
) -> None:
    """Of € 350 it leaves € 103.20 to who has a job."""
    yesterday = local_date(timezone.now()) - timedelta(days=1)
    job = make_employment(ended_on=None if has_job else yesterday)
    worker = make_opened(job.person_id, at=timezone.now())
    make_credit(worker.id, 50_000, conditions=make_conditions(own=OWN_CONTRIBUTION))
    browser = client_of(worker)
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    page = text_of(browser, f"/boeken/{run.id}/geld/")
    assert ("Zonder werk hoeft dat niet." in page) is not has_job
    assert ("De laatste € 103,20 betaal je zelf." in page) is has_job
    said = "voor deze cursus hooguit € 246,80. Je betaalt een eigen bijdrage."
    assert (said in page) is has_job
    account = text_of(browser, reverse("worker:account"))
    for rule in ("Je betaalt een eigen bijdrage.", "Met ander geld hoeft dat niet."):
        assert rule in account


def test_money_that_asks_others_first_says_so_where_they_do_not_pay(run: RunView) -> None:
    worker = make_worker()
    conditions = make_conditions(scheme="state", others_pay_at_least=CO_FUNDED)
    make_credit(worker.id, 50_000, conditions=conditions)
    browser = client_of(worker)
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    page = text_of(browser, f"/boeken/{run.id}/geld/")
    assert "Deze cursus betaal je helemaal zelf." in page
    assert "Waarom telt ander geld niet mee?" in page
    assert "Een ander betaalt eerst € 50." in page
    assert "Een ander betaalt eerst € 50." in text_of(browser, reverse("worker:account"))
    make_credit(worker.id, 5_000)
    assert "betaalt eerst" not in text_of(browser, f"/boeken/{run.id}/geld/")


def test_who_used_all_their_money_reads_that_it_is_not_enough(run: RunView) -> None:
    """Of € 350 this money would pay € 210, and € 100 is all there is."""
    worker = make_worker()
    make_credit(worker.id, 10_000, conditions=make_conditions(pays=SIXTY_PERCENT))
    browser = client_of(worker)
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    money = text_of(browser, f"/boeken/{run.id}/geld/")
    assert "Je geld is niet genoeg voor deze cursus. De laatste € 250,00 betaal je zelf." in money


def test_both_questions_must_be_answered_and_what_was_ticked_is_kept(
    browser: Client, run: RunView
) -> None:
    page = browser.post(f"/boeken/{run.id}/", {"work_related": "no"}).content.decode()
    assert "Er klopt nog iets niet" in page
    assert "Kies ja of nee." in page
    assert re.search(r'name="work_related" value="no"[^>]*checked', page)


def test_the_money_and_the_yes_come_after_the_questions(browser: Client, run: RunView) -> None:
    for step in ("geld", "ja"):
        answer = browser.get(f"/boeken/{run.id}/{step}/")
        assert answer.headers["location"] == f"/boeken/{run.id}/"


def test_a_course_that_may_start_early_needs_a_separate_tick(
    browser: Client, worker: PersonView
) -> None:
    starts_on = local_date(timezone.now()) + timedelta(days=9)
    soon = make_run(make_course("Lassen"), starts_on=starts_on, price_cents=10_000)
    browser.post(f"/boeken/{soon.id}/", QUESTIONS)
    quote = {"quote": signed_quote(text_of(browser, f"/boeken/{soon.id}/ja/"))}
    page = browser.post(f"/boeken/{soon.id}/ja/", quote).content.decode()
    assert "Deze cursus begint misschien al in je bedenktijd. Zet een vinkje." in page
    assert not queries.bookings_of(worker.id)
    quote = {"quote": signed_quote(page), "early_start": "on"}
    browser.post(f"/boeken/{soon.id}/ja/", quote)
    assert queries.bookings_of(worker.id)[0].early_start_requested


def test_amounts_changed_on_the_way_book_nothing(
    browser: Client, worker: PersonView, run: RunView
) -> None:
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    quote = signed_quote(text_of(browser, f"/boeken/{run.id}/ja/"))
    page = browser.post(f"/boeken/{run.id}/ja/", {"quote": "x" + quote}).content.decode()
    assert "Deze pagina was te oud." in page
    assert not queries.bookings_of(worker.id)


def test_a_full_course_says_so_and_offers_another(browser: Client) -> None:
    starts_on = local_date(timezone.now()) + timedelta(days=90)
    full = make_run(make_course("Lassen"), starts_on=starts_on, seats=1)
    other = client_of(make_worker(50_000))
    other.post(f"/boeken/{full.id}/", QUESTIONS)
    quote = signed_quote(other.get(f"/boeken/{full.id}/ja/").content.decode())
    other.post(f"/boeken/{full.id}/ja/", {"quote": quote})
    browser.post(f"/boeken/{full.id}/", QUESTIONS)
    answer = browser.get(f"/boeken/{full.id}/geld/")
    assert answer.status_code == 409
    assert "Deze cursus is vol. Kies een andere start." in answer.content.decode()


def test_the_yes_asks_a_second_proof(worker: PersonView, run: RunView) -> None:
    browser = client_of(worker)
    session = browser.session
    session.pop("second_proof")
    session.save()
    browser.post(f"/boeken/{run.id}/", QUESTIONS)
    assert browser.get(f"/boeken/{run.id}/geld/").status_code == 200
    answer = browser.get(f"/boeken/{run.id}/ja/")
    assert answer.status_code == 302
    assert f"next=%2Fboeken%2F{run.id}%2Fja%2F" in answer.headers["location"]


def test_only_workers_book() -> None:
    run = make_run()
    staff = client_of(make_person(role=Role.FINANCE))
    assert staff.get(f"/boeken/{run.id}/").status_code == 404
