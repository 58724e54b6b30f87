"""The provider's pages: courses, files, bookings, attendance, payouts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from eigenwijs.bookings import operations as bookings
from eigenwijs.bookings import queries as booking_queries
from eigenwijs.bookings.types import BookingView
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import OrganisationKind, OrganisationView, Role
from eigenwijs.treasury import queries as treasury
from tests.catalogue.test_course_file import MESSY_LIST, line, template
from tests.factories.bookings import confirm, make_booking, worker_at
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import make_organisation
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = local_date(NOW)


@pytest.fixture
def provider() -> OrganisationView:
    return make_organisation(OrganisationKind.PROVIDER, "De Vakschool")


@pytest.fixture
def client(provider: OrganisationView) -> Client:
    return client_as(Role.PROVIDER, provider.id)


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(f"/opleider/{path}")
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def upload(client: Client, content: bytes, name: str = "cursussen.csv") -> object:
    return client.post("/opleider/aanleveren/", {"file": SimpleUploadedFile(name, content)})


def booked(provider: OrganisationView, *, days: int = 60, confirmed: bool = True) -> BookingView:
    """A booking of a run that starts in some days; negative days are past."""
    starts_on = TODAY + timedelta(days=days)
    at = NOW - timedelta(days=100) if days < 60 else NOW
    run = make_run(make_course(provider_id=provider.id), starts_on=starts_on)
    booking = make_booking(run=run, at=at, early_start=True)
    if confirmed:
        confirm(booking, at + timedelta(hours=1))
    return booking


@pytest.mark.parametrize(
    "path",
    [
        "",
        "cursussen/",
        "cursussen/nieuw/",
        "cursussen/bestand/",
        "aanleveren/",
        "aanleveren/sjabloon/",
        "boekingen/",
        "boekingen/?state=started",
        "boekingen/?state=nonsense",
        "uitbetalingen/",
        "uitbetalingen/rekeningnummer/",
    ],
)
def test_pages_open_empty(client: Client, path: str) -> None:
    page(client, path)


def test_course_is_made_changed_and_its_past_is_shown(
    client: Client, provider: OrganisationView
) -> None:
    values = {
        "title": "Lassen",
        "kind": "course",
        "language": "nl",
        "price": "€ 350,00",
        "subjects": ["07"],
    }
    made = client.post("/opleider/cursussen/nieuw/", values)
    (course,) = catalogue.courses_of(provider.id)
    assert made["Location"] == f"/opleider/cursussen/{course.id}/"
    assert (course.record.price_cents, course.record.subjects) == (35_000, ("07",))
    changed = client.post(
        f"/opleider/cursussen/{course.id}/wijzigen/",
        {**values, "title": "Lassen 2", "kind": "driving_licence"},
    )
    assert changed.status_code == 302
    shown = page(client, f"cursussen/{course.id}/")
    assert "Lassen 2" in shown
    assert "rijbewijs voor de auto (B)" in shown
    form = page(client, f"cursussen/{course.id}/wijzigen/")
    assert '<option value="driving_licence" selected>' in form
    history = page(client, f"cursussen/{course.id}/eerder/")
    assert history.index("Lassen 2") < history.index(">Lassen</td>")
    assert history.index("rijbewijs voor de auto (B)") < history.index("gewone cursus")
    assert "Lassen 2" in page(client, "cursussen/")


def test_faulty_course_keeps_what_was_typed(client: Client) -> None:
    response = client.post(
        "/opleider/cursussen/nieuw/",
        {"title": "Lassen", "price": "350 tot 750", "url": "roc.nl"},
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert "350 tot 750" in text
    assert "Vul één bedrag in" in text
    again = client.post(
        "/opleider/cursussen/nieuw/", {"title": "Lassen", "kind": "course", "url": "roc.nl"}
    )
    assert "Dit is geen webadres" in again.content.decode()


def test_narrower_subjects_survive_the_form(client: Client, provider: OrganisationView) -> None:
    course = make_course("Lassen", provider_id=provider.id, subjects=("0715", "0913"))
    client.post(
        f"/opleider/cursussen/{course.id}/wijzigen/",
        {
            "title": "Lassen",
            "kind": "course",
            "language": "nl",
            "price": "350,00",
            "subjects": ["07", "04"],
        },
    )
    after = catalogue.course(course.id)
    assert after
    assert after.record.subjects == ("0715", "04")


def test_run_is_made_changed_and_withdrawn(client: Client, provider: OrganisationView) -> None:
    course = make_course(provider_id=provider.id)
    starts_on = TODAY + timedelta(days=60)
    values = {
        "starts_on": starts_on.strftime("%d-%m-%Y"),
        "day_part": "evening",
        "place": "Zwolle",
        "language": "nl",
        "price": "350,00",
        "seats": "12",
    }
    client.post(f"/opleider/cursussen/{course.id}/start/", values)
    (run,) = catalogue.runs_of(course.id)
    assert (run.record.starts_on, run.record.ends_on) == (starts_on, starts_on)
    assert "0 van 12" in page(client, f"cursussen/{course.id}/")
    client.post(f"/opleider/starts/{run.id}/wijzigen/", {**values, "seats": ""})
    assert "geen maximum" in page(client, f"starts/{run.id}/")
    bad = client.post(f"/opleider/starts/{run.id}/wijzigen/", {**values, "starts_on": "01-01-2020"})
    assert "al geweest" in bad.content.decode()
    assert "Niemand heeft deze start geboekt" in page(client, f"starts/{run.id}/intrekken/")
    client.post(f"/opleider/starts/{run.id}/intrekken/")
    assert "ingetrokken" in page(client, f"starts/{run.id}/")


def test_course_is_withdrawn_after_a_question(client: Client, provider: OrganisationView) -> None:
    course = make_course("Lassen", provider_id=provider.id)
    assert "Lassen" in page(client, f"cursussen/{course.id}/intrekken/")
    client.post(f"/opleider/cursussen/{course.id}/intrekken/")
    assert "ingetrokken" in page(client, f"cursussen/{course.id}/")


def test_file_is_looked_at_and_then_confirmed(client: Client, provider: OrganisationView) -> None:
    kept = upload(client, template(line(), line(startdatum="01-09-2027")))
    where = kept["Location"]  # type: ignore[index]
    assert catalogue.courses_of(provider.id) == []
    preview = client.get(where).content.decode()
    assert "Er is nog niets veranderd" in preview
    client.post(where)
    assert len(catalogue.courses_of(provider.id)) == 1
    assert "Dit staat in de catalogus" in client.get(where).content.decode()
    again = upload(client, template(line(), line(startdatum="01-09-2027")))
    client.post(again["Location"])  # type: ignore[index]
    (course,) = catalogue.courses_of(provider.id)
    assert course.version == 1


def test_large_file_is_found_again_while_it_is_read_and_imported(
    client: Client,
    provider: OrganisationView,
    monkeypatch: pytest.MonkeyPatch,
    react: Callable[[datetime], int],
) -> None:
    monkeypatch.setattr("eigenwijs.catalogue.delivery.READ_AT_ONCE", 0)
    content = b"titel;prijs\nLassen;300,00\n"
    address = upload(client, content).url  # type: ignore[attr-defined]
    found = address.removeprefix("/opleider/")
    assert "We lezen je bestand" in page(client, found)
    assert found in page(client, "aanleveren/")
    react(NOW)
    assert "Ja, zet dit in de catalogus" in page(client, found)
    client.post(address)
    assert "We zetten je cursussen in de catalogus" in page(client, found)
    react(NOW)
    assert "Dit staat in de catalogus" in page(client, found)
    assert found not in page(client, "aanleveren/")


def test_file_that_is_not_in_the_catalogue_can_be_thrown_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eigenwijs.catalogue.delivery.READ_AT_ONCE", 0)
    address = upload(client, b"titel;prijs\nLassen;300,00\n").url  # type: ignore[attr-defined]
    assert "Gooi dit bestand weg" in client.get(address).content.decode()
    with monkeypatch.context() as patch:
        patch.setattr("eigenwijs.catalogue.delivery.lock_at_once", lambda _rows: None)
        answer = client.post(f"{address}weggooien/", follow=True).content.decode()
    assert "We lezen nu een bestand van je." in answer
    answer = client.post(f"{address}weggooien/", follow=True).content.decode()
    assert "Het bestand is weggegooid" in answer
    assert client.get(address).status_code == 404
    assert client.post(f"{address}weggooien/").status_code == 404


def test_messy_list_is_taken_with_remarks(client: Client) -> None:
    kept = upload(client, MESSY_LIST.encode())
    preview = client.get(kept["Location"]).content.decode()  # type: ignore[index]
    assert "€350-€750" in preview
    assert "Opmerkingen" in preview


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04 werkblad", "werkblad"),
        (b"naam;prijs\n=SOM(A1);5", "formule"),
        (b"aantal;prijs\nx;5", "titel ontbreekt"),
        (b"", "leeg"),
    ],
)
def test_faulty_file_is_shown_with_line_and_what_to_do(
    client: Client, provider: OrganisationView, content: bytes, what: str
) -> None:
    response = upload(client, content)
    text = response.content.decode()  # type: ignore[attr-defined]
    assert what in text
    assert catalogue.courses_of(provider.id) == []


def test_own_file_runs_nothing_in_a_spreadsheet(client: Client, provider: OrganisationView) -> None:
    make_course('=HYPERLINK("http://kwaad.nl")', provider_id=provider.id)
    response = client.get("/opleider/cursussen/bestand/")
    assert b"'=HYPERLINK" in response.content
    assert "attachment" in response["Content-Disposition"]
    kept = upload(client, response.content)
    client.post(kept["Location"])  # type: ignore[index]
    (course,) = catalogue.courses_of(provider.id)
    assert (course.title, course.version) == ('=HYPERLINK("http://kwaad.nl")', 1)


def test_request_is_answered_with_yes(client: Client, provider: OrganisationView) -> None:
    booking = booked(provider, confirmed=False)
    assert booking.number in page(client, "")
    text = page(client, f"boekingen/{booking.id}/")
    assert "Je krijgt van Eigenwijs" not in text
    client.post(f"/opleider/boekingen/{booking.id}/bevestigen/")
    after = page(client, f"boekingen/{booking.id}/")
    assert "Bevestigd" in after
    assert "Je krijgt van Eigenwijs" in after
    assert booking.number in page(client, "boekingen/?state=confirmed")
    assert booking.number not in page(client, "boekingen/?state=requested")


def test_request_is_answered_with_no_and_a_word(client: Client, provider: OrganisationView) -> None:
    booking = booked(provider, confirmed=False)
    client.post(f"/opleider/boekingen/{booking.id}/afzeggen/", {"answer": "De groep is vol."})
    after = booking_queries.booking(booking.id)
    assert after
    assert (after.state, after.answer) == ("declined", "De groep is vol.")


def test_confirmed_booking_is_called_off(client: Client, provider: OrganisationView) -> None:
    booking = booked(provider)
    client.post(f"/opleider/boekingen/{booking.id}/afzeggen/", {"answer": ""})
    after = booking_queries.booking(booking.id)
    assert after
    assert after.state == "called_off"


def test_attendance_is_filled_in_per_run(client: Client, provider: OrganisationView) -> None:
    booking = booked(provider, days=-3)
    assert "Begonnen, en nog niet ingevuld" in page(client, "")
    response = client.post(
        f"/opleider/boekingen/{booking.id}/aanwezig/", {"said": "yes", "back": "run"}
    )
    assert response["Location"] == f"/opleider/starts/{booking.offer.run_id}/"
    assert "Ja ✓" in page(client, f"starts/{booking.offer.run_id}/")
    assert "Jij zei: ja." in page(client, f"boekingen/{booking.id}/")


def test_payouts_come_along_as_a_file_and_only_those_of_the_provider(
    client: Client, provider: OrganisationView
) -> None:
    mine, other = (
        booked(provider, days=-3),
        booked(make_organisation(OrganisationKind.PROVIDER), days=-3),
    )
    for one in (mine, other):
        bookings.confirm_start(booking_id=one.id, by=worker_at(one.person_id, NOW), at=NOW)
    file = client.get("/opleider/uitbetalingen/?csv=1").content.decode("utf-8-sig")
    (row,) = file.splitlines()[1:]
    start = mine.offer.starts_on
    assert row == f"{mine.number};{mine.offer.title};{start};350,00;Wordt betaald;;{TODAY};"


def test_payout_and_completion_are_shown(client: Client, provider: OrganisationView) -> None:
    booking = booked(provider, days=-3)
    bookings.confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, NOW), at=NOW)
    text = page(client, "uitbetalingen/")
    assert booking.number in text
    assert "350,00" in text
    client.post(f"/opleider/boekingen/{booking.id}/aanwezig/", {"said": "completed"})
    assert "Afgerond" in page(client, f"boekingen/{booking.id}/")
    again = client.post(f"/opleider/uitbetalingen/{booking.id}/opnieuw/")
    assert again.status_code == 302


def test_account_number_waits_for_a_second_person(
    client: Client, provider: OrganisationView
) -> None:
    where = "/opleider/uitbetalingen/rekeningnummer/"
    wrong = client.post(where, {"iban": "NL00 BANK 0123", "holder_name": "De Vakschool"})
    assert wrong.status_code == 200
    assert "NL00 BANK 0123" in wrong.content.decode()
    client.post(where, {"iban": "NL91 ABNA 0417 1643 00", "holder_name": "De Vakschool"})
    (account,) = treasury.payee_accounts(payee_id=provider.id)
    assert account.state == "awaiting"
    assert "wacht op iemand van ons" in page(client, "uitbetalingen/")


def test_a_wrong_account_number_is_said_at_its_field(
    client: Client, provider: OrganisationView
) -> None:
    data = {"iban": "NL00 BANK 0123 4567 89", "holder_name": "De Vakschool"}
    answer = client.post("/opleider/uitbetalingen/rekeningnummer/", data)
    form = answer.context["form"]
    assert list(form.errors) == ["iban"]
    assert "NL00 BANK 0123 4567 89" in answer.content.decode()
    assert not treasury.payee_accounts(payee_id=provider.id)


def test_bookings_come_along_as_a_file_the_latest_start_first(
    client: Client, provider: OrganisationView
) -> None:
    first, last = booked(provider, days=70), booked(provider, days=80)
    other = booked(make_organisation(OrganisationKind.PROVIDER))
    lines = client.get("/opleider/boekingen/?csv=1").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["Nummer", last.number, first.number]
    assert other.number not in "".join(lines)
    assert page(client, "boekingen/").index(last.number) < page(client, "boekingen/").index(
        first.number
    )


def test_a_booking_stopped_before_the_answer_was_in_no_withdrawal_term(
    client: Client, provider: OrganisationView
) -> None:
    before, after = booked(provider, confirmed=False), booked(provider)
    for one in (before, after):
        at = NOW + timedelta(hours=2)
        bookings.withdraw(
            booking_id=one.id,
            agreed_cost=Money(0),
            agreed_ending=Money(0),
            by=worker_at(one.person_id, at),
            at=at,
        )
    file = client.get("/opleider/boekingen/?csv=1").content.decode()
    for one, words in (
        (before, "Gestopt voordat de opleider antwoordde"),
        (after, "Teruggetrokken in de bedenktijd"),
    ):
        for where in (f"boekingen/{one.id}/", f"starts/{one.offer.run_id}/"):
            assert words in page(client, where)
        assert words in next(line for line in file.splitlines() if one.number in line)


def test_what_is_of_another_provider_is_not_there(provider: OrganisationView) -> None:
    booking = booked(provider)
    run = catalogue.run(booking.offer.run_id)
    assert run
    stranger = client_as(Role.PROVIDER)
    for path in (
        f"cursussen/{run.course_id}/",
        f"cursussen/{run.course_id}/wijzigen/",
        f"cursussen/{run.course_id}/start/",
        f"starts/{run.id}/",
        f"starts/{run.id}/intrekken/",
        f"boekingen/{booking.id}/",
    ):
        page(stranger, path, 404)
    for path in ("bevestigen", "afzeggen", "aanwezig"):
        response = stranger.post(f"/opleider/boekingen/{booking.id}/{path}/")
        assert response.status_code == 404
    assert stranger.post(f"/opleider/uitbetalingen/{booking.id}/opnieuw/").status_code == 404


def test_no_page_shows_a_balance_or_a_pot(client: Client, provider: OrganisationView) -> None:
    booking = booked(provider, days=-3)
    bookings.confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, NOW), at=NOW)
    for path in ("", "boekingen/", f"boekingen/{booking.id}/", "uitbetalingen/"):
        text = page(client, path)
        # The worker has pots of 200.00 and 300.00, and 150.00 left.
        assert not re.search(r"200,00|300,00|150,00", text)


def test_number_of_queries_does_not_grow_with_bookings(
    client: Client, provider: OrganisationView, django_assert_max_num_queries: object
) -> None:
    run = make_run(make_course(provider_id=provider.id), starts_on=TODAY + timedelta(days=60))
    for _ in range(8):
        make_booking(run=run, at=NOW)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        page(client, "boekingen/")


def test_unknown_ids_are_not_there(client: Client) -> None:
    for path in ("cursussen", "starts", "boekingen", "aanleveren"):
        page(client, f"{path}/{UUID(int=7)}/", 404)
