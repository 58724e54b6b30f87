"""One table: what the clock sets in motion. Each routine may run twice and may be late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from eigenwijs.bookings import operations as bookings
from eigenwijs.budgets import operations as budgets
from eigenwijs.contributions import operations as contributions
from eigenwijs.draws import operations as draws
from eigenwijs.insight import operations as insight
from eigenwijs.jobs import mails, operations
from eigenwijs.kernel.actor import Actor
from eigenwijs.ledger import operations as ledger
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury import queries as treasury_queries

EVERY_MINUTE = "* * * * *"
EVERY_HOUR = "7 * * * *"
EVERY_MORNING = "30 4 * * *"  # UTC: half past five or six in Amsterdam


class Work(Protocol):
    """An operation that a routine runs."""

    def __call__(self, *, by: Actor, at: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class Routine:
    """Work that returns: its name in the trail and the queue, when (cron, UTC), and what."""

    name: str
    when: str
    work: Work


def lapse_pots(*, by: Actor, at: datetime) -> int:
    """Let money lapse that has reached its end; return from how many pots."""
    count, done = 0, False
    while not done:
        run = budgets.lapse_due(by=by, at=at)
        count, done = count + run.pots, run.done
    return count


def follow_jobs(*, by: Actor, at: datetime) -> int:
    """Give money that ends with a job its last day, or take it away; return in how many chunks."""
    count, last = 0, budgets.follow_jobs(by=by, at=at)
    while last is not None:
        count, last = count + 1, budgets.follow_jobs(after=last, by=by, at=at)
    return count


def warn_of_lapse(*, by: Actor, at: datetime) -> int:
    """Tell people which of their money ends soon; return how many pots were looked at."""
    count = 0
    while looked_at := budgets.warn_of_lapse(by=by, at=at):
        count += looked_at
    return count


def settle_time(*, by: Actor, at: datetime) -> int:
    """Let days to learn stand or be free again; return how many changed."""
    count = 0
    while changed := budgets.settle_time(by=by, at=at):
        count += changed
    return count


def warn_of_time(*, by: Actor, at: datetime) -> int:
    """Tell people which of their time to learn ends soon; return how much of it was looked at."""
    count = 0
    while looked_at := budgets.warn_of_time(by=by, at=at):
        count += looked_at
    return count


def prove_client_money(*, by: Actor, at: datetime) -> int:
    """Prove every bank account of the foundation for today; return how many."""
    accounts = treasury_queries.bank_accounts()
    for account in accounts:
        treasury.prove_client_money(bank_account_id=account.id, by=by, at=at)
    return len(accounts)


def prove_books(*, by: Actor, at: datetime) -> int:
    """Prove all books; return how much is wrong. The auditor's first page says so."""
    return insight.prove_books(by=by, at=at).breach_count


def seal_transfers(*, by: Actor, at: datetime) -> int:  # noqa: ARG001 (a routine is told who works)
    """Seal the transfers that nothing can be added before any more; return how many seals were made."""
    return ledger.seal(at=at)


ROUTINES = (
    Routine("catch_up", EVERY_MINUTE, operations.catch_up),
    Routine("send_mails", EVERY_MINUTE, mails.send_mails),
    Routine("seal_transfers", EVERY_MINUTE, seal_transfers),
    Routine("lapse_requests", EVERY_HOUR, bookings.lapse_due),
    Routine("remind_silent_learners", EVERY_MORNING, bookings.remind_silent),
    Routine("settle_bookings", EVERY_HOUR, bookings.settle_due),
    Routine("lapse_pots", EVERY_HOUR, lapse_pots),
    Routine("follow_jobs", EVERY_MORNING, follow_jobs),
    Routine("warn_of_lapse", EVERY_MORNING, warn_of_lapse),
    Routine("settle_time", EVERY_MORNING, settle_time),
    Routine("warn_of_time", EVERY_MORNING, warn_of_time),
    Routine("pass_on_small_years", EVERY_MORNING, budgets.pass_on_small_years),
    Routine("list_rounds", EVERY_MINUTE, draws.list_due),
    Routine("open_rounds", EVERY_MINUTE, draws.open_due),
    Routine("lapse_places", EVERY_HOUR, draws.lapse_due),
    Routine("remind_of_places", EVERY_MORNING, draws.remind_of_deadlines),
    Routine("settle_rounds", EVERY_MORNING, draws.settle_due),
    Routine("lapse_previews", EVERY_MORNING, contributions.lapse_previews),
    Routine("begin_due_runs", EVERY_MORNING, contributions.begin_due_runs),
    Routine("remind_overdue", EVERY_MORNING, contributions.remind_overdue),
    Routine("announce_changes_ahead", EVERY_MORNING, contributions.announce_changes_ahead),
    Routine("prove_client_money", EVERY_MORNING, prove_client_money),
    Routine("prove_books", EVERY_MORNING, prove_books),
)
