"""A side lays its own people on the table as counts; figures of both sides then are of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eigenwijs.jobs.operations import drain
from eigenwijs.people.types import Role
from eigenwijs.simulation import queries
from eigenwijs.simulation.models import Workforce
from eigenwijs.simulation.types import RunSize
from eigenwijs.web.negotiator import long_runs
from tests.factories.negotiations import Table, make_table, make_workforce
from tests.factories.web import client_as
from tests.web.negotiator.test_tables import FILLED, SHOP, as_union, shown

pytestmark = pytest.mark.django_db
LINES = "Aantal;Contract;Leeftijd\n9000;oproep;\n1000;vast;\n4000;;tot 25\n6000;;25 tot 75\n"


@pytest.fixture
def table() -> Table:
    return make_table(SHOP, datetime.now(UTC))


def deliver(client: Client, table: Table, lines: str, sector: str = "G") -> Any:
    address = reverse("negotiator:workforces", args=[table.id])
    file = SimpleUploadedFile("mensen.csv", lines.encode())
    return client.post(address, {"file": file, "sector": sector}, follow=True)


def plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_table_is_delivered_and_seen_by_both_sides(table: Table) -> None:
    client = as_union(table)
    assert "Reken met jullie eigen mensen" in shown(client, "table", table.id)
    text = deliver(client, table, LINES).content.decode()
    assert "Jullie tabel ligt op tafel." in text
    theirs = client_as(Role.NEGOTIATOR, table.employers.organisation_id)
    for reader in (client, theirs):
        seen = shown(reader, "workforce", table.id, 1)
        assert "10.000" in seen
        assert "G handel" in seen
        assert "Vakbonden" in seen
        assert "15 tot 25" in seen
        assert "jullie tabel 1: 10.000 mensen" in shown(reader, "workforces", table.id)
    again = deliver(theirs, table, LINES).content.decode()
    assert "Deze tabel lag er al." in again
    assert Workforce.objects.count() == 1
    file = client.get(reverse("negotiator:workforce_file", args=[table.id, 1]))
    same = deliver(client, table, file.content.decode("utf-8-sig")).content.decode()
    assert "Deze tabel lag er al." in same


def test_the_newest_people_are_counted_and_others_can_be_looked_at(table: Table) -> None:
    client = as_union(table)
    make_workforce(table, datetime.now(UTC), "aantal;contract\n5000;vast\n")
    make_workforce(table, datetime.now(UTC), LINES)
    newest = plain(shown(client, "table", table.id))
    assert "Zij lijken op jullie tabel 2: 10.000 mensen, aangeleverd door Vakbonden op" in newest
    assert "vulden we aan uit de sector: G handel" in newest
    assert "Storten kost in 2027: Waarmee jullie begonnen, € " in newest
    first = plain(shown(client, "table", table.id, sector="eigen-1"))
    assert "jullie tabel 1: 5.000 mensen, aangeleverd" in first
    everyone = plain(shown(client, "table", table.id, sector=""))
    assert "volgens cijfers van het CBS" in everyone
    assert "miljoen" in everyone
    # nine of ten on call get nothing; of the first table nobody is on call
    assert "begonnen geeft 9" in newest
    assert "oproepcontract" not in first.split("nothing-title")[2]
    address = f"{reverse('negotiator:proposal', args=[table.id])}?sector=eigen-1"
    assert "jullie tabel 1" in client.post(address, FILLED | {"action": "try"}).content.decode()


def test_faults_are_shown_with_line_and_remedy_and_nothing_is_kept(table: Table) -> None:
    client = as_union(table)
    text = deliver(client, table, "Aantal;Naam\n3;Jan Jansen\n").content.decode()
    assert "Dit bestand klopt nog niet" in text
    assert "Deze kolom mag er niet in" in text
    assert "Jan Jansen" not in text
    text = deliver(client, table, "Aantal;Contract\n40;vast\n3;oproep\n").content.decode()
    assert "minder dan 10 mensen" in text
    assert 'data-label="Regel" class="number">3</td>' in text
    text = deliver(client, table, LINES, sector="").content.decode()
    assert 'id="id_sector_error"' in text
    text = deliver(client, table, "a" * 1_000_001).content.decode()
    assert "groter dan 1 MB" in text
    address = reverse("negotiator:workforces", args=[table.id])
    assert 'id="id_file_error"' in client.post(address, {"sector": "G"}).content.decode()
    assert not Workforce.objects.exists()


def test_a_stranger_finds_no_table_of_people(table: Table) -> None:
    make_workforce(table, datetime.now(UTC))
    stranger = client_as(Role.NEGOTIATOR)
    for name, places in (
        ("workforces", [table.id]),
        ("workforce", [table.id, 1]),
        ("workforce_file", [table.id, 1]),
    ):
        assert stranger.get(reverse(f"negotiator:{name}", args=places)).status_code == 404
    assert deliver(stranger, table, LINES).status_code == 404
    mine = reverse("negotiator:workforce", args=[table.id, 2])
    assert as_union(table).get(mine).status_code == 404


def test_the_example_has_every_value(table: Table) -> None:
    answer = as_union(table).get(reverse("negotiator:workforce_example"))
    text = answer.content.decode("utf-8-sig")
    for column in queries.WORKFORCE_COLUMNS:
        for word in queries.allowed_words(column, "nl"):
            assert word in text


def test_ten_years_are_of_the_own_people_and_say_so(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        long_runs, "SIZE", RunSize(persons=5_000, years=2, draws=1, persons_a_draw=1_000)
    )
    make_workforce(table, datetime.now(UTC), LINES)
    client = as_union(table)
    address = reverse("negotiator:long_runs", args=[table.id])
    run = client.post(address, {"a": "begin", "b": "begin", "sector": "eigen-1"})["Location"]
    drain(at=datetime.now(UTC))
    text = plain(client.get(run).content.decode())
    assert "jullie tabel 1: 10.000 mensen" in text
    assert "In het begin gelden de bedragen voor jullie 10.000 mensen." in text
    assert re.search(r"In 2028 zijn het er volgens het model \d+\.\d{3}:", text)
    assert "jullie tabel 1: 10.000 mensen" in shown(client, "long_runs", table.id)
