"""The proof finds every corruption that somebody with all rights could plant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eigenwijs.audit.models import AuditRow
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, proof, queries, rules
from eigenwijs.ledger.models import Account, Transfer
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    HoldPosting,
    HoldVoid,
    NewTransfer,
    ProofPart,
    Reversal,
    SinceSeal,
)
from tests.factories.ledger import seal_all
from tests.ledger.books import BY, NOW, TODAY, account, digest, funded_pot, key, transfer

pytestmark = pytest.mark.django_db

END = NOW + timedelta(days=1)


class Books:
    """Sound books with one of everything."""

    def __init__(self) -> None:
        self.pot = funded_pot(10_000, 1)
        self.payable = account(AccountKind.PROVIDER_PAYABLE, 1)
        self.far = account(AccountKind.PROVIDER_PAYABLE, 2)
        self.paid = transfer(self.pot, self.payable, 500)
        self.far_paid = transfer(self.pot, self.far, 300)
        self.open_hold = transfer(self.pot, self.payable, 200, days=1)
        self.posted_hold = transfer(self.pot, self.payable, 100, days=1)
        operations.post([self.paid, self.far_paid, self.open_hold, self.posted_hold], by=BY, at=NOW)
        self.posting = HoldPosting(self.posted_hold.ref, key(), TODAY, Money(90))
        self.back = Reversal(self.paid.ref, key(), TODAY, Money(400))
        operations.post([self.posting, self.back], by=BY, at=NOW)


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def numbered_from_one(db: None) -> None:
    """What is rolled back keeps its numbers, thousands after many tests: slices of one would be as many."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE ledger_transfer_number RESTART")


