"""The trail as an auditor may see it. Private to the room; `queries` hands it out.

Deny by default: what these tables do not name is shown as a pseudonym, and a text not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.insight.types import TrailLine, Who
from eigenwijs.kernel.actor import ActorKind
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.people import queries as people

PROOF_KIND = "insight.proof"

# Kinds of thing whose id says nothing about a person: their models classify it as public.
OPEN_KINDS = frozenset(
    {
        PROOF_KIND,
        "catalogue.course",
        "catalogue.coursedelivery",
        "catalogue.run",
        "contributions.creditingrun",
        "contributions.delivery",
        "contributions.participation",
        "contributions.paymentrequest",
        "ledger.group",
        "ledger.period",
        "people.organisation",
        "schemes.schemeversion",
        "treasury.bankaccount",
        "treasury.bankstatement",
        "treasury.clientmoneyproof",
        "treasury.entry",
        "treasury.expectedreceipt",
        "treasury.payeeaccount",
        "treasury.paymentbatch",
        "treasury.paymentorder",
    }
)
# The letter of a pseudonym; every other kind has an X.
LETTERS = {
    "people.person": "P",
    "people.employment": "E",
    "bookings.booking": "B",
    "budgets.reservation": "B",
}
# What the ids of a row mean by their names.
PERSONS = frozenset({"person", "file"})
ORGANISATIONS = frozenset({"employer", "organisation", "payee", "payer"})
OPEN_IDS = frozenset({"bank_account", "batch", "entry", "order", "payment_request", "run"})
CODES = frozenset(
    {
        "cause", "checksum", "hash", "kind", "mark", "number", "period", "reason", "reference", "role",
        "scheme", "side", "valid_from",
    }
)  # fmt: skip
BREACH = "breach_"


class Disguise:
    """Gives rows of the trail their pseudonyms; reads the names of organisations once."""

    def __init__(self) -> None:
        self.organisations = {one.id: one.name for one in people.organisations()}

    def who(self, row: TrailRow) -> Who:
        """Return who acted."""
        organisation = row.actor_organisation
        return Who(
            kind=row.actor_kind,
            role=row.actor_role,
            organisation=self.organisations.get(organisation, "") if organisation else "",
            pseudonym=pseudonym(row.actor_person) if row.actor_person else "",
            name=row.actor_name if row.actor_kind == ActorKind.SYSTEM else "",
        )

    def line(self, row: TrailRow) -> TrailLine:
        """Return a row under pseudonyms."""
        kind, identifier = row.subject
        is_open = kind in OPEN_KINDS
        if kind == "people.organisation":
            subject = self.organisations.get(identifier, str(identifier))
        else:
            subject = str(identifier) if is_open else pseudonym(identifier, LETTERS.get(kind, "X"))
        return TrailLine(
            number=row.id,
            at=row.at,
            who=self.who(row),
            action=row.action,
            subject_kind=kind,
            subject=subject,
            subject_id=identifier if is_open else None,
            fields=row.field_names,
            details=tuple(self._details(row.ids)),
            from_state=row.from_state,
            to_state=row.to_state,
            event=row.event,
        )

    def _details(self, ids: Mapping[str, IdValue]) -> Iterable[tuple[str, str | int]]:
        for name, value in ids.items():
            if isinstance(value, int):
                yield name, value
            elif value and (shown := self._shown(name, value)):
                yield name, shown

    def _shown(self, name: str, value: str) -> str:
        if name in CODES or name.startswith(BREACH):
            return value
        with suppress(ValueError):
            identifier = UUID(value)
            if name in OPEN_IDS:
                return value
            if name in ORGANISATIONS and identifier in self.organisations:
                return self.organisations[identifier]
            return pseudonym(identifier, "P" if name in PERSONS else "X")
        return ""
