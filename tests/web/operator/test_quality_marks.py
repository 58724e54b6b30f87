"""The operator writes down quality marks; a provider cannot."""

from __future__ import annotations

from datetime import date

import pytest

from eigenwijs.catalogue import queries
from eigenwijs.people.types import OrganisationKind, Role
from tests.factories.people import make_organisation
from tests.factories.web import client_as

pytestmark = pytest.mark.django_db

MARK = {"code": "nrto", "valid_from": "01-03-2026", "valid_until": ""}


def test_mark_is_recorded_and_ended() -> None:
    provider = make_organisation(OrganisationKind.PROVIDER)
    where = f"/beheer/organisatie/{provider.id}/keurmerken/"
    client = client_as(Role.OPERATOR)
    assert "Nog geen keurmerken" in client.get(where).content.decode()
    assert "keurmerken/" in client.get(f"/beheer/organisatie/{provider.id}/").content.decode()
    assert client.post(where, MARK).status_code == 302
    assert "NRTO-keurmerk" in client.get(where).content.decode()
    wrong = client.post(where, {**MARK, "valid_until": "01-02-2026"})
    assert "ligt voor de begindatum" in wrong.content.decode()
    client.post(where, {**MARK, "valid_until": "31-12-2026"})
    assert queries.quality_marks(provider.id, date(2027, 1, 1)) == []
    (mark,) = queries.quality_marks(provider.id, date(2026, 12, 31))
    assert mark.code == "nrto"


def test_only_providers_have_marks_and_only_the_operator_writes_them() -> None:
    employer = make_organisation(OrganisationKind.EMPLOYER)
    provider = make_organisation(OrganisationKind.PROVIDER)
    client = client_as(Role.OPERATOR)
    assert client.get(f"/beheer/organisatie/{employer.id}/keurmerken/").status_code == 404
    own = client_as(Role.PROVIDER, provider.id)
    assert own.post(f"/beheer/organisatie/{provider.id}/keurmerken/", MARK).status_code == 404
    assert queries.all_quality_marks(provider.id) == []
