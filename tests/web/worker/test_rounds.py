"""Rounds on the worker's, the desk's, the operator's and everyone's pages."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import operations, queries, verify_draw
from eigenwijs.draws.models import Ticket
from eigenwijs.draws.types import RoundState
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import PersonView, Role
from tests.factories.budgets import pay_in
from tests.factories.catalogue import make_course, make_run
from tests.factories.contributions import GIFT, make_law
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    FALLEN,
    OPENED,
    VALUE,
    draw,
    enter_all,
    make_draft,
    make_fund,
    make_funded,
    make_published,
    make_rules,
)
from tests.factories.people import SYSTEM, make_organisation, make_person
from tests.factories.web import client_as, client_of

pytestmark = pytest.mark.django_db
Read = Callable[[Client, str], str]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moment at which pages are asked for; a test moves it on."""
    now = [OPENED]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    monkeypatch.setattr("tests.factories.web.datetime", _Now(now))
    return now


class _Now:
    """A clock for the factory of browsers: the second proof is as fresh as the page."""

    def __init__(self, now: list[datetime]) -> None:
        self.now_is = now

    def now(self, _zone: object) -> datetime:
        return self.now_is[0].astimezone(UTC)


def read(browser: Client, path: str) -> str:
    answer = browser.get(path, headers={"accept-language": "nl"})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def send(browser: Client, path: str, **values: object) -> str:
    answer = browser.post(path, values, headers={"accept-language": "nl"}, follow=True)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


@pytest.fixture
def samira() -> PersonView:
    return make_person("Samira")


def test_a_worker_enters_hears_the_odds_and_that_nothing_need_be_done_withdraws_and_returns(
    samira: PersonView,
) -> None:
    found = make_published()
    enter_all(found.id, 3)
    browser = client_of(samira)
    address = reverse("worker:round", args=[found.id])
    assert "Leerronde voorjaar" in read(browser, "/mijn/")
    assert "Open: je kunt meedoen" in read(browser, reverse("worker:rounds"))
    page = send(browser, address, action="enter")
    assert "Je staat erin. Je hoeft niets te doen tot 4 mei 2026." in page
    assert "Kans in jouw groep: ongeveer 8 op 10." in page
    assert "Zo rekenen wij" in page
    assert send(browser, address, action="enter").count("Je staat erin. Je hoeft") == 1
    assert "Je doet niet meer mee." in send(browser, address, action="withdraw")
    assert "Je staat erin." in send(browser, address, action="enter")
    assert "wachten" not in read(browser, reverse("worker:messages"))
    assert reverse("worker:round", args=[found.id]) in read(browser, reverse("worker:messages"))


def test_an_amount_that_may_not_be_asked_is_refused_at_the_field_and_kept(
    samira: PersonView,
) -> None:
    found = make_published(make_rules(most=Money(250_00)))
    browser = client_of(samira)
    address = reverse("worker:round", args=[found.id])
    page = send(browser, address, action="enter", amount="300")
    assert "Vul een bedrag in van € 100,00 tot en met € 250,00." in page
    assert 'value="300"' in page
    assert "€ 120,50" in send(browser, address, action="enter", amount="120,50")


