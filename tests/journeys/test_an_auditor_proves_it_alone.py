"""An auditor proves the books, their seals and a draw with what the pages hand out, and without us."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from eigenwijs.insight import operations as insight
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.period import Period
from eigenwijs.kernel.wording import period
from eigenwijs.ledger import operations as ledger
from eigenwijs.people.types import Role
from tests.factories.draws import DRAWN, OPENED, draw, enter_all, make_published
from tests.factories.people import actor_for, make_person
from tests.factories.web import client_as
from tests.journeys.browser import assert_accessible, assert_fits
from tests.journeys.conftest import OpenPage
from tests.journeys.test_money_is_divided_by_lot import days_since, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def make_drawn_yesterday() -> UUID:
    """A round of € 300 for five people."""
    days = days_since(DRAWN) - 1
    found = make_published(days=days)
    enter_all(found.id, 5, at=OPENED + timedelta(days=days))
    draw(found.id, days=days)
    return found.id


def close_last_month(now: datetime) -> date:
    """Seal all transfers, and let two people of finance close the month before this one; its last day."""
    until = local_date(now).replace(day=1) - timedelta(days=1)
    first, second = (actor_for(make_person(role=Role.FINANCE), Role.FINANCE) for _ in range(2))
    insight.begin_closing(until=until, by=first, at=now)
    for _note_and_seal in range(2):
        ledger.seal(at=now)
    insight.close_month(until=until, by=second, at=now)
    return until


def save(page: Page, link: str, folder: Path) -> Path:
    """Click on a link to a file, and keep the file under the name it comes with."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def run_alone(script: Path, given: Path) -> str:
    """Run a downloaded script where nothing of ours can be imported; return what it says."""
    command = [sys.executable, "-I", str(script), str(given)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("javascript", [True, False])
def test_an_auditor_proves_the_books_and_recomputes_a_draw(
    open_page: OpenPage, live_server: object, tmp_path: Path, javascript: bool
) -> None:
    make_drawn_yesterday()
    until = close_last_month(datetime.now(UTC))
    page = open_page(java_script_enabled=javascript)
    see = assert_accessible if javascript else assert_fits
    sign_in(page, client_as(Role.AUDITOR), str(live_server))

    page.goto("/controle/")
    page.get_by_role("link", name="Bekijk het bewijs").click()
    page.get_by_role("button", name="Bewijs de boeken nu").click()
    expect(page.get_by_text("De boeken zijn bewezen.")).to_be_visible()
    closed = page.get_by_role("table", name="Tot waar de boeken dicht zijn").get_by_role("row")
    expect(closed.filter(has_text=period(Period(until.year, until.month)))).to_be_visible()
    expect(closed.filter(has_text="Nog niet")).to_have_count(0)
    see(page)
    # Its number is 1 or more: transfers of earlier tests are gone, their numbers are not used again.
    expect(page.get_by_text(re.compile(r"Het laatste zegel is nummer \d"))).to_be_visible()
    save(page, "Download de zegels", tmp_path)
    checker = save(page, "Download het controleprogramma", tmp_path)
    assert run_alone(checker, tmp_path) == "Nothing is wrong.\n"

    page.get_by_role("link", name="Lotingen").click()
    page.get_by_role("link", name="Leerronde voorjaar").click()
    for name in ("rules.json", "tickets.csv"):
        shown = sha256(save(page, name, tmp_path).read_bytes()).hexdigest()
        expect(page.get_by_text(shown)).to_be_visible()
    archive = save(page, "Alle bestanden samen", tmp_path)
    script = save(page, "Het programma waarmee je narekent", tmp_path)
    expect(page.get_by_text(f"python3 {script.name} {archive.name}")).to_be_visible()
    assert "5 tickets, 3 winners" in run_alone(script, archive)
    said = io.StringIO()
    call_command("draw", "verify", str(archive), stdout=said)
    assert "The winners are as published." in said.getvalue()
