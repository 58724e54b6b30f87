"""Somebody else at the same bank account: an import waits for seconds at most, and says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection, transaction

from eigenwijs.kernel import patience
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.treasury import queries
from eigenwijs.treasury.models import BankAccount
from tests.factories.treasury import StatementText, load, make_bank_account, pays


@pytest.mark.django_db(transaction=True)
def test_an_import_that_others_hold_up_changes_nothing_and_goes_well_later(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOCK_MILLISECONDS", 50)
    make_bank_account()
    statement = StatementText([pays(500)])

    def load_elsewhere() -> None:
        try:
            load(statement, at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        list(BankAccount.objects.select_for_update())
        with pytest.raises(TooBusy):
            threads.submit(load_elsewhere).result()
    assert queries.statements() == []
    assert len(load(statement, at=now).imported) == 1
