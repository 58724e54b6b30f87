"""Seals: a changed, removed or inserted old row is found and located, by the proof and without it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from eigenwijs.audit.models import AuditRow
from eigenwijs.kernel.ids import new_id
from eigenwijs.ledger import check_seals, operations, queries, sealing
from eigenwijs.ledger.models import Account, Seal, SealHorizon, Transfer
from eigenwijs.ledger.types import AccountKind
from tests.ledger.books import BY, NOW, account, digest, funded_pot, transfer

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT = Path(check_seals.__file__)


def seal(times: int = 2) -> int:
    return sum(operations.seal(at=NOW) for _ in range(times))


def numbers() -> list[int]:
    return list(Transfer.objects.order_by("number").values_list("number", flat=True))


def breaches() -> dict[str, str]:
    return {one.code: one.detail for one in queries.prove(at=NOW)}


@contextmanager
def all_rights() -> Iterator[None]:
    """What somebody who owns the database can do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield


@contextmanager
def another_connection() -> Iterator[object]:
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()


def put_back(one: Transfer, **values: object) -> None:
    """Change a row so cunningly that its digest and the balances are right again."""
    cents = one.amount_cents
    for name, value in values.items():
        setattr(one, name, value)
    change = one.amount_cents - cents
    Transfer.objects.filter(bucket=one.bucket, id=one.id).update(**values, digest=digest(one))
    for side, of in (("debits_posted", one.debit), ("credits_posted", one.credit)):
        found = Account.objects.get(bucket=one.bucket, id=of)
        Account.objects.filter(bucket=one.bucket, id=of).update(
            **{side: getattr(found, side) + change}
        )


@pytest.fixture
def sealed() -> list[int]:
    """Five transfers, sealed two a seal."""
    for _ in range(5):
        funded_pot(1_00)
    seal()
    return numbers()


@pytest.fixture(autouse=True)
def _few_rows_a_seal(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS_A_SEAL", 2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE ledger_transfer_number RESTART")


def test_what_was_recorded_before_the_last_call_is_sealed(sealed: list[int]) -> None:
    assert queries.last_seal() is not None
    assert queries.last_seal().last == sealed[-1]
    assert sum(Seal.objects.values_list("rows", flat=True)) == 5
    assert breaches() == {}
    assert seal() == 0, "nothing new"
    funded_pot(1_00)
    assert seal() == 1
    assert breaches() == {}


@pytest.mark.parametrize("others_commit", [True, False])
def test_a_lower_number_that_is_committed_late_is_sealed_too(others_commit: bool) -> None:
    """Numbers are not the order of commits: nothing is sealed before what could still come below."""
    pots = [funded_pot(1_00) for _ in range(2)]
    payable = account(AccountKind.PROVIDER_PAYABLE)
    seal()
    before = queries.last_seal()
    with another_connection() as other:
        with other.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            cursor.execute(
                """
                SELECT answer FROM ledger_record(now(), '{0}', ARRAY[%s::uuid], '{transfer}',
                    '{7}', ARRAY[%s::uuid], '{7}', ARRAY[%s::uuid], NULL, NULL, '{10}', '{late}',
                    ARRAY[%s::uuid], '{2026-11-23}', ARRAY[NULL::timestamptz])
                """,
                [new_id(NOW), pots[0].id, payable.id, new_id(NOW)],
            )
            assert cursor.fetchall() == [("recorded",)]
        if others_commit:
            other_payable = account(AccountKind.PROVIDER_PAYABLE)
            operations.post([transfer(pots[1], other_payable, 1)], by=BY, at=NOW)
        assert seal(4) == 0
        assert queries.last_seal() == before
        with other.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("COMMIT")
    assert seal() > 0
    assert queries.last_seal().last == numbers()[-1]
    assert breaches() == {}


def test_books_from_a_copy_go_on_being_sealed(sealed: list[int]) -> None:
    """A restored database counts its transactions anew: a noted one may not have been there yet."""
    SealHorizon.objects.update(transaction=2**40)
    funded_pot(1_00)
    assert seal(3) > 0
    assert queries.last_seal().last == numbers()[-1] > sealed[-1]


def change_an_amount(sealed: list[int]) -> None:
    put_back(Transfer.objects.get(number=sealed[2]), amount_cents=2_00)


def remove(sealed: list[int]) -> None:
    one = Transfer.objects.get(number=sealed[2])
    Account.objects.filter(id__in=[one.debit, one.credit]).delete()
    Transfer.objects.filter(number=sealed[2]).delete()


def put_in(sealed: list[int]) -> None:
    one = Transfer.objects.get(number=sealed[2])
    one.id = new_id(NOW)
    one.digest = digest(one)
    one.save(force_insert=True)
    for side, of in (("debits_posted", one.debit), ("credits_posted", one.credit)):
        Account.objects.filter(bucket=one.bucket, id=of).update(**{side: 2_00})


