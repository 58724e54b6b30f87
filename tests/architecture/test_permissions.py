"""Every permission is held by a role; every menu leads to pages that its role may see."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.urls import reverse

from eigenwijs.people.access import ROLE_PERMISSIONS
from eigenwijs.people.types import Permission, Role
from eigenwijs.web import navigation
from tests.architecture.source import assert_none
from tests.architecture.test_urls import SHOWN, addresses
from tests.factories.web import client_as


def find_permissions_nobody_has(held: Mapping[Role, frozenset[Permission]]) -> list[str]:
    """Name every permission that no role holds."""
    anyone = frozenset().union(*held.values())
    return [
        f"{permission.name} is held by nobody"
        for permission in Permission
        if permission not in anyone
    ]


def find_links_to_nowhere(links: Mapping[str, tuple[tuple[object, str], ...]]) -> list[str]:
    """Name every menu without links, and every link of a menu that leads nowhere."""
    names = {address.name for address in addresses()}
    return [
        f"the menu of {role or 'a visitor'} is empty" for role, menu in links.items() if not menu
    ] + [
        f"the menu of {role or 'a visitor'} leads to {name}, which is not there"
        for role, menu in links.items()
        for _label, name in menu
        if name not in names
    ]


def test_every_permission_is_held() -> None:
    assert_none(find_permissions_nobody_has(ROLE_PERMISSIONS))
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_every_menu_leads_somewhere() -> None:
    assert_none(find_links_to_nowhere(navigation.LINKS))


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role in navigation.LINKS])
def test_a_role_may_see_every_page_of_its_menu(role: Role) -> None:
    client = client_as(role)
    for _label, name in navigation.LINKS[role]:
        assert client.get(reverse(name)).status_code in SHOWN, name


def test_planted_permission_and_menu() -> None:
    assert find_permissions_nobody_has({Role.WORKER: frozenset()})
    assert find_links_to_nowhere({"worker": ()})
    assert find_links_to_nowhere({"worker": (("Start", "worker:nowhere"),)})
