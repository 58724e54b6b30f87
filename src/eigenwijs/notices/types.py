"""What callers of this room get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

ParamValue = str | int


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something to tell a person. `key` is made by the caller and makes repeating safe."""

    key: UUID
    person_id: UUID
    kind: str
    params: Mapping[str, ParamValue]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice in the reader's language. `params` hold the ids of what it is about, for links."""

    id: UUID
    kind: str
    title: str
    body: str
    params: Mapping[str, ParamValue]
    told_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice that must still leave the house, in its person's language.

    `addresses` holds the e-mail address with which the person signs in, if there is one; of a notice
    about access to the file also the address that the file has.
    `claimed` is whether somebody has opened the file at all.
    """

    id: UUID
    person_id: UUID
    addresses: tuple[str, ...]
    claimed: bool
    name: str
    language: str
    title: str
    body: str
    may_go_by_letter: bool


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter on the work list. Whose it is appears only when it is printed."""

    notice_id: UUID
    kind: str
    title: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to print. `address` may be empty: then somebody calls `phone`."""

    notice_id: UUID
    name: str
    address: str
    phone: str
    language: str
    title: str
    body: str
