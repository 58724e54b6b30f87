"""Long lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list; `number` and `pages` count from 1."""

    items: Sequence[Item]
    number: int
    pages: int
    total: int


def page_number(request: HttpRequest) -> int:
    """Return the page that the address asks for; anything odd is the first."""
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def page_of(request: HttpRequest, items: Sequence[Item], size: int) -> Page[Item]:
    """Return the page of `items` that the address asks for; beyond the last is the last."""
    pages = max(1, -(-len(items) // size))
    number = min(max(page_number(request), 1), pages)
    return Page(items[(number - 1) * size : number * size], number, pages, len(items))
