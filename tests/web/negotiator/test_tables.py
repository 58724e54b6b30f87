"""A negotiator opens a table, tries, lays down, compares and says yes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.schemes import operations, queries
from tests.factories.negotiations import Table, make_table
from tests.factories.people import SYSTEM, make_organisation
from tests.factories.web import client_as, client_of
from tests.schemes.test_language import GOOD, SCHEMES

pytestmark = pytest.mark.django_db
SHOP = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
NOT_KEPT = (
    SHOP.replace("portable: true", "portable: false")
    + 'expiry: {months_after_job: 6, article: "5"}\nreversion: {to: sector_fund, article: "5"}\n'
)
FILLED = {
    "figure-per_year": "200,00",
    "figure-min_hours": "8",
    "rule-agency": "on",
    "rule-hours": "on",
    "purpose": "work",
    "returns_to": "sector_fund",
}


@pytest.fixture
def table() -> Table:
    return make_table(SHOP, datetime.now(UTC))


def as_union(table: Table) -> Client:
    assert table.union.person_id
    client = client_of(table.union.person_id)
    session = client.session
    session["role"] = Role.NEGOTIATOR.value
    session.save()
    return client


def shown(client: Client, name: str, *places: Any, **query: str) -> str:
    return client.get(reverse(f"negotiator:{name}", args=places), query).content.decode()


def newest(table: Table) -> str:
    found = queries.negotiation(table.id, by=table.union).newest("workers")
    assert found
    return found.text


def test_a_table_is_opened_on_a_scheme_that_both_sides_sign() -> None:
    now = datetime.now(UTC)
    made = operations.load(text=SHOP, by=SYSTEM, at=now)
    gift = (SCHEMES / "nl/gift-werkgever/scheme.yaml").read_text()
    operations.load(text=gift, by=SYSTEM, at=now)
    other = make_organisation(OrganisationKind.AGREEMENT_PARTY, name="Werkgevers van de Proef")
    client = client_as(Role.NEGOTIATOR)
    page = shown(client, "new_table")
    assert "Leerbudget van de cao Supermarkten, versie 1" in page
    assert "Vrijwillige bijdrage" not in page
    filled = {
        "title": "Cao Supermarkten 2027",
        "base": made.hash,
        "side": "workers",
        "other": str(other.id),
        "starts_on": "01-01-2027",
    }
    missing = client.post(reverse("negotiator:new_table"), {**filled, "starts_on": "ooit"})
    assert "Er klopt nog iets niet" in missing.content.decode()
    answer = client.post(reverse("negotiator:new_table"), filled, follow=True)
    text = answer.content.decode()
    assert "Cao Supermarkten 2027" in text
    assert "Werkgevers van de Proef" in text
    assert "Cao Supermarkten 2027" in shown(client, "home")


def test_who_is_left_out_is_the_first_thing_the_table_says(table: Table) -> None:
    """12 hours or more, and no agency: the weekend helper, the agency worker and who is on call get nothing."""
    text = shown(as_union(table), "table", table.id)
    assert (
        "Waarmee jullie begonnen geeft niets aan: Weekendhulp van 19, 10 uur per week; Oproepkracht van 44, "
        "meestal 16 of 17 uur per week; Uitzendkracht van 33, 32 uur per week."
    ) in text
    assert "€ 1.750,00" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_table_names_the_texts_of_which_people_do_not_keep_the_money(table: Table) -> None:
    client, said = as_union(table), "Dit geld houden mensen niet"
    assert said not in shown(client, "table", table.id)
    now = datetime.now(UTC)
    operations.propose(negotiation_id=table.id, text=NOT_KEPT, by=table.union, at=now)
    text = shown(client, "table", table.id)
    assert said in text
    named = text.split("wat mensen overhouden:")[1].split("</ul>")[0]
    assert named.count("<li>") == 1
    assert "Waarmee jullie begonnen" not in named


def test_the_share_that_gets_nothing_is_told_by_group_and_sector(table: Table) -> None:
    client = as_union(table)
    everyone = shown(client, "table", table.id)
    assert "20.000 verzonnen werknemers" in everyone
    assert re.search(
        r"Waarmee jullie begonnen geeft \d+ % niets; van de groep “oproepcontract” 100 %", everyone
    )
    shops = shown(client, "table", table.id, sector="G")
    finding = 'id="nothing-title"><strong>'
    assert shops.split(finding)[1][:80] != everyone.split(finding)[1][:80]
    assert "20.000 verzonnen werknemers" in shown(client, "table", table.id, sector="?")


def test_who_gains_beside_what_they_began_with_is_told_in_a_chart_and_a_table(table: Table) -> None:
    client = as_union(table)
    assert "Wie gaat erop vooruit" not in shown(client, "table", table.id)
    operations.propose(
        negotiation_id=table.id,
        text=SHOP.replace("2017-01-01: 175.00}", "2017-01-01: 200.00}"),
        by=table.union,
        at=datetime.now(UTC),
    )
    text = shown(client, "table", table.id).replace("\N{NO-BREAK SPACE}", " ")
    union = "Vakbonden, voorstel 1"
    told = re.search(
        rf"{union}: (\d+) % krijgt meer dan waarmee jullie begonnen, 0 % minder\.", text
    )
    assert told
    assert f"{told[1]} % krijgt meer, 0 % minder" in text.split("Iedereen")[1]
    chart = text.split('id="gains-title"')[1].split("</figure>")[0]
    assert "oproepcontract" in chart
    assert "0 % krijgt meer, 0 % minder" in chart
    assert "Waarmee jullie begonnen" not in chart.split("figcaption>")[1]
    costs = text.split('id="cost-title"')[1].split("Wie gaat erop vooruit")[0]
    assert costs.count('class="bars__bar"') == 2
    assert re.search(r"\+ € \d+,\d\d", costs)


def test_two_texts_are_told_of_also_where_the_one_before_cannot_be_computed() -> None:
    now = datetime.now(UTC)
    late = make_table(SHOP.replace("starts: 2017-01-01", "starts: 2030-01-01"), now)
    for by in (late.union, late.employers):
        operations.propose(negotiation_id=late.id, text=SHOP, by=by, at=now)
    text = shown(as_union(late), "table", late.id)
    assert "Wat het eerste jaar kost" in text
    assert "Wie krijgt niets" in text
    for needless in ("Wie gaat erop vooruit", "Verschil met waarmee jullie begonnen"):
        assert needless not in text


def test_a_text_that_is_not_there_is_said_to_be_so(table: Table) -> None:
    client = as_union(table)
    assert "Die tekst ligt niet op tafel" in shown(client, "table", table.id, a="onzin")
    for asked in ({}, {"a": "begin", "b": ""}):
        assert "Die tekst ligt niet op tafel" not in shown(client, "table", table.id, **asked)


def test_a_year_that_cannot_be_computed_is_said(table: Table) -> None:
    late = SHOP.replace("starts: 2017-01-01", "starts: 2030-01-01")
    now = datetime.now(UTC)
    operations.propose(negotiation_id=table.id, text=late, by=table.union, at=now)
    assert "Dit kunnen we niet uitrekenen" in shown(as_union(table), "table", table.id)


def test_a_trial_shows_what_it_does_and_lays_nothing_on_the_table(table: Table) -> None:
    client = as_union(table)
    address = reverse("negotiator:proposal", args=[table.id])
    text = client.post(address, FILLED | {"action": "try"}).content.decode()
    assert "€ 2.000,00" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Wat je nu invult geeft niets aan: Oproepkracht" in text
    assert queries.negotiation(table.id, by=table.union).proposals == ()


def test_a_proposal_that_is_laid_down_says_what_was_filled_in(table: Table) -> None:
    client = as_union(table)
    address = reverse("negotiator:proposal", args=[table.id])
    without = {name: value for name, value in FILLED.items() if name != "rule-agency"}
    answer = client.post(address, without | {"end_months": "48", "action": "save"}, follow=True)
    assert "Jullie voorstel ligt op tafel" in answer.content.decode()
    text = newest(table)
    assert "2027-01-01: 200.00" in text
    assert "contract_kind" not in text
    assert "after_months: 48" in text
    page = shown(client, "table", table.id)
    assert "Je kunt het 48 maanden gebruiken vanaf de dag dat het erop komt." in page
    assert "Staat alleen in: Vakbonden, voorstel 1" in page
    assert "bars__ends" in page
    plain = " ".join(page.replace("\N{NO-BREAK SPACE}", " ").split())
    # € 200 of each year from 2027 on ends four years later: six times up to and including 2036
    assert "€ 1.200,00 vervalt, in 6 jaren, voor het eerst in 2031" in plain


def test_one_text_that_is_taken_twice_is_shown_once(table: Table) -> None:
    """A new table has nothing to compare: all is said once, and nothing of differences."""
    client = as_union(table)
    page = shown(client, "table", table.id)
    assert [
        one.name
        for one in client.get(reverse("negotiator:table", args=[table.id])).context["compared"]
    ] == ["Waarmee jullie begonnen"]
    assert len(re.findall(r"Waarmee jullie begonnen geeft \d+ % niets", page)) == 1
    assert page.count("Waarmee jullie begonnen geeft niets aan") == 1
    for said in ("Wat er verschilt", "<td>hetzelfde", "naast elkaar", "Staat alleen in"):
        assert said not in page
    # who gives all four something is said as such, also of one text
    text = queries.with_choices(
        SHOP,
        on=table.found.starts_on,
        figures={},
        without=frozenset({"agency", "hours"}),
        end_months=None,
        source="",
    )
    now = datetime.now(UTC)
    operations.propose(negotiation_id=table.id, text=text, by=table.union, at=now)
    one = shown(client, "table", table.id, a="workers-1", b="workers-1")
    assert "Iedereen van deze vier krijgt iets." in one
    assert "Staat alleen in" not in one
    assert "Staat alleen in" in shown(client, "table", table.id)


def test_what_was_tried_goes_on_in_the_text(table: Table) -> None:
    """Nobody has to lay a proposal on the table first to change its sentences."""
    client = as_union(table)
    address = reverse("negotiator:proposal", args=[table.id])
    assert "Schrijf verder in de tekst" in shown(client, "proposal", table.id)
    page = client.post(address, FILLED | {"action": "text"})
    tried = page.context["form"]["text"].value()
    assert "2027-01-01: 200.00" in tried
    assert queries.negotiation(table.id, by=table.union).proposals == ()
    to_text = reverse("negotiator:proposal_text", args=[table.id])
    assert f'<form method="post" action="{to_text}"' in page.content.decode()
    mended = tried.replace("12 uur", "8 uur")
    client.post(to_text, {"text": mended})
    assert newest(table) == mended
    assert len(queries.negotiation(table.id, by=table.union).proposals) == 1
    wrong = client.post(address, FILLED | {"figure-per_year": "veel", "action": "text"})
    assert 'id="id_figure-per_year_error"' in wrong.content.decode()


def test_what_money_is_for_and_who_gets_what_ends_are_laid_down_and_compared(table: Table) -> None:
    client = as_union(table)
    address = reverse("negotiator:proposal", args=[table.id])
    other = {"end_months": "48", "purpose": "all", "returns_to": "state", "action": "save"}
    client.post(address, FILLED | other)
    text = newest(table)
    assert "work_related_only: false" in text
    assert "to: state" in text
    page = " ".join(shown(client, "table", table.id).split())
    for line in ("Waarvoor het geld is", "Alles wat je wilt leren", "De overheid", "niemand"):
        assert line in page
    broken = client.post(address, FILLED | {"returns_to": "employer", "action": "save"})
    assert "returns_to" in broken.context["form"].errors


@pytest.mark.parametrize("figure", ["veel", "-5", "1000001"])
def test_a_figure_that_is_none_is_refused_at_its_field(table: Table, figure: str) -> None:
    address = reverse("negotiator:proposal", args=[table.id])
    answer = as_union(table).post(address, FILLED | {"figure-per_year": figure, "action": "save"})
    assert 'id="id_figure-per_year_error"' in answer.content.decode()
    assert queries.negotiation(table.id, by=table.union).proposals == ()


def test_a_text_is_laid_down_as_it_was_written(table: Table) -> None:
    client = as_union(table)
    address = reverse("negotiator:proposal_text", args=[table.id])
    wrong = client.post(address, {"text": SHOP.replace("per_year\n", "per_jaar\n")})
    assert "Regel " in wrong.content.decode()
    assert "per_jaar" in wrong.content.decode()
    other = client.post(address, {"text": SHOP.replace("nl/supermarkt", "nl/anders")})
    assert "Een voorstel houdt de naam" in other.content.decode()
    written = SHOP.replace("175.00", "190.00")
    client.post(address, {"text": written.replace("\n", "\r\n")})
    assert newest(table) == written
    file = client.get(reverse("negotiator:text_file", args=[table.id, "workers-1", "yaml"]))
    assert file.content.decode() == written
    words = client.get(reverse("negotiator:text_file", args=[table.id, "workers-1", "txt"]))
    assert "€ 190,00" in words.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for key, kind in (("workers-2", "yaml"), ("workers-1", "pdf")):
        address = reverse("negotiator:text_file", args=[table.id, key, kind])
        assert client.get(address).status_code == 404


def test_a_yes_is_said_on_the_page_and_seen_by_the_other_side(table: Table) -> None:
    now = datetime.now(UTC)
    text = SHOP.replace("175.00", "180.00")
    found = operations.propose(negotiation_id=table.id, text=text, by=table.employers, at=now)
    operations.accept(
        negotiation_id=table.id, text_hash=found.proposals[0].hash, by=table.employers, at=now
    )
    client = as_union(table)
    page = shown(client, "table", table.id)
    assert "De andere kant zegt ja tegen" in page
    address = reverse("negotiator:table", args=[table.id])
    assert "ligt niet op tafel" in client.post(address, {"hash": "0" * 64}).content.decode()
    answer = client.post(address, {"hash": found.proposals[0].hash}, follow=True)
    assert "Jullie zijn het eens" in answer.content.decode()
    assert "Maak jullie voorstel" not in answer.content.decode()
    assert set(queries.version(found.proposals[0].hash).signatures) == {"workers", "employers"}
    assert "jullie zijn het eens" in shown(client, "home")
    late = client.post(reverse("negotiator:proposal", args=[table.id]), FILLED | {"action": "save"})
    assert "Deze tafel is gesloten" in late.content.decode()


def test_a_yes_is_taken_back_with_a_button(table: Table) -> None:
    now = datetime.now(UTC)
    text = SHOP.replace("175.00", "180.00")
    found = operations.propose(negotiation_id=table.id, text=text, by=table.union, at=now)
    digest = found.proposals[0].hash
    client = as_union(table)
    assert "Trek jullie ja in" not in shown(client, "table", table.id)
    operations.accept(negotiation_id=table.id, text_hash=digest, by=table.union, at=now)
    assert "Trek jullie ja in" in shown(client, "table", table.id)
    address = reverse("negotiator:take_back_yes", args=[table.id])
    answer = client.post(address, follow=True).content.decode()
    assert "Jullie ja is ingetrokken." in answer
    assert "Jullie zeggen ja tegen" not in answer
    assert "Trek jullie ja in" not in answer
    for by in (table.union, table.employers):
        operations.accept(negotiation_id=table.id, text_hash=digest, by=by, at=now)
    assert "Deze tafel is gesloten" in client.post(address, follow=True).content.decode()


def test_a_yes_without_a_second_proof_asks_for_it(table: Table) -> None:
    now = datetime.now(UTC)
    found = operations.propose(
        negotiation_id=table.id, text=SHOP.replace("175", "176"), by=table.union, at=now
    )
    client = as_union(table)
    session = client.session
    del session["second_proof"]
    session.save()
    address = reverse("negotiator:table", args=[table.id])
    answer = client.post(address, {"hash": found.proposals[0].hash})
    assert answer.status_code == 302
    assert queries.negotiation(table.id, by=table.union).accepted == {}


def test_figures_without_a_label_go_by_their_name() -> None:
    table = make_table(GOOD, datetime.now(UTC))
    assert "Per_year" in shown(as_union(table), "proposal", table.id)
