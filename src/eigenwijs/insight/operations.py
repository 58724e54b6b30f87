"""Proving the books, and closing months of them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.insight import queries
from eigenwijs.insight.proofs import proof_of, proof_subject, to_ids, unwritten_proof
from eigenwijs.insight.trail import Disguise
from eigenwijs.insight.types import BooksProof
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.ledger import operations as books
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import Progress
from eigenwijs.people import access
from eigenwijs.people.types import Permission


class UnableToCloseMonth(DomainError):
    """The month stays as it is. Codes: not_a_person, not_proven; others as `ledger.UnableToClose`."""

    def __init__(self, code: str) -> None:
        message = {
            "not_a_person": _("Alleen een persoon kan dit doen."),
            "not_proven": _("De boeken kloppen niet. Eerst moet hersteld zijn wat er mis is."),
        }[code]
        super().__init__(code, message)


def begin_closing(*, until: date, by: Actor, at: datetime) -> None:
    """Let nothing more be recorded up to `until`, the last day of a month; see `ledger.begin_closing`.

    What still comes in for those days is recorded on the first open day and names its month. Raises
    NotPermitted, UnableToCloseMonth, `ledger.UnableToClose`.
    """
    _require_person(by)
    books.begin_closing(until=until, by=by, at=at)


def close_month(*, until: date, by: Actor, at: datetime) -> None:
    """Close for good what a colleague began to close, once the books are proven.

    Proves all books first, and keeps that in the trail. Raises NotPermitted, UnableToCloseMonth,
    `ledger.UnableToClose`.
    """
    _require_person(by)
    if not books.may_close(until=until, by=by):
        return
    if not _prove(by=Actor.system("close_month"), at=at, tell=None).holds:
        raise UnableToCloseMonth("not_proven")
    books.close(until=until, by=by, at=at)


def _require_person(by: Actor) -> None:
    access.require(by, Permission.CLOSE_PERIODS)
    if by.person_id is None:
        raise UnableToCloseMonth("not_a_person")


def prove_books(
    *, by: Actor, at: datetime, tell: Progress | None = None, connections: int = 1
) -> BooksProof:
    """Prove all books at one moment and write the outcome in the trail; return it with every detail.

    See `queries.breaches`. Nothing is put right: whoever reads a breach does that, by a transfer that
    gives back. On a replica nothing can be written, so the outcome is only returned, without a number.
    Raises NotPermitted.
    """
    access.require(by, Permission.SEE_BOOKS_PROOF)
    return _prove(by=by, at=at, tell=tell, connections=connections)


def _prove(*, by: Actor, at: datetime, tell: Progress | None, connections: int = 1) -> BooksProof:
    with ledger.one_moment():
        breaches = queries.breaches(at=at, tell=tell, connections=connections)
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
