"""The auditor's pages: the books in one look, their proof, the trail, and money from end to end."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from eigenwijs.audit import operations as audit
from eigenwijs.insight import operations, queries
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.ledger import proof as checks
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.models import Seal
from eigenwijs.people.types import Role
from eigenwijs.web.auditor import words
from tests.factories.budgets import make_credit
from tests.factories.people import SYSTEM, actor_for, make_person
from tests.factories.travel import PAID_OUT, PLANTED, Travel, make_travel
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db

HOUSE = Path(words.__file__).parents[2]


@pytest.fixture
def auditor() -> Client:
    return client_as(Role.AUDITOR)


@pytest.fixture
def travel(settings: object) -> Travel:
    settings.DEMO = True  # type: ignore[attr-defined]
    return make_travel()


def read(browser: Client, path: str, *, follow: bool = False) -> str:
    response = browser.get(path, headers={"accept-language": "nl"}, follow=follow)
    assert response.status_code == 200, path
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def addresses(travel: Travel) -> list[str]:
    """Every page of the auditor that the travel fills, found by following links."""
    client, found, to_read = client_as(Role.AUDITOR), set(), ["/controle/"]
    while to_read:
        address = to_read.pop()
        if address in found:
            continue
        found.add(address)
        links = re.findall(
            r'href="(/controle/[^"#]*|\?[^"#]*)"', read(client, address, follow=True)
        )
        base = address.partition("?")[0]
        to_read += [
            (base + link if link.startswith("?") else link).replace("&amp;", "&")
            for link in links
            if "csv=" not in link
        ]
        assert len(found) < 2_000
    return sorted(found)


# The books


def test_home_shows_that_what_is_there_is_owed(auditor: Client, travel: Travel) -> None:
    """100.00 of the foundation and 23.72 of payers came in, 20.00 went to the provider."""
    page = read(auditor, "/controle/")
    assert "We zijn € 103,72 schuldig, en precies zo veel is er." in page
    for row in ("Op de bank", "Van deelnemers", "Te betalen aan opleiders", "Buffer"):
        assert row in page
    assert "€ 3,72" in page
    assert "Er is nog geen bewijs gemaakt." in page
    assert "17 maart 2027" in page  # the last daily proof against the statement


def test_home_says_so_when_the_books_differ(auditor: Client, monkeypatch: object) -> None:
    wrong = ledger.client_money()
    wrong = type(wrong)(bank=Money(5), in_transit=wrong.in_transit, owed=wrong.owed)
    monkeypatch.setattr(ledger, "client_money", lambda: wrong)  # type: ignore[attr-defined]
    assert "Wat er is en wat we schuldig zijn, verschilt € 0,05." in read(auditor, "/controle/")


def test_a_post_proves_the_books_and_the_outcome_stays(auditor: Client, travel: Travel) -> None:
    assert "Er is nog geen bewijs gemaakt" in read(auditor, "/controle/bewijs/")
    answer = auditor.post("/controle/bewijs/", follow=True, headers={"accept-language": "nl"})
    page = answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    # The travel's holds ended in 2027; the request's own moment is what counts.
    (made,) = queries.proofs()
    assert made.holds
    assert "De boeken zijn bewezen." in page
    assert "Op de bank € 103,72, onderweg € 0,00, schuldig € 103,72." in page
    assert made.by.pseudonym in page
    assert "python3 run.py manage prove_books" in page
    assert "Bewezen" in read(auditor, "/controle/")


def test_the_seals_can_be_taken_along(auditor: Client) -> None:
    assert "Er is nog niets verzegeld." in read(auditor, "/controle/bewijs/")
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    Seal.objects.create(
        id=1, first=1, last=7, rows=7, previous=bytes(32), hash=b"h" * 32, sealed_at=moment
    )
    assert "Alle posten tot en met post 7 zijn verzegeld." in read(auditor, "/controle/bewijs/")
    script = auditor.get("/controle/bewijs/zegels/check_seals.py").content.decode()
    compile(script, "check_seals.py", "exec")
    answer = auditor.get("/controle/bewijs/zegels/")
    (line,) = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert json.loads(line) == {
        "seal": 1,
        "first": 1,
        "last": 7,
        "rows": 7,
        "previous": "00" * 32,
        "hash": "68" * 32,
        "sealed_at": "2026-11-23T12:00:00+00:00",
    }


def test_asking_proves_nothing(auditor: Client) -> None:
    read(auditor, "/controle/bewijs/")
    assert queries.proofs() == []


def test_a_breach_is_named_and_leads_to_its_transfer(auditor: Client) -> None:
    from eigenwijs.budgets.models import Credit
    from tests.insight.test_operations import spoil

    view = make_credit(make_person().id, 60_000)
    spoil(Credit.objects.get(pk=view.id), 1)
    auditor.post("/controle/bewijs/")
    page = read(auditor, "/controle/bewijs/")
    assert "Er is 1 fout gevonden." in page
    assert "Een storting bij een deelnemer is anders dan in het grootboek." in page
    link = re.search(r'href="(/controle/geld/\?q=[^"]+)"', page)
    assert link
    assert auditor.get(link[1]).status_code == 302
    assert "1 fout" in read(auditor, "/controle/")


def test_every_check_of_the_proof_has_words() -> None:
    rooms = ("ledger/proof.py", "budgets/proof.py", "budgets/granted.py", "draws/queries.py")
    source = "".join((HOUSE / name).read_text() for name in rooms)
    tied = checks._TIED.keys() - {checks._HOLD}  # what that one finds has codes of its own
    sums = checks._ROWS | checks._ACCOUNTS | checks._KEYS | checks._SUMS | checks._SEALS
    codes = tied | sums.keys() | set(re.findall(r'reach\(\s*"(\w+)"', source))
    assert codes == words.BREACHES.keys()


def test_every_kind_of_transfer_has_words() -> None:
    """By the codes in the code: of holds, credits and lapses, and of what the treasury moves."""
    found = set()
    for path in [*(HOUSE / "treasury").rglob("*.py"), *(HOUSE / "budgets").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = (
                node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            )
            last = node.args[-1] if node.args else None
            if name in ("move", "_hold") and len(node.args) == 4:
                last = node.args[3] if name == "move" else node.args[2]
                found.add(last.value if isinstance(last, ast.Constant) else "")
            if name == "NewTransfer":
                kinds = [k.value for k in node.keywords if k.arg == "kind"]
                found |= {kind.value for kind in kinds if isinstance(kind, ast.Constant)}
    assert {"reserve", "renew", "credit", "lapse", "receipt", "order_settled"} <= found
    assert found - {""} == words.TRANSFERS.keys()


# The trail


def test_the_trail_is_filtered_and_keeps_what_was_typed(auditor: Client, travel: Travel) -> None:
    page = read(auditor, "/controle/spoor/?action=treasury.paymentbatch")
    assert "treasury.paymentbatch.release" in page
    assert "bookings.booking" not in page
    assert 'value="treasury.paymentbatch"' in page
    assert "Er is niets dat bij dit filter past." in read(
        auditor, "/controle/spoor/?until=2001-01-01"
    )
    page = read(auditor, "/controle/spoor/?actor=worker")
    assert "Deelnemer" in page
    assert "Opleider</span>" not in page
    page = read(auditor, "/controle/spoor/?since=2026-11-25&until=2026-11-25&action=bookings")
    assert "25 november 2026" in page
    assert "16 maart 2027" not in page


def test_a_person_is_found_by_pseudonym_and_by_a_row(auditor: Client, travel: Travel) -> None:
    shown = pseudonym(travel.worker.id)
    by_who = read(auditor, f"/controle/spoor/?who={shown}")
    assert "bookings.booking.reserve" in by_who
    assert "treasury.bankstatement" not in by_who
    about = read(auditor, f"/controle/spoor/?subject={travel.booking.number}")
    assert "bookings.booking.confirm" in about
    row = queries.trail(action="bookings.booking.reserve")[0].number
    same = read(auditor, f"/controle/spoor/?same={row}")
    assert f"Je ziet alleen wat over hetzelfde gaat als regel {row}." in same
    assert "bookings.booking.confirm" in same
    by = read(auditor, f"/controle/spoor/?by={row}")
    assert "bookings.booking.confirm" not in by.split("<tbody")[1]
    wrong = read(auditor, "/controle/spoor/?who=P-2222-2222-2222&same=99999999")
    assert wrong.count("Dit kennen we niet. Kijk of je het goed overnam.") >= 2


def test_the_trail_goes_back_page_by_page(auditor: Client) -> None:
    at = timezone.now()
    for _number in range(60):
        audit.record(by=SYSTEM, at=at, action="test.row", subject=("test.x", new_id(at)))
    page = read(auditor, "/controle/spoor/?action=test")
    assert page.count("<code>test.row</code>") == 50
    older = re.search(r'href="(\?[^"]*before=\d+[^"]*)"', page)
    assert older
    rest = read(auditor, "/controle/spoor/" + older[1].replace("&amp;", "&"))
    assert rest.count("<code>test.row</code>") == 10
    assert "Naar de nieuwste" in rest


def test_the_trail_comes_along_as_a_file_without_names_or_formulas(
    auditor: Client, travel: Travel
) -> None:
    audit.record(by=SYSTEM, at=PAID_OUT, action="=cmd", subject=("test.x", new_id(PAID_OUT)))
    answer = auditor.get(
        "/controle/spoor/?csv=1&since=2026-01-01", headers={"accept-language": "nl"}
    )
    assert answer["Content-Type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert head[:4] == ["Nummer", "Moment", "Soort", "Rol"]
    assert all(len(row) == len(head) for row in rows)
    assert "'=cmd" in {row[6] for row in rows}
    assert any("cents=2000" in row[12] for row in rows)
    for planted in (*PLANTED, str(travel.worker.id), str(travel.employment)):
        assert planted not in text


# Money


def test_money_is_found_by_reference_number_and_amount(auditor: Client, travel: Travel) -> None:
    for text in (travel.booking.number, f"Eigenwijs boeking {travel.booking.number}"):
        answer = auditor.get("/controle/geld/", {"q": text})
        assert answer["Location"] == f"/controle/geld/{travel.booking.id}/"
    answer = auditor.get("/controle/geld/", {"q": travel.references[0]})
    assert answer["Location"] == f"/controle/geld/nota/{travel.references[0]}/"
    assert "De laatste posten van precies € 13,46" in read(auditor, "/controle/geld/?q=13,46")
    assert "Niets gevonden" in read(auditor, "/controle/geld/?q=13,47")
    assert "Niets gevonden" in read(auditor, "/controle/geld/?q=%3Cscript%3E")
    assert "Niets gevonden" in read(auditor, "/controle/geld/?q=13,46&until=2001-01-01")
    assert "Wat het laatst in de boeken kwam" in read(auditor, "/controle/geld/")


def test_the_way_of_a_euro_stands_on_one_page(auditor: Client, travel: Travel) -> None:
    page = read(auditor, f"/controle/geld/{travel.booking.id}/")
    steps = re.findall(r"<h3>(.*?)</h3>", page)
    assert steps == [
        "De werkgever leverde aan",
        "De regeling gaf 2 bedragen",
        "De betaler kreeg een nota",
        "Het geld kwam op de bank",
        "Het kwam in de pot van de deelnemer",
        "De deelnemer boekte",
        "De stichting gaf opdracht om te betalen",
        "Twee mensen stuurden het naar de bank",
        "Het geld ging van de bank af",
    ]
    for amount in ("€ 13,46", "€ 10,26", "€ 20,00", "− € 20,00"):
        assert amount in page
    assert f"Pot van {pseudonym(travel.worker.id)}" in page
    assert "In je contract staat 20 uur per week." in page
    assert "contract_hours_week" in page
    assert travel.booking.number in page


def test_no_page_shows_who_somebody_is(travel: Travel) -> None:
    """Every page that can be reached by links, with a name, an e-mail address and a course planted."""
    colleague = make_person("Cor Controleur", role=Role.AUDITOR)
    operations.prove_books(by=actor_for(colleague, Role.AUDITOR), at=PAID_OUT)
    found = addresses(travel)
    kinds = {re.sub(r"[0-9a-f-]{36}|RF\w+|\d+|=[^&]*", "", one) for one in found}
    assert len(kinds) >= 6
    client = client_as(Role.AUDITOR)
    secrets = (*PLANTED, "Controleur", str(travel.worker.id), str(travel.employment), "@")
    for address in found:
        page = read(client, address, follow=True)
        for secret in secrets:
            assert secret not in page, (address, secret)
            assert secret not in address


def test_a_made_up_group_or_reference_is_absent(auditor: Client) -> None:
    assert auditor.get(f"/controle/geld/{new_id(PAID_OUT)}/").status_code == 404
    assert auditor.get("/controle/geld/nota/RF000/").status_code == 404


def test_another_transfer_of_another_group_is_absent(auditor: Client, travel: Travel) -> None:
    credit = next(one for one in queries.transfers_of(Money(13_46)) if one.kind == "credit")
    assert auditor.get(f"/controle/geld/{travel.booking.id}/?post={credit.key}").status_code == 404
    assert auditor.get(f"/controle/geld/{travel.booking.id}/?post=x").status_code == 200


def test_pages_need_a_bounded_number_of_queries(
    auditor: Client, travel: Travel, django_assert_max_num_queries: object
) -> None:
    operations.prove_books(by=SYSTEM, at=PAID_OUT)
    limits = {
        "/controle/": 15,
        "/controle/bewijs/": 12,
        "/controle/spoor/": 12,
        "/controle/geld/": 12,
        f"/controle/geld/{travel.booking.id}/": 60,
        f"/controle/geld/nota/{travel.references[0]}/": 60,
    }
    for address, limit in limits.items():
        auditor.get(address)
        with django_assert_max_num_queries(limit):  # type: ignore[operator]
            read(auditor, address)


def test_pages_speak_english_too(travel: Travel) -> None:
    client = client_as(Role.AUDITOR)
    client.post("/taal/", {"language": "en"})
    for address in ("/controle/", "/controle/bewijs/", f"/controle/geld/{travel.booking.id}/"):
        page = client.get(address).content.decode()
        assert re.search(r"The books|The way of this euro", page)
