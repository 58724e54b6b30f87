"""Where the cents of an entry went, and what of it is still open."""

from __future__ import annotations

from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.treasury.books import Posting
from eigenwijs.treasury.lifecycle import ENTRY
from eigenwijs.treasury.models import Allocation, Entry, ExpectedReceipt, PaymentOrder
from eigenwijs.treasury.types import Doubt, Purpose


def allocate(
    entry: Entry,
    purpose: Purpose,
    cents: int,
    posting: Posting,
    *,
    receipt: ExpectedReceipt | None = None,
    order: PaymentOrder | None = None,
) -> None:
    """Write that `cents` (with the sign of the entry) of an entry have a destination."""
    Allocation.objects.create(
        entry=entry,
        purpose=purpose,
        cents=cents,
        receipt=receipt,
        order=order,
        group=posting.group,
        allocated_at=posting.at,
    )


def note_open(
    entry: Entry,
    open_cents: int,
    posting: Posting,
    *,
    doubt: Doubt = Doubt.NONE,
    held_for: UUID | None = None,
) -> None:
    """Write what of an entry is still open, and why; an entry with nothing open is settled."""
    if not open_cents:
        audit.move(
            entry,
            "settle",
            by=posting.by,
            at=posting.at,
            lifecycle=ENTRY,
            ids={"cents": entry.cents},
            values={"open_cents": 0, "doubt": ""},
        )
        return
    entry.open_cents, entry.doubt, entry.held_for = open_cents, doubt, held_for
    entry.save(update_fields=["open_cents", "doubt", "held_for"])
