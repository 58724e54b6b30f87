"""Several connections prove the books as they were at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, proof, queries
from eigenwijs.ledger.models import Account
from eigenwijs.ledger.types import AccountKind, ProofPart, Reversal, SinceSeal
from tests.factories.ledger import seal_all
from tests.ledger.books import BY, NOW, TODAY, account, funded_pot, key, transfer

pytestmark = pytest.mark.django_db(transaction=True)


def test_connections_together_find_what_one_finds() -> None:
    """A pot whose balance was raised by € 1, and a reversal that a proof in slices names once."""
    pot, payable = funded_pot(10_000, 1), account(AccountKind.PROVIDER_PAYABLE, 1)
    paid = transfer(pot, payable, 500)
    operations.post([paid], by=BY, at=NOW)
    operations.post([Reversal(paid.ref, key(), TODAY, Money(400))], by=BY, at=NOW)
    seal_all(NOW)
    raise_balance(pot.id)
    for part in (None, SinceSeal(0), pot):
        told: list[str] = []
        alone = found(part, 1, told)
        assert found(part, 3, told) == alone
        assert told[: len(told) // 2] == told[len(told) // 2 :]
        assert ("balance_differs" in {code for code, _id in alone}) == (part != SinceSeal(0))
    with pytest.raises(CommandError, match="breaches"):
        call_command("prove_books", "--connections=3", stdout=StringIO(), stderr=StringIO())


def test_what_is_committed_after_the_moment_is_seen_by_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pot = funded_pot(10_000, 1)
    plan = proof._plan

    def somebody_else() -> None:
        try:
            raise_balance(pot.id)
        finally:
            connection.close()

    def interrupted(part: ProofPart | None) -> object:
        planned = plan(part)
        with ThreadPoolExecutor(1) as threads:
            threads.submit(somebody_else).result()
        return planned

    monkeypatch.setattr(proof, "_plan", interrupted)
    assert queries.prove(at=NOW, connections=3) == []
    monkeypatch.undo()
    assert queries.prove(at=NOW, connections=3) != []


def test_the_moment_is_kept_however_long_its_connection_says_nothing() -> None:
    """A server ends transactions that say nothing for 15 minutes (`deploy/postgresql.conf`)."""
    limits: set[str] = set()

    def look(*_progress: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            limits.add(cursor.fetchone()[0])

    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    setting = f"ALTER DATABASE {name}"
    run(f"{setting} SET idle_in_transaction_session_timeout = '15min'")
    try:
        connection.close()
        assert queries.prove(at=NOW, connections=2, tell=look) == []
    finally:
        run(f"{setting} RESET idle_in_transaction_session_timeout")
        connection.close()
    assert limits == {"0"}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def found(part: ProofPart | None, connections: int, told: list[str]) -> list[tuple[str, object]]:
    breaches = queries.prove(
        at=NOW,
        part=part,
        connections=connections,
        tell=lambda code, *_progress: told.append(code),
    )
    return [(one.code, one.id) for one in breaches]


def raise_balance(pot: object) -> None:
    Account.objects.filter(bucket=1, id=pot).update(credits_posted=10_100)
