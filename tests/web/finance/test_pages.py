"""Finance's pages: what is shown, what can be decided, and what a mistake gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from eigenwijs.budgets import operations as budgets
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.period import Period
from eigenwijs.ledger import queries as books
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.types import EntryView, ReceiptState
from tests.factories import treasury as make
from tests.factories.budgets import make_conditions, make_credit, make_job_conditions
from tests.factories.ledger import seal_all
from tests.factories.people import make_organisation, make_person
from tests.factories.treasury import Booking, Detail, StatementText, camt, pays, status_report
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance() -> Client:
    return client_as(Role.FINANCE)


@pytest.fixture
def other() -> Client:
    """A colleague: the second pair of eyes."""
    return client_as(Role.FINANCE)


@pytest.fixture
def at() -> datetime:
    """A moment shortly before these pages are asked for: pages read the real clock."""
    return datetime.now(UTC) - timedelta(minutes=5)


@dataclass
class House:
    """A bank account with 500 euros that a payer paid, all owed to a provider with an IBAN."""

    bank: UUID
    payer: UUID
    provider: UUID
    statement: StatementText
    at: datetime

    def load(self, *bookings: Booking) -> None:
        self.statement = self.statement.then(*bookings, days=0)
        make.load(self.statement, at=self.at)

    def order(self, cents: int) -> UUID:
        payable = make.owe(self.provider, cents, payer=self.payer, at=self.at)
        return make.order(self.provider, payable, cents, at=self.at)


@pytest.fixture
def house(at: datetime) -> House:
    bank = make.make_bank_account(opening=10_000)
    payer = make_organisation(OrganisationKind.EMPLOYER, "Supermarkt Zonnig").id
    provider = make_organisation(OrganisationKind.PROVIDER, "Opleider Noord").id
    account = operations.register_payee_account(
        payee_id=provider,
        iban=make.PAYEE_IBAN,
        holder_name="Noord BV",
        by=make.someone(),
        at=make.LONG_AGO,
    )
    operations.approve_payee_account(account_id=account, by=make.someone(), at=make.LONG_AGO)
    reference = make.expect(50_000, payer=payer, at=at)
    statement = StatementText([pays(50_000, reference)], opening=10_000, on=local_date(at))
    make.load(statement, at=at)
    return House(bank, payer, provider, statement, at)


def text(answer: HttpResponse) -> str:
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def upload(client: Client, name: str, content: bytes) -> HttpResponse:
    file = SimpleUploadedFile("bestand.xml", content, "text/xml")
    return client.post(reverse(name), {"file": file}, follow=True)


def the_entry() -> EntryView:
    (entry,) = queries.unmatched_entries()
    return entry


def decide(client: Client, action: str, **fields: object) -> HttpResponse:
    """Send in a form of the page of the one open entry."""
    data = {"action": action, **fields}
    return client.post(reverse("finance:entry", args=[the_entry().id]), data, follow=True)


def test_a_batch_booked_gross_with_a_payment_refused_is_netted_on_its_page(
    finance: Client, house: House
) -> None:
    refused, paid = house.order(10_000), house.order(20_000)
    batch = make.make_batch(house.bank, refused, paid, at=house.at)
    make.release(batch, at=house.at)
    name, reason = queries.batch(batch).identifier, "AC04"
    gone = queries.order(refused).end_to_end_id
    report = status_report(name, orders={gone: "RJCT"}, reason=reason)
    operations.import_payment_status(content=report, by=make.SYSTEM, at=house.at)
    back = Detail(end_to_end_id=gone, return_reason=reason, iban=make.OWN_IBAN)
    house.load(Booking(-30_000, (), batch=name), Booking(10_000, [back]))
    out, given_back = sorted(queries.unmatched_entries(), key=lambda entry: entry.amount.cents)
    assert "streep je de twee tegen elkaar weg" in text(
        finance.get(reverse("finance:entry", args=[given_back.id]))
    )
    path = reverse("finance:entry", args=[out.id])
    assert "Gaf de bank een deel terug?" in text(finance.get(path))
    empty = text(finance.post(path, {"action": "orders"}))
    assert "Kies ten minste één betaling." in empty
    chosen = {"orders-orders": str(paid), "orders-offsets": str(given_back.id)}
    done = text(finance.post(path, {"action": "orders", **chosen}, follow=True))
    assert "De boeking hoort nu bij onze betalingen." in done
    assert "Weggestreept tegen een andere boeking" in done
    assert queries.unmatched_entries() == []


def lapse(fund: UUID, people: int, at: datetime) -> None:
    """Credit 25.00 of a fund to some people, and let it lapse."""
    then = at - timedelta(days=30)
    conditions = make_conditions(ends_on=local_date(then), reverts_to=fund)
    for _person in range(people):
        make_credit(make_person().id, 2_500, conditions=conditions, payer_id=fund, at=then)
    budgets.lapse_due(by=make.SYSTEM, at=at)


def test_lapsed_money_is_made_ready_for_its_receiver_in_totals_of_ten(
    finance: Client, house: House
) -> None:
    path = reverse("finance:lapsed")
    assert "Er wacht geen verlopen geld" in text(finance.get(path))
    fund = make_organisation(OrganisationKind.PAYER, "Fonds Zonnig").id
    lapse(fund, 9, house.at)
    page = text(finance.get(path))
    assert "€ 225,00" in page
    assert "Wacht: van minder dan 10 mensen" in page
    refused = text(finance.post(path, {"receiver": str(fund)}, follow=True))
    assert "Dit is van minder dan 10 mensen." in refused
    lapse(fund, 1, house.at)
    assert "Fonds Zonnig" in text(finance.get(reverse("finance:new_payee_account")))
    done = text(finance.post(path, {"receiver": str(fund)}, follow=True))
    assert "Het staat klaar onder Betalen." in done
    assert "Er wacht geen verlopen geld" in done
    again = text(finance.post(path, {"receiver": str(fund)}, follow=True))
    assert "Er staat niets meer klaar voor deze ontvanger." in again
    payable = text(finance.get(reverse("finance:payable")))
    assert "€ 250,00" in payable
    assert "Er is nog geen goedgekeurd rekeningnummer" in payable
    assert finance.post(path, {"receiver": "x"}).status_code == 404


# Statements


def test_a_statement_is_imported_and_shown(finance: Client, house: House) -> None:
    following = house.statement.then(pays(700, "zonder kenmerk"), days=0)
    shown = text(upload(finance, "finance:statements", camt(following)))
    assert "1 afschrift is ingelezen." in shown
    assert f"Afschrift {following.id}" in shown
    assert "+ € 7,00" in shown
    assert "Er staat geen betalingskenmerk bij" in shown


def test_the_same_statement_again_says_so(finance: Client, house: House) -> None:
    shown = text(upload(finance, "finance:statements", camt(house.statement)))
    assert "1 afschrift was er al." in shown
    assert len(queries.statements()) == 1


def test_every_fault_of_a_bad_statement_is_on_the_page_with_its_line(
    finance: Client, house: House
) -> None:
    wrong_iban = StatementText(iban=make.PAYER_IBAN)
    gap = StatementText([pays(1)], opening=5)
    shown = text(upload(finance, "finance:statements", camt(wrong_iban, gap)))
    assert "Regel 5, Acct/Id/IBAN: Rekening NL69ABNA0522123643 is niet van de stichting." in shown
    assert "Er ontbreekt een afschrift: lees dat eerst in." in shown
    assert "Er is niets ingelezen." in shown
    assert len(queries.statements()) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Dit bestand is leeg."),
        (b"<a><b></a>", "het breekt af of klopt niet op regel 1"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "DOCTYPE of ENTITY"),
    ],
)
def test_a_file_that_is_no_statement_gets_a_clear_fault(
    finance: Client, content: bytes, message: str
) -> None:
    assert message in text(upload(finance, "finance:statements", content))


def test_no_file_at_all_gets_a_clear_fault(finance: Client) -> None:
    assert "Kies een bestand." in text(finance.post(reverse("finance:statements")))


def test_a_statement_is_handed_out_for_a_spreadsheet_without_formulas(
    finance: Client, house: House
) -> None:
    house.load(pays(700, "=1+1", name="@SUM(A1)"), pays(-300, "gewoon"))
    view = next(one for one in queries.statements() if one.statement_id == house.statement.id)
    rows = text(finance.get(reverse("finance:statement_file", args=[view.id]))).splitlines()
    assert rows[1].split(";")[1:6] == ["7,00", "", "'@SUM(A1)", make.PAYER_IBAN, "'=1+1"]
    assert rows[2].split(";")[1:3] == ["", "3,00"]


# The work list


def test_the_work_list_says_why_each_entry_waits(finance: Client, house: House) -> None:
    house.load(pays(700, "bedankt"), pays(-300, "incasso"))
    shown = text(finance.get(reverse("finance:work_list")))
    assert "Er staat geen betalingskenmerk bij" in shown
    assert "Er ging geld af zonder opdracht van ons" in shown
    assert "De lijst is leeg" in text(finance.get(reverse("finance:work_list"), {"toon": "blijft"}))


def test_money_is_assigned_with_what_could_be_read_filled_in(finance: Client, house: House) -> None:
    one, two = make.make_reference(), make.make_reference()
    house.load(pays(1_500, f"{one} {two}"))
    make.expect(1_000, payer=house.payer, reference=one, at=house.at)
    make.expect(500, payer=house.payer, reference=two, at=house.at)
    page = text(finance.get(reverse("finance:entry", args=[the_entry().id])))
    assert f'value="{one}"' in page
    assert f'value="{two}"' in page
    entry = the_entry().id
    shown = text(
        decide(
            finance,
            "assign",
            **{
                "assign-reference_0": one,
                "assign-amount_0": "10,00",
                "assign-reference_1": two.lower(),
                "assign-amount_1": "5",
            },
        )
    )
    assert "Het geld is toegewezen." in shown
    assert queries.entry(entry).state == "settled"
    assert queries.expected_receipt(two).received.cents == 500


def test_nothing_is_filled_in_when_it_is_too_little_for_several(
    finance: Client, house: House
) -> None:
    one, two = (make.expect(1_000, payer=house.payer, at=house.at) for _ in range(2))
    house.load(pays(1_500, f"{one} {two}"))
    page = text(finance.get(reverse("finance:entry", args=[the_entry().id])))
    assert "Te weinig voor alle kenmerken die erbij staan" in page
    assert one in page
    assert f'value="{one}"' not in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Vul ten minste één betalingskenmerk en bedrag in."),
        ({"reference_0": "RF18539007547034", "amount_0": "1"}, "RF18539007547034 bestaat niet."),
        ({"reference_0": "RF18539007547034"}, "Vul ook het bedrag in."),
        ({"amount_0": "12,00"}, "Vul ook het betalingskenmerk in."),
        ({"reference_0": "RF18539007547034", "amount_0": "veel"}, "geen getal"),
        ({"reference_0": "RF18539007547034", "amount_0": "8,00"}, "meer dan er van deze boeking"),
    ],
)
def test_a_mistake_in_assigning_is_said_and_what_was_typed_is_kept(
    finance: Client, house: House, fields: dict[str, str], message: str
) -> None:
    house.load(pays(700, "?"))
    data = {f"assign-{name}": value for name, value in fields.items()}
    shown = text(decide(finance, "assign", **data))
    assert message in shown
    for value in fields.values():
        assert f'value="{value}"' in shown
    assert the_entry().open.cents == 700


def test_a_second_click_on_the_same_decision_changes_nothing(finance: Client, house: House) -> None:
    house.load(pays(700, "rente van vroeger"))
    address = reverse("finance:entry", args=[the_entry().id])
    first = finance.post(address, {"action": "buffer"})
    second = finance.post(address, {"action": "buffer"})
    assert (first.status_code, second.status_code) == (302, 200)
    assert "Deze boeking is al afgehandeld." in text(second)


def test_the_work_list_comes_along_as_a_file_that_runs_nothing(
    finance: Client, house: House
) -> None:
    house.load(pays(700, "=1+1"), pays(-300, "incasso"))
    address = reverse("finance:work_list")
    lines = finance.get(address, {"csv": "1"}).content.decode("utf-8-sig").splitlines()
    rows = sorted((line.split(";") for line in lines[1:]), key=lambda row: row[1])
    assert lines[0] == "Dag;Bij;Af;Open;Van of naar;Betaler;Omschrijving;Waarom"
    assert [row[1:3] for row in rows] == [["", "3,00"], ["7,00", ""]]
    assert rows[1][6] == "'=1+1"
    kept = finance.get(address, {"csv": "1", "toon": "blijft"}).content.decode("utf-8-sig")
    assert len(kept.splitlines()) == 1
    assert client_as(Role.DESK).get(address, {"csv": "1"}).status_code == 404


def test_batches_come_along_as_a_file(finance: Client, house: House) -> None:
    house.order(12_345)
    make_batch(finance)
    address = reverse("finance:batches")
    lines = finance.get(address, {"csv": "1"}).content.decode("utf-8-sig").splitlines()
    today = local_date(datetime.now(UTC)).isoformat()
    assert lines[1:] == [f"{today};{today};1;123,45;Wacht op vrijgave;0;0;0"]


def test_a_surplus_stays_with_its_payer(finance: Client, house: House) -> None:
    reference = make.expect(1_000, payer=house.payer, at=house.at)
    house.load(pays(1_250, reference))
    assert "Van betaler" in text(finance.get(reverse("finance:entry", args=[the_entry().id])))
    assert "Het geld blijft bij de betaler staan." in text(decide(finance, "keep"))
    kept = text(finance.get(reverse("finance:work_list"), {"toon": "blijft"}))
    assert "Van Supermarkt Zonnig" in kept


def test_money_goes_back_only_after_a_release_by_another_person(
    finance: Client, other: Client, house: House
) -> None:
    house.load(pays(700, "vergissing"))
    assert "Iemand anders geeft haar vrij." in text(decide(finance, "return"))
    assert "Terugbetaling" in text(other.get(reverse("finance:payable")))
    (batch,) = make_batch(other)
    asked = release(finance, batch)
    assert "Jij vroeg een van deze terugbetalingen aan." in text(asked)
    assert "vrijgegeven" in text(release(client_as(Role.FINANCE), batch))


def test_an_entry_is_tied_to_our_payments_by_hand(
    finance: Client, other: Client, house: House
) -> None:
    order = house.order(5_000)
    (batch,) = make_batch(finance)
    release(other, batch)
    house.load(pays(-5_000, "verzamelbetaling"))
    page = text(finance.get(reverse("finance:entry", args=[the_entry().id])))
    assert str(order) in page
    assert "hoort nu bij onze betalingen" in text(
        decide(finance, "orders", **{"orders-orders": [str(order)]})
    )
    assert queries.order(order).state == "settled"


def test_a_receipt_that_the_bank_takes_back_is_chosen_by_hand(
    finance: Client, house: House
) -> None:
    reference = make.expect(900, payer=house.payer, at=house.at)
    house.load(pays(900, reference))
    (original,) = queries.entries_of_receipt(reference)
    house.load(pays(-900, "storno"))
    assert "Kies één ontvangst." in text(decide(finance, "reverse"))
    assert "teruggeboekt" in text(
        decide(finance, "reverse", **{"original-original": str(original.id)})
    )
    assert queries.expected_receipt(reference).state == "open"


# Receipts


def test_receipts_open_with_those_that_wait_and_come_along_as_a_file(
    finance: Client, house: House
) -> None:
    """The house's 500,00 came in; of the 10,00 nothing did."""
    waiting = make.expect(1_000, payer=house.payer, at=house.at)
    address = reverse("finance:receipts")
    (paid,) = queries.expected_receipts(states=[ReceiptState.PAID])
    assert waiting in text(finance.get(address))
    assert paid.reference not in text(finance.get(address))
    lines = finance.get(address, {"state": "all", "csv": "1"}).content.decode("utf-8-sig")
    amounts = {line.split(";")[0]: line.split(";")[3:5] for line in lines.splitlines()}
    assert amounts[waiting] == ["10,00", "0,00"]
    assert amounts[paid.reference] == ["500,00", "500,00"]


