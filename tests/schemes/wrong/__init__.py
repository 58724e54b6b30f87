"""Wrong schemes as data, by the family of the block that is wrong; `test_wrong_schemes` runs them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """A good text with `before` replaced by `after`, and what must be said of it.

    `code` is the kind of fault, `block` its place, `on` how the line begins that it names, `says` what
    the message says that is allowed or must be done.
    """

    before: str
    after: str
    code: str
    block: str
    on: str
    says: str


LAST = 'correctable_for: {days: 30, article: "7"}\n'
