"""Every address × every role has one expected answer, derived from what its view needs; asking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import ROLE_PERMISSIONS
from eigenwijs.people.types import Permission, Role
from eigenwijs.web.access import PUBLIC, SIGNED_IN
from tests.architecture.source import assert_none
from tests.factories.web import client_as

VISITOR = "visitor"
EVERYONE = (VISITOR, *Role)
SHOWN = {200, 302, 303, 405}  # 405: the view only answers a form
MADE_UP = {"uuid": str(new_id(datetime(2001, 1, 1, tzinfo=UTC))), "int": "987654321"}

# Views that are not ours, by the name of their address: "anyone" or "signed in".
THIRD_PARTY: dict[str, str] = {}

# What a visit itself may write: who looked at whom, sessions, limits on trying.
WRITTEN_BY_VISITS = {"people_look", "django_session", "cache"}


@dataclass(frozen=True)
class Address:
    """One address: its name, its route and the view that answers it."""

    name: str
    route: str
    view: Any

    @property
    def is_ours(self) -> bool:
        """Whether the view is of the house."""
        return str(self.view.__module__).startswith("eigenwijs.")

    @property
    def needs(self) -> Any:
        """What its view asks of the one who comes; None where nobody said."""
        return getattr(self.view, "needs", None)

    @property
    def path(self) -> str:
        """The address itself, with made-up ids."""
        return "/" + re.sub(
            r"<(?:(\w+):)?\w+>", lambda place: MADE_UP.get(place[1], "made-up"), self.route
        )

    @property
    def has_ids(self) -> bool:
        """Whether it names a thing."""
        return "<" in self.route


def addresses(
    patterns: Iterable[Any] | None = None, prefix: str = "", space: str = ""
) -> Iterator[Address]:
    """Yield every address of the site."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from addresses(entry.url_patterns, route, inner)
        elif isinstance(entry, URLPattern):
            yield Address(f"{space}{entry.name or ''}", route, entry.callback)


def find_open_views(found: Iterable[Address]) -> list[str]:
    """Name every view of ours that does not say what it needs, and others that nobody classified."""
    breaches = []
    for address in found:
        if not address.is_ours and address.name not in THIRD_PARTY:
            breaches.append(f"{address.name} ({address.route}) is not classified")
        elif address.is_ours and not (
            address.needs in (PUBLIC, SIGNED_IN) or isinstance(address.needs, Permission)
        ):
            breaches.append(f"{address.name} ({address.route}) does not say what it needs")
    return breaches


def expected(address: Address, who: str) -> set[int]:
    """Return the answers that are right for `who` at `address`."""
    needs = address.needs if address.is_ours else THIRD_PARTY[address.name]
    if not address.is_ours:
        return SHOWN | {404} if needs == "anyone" or who != VISITOR else {302}
    if needs != PUBLIC:
        if who == VISITOR:
            return {302}
        if needs != SIGNED_IN and needs not in ROLE_PERMISSIONS[Role(who)]:
            return {404}
    return {404, 405} if address.has_ids else SHOWN


def find_wrong_answers(client: Client, who: str, found: Iterable[Address]) -> list[str]:
    """Ask for every address as `who`; name every answer that is not the expected one."""
    breaches = []
    for address in found:
        answer = client.get(address.path)
        right = expected(address, who)
        if answer.status_code not in right:
            breaches.append(
                f"{who} gets {answer.status_code} at {address.path}, expected {sorted(right)}"
            )
        elif who == VISITOR and right == {302} and not sends_to_sign_in(answer):
            breaches.append(f"{who} is sent from {address.path} to {answer['Location']}")
    return breaches


def sends_to_sign_in(answer: Any) -> bool:
    """Whether an answer asks a visitor to sign in first."""
    return str(answer["Location"]).startswith(str(settings.LOGIN_URL))


def fingerprints() -> dict[str, tuple[int, int | None]]:
    """Return (rows, checksum or nothing) of every table that a visit may not change."""
    prints = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in WRITTEN_BY_VISITS:
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT count(*), sum(hashtext(t::text)) FROM {name} t")
                prints[table] = cursor.fetchone()
    return prints


def find_changes(
    before: dict[str, tuple[int, int | None]], after: dict[str, tuple[int, int | None]]
) -> list[str]:
    """Name every table that differs."""
    return [f"{table} changed" for table in after if before.get(table) != after[table]]


def test_every_view_says_what_it_needs() -> None:
    assert_none(find_open_views(addresses()))


def test_every_address_of_ours_has_one_name() -> None:
    names = [address.name for address in addresses() if address.is_ours]
    assert_none(
        f"{name or 'an address without a name'}"
        for name in names
        if not name or names.count(name) > 1
    )


def test_no_classification_is_left_over() -> None:
    assert set(THIRD_PARTY) <= {address.name for address in addresses() if not address.is_ours}


@pytest.mark.django_db
@pytest.mark.parametrize("who", EVERYONE)
def test_every_address_answers_as_expected_and_asking_changes_nothing(who: str) -> None:
    client = Client() if who == VISITOR else client_as(Role(who))
    before = fingerprints()
    wrong = find_wrong_answers(client, who, addresses())
    assert_none(wrong + find_changes(before, fingerprints()))


def _planted(needs: object, route: str = "geheim/") -> Address:
    def view() -> None:
        """Answer nothing."""

    view.__module__ = "eigenwijs.web.worker.views"
    if needs is not None:
        view.needs = needs  # type: ignore[attr-defined]
    return Address("worker:secret", route, view)


def test_planted_view_without_needs() -> None:
    assert find_open_views([_planted(None)])
    assert not find_open_views([_planted(PUBLIC), _planted(Permission.SEE_OWN_FILE)])
    stranger = _planted(PUBLIC)
    stranger.view.__module__ = "allauth.account.views"
    assert find_open_views([stranger])


@pytest.mark.django_db
def test_planted_wrong_answers() -> None:
    absent = _planted(Permission.SEE_OWN_ACCOUNT, "deze-pagina-is-er-niet/")
    assert find_wrong_answers(Client(), VISITOR, [absent]), "no redirect to sign in"
    assert find_wrong_answers(client_as(Role.WORKER), Role.WORKER, [absent]), "no page"
    assert not find_wrong_answers(client_as(Role.EMPLOYER), Role.EMPLOYER, [absent])


@pytest.mark.django_db
def test_planted_change_by_asking() -> None:
    before = fingerprints()
    client_as(Role.WORKER)
    assert "people_person changed" in find_changes(before, fingerprints())
