"""A worker asks coming money ahead, reads what it means first, and can take it back until it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from eigenwijs.contributions import queries
from eigenwijs.contributions.models import AdvanceAsk
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.kernel.wording import money
from eigenwijs.kernel.wording import period as in_words
from eigenwijs.people.types import OrganisationView, Role
from tests.contributions.test_advances import ADVANCE
from tests.factories.contributions import (
    MONTHLY,
    MONTHLY_SCHEME,
    Bank,
    deliver,
    employment,
    make_law,
    make_participant,
    react,
    requests_of,
    worker,
)
from tests.factories.people import make_opened
from tests.factories.web import client_as, client_of

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)  # pages read the clock
LAST = Period.containing(local_date(NOW), PeriodKind.MONTH).previous()
PAGE = "worker:advance"


def shop_of(text: str = ADVANCE) -> tuple[OrganisationView, Client]:
    """An employer that delivered last month, and the client of a worker there."""
    make_law(MONTHLY_SCHEME, text=text)
    shop = make_participant(MONTHLY_SCHEME)
    deliver(shop, str(LAST), [worker(), worker(2)], NOW)
    react(NOW)
    return shop, client_of(make_opened(employment(shop).person_id, at=NOW))


def key(shop: OrganisationView, number: int = 1) -> str:
    return f"{employment(shop, number).id} {MONTHLY_SCHEME}"


def read(client: Client, name: str = PAGE) -> str:
    return client.get(reverse(name)).content.decode()


def test_the_worker_reads_what_it_means_says_yes_and_the_coming_months_are_less() -> None:
    shop, client = shop_of()
    bank = Bank()
    assert reverse(PAGE) in read(client, "worker:account")
    assert money(Money(240_00)) in read(client)
    asked = {"job": key(shop), "amount": "25,00"}
    before = client.post(reverse(PAGE), asked).content.decode()
    assert money(Money(25_00)) in before
    gone = LAST.next().next().next().next()
    assert f"ongeveer tot en met {in_words(gone)}" in before
    assert "Stopt je baan? Dan houd je wat je kreeg." in before
    assert "Je werkgever ziet dat je een voorschot vroeg" in before
    assert not AdvanceAsk.objects.exists(), "nothing is asked before the yes"

    said = client.post(reverse(PAGE), {**asked, "yes": "24000"}, follow=True).content.decode()
    assert "Je voorschot is gevraagd." in said
    assert "Voorschot gevraagd" in read(client, "worker:account")

    period, at, got = LAST, NOW, []
    for day in range(1, 6):
        period, at = period.next(), NOW + timedelta(days=day)
        delivered = deliver(shop, str(period), [worker(), worker(2)], at)
        react(at)
        for request in requests_of(shop):
            if request.state == "open":
                got.append(request.total_cents)
                bank.pay(request, at)
        if day == 1:
            employer = client_as(Role.EMPLOYER, shop.id)
            page = employer.get(reverse("employer:delivery", args=[delivered.id])).content.decode()
            assert f"Er komt {money(Money(25_00))} voorschot bij" in page
            mine = read(client, "worker:account")
            assert "Gaat nog af van wat komt" in mine
            assert money(Money(35_00 + 10_00)) in mine
    assert got == [20_00, 45_00, 10_00, 10_00, 15_00, 20_00]


@pytest.mark.parametrize("days", [90, None])
def test_the_page_before_the_yes_says_in_which_days_what_is_unspent_can_be_taken_back(
    days: int | None,
) -> None:
    term = f'correctable_for: {{days: {days}, article: "4"}}\n' if days else ""
    shop, client = shop_of(ADVANCE.replace("spend:", term + "spend:"))
    page = client.post(reverse(PAGE), {"job": key(shop), "amount": "25,00"}).content.decode()
    said = "Verbetert je werkgever een fout binnen 90 dagen nadat het geld kwam?"
    assert (said in page) is (days is not None)


def test_the_nota_names_the_advance_in_it_once() -> None:
    """With the delivery that it comes with; not with the months that it goes off."""
    shop, client = shop_of()
    client.post(reverse(PAGE), {"job": key(shop), "amount": "25,00", "yes": "24000"})
    employer, period, at, named = client_as(Role.EMPLOYER, shop.id), LAST, NOW, []
    for day in (1, 2):
        period, at = period.next(), NOW + timedelta(days=day)
        deliver(shop, str(period), [worker(), worker(2)], at)
        react(at)
    for request in sorted(requests_of(shop), key=lambda one: one.number):
        page = employer.get(reverse("employer:request", args=[request.id])).content.decode()
        paper = employer.get(reverse("employer:request_pdf", args=[request.id]))
        text = PdfReader(BytesIO(paper.content)).pages[0].extract_text().replace("\n", " ")
        said = f"In dit bedrag zit {money(Money(25_00))} voorschot."
        named.append((said in page, said.replace("\xa0", " ") in text.replace("\xa0", " ")))
    assert named == [(False, False), (True, True), (False, False)]


def test_one_that_waits_can_be_taken_back_and_another_persons_cannot() -> None:
    shop, client = shop_of()
    client.post(reverse(PAGE), {"job": key(shop), "amount": "25", "yes": "24000"})
    ask = AdvanceAsk.objects.get().pk
    other = client_of(make_opened(employment(shop, 2).person_id, at=NOW))
    for wrong in (str(ask), "geen-nummer"):
        other.post(reverse(PAGE), {"withdraw": wrong})
    assert AdvanceAsk.objects.filter(pk=ask).exists()
    assert "Trek je voorschot in" in read(client)
    said = client.post(reverse(PAGE), {"withdraw": str(ask)}, follow=True).content.decode()
    assert "Er wacht geen voorschot meer." in said
    assert not AdvanceAsk.objects.exists()


def test_a_yes_to_what_a_page_of_before_said_is_no_yes() -> None:
    """The same post after the advance came: somebody reads first what it means now."""
    shop, client = shop_of()
    said = {"job": key(shop), "amount": "25", "yes": "24000"}
    client.post(reverse(PAGE), said)
    deliver(shop, str(LAST.next()), [worker(), worker(2)], NOW + timedelta(days=1))
    again = client.post(reverse(PAGE), said).content.decode()
    assert "Wil je dit voorschot?" in again
    assert AdvanceAsk.objects.count() == 1


def test_another_persons_job_is_answered_as_one_that_is_not_there() -> None:
    shop, client = shop_of()
    client_of(make_opened(employment(shop, 2).person_id, at=NOW))
    for job in (key(shop, 2), f"{shop.id} {MONTHLY_SCHEME}", "niets", ""):
        page = client.post(reverse(PAGE), {"job": job, "amount": "25", "yes": "24000"})
        assert "Hier kun je nu geen voorschot vragen." in page.content.decode()
    assert not AdvanceAsk.objects.exists()


@pytest.mark.parametrize("typed", ["0", "240,01", "veel", "-3", ""])
def test_a_wrong_amount_is_said_at_the_field_and_kept(typed: str) -> None:
    shop, client = shop_of()
    page = client.post(reverse(PAGE), {"job": key(shop), "amount": typed}).content.decode()
    assert "Er klopt nog iets niet" in page
    assert f'value="{typed}"' in page or not typed
    assert "Wil je dit voorschot?" not in page


def queries_of(client: Client) -> int:
    """How many queries the account page takes, when it is asked again."""
    read(client, "worker:account")
    with CaptureQueriesContext(connection) as seen:
        read(client, "worker:account")
    return len(seen)


def test_who_can_have_no_advance_pays_next_to_nothing_for_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One query where no scheme has it; two more, to find their jobs, where another scheme has."""
    _shop, client = shop_of(MONTHLY)
    alone = queries_of(client)
    make_law("nl/ander", text=ADVANCE.replace("scheme: nl/maandbedrag", "scheme: nl/ander"))
    beside = queries_of(client)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "advances", lambda **_: [])
        unchecked = queries_of(client)
    assert (alone - unchecked, beside - unchecked) == (1, 3)
    assert beside <= 16, "as many as before there were advances, and two for time to learn"


def test_without_the_rule_there_is_nothing_to_ask() -> None:
    _shop, client = shop_of(MONTHLY)
    assert "Je kunt nu geen voorschot vragen" in read(client)
    assert reverse(PAGE) not in read(client, "worker:account")
