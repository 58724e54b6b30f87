"""Money that is not kept after a job says so with the money, and on which day it ends once that is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from eigenwijs.budgets import operations, queries
from eigenwijs.kernel.clock import local_date, months_after
from eigenwijs.kernel.wording import day
from tests.factories.budgets import make_credit, make_job_conditions
from tests.factories.people import SYSTEM, make_employment, make_opened, make_organisation
from tests.factories.web import client_of
from tests.web.worker.test_booking import text_of

pytestmark = pytest.mark.django_db

SAID = "Gaat niet mee als je van baan wisselt: na je laatste dag kun je het nog 4 maanden gebruiken"


def test_the_account_says_that_money_ends_with_the_job_and_then_when() -> None:
    now = timezone.now()
    shop = make_organisation(name="Winkel Zon")
    job = make_employment(shop, personnel_number="P1", at=now)
    worker = make_opened(job.person_id, at=now)
    conditions = make_job_conditions(shop.id, months=4)
    make_credit(worker.id, 5_000, payer_id=shop.id, conditions=conditions)
    browser = client_of(worker)
    account = text_of(browser, reverse("worker:account"))
    assert SAID in account
    assert "Geldig zolang je baan duurt" in account
    assert "Gaat mee als je van baan wisselt" not in account
    today = local_date(now)
    make_employment(shop, personnel_number="P1", ended_on=today, at=now + timedelta(seconds=1))
    operations.follow_jobs(by=SYSTEM, at=now)
    end = " ".join(day(months_after(today, 4)).split())
    assert f"Geldig tot en met {end}" in text_of(browser, reverse("worker:account"))
    assert "Geldig zolang je baan duurt" not in text_of(browser, reverse("worker:account"))
    assert queries.account(worker.id, on=today).available.cents == 5_000


def test_money_that_goes_back_says_so() -> None:
    now = timezone.now()
    shop = make_organisation()
    job = make_employment(shop, at=now)
    worker = make_opened(job.person_id, at=now)
    conditions = make_job_conditions(
        shop.id, months=None, goes_back=True, ends_on=local_date(now) + timedelta(days=900)
    )
    make_credit(worker.id, 5_000, payer_id=shop.id, conditions=conditions)
    account = text_of(client_of(worker), reverse("worker:account"))
    assert "Wat je niet op tijd gebruikt, gaat terug naar je werkgever" in account