def test_a_winner_says_yes_and_the_money_is_on_the_account(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_published()
    operations.enter(round_id=found.id, person_id=samira.id, by=SYSTEM, at=OPENED)
    draw(found.id)
    clock[0] = DRAWN + timedelta(hours=1)
    browser = client_of(samira)
    assert "Boek een cursus, of zeg ja, tot en met 1 juni 2026" in read(browser, "/mijn/")
    address = reverse("worker:round", args=[found.id])
    assert "Ja, dit geld wil ik" in read(browser, address)
    assert "Gelukt. Het geld staat op je leerrekening." in send(browser, address, action="accept")
    assert budgets.account(samira.id, on=local_date(DRAWN)).available == Money(100_00)
    why = read(browser, reverse("worker:why", args=[found_place(samira.id, found.id)]))
    assert "won in de loting ‘Leerronde voorjaar’" in why
    assert "€ 100,00" in read(browser, reverse("worker:statement"))


def test_a_winner_accepts_by_booking_and_sees_the_money_before_the_yes(
    samira: PersonView, clock: list[datetime]
) -> None:
    """Won: € 100, which lapses on 1 June. The course costs € 70."""
    found = make_published()
    operations.enter(round_id=found.id, person_id=samira.id, by=SYSTEM, at=OPENED)
    draw(found.id)
    clock[0] = DRAWN + timedelta(hours=1)
    run = make_run(make_course(), starts_on=date(2026, 9, 7), price_cents=70_00)
    browser = client_of(samira)
    address = reverse("worker:round", args=[found.id])
    assert "Je neemt je plek aan door te boeken. Doe dat tot en met 1 juni 2026." in read(
        browser, address
    )
    answers = {"required_by_employer": "no", "work_related": "yes"}
    funding = send(browser, reverse("worker:book", args=[run.id]), **answers)
    said = "Er staat € 100,00 voor je klaar uit Leerronde voorjaar. Je neemt je plek aan door te boeken."
    asked = read(browser, reverse("worker:yes", args=[run.id]))
    for page in (funding, asked):
        assert said in page
        assert "Wat je niet gebruikt, staat daarna op je leerrekening." in page
    assert "Daarna kun je nog € 30,00 uitgeven." in funding
    quote = re.search(r'name="quote" value="([^"]+)"', asked)
    assert quote
    clock[0] = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
    late = client_of(samira)
    send(late, reverse("worker:book", args=[run.id]), **answers)
    assert said not in read(late, reverse("worker:yes", args=[run.id]))
    clock[0] = DRAWN + timedelta(hours=1, minutes=5)
    for _click in range(2):
        send(browser, reverse("worker:yes", args=[run.id]), quote=quote[1])
    account = budgets.account(samira.id, on=local_date(DRAWN))
    assert (account.available, account.reserved) == (Money(30_00), Money(70_00))
    assert "Het is van jou." in read(browser, address)


def test_a_place_that_ended_meanwhile_is_said_and_nothing_is_booked(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_published()
    operations.enter(round_id=found.id, person_id=samira.id, by=SYSTEM, at=OPENED)
    draw(found.id)
    clock[0] = datetime(2026, 6, 1, 21, 50, tzinfo=UTC)
    run = make_run(make_course(), starts_on=date(2026, 9, 7), price_cents=70_00)
    browser, address = client_of(samira), reverse("worker:yes", args=[run.id])
    send(
        browser,
        reverse("worker:book", args=[run.id]),
        required_by_employer="no",
        work_related="yes",
    )
    quote = re.search(r'name="quote" value="([^"]+)"', read(browser, address))
    assert quote
    clock[0] = datetime(2026, 6, 1, 22, 0, tzinfo=UTC)  # midnight in Amsterdam
    page = send(browser, address, quote=quote[1])
    assert "Er is nog niets geboekt" in page
    assert "De laatste dag om te antwoorden is voorbij." in page
    assert "Jij betaalt zelf € 70,00 aan de opleider." in page


def found_place(person_id: UUID, round_id: UUID) -> UUID:
    ticket = queries.ticket_of(person_id, round_id)
    assert ticket
    assert ticket.place
    return ticket.place.id


def test_who_did_not_win_reads_so_and_who_is_on_the_list_reads_their_number(
    clock: list[datetime],
) -> None:
    found = make_published(make_rules(pot=Money(100_00), reserve_places=1))
    entered = enter_all(found.id, 3)
    draw(found.id)
    clock[0] = DRAWN
    pages = [read(client_of(one), reverse("worker:round", args=[found.id])) for one in entered]
    said = (
        "Je neemt je plek aan door te boeken. Doe dat tot en met",
        "Je bent nummer 1 op de wachtlijst",
        "deze keer niet gewonnen",
    )
    for words in said:
        assert sum(words in page for page in pages) == 1, words


def test_a_round_that_is_not_for_somebody_is_absent_for_them(samira: PersonView) -> None:
    found = make_published(make_rules(when="age >= 60"))
    browser = client_of(samira)
    assert "Er is nu geen ronde voor jou" in read(browser, reverse("worker:rounds"))
    assert browser.get(reverse("worker:round", args=[found.id])).status_code == 404


def test_the_desk_enters_somebody_and_says_their_yes_and_they_see_it_in_their_log(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_published()
    desk = client_as(Role.DESK)
    address = reverse("desk_people:rounds", args=[samira.id])
    page = send(desk, address, action="enter", round=found.id)
    assert "De deelnemer staat erin en krijgt bericht." in page
    assert "Haal de deelnemer eruit" in page
    draw(found.id)
    clock[0] = DRAWN
    page = send(client_as(Role.DESK), address, action="accept", round=found.id)
    assert "Het geld staat op de leerrekening." in page
    log = read(client_of(samira), reverse("my_data:looks"))
    assert "of je meedoet aan een verdeelronde" in log
    desk = client_as(Role.DESK)
    assert desk.post(address, {"action": "enter", "round": str(UUID(int=1))}).status_code == 404


def test_everyone_reads_the_proof_and_recomputes_the_winners_from_the_files(
    clock: list[datetime],
) -> None:
    found = make_published()
    visitor = Client()
    address = reverse("public:round", args=[found.id])
    page = read(visitor, address)
    assert found.rules_sha256 in page
    assert found.seed_sha256 in page
    assert "tickets.csv" not in page
    for name in ("tickets.csv", "result.json", "alles.zip", "anders.json"):
        assert visitor.get(reverse("public:round_file", args=[found.id, name])).status_code == 404
    enter_all(found.id, 12)
    done = draw(found.id)
    clock[0] = DRAWN
    page = read(visitor, address)
    assert "De beheerder kon sturen" not in page
    assert all(one in page for one in (VALUE, done.seed, done.tickets_sha256))
    content = visitor.get(reverse("public:round_file", args=[found.id, "alles.zip"])).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [archive.read(name).decode() for name in verify_draw.NAMES]
    assert verify_draw.verify(*texts)[0] == []
    script = visitor.get(reverse("public:verifier")).content.decode()
    assert script == queries.verifier()
    assert "Leerronde voorjaar" in read(visitor, reverse("public:rounds"))


def test_pages_say_whether_a_published_round_opens_is_open_or_waits(clock: list[datetime]) -> None:
    found = make_published(make_rules(beacon=None))

    def is_said_everywhere(words: str) -> bool:
        addresses = (reverse("public:rounds"), reverse("public:round", args=[found.id]))
        pages = [read(Client(), address) for address in addresses]
        pages += [read(client_as(Role.OPERATOR), reverse("operator:rounds"))]
        return all(words in page for page in pages)

    clock[0] = OPENED - timedelta(days=2)
    assert is_said_everywhere("Opent nog")
    clock[0] = OPENED
    assert is_said_everywhere("Open: meedoen kan")
    clock[0] = CLOSED
    assert is_said_everywhere("Gesloten, wacht op de lijst met tickets")
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert is_said_everywhere("Gesloten, wacht op de loting")


def test_without_a_beacon_the_proof_says_that_the_operator_could_steer() -> None:
    found = make_published(make_rules(beacon=None))
    page = read(Client(), reverse("public:round", args=[found.id]))
    assert "De beheerder kon sturen" in page


def test_a_draft_is_on_no_public_page_and_its_seed_on_none_at_all(
    samira: PersonView, clock: list[datetime]
) -> None:
    found = make_funded(make_rules())
    assert Client().get(reverse("public:round", args=[found.id])).status_code == 404
    browser = client_of(samira)
    assert browser.get(reverse("worker:round", args=[found.id])).status_code == 404
    operations.publish_round(round_id=found.id, by=SYSTEM, at=OPENED)
    enter_all(found.id, 1)
    pages = [read(client_as(Role.OPERATOR), reverse("operator:round", args=[found.id]))]
    pages.append(read(Client(), reverse("public:round", args=[found.id])))
    files = queries.files(found.id)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    clock[0] = CLOSED
    pages.append(read(client_as(Role.OPERATOR), reverse("operator:round", args=[found.id])))
    pages.append(read(Client(), reverse("public:round", args=[found.id])))
    clock[0] = DRAWN
    operator = client_as(Role.OPERATOR)
    address = reverse("operator:round", args=[found.id])
    send(operator, address, action="beacon", value=VALUE)
    send(operator, address, action="reveal")
    drawn = queries.round_(found.id)
    assert drawn
    assert drawn.seed
    assert not [page for page in [*pages, *files.values()] if drawn.seed in page]


FORM = {
    "title_nl": "Ronde",
    "title_en": "Round",
    "scheme": GIFT,
    "pot": "1000",
    "least": "100",
    "most": "250,50",
    "opens_on": "10-04-2026",
    "closes_on": "30-04-2026",
    "who_nl": "Iedereen",
    "who_en": "Everyone",
    "when": "age >= 18",
    "group_a_nl": "Oproep",
    "group_a_en": "On call",
    "group_a_when": "contract_kind in [on_call]",
    "weight_a": "3",
    "share_a": "20",
    "weight_all": "1",
    "share_all": "0",
    "fit": "skip",
    "reserve_places": "50",
    "reserve_until": "31-07-2026",
    "accept_days": "28",
    "carry_step": "1",
    "carry_most": "3",
    "beacon_source": "drand quicknet",
    "beacon_round": "99",
    "beacon_on": "04-05-2026",
    "beacon_at": "12:00",
}


def test_an_operator_makes_changes_publishes_closes_and_draws_a_round(
    clock: list[datetime],
) -> None:
    make_law(GIFT)
    fund = make_fund()
    operator = client_as(Role.OPERATOR)
    page = send(operator, reverse("operator:new_round"), **FORM, payer=fund)
    assert "De ronde is gemaakt." in page
    (made,) = queries.rounds()
    assert f"met kenmerk {made.reference}" in page
    assert [one.weight for one in made.rules.groups] == [3, 1]
    change = reverse("operator:change_round", args=[made.id])
    assert 'value="250,50"' in read(operator, change)
    assert "De regels zijn bewaard." in send(operator, change, **{**FORM, "weight_a": "5"})
    address = reverse("operator:round", args=[made.id])
    assert "Het geld voor deze ronde is er nog niet." in send(operator, address, action="publish")
    _fund(made.id, fund, 1_000_00)
    assert "Gepubliceerd." in send(operator, address, action="publish")
    assert operator.get(change).status_code == 404
    opened = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
    enter_all(made.id, 12, at=opened)
    assert "De ronde is nog open." in send(operator, address, action="list")
    clock[0] = CLOSED
    operator = client_as(Role.OPERATOR)
    assert "De lijst met tickets is gepubliceerd." in send(operator, address, action="list")
    assert "is nog niet gevallen" in send(operator, address, action="beacon", value=VALUE)
    assert "Vul eerst het openbare getal in." in send(operator, address, action="reveal")
    clock[0] = FALLEN
    operator = client_as(Role.OPERATOR)
    assert "precies zoals het gepubliceerd is" in send(
        operator, address, action="beacon", value="a b"
    )
    assert "is bewaard" in send(operator, address, action="beacon", value=VALUE)
    assert "Geloot." in send(operator, address, action="reveal")
    (drawn,) = queries.rounds()
    assert drawn.state is RoundState.DRAWN
    assert "Wat er van de plaatsen werd" in read(operator, address)


def _fund(round_id: UUID, payer_id: UUID, cents: int) -> None:
    from eigenwijs.audit.types import TrailRow

    pay_in(payer_id, cents, at=OPENED)
    ids = {"owner": str(round_id), "cents": cents, "complete": 1}
    event = TrailRow(
        0, OPENED, "system", None, "", None, "", "", ("x", round_id), (), ids, "", "", ""
    )
    operations.round_funded(event, by=SYSTEM, at=OPENED)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("when", "age =", "is geen voorwaarde"),
        ("group_a_when", "price > 3", "is geen voorwaarde"),
        ("group_a_nl", "", "Geef de groep een naam"),
        ("beacon_on", "30-04-2026", "ten minste een dag na het sluiten"),
        ("beacon_on", "", "Vul in wanneer het openbare getal valt."),
        ("closes_on", "01-04-2026", "ligt voor de eerste dag"),
        ("weight_all", "11", "Een gewicht is een heel getal"),
        ("most", "9999", "passen niet bij elkaar of bij de pot"),
    ],
)
def test_rules_that_do_not_hold_are_said_at_their_field_and_nothing_is_made(
    field: str, value: str, said: str
) -> None:
    make_law(GIFT)
    operator = client_as(Role.OPERATOR)
    page = send(
        operator, reverse("operator:new_round"), **{**FORM, field: value}, payer=make_fund()
    )
    assert said in page
    assert f'href="#id_{field}"' in page
    assert queries.rounds() == []


def test_a_draft_is_tried_on_a_past_round_and_may_be_dropped(clock: list[datetime]) -> None:
    past = make_published()
    enter_all(past.id, 12)
    draw(past.id)
    clock[0] = DRAWN
    draft = make_funded(make_rules(days=90), at=DRAWN)
    operator = client_as(Role.OPERATOR)
    address = reverse("operator:dry_run", args=[draft.id])
    assert "Probeer het op een eerdere ronde" in read(operator, address)
    page = read(operator, f"{address}?past={past.id}")
    assert "Eén proefloting" in page
    assert "ongeveer" in page or "op 10" in page
    dropped = reverse("operator:round", args=[draft.id])
    assert "Dan gaat al het geld terug naar" in read(operator, dropped)
    assert "De ronde gaat niet door." in send(operator, dropped, action="discard")
    unpaid = make_draft(make_rules(days=91), at=DRAWN)
    assert "De ronde gaat niet door." in send(
        operator, reverse("operator:round", args=[unpaid.id]), action="discard"
    )


def test_who_got_money_this_year_reads_why_they_cannot_take_part(
    samira: PersonView, clock: list[datetime]
) -> None:
    first = make_published(make_rules(once_a_year=True))
    operations.enter(round_id=first.id, person_id=samira.id, by=SYSTEM, at=OPENED)
    draw(first.id)
    clock[0] = DRAWN
    client = client_of(samira)
    assert "Gelukt." in send(client, reverse("worker:round", args=[first.id]), action="accept")
    second = make_published(make_rules(days=60, once_a_year=True), days=60)
    clock[0] = OPENED + timedelta(days=60)
    client = client_of(samira)
    page = read(client, reverse("worker:round", args=[second.id]))
    assert "Je kreeg dit jaar al geld uit deze regeling." in page
    assert "Ik doe mee" not in page
    assert "Je kreeg dit jaar al geld" in read(client, reverse("worker:rounds"))
    assert "Eén keer per kalenderjaar" in read(client, reverse("public:round", args=[second.id]))


def test_who_won_twice_and_had_money_once_is_asked_to_pass_the_other_place_on(
    samira: PersonView, clock: list[datetime], react: Callable[[datetime], int]
) -> None:
    """And who is in one more round reads that it gives them nothing. Until the house passes it on itself."""
    rules = [make_rules(days=days, once_a_year=True) for days in (0, 5, 6)]
    first, second, third = (
        make_published(one, days=days) for one, days in zip(rules, (0, 5, 6), strict=True)
    )
    for found, days in ((first, 0), (second, 5), (third, 6)):
        at = OPENED + timedelta(days=days)
        operations.enter(round_id=found.id, person_id=samira.id, by=SYSTEM, at=at)
    draw(first.id)
    draw(second.id, days=5)
    clock[0] = DRAWN + timedelta(days=5)
    client = client_of(samira)
    send(client, reverse("worker:round", args=[first.id]), action="accept")
    page = read(client, reverse("worker:round", args=[second.id]))
    assert "Geef je plek door." in page
    assert "Ja, dit geld wil ik" not in page
    assert "Je kreeg dit jaar al geld uit deze regeling." in read(
        client, reverse("worker:round", args=[third.id])
    )
    assert "Gewonnen: zeg nog ja" not in read(client, reverse("worker:rounds"))
    react(clock[0])
    page = read(client, reverse("worker:round", args=[second.id]))
    assert "Je plek in deze ronde is daarom weer vrij." in page
    assert "Geef je plek door." not in page
    said = send(client, reverse("worker:round", args=[second.id]), action="accept")
    assert "Meer dan één keer per jaar kan niet." in said


def test_an_operator_withdraws_a_round_and_everyone_reads_why(
    samira: PersonView, react: Callable[[datetime], int]
) -> None:
    found = make_published()
    operations.enter(round_id=found.id, person_id=samira.id, by=SYSTEM, at=OPENED)
    operator, address = client_as(Role.OPERATOR), reverse("operator:round", args=[found.id])
    page = send(operator, address, action="withdraw", reason_nl="De voorwaarde klopte niet.")
    assert 'href="#id_reason_en"' in page
    assert 'value="De voorwaarde klopte niet."' in page
    page = send(
        operator,
        address,
        action="withdraw",
        reason_nl="De voorwaarde klopte niet.",
        reason_en="The condition was wrong.",
    )
    assert "De ronde is ingetrokken." in page
    assert "Trek deze ronde in" not in page
    worker = client_of(samira)
    for browser, name in (
        (Client(), "public:round"),
        (worker, "worker:round"),
        (operator, "operator:round"),
    ):
        page = read(browser, reverse(name, args=[found.id]))
        assert "Deze ronde is ingetrokken" in page
        assert "De voorwaarde klopte niet." in page
    assert "Ingetrokken" in read(Client(), reverse("public:rounds"))
    assert "Ingetrokken" in read(worker, reverse("worker:rounds"))
    react(OPENED)
    assert "Leerronde voorjaar gaat niet door" in read(worker, reverse("worker:messages"))


def test_a_draft_is_tried_on_a_list_that_is_not_kept(clock: list[datetime]) -> None:
    clock[0] = DRAWN
    draft = make_draft(make_rules(days=90), at=DRAWN)
    operator, address = client_as(Role.OPERATOR), reverse("operator:dry_run", args=[draft.id])
    assert "Kies een bestand." in send(operator, address)

    def upload(text: str) -> str:
        return send(operator, address, file=SimpleUploadedFile("lijst.csv", text.encode()))

    page = upload("klasse;bedrag\nall;100\nflex;100\n")
    assert "Er is niet geloot." in page
    assert "Deze klasse is er niet. Schrijf een van deze: all." in page
    page = upload("klasse;bedrag\n" + "all;100\n" * 15)
    assert "Eén proefloting" in page
    assert "ongeveer 2 op 10" in page
    assert not Ticket.objects.exists()
    assert queries.rounds() == [draft]


def test_an_employer_cannot_be_chosen_as_payer() -> None:
    make_law(GIFT)
    page = send(
        client_as(Role.OPERATOR),
        reverse("operator:new_round"),
        **FORM,
        payer=make_organisation().id,
    )
    assert 'href="#id_payer"' in page
