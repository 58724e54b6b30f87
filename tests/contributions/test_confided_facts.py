"""Schemes that count what people told about themselves: the worker gets it, the employer learns nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from eigenwijs.audit.models import AuditRow
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import AmountDue, DeliveryLine, PaymentRequest
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.kernel.money import Money
from eigenwijs.notices.models import Notice
from eigenwijs.people import operations as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import OrganisationKind, OrganisationView, Qualification, Role
from tests.factories.contributions import (
    LONG_AGO,
    SCHEMES,
    SYSTEM,
    Bank,
    actor_of,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    react,
    worker,
)
from tests.factories.people import actor_for, make_organisation, make_person
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db

CPF = "fr/cpf"
LAW = (SCHEMES / CPF / "scheme.yaml").read_text()
PLAIN = """
scheme: fr/gewoon
title: {nl: Gewoon, en: Plain}
source: invented
starts: 2019-01-01
periods: [year]
signed_by: [state]
portable: true
parameters:
  amount: {unit: EUR, article: x, values: {2019-01-01: 100.00}}
credit:
  - {id: yearly, per: year, cases: [{otherwise: amount}], round: up, article: x}
spend: {work_related_only: false, article: x}
correctable_for: {days: 30, article: x}
"""
ONLY_LOW = PLAIN.replace("fr/gewoon", "fr/alleen-laag").replace(
    "[{otherwise: amount}]",
    '[{when: "qualification in [primary]", amount: amount}, {otherwise: 0}]',
) + ("absent: {qualification: {use: master, article: x}}\n")
"""Nothing for who told nothing: there is a nota only when somebody told."""


@pytest.fixture
def shop() -> OrganisationView:
    """An employer with two schemes that one fund pays, of which one counts the diploma, and a third
    that another fund pays."""
    make_law(CPF, text=LAW + "\ncorrectable_for: {days: 30, article: x}\n")
    make_law("fr/gewoon", text=PLAIN)
    make_law("fr/alleen-laag", text=ONLY_LOW)
    employer = make_participant(CPF, "fr/gewoon", payer=make_organisation(OrganisationKind.PAYER))
    operations.join_scheme(
        employer_id=employer.id,
        scheme="fr/alleen-laag",
        payer_id=make_organisation(OrganisationKind.PAYER).id,
        starts_on=date(2024, 1, 1),
        by=SYSTEM,
        at=LONG_AGO,
    )
    return employer


def crew(count: int) -> list[PayrollRow]:
    return [worker(number, paid_hours_period=643_00) for number in range(1, count + 1)]


def person_of(number: int) -> UUID:
    rows = AmountDue.objects.filter(line__personnel_number=f"P{number:05d}")
    return rows.values_list("person", flat=True).order_by("id")[0]


def tell(number: int, level: Qualification | None, at: datetime) -> None:
    person_id = person_of(number)
    people.tell_qualification(person_id=person_id, level=level, by=actor_for(person_id), at=at)


def given(number: int, period: str = "2026") -> int:
    rows = AmountDue.objects.filter(scheme=CPF, is_current=True, period=period)
    return rows.get(line__personnel_number=f"P{number:05d}").entitled_cents


def plain(text: str) -> str:
    """A page without what is different each time: keys and tokens."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text)
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "TOKEN", text)