def test_money_that_came_in_short_is_released_in_proportion(finance: Client, house: House) -> None:
    reference = make.expect(1_000, payer=house.payer, at=house.at)
    house.load(pays(400, reference))
    assert reference in text(finance.get(reverse("finance:receipts"), {"state": "partly"}))
    assert reference not in text(finance.get(reverse("finance:receipts"), {"state": "paid"}))
    address = reverse("finance:receipt", args=[reference])
    assert "Geef € 4,00 vrij" in text(finance.get(address))
    assert "€ 4,00 is vrijgegeven." in text(finance.post(address, follow=True))
    assert "klaar om vrij te geven" in text(finance.post(address, follow=True))
    assert "Supermarkt Zonnig" in text(finance.get(address))


# Payees' accounts


def test_an_account_is_registered_by_one_and_approved_by_another(
    finance: Client, other: Client, house: House
) -> None:
    provider = make_organisation(OrganisationKind.PROVIDER, "Opleider Zuid").id
    shown = text(
        finance.post(
            reverse("finance:new_payee_account"),
            {"payee": str(provider), "iban": "nl69 abna 0522 1236 43", "holder_name": "Zuid BV"},
            follow=True,
        )
    )
    assert "wacht nu op goedkeuring" in shown
    assert "Iemand anders moet het goedkeuren." in shown
    (account,) = queries.payee_accounts(payee_id=provider)
    address = reverse("finance:payee_account", args=[account.id])
    alone = finance.post(address, {"action": "approve"}, follow=True)
    assert "Iemand anders moet dit goedkeuren" in text(alone)
    assert "Keur goed" in text(other.get(address))
    assert "Na vijf werkdagen" in text(other.post(address, {"action": "approve"}, follow=True))
    assert "Opleider Zuid" in text(finance.get(reverse("finance:payee_accounts")))
    ended = other.post(address, {"action": "end"}, follow=True)
    assert "wordt niet meer betaald" in text(ended)