@contextmanager
def all_rights(*constraints: tuple[str, str]) -> Iterator[None]:
    """Write as the owner of the tables: no triggers, and without the constraints named."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, constraint in constraints:
            if constraint == "transfer_hold_settled_once":
                cursor.execute(f"DROP INDEX {constraint}")
            else:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def row(id_: UUID, bucket: int = 1) -> Transfer:
    return Transfer.objects.get(bucket=bucket, id=id_)


def change(one: Transfer, *, sealed: bool = True, **values: object) -> None:
    """Change a recorded row; `sealed`: so cunningly that its digest is right again."""
    for name, value in values.items():
        setattr(one, name, value)
    if sealed:
        one.digest = digest(one)
    Transfer.objects.filter(bucket=one.bucket, id=values.pop("old_id", one.id)).update(
        **values, digest=one.digest
    )


def insert(one: Transfer, **values: object) -> None:
    """Insert a copy of a row with other values and a right digest."""
    for name, value in values.items():
        setattr(one, name, value)
    one.digest = digest(one)
    fields = {field.name: getattr(one, field.name) for field in Transfer._meta.concrete_fields}
    Transfer(**fields).save(force_insert=True)


def found(**options: object) -> dict[str, set[UUID | None]]:
    breaches: dict[str, set[UUID | None]] = {}
    for breach in queries.prove(at=NOW, **options):
        breaches.setdefault(breach.code, set()).add(breach.id)
    return breaches


def test_sound_books_are_proven(books: Books) -> None:
    assert found() == {}
    assert found(known_holds={books.open_hold.key}) == {}


@pytest.mark.parametrize(
    "field", ["debits_posted", "credits_posted", "debits_pending", "credits_pending"]
)
def test_a_changed_balance(books: Books, field: str) -> None:
    one = Account.objects.get(bucket=1, id=books.pot.id)
    with all_rights(("ledger_account", "account_is_sound")):
        values = {field: getattr(one, field) + 1}
        Account.objects.filter(bucket=1, id=one.id).update(**values)
    assert found()["balance_differs"] == {books.pot.id}
    assert "sums_differ" in found()


def test_both_sides_changed_alike(books: Books) -> None:
    with all_rights():
        Account.objects.filter(bucket=1, id=books.pot.id).update(
            debits_posted=20_000, credits_posted=30_000
        )
    assert found()["balance_differs"] == {books.pot.id}


def test_a_removed_account(books: Books) -> None:
    with all_rights():
        Account.objects.filter(bucket=1, id=books.payable.id).delete()
    assert found()["balance_differs"] == {books.payable.id}


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "other"},
        {"occurred_on": TODAY - timedelta(days=1)},
        {"recorded_at": NOW - timedelta(microseconds=1)},
        {"group": UUID(int=9)},
    ],
)
def test_a_changed_word_or_date(books: Books, values: dict[str, object]) -> None:
    with all_rights():
        change(row(books.paid.key), sealed=False, **values)
    assert found() == {"content_changed": {books.paid.key}}


def test_a_changed_amount_even_with_a_right_digest(books: Books) -> None:
    with all_rights():
        change(row(books.paid.key), amount_cents=499)
    assert found()["balance_differs"] == {books.pot.id, books.payable.id}


def test_a_changed_account(books: Books) -> None:
    with all_rights():
        change(row(books.paid.key), credit=key())
    assert books.payable.id in found()["balance_differs"]


def test_a_removed_transfer(books: Books) -> None:
    with all_rights():
        Transfer.objects.filter(id=books.back.key).delete()
    assert found()["balance_differs"] == {books.pot.id, books.payable.id}


def test_an_inserted_transfer(books: Books) -> None:
    with all_rights():
        insert(row(books.paid.key), id=key())
    assert found()["balance_differs"] == {books.pot.id, books.payable.id}


def test_a_removed_half(books: Books) -> None:
    with all_rights():
        Transfer.objects.filter(bucket=2, id=books.far_paid.key).delete()
    assert found()["half_missing"] == {books.far_paid.key}


def test_halves_that_differ(books: Books) -> None:
    with all_rights():
        change(row(books.far_paid.key, 2), amount_cents=301)
        for id_ in (books.far.id, rules.BETWEEN_ID):
            side = "credits_posted" if id_ == books.far.id else "debits_posted"
            Account.objects.filter(bucket=2, id=id_).update(**{side: 301})
    assert found()["half_missing"] == {books.far_paid.key}
    assert "between_not_zero" in found()
    assert "balance_differs" not in found()


def test_a_half_that_goes_round_the_accounts_between(books: Books) -> None:
    with all_rights():
        change(row(books.paid.key), other_bucket=5)
    assert found()["half_without_between"] == {books.paid.key}


def test_a_key_that_stands_twice(books: Books) -> None:
    with all_rights():
        insert(row(books.paid.key), bucket=3)
    assert found()["key_used_twice"] == {books.paid.key}


def test_a_hold_settled_twice(books: Books) -> None:
    with all_rights(("ledger_transfer", "transfer_hold_settled_once")):
        insert(row(books.posting.key), id=key())
    assert found()["hold_settled_twice"] == {books.posted_hold.key}


@pytest.mark.parametrize(
    "values",
    [
        {"settles": UUID(int=9)},
        {"amount_cents": 101},
        {"debit": UUID(int=9)},
        {"recorded_at": END},
    ],
)
def test_a_settlement_that_does_not_fit_its_hold(books: Books, values: dict[str, object]) -> None:
    with all_rights():
        change(row(books.posting.key), **values)
    assert found()["settlement_wrong"] == {books.posting.key}


@pytest.mark.parametrize("values", [{"reverses": UUID(int=9)}, {"credit": UUID(int=9)}])
def test_a_reversal_of_something_else(books: Books, values: dict[str, object]) -> None:
    with all_rights():
        change(row(books.back.key), **values)
    assert found()["reversal_wrong"] == {books.back.key}


def test_a_reversal_that_gives_back_too_much(books: Books) -> None:
    with all_rights():
        change(row(books.back.key), amount_cents=501)
    assert found()["reversal_exceeds"] == {books.paid.key}


def test_an_overdrawn_account(books: Books) -> None:
    with all_rights(("ledger_account", "account_is_sound")):
        Account.objects.filter(bucket=1, id=books.pot.id).update(debits_posted=99_999)
    assert found()["overdrawn"] == {books.pot.id}


def test_accounts_outside_the_buckets_that_hide_from_the_sums(books: Books) -> None:
    """Somebody with all rights makes money and who it is owed to, alike, where no bucket is."""
    with all_rights(("ledger_account", "account_is_sound")):
        for kind, sums in (("bank", {"debits_posted": 500}), ("pot", {"credits_posted": 500})):
            Account.objects.create(
                bucket=2_000, id=key(), kind=kind, owner=key(), opened_at=NOW, **sums
            )
    assert len(found()["balance_differs"]) == 2


def test_money_that_is_there_and_owed_to_nobody(books: Books) -> None:
    bank = Account.objects.get(kind=AccountKind.BANK.value)
    with all_rights():
        Account.objects.filter(bucket=bank.bucket, id=bank.id).update(
            debits_posted=bank.debits_posted + 1
        )
    assert "client_money_differs" in found()


def test_a_hold_past_its_end_until_it_is_voided(books: Books) -> None:
    assert [breach.id for breach in queries.prove(at=END)] == [books.open_hold.key]
    void = HoldVoid(books.open_hold.ref, key(), TODAY)
    operations.post([void], by=BY, at=END)
    assert queries.prove(at=END) == []


def test_a_hold_that_no_room_knows(books: Books) -> None:
    assert found(known_holds=set()) == {"hold_without_owner": {books.open_hold.key}}
    assert found(known_holds={books.posted_hold.key}) == {
        "hold_without_owner": {books.open_hold.key}
    }


def test_a_hold_over_buckets_is_named_once() -> None:
    hold = transfer(funded_pot(10, 1), account(AccountKind.PROVIDER_PAYABLE, 2), 10, days=1)
    operations.post([hold], by=BY, at=NOW)
    assert [(one.ref, one.amount) for one in queries.open_holds()] == [(hold.ref, Money(10))]
    breaches = queries.prove(at=END, known_holds=[])
    assert [breach.code for breach in breaches] == ["hold_past_its_end", "hold_without_owner"]


def test_client_money_is_all_that_is_there_and_all_that_is_owed() -> None:
    bank, in_transit = account(AccountKind.BANK), account(AccountKind.IN_TRANSIT)
    pot, payable = account(AccountKind.POT, 8), account(AccountKind.PROVIDER_PAYABLE, 8)
    entries = [(bank, pot, 1_000), (pot, payable, 400), (in_transit, bank, 150)]
    for debit, credit, cents in entries:
        operations.post([transfer(debit, credit, cents)], by=BY, at=NOW)
    money = queries.client_money()
    assert (money.bank.cents, money.in_transit.cents, money.owed.cents) == (850, 150, 1_000)
    assert money.difference == Money.zero()


def test_the_command_says_that_the_books_are_proven() -> None:
    funded_pot(123_456)
    output = StringIO()
    call_command("prove_books", stdout=output)
    assert "The books are proven" in output.getvalue()
    assert "1.234,56" in output.getvalue()


def test_the_command_fails_and_names_what_is_wrong(books: Books) -> None:
    with all_rights():
        change(row(books.paid.key), sealed=False, kind="other")
    errors = StringIO()
    with pytest.raises(CommandError, match="not proven"):
        call_command("prove_books", stderr=errors)
    assert f"content_changed bucket 1 {books.paid.key}" in errors.getvalue()


def test_a_digest_states_every_field() -> None:
    """Python and the database sum up a row alike, absent fields and microseconds included."""
    odd = NOW + timedelta(microseconds=1)
    hold = NewTransfer(
        key=key(),
        debit=funded_pot(10, 1),
        credit=AccountRef(1, account(AccountKind.PROVIDER_PAYABLE, 1).id),
        amount=Money(10),
        kind="odd_code",
        occurred_on=TODAY,
        group=key(),
        expires_at=odd + timedelta(days=1),
    )
    operations.post([hold], by=BY, at=odd)
    assert queries.prove(at=NOW) == []


def set_back(books: Books) -> None:
    change(row(books.paid.key), sealed=False, kind="other")


def take_a_half(books: Books) -> None:
    Transfer.objects.filter(bucket=2, id=books.far_paid.key).delete()


def name_no_half(books: Books) -> None:
    change(row(books.paid.key), other_bucket=5)


def post_too_much(books: Books) -> None:
    change(row(books.posting.key), amount_cents=101)


def settle_again(books: Books) -> None:
    insert(row(books.posting.key), id=key())


def reverse_something_else(books: Books) -> None:
    change(row(books.back.key), reverses=UUID(int=9))


def give_back_too_much(books: Books) -> None:
    change(row(books.back.key), amount_cents=501)


def change_a_balance(books: Books) -> None:
    Account.objects.filter(bucket=1, id=books.pot.id).update(
        debits_posted=20_000, credits_posted=30_000
    )


def overdraw(books: Books) -> None:
    Account.objects.filter(bucket=1, id=books.pot.id).update(debits_posted=99_999)


def use_a_key_again(books: Books) -> None:
    insert(row(books.paid.key), bucket=3)


def break_a_seal(books: Books) -> None:
    change(row(books.paid.key), kind="other")


WHOLE, SINCE, ACCOUNT = "everything", "since the seal", "the account"
PLANTED = {
    "content_changed": (set_back, {WHOLE, SINCE, ACCOUNT}),
    "half_missing": (take_a_half, {WHOLE, SINCE, ACCOUNT}),
    "half_without_between": (name_no_half, {WHOLE, SINCE, ACCOUNT}),
    "settlement_wrong": (post_too_much, {WHOLE, SINCE, ACCOUNT}),
    "hold_settled_twice": (settle_again, {WHOLE, SINCE, ACCOUNT}),
    "reversal_wrong": (reverse_something_else, {WHOLE, SINCE, ACCOUNT}),
    "reversal_exceeds": (give_back_too_much, {WHOLE, SINCE, ACCOUNT}),
    "balance_differs": (change_a_balance, {WHOLE, ACCOUNT}),
    "overdrawn": (overdraw, {WHOLE, ACCOUNT}),
    "sums_differ": (overdraw, {WHOLE}),
    "client_money_differs": (overdraw, {WHOLE}),
    "key_used_twice": (use_a_key_again, {WHOLE, SINCE}),
    "seal_broken": (break_a_seal, {WHOLE, SINCE}),
}


@pytest.fixture
def earlier_and_later() -> tuple[Books, Books]:
    """Books of before and of after a seal, sealed both."""
    books = []
    for _ in range(2):
        books.append(Books())
        seal_all(NOW)
    return books[0], books[1]


def found_by_each_form(later: Books) -> dict[str, set[str]]:
    forms = {WHOLE: None, SINCE: SinceSeal(1), ACCOUNT: later.pot}
    return {form: set(found(part=part)) for form, part in forms.items()}


@contextmanager
def plant(code: str, books: Books) -> Iterator[None]:
    constraints = [
        ("ledger_transfer", "transfer_hold_settled_once"),
        ("ledger_account", "account_is_sound"),
    ]
    with all_rights(*constraints):
        PLANTED[code][0](books)
    yield


@pytest.mark.parametrize("code", PLANTED)
def test_each_form_finds_what_is_wrong_in_its_part(
    earlier_and_later: tuple[Books, Books], code: str
) -> None:
    _earlier, later = earlier_and_later
    assert found_by_each_form(later) == {WHOLE: set(), SINCE: set(), ACCOUNT: set()}
    with plant(code, later):
        by_form = found_by_each_form(later)
    assert {form for form, codes in by_form.items() if code in codes} == PLANTED[code][1]


@pytest.mark.parametrize("code", PLANTED)
def test_what_is_wrong_elsewhere_is_named_by_the_whole_proof_only(
    earlier_and_later: tuple[Books, Books], code: str
) -> None:
    earlier, later = earlier_and_later
    with plant(code, earlier):
        by_form = found_by_each_form(later)
    assert code in by_form[WHOLE]
    assert (by_form[SINCE], by_form[ACCOUNT]) == (set(), set())


def test_holds_left_open_are_found_by_each_form(earlier_and_later: tuple[Books, Books]) -> None:
    earlier, later = earlier_and_later
    for part in (SinceSeal(1), later.pot):
        breaches = queries.prove(at=END, known_holds={earlier.open_hold.key}, part=part)
        assert [(one.code, one.id) for one in breaches] == [
            ("hold_past_its_end", later.open_hold.key),
            ("hold_without_owner", later.open_hold.key),
        ]


@pytest.mark.parametrize("code", PLANTED)
def test_small_slices_find_the_same(
    earlier_and_later: tuple[Books, Books], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the rows, accounts and seals are cut up, nothing falls in between."""
    earlier, _later = earlier_and_later
    with plant(code, earlier):
        at_once = [found(part=part) for part in (None, SinceSeal(0))]
        last = Transfer.objects.order_by("-number")[0].number
        monkeypatch.setattr(proof, "ROWS_A_SLICE", last // 5 + 1)
        monkeypatch.setattr(proof, "BUCKETS", 4)
        monkeypatch.setattr(proof, "ROWS_A_BUCKET_SLICE", last // 4)
        monkeypatch.setattr(proof, "SEALS_A_SLICE", 1)
        assert [found(part=part) for part in (None, SinceSeal(0))] == at_once
    assert code in at_once[0]


@pytest.mark.usefixtures("numbered_from_one")
def test_what_two_rows_break_together_is_named_once_however_they_are_cut_up(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold posted twice and € 5 given back in € 4 and € 4, the second of each in a slice of its own."""
    last = Transfer.objects.order_by("-number")[0].number
    with all_rights(("ledger_transfer", "transfer_hold_settled_once")):
        insert(row(books.posting.key), id=key(), number=last + 1)
        insert(row(books.back.key), id=key(), number=last + 2)
    monkeypatch.setattr(proof, "ROWS_A_SLICE", 1)
    for part in (None, SinceSeal(0)):
        named = [(one.code, one.id) for one in queries.prove(at=NOW, part=part)]
        assert named.count(("hold_settled_twice", books.posted_hold.key)) == 1
        assert named.count(("reversal_exceeds", books.paid.key)) == 1


def test_a_proof_tells_how_far_it_is(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Transfer.objects.order_by("-number")[0].number
    monkeypatch.setattr(proof, "ROWS_A_SLICE", last // 2 + 1)
    told: list[tuple[str, int, int, str]] = []
    queries.prove(at=NOW, tell=lambda *what: told.append(what))
    assert [what for what in told if what[0] == "content_changed"] == [
        ("content_changed", last // 2 + 1, last, "rows"),
        ("content_changed", last, last, "rows"),
    ]
    assert ("balance_differs", 1024, 1024, "buckets") in told


@pytest.mark.parametrize("part", [SinceSeal(1), AccountRef(1, UUID(int=9))])
def test_a_part_that_is_not_there(books: Books, part: ProofPart) -> None:
    with pytest.raises(LookupError):
        queries.prove(at=NOW, part=part)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--since-seal=1", "no seal 1: nothing was sealed yet"),
        ("--since-seal=x", "'x' is not the number of a seal"),
        (f"--account=1/{UUID(int=9)}", f"no account 1/{UUID(int=9)}"),
        ("--account=7", "'7' does not name an account"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_part(
    books: Books, option: str, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("prove_books", option, stderr=StringIO())


def test_the_command_proves_a_part_and_says_what_that_leaves_out(books: Books) -> None:
    operations.post([HoldVoid(books.open_hold.ref, key(), TODAY)], by=BY, at=NOW)
    seal_all(NOW)
    with all_rights():
        change(row(books.paid.key), kind="other")
    shown = AuditRow.objects.count()
    output, errors = StringIO(), StringIO()
    call_command("prove_books", f"--account=1/{books.pot.id}", stdout=output, stderr=errors)
    assert f"Proven: account 1/{books.pot.id} has €\N{NO-BREAK SPACE}95,10" in output.getvalue()
    assert "Not proven by this: other accounts" in output.getvalue()
    assert "content_changed: 1 of 1 accounts" in errors.getvalue()
    call_command("prove_books", "--since-seal=1", stdout=output, stderr=errors)
    assert "Proven: each transfer after seal 1" in output.getvalue()
    with pytest.raises(CommandError, match="1 breaches"):
        call_command("prove_books", "--since-seal=0", stderr=errors)
    assert AuditRow.objects.count() == shown