def number_from_one() -> None:
    """Let notas count from one again, in each world that is tried out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('contributions_request_number', 1, false)")


def pages(shop: OrganisationView, client: Client) -> Iterable[str]:
    """Every page and file that an employer can open, after the ids it can find."""
    places = [reverse(f"employer:{name}") for name in ("home", "upload", "example", "requests")]
    places.append(reverse("employer:requests") + "?csv=1")
    for one in queries.deliveries(by=actor_of(shop)):
        address = reverse("employer:delivery", args=[one.id])
        places += [address, f"{address}?without=on", f"{address}?number=P00001"]
    for nota in queries.payment_requests(by=actor_of(shop)):
        places += [reverse("employer:request", args=[nota.id])]
    for place in places:
        page = client.get(place)
        assert page.status_code == 200, place
        yield plain(page.content.decode())


class Undo(Exception):
    """Ends a world that was tried out."""


def seen(
    shop: OrganisationView, told: dict[int, Qualification], at: datetime, count: int
) -> tuple[list[str], list[int]]:
    """What the employer sees from a preview, a year that is booked, paid and corrected; and what people got."""
    found: list[str] = []
    amounts: list[int] = []
    number_from_one()
    try:
        with transaction.atomic():
            client = client_of(make_person("Kim", role=Role.EMPLOYER, organisation_id=shop.id))
            deliver(shop, "2025", crew(count), at)
            for number, level in told.items():
                tell(number, level, at)
            end = later(at, 60)
            preview(shop, "2026", crew(count), end)
            found += pages(shop, client)
            deliver(shop, "2026", crew(count), end)
            amounts += [given(number) for number in range(1, count + 1)]
            found += pages(shop, client)
            bank = Bank()
            for nota in PaymentRequest.objects.filter(state="open").order_by("number"):
                bank.pay(nota, end)
            react(end)
            found += pages(shop, client)
            deliver(shop, "2026", crew(count - 1), later(end, 1))  # leaves one out: what changes?
            deliver(shop, "2026", crew(count), later(end, 2))
            found += pages(shop, client)
            operations.remind_overdue(by=SYSTEM, at=later(end, 300))
            notices = Notice.objects.filter(person__roles__role="employer")
            found += [f"{one.kind} {sorted(one.params)}" for one in notices.order_by("id")]
            raise Undo
    except Undo:
        return found, amounts


@pytest.mark.parametrize("count", [10, 2])
def test_an_employer_cannot_tell_who_told_what_not_by_name_trace_or_amount(
    shop: OrganisationView, now: datetime, count: int
) -> None:
    """643 of 1,607 hours: € 320.10 of € 800 for who told they have no diploma, € 200.07 for who did not."""
    low = Qualification.PRIMARY
    nobody, plain_amounts = seen(shop, {}, now, count)
    assert plain_amounts == [200_07] * count
    for told in ({1: low}, {2: low}, dict.fromkeys(range(1, count + 1), low)):
        page, amounts = seen(shop, told, now, count)
        assert amounts == [320_10 if one in told else 200_07 for one in range(1, count + 1)]
        pairs = zip("".join(page).splitlines(), "".join(nobody).splitlines(), strict=True)
        differ = [(one, other) for one, other in pairs if one != other]
        assert not differ
    assert "compte personnel de formation" in "".join(nobody), "that there is a scheme is said"
    assert "100,00" in "".join(nobody), "of the other scheme all is seen"


def test_where_no_amount_is_shown_no_table_or_filter_speaks_of_amounts(now: datetime) -> None:
    """With only a scheme that counts the diploma “Samen € 0,00” would be untrue."""
    make_law(CPF)
    employer = make_participant(CPF, payer=make_organisation(OrganisationKind.PAYER))
    client = client_of(make_person("Kim", role=Role.EMPLOYER, organisation_id=employer.id))
    for at, step in ((now, preview), (later(now), deliver)):
        found = step(employer, "2025", crew(2), at)
        page = client.get(reverse("employer:delivery", args=[found.id])).content.decode()
        assert "Werknemer Nummer 2" in page
        assert "compte personnel de formation" in page
        for said in ("Per regeling", "Samen", "0,00", "Alleen wie niets krijgt", "en waarom"):
            assert said not in page


def test_who_signed_hears_of_no_late_payment_of_it(now: datetime) -> None:
    """Of eleven and then ten people the totals would tell what one has."""
    (state,) = make_law(CPF)
    fund = make_organisation(OrganisationKind.PAYER)
    deliver(make_participant(CPF, payer=fund), "2025", crew(11), now)
    assert PaymentRequest.objects.get().total_cents == 11 * 200_07
    late = later(now, 300).date()
    assert queries.late_requests(organisation_id=state, on=late) == []


def test_its_nota_is_apart_and_the_employer_never_gets_it(
    shop: OrganisationView, now: datetime
) -> None:
    """Two people: 2 × € 200.07 on a nota that the employer does not see, 2 × € 100.00 on one that it does."""
    deliver(shop, "2025", crew(2), now)
    hidden, shown = PaymentRequest.objects.order_by("-counts_confided")
    assert (hidden.total_cents, shown.total_cents) == (400_14, 200_00)
    by = actor_of(shop)
    assert [one.id for one in queries.payment_requests(by=by)] == [shown.id]
    assert queries.payment_request(hidden.id, by=by) is None
    client = client_of(make_person("Kim", role=Role.EMPLOYER, organisation_id=shop.id))
    for name in ("request", "request_pdf"):
        assert client.get(reverse(f"employer:{name}", args=[hidden.id])).status_code == 404


def test_a_yes_counts_though_somebody_told_something_after_the_preview(
    shop: OrganisationView, now: datetime
) -> None:
    """Refusing it as changed would tell the employer that somebody did."""
    deliver(shop, "2025", crew(2), now)
    end = later(now, 60)
    shown = preview(shop, "2026", crew(2), end)
    tell(1, Qualification.PRIMARY, now)
    booked = operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=end)
    assert booked.state == "booked"
    assert booked.total == Money(200_00)
    assert [given(1), given(2)] == [320_10, 200_07]


def test_it_counts_when_told_by_the_end_of_the_period_and_is_explained_the_same_later(
    shop: OrganisationView, now: datetime
) -> None:
    deliver(shop, "2025", crew(1), now)
    end = later(now, 60)
    tell(1, Qualification.PRIMARY, end)  # in January: too late for 2026
    deliver(shop, "2026", crew(1), end)
    assert given(1) == 200_07
    tell(1, Qualification.BACHELOR, now)
    tell(1, None, end)
    row = AmountDue.objects.get(scheme=CPF, period="2026")
    assert row.inputs["qualification"] is None
    reason = queries.reasons_of([row.id])[row.id]
    assert "instead_qualification" in [step.code for step in reason.steps]


def test_a_period_that_was_computed_keeps_what_was_told_then(
    shop: OrganisationView, now: datetime
) -> None:
    """Of € 800 for 643 of 1,607 hours € 320.10 stays when it is taken back, whoever is corrected: for
    700 hours € 348.48, as before. Who told nothing keeps € 200.07 of € 500. Of the next year it counts."""
    deliver(shop, "2025", crew(2), now)
    tell(1, Qualification.PRIMARY, now)
    end = later(now, 60)
    deliver(shop, "2026", crew(2), end)
    bank = Bank()
    for nota in PaymentRequest.objects.filter(state="open").order_by("number"):
        bank.pay(nota, end)
    react(end)
    tell(1, None, end)
    tell(2, Qualification.PRIMARY, now)  # in time, but the year was computed
    deliver(shop, "2026", [*crew(1), worker(2, paid_hours_period=600_00)], later(end, 1))
    assert given(1) == 320_10
    deliver(shop, "2026", crew(2)[1:], later(end, 2))  # a mistake, and mended
    react(later(end, 2))
    deliver(shop, "2026", [worker(1, paid_hours_period=700_00), *crew(2)[1:]], later(end, 3))
    assert [given(1), given(2)] == [348_48, 200_07]
    react(later(end, 3))
    deliver(shop, "2027", crew(2), later(end, 400))
    assert [given(1, "2027"), given(2, "2027")] == [200_07, 320_10]


def on_paper(answer: HttpResponse) -> str:
    """What a PDF says."""
    assert answer["Content-Type"] == "application/pdf"
    read = "".join(one.extract_text() for one in PdfReader(BytesIO(answer.content)).pages)
    return read.replace("\N{NO-BREAK SPACE}", " ")


def test_finance_hands_it_to_the_fund_without_a_person_and_every_look_is_written_down(
    shop: OrganisationView, now: datetime
) -> None:
    """2 × € 200.07 is € 400.14 on the page and on paper, with how to pay it; nobody is named on either."""
    Bank()
    deliver(shop, "2025", crew(2), now)
    hidden = PaymentRequest.objects.get(counts_confided=True)
    finance = make_person("Ingrid", role=Role.FINANCE)
    client = client_of(finance)
    listed = client.get(reverse("finance:notas")).content.decode()
    assert hidden.reference in listed
    assert shop.name not in listed
    assert not AuditRow.objects.filter(actor_person=finance.id).exists()
    place = reverse("finance:nota", args=[hidden.reference])
    assert place in client.get(reverse("finance:receipt", args=[hidden.reference])).content.decode()
    page = unescape(client.get(place).content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    paper = on_paper(client.get(reverse("finance:nota_pdf", args=[hidden.reference])))
    payer = hidden.payer.name
    for text in (page, paper):
        for said in ("€ 400,14", payer, shop.name, "2025", "NL91 ABNA 0417 1643 00"):
            assert said in text
        assert "Werknemer" not in text
        assert "P00001" not in text
    assert "Hun werkgever ziet deze nota niet" in " ".join(paper.split())
    rows = AuditRow.objects.filter(actor_person=finance.id).order_by("id")
    looks = [(row.action, row.subject_id, row.ids) for row in rows]
    assert looks == [
        (f"contributions.paymentrequest.{what}", hidden.id, {"reference": hidden.reference})
        for what in ("look", "print")
    ]


def test_nobody_but_finance_finds_it_and_finance_finds_no_other(
    shop: OrganisationView, now: datetime
) -> None:
    deliver(shop, "2025", crew(2), now)
    hidden, shown = PaymentRequest.objects.order_by("-counts_confided")
    employer = client_of(make_person("Kim", role=Role.EMPLOYER, organisation_id=shop.id))
    finance = client_of(make_person("Ingrid", role=Role.FINANCE))
    assert employer.get(reverse("finance:notas")).status_code == 404
    for name in ("finance:nota", "finance:nota_pdf"):
        place = reverse(name, args=[hidden.reference])
        absent = employer.get(reverse(name, args=["RF00NIETS"]))
        answer = employer.get(place)
        assert (answer.status_code, absent.status_code) == (404, 404)
        assert plain(answer.content.decode()).replace(hidden.reference, "RF00NIETS") == plain(
            absent.content.decode()
        )
        assert finance.get(place).status_code == 200
        assert finance.get(reverse(name, args=[shown.reference])).status_code == 404
    with pytest.raises(NotPermitted):
        operations.look_at_hidden_nota(
            reference=hidden.reference, on_paper=True, by=actor_of(shop), at=now
        )


def test_what_a_person_takes_along_counts_what_their_employer_does_not_see(now: datetime) -> None:
    """€ 200.07, and € 320.10 of the next year: the employer sees neither, the worker takes both along."""
    make_law(CPF)
    employer = make_participant(CPF, payer=make_organisation(OrganisationKind.PAYER))
    deliver(employer, "2025", crew(1), now)
    tell(1, Qualification.PRIMARY, now)
    deliver(employer, "2026", crew(1), later(now, 60))
    deliver(employer, "2026", [worker(1, paid_hours_period=0)], later(now, 61))
    lines = queries.export(person_of(1))["delivered"]
    assert [(one["change_cents"], one["is_without"]) for one in lines] == [
        (200_07, False),
        (320_10, False),
        (-320_10, True),
    ]
    assert set(DeliveryLine.objects.values_list("change_cents", "is_without")) == {(0, True)}


def test_a_nota_that_was_replaced_is_not_handed_over(shop: OrganisationView, now: datetime) -> None:
    """Two people of € 200.07 become one: the old nota says so and has no paper; the new one asks € 200.07."""
    deliver(shop, "2025", crew(2), now)
    deliver(shop, "2025", crew(1), later(now, 1))
    old, new = PaymentRequest.objects.filter(counts_confided=True).order_by("number")
    client = client_of(make_person("Ingrid", role=Role.FINANCE))
    page = client.get(reverse("finance:nota", args=[old.reference])).content.decode()
    assert "Deze nota geldt niet meer" in page
    assert "/pdf/" not in page
    assert client.get(reverse("finance:nota_pdf", args=[old.reference])).status_code == 404
    paper = on_paper(client.get(reverse("finance:nota_pdf", args=[new.reference])))
    assert "€ 200,07" in paper