def test_a_wrong_iban_is_said_at_its_field_and_what_was_typed_is_kept(
    finance: Client, house: House
) -> None:
    shown = text(
        finance.post(
            reverse("finance:new_payee_account"),
            {"payee": str(house.provider), "iban": "NL00", "holder_name": "Noord BV"},
        )
    )
    assert "Rekeningnummer (IBAN): Dit is geen geldig rekeningnummer" in shown
    assert 'value="NL00"' in shown
    assert 'value="Noord BV"' in shown


def test_approving_asks_a_second_proof(house: House, at: datetime) -> None:
    account = operations.register_payee_account(
        payee_id=house.provider,
        iban=make.PAYER_IBAN,
        holder_name="Noord BV",
        by=make.someone(),
        at=at,
    )
    client = client_as(Role.FINANCE)
    session = client.session
    del session["second_proof"]
    session.save()
    address = reverse("finance:payee_account", args=[account])
    answer = client.post(address, {"action": "approve"})
    assert answer["Location"].startswith(reverse("signin:second_proof"))
    assert queries.payee_account(account).state == "awaiting"


# Payments


def make_batch(client: Client) -> tuple[UUID]:
    """Make a batch of all that can be paid, as the page proposes, and return its id."""
    at = datetime.now(UTC)
    ready = [str(one.order.id) for one in queries.payable_orders(local_date(at)) if not one.blocked]
    answer = client.post(
        reverse("finance:payable"),
        {
            "orders": ready,
            "bank_account": str(queries.bank_accounts()[0].id),
            "execute_on": local_date(at).isoformat(),
        },
    )
    assert answer.status_code == 302, text(answer)
    return (queries.batches()[0].id,)


