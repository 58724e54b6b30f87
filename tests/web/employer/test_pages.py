"""An employer delivers a payroll, looks, confirms, and sees what is asked and paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from eigenwijs.audit import operations as audit
from eigenwijs.contributions.models import Delivery, PaymentRequest
from eigenwijs.contributions.operations import crediting
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationView, Role
from tests.factories.contributions import (
    GIFT,
    SCHEMES,
    SUPERMARKET,
    Bank,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    react,
    react_once,
    requests_of,
    worker,
)
from tests.factories.payroll_files import write_payroll_file
from tests.factories.treasury import Booking, Detail, pays
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: object) -> None:
    """The supermarkets' figures are inferred, so they are law in a demonstration only."""
    settings.DEMO = True  # type: ignore[attr-defined]


@pytest.fixture
def employer() -> OrganisationView:
    make_law(SUPERMARKET)
    return make_participant(SUPERMARKET)


@pytest.fixture
def client(employer: OrganisationView) -> Client:
    return client_as(Role.EMPLOYER, employer.id)


def page(client: Client, name: str, *arguments: object, **query: str) -> str:
    answer = client.get(reverse(f"employer:{name}", args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def upload(client: Client, content: bytes, period: str = "2026-P01") -> object:
    file = SimpleUploadedFile("salaris.csv", content, content_type="text/csv")
    return client.post(reverse("employer:upload"), {"period": period, "file": file})


def test_a_file_is_looked_at_confirmed_and_asked_for(
    client: Client, employer: OrganisationView
) -> None:
    rows = [worker(1), worker(2), worker(3, hours=None)]
    answer = upload(client, write_payroll_file(rows))
    delivery = Delivery.objects.get()
    assert answer.url == reverse("employer:delivery", args=[delivery.id])  # type: ignore[attr-defined]
    shown = page(client, "delivery", delivery.id)
    assert "€ 26,92" in shown
    assert "oproepcontract zonder vaste uren" in shown
    assert "Afdeling, Opmerking" in shown
    assert not PaymentRequest.objects.exists()
    client.post(reverse("employer:confirm", args=[delivery.id]))
    client.post(reverse("employer:confirm", args=[delivery.id]))
    (request,) = requests_of(employer)
    shown = page(client, "request", request.id)
    assert "€ 26,92" in shown
    assert request.reference[:4] in shown
    assert "Werknemer Nummer" not in shown
    assert str(request.number) in page(client, "home")
    assert str(request.number) in page(client, "requests")


def test_a_faulty_file_comes_back_with_every_fault_by_line(client: Client) -> None:
    rows = [worker(1), worker(1), worker(2, paid_hours_period=-100)]
    answer = upload(client, write_payroll_file(rows))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    shown = answer.content.decode()  # type: ignore[attr-defined]
    assert "Het bestand heeft 2 fouten" in shown
    assert "staat ook op regel 2" in shown
    assert "Uren kunnen niet negatief zijn" in shown
    assert '<option value="2026-P01" selected>' in shown
    assert not Delivery.objects.exists()


def test_a_large_file_says_how_far_it_is_and_what_came_of_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, react: Callable[[datetime], int]
) -> None:
    monkeypatch.setattr("eigenwijs.contributions.operations.delivering.READ_AT_ONCE", 1)
    right = write_payroll_file([worker(1), worker(2)])
    for content, outcome in (
        (right.replace(b"80,00", b"-1,00"), "Uren kunnen niet negatief zijn"),
        (right, "Ja, bevestig deze aanlevering"),
    ):
        found = upload(client, content).url  # type: ignore[attr-defined]
        shown = client.get(found).content.decode()
        assert "We lezen je bestand" in shown
        assert "We beginnen zo." in shown
        assert "wordt gelezen" in page(client, "home")
        delivery_id = Delivery.objects.get(state="received").id
        with audit.progress(("contributions.delivery", delivery_id), 100_000) as tell:
            tell(12_000)
            assert "12.000 van 100.000 regels verwerkt." in client.get(found).content.decode()
        react(datetime.now(UTC))
        assert outcome in client.get(found).content.decode()


def test_without_a_file_the_form_says_what_is_missing(client: Client) -> None:
    answer = client.post(reverse("employer:upload"), {"period": "2099-01"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Kies een periode uit de lijst." in shown
    assert "Er klopt nog iets niet" in shown


def test_the_same_file_again_says_so_and_changes_nothing(client: Client) -> None:
    content = write_payroll_file([worker(1)])
    upload(client, content)
    client.post(reverse("employer:confirm", args=[Delivery.objects.get().id]))
    answer = client.get(upload(client, content).url)  # type: ignore[attr-defined]
    assert "leverde je al aan" in answer.content.decode()
    assert Delivery.objects.count() == 1


def test_a_file_with_far_fewer_lines_than_the_period_before_asks_whether_it_is_whole(
    client: Client, employer: OrganisationView, now: datetime
) -> None:
    deliver(employer, "2026-P01", [worker(number) for number in range(1, 6)], now)
    for count, asked in ((4, False), (3, True)):
        rows = [worker(number) for number in range(1, count + 1)]
        found = upload(client, write_payroll_file(rows), "2026-P02").url  # type: ignore[attr-defined]
        shown = client.get(found).content.decode()
        assert ("De periode ervoor had 5 regels" in shown) is asked


def test_the_form_proposes_the_next_period_and_the_last_where_that_has_not_begun(
    client: Client, employer: OrganisationView
) -> None:
    today = local_date(datetime.now(UTC))
    running = Period.containing(today, PeriodKind.FOUR_WEEKS)
    for last, proposed in ((running.previous(), running), (running, running)):
        deliver(employer, str(last), [worker(1)], datetime.now(UTC))
        assert f'<option value="{proposed}" selected>' in page(client, "upload")


def test_a_correction_shows_its_differences_first(
    client: Client, employer: OrganisationView
) -> None:
    deliver(employer, "2026-P01", [worker(1), worker(2), worker(3)], datetime.now(UTC))
    upload(client, write_payroll_file([worker(1), worker(2, hours=1200)]))
    shown = page(client, "delivery", Delivery.objects.get(state="previewed").id)
    assert "contracturen per week: 20,00 wordt 12,00" in shown
    assert "1 dienstverband staat er niet meer in" in shown
    assert "− €" in shown or "\N{MINUS SIGN}" in shown


def test_a_preview_can_be_thrown_away(client: Client) -> None:
    upload(client, write_payroll_file([worker(1)]))
    delivery = Delivery.objects.get()
    client.post(reverse("employer:discard", args=[delivery.id]))
    assert client.get(reverse("employer:delivery", args=[delivery.id])).status_code == 404
    assert "Nog niets aangeleverd" in page(client, "home")


def test_what_was_confirmed_in_another_tab_is_not_said_to_be_thrown_away(client: Client) -> None:
    upload(client, write_payroll_file([worker(1)]))
    delivery = Delivery.objects.get()
    client.post(reverse("employer:confirm", args=[delivery.id]))
    answer = client.post(reverse("employer:discard", args=[delivery.id]), follow=True)
    assert "Je zei al ja tegen dit bestand." in answer.content.decode()
    assert "weggegooid" not in answer.content.decode()


def test_who_comes_while_a_file_is_being_read_hears_so_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(client, write_payroll_file([worker(1)]))
    delivery = Delivery.objects.get()
    monkeypatch.setattr(
        "eigenwijs.contributions.operations.delivering.lock_at_once", lambda _rows: None
    )
    answer = client.post(reverse("employer:discard", args=[delivery.id]), follow=True)
    for shown in (answer, upload(client, write_payroll_file([worker(2)]))):
        assert "We lezen nu een bestand van je." in shown.content.decode()  # type: ignore[attr-defined]
    assert Delivery.objects.get() == delivery


def test_a_confirmation_that_comes_too_late_says_so(client: Client) -> None:
    upload(client, write_payroll_file([worker(1)]))
    delivery = Delivery.objects.get()
    upload(client, write_payroll_file([worker(2)]))
    assert client.post(reverse("employer:confirm", args=[delivery.id])).status_code == 404
    assert not PaymentRequest.objects.exists()


def test_lines_are_found_by_number_and_looking_is_logged(
    client: Client, employer: OrganisationView
) -> None:
    delivery = deliver(employer, "2026-P01", [worker(1), worker(2, hours=1000)], datetime.now(UTC))
    shown = page(client, "delivery", delivery.id, without="on")
    assert "Werknemer Nummer 2" in shown
    assert "Werknemer Nummer 1" not in shown
    shown = page(client, "delivery", delivery.id, number="P00001")
    assert "Werknemer Nummer 2" not in shown
    seen = people.employments_of_employer(employer.id)[0].person_id
    assert [look.what for look in people.looks(seen)] == ["delivery"]


def test_the_nota_on_paper_has_totals_and_no_person(
    client: Client, employer: OrganisationView, now: datetime
) -> None:
    Bank()
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(employer)
    answer = client.get(reverse("employer:request_pdf", args=[request.id]))
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(one.extract_text() for one in PdfReader(BytesIO(answer.content)).pages)
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "€ 26,92" in text
    assert f"Nota {request.number}" in text
    assert "NL91 ABNA 0417 1643 00" in text
    assert "Werknemer" not in text


def test_a_partly_paid_nota_asks_the_rest_everywhere(
    client: Client, employer: OrganisationView, now: datetime
) -> None:
    """Of 26.92 came 20.00: 6.92 on the first page, in the list, on the nota and on paper."""
    bank = Bank()
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(employer)
    bank.pay(request, now, cents=20_00)
    shown = [page(client, "home"), page(client, "requests"), page(client, "request", request.id)]
    answer = client.get(reverse("employer:request_pdf", args=[request.id]))
    shown.append("".join(one.extract_text() for one in PdfReader(BytesIO(answer.content)).pages))
    for text in shown:
        assert "6,92" in text
        assert "Nog te betalen" in text
    assert all("deels betaald" in text for text in shown[:3])
    assert all("20,00" in text for text in shown[2:])


def test_how_far_crediting_is_stands_wherever_the_nota_stands(
    client: Client, employer: OrganisationView, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three amounts are on an account; a correction waits for the third."""
    monkeypatch.setattr(crediting, "CHUNK", 2)
    bank = Bank()
    delivery = deliver(employer, "2026-P01", [worker(1), worker(2), worker(3)], now)
    react(now)
    (request,) = requests_of(employer)
    bank.load(pays(request.total_cents, reference=request.reference), at=now)
    assert [react_once(now), react_once(now)] == ["receipt_matched", "crediting_begun"]
    assert "2 van 3 bijgeschreven" in page(client, "requests")
    assert "2 van 3 bijgeschreven" in page(client, "delivery", delivery.id)
    assert "2 van 3 bedragen staan op een leerrekening" in page(client, "request", request.id)
    operator = client_as(Role.OPERATOR)
    everywhere = operator.get(reverse("operator:crediting")).content.decode()
    assert employer.name in everywhere
    assert "2 van 3 bijgeschreven" in everywhere
    correction = preview(employer, "2026-P01", [worker(1), worker(2)], later(now))
    answer = client.post(reverse("employer:confirm", args=[correction.id]), follow=True)
    assert "Dank je. We verwerken je bestand. Dat kan even duren." in answer.content.decode()
    assert "We verwerken je bestand. Dat kan even duren." in page(client, "delivery", correction.id)
    react(later(now))
    for text in (page(client, "requests"), page(client, "request", request.id)):
        assert "2 van 3" not in text
    assert "Alles is bijgeschreven" in operator.get(reverse("operator:crediting")).content.decode()


def test_a_paid_nota_says_on_which_day_its_money_goes_to_accounts(now: datetime) -> None:
    """€ 20.00 of January 2026 is paid and waits for 1 April 2027."""
    delay = 'credited: {next_year_on: 04-01, article: "5"}\n'
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + delay)
    employer, bank = make_participant(GIFT), Bank()
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    client, said = client_as(Role.EMPLOYER, employer.id), "komt € 20,00 op 1 april 2027 op"
    assert said not in page(client, "request", request.id)
    bank.pay(request, now)
    assert said in page(client, "request", request.id)
    operator = client_as(Role.OPERATOR).get(reverse("operator:crediting")).content.decode()
    assert "1 april 2027" in operator.replace("\xa0", " ")


def test_a_nota_taken_back_while_its_money_waits_does_not_say_that_it_is_on_accounts(
    now: datetime,
) -> None:
    """€ 20.00 waited for 1 April 2027; the bank took it back, so it comes there only once it is paid again."""
    delay = 'credited: {next_year_on: 04-01, article: "5"}\n'
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + delay)
    employer, bank = make_participant(GIFT), Bank(100_00)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    bank.book(pays(20_00, reference=request.reference, end_to_end_id="E1"), at=now)
    detail = Detail(reference=request.reference, end_to_end_id="E1", return_reason="MD06")
    back = Booking(-20_00, (detail,), code="PMNT-RCDT-RRTN", reversal=True)
    bank.book(back, at=later(now))
    text = page(client_as(Role.EMPLOYER, employer.id), "request", request.id)
    assert "€ 20,00 staat nog niet op leerrekeningen" in text
    assert "komt € 20,00 op 1 april 2027 op" not in text
    assert "Wat al op een leerrekening staat, blijft daar" in text


def test_notas_come_along_as_a_file_and_only_those_of_the_employer(
    client: Client, employer: OrganisationView, now: datetime
) -> None:
    """Of 26.92 came 20.00: 6.92 is still to pay."""
    bank = Bank()
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(employer)
    bank.pay(request, now, cents=20_00)
    address = reverse("employer:requests")
    (row,) = client.get(address, {"csv": "1"}).content.decode("utf-8-sig").splitlines()[1:]
    cells = row.split(";")
    assert cells[0] == str(request.number)
    assert cells[3:] == ["26,92", "6,92", request.due_on.isoformat(), "deels betaald"]
    stranger = client_as(Role.EMPLOYER, make_participant(SUPERMARKET).id)
    assert len(stranger.get(address, {"csv": "1"}).content.decode().splitlines()) == 1


def test_a_paid_nota_says_so_and_never_what_became_of_the_money(
    client: Client, employer: OrganisationView, now: datetime
) -> None:
    bank = Bank()
    deliver(employer, "2026-P01", [worker(1)], now)
    (request,) = requests_of(employer)
    bank.pay(request, later(now))
    assert "betaald" in page(client, "request", request.id)
    assert "Te betalen</h2>" not in page(client, "home")


def test_another_employer_s_things_are_as_absent(employer: OrganisationView, now: datetime) -> None:
    delivery = deliver(employer, "2026-P01", [worker(1)], now)
    (request,) = requests_of(employer)
    other = client_as(Role.EMPLOYER, make_participant(SUPERMARKET).id)
    absent: UUID = employer.id
    for name, method, thing in (
        ("delivery", "get", delivery.id),
        ("request", "get", request.id),
        ("request_pdf", "get", request.id),
        ("confirm", "post", delivery.id),
        ("discard", "post", delivery.id),
    ):
        answers = [
            getattr(other, method)(reverse(f"employer:{name}", args=[one]))
            for one in (thing, absent)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]


def test_an_employer_without_a_scheme_is_told_what_to_do(db: None) -> None:
    client = client_as(Role.EMPLOYER)
    for name in ("home", "upload"):
        assert "Je doet nog aan geen regeling mee" in page(client, name)
    example = client.get(reverse("employer:example"))
    assert "Personeelsnummer" in example.content.decode("utf-8-sig")
