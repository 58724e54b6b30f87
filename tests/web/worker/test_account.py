"""The worker's account: what there is, what happened, and why; nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from eigenwijs.budgets import operations as budgets
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import PersonView, Role
from eigenwijs.web.templatetags.eigenwijs import place
from tests.factories.bookings import make_booking, make_worker
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.contributions import GIFT, make_law
from tests.factories.people import SYSTEM, make_organisation, make_person
from tests.factories.web import client_as, client_of
from tests.factories.worker import make_scheme_credit

pytestmark = pytest.mark.django_db


@pytest.fixture
def samira() -> PersonView:
    return make_person("Samira", role=Role.WORKER)


@pytest.fixture
def browser(samira: PersonView) -> Client:
    return client_of(samira)


def main_actions(page: str) -> list[str]:
    """What the buttons with the look of the main action say."""
    return re.findall(r'utrecht-button--primary-action"[^>]*>([^<]*)', page)


def read(browser: Client, path: str) -> str:
    response = browser.get(path, headers={"accept-language": "nl"})
    assert response.status_code == 200, path
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_home_answers_how_much_what_for_and_who_helps(browser: Client, samira: PersonView) -> None:
    make_credit(samira.id, 60_000)
    page = read(browser, "/mijn/")
    assert "€ 600,00" in page
    assert 'href="/cursussen/"' in page
    assert "Wie kan je helpen?" in page


def test_home_of_someone_without_money_or_work_leads_to_the_letter(
    browser: Client, samira: PersonView
) -> None:
    page = read(browser, "/mijn/")
    assert "Er kan geld op je wachten." in page
    assert main_actions(page) == ["Ik heb een brief met een code"]
    make_credit(samira.id, 60_000)
    page = read(browser, "/mijn/")
    assert "Ik heb een brief met een code" not in page
    assert main_actions(page) == ["Zoek een cursus"]


def test_home_answers_the_three_questions_with_a_booking_too_and_a_task_is_the_main_action() -> (
    None
):
    worker = make_worker(60_000)
    starts_on = local_date(timezone.now()) - timedelta(days=2)
    at = timezone.now() - timedelta(days=40)
    make_booking(worker, make_run(starts_on=starts_on), confirmed_at=at, at=at)
    page = read(client_of(worker), "/mijn/")
    for question in ("Dit kun je uitgeven", "Wat kun je ermee doen?", "Wie kan je helpen?"):
        assert question in page
    assert main_actions(page) == ["Geef antwoord"]
    assert page.index("Geef antwoord") < page.index("Zoek een cursus")


def test_a_worker_without_money_reads_what_happens_next(browser: Client) -> None:
    page = read(browser, "/mijn/rekening/")
    assert "€ 0,00" in page
    assert "Zodra je werkgever of een fonds betaalt, zie je het hier." in page


def test_conditions_stand_with_the_money_from_its_first_day(
    browser: Client, samira: PersonView
) -> None:
    ends = make_conditions(ends_on=date(2027, 12, 31), work_related_only=True, online_only=True)
    make_credit(samira.id, 60_000, conditions=ends)
    page = read(browser, "/mijn/rekening/")
    assert "Geldig tot en met 31 december 2027" in page
    assert "Alleen voor leren voor werk, nu of later" in page
    assert "Alleen voor online cursussen." in page


def test_an_amount_opens_to_its_rule_version_facts_and_steps(
    browser: Client, samira: PersonView
) -> None:
    credit = make_scheme_credit(samira.id)
    page = read(browser, f"/mijn/waarom/{credit.id}/")
    assert "Vrijwillige bijdrage van je werkgever" in page
    assert "versie 1" in page
    assert "In je contract staat 20 uur per week." in page
    assert "oktober 2026" in page


def test_the_rule_opens_to_its_clauses_once_it_is_law(browser: Client, samira: PersonView) -> None:
    credit = make_scheme_credit(samira.id)
    clauses = reverse("public:scheme", args=[credit.reason.version_hash])
    assert clauses not in read(browser, f"/mijn/waarom/{credit.id}/")
    make_law(GIFT)
    assert clauses in read(browser, f"/mijn/waarom/{credit.id}/")
    assert "€ 240,00 vanaf 1 januari 2020" in read(browser, clauses)


@pytest.mark.parametrize(
    ("scheme", "where", "inferred"),
    [
        ("gift-werkgever", "artikel 1", False),
        ("supermarkt", "press reports of 2017", True),
    ],
)
def test_where_the_rule_stands_and_whether_it_was_inferred_is_said(
    browser: Client, samira: PersonView, scheme: str, where: str, inferred: bool
) -> None:
    credit = make_scheme_credit(samira.id, scheme=scheme)
    page = read(browser, f"/mijn/waarom/{credit.id}/")
    place = page[page.index("Waar het staat") :]
    assert where in place[: place.index("</dd>")]
    assert ("Deels afgeleid" in page) == inferred


def test_an_address_is_a_link_with_words() -> None:
    with override("nl"):
        link = place("https://voorbeeld.nl/voorwaarden/")
    assert '<a href="https://voorbeeld.nl/voorwaarden/"' in link
    assert ">Lees het op voorbeeld.nl</a>" in link


def test_of_more_places_each_is_said_and_each_address_is_its_own_link() -> None:
    with override("nl"):
        said = place("https://voorbeeld.nl/a; 4; <b>")
    assert said == (
        '<a href="https://voorbeeld.nl/a" rel="noopener noreferrer">Lees het op voorbeeld.nl</a>'
        "; artikel 4; &lt;b&gt;"
    )


@pytest.mark.parametrize("number", ["4", "4a", "2.1", "12 lid 3"])
def test_a_number_is_an_article(number: str) -> None:
    with override("nl"):
        assert place(number) == f"artikel {number}"


@pytest.mark.parametrize("title", ["2022/C 243/03", "12 maart 2026, punt 9", "L6323-11"])
def test_a_title_that_begins_with_a_number_is_no_article(title: str) -> None:
    with override("nl"):
        assert place(title) == title


def test_whether_money_can_be_taken_back_is_said_with_the_last_day(
    browser: Client, samira: PersonView
) -> None:
    gift = make_scheme_credit(samira.id, scheme="gift-werkgever")
    agreed = make_scheme_credit(samira.id, scheme="supermarkt")
    page = read(browser, f"/mijn/waarom/{gift.id}/")
    assert "Alleen bij een fout, tot en met 22 januari 2027" in page
    assert "Nee. Dit geld is van jou." in read(browser, f"/mijn/waarom/{agreed.id}/")


def test_the_statement_is_filtered_by_day_and_kind(browser: Client, samira: PersonView) -> None:
    make_credit(samira.id, 60_000)
    assert "+ € 600,00" in read(browser, "/mijn/rekening/overzicht/?since=23-11-2026")
    assert "Hier is niets" in read(browser, "/mijn/rekening/overzicht/?since=24-11-2026")
    assert "Hier is niets" in read(browser, "/mijn/rekening/overzicht/?kind=spent")


def test_a_wrong_day_in_the_filter_is_said_and_kept(browser: Client, samira: PersonView) -> None:
    make_credit(samira.id, 60_000)
    page = read(browser, "/mijn/rekening/overzicht/?since=31-02-2026")
    assert "31-02-2026" in page
    assert "Vul een datum in, bijvoorbeeld 17-05-1990." in page
    assert "€ 600,00" in page


def test_the_statement_comes_along_as_csv_without_formulas(
    browser: Client, samira: PersonView
) -> None:
    employer = make_organisation(name="=HYPERLINK(1)")
    make_credit(samira.id, 125_050, payer_id=employer.id)
    response = browser.get("/mijn/rekening/overzicht/?csv=1", headers={"accept-language": "nl"})
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Dag;Wat;Van wie;Cursus;Erbij;Eraf"
    assert lines[1] == "2026-11-23;Geld erbij;'=HYPERLINK(1);;1250,50;0,00"


def test_everything_comes_along_as_an_accessible_pdf(browser: Client, samira: PersonView) -> None:
    make_scheme_credit(samira.id)
    response = browser.get("/mijn/rekening/pdf/")
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert b"pdfuaid" in response.content


def test_a_name_with_markup_stays_text_in_the_pdf(samira: PersonView) -> None:
    employer = make_organisation(name='#panic("x") *vet* $ \\')
    make_credit(samira.id, 100, payer_id=employer.id)
    # A reason of its own scheme is needed only for the page "why", not for the PDF.
    assert client_of(samira).get("/mijn/rekening/pdf/").status_code == 200


def test_the_reason_of_somebody_elses_money_is_like_absent(samira: PersonView) -> None:
    credit = make_scheme_credit(samira.id)
    answer = client_as(Role.WORKER).get(f"/mijn/waarom/{credit.id}/")
    assert answer.status_code == 404


def test_messages_stay_new_until_the_worker_says_they_were_read(
    browser: Client, samira: PersonView
) -> None:
    credit = make_scheme_credit(samira.id)
    for _visit in range(2):
        page = read(browser, "/mijn/berichten/")
        assert "Er is geld bij gekomen" in page
        assert "Nieuw" in page
        assert f"/mijn/waarom/{credit.id}/" in page
    browser.post("/mijn/berichten/")
    assert "Nieuw" not in read(browser, "/mijn/berichten/")


@pytest.mark.parametrize(
    ("path", "limit"), [("/mijn/", 25), ("/mijn/rekening/", 20), ("/mijn/berichten/", 15)]
)
def test_pages_need_no_more_queries_with_more_history(
    browser: Client,
    samira: PersonView,
    path: str,
    limit: int,
    django_assert_max_num_queries: object,
) -> None:
    payer = make_organisation().id
    for _month in range(6):
        make_credit(samira.id, 1_000, payer_id=payer)
    with django_assert_max_num_queries(limit):  # type: ignore[operator]
        browser.get(path)


def test_the_yearly_overview_says_what_came_in_and_went_out_and_from_which_lines(
    browser: Client, samira: PersonView
) -> None:
    """€ 600.00 in November 2026, € 90.00 in January 2027 of which € 15.00 was taken back."""
    payer = make_organisation().id
    conditions = make_conditions(correctable_for_days=90)
    first, later = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2027, 1, 4, 12, tzinfo=UTC)
    make_credit(samira.id, 60_000, payer_id=payer, conditions=conditions, at=first)
    second = make_credit(samira.id, 9_000, payer_id=payer, conditions=conditions, at=later)
    budgets.take_back(
        key=new_id(later), credit_id=second.id, amount=Money(1_500), by=SYSTEM, at=later
    )
    page = read(browser, "/mijn/rekening/jaren/")
    assert "Dit jaaroverzicht telt de regels op van ‘Wat er gebeurde’." in page
    of_2027, of_2026 = page.split("<h2>2026</h2>")[0], page.split("<h2>2026</h2>")[1]
    for amount in ("€ 600,00", "+ € 90,00", "− € 15,00", "€ 675,00"):
        assert amount in of_2027
    for amount in ("€ 0,00", "+ € 600,00", "€ 600,00"):
        assert amount in of_2026
    statement = read(browser, "/mijn/rekening/overzicht/")
    assert "Elke regel is een post in het grootboek." in statement
    assert 'href="/mijn/rekening/jaren/"' in statement
    response = browser.get("/mijn/rekening/jaren/?csv=1", headers={"accept-language": "nl"})
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("2027;")
    assert lines[1].endswith("600,00;90,00;0,00;0,00;15,00;0,00;675,00;0,00")
    assert lines[2].endswith("0,00;600,00;0,00;0,00;0,00;0,00;600,00;0,00")


def test_a_year_comes_along_on_paper_where_there_was_one(
    browser: Client, samira: PersonView
) -> None:
    make_credit(samira.id, 60_000)
    for language in ("nl", "en"):
        response = browser.get(
            "/mijn/rekening/jaren/2026/pdf/", headers={"accept-language": language}
        )
        assert response.content.startswith(b"%PDF")
    assert browser.get("/mijn/rekening/jaren/2025/pdf/").status_code == 404
    assert browser.get("/mijn/rekening/jaren/0/pdf/").status_code == 404


def test_without_money_there_is_no_year_yet(browser: Client) -> None:
    assert "Er is nog geen jaar" in read(browser, "/mijn/rekening/jaren/")
