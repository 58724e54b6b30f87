"""People ask for money of one scarce pot, in a process of its own that may be killed at any moment.

`python -m tests.histories.batcher make PEOPLE PLACES FOLDER` makes a round with money for so many places and
keeps who is going to ask in FOLDER. `python -m tests.histories.batcher ask SEED FOLDER` proves the books and
that nothing is half written, then lets everyone ask, in an order of its own and many at a time, and says
a line for each answer: who, and the number of their ticket, or `sold_out`.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from uuid import UUID

import django

THREADS = 12
PRICE = 100_00

HALF = """
SELECT ticket.number FROM draws_ticket AS ticket
LEFT JOIN draws_place AS place ON place.ticket_id = ticket.id
WHERE ticket.arrival IS NOT NULL AND (
    place.id IS NULL
    OR NOT EXISTS (SELECT FROM budgets_pot AS pot WHERE pot.person_id = ticket.person_id)
    OR NOT EXISTS (SELECT FROM ledger_transfer AS hold
        WHERE hold.group_id = place.id AND hold.phase = 'pending')
    OR NOT EXISTS (SELECT FROM notices_notice AS told WHERE told.person_id = ticket.person_id)
    OR NOT EXISTS (SELECT FROM audit_auditrow AS trail
        WHERE trail.subject_id = ticket.id AND trail.action = 'draws.ticket.claim'))
"""
WHOLE = """
SELECT (SELECT count(*) FROM draws_ticket), (SELECT coalesce(max(arrival), 0) FROM draws_ticket),
    (SELECT count(*) FROM draws_place), (SELECT count(*) FROM budgets_pot),
    (SELECT count(*) FROM ledger_account WHERE kind = 'pot'),
    (SELECT count(DISTINCT id) FROM ledger_transfer WHERE phase = 'pending'),
    (SELECT count(*) FROM notices_notice),
    (SELECT count(*) FROM audit_auditrow WHERE action = 'draws.ticket.claim')
"""


def make(people: int, places: int, folder: Path) -> None:
    """Make the round and the people, and open it."""
    from eigenwijs.kernel.money import Money
    from tests.factories.draws import make_waiting, open_
    from tests.factories.people import make_person

    round_id = open_(make_waiting(pot=Money(places * PRICE)).id).id
    persons = [str(make_person().id) for _one in range(people)]
    (folder / "who.json").write_text(json.dumps([str(round_id), persons]))


def ask(seed: str, folder: Path) -> None:
    """Check what is there, then let everyone ask."""
    from django.db import connection

    from eigenwijs.draws import operations
    from tests.factories.draws import CLOSED
    from tests.factories.people import actor_for

    found, persons = json.loads((folder / "who.json").read_text())
    round_id = UUID(found)
    Random(seed).shuffle(persons)
    check()

    def one(person: str) -> None:
        try:
            ticket = operations.claim(
                round_id=round_id, person_id=UUID(person), by=actor_for(UUID(person)), at=CLOSED
            )
            answer = ticket.number
        except operations.UnableToClaim as refusal:
            answer = refusal.code
        finally:
            connection.close()
        sys.stdout.write(f"{person} {answer}\n")  # only now is it confirmed

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, persons))
    check()


def check() -> None:
    """The books prove themselves, and each request is there as a whole or not at all."""
    from django.db import connection

    from eigenwijs.insight import operations as insight
    from tests.factories.draws import CLOSED
    from tests.factories.people import SYSTEM

    assert insight.prove_books(by=SYSTEM, at=CLOSED).breaches == ()
    with connection.cursor() as cursor:
        cursor.execute(HALF)
        assert cursor.fetchall() == []
        cursor.execute(WHOLE)
        counts = cursor.fetchone()
    assert len(set(counts)) == 1, counts


if __name__ == "__main__":
    django.setup()
    match sys.argv[1:]:
        case ["make", people, places, folder]:
            make(int(people), int(places), Path(folder))
        case ["ask", seed, folder]:
            ask(seed, Path(folder))
