"""What a kind of notice is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from eigenwijs.notices.lifecycle import NOTICE

_PLACE = re.compile(r"%\((\w+)\)s")


class Channel(StrEnum):
    """How a notice leaves the house, besides standing in the app. A letter goes only where mail cannot,
    unless it is the only channel."""

    MAIL = "mail"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Kind:
    """The words of one kind of notice, and its channels.

    `is_about_access`: it may be the first that an owner hears of somebody else in their file, so it
    also goes to the address in the file, which an employer may have delivered. It holds no amounts.
    """

    title: str | Promise
    body: str | Promise
    channels: tuple[Channel, ...] = (Channel.MAIL,)
    is_about_access: bool = False

    @property
    def first_state(self) -> str:
        """The state in which a notice of this kind begins."""
        if not self.channels:
            return "in_app"
        return NOTICE.initial if Channel.MAIL in self.channels else "letter_due"

    @property
    def places(self) -> frozenset[str]:
        """The names of the parameters that the words need."""
        return frozenset(_PLACE.findall(f"{self.title} {self.body}"))


IN_APP: tuple[Channel, ...] = ()
MAIL = (Channel.MAIL,)
MAIL_OR_LETTER = (Channel.MAIL, Channel.LETTER)
LETTER = (Channel.LETTER,)
