"""Pages for everyone: in two languages, and honest when something goes wrong."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PAGES = ("/", "/beloften/", "/toegankelijkheid/", "/privacy/")


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_reads_the_page_in_dutch_by_default(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert '<html lang="nl"' in response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_more_than_the_session(
    client: Client, path: str, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        client.get(path)


def test_the_language_is_remembered_and_the_reader_stays_on_the_page(client: Client) -> None:
    response = client.post("/taal/", {"language": "en", "next": "/privacy/"})
    assert response.headers["location"] == "/privacy/"
    page = client.get("/privacy/").content.decode()
    assert "Who sees what of you?" in page


def test_the_language_switch_does_not_send_anyone_to_another_site(client: Client) -> None:
    response = client.post("/taal/", {"language": "en", "next": "https://elsewhere.example/"})
    assert response.headers["location"] == "/"


def test_looking_at_the_language_address_changes_nothing(client: Client) -> None:
    client.get("/taal/?language=en")
    assert "language" not in client.cookies


def test_an_absent_page_says_what_to_do(client: Client) -> None:
    response = client.get("/nergens/", headers={"accept-language": "nl"})
    assert response.status_code == 404
    assert "Naar de start" in response.content.decode()


def test_a_form_without_its_token_is_refused_with_an_explanation() -> None:
    response = Client(enforce_csrf_checks=True).post("/taal/", {"language": "en"})
    assert response.status_code == 403
    assert "Er is niets gewijzigd" in response.content.decode()