def release(client: Client, batch: UUID) -> HttpResponse:
    """Release a batch after looking at it."""
    data = {"action": "release", "checksum": queries.batch(batch).checksum, "reviewed": "on"}
    return client.post(reverse("finance:batch", args=[batch]), data, follow=True)


def test_a_batch_is_made_reviewed_and_released_by_two_people(
    finance: Client, other: Client, house: House
) -> None:
    house.order(12_345)
    page = text(finance.get(reverse("finance:payable")))
    assert "Opleider Noord" in page
    assert "€ 123,45" in page
    (batch,) = make_batch(finance)
    address, file = (
        reverse("finance:batch", args=[batch]),
        reverse("finance:batch_file", args=[batch]),
    )
    assert "Iemand anders moet het vrijgeven." in text(finance.get(address))
    assert finance.get(file).status_code == 404
    assert "Iemand anders moet deze betaalbatch vrijgeven" in text(release(finance, batch))
    unread = {"action": "release", "checksum": queries.batch(batch).checksum}
    assert "zet dan dit vinkje" in text(other.post(address, unread))
    shown = text(release(other, batch))
    assert "Geef het bestand nu aan de bank." in shown
    download = finance.get(file)
    assert download.content == queries.batch_file(batch)
    assert "attachment" in download["Content-Disposition"]
    assert "al vrijgegeven of ingetrokken" in text(release(other, batch))


