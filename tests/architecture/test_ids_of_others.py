"""Every address with an id in it: what is somebody else's is answered like what is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from eigenwijs.catalogue import operations as catalogue
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import operations as people
from eigenwijs.people.access import ROLE_PERMISSIONS
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.web.access import PUBLIC, SIGNED_IN
from tests.architecture.source import assert_none
from tests.architecture.test_urls import Address, addresses
from tests.factories.bookings import make_desk
from tests.factories.contributions import (
    SYSTEM,
    deliver,
    make_law,
    make_participant,
    preview,
    worker,
)
from tests.factories.draws import make_draft, make_rules, make_won
from tests.factories.negotiations import make_run, make_table, make_workforce
from tests.factories.people import make_employment, make_opened, make_organisation
from tests.factories.time import make_refused_day
from tests.factories.travel import DELIVERED, PAID_OUT, Travel, make_travel
from tests.factories.web import client_as, client_of
from tests.schemes.test_language import GOOD

# Roles of the house itself: they act for every organisation and person, so nothing is "of another".
HOUSE = {Role.FINANCE, Role.DESK, Role.AUDITOR, Role.OPERATOR}

# Addresses whose thing is nobody's own, by name, with the reason.
EVERYONE_S: dict[str, str] = {
    "worker:course": "the catalogue is public",
    "worker:book": "a start of the public catalogue",
    "worker:employer_pays": "a start of the public catalogue",
    "worker:funding": "a start of the public catalogue",
    "worker:yes": "a start of the public catalogue",
    "public:round": "the rules and the result of a round are public",
    "public:round_file": "the files of a round are public",
    "public:scheme": "a version that is law is public; a draft is absent, see tests/web/public",
    "public:scheme_file": "the text of a version that is law is public",
    "signin:become": "a persona of the demonstration, absent elsewhere",
    "signin:prove": "a kind of proof, not a thing",
    "signin:remove_passkey": "tested with passkeys in tests/web/signin",
    "openid_connect_login": "a broker, not a thing",
    "openid_connect_callback": "a broker, not a thing",
}

# (first part of the name, place in the route) or place alone → table and column of a real thing.
THINGS: dict[str | tuple[str, str], tuple[str, str]] = {
    ("employer", "delivery_id"): ("contributions.Delivery", "pk"),
    ("provider", "delivery_id"): ("catalogue.CourseDelivery", "pk"),
    ("employer", "request_id"): ("contributions.PaymentRequest", "pk"),
    ("negotiator", "run_id"): ("simulation.LongRun", "pk"),
    ("negotiator", "number"): ("simulation.Workforce", "number"),
    ("letters", "request_id"): ("people.RecoveryRequest", "pk"),
    ("auditor", "reference"): ("contributions.PaymentRequest", "reference"),
    ("finance", "reference"): ("treasury.ExpectedReceipt", "reference"),
    "table_id": ("schemes.Negotiation", "pk"),
    "round_id": ("draws.Round", "pk"),
    "credit_id": ("budgets.Credit", "pk"),
    "time_id": ("budgets.TimeCredit", "pk"),
    "booking_id": ("bookings.Booking", "pk"),
    "course_id": ("catalogue.Course", "pk"),
    "run_id": ("catalogue.Run", "pk"),
    "group_id": ("ledger.Transfer", "group"),
    "statement_id": ("treasury.BankStatement", "pk"),
    "entry_id": ("treasury.Entry", "pk"),
    "account_id": ("treasury.PayeeAccount", "pk"),
    "batch_id": ("treasury.PaymentBatch", "pk"),
    "work_item_id": ("bookings.WorkItem", "pk"),
    "participation_id": ("contributions.Participation", "pk"),
    "assignment_id": ("people.RoleAssignment", "pk"),
}

FRENCH = "fr/cpf"
ABSENT = {"uuid": str(new_id(DELIVERED)), "str": "f" * 64, "int": "987654321"}
PLACE = re.compile(r"<(\w+):(\w+)>")


@dataclass(frozen=True)
class Owners:
    """Clients to whom the things belong, and the values that stand in the addresses."""

    clients: dict[Role, Client]
    own: dict[str, Any]

    def value(self, address: Address, place: str) -> str:
        """Return a real value for a place in an address; KeyError where nobody said which."""
        for own in (f"{address.name} {place}", place):
            if own in self.own:
                return str(self.own[own])
        space = address.name.partition(":")[0]
        label, column = THINGS.get((space, place)) or THINGS[place]
        found = apps.get_model(label)._default_manager.order_by("pk").first()
        assert found is not None, f"this test made no {label}"
        return str(getattr(found, column))


@pytest.fixture
def owners(db: None, settings: Any) -> Owners:
    """A euro that travelled all the way, and what else an address can name."""
    settings.DEMO = True
    travel = make_travel()
    request = apps.get_model("contributions.PaymentRequest")._default_manager.first()
    employer, provider = request.employer, travel.booking.offer.provider_id
    own = {
        "organisation_id": employer.pk,
        "operator:quality_marks organisation_id": provider,
        "person_id": travel.worker.id,
        "worker:year_on_paper year": PAID_OUT.year,
        "negotiator:text_file key": "begin",
        "negotiator:text_file kind": "yaml",
        "desk_people:confirm person_id": make_opened(
            make_employment().person_id, at=PAID_OUT, confirmed=False
        ).id,
    }
    _make_the_rest(travel, employer, provider)
    make_refused_day(travel.worker.id, PAID_OUT)
    own["operator:change_round round_id"] = make_draft(make_rules(days=30)).id
    signer = apps.get_model("schemes.SchemeSignature")._default_manager.first()
    clients = {role: client_as(role) for role in HOUSE}
    clients[Role.WORKER] = client_of(travel.worker)
    clients[Role.EMPLOYER] = client_as(Role.EMPLOYER, employer.pk)
    clients[Role.PROVIDER] = client_as(Role.PROVIDER, provider)
    clients[Role.NEGOTIATOR] = client_as(Role.NEGOTIATOR, signer.organisation_id)
    own["version_hash"] = signer.version.hash
    table = make_table(GOOD, PAID_OUT, signer.organisation_id)
    make_run(table, PAID_OUT)
    make_workforce(table, PAID_OUT)
    participations = apps.get_model("contributions.Participation")._default_manager
    own["participation_id"] = participations.filter(employer=employer).order_by("pk")[0].pk
    hidden = _make_hidden_nota()
    own |= {f"finance:{name} reference": hidden for name in ("nota", "nota_pdf")}
    return Owners(clients, own)


def _make_hidden_nota() -> str:
    """Return the reference of a nota that no employer sees."""
    make_law(FRENCH)
    employer = make_participant(FRENCH, payer=make_organisation(OrganisationKind.PAYER))
    deliver(employer, "2025", [worker(2)], PAID_OUT)
    requests = apps.get_model("contributions.PaymentRequest")._default_manager
    return str(requests.get(counts_confided=True).reference)


def _make_the_rest(travel: Travel, employer: Any, provider: Any) -> None:
    preview(employer, "2026-P02", [worker(1)], PAID_OUT)
    catalogue.deliver_courses(
        content=b"titel\nImkeren\n", file_name="c.csv", provider_id=provider, by=SYSTEM, at=PAID_OUT
    )
    people.ask_recovery(person_id=travel.worker.id, by=make_desk(), at=PAID_OUT)
    make_won(travel.worker.id)
    apps.get_model("bookings.WorkItem")._default_manager.create(
        id=new_id(PAID_OUT), booking_id=travel.booking.id, cause="silent", opened_at=PAID_OUT
    )
    apps.get_model("bookings.Decision")._default_manager.create(
        id=new_id(PAID_OUT),
        booking_id=travel.booking.id,
        outcome="started",
        reason="reden",
        evidence="bewijs",
        decided_by=new_id(PAID_OUT),
        decided_as="desk",
        decided_at=PAID_OUT,
        objection_until=PAID_OUT.date(),
    )


def with_ids() -> list[Address]:
    """Return every address that names a thing which could be somebody's own."""
    return [one for one in addresses() if one.has_ids and one.name not in EVERYONE_S]


