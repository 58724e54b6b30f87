"""What somebody sees when it went wrong on our side."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import Role
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db


def somebody() -> Client:
    """A worker who is signed in, and sees the page instead of the exception."""
    client = client_as(Role.WORKER)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_lets_nobody_in_is_called_busy(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for whoever is signed in, whose session cannot be read."""
    client = somebody()

    def refuse(_self: object) -> None:
        raise error("too many clients already")

    with monkeypatch.context() as broken:
        broken.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
        answer = client.get("/mijn/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Het is nu te druk" in answer.content.decode()
    assert client.get("/mijn/").status_code == 200


@pytest.mark.parametrize(("error", "status"), [(TooBusy(), 503), (ValueError("wrong"), 500)])
def test_what_nobody_caught(error: Exception, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr("eigenwijs.web.middleware.queries.roles", fail)
    answer = somebody().get("/mijn/")
    assert answer.status_code == status
    assert ("te druk" in answer.content.decode()) is (status == 503)
