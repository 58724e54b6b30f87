"""How a proof of the books is kept in the trail: by codes, ids and cents. Private to the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from eigenwijs.audit.types import IdValue, Subject, TrailRow
from eigenwijs.insight.trail import BREACH, PROOF_KIND, Disguise
from eigenwijs.insight.types import BooksProof, Who
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.types import Breach, ClientMoney

KEPT = 100


def proof_subject() -> Subject:
    """Return what every proof is about: the books, of which there are one."""
    return (PROOF_KIND, UUID(int=0))


def to_ids(money: ClientMoney, breaches: Sequence[Breach]) -> dict[str, IdValue]:
    """Return what the trail keeps of an outcome: all sums, how many breaches, and the first hundred."""
    return {
        "bank_cents": money.bank.cents,
        "in_transit_cents": money.in_transit.cents,
        "owed_cents": money.owed.cents,
        "breaches": len(breaches),
        **{
            f"{BREACH}{number}": _written(breach)
            for number, breach in enumerate(breaches[:KEPT], start=1)
        },
    }


def proof_of(row: TrailRow, disguise: Disguise, breaches: Sequence[Breach] = ()) -> BooksProof:
    """Return the proof in a row of the trail; with `breaches` where they are known in full."""
    kept = [
        _read(str(row.ids[name]))
        for number in range(1, KEPT + 1)
        if (name := f"{BREACH}{number}") in row.ids
    ]
    return BooksProof(
        number=row.id,
        at=row.at,
        by=disguise.who(row),
        money=ClientMoney(
            bank=_money(row, "bank_cents"),
            in_transit=_money(row, "in_transit_cents"),
            owed=_money(row, "owed_cents"),
        ),
        breach_count=int(row.ids["breaches"] or 0),
        breaches=tuple(breaches or kept),
    )


def unwritten_proof(
    at: datetime, by: Actor, money: ClientMoney, breaches: Sequence[Breach]
) -> BooksProof:
    """Return a proof that no row of the trail tells of: made where nothing can be written."""
    who = Who(by.kind.value, role=by.role, name=by.name)
    return BooksProof(None, at, who, money, len(breaches), tuple(breaches))


def _written(breach: Breach) -> str:
    where = [breach.bucket, breach.id]
    return " ".join([breach.code, *(str(part) for part in where if part is not None)])


def _read(text: str) -> Breach:
    code, *where = text.split()
    bucket = int(where[0]) if len(where) == 2 else None
    return Breach(code, "", bucket, UUID(where[-1]) if where else None)


def _money(row: TrailRow, name: str) -> Money:
    return Money(int(row.ids[name] or 0))
