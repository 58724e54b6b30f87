"""A worker reads what a next version of a scheme changes for them, before it starts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from eigenwijs.kernel import wording
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.schemes import operations as schemes
from eigenwijs.web.schemes import clauses_alone
from tests.factories.contributions import (
    ELECTROTECHNICAL,
    LONG_AGO,
    MONTHLY,
    MONTHLY_NEXT,
    MONTHLY_SCHEME,
    SCHEMES,
    SYSTEM,
    deliver,
    employment,
    make_law,
    make_participant,
    react,
    worker,
)
from tests.factories.people import make_opened, make_organisation
from tests.factories.web import client_of

pytestmark = pytest.mark.django_db


def test_the_worker_reads_what_they_get_then_and_which_rules_change() -> None:
    now = datetime.now(UTC)  # pages read the clock
    this_month = Period.containing(local_date(now), PeriodKind.MONTH)
    starts_on = this_month.next().next().start  # midnight may pass meanwhile
    make_law(MONTHLY_SCHEME, text=MONTHLY)
    shop = make_participant(MONTHLY_SCHEME)
    deliver(shop, str(this_month.previous()), [worker(1), worker(2, hours=1200)], now)
    react(now)
    more, nothing = (
        client_of(make_opened(employment(shop, number).person_id, at=now)) for number in (1, 2)
    )
    assert "nieuwe regels" not in more.get(reverse("worker:home")).content.decode()
    assert "Er verandert niets" in more.get(reverse("worker:changes")).content.decode()

    version = schemes.load(text=MONTHLY_NEXT, by=SYSTEM, at=LONG_AGO).hash
    schemes.sign(
        version_hash=version, side="employer", organisation_id=make_organisation().id,
        document="akte", by=SYSTEM, at=LONG_AGO,
    )  # fmt: skip
    schemes.activate(version_hash=version, valid_from=starts_on, by=SYSTEM, at=LONG_AGO)
    home = more.get(reverse("worker:home")).content.decode()
    assert f"Vanaf {wording.day(starts_on)} zijn er nieuwe regels: Maandbedrag." in home
    page = more.get(reverse("worker:changes")).content.decode()
    assert "Je krijgt meer" in page
    assert wording.money(Money(1000)) in page
    assert wording.money(Money(1250)) in page
    assert shop.name in page
    assert "Deze regels komen erbij" in page
    assert "Je krijgt geen geld meer" in nothing.get(reverse("worker:changes")).content.decode()


def test_a_rule_that_changes_is_said_once() -> None:
    """The amount stands among the figures and again, with how it is given, among the amounts."""
    old = (SCHEMES / ELECTROTECHNICAL / "scheme.yaml").read_text()
    new = old.replace("2024-01-01: 175.00", "2024-01-01: 175.00, 2027-01-01: 200.00")
    for alone in clauses_alone([old, new], ["old", "new"]):
        (sentence,) = alone.sentences
        assert sentence.startswith("Het bedrag per jaar: ")
        assert "Elke loonperiode krijg je daarvan een gelijk deel." in sentence
