"""A person's statement, read from the ledger's own rows; and everything to take along. Private."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from eigenwijs.budgets import lots
from eigenwijs.budgets.models import Credit, Pot
from eigenwijs.budgets.types import PotYear, StatementKind, StatementLine
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountRef, Phase, TransferView
from eigenwijs.people import queries as people
from eigenwijs.schemes.types import Conditions


def statement(
    person_id: UUID, *, since: date | None = None, until: date | None = None
) -> list[StatementLine]:
    """Return what happened on a person's learning account, newest first.

    Every line is a row of the ledger. `since` and `until` (both inclusive) leave lines out, not
    the money that came before: `available` is what it was after each line.
    """
    pots = Pot.objects.filter(person__in=people.files_of(person_id)).select_related("payer")
    views = [(view, pot) for pot in pots for view in ledger.transfers(lots.account(pot))]
    holds = {view.ref.id: view.amount for view, _pot in views if view.phase is Phase.PENDING}
    renewals = _renewals(view for view, _pot in views)
    # Money that was only promised from a round is on nobody's account yet.
    entries = [
        (view, pot, _meaning(view))
        for view, pot in views
        if view.ref.id not in renewals and (view.kind != "grant" or view.phase is Phase.POST)
    ]
    # Of one moment, what came in stands before what went out.
    entries.sort(key=lambda one: (one[0].recorded_at, one[2] in _LOWERING, one[0].ref.id))
    available = Money.zero()
    lines = []
    about = _closed_periods([view for view, _pot in views])
    for view, pot, kind in entries:
        change = _change(view, kind, holds)
        available += change
        lines.append(_line(view, pot, kind, change, available, belongs_to=about.get(view.ref.id)))
    return [
        line
        for line in reversed(lines)
        if (since is None or line.on >= since) and (until is None or line.on <= until)
    ]


def years(lines: Sequence[StatementLine]) -> list[PotYear]:
    """Return what the lines of a whole statement add up to: each year of each pot, the last year first.

    A pot is there from the year of its first line on, up to the year of the last line of all.
    """
    if not lines:
        return []
    named = {pot.pk: pot for pot in Pot.objects.filter(pk__in={line.pot_id for line in lines})}
    by_year: dict[tuple[UUID, int], list[StatementLine]] = defaultdict(list)
    for line in lines:
        by_year[line.pot_id, line.on.year].append(line)
    found = []
    last = max(line.on.year for line in lines)
    for pot_id, pot in named.items():
        own = [line for line in lines if line.pot_id == pot_id]
        end = free = Money.zero()
        for year in range(min(line.on.year for line in own), last + 1):
            of_year = by_year[pot_id, year]
            sums = {
                kind: sum_money(line.amount for line in of_year if line.kind is kind)
                for kind in StatementKind
            }
            begin = end
            end += sum_money(sums[kind] for kind in _IN) - sum_money(sums[kind] for kind in _OUT)
            free += sum_money(line.change for line in of_year)
            found.append(
                PotYear(
                    year=year,
                    pot_id=pot_id,
                    payer_name=own[0].payer_name,
                    title=Conditions.from_json(pot.conditions).title,
                    begin=begin,
                    credited=sums[StatementKind.CREDITED],
                    refunded=sums[StatementKind.REFUNDED],
                    spent=sums[StatementKind.SPENT],
                    taken_back=sums[StatementKind.TAKEN_BACK],
                    lapsed=sums[StatementKind.LAPSED],
                    end=end,
                    reserved=end - free,
                )
            )
    return sorted(found, key=lambda one: (-one.year, one.payer_name, one.pot_id))


def _closed_periods(views: Sequence[TransferView]) -> dict[UUID, Period]:
    """Which rows are about an earlier period that is closed by now: what was earned or given back."""
    closed = ledger.closed_until()
    if closed is None:
        return {}
    days = {view.ref.id: view.occurred_on for view in views}
    earned = dict(Credit.objects.filter(pk__in=days).values_list("pk", "reason__period"))
    found = {}
    for view in views:
        if view.reverses in days:
            period = Period.containing(days[view.reverses], PeriodKind.MONTH)
        elif view.ref.id in earned:
            period = Period.parse(earned[view.ref.id])
        else:
            continue
        if period.end <= closed and period.end < view.occurred_on:
            found[view.ref.id] = period
    return found


def _renewals(views: Iterable[TransferView]) -> set[UUID]:
    """The rows that only gave a hold another end: the new hold and the voiding of the old one.

    At that very moment the new hold may have been voided too: that set the money free and stays.
    """
    listed = list(views)
    renewed: dict[tuple[AccountRef, UUID, datetime], set[UUID]] = defaultdict(set)
    for view in listed:
        if view.kind == "renew" and view.phase is Phase.PENDING:
            renewed[view.debit, view.group, view.recorded_at].add(view.ref.id)
    voids: dict[tuple[AccountRef, UUID, datetime], list[TransferView]] = defaultdict(list)
    for view in listed:
        if view.phase is Phase.VOID:
            voids[view.debit, view.group, view.recorded_at].append(view)
    rows = set[UUID]()
    for moment, holds in renewed.items():
        old_first = sorted(voids[moment], key=lambda void: void.settles in holds)
        rows |= holds | {void.ref.id for void in old_first[: len(holds)]}
    return rows


def _meaning(view: TransferView) -> StatementKind:
    """What a row of the ledger is to the worker."""
    if view.kind == "credit":
        return StatementKind.TAKEN_BACK if view.reverses else StatementKind.CREDITED
    if view.kind == "grant":
        return StatementKind.CREDITED
    if view.kind == "lapse":
        return StatementKind.LAPSED
    if view.reverses:
        return StatementKind.REFUNDED
    return _BY_PHASE[view.phase]


_BY_PHASE = {
    Phase.PENDING: StatementKind.RESERVED,
    Phase.VOID: StatementKind.RELEASED,
    Phase.POST: StatementKind.SPENT,
}
_IN = (StatementKind.CREDITED, StatementKind.REFUNDED)
_OUT = (StatementKind.SPENT, StatementKind.TAKEN_BACK, StatementKind.LAPSED)
_LOWERING = (StatementKind.TAKEN_BACK, StatementKind.RESERVED, StatementKind.LAPSED)


def _change(view: TransferView, kind: StatementKind, holds: dict[UUID, Money]) -> Money:
    """What a row of the ledger does to what can be spent."""
    if kind is StatementKind.SPENT and view.settles is not None:
        return holds[view.settles] - view.amount
    return -view.amount if kind in _LOWERING else view.amount


def _line(
    view: TransferView,
    pot: Pot,
    kind: StatementKind,
    change: Money,
    available: Money,
    *,
    belongs_to: Period | None,
) -> StatementLine:
    is_credit = kind in (StatementKind.CREDITED, StatementKind.TAKEN_BACK)
    return StatementLine(
        on=view.occurred_on,
        at=view.recorded_at,
        kind=kind,
        amount=view.amount,
        change=change,
        available=available,
        pot_id=pot.pk,
        payer_name=pot.payer.name,
        credit_id=(view.reverses or view.ref.id) if is_credit else None,
        booking_id=None if is_credit or kind is StatementKind.LAPSED else view.group,
        belongs_to=belongs_to,
    )
