"""The page "Onze beloften" and docs/promises.md are one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from eigenwijs.project import translations
from eigenwijs.web.public.promises import TEXTS, Promise, promises_file, read_promises


def written() -> list[Promise]:
    return read_promises(promises_file().read_text(encoding="utf-8"))


def test_every_promise_is_on_the_page_once_and_in_order() -> None:
    assert [promise.number for promise in written()] == sorted(TEXTS)


def test_the_english_text_is_the_one_in_the_file() -> None:
    english = {message.id: message.string for message in translations.catalog("en") if message.id}
    with override("nl"):
        for promise in written():
            assert english[str(TEXTS[promise.number])] == promise.english


@pytest.mark.django_db
def test_the_page_says_honestly_which_promises_are_kept(client: Client) -> None:
    page = client.get("/beloften/", headers={"accept-language": "nl"}).content.decode()
    kept = [promise for promise in written() if promise.tests]
    assert page.count("Een test bewaakt dit") == len(kept)
    assert page.count("Nog niet waar") == len(TEXTS) - len(kept)
    for promise in kept:
        for test in promise.tests:
            assert test in page


def test_a_row_without_a_test_must_say_so() -> None:
    table = "| 1 | worker | Yours. | `tests/a.py::test_b`, `tests/a.py::test_c` |\n"
    assert read_promises(table)[0].tests == ("tests/a.py::test_b", "tests/a.py::test_c")
    with pytest.raises(ValueError, match="promise 2 names no test"):
        read_promises("| 2 | worker | Yours. | soon |")
