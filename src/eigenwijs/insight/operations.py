"""Proving the books."""

from __future__ import annotations

from datetime import datetime

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.insight import queries
from eigenwijs.insight.proofs import proof_of, proof_subject, to_ids, unwritten_proof
from eigenwijs.insight.trail import Disguise
from eigenwijs.insight.types import BooksProof
from eigenwijs.kernel.actor import Actor
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import Progress
from eigenwijs.people import access
from eigenwijs.people.types import Permission


def prove_books(*, by: Actor, at: datetime, tell: Progress | None = None) -> BooksProof:
    """Prove all books at one moment and write the outcome in the trail; return it with every detail.

    See `queries.breaches`. Nothing is put right: whoever reads a breach does that, by a transfer that
    gives back. On a replica nothing can be written, so the outcome is only returned, without a number.
    Raises NotPermitted.
    """
    access.require(by, Permission.SEE_BOOKS_PROOF)
    with ledger.one_moment():
        breaches = queries.breaches(at=at, tell=tell)
        money = ledger.client_money()
        on_replica = ledger.is_replica()
    if on_replica:
        return unwritten_proof(at, by, money, breaches)
    number = audit.record(
        by=by,
        at=at,
        action="insight.proof.prove",
        subject=proof_subject(),
        ids=to_ids(money, breaches),
    )
    return proof_of(trail.event(number), Disguise(), breaches)
