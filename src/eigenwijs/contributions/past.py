"""What was there before a delivery: what earlier ones gave, what people have, and what they asked ahead.

Private to the room; reads, writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions.advances import NO_ADVANCE, Advance
from eigenwijs.contributions.lines import line_facts
from eigenwijs.contributions.models import AdvanceAsk, AmountDue, YearTotal
from eigenwijs.contributions.parts import Earliers, read_parts
from eigenwijs.contributions.rules import LineFacts
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people_queries
from eigenwijs.schemes.queries import Gifts
from eigenwijs.schemes.types import ADVANCE, Earlier, Received

NOTHING = Received()


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier delivery of the same period gave, under which version, and what it looked at.

    `line` is None where the delivery did not name the employment; `inputs` is what `write_inputs` wrote.
    """

    amount_due: UUID
    entitled: Money
    parts: Earliers
    version_hash: str
    inputs: Mapping[str, Any]
    line: LineFacts | None
    payer_id: UUID
    advance: Advance = NO_ADVANCE

    @property
    def due(self) -> Money:
        """What it gave, with what came ahead and without what went off that."""
        return self.entitled + Money(self.advance.net)

    @property
    def gifts(self) -> Earliers:
        """What the scheme gave: what came ahead counts in the period that gives it."""
        return {credit: one for credit, one in self.parts.items() if credit != ADVANCE}

    @property
    def qualification(self) -> str | None:
        """What the person had told then."""
        told: str | None = self.inputs.get("qualification")
        return told


