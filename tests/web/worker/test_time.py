"""A worker chooses a day to learn at work and reads first what it means; the employer answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eigenwijs.budgets.models import TimeCredit, TimeUse
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.kernel.wording import day as in_words
from eigenwijs.people.models import Look
from eigenwijs.people.types import Looked, OrganisationView, Role
from tests.contributions.test_time_to_learn import ENDING, HOURS, TEXT
from tests.factories.contributions import deliver, employment, make_law, make_participant, worker
from tests.factories.people import make_opened, make_organisation
from tests.factories.web import client_as, client_of

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)  # pages read the clock
LAST = Period.containing(local_date(NOW), PeriodKind.MONTH).previous()
DAY = local_date(NOW) + timedelta(days=30)


def school_of(text: str = TEXT) -> tuple[OrganisationView, Client]:
    """An employer that gave eight hours, and the client of a worker there."""
    make_law(HOURS, text=text)
    school = make_participant(HOURS)
    deliver(school, str(LAST), [worker(), worker(2)], NOW)
    return school, client_of(make_opened(employment(school).person_id, at=NOW))


def said(school: OrganisationView, number: int = 1, **other: str) -> dict[str, str]:
    key = f"{employment(school, number).id} {HOURS}"
    return {"job": key, "day": f"{DAY:%d-%m-%Y}", "amount": "7,5", **other}


def read(client: Client, name: str = "worker:time") -> str:
    return client.get(reverse(name)).content.decode()


def test_a_worker_chooses_a_day_and_the_employer_lets_it_go_ahead() -> None:
    school, client = school_of()
    employer = client_as(Role.EMPLOYER, school.id)
    for page in ("worker:home", "worker:account"):
        assert reverse("worker:time") in read(client, page)
    assert "8 uur" in read(client)
    before = client.post(reverse("worker:time"), said(school)).content.decode()
    assert "7,5 uur" in before
    assert "Zegt je werkgever niets? Dan gaat je dag door." in before
    assert not TimeUse.objects.exists(), "nothing is chosen before the yes"
    after = client.post(reverse("worker:time"), said(school, yes="yes"), follow=True)
    assert "Je koos een dag." in after.content.decode()
    assert "0,5 uur" in read(client)
    assert "wacht op antwoord" in read(client)

    seen = employer.get(reverse("employer:time")).content.decode()
    assert in_words(DAY) in seen
    assert "P00001" in seen
    assert Look.objects.filter(person=employment(school).person_id, what=Looked.TIME).exists()
    assert reverse("employer:time") in read(employer, "employer:home")
    use = TimeUse.objects.get()
    employer.post(reverse("employer:time"), {"use": str(use.pk), "answer": "agree"})
    assert "gaat door" in read(client)


def test_a_refusal_is_read_with_its_reason_and_the_time_is_there_again() -> None:
    school, client = school_of()
    client.post(reverse("worker:time"), said(school, yes="yes"))
    employer = client_as(Role.EMPLOYER, school.id)
    use = str(TimeUse.objects.get().pk)
    wrong = employer.post(reverse("employer:time"), {"use": use, "answer": "zomaar"})
    assert TimeUse.objects.get().state == "asked"
    assert wrong.status_code == 200
    employer.post(reverse("employer:time"), {"use": use, "answer": "too_few"})
    page = read(client)
    assert "Er zijn die dag te weinig mensen voor het werk." in page
    assert "8 uur" in page
    assert "Trek deze dag in" not in page


def test_another_employer_and_another_person_cannot_touch_a_day() -> None:
    school, client = school_of()
    client.post(reverse("worker:time"), said(school, yes="yes"))
    use = str(TimeUse.objects.get().pk)
    stranger = client_as(Role.EMPLOYER, make_organisation().id)
    assert use not in read(stranger, "employer:time")
    stranger.post(reverse("employer:time"), {"use": use, "answer": "too_few"})
    colleague = client_of(make_opened(employment(school, 2).person_id, at=NOW))
    for wrong in (use, "geen-nummer"):
        colleague.post(reverse("worker:time"), {"withdraw": wrong})
    colleague.post(reverse("worker:time"), said(school, yes="yes"))
    assert [(one.state, str(one.pk)) for one in TimeUse.objects.all()] == [("asked", use)]
    client.post(reverse("worker:time"), {"withdraw": use})
    assert TimeUse.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"amount": "9"}, "Zo veel tijd heb je op die dag niet over."),
        ({"amount": "veel"}, "7,5"),
        ({"amount": "0"}, "meer dan 0."),
        ({"amount": "NaN"}, "7,5"),
        ({"day": "31-02-2026"}, "31-12-2026"),
        ({"day": f"{local_date(NOW):%d-%m-%Y}"}, "Je werkgever heeft twee weken om te antwoorden."),
        ({"job": "niets"}, "Bij deze baan kun je nu geen tijd opnemen."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_chosen(
    changed: dict[str, str], text: str
) -> None:
    school, client = school_of()
    for yes in ({}, {"yes": "yes"}):
        page = client.post(reverse("worker:time"), said(school, **yes, **changed))
        assert text in page.content.decode()
        assert "Wil je op deze dag leren?" not in page.content.decode()
    assert not TimeUse.objects.exists()


def test_why_it_is_so_much_is_told_in_hours_and_only_to_its_person() -> None:
    school, client = school_of(ENDING)
    credit = TimeCredit.objects.get(person=employment(school).person_id)
    address = reverse("worker:why_time", args=[credit.pk])
    page = client.get(address).content.decode()
    assert "8 uur" in page
    assert "€" not in page
    assert credit.usable_until
    assert in_words(credit.usable_until) in page
    colleague = client_of(make_opened(employment(school, 2).person_id, at=NOW))
    assert colleague.get(address).status_code == 404


def test_who_has_none_reads_how_it_comes() -> None:
    make_law(HOURS, text=TEXT)
    assert "Je hebt nu geen tijd om te leren" in read(client_as(Role.WORKER))


def test_the_employers_preview_says_hours_and_asks_no_money_for_them() -> None:
    make_law(HOURS, text=TEXT)
    school = make_participant(HOURS)
    found = deliver(school, str(LAST), [worker()], NOW)
    employer = client_as(Role.EMPLOYER, school.id)
    page = employer.get(reverse("employer:delivery", args=[found.id])).content.decode()
    assert "8 uur" in page
    assert "niemand: je geeft tijd" in read(employer, "employer:home")