def path_with(address: Address, value: Callable[[str, str], str]) -> str:
    """Return the address with `value(kind, place)` in each of its places."""
    return "/" + PLACE.sub(lambda place: value(place[1], place[2]), address.route)


def real(address: Address, owners: Owners) -> str:
    """Return the address of a thing that is there."""
    return path_with(address, lambda _kind, place: owners.value(address, place))


def absent(address: Address) -> str:
    """Return the address of a thing that is not there."""
    return path_with(address, lambda kind, _place: ABSENT[kind])


def answer(client: Client, method: str, path: str) -> tuple[int, str]:
    """Return status and words of an answer, without what differs by itself: address and form token."""
    got = getattr(client, method)(path)
    text = got.content.decode() if not got.streaming else ""
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
    return got.status_code, token.sub("", text).replace(path, "")


def find_unnamed(found: Iterable[Address]) -> list[str]:
    """Name every address whose things belong to nobody that we know of."""
    return [
        f"{one.name}: say in EVERYONE_S why its thing is nobody's own"
        for one in found
        if one.needs in (PUBLIC, SIGNED_IN, None)
    ]


def find_told_apart(
    client: Client, who: Role, found: Iterable[Address], owners: Owners
) -> list[str]:
    """Name every address where a stranger in role `who` can tell a real thing from an absent one."""
    breaches = []
    for address in found:
        if who in HOUSE and address.needs in ROLE_PERMISSIONS[who]:
            continue
        for method in ("get", "post"):
            there = answer(client, method, real(address, owners))
            nowhere = answer(client, method, absent(address))
            if there != nowhere or there[0] not in {404, 405}:
                breaches.append(
                    f"{who} at {address.name} ({method}): {there[0]}, absent {nowhere[0]}"
                )
    return breaches


def find_never_there(found: Iterable[Address], owners: Owners) -> list[str]:
    """Name every address whose own owner gets nothing either: then this test proves nothing of it."""
    breaches = []
    for address in found:
        roles = [role for role in Role if address.needs in ROLE_PERMISSIONS[role]]
        path = real(address, owners)
        if all(owners.clients[role].get(path).status_code == 404 for role in roles):
            breaches.append(f"{address.name}: {path} is not there for its owner")
    return breaches


def test_every_address_with_an_id_says_whose_it_is() -> None:
    assert_none(find_unnamed(with_ids()))
    named = {one.name for one in addresses() if one.has_ids}
    assert set(EVERYONE_S) <= named, "a reason is left over"


def test_what_is_somebody_elses_looks_like_what_is_not_there(owners: Owners) -> None:
    assert_none(find_never_there(with_ids(), owners))
    for role in Role:
        assert_none(find_told_apart(client_as(role), role, with_ids(), owners))


def test_planted_address(owners: Owners) -> None:
    open_to_all = Address("worker:booking", "x/<uuid:booking_id>/", object())
    assert find_unnamed([open_to_all])
    (own,) = [one for one in with_ids() if one.name == "worker:booking"]
    told = find_told_apart(owners.clients[Role.WORKER], Role.WORKER, [own], owners)
    assert "worker at worker:booking (get): 200, absent 404" in told
    nowhere = Owners(owners.clients, {**owners.own, "booking_id": ABSENT["uuid"]})
    assert find_never_there([own], nowhere)
