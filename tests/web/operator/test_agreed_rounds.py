"""The operator makes a round from a scheme: what was signed is shown, and cannot be typed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from eigenwijs.draws import queries
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import Role
from eigenwijs.schemes import queries as schemes
from tests.draws.test_agreed import ARRIVAL, CEILING, LAW, law_with
from tests.factories.contributions import GIFT
from tests.factories.draws import MADE, make_fund
from tests.factories.web import client_as
from tests.web.worker.test_rounds import FORM, _Now, read, send

pytestmark = pytest.mark.django_db

LEFT_OPEN = {
    "title_nl": "Leerronde",
    "title_en": "Learning round",
    "reserve_places": "50",
    "reserve_until": "30-09-2026",
    "accept_days": "28",
    "beacon_source": "drand quicknet",
    "beacon_round": "99",
    "beacon_on": "04-07-2026",
    "beacon_at": "12:00",
}


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody of the operator in March 2026."""
    monkeypatch.setattr(timezone, "now", lambda: MADE)
    monkeypatch.setattr("tests.factories.web.datetime", _Now([MADE]))
    return client_as(Role.OPERATOR)


def address(opens: str) -> str:
    return f"{reverse('operator:new_round')}?{urlencode({'scheme': GIFT, 'opens': opens})}"


def test_a_round_is_made_from_a_window_of_a_scheme(operator: Client) -> None:
    law_with(CEILING)
    start = read(operator, reverse("operator:new_round"))
    assert f"?scheme={GIFT}&amp;opens=2026-06-01" in start
    assert "1 juni 2026 tot en met 30 juni 2026, € 9.000,00" in start
    page = read(operator, address("2026-06-01"))
    assert "Dit is getekend. Het staat vast voor deze ronde." in page
    assert "Wie 18 is of ouder. (age &gt;= 18)" in page
    assert "Die krijgt wat er nog over is." in page
    for name in ("pot", "most", "fit", "when", "weight_a", "opens_on", "law", "carry_step"):
        assert f'name="{name}"' not in page
    # What somebody sends along for a settled field is not read.
    sent = {**LEFT_OPEN, "pot": "1", "most": "1", "fit": "close", "payer": make_fund()}
    assert "De ronde is gemaakt." in send(operator, address("2026-06-01"), **sent)
    (made,) = queries.rounds()
    assert (made.rules.pot, made.rules.most) == (Money(9_000_00), Money(100_00))
    assert [(one.weight, one.share_percent) for one in made.rules.groups] == [
        (3, 0),
        (1, 20),
        (1, 0),
    ]
    change = reverse("operator:change_round", args=[made.id])
    assert "Dit is getekend." in read(operator, change)
    assert "De regels zijn bewaard." in send(operator, change, **{**LEFT_OPEN, "accept_days": "30"})
    (changed,) = queries.rounds()
    assert changed.rules == made.rules.__class__(
        **{**{name: getattr(made.rules, name) for name in made.rules.__slots__}, "accept_days": 30}
    )


def test_a_window_that_is_over_has_a_round_or_never_was_is_not_there(operator: Client) -> None:
    law_with(CEILING)
    sent = {**LEFT_OPEN, "payer": make_fund()}
    assert "De ronde is gemaakt." in send(operator, address("2026-06-01"), **sent)
    for opens in ("2026-06-01", "2026-06-02", "x"):
        assert operator.get(address(opens)).status_code == 404
    assert "opens=2026-06-01" not in read(operator, reverse("operator:new_round"))


def test_own_rules_over_a_scheme_that_settles_them_are_refused_at_their_field(
    operator: Client,
) -> None:
    law_with(CEILING)
    sent = {**FORM, "payer": make_fund(), "opens_on": "01-04-2026"}
    page = send(operator, reverse("operator:new_round"), **sent)
    assert "De regeling verdeelt in deze dagen € 250,00." in page
    assert 'href="#id_pot"' in page
    sent["opens_on"] = "10-04-2026"
    page = send(operator, reverse("operator:new_round"), **sent)
    assert "De regeling noemt andere dagen: 1 april 2026 – 30 april 2026, 1 juni 2026" in page
    assert 'href="#id_opens_on"' in page
    assert queries.rounds() == []


def test_in_order_of_arrival_only_the_waiting_room_and_the_hour_are_asked(operator: Client) -> None:
    law_with(ARRIVAL)
    page = read(operator, address("2026-05-01"))
    assert LAW in page
    assert "Eerste dag van de wachtkamer" in page
    for name in ("reserve_until", "first_on", "law", "fit"):
        assert f'name="{name}"' not in page
    sent = {
        **LEFT_OPEN,
        "beacon_source": "",
        "opens_on": "10-04-2026",
        "closes_on": "29-04-2026",
        "first_at": "10:00",
        "payer": make_fund(),
    }
    assert "De ronde is gemaakt." in send(operator, address("2026-05-01"), **sent)
    (made,) = queries.rounds()
    assert made.rules.first_come
    assert made.rules.first_come.opens_at == datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
    assert made.rules.reserve_until == date(2026, 7, 31)


def test_everyone_reads_the_ceiling_on_the_page_of_the_scheme() -> None:
    law_with(CEILING)
    page = read(
        Client(), reverse("public:scheme", args=[schemes.version_in_force(GIFT, MADE.date()).hash])
    )
    assert "Als er niet genoeg is voor iedereen" in page
    assert "Van 1 april 2026 tot en met 30 april 2026 is er samen € 250,00." in page