CHANGES = {"changed": change_an_amount, "removed": remove, "put in": put_in}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_proof_finds_what_everything_else_was_made_to_fit(
    sealed: list[int], change: Callable[[list[int]], None]
) -> None:
    with all_rights():
        change(sealed)
    assert breaches().keys() == {"seal_broken"}
    assert f"numbered {sealed[2]} to {sealed[3]}" in breaches()["seal_broken"]


def test_swapped_amounts_are_named_row_by_row(sealed: list[int]) -> None:
    with all_rights():
        Transfer.objects.filter(number=sealed[0]).update(amount_cents=2_00)
    found = [one for one in queries.prove(at=NOW) if one.code == "content_changed"]
    assert [one.id for one in found] == [Transfer.objects.get(number=sealed[0]).id]


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_a_seal_that_does_not_follow_the_one_before(sealed: list[int], change: str) -> None:
    with all_rights():
        second = Seal.objects.filter(id=2)
        second.delete() if change == "removed" else second.update(hash=bytes(32))
    assert "seal_missing" in breaches()
    assert "seal 3 does not follow" in breaches()["seal_missing"]


@pytest.mark.parametrize("model", [Transfer, Seal, AuditRow])
@pytest.mark.parametrize("statement", ["TRUNCATE {} CASCADE", "DELETE FROM {}"])
def test_what_only_grows_cannot_be_swept_away(
    sealed: list[int], model: type, statement: str
) -> None:
    table = model._meta.db_table
    with (
        pytest.raises(Error, match="Cannot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert model.objects.exists()


# Without the product


def export(folder: Path, *, with_rows: bool = True) -> Path:
    call_command("export_seals", str(folder), rows=with_rows, verbosity=0)
    return folder


def check(*folders: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *folders], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_the_script_finds_nothing_wrong_with_sound_seals(sealed: list[int], tmp_path: Path) -> None:
    kept = export(tmp_path / "kept")
    assert check(kept) == (0, ["Nothing is wrong."])
    funded_pot(1_00)
    seal()
    assert check(export(tmp_path / "new"), kept) == (0, ["Nothing is wrong."])
    only_seals = export(tmp_path / "seals", with_rows=False)
    assert check(only_seals, kept) == (0, ["Nothing is wrong."])


@pytest.mark.parametrize("change", CHANGES.items(), ids=CHANGES)
def test_the_script_names_the_row(
    sealed: list[int], tmp_path: Path, change: tuple[str, Callable[[list[int]], None]]
) -> None:
    kept = export(tmp_path / "kept")
    with all_rights():
        change[1](sealed)
    code, lines = check(export(tmp_path / "new"), kept)
    assert code == 1
    assert any("seal 2 is broken" in line for line in lines)
    done = "changed" if change[0] == "put in" else change[0]  # with a number that was taken
    assert any(line.startswith(f"row {sealed[2]} was {done}") for line in lines), lines


def test_only_what_was_kept_shows_that_all_was_sealed_anew(
    sealed: list[int], tmp_path: Path
) -> None:
    """Who owns the database can change a row and make all seals anew: the books prove themselves."""
    kept = export(tmp_path / "kept")
    with all_rights():
        change_an_amount(sealed)
        Seal.objects.all().delete()
    SealHorizon.objects.update(transaction=0)
    seal()
    assert breaches() == {}
    new = export(tmp_path / "new")
    assert check(new) == (0, ["Nothing is wrong."])
    code, lines = check(new, kept)
    assert code == 1
    assert any("seal 2 was replaced" in line for line in lines)
    assert any(line.startswith(f"row {sealed[2]} was changed") for line in lines)


def test_a_row_that_is_not_what_its_digest_says_is_named_by_the_script(
    sealed: list[int], tmp_path: Path
) -> None:
    with all_rights():
        Transfer.objects.filter(number=sealed[3]).update(amount_cents=9_99)
    code, lines = check(export(tmp_path / "new"))
    assert code == 1
    assert any(line.startswith(f"row {sealed[3]} is not what was recorded") for line in lines)


def test_an_export_overwrites_nothing_and_says_when_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing is sealed yet"):
        export(tmp_path / "none")
    funded_pot(1_00)
    seal()
    export(tmp_path / "kept")
    with pytest.raises(CommandError, match="there already"):
        export(tmp_path / "kept")


def test_a_transfer_that_comes_again_later_is_still_the_same(sealed: list[int]) -> None:
    pot, payable = funded_pot(1_00), account(AccountKind.PROVIDER_PAYABLE)
    entry = transfer(pot, payable, 10)
    operations.post([entry], by=BY, at=NOW)
    seal()
    later = operations.post([replace(entry)], by=BY, at=NOW + timedelta(days=9))
    assert later[0].replayed