@pytest.mark.parametrize("name", ["finance:statements", "finance:answer"])
def test_a_visit_is_no_mistake(finance: Client, name: str) -> None:
    assert "Er klopt nog iets niet" not in text(finance.get(reverse(name)))
    assert "Kies een bestand." in text(finance.post(reverse(name)))


def test_releasing_asks_a_second_proof(finance: Client, other: Client, house: House) -> None:
    house.order(100)
    (batch,) = make_batch(finance)
    session = other.session
    del session["second_proof"]
    session.save()
    data = {"action": "release", "checksum": queries.batch(batch).checksum, "reviewed": "on"}
    answer = other.post(reverse("finance:batch", args=[batch]), data)
    assert answer["Location"].startswith(reverse("signin:second_proof"))
    assert queries.batch(batch).state == "made"


def test_a_batch_is_taken_back(finance: Client, house: House) -> None:
    house.order(100)
    (batch,) = make_batch(finance)
    address = reverse("finance:batch", args=[batch])
    assert "staan weer klaar" in text(finance.post(address, {"action": "withdraw"}, follow=True))
    assert "€ 1,00" in text(finance.get(reverse("finance:payable")))


def test_a_mistake_in_a_batch_keeps_what_was_ticked(finance: Client, house: House) -> None:
    first, second = house.order(100), house.order(200)
    fields = {"bank_account": str(house.bank), "execute_on": "2020-01-01", "orders": [str(second)]}
    shown = text(finance.post(reverse("finance:payable"), fields))
    assert "Kies vandaag of een latere datum." in shown
    ticked = [line for line in shown.split("<input") if " checked" in line]
    assert [str(first) in one for one in ticked] == [False]
    nothing = finance.post(reverse("finance:payable"), fields | {"orders": []})
    assert "Kies ten minste één betaling." in text(nothing)
    assert queries.batches() == []


