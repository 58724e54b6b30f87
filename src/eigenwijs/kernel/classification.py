"""What a field of a table holds, and what becomes of it when its person asks to be forgotten.

Every model carries `FIELDS`, one `Classified` a field; export, erasure and demo dumps follow it, and a
test fails on a field that nobody classified.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """Who may be harmed when a stranger reads it."""

    PUBLIC = "public"  # nobody: it says nothing about a person
    PERSONAL = "personal"  # says something about a person, an identifier included
    SENSITIVE = "sensitive"  # could be used against them: codes, secrets, what they confided
    MONEY = "money"  # amounts and bank accounts


class Afterwards(StrEnum):
    """What becomes of the field when the file ends."""

    KEPT = "kept"
    SCRUBBED = "scrubbed"  # the row stays, the value goes
    ERASED = "erased"  # the row goes


@dataclass(frozen=True, slots=True)
class Classified:
    """One field: its sensitivity, its end, and after how many years that end comes.

    Seven years where the books need it (art. 2:10 BW and art. 52 AWR).
    """

    sensitivity: Sensitivity
    afterwards: Afterwards = Afterwards.KEPT
    years: int = 0


PUBLIC = Classified(Sensitivity.PUBLIC)
MONEY = Classified(Sensitivity.MONEY, Afterwards.KEPT)
PERSONAL_REFERENCE = Classified(Sensitivity.PERSONAL, Afterwards.KEPT)
"""An opaque id of a person: it means nothing once the file itself is scrubbed."""
PERSONAL_SCRUBBED = Classified(Sensitivity.PERSONAL, Afterwards.SCRUBBED, 7)
PERSONAL_ERASED = Classified(Sensitivity.PERSONAL, Afterwards.ERASED, 7)
SENSITIVE_ERASED = Classified(Sensitivity.SENSITIVE, Afterwards.ERASED)


def public(*names: str) -> dict[str, Classified]:
    """Classify these fields as public."""
    return dict.fromkeys(names, PUBLIC)