@dataclass
class History:
    """What an employer's earlier deliveries left behind, by employment and scheme."""

    totals: dict[tuple[UUID, str], Earliers] = field(default_factory=dict)
    kinds: dict[UUID, str] = field(default_factory=dict)
    before: dict[tuple[UUID, str], Before] = field(default_factory=dict)
    ahead: dict[tuple[UUID, str], dict[UUID, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def ahead_elsewhere(self, employment_id: UUID, scheme: str, payer_id: UUID) -> tuple[int, int]:
        """Return what came ahead less what went off that, in cents, over all other periods of whatever year.

        Of this payer, and of all others: what one paid ahead goes off no month of another.
        """
        by_payer = self.ahead.get((employment_id, scheme), {})
        before = self.before.get((employment_id, scheme))
        this_period = before.advance.net if before and before.payer_id == payer_id else 0
        own = by_payer.get(payer_id, 0)
        return own - this_period, sum(by_payer.values()) - own

    @cached_property
    def computed_before(self) -> frozenset[UUID]:
        """The employments of the earlier delivery of the same period."""
        return frozenset(employment for employment, _scheme in self.before)

    def earlier(self, employment_id: UUID, scheme: str) -> Earliers:
        """Return what the other periods of the year gave: the total without this period."""
        total = self.totals.get((employment_id, scheme), {})
        before = self.before.get((employment_id, scheme))
        if before is None:
            return total
        return {
            credit: Earlier(
                sums.exact - before.parts.get(credit, Earlier()).exact,
                sums.amount - before.parts.get(credit, Earlier()).amount,
            )
            for credit, sums in total.items()
        }


def history(
    employer_id: UUID, period: Period, employment_ids: Collection[UUID] | None = None
) -> History:
    """Return what the employer's deliveries of the period's year left behind.

    With `employment_ids` only of those, else of all.
    """
    found = History()
    totals = YearTotal.objects.filter(employer_id=employer_id, year=period.year)
    current = AmountDue.objects.filter(
        participation__employer=employer_id, period=str(period), is_current=True
    )
    if employment_ids is not None:
        totals = totals.filter(employment__in=employment_ids)
        current = current.filter(employment__in=employment_ids)
    ahead = YearTotal.objects.filter(employer_id=employer_id, parts__has_key=ADVANCE)
    if employment_ids is not None:
        ahead = ahead.filter(employment__in=employment_ids)
    came = AmountDue.objects.filter(
        employment__in=ahead.values("employment"), is_current=True, inputs__has_key=ADVANCE
    ).select_related("participation")
    for row in came:
        payer_id = row.participation.payer_id
        found.ahead[row.employment_id, row.scheme][payer_id] += row.advance.net
    for employment, scheme, kind, parts in totals.values_list(
        "employment_id", "scheme", "period_kind", "parts"
    ):
        found.totals[employment, scheme] = read_parts(parts)
        found.kinds[employment] = kind
    for row in current.select_related("line", "participation").iterator(5_000):
        found.before[row.employment_id, row.scheme] = Before(
            row.pk,
            Money(row.given_cents),
            read_parts(row.parts),
            row.version_hash,
            row.inputs,
            line_facts(row.line) if row.line else None,
            row.participation.payer_id,
            row.advance,
        )
    return found


def asks_waiting(
    employments: Collection[UUID], period: Period, by: datetime
) -> dict[tuple[UUID, str], int]:
    """Return what was asked ahead and can come with a period, in cents.

    Without what was asked after its file was delivered, and of jobs of which a later period was delivered
    already: what the rules were then, or that somebody has left since, says nothing of what still comes.
    """
    later = AmountDue.objects.filter(
        employment=OuterRef("employment"),
        scheme=OuterRef("scheme"),
        delivery__period_start__gt=period.start,
    )
    rows = AdvanceAsk.objects.filter(
        ~Exists(later), amount_due=None, asked_at__lt=by, employment__in=list(employments)
    )
    return {(row.employment_id, row.scheme): row.cents for row in rows}


def balances_now(
    scheme: str,
    people: Mapping[UUID, UUID],
    gone: Mapping[UUID, UUID],
    past: History,
    humans: Mapping[UUID, UUID],
    *,
    counts_time_on: date | None,
) -> dict[UUID | str, Money]:
    """Return what each person has under a scheme, without what this period gave employments now gone.

    `counts_time_on` is the day on which time is left, None for a scheme of money.
    """
    files = list(people.values())
    if counts_time_on is not None:
        time = budgets.time_balances(files, scheme, on=counts_time_on)
        found = {file: Money(hundredths) for file, hundredths in time.items()}
    else:
        found = budgets.balances_under_scheme(files, scheme)
    left: dict[UUID | str, Money] = {humans[file]: balance for file, balance in found.items()}
    employments = people_queries.employments_of_files(humans)
    owners = {one.id: one.person_id for one in employments}
    ahead = YearTotal.objects.filter(scheme=scheme, employment__in=owners, parts__has_key=ADVANCE)
    for owner, parts in ahead.values_list("employment_id", "parts"):  # it counts when it comes
        human = humans[owners[owner]]
        left[human] = left.get(human, Money.zero()) - Money(parts[ADVANCE][1])
    for employment_id, file in gone.items():
        before = past.before.get((employment_id, scheme))
        if before:
            left[humans[file]] -= before.entitled
    return left


def received_now(
    again_after: Mapping[str, Mapping[str, int]],
    period: Period,
    gone: Mapping[UUID, UUID],
    past: History,
    files: Mapping[UUID, list[UUID]],
) -> dict[str, dict[UUID | str, Received]]:
    """Return what people got in all jobs, but employments now gone; of what comes again what is near."""
    if not again_after:
        return {}
    humans = {file: own[0] for own in files.values() for file in own}
    employments = {one.id: one.person_id for one in people_queries.employments_of_files(humans)}
    totals = YearTotal.objects.filter(scheme__in=again_after, employment__in=employments)
    gifts: dict[str, dict[UUID | str, Gifts]] = {name: {} for name in again_after}
    for employment, scheme, year, parts in totals.order_by("id").values_list(
        "employment_id", "scheme", "year", "parts"
    ):
        human = humans[employments[employment]]
        got = gifts[scheme].get(human, Gifts())
        for credit, earlier in read_parts(parts).items():
            if credit == ADVANCE:
                continue
            got = got.with_amount(year, credit, earlier.amount)
        before = past.before.get((employment, scheme))
        if before and employment in gone and year == period.year:
            for credit, earlier in before.gifts.items():
                got = got.with_amount(year, credit, -earlier.amount)
        gifts[scheme][human] = got
    return {
        scheme: {
            human: got.received(period.year, again_after[scheme]) for human, got in each.items()
        }
        for scheme, each in gifts.items()
    }
