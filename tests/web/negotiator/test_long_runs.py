"""A run of ten years is asked on a page, can be left and found again, and says what ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eigenwijs.jobs.operations import drain, react
from eigenwijs.schemes import operations as schemes
from eigenwijs.simulation import long_runs as computing
from eigenwijs.simulation.models import LongRun
from eigenwijs.simulation.operations import UnableToSimulate
from eigenwijs.simulation.types import Figure, RunSize
from eigenwijs.web.negotiator import long_runs
from eigenwijs.web.negotiator.amounts import large, with_band
from tests.factories.negotiations import Table, make_table
from tests.simulation.test_long_runs import ENDING, SHOP, waiting
from tests.web.negotiator.test_tables import as_union, shown

pytestmark = pytest.mark.django_db
SMALL = RunSize(persons=1_000, years=3, draws=2, persons_a_draw=200)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(long_runs, "SIZE", SMALL)
    now = datetime.now(UTC)
    made = make_table(SHOP, now)
    schemes.propose(negotiation_id=made.id, text=ENDING, by=made.union, at=now)
    return made


def ask(client: Client, table: Table, **filled: str) -> Any:
    address = reverse("negotiator:long_runs", args=[table.id])
    return client.post(address, {"a": "begin", "b": "workers-1", "sector": ""} | filled)


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_run_is_asked_left_and_found_again(table: Table) -> None:
    client = as_union(table)
    link = (
        f"{reverse('negotiator:long_runs', args=[table.id])}?a=workers-1&amp;b=begin&amp;sector=G"
    )
    assert link in shown(client, "table", table.id, sector="G")
    assert "Nog niets." in shown(client, "long_runs", table.id)
    address = ask(client, table)["Location"]
    text = page_of(client, address)
    assert "Eerst komen de getallen" in text
    assert "<progress" in text
    assert "follow.js" in text
    assert "Je kunt deze pagina sluiten" in text
    (event,) = waiting()
    react(event_id=event.id, at=datetime.now(UTC))
    text = page_of(client, address)
    assert "De band wordt nog berekend: 0 van 2 keer." in text
    assert "de band wordt nog berekend" in text.split("<caption>")[1]
    drain(at=datetime.now(UTC))
    listed = shown(client, "long_runs", table.id)
    assert address in listed
    assert "klaar" in listed
    text = page_of(client, address)
    assert "<progress" not in text
    assert "follow.js" not in text
    assert "tussen haakjes de band" in text
    # asked again by whoever, it is the same
    assert ask(client, table, a="workers-1", b="begin")["Location"] == address


def test_many_runs_are_listed_in_pages_without_their_sums(
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[CaptureQueriesContext]],
) -> None:
    monkeypatch.setattr(long_runs, "RUNS_A_PAGE", 2)
    client = as_union(table)
    for sector in ("G", "F", "I"):
        ask(client, table, sector=sector)
    drain(at=datetime.now(UTC))
    with django_assert_max_num_queries(25) as seen:
        first = shown(client, "long_runs", table.id)
    assert "counted" not in "".join(one["sql"] for one in seen.captured_queries)
    second = shown(client, "long_runs", table.id, page="2")
    assert "Pagina 1 van 2" in first
    assert ("I horeca</td>" in first, "G handel</td>" in first) == (True, False)
    assert ("I horeca</td>" in second, "G handel</td>" in second) == (False, True)


def test_a_choice_that_is_not_there_is_refused_at_its_field(table: Table) -> None:
    for field in ("a", "b", "sector"):
        text = ask(as_union(table), table, **{field: "onzin"}).content.decode()
        assert f'id="id_{field}_error"' in text
    assert not LongRun.objects.exists()


def test_where_money_ends_that_was_people_s_stands_first(table: Table) -> None:
    client = as_union(table)
    address = ask(client, table)["Location"]
    drain(at=datetime.now(UTC))
    text = page_of(client, address)
    assert (
        "Hier vervalt geld dat al van mensen was. In 3 jaar: Waarmee jullie begonnen, niets; "
        "Vakbonden, voorstel 1, € "
    ) in text
    assert "bars__ends" in text
    assert 'status--bad">€ ' in text
    assert "Storten kost gemiddeld per jaar: Waarmee jullie begonnen, € " in text
    assert "in een jaar niets" in text
    assert "van de werknemers met dit geld. Aan het eind staat er gemiddeld " in text
    alone = ask(client, table, b="begin")["Location"]
    drain(at=datetime.now(UTC))
    assert "Onder deze teksten vervalt geen geld" in page_of(client, alone)


def test_a_text_that_cannot_be_simulated_is_refused_at_the_button(table: Table) -> None:
    now = datetime.now(UTC)
    late = SHOP.replace("starts: 2017-01-01", "starts: 2030-01-01")
    schemes.propose(negotiation_id=table.id, text=late, by=table.union, at=now)
    text = ask(as_union(table), table, b="workers-2").content.decode()
    assert "Er klopt nog iets niet" in text
    assert "De regeling geldt niet in heel 2027" in text
    assert not LongRun.objects.exists()


def test_a_run_that_failed_or_fell_silent_has_a_button_to_ask_again(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_values: object) -> None:
        raise UnableToSimulate("below_zero")

    client = as_union(table)
    with monkeypatch.context() as patch:
        patch.setattr(computing, "counted", fail)
        address = ask(client, table)["Location"]
        drain(at=datetime.now(UTC))
    text = page_of(client, address)
    assert "minder dan niets" in text
    assert "Reken opnieuw" in text
    assert "niet gelukt" in shown(client, "long_runs", table.id)
    assert ask(client, table)["Location"] == address
    LongRun.objects.update(moved_at=datetime.now(UTC) - timedelta(hours=1))
    text = page_of(client, address)
    assert "al een kwartier niets" in text
    assert "Reken opnieuw" in text


def test_a_run_of_another_table_is_not_there(table: Table) -> None:
    client = as_union(table)
    ask(client, table)
    run = LongRun.objects.get()
    other = make_table(SHOP, datetime.now(UTC), table.union.organisation_id)
    answer = client.get(reverse("negotiator:long_run", args=[other.id, run.pk]))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "niets"),
        (1, "minder dan € 1.000"),
        (87_499_00, "€ 87.000"),
        (123_456_789_00, "€ 123,5 miljoen"),
    ],
)
def test_large_amounts_are_told_in_thousands_or_millions(cents: int, words: str) -> None:
    assert large(cents) == words


@pytest.mark.parametrize(
    ("euros", "words"),
    [
        ((2_000_000, 1_500_000, 2_500_000), "€ 2,0 miljoen (1,5 tot 2,5)"),
        ((200_000, 150_000, 250_000), "€ 200.000 (150.000 tot 250.000)"),
        ((1_000_000, 900_000, 1_100_000), "€ 1,0 miljoen (€ 900.000 tot € 1,1 miljoen)"),
        ((20_000, 500, 30_000), "€ 20.000 (minder dan € 1.000 tot € 30.000)"),
    ],
)
def test_a_band_is_told_in_the_unit_of_its_figure(euros: tuple[int, int, int], words: str) -> None:
    value, low, high = (100 * one for one in euros)
    assert with_band(Figure(value, low, high)) == words
