"""The trail under pseudonyms: stable, and deny by default."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.apps import apps

from eigenwijs.audit import operations as audit
from eigenwijs.insight import queries
from eigenwijs.insight.trail import LETTERS, OPEN_KINDS
from eigenwijs.kernel.classification import Sensitivity
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.people.types import Role
from tests.factories.people import SYSTEM, actor_for, make_organisation, make_person

pytestmark = pytest.mark.django_db


def test_only_kinds_whose_id_is_public_are_shown_by_it() -> None:
    models = {model._meta.label_lower: model for model in apps.get_models()}
    without_table = {"ledger.group", "ledger.period", "insight.proof"}
    for kind in OPEN_KINDS - without_table:
        assert models[kind].FIELDS["id"].sensitivity is Sensitivity.PUBLIC, kind  # type: ignore[attr-defined]
    assert not OPEN_KINDS & LETTERS.keys()


def test_people_are_pseudonyms_wherever_they_stand(now: datetime) -> None:
    clerk = make_person("Ans Deurwaarder", role=Role.DESK)
    person = make_person("Bo Oosterling")
    employment = new_id(now)
    audit.record(
        by=actor_for(clerk, Role.DESK),
        at=now,
        action="people.person.change_contact",
        subject=("people.person", person.id),
        fields=["phone"],
        ids={"person": str(clerk.id), "employment": str(employment), "cents": 12, "note": "Bo"},
    )
    line = queries.trail(action="people.person.change_contact")[0]
    assert (line.who.pseudonym, line.who.role) == (pseudonym(clerk.id), "desk")
    assert (line.subject, line.subject_id) == (pseudonym(person.id), None)
    assert dict(line.details) == {
        "person": pseudonym(clerk.id),
        "employment": pseudonym(employment, "X"),
        "cents": 12,
    }
    for secret in (clerk.id, person.id, employment, "Ans", "Bo"):
        assert str(secret) not in str(line)


def test_a_kind_nobody_named_is_a_pseudonym(now: datetime) -> None:
    thing = new_id(now)
    audit.record(by=SYSTEM, at=now, action="voice.claim.make", subject=("voice.claim", thing))
    (line,) = queries.trail(action="voice.claim")
    assert line.subject == pseudonym(thing, "X")
    assert line.subject_id is None


def test_organisations_are_named_and_things_of_nobody_keep_their_id(now: datetime) -> None:
    employer = make_organisation(name="Bakkerij Bruin")
    batch = new_id(now)
    audit.record(
        by=SYSTEM,
        at=now,
        action="test.row",
        subject=("treasury.paymentbatch", batch),
        ids={"payee": str(employer.id), "checksum": "ab" * 32, "owner": str(employer.id)},
    )
    (line,) = queries.trail(action="test.row")
    assert (line.subject, line.subject_id) == (str(batch), batch)
    assert dict(line.details) == {
        "payee": "Bakkerij Bruin",
        "checksum": "ab" * 32,
        "owner": pseudonym(employer.id, "X"),
    }


def test_rows_are_found_by_actor_day_person_and_subject(now: datetime) -> None:
    clerk = make_person(role=Role.FINANCE)
    first, second = new_id(now), new_id(now)
    for number, (by, thing) in enumerate(
        [(SYSTEM, first), (actor_for(clerk, Role.FINANCE), first), (SYSTEM, second)]
    ):
        audit.record(
            by=by, at=now + timedelta(days=number), action="test.row", subject=("test.x", thing)
        )

    def days(**wanted: object) -> list[int]:
        lines = queries.trail(action="test.row", **wanted)  # type: ignore[arg-type]
        return [(line.at - now).days for line in lines]

    assert days() == [2, 1, 0]
    assert days(actor="system") == [2, 0]
    assert days(actor="finance") == [1]
    assert days(actor_person=clerk.id) == [1]
    assert days(subject=("test.x", first)) == [1, 0]
    assert days(since=now + timedelta(days=1), until=now + timedelta(days=2)) == [1]
    newest = queries.trail(action="test.row", limit=1)[0]
    assert days(before=newest.number) == [1, 0]
    assert queries.subject_of(newest.number) == ("test.x", second)
    assert queries.actor_of(newest.number) is None
    assert queries.subject_of(newest.number + 1) is None


def test_a_pseudonym_leads_back_to_its_rows_only_with_the_secret_key(settings: object) -> None:
    person = make_person()
    shown = pseudonym(person.id)
    assert queries.person_of(shown.lower().replace("-", " ")) == person.id
    assert queries.subject_named(shown) == ("people.person", person.id)
    for wrong in ("", "P", "P-", shown[:-1], f"{shown}A", pseudonym(UUID(int=7))):
        assert queries.person_of(wrong) is None
    settings.SECRET_KEY = "another key " * 6  # type: ignore[attr-defined]
    assert pseudonym(person.id) != shown
    assert queries.person_of(shown) is None
