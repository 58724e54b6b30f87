"""Rounds that are served in order of arrival, on the pages of workers, desk, operator and everyone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from eigenwijs.draws import access, operations, queries
from eigenwijs.draws.operations import UnableToClaim
from eigenwijs.draws.types import FirstCome
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import PersonView, Role
from tests.factories.contributions import GIFT, make_law
from tests.factories.draws import CLOSED, MADE, OPENED, enter_all, make_fund, make_waiting, open_
from tests.factories.people import SYSTEM, actor_for, make_person
from tests.factories.web import client_as, client_of
from tests.web.worker.test_rounds import FORM, clock, read, send

pytestmark = pytest.mark.django_db
__all__ = ["clock"]


@pytest.fixture
def samira() -> PersonView:
    """A worker with a login."""
    return make_person("Samira de Boer")


def test_a_worker_waits_is_drawn_and_reads_why_nobody_has_to_be_quick(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_waiting()
    browser, address = client_of(samira), reverse("worker:round", args=[found.id])
    page = read(browser, address)
    assert "Je hoeft niet snel te zijn." in page
    assert "Aanvragen worden behandeld in volgorde van ontvangst." in page
    page = send(browser, address, action="enter")
    assert "Je zit in de wachtkamer. Je hoeft niets te doen. Op 1 mei 2026, 00:00" in page
    open_(found.id)
    clock[0] = CLOSED
    browser = client_of(samira)
    assert "Dit staat voor je klaar" in read(browser, address)


def test_before_the_waiting_room_opens_the_page_to_ask_leads_to_when_it_does(
    samira: PersonView, clock: list[datetime]
) -> None:
    """A round whose window opens on 1 April, looked at on 30 March."""
    found = make_waiting()
    clock[0] = MADE + timedelta(days=10)
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    answer = browser.get(address)
    assert answer.headers["Location"] == reverse("worker:round", args=[found.id])
    assert "Deze ronde opent op 1 april 2026." in read(browser, answer.headers["Location"])


def test_everyone_sees_that_it_is_not_open_yet_though_the_order_is_drawn(
    clock: list[datetime],
) -> None:
    opens_at = CLOSED + timedelta(days=3)
    law = "Aanvragen worden behandeld in volgorde van ontvangst."
    found = make_waiting(first_come=FirstCome(opens_at, law))
    operations.list_due(by=SYSTEM, at=CLOSED)
    operations.reveal(round_id=found.id, by=SYSTEM, at=CLOSED)
    address = reverse("public:round", args=[found.id])
    clock[0] = CLOSED
    assert "in arrivals.csv" not in read(Client(), address)
    clock[0] = opens_at
    assert "0 aanvragen, samen € 0,00, in arrivals.csv" in read(Client(), address)


def test_who_comes_later_sees_when_it_opens_asks_and_gets_an_answer(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_waiting()
    clock[0] = CLOSED
    operations.list_due(by=SYSTEM, at=CLOSED)
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    assert "Nog niet open" in read(browser, address)
    assert "Je kunt nu niets vragen" in send(browser, address)
    operations.open_due(by=SYSTEM, at=CLOSED)
    assert "heeft nog geld om te leren" in read(browser, reverse("worker:home"))
    assert "Open: er is nog geld" in read(browser, reverse("worker:rounds"))
    assert browser.get(reverse("worker:round", args=[found.id])).headers["Location"] == address
    page = send(browser, address)
    assert "Gelukt. Het geld staat voor je klaar." in page
    assert "€ 100,00" in page
    assert "Gelukt: zeg nog ja" in page
    assert browser.get(address).headers["Location"] == reverse("worker:round", args=[found.id])
    page = send(browser, reverse("worker:round", args=[found.id]), action="accept")
    assert "Het geld staat op je leerrekening." in page
    assert "Dit kreeg je" in page


def test_sold_out_says_so_and_what_else_there_is(
    samira: PersonView, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = make_waiting(pot=Money(100_00))
    open_(found.id)
    clock[0] = CLOSED
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    assert "Open: er is nog geld" in read(browser, address)
    other = make_person().id
    operations.claim(round_id=found.id, person_id=other, by=SYSTEM, at=CLOSED)
    page = send(browser, address)
    assert "Het geld is op" in page
    assert "Wat kun je nu doen?" in page
    assert reverse("worker:courses") in page
    assert "Het geld is op" in read(browser, reverse("worker:rounds"))
    assert "Vraag het geld aan" not in read(browser, address)

    def lost(**_asked: object) -> None:
        raise UnableToClaim("answer_unknown")

    monkeypatch.setattr(operations, "claim", lost)
    monkeypatch.setattr(queries, "is_sold_out", lambda _of: False)
    assert "We weten niet of je aanvraag gelukt is." in send(browser, address)


def test_how_much_is_asked_at_its_field(samira: PersonView, clock: list[datetime]) -> None:
    found = open_(make_waiting(most=Money(200_00)).id)
    clock[0] = CLOSED
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    assert "Je kunt € 100,00 tot en met € 200,00 vragen." in read(browser, address)
    page = send(browser, address, amount="201")
    assert "Vul een bedrag in van € 100,00 tot en met € 200,00." in page
    assert 'href="#id_amount"' in page
    assert "€ 150,50" in send(browser, address, amount="150,50")


def test_a_round_that_is_drawn_or_is_not_for_somebody_has_no_page_to_ask(
    samira: PersonView, clock: list[datetime]
) -> None:
    clock[0] = CLOSED
    drawn = make_waiting(first_come=None, closes_on=CLOSED.date() + timedelta(days=9))
    closed = open_(make_waiting(when="age >= 120").id)
    browser = client_of(samira)
    answer = browser.get(reverse("worker:ask_round", args=[drawn.id]))
    assert answer.headers["Location"] == reverse("worker:round", args=[drawn.id])
    assert browser.get(reverse("worker:ask_round", args=[closed.id])).status_code == 404


def test_the_desk_asks_for_somebody(samira: PersonView, clock: list[datetime]) -> None:
    found = open_(make_waiting().id)
    clock[0] = CLOSED
    desk, address = client_as(Role.DESK), reverse("desk_people:rounds", args=[samira.id])
    assert "Vraag het aan voor de deelnemer" in read(desk, address)
    page = send(desk, address, action="claim", round=found.id)
    assert "Gelukt. Het geld staat klaar voor de deelnemer." in page
    assert "Er staat € 100,00 klaar" in page


def test_everyone_reads_the_law_and_who_came_when_without_names(clock: list[datetime]) -> None:
    found = make_waiting()
    enter_all(found.id, 1)
    open_(found.id)
    clock[0] = CLOSED
    operations.claim(round_id=found.id, person_id=make_person().id, by=SYSTEM, at=CLOSED)
    address = reverse("public:round", args=[found.id])
    page = read(Client(), address)
    assert "Aanvragen worden behandeld in volgorde van ontvangst." in page
    assert "1 aanvraag, samen € 100,00, in arrivals.csv" in page
    file = Client().get(reverse("public:round_file", args=[found.id, "arrivals.csv"]))
    assert file.content.decode().startswith("arrival,ticket,cents\n1,")
    page = read(client_as(Role.OPERATOR), reverse("operator:round", args=[found.id]))
    assert "1 aanvraag, samen € 100,00" in page


ARRIVAL = {
    **{name: value for name, value in FORM.items() if "group_a" not in name},
    "fit": "skip",
    "carry_step": "0",
    "weight_a": "",
    "share_a": "",
    "beacon_source": "",
    "law": "Artikel 4: op volgorde van ontvangst.",
    "first_on": "01-05-2026",
    "first_at": "09:00",
}


def test_an_operator_makes_a_round_in_order_of_arrival_and_sees_its_rules_again() -> None:
    make_law(GIFT)
    operator = client_as(Role.OPERATOR)
    page = send(operator, reverse("operator:new_round"), **ARRIVAL, payer=make_fund())
    assert "De ronde opent vanzelf op 1 mei 2026, 09:00" in page
    (made,) = queries.rounds()
    page = read(operator, reverse("operator:change_round", args=[made.id]))
    assert "Artikel 4: op volgorde van ontvangst." in page
    assert 'value="09:00' in page


@pytest.mark.parametrize(
    ("field", "value", "said", "where"),
    [
        ("law", "", "Of geen van beide.", "law"),
        ("first_on", "", "Of geen van beide.", "first_on"),
        ("first_on", "30-04-2026", "Na de wachtkamer en het openbare getal", "first_on"),
        ("fit", "close", "telt iedereen even vaak mee", "law"),
    ],
)
def test_rules_of_arrival_that_do_not_hold_are_said_at_their_field(
    field: str, value: str, said: str, where: str
) -> None:
    make_law(GIFT)
    page = send(
        client_as(Role.OPERATOR),
        reverse("operator:new_round"),
        **{**ARRIVAL, field: value},
        payer=make_fund(),
    )
    assert said in page
    assert f'href="#id_{where}"' in page
    assert queries.rounds() == []


def test_of_a_post_that_asks_nothing_is_read_for_a_page(
    samira: PersonView, clock: list[datetime], django_assert_max_num_queries: Any
) -> None:
    """Thousands may ask in one minute, so what the page says is read only when it is shown."""
    found = make_waiting()
    clock[0] = CLOSED
    open_(found.id)
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    with django_assert_max_num_queries(39):
        answer = browser.post(address)
    assert answer.headers["Location"] == reverse("worker:round", args=[found.id])


def test_who_drew_in_vain_in_the_waiting_room_is_not_told_that_asking_worked(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_waiting(pot=Money(100_00))
    operations.enter(round_id=found.id, person_id=samira.id, by=SYSTEM, at=OPENED)
    enter_all(found.id, 9)
    clock[0] = CLOSED
    open_(found.id)
    ticket = queries.ticket_of(samira.id, found.id)
    assert ticket
    page = send(client_of(samira), reverse("worker:ask_round", args=[found.id]))
    drew_in_vain = ticket.place is None  # one of the ten does not
    assert not (drew_in_vain and "Gelukt" in page)
    assert ("staat voor je klaar" in page) == (not drew_in_vain)


def test_who_said_no_and_asks_again_is_not_told_that_money_is_ready(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_waiting()
    clock[0] = CLOSED
    open_(found.id)
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    assert "Het geld staat voor je klaar" in browser.post(address, follow=True).content.decode()
    by = actor_for(samira.id)
    (own,) = access.own_rounds(by, at=CLOSED)
    operations.decline_place(place_id=own.ticket.place.id, by=by, at=CLOSED)
    assert "staat voor je klaar" not in browser.post(address, follow=True).content.decode()


def test_an_amount_that_was_left_out_is_asked_for(
    samira: PersonView, clock: list[datetime]
) -> None:
    """Never the most by default."""
    found = make_waiting(least=Money(50_00), most=Money(100_00))
    clock[0] = CLOSED
    open_(found.id)
    browser, address = client_of(samira), reverse("worker:ask_round", args=[found.id])
    answer = browser.post(address)
    assert answer.status_code == 200
    assert 'href="#id_amount"' in answer.content.decode()
    assert access.own_rounds(actor_for(samira.id), at=CLOSED)[0].ticket is None