def test_an_order_without_a_usable_account_cannot_be_ticked(finance: Client, house: House) -> None:
    (account,) = queries.payee_accounts(payee_id=house.provider)
    operations.end_payee_account(account_id=account.id, by=make.someone(), at=house.at)
    order = house.order(100)
    shown = text(finance.get(reverse("finance:payable")))
    assert "Er is nog geen goedgekeurd rekeningnummer" in shown
    assert f'value="{order}"' not in shown


def test_the_banks_answer_is_imported(finance: Client, other: Client, house: House) -> None:
    order = house.order(100)
    (batch,) = make_batch(finance)
    release(other, batch)
    identifier = queries.batch(batch).identifier
    wrong = upload(finance, "finance:answer", status_report("ANDERS", file_status="RJCT"))
    assert "Dat is niet van ons." in text(wrong)
    shown = text(upload(finance, "finance:answer", status_report(identifier, file_status="RJCT")))
    assert "De bank weigert 1 betaling." in shown
    assert "Reden AM04" in shown
    assert queries.order(order).state == "rejected"
    again = upload(finance, "finance:answer", status_report(identifier, file_status="RJCT"))
    assert "De bank weigert niets nieuws." in text(again)


# The proof


def test_the_proof_names_every_gap(finance: Client, house: House) -> None:
    house.load(pays(-300, "incasso"))
    shown = text(finance.get(reverse("finance:proof")))
    assert "Elke cent is verklaard" in shown
    assert "Ging van de bank af, maar wacht nog op de werklijst" in shown
    assert "− € 3,00" in shown
    again = text(finance.post(reverse("finance:proof"), follow=True))
    assert "Het bewijs van vandaag is gemaakt." in again


