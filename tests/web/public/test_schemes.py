"""Schemes for everyone: the law in plain words, beside the very text that runs."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from eigenwijs.people.types import Role
from eigenwijs.schemes import operations
from tests.factories.web import client_as
from tests.schemes.test_language import GOOD
from tests.schemes.test_operations import BY, signed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _today(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now.replace(year=2026, month=7, day=1))


def law(text: str, valid_from: date, now: datetime) -> str:
    version = signed(text, now)
    operations.activate(version_hash=version, valid_from=valid_from, by=BY, at=now)
    return version


def read(browser: Client, path: str, language: str = "nl") -> str:
    answer = browser.get(path, headers={"accept-language": language})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_a_visitor_reads_the_law_in_words_beside_its_text_hash_and_signatures(
    client: Client, now: datetime
) -> None:
    """175.00 and 180.00 euros, who signed, from when, and the text as it was loaded."""
    version = law(GOOD, date(2026, 1, 1), now)
    shown = read(client, reverse("public:schemes"))
    assert reverse("public:scheme", args=[version]) in shown
    assert "Geldt vanaf 1 januari 2026, versie 1." in shown
    page = read(client, reverse("public:scheme", args=[version]))
    for part in (
        "Geldt nu",
        "Getekend door: Vakbonden",
        "Getekend door: Werkgevers",
        "€ 175,00 vanaf 1 januari 2024 en € 180,00 vanaf 1 januari 2026",
        "artikel 5",
        "Je kunt het 60 maanden gebruiken",
        "contract_hours_week / full_week",
        version,
    ):
        assert part in page
    assert "You can use it for 60 months" in read(
        Client(), reverse("public:scheme", args=[version]), "en"
    )


def test_the_text_comes_along_to_the_letter(client: Client, now: datetime) -> None:
    version = law(GOOD.replace("\n", "\r\n"), date(2026, 1, 1), now)
    answer = client.get(reverse("public:scheme_file", args=[version]))
    assert hashlib.sha256(answer.content).hexdigest() == version
    assert "nl-proef-1.yaml" in answer["Content-Disposition"]


def test_what_nobody_published_is_marked_with_the_reason(
    client: Client, now: datetime, settings: object
) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    text = GOOD.replace(
        'correctable_for: {days: 30, article: "7"}',
        "correctable_for: {days: 30, status: inferred, why: as others have}",
    )
    page = read(client, reverse("public:scheme", args=[law(text, date(2026, 1, 1), now)]))
    assert "Deels afgeleid" in page
    assert "niet gepubliceerd, aangenomen" in page
    assert "as others have" in page


def test_versions_follow_each_other(client: Client, now: datetime) -> None:
    first = law(GOOD, date(2026, 1, 1), now)
    second = law(GOOD + "# second\n", date(2026, 7, 1), now)
    third = law(GOOD + "# third\n", date(2027, 1, 1), now)
    listed = read(client, reverse("public:schemes"))
    assert second in listed
    assert first not in listed
    assert third not in listed
    pages = {
        name: read(client, reverse("public:scheme", args=[name])) for name in (first, second, third)
    }
    assert "Gold tot een nieuwere versie" in pages[first]
    assert "30 juni 2026" in pages[first]
    assert "Geldt nu" in pages[second]
    assert "31 december 2026" in pages[second]
    assert "Gaat nog gelden" in pages[third]
    for name, page in pages.items():
        for other in pages.keys() - {name}:
            assert reverse("public:scheme", args=[other]) in page


@pytest.mark.parametrize("address", ["public:scheme", "public:scheme_file"])
def test_a_version_that_is_no_law_is_as_absent_as_any_other(
    client: Client, now: datetime, address: str
) -> None:
    draft = signed(GOOD, now)
    answers = [client.get(reverse(address, args=[name])) for name in (draft, "0" * 64)]
    assert [answer.status_code for answer in answers] == [404, 404]
    draft_page, absent = (re.sub(r'value="[^"]*"', "", each.content.decode()) for each in answers)
    assert draft_page == absent
    assert draft not in read(client, reverse("public:schemes"))


def test_without_a_law_the_list_says_what_will_stand_there(client: Client) -> None:
    assert "Er geldt nog geen regeling" in read(client, reverse("public:schemes"))


def test_the_operator_reads_a_draft_in_words_before_anyone_signs(now: datetime) -> None:
    draft = operations.load(text=GOOD, by=BY, at=now).hash
    page = read(client_as(Role.OPERATOR), reverse("operator:scheme", args=[draft]))
    assert "Je kunt het 60 maanden gebruiken" in page
