"""What is true at every moment of a history, whoever did what in whatever order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID

from eigenwijs.audit import queries as trail
from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets import queries as accounts
from eigenwijs.budgets.types import StatementKind
from eigenwijs.contributions import queries as delivered
from eigenwijs.kernel.clock import local_date
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, Side
from tests.histories.naive import set_aside, spent
from tests.histories.setting import CENTS_OF_FULL_WEEK, FULL_WEEK

if TYPE_CHECKING:
    from tests.histories.history import History

SIGNS = {
    StatementKind.CREDITED: 1,
    StatementKind.TAKEN_BACK: -1,
    StatementKind.SPENT: -1,
    StatementKind.REFUNDED: 1,
    StatementKind.LAPSED: -1,
}


def check_sums(history: History) -> None:
    """Client money is all there and all owed, and stands where the pencil says."""
    posted = {kind: one.posted.cents for kind, one in ledger.totals_by_kind().items()}
    there = posted[AccountKind.BANK] + posted[AccountKind.IN_TRANSIT]
    owed = sum(cents for kind, cents in posted.items() if kind.side is Side.CREDIT)
    assert there == owed == history.naive.bank
    assert posted[AccountKind.IN_TRANSIT] == history.naive.in_transit
    assert posted[AccountKind.UNMATCHED] == history.naive.unmatched
    assert posted[AccountKind.BUFFER] == history.naive.buffer
    assert posted[AccountKind.LAPSED] == history.naive.lapsed


def check_all(history: History) -> None:
    """The books prove themselves, and all that people see adds up to what the pencil says."""
    check_sums(history)
    assert ledger.prove(at=history.tended, known_holds=accounts.hold_keys()) == []
    assert accounts.prove() == []
    views = history.seen().values()
    balances = ledger.totals_by_kind()
    paid = sum(map(spent, views)) - history.naive.paid_out
    assert balances[AccountKind.PROVIDER_PAYABLE].posted.cents == paid
    credited = lapsed = left = 0
    for person in history.setting.workers:
        own = [view for view in views if view.person_id == person]
        kinds = _check_statement(history, person, own)
        credited += kinds[StatementKind.CREDITED]
        lapsed += kinds[StatementKind.LAPSED]
        left += sum(kinds[kind] * sign for kind, sign in SIGNS.items())
    assert lapsed == history.naive.lapsed
    assert balances[AccountKind.POT].posted.cents == left
    if not trail.events_without_reaction():
        assert credited == history.naive.credited
        for employer in history.setting.payrolls:
            for view in delivered.payment_requests(by=employer):
                assert view.credited.cents == history.naive.notas[view.reference].credited


def _check_statement(
    history: History, person: UUID, own: list[BookingView]
) -> Counter[StatementKind]:
    """What a worker sees on the account is what their statement and their bookings add up to."""
    kinds: Counter[StatementKind] = Counter()
    statement = accounts.statement(person)
    for line in statement:
        kinds[line.kind] += line.amount.cents
    whole = sum(kinds[kind] * sign for kind, sign in SIGNS.items())
    reserved = sum(map(set_aside, own))
    assert kinds[StatementKind.SPENT] - kinds[StatementKind.REFUNDED] == sum(map(spent, own))
    account = accounts.account(person, on=local_date(history.tended))
    assert account.reserved.cents == reserved
    assert account.available.cents <= whole - reserved
    if history.tended == history.at:  # nothing has ended that did not lapse
        assert account.available.cents == whole - reserved
    if statement:
        assert statement[0].available.cents == whole - reserved
    return kinds


def check_what_is_due(history: History) -> None:
    """Nobody gets less than the scheme gives; nor more, but for what was credited before.

    Of a nota that is paid in part nothing can be taken off, so then there may be more to come;
    and what one job got too much is not taken off another, which a shared payer's sums don't show.
    """
    is_even = all(nota.open in (0, nota.asked) for nota in history.naive.notas.values())
    for worker_number, person in enumerate(history.setting.workers):
        got: Counter[tuple[str, UUID]] = Counter()
        coming: Counter[tuple[str, UUID]] = Counter()
        due: Counter[tuple[str, UUID]] = Counter()
        jobs_ = [job for job, who in history.setting.jobs.items() if who == worker_number]
        for credit in accounts.credits_of(person):
            net = credit.amount.cents - credit.taken_back.cents
            got[credit.reason.scheme, credit.payer_id] += net
        for item in accounts.account(person, on=local_date(history.at)).coming:
            coming[item.reason.scheme, item.payer_id] += item.amount.cents
        for (employer, number, _month), hours in history.hours.items():
            if (employer, number) in jobs_:
                for scheme, cents in CENTS_OF_FULL_WEEK.items():
                    payer = history.setting.payer(employer, scheme)
                    due[scheme, payer] += cents * hours // FULL_WEEK
        for key in got | coming | due:
            assert got[key] + coming[key] >= due[key]
            if is_even and (len(jobs_) == 1 or key[1] != history.setting.fund):
                assert got[key] + coming[key] == max(due[key], got[key]), key
