"""A party to an agreement sees its own text and who pays late, never a person."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from eigenwijs.people.types import Role
from eigenwijs.schemes import queries as schemes
from tests.factories.contributions import (
    GIFT,
    SUPERMARKET,
    deliver,
    later,
    make_law,
    make_participant,
    worker,
)
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db


def test_a_party_sees_its_text_and_late_payers(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    union, _employers = make_law(SUPERMARKET)
    make_law(GIFT)
    employer = make_participant(SUPERMARKET, GIFT)
    deliver(employer, "2026-P01", [worker()], later(datetime.now(UTC), -30))
    client = client_as(Role.NEGOTIATOR, union)
    shown = client.get(reverse("negotiator:home")).content.decode()
    assert employer.name in shown
    assert "Leerbudget van de cao Supermarkten" in shown
    assert "Vrijwillige bijdrage" not in shown
    assert "Werknemer Nummer" not in shown
    texts = {one.scheme: one.hash for one in schemes.schemes(datetime.now(UTC).date())}
    own = client.get(reverse("negotiator:scheme", args=[texts[SUPERMARKET]]))
    assert "spread: cumulative" in own.content.decode()
    assert "parameters.per_year" in own.content.decode()
    assert "contracturen per week meer dan 12" in own.content.decode()
    other = client.get(reverse("negotiator:scheme", args=[texts[GIFT]]))
    assert other.status_code == 404


def test_a_party_without_schemes_is_told_what_will_stand_here() -> None:
    shown = client_as(Role.NEGOTIATOR).get(reverse("negotiator:home")).content.decode()
    assert "Er geldt nog geen regeling van jullie" in shown