def test_the_first_page_says_what_waits(finance: Client, house: House) -> None:
    house.load(pays(700, "?"))
    house.order(100)
    shown = text(finance.get(reverse("finance:home")))
    assert "1 boeking wacht op jou." in shown
    assert "1 betaling staat klaar, samen € 1,00." in shown
    assert "Elke cent is verklaard" in shown


def test_empty_pages_say_what_to_do_next(finance: Client) -> None:
    for name, words in {
        "home": "Lees een afschrift in",
        "statements": "Er is nog geen afschrift",
        "work_list": "De lijst is leeg",
        "receipts": "Niets gevonden",
        "payable": "Er staat niets klaar",
        "batches": "Er is nog geen betaalbatch",
        "payee_accounts": "Er is nog geen rekeningnummer",
        "proof": "Er is nog geen bewijs",
    }.items():
        assert words in text(finance.get(reverse(f"finance:{name}"))), name


@pytest.mark.parametrize(
    "name",
    [
        "home",
        "statements",
        "work_list",
        "receipts",
        "payable",
        "batches",
        "payee_accounts",
        "proof",
    ],
)
def test_lists_ask_no_more_of_the_database_when_they_grow(
    finance: Client,
    house: House,
    name: str,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for cents in range(100, 112):
        house.order(cents)
        make.expect(cents, payer=house.payer, at=house.at)
    house.load(*(pays(700, "?") for _ in range(12)))
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        finance.get(reverse(f"finance:{name}"))


def test_ids_of_nothing_are_the_same_as_absent_pages(finance: Client, at: datetime) -> None:
    for name in ("statement", "statement_file", "entry", "payee_account", "batch", "batch_file"):
        address = reverse(f"finance:{name}", args=[new_id(at)])
        assert finance.get(address).status_code == 404, name
    assert finance.get(reverse("finance:receipt", args=["RF00X"])).status_code == 404


def test_one_begins_to_close_a_month_and_a_colleague_closes_it(
    finance: Client, other: Client, house: House
) -> None:
    address = reverse("finance:months")
    page = text(finance.get(address, headers={"accept-language": "nl"}))
    assert "Er is nog geen maand afgesloten" in page
    assert "Van betalers, nog niet verdeeld" in page
    today = local_date(house.at)
    last = Period(today.year, today.month).start - timedelta(days=32)
    month = str(Period(last.year, last.month))
    answer = finance.post(address, {"action": "begin", "month": month}, follow=True)
    assert "Een collega maakt het af." in text(answer)
    answer = finance.post(address, {"action": "close", "month": month}, follow=True)
    assert "vier ogen" in text(answer)
    seal_all(house.at)
    answer = other.post(address, {"action": "close", "month": month}, follow=True)
    assert "zijn afgesloten." in text(answer)
    (closed,) = books.periods()
    assert closed.closed_at is not None
    assert "Sluit" not in text(other.get(address))


@pytest.mark.parametrize("month", ["", "2999-01", "x", "2026-P03"])
def test_only_a_month_of_the_list_is_closed(finance: Client, month: str) -> None:
    answer = finance.post(reverse("finance:months"), {"action": "begin", "month": month})
    assert answer.status_code == 200
    assert books.periods() == []


def test_a_sum_for_an_employer_waits_for_the_end_of_its_year(finance: Client, house: House) -> None:
    path = reverse("finance:lapsed")
    shop = make_organisation(OrganisationKind.EMPLOYER, "Winkel Zon").id
    then = house.at - timedelta(days=3)
    conditions = make_job_conditions(shop, months=None, goes_back=True, ends_on=local_date(then))
    for _person in range(10):
        make_credit(make_person().id, 2_500, conditions=conditions, payer_id=shop, at=then)
    budgets.lapse_due(by=make.SYSTEM, at=house.at)
    before = text(finance.get(path))
    assert "Wacht: het jaar is nog niet voorbij" in before
    assert "nog niet te zien" in before
    assert "€" not in before  # looking every day would tell what each person lost
    sent = {"receiver": str(shop), "year": str(house.at.year)}
    assert "één bedrag per jaar" in text(finance.post(path, sent, follow=True))
    done = text(finance.post(path, {**sent, "year": "nooit"}, follow=True))
    assert "Er staat niets meer klaar voor deze ontvanger." in done
