"""What all lines of a delivery come to under all schemes. Reads, writes nothing.

The running totals of the year and what an earlier delivery of the same period gave are read at
once, so that a hundred thousand lines take a handful of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions import rules
from eigenwijs.contributions.lines import line_facts
from eigenwijs.contributions.models import (
    AmountDue,
    DeliveryLine,
    YearTotal,
)
from eigenwijs.contributions.parts import Earliers, read_parts, write_earlier
from eigenwijs.contributions.rules import LineFacts
from eigenwijs.contributions.scheme_runs import SchemeRun
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people_queries
from eigenwijs.people.types import EmploymentView
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.queries import Gifts
from eigenwijs.schemes.types import Earlier, Outcome, Received, SchemeVersionView

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

    @property
    def qualification(self) -> str | None:
        """What the person had told then."""
        told: str | None = self.inputs.get("qualification")
        return told


@dataclass(frozen=True, slots=True)
class Computed:
    """What one scheme gives for one line. `change` is what it adds to an earlier delivery.

    One that `is_kept` is what `before` gave, as it was computed then.
    """

    run: SchemeRun
    outcome: Outcome
    earlier: Earliers
    balance: Money
    received: Received
    before: Before | None
    qualification: str | None = None
    is_kept: bool = False

    @property
    def change(self) -> Money:
        """What this delivery makes due: what the scheme gives minus what it gave before."""
        return self.outcome.amount - (self.before.entitled if self.before else Money.zero())


@dataclass
class History:
    """What an employer's earlier deliveries left behind, by employment and scheme."""

    totals: dict[tuple[UUID, str], Earliers] = field(default_factory=dict)
    kinds: dict[UUID, str] = field(default_factory=dict)
    before: dict[tuple[UUID, str], Before] = field(default_factory=dict)

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
    for employment, scheme, kind, parts in totals.values_list(
        "employment_id", "scheme", "period_kind", "parts"
    ):
        found.totals[employment, scheme] = read_parts(parts)
        found.kinds[employment] = kind
    for row in current.select_related("line").iterator(5_000):
        found.before[row.employment_id, row.scheme] = Before(
            row.pk,
            Money(row.entitled_cents),
            read_parts(row.parts),
            row.version_hash,
            row.inputs,
            line_facts(row.line) if row.line else None,
        )
    return found


@dataclass
class Computation:
    """Computes line after line; equal questions are answered once.

    `balances` is what each person has under a scheme with a cap, `received` what each person got
    under one that looks at that. What this period gave a line before is taken off when that line is
    computed and what it gives now is added: so caps hold for all employments of a person together, and
    what one has is not given to another because it stands on an earlier line. Lines that this period
    computed before come first (`comes_later`): what they lose is there for the others; who loses nothing
    but by a version or a limit keeps it (`_acquired`). `humans` has the file that stands for a person's
    files, `qualifications` by that file what the person told, where a scheme counts it. A period that was
    computed keeps what was told then: telling and taking back work forward only.
    """

    period: Period
    runs: list[SchemeRun]
    history: History
    balances: Mapping[str, dict[UUID | str, Money]] = field(default_factory=dict)
    received: Mapping[str, dict[UUID | str, Received]] = field(default_factory=dict)
    humans: Mapping[UUID, UUID] = field(default_factory=dict)
    qualifications: Mapping[UUID, str] = field(default_factory=dict)
    answers: dict[tuple[Any, ...], Outcome] = field(default_factory=dict)
    versions: dict[str, SchemeVersionView] = field(default_factory=dict)

    def comes_later(self, pair: tuple[DeliveryLine, EmploymentView | None]) -> bool:
        """Whether to compute a line after those for which the period computed something before."""
        _line, employment = pair
        return employment is None or employment.id not in self.history.computed_before

    def line(
        self, facts: LineFacts, employment_id: UUID | None, person: UUID | str
    ) -> list[Computed]:
        """Return what each scheme gives for a line.

        `employment_id` is None for a new one; `person` is then the file or, where that is new too,
        the personnel number.
        """
        human = self.humans.get(person, person) if isinstance(person, UUID) else person
        told = self.qualifications.get(human) if isinstance(human, UUID) else None
        computed = []
        for run in self.runs:
            before = self.history.before.get((employment_id, run.scheme)) if employment_id else None
            earlier = self.history.earlier(employment_id, run.scheme) if employment_id else {}
            balances = self.balances.get(run.scheme, {})
            balance = balances.get(human, Money.zero())
            gifts = self.received.get(run.scheme, {})
            received = gifts.get(human, NOTHING)
            if before and run.version.has_cap:
                balance -= before.entitled
            if before and run.version.needs_received:
                received = received.without(before.parts)
            seen = max(balance, Money.zero())  # below it where money was spent
            counted = before.qualification if before else told
            known = replace(facts, qualification=counted)
            outcome = self._outcome(run, known, earlier, seen, received)
            kept = False
            if before and not (
                before.version_hash == run.version.hash and outcome.amount >= before.entitled
            ):
                for other, is_kept in self._acquired(run, known, (earlier, seen, received), before):
                    if other.amount >= outcome.amount:
                        outcome, kept = other, is_kept
            if run.version.has_cap:
                balances[human] = balance + outcome.amount
            if run.version.needs_received:
                gifts[human] = received.with_parts(outcome.parts)
            computed.append(Computed(run, outcome, earlier, seen, received, before, counted, kept))
        return computed

    def gone(self, employment_id: UUID) -> list[Computed]:
        """Return what changes for an employment that the file no longer names."""
        computed = []
        for run in self.runs:
            before = self.history.before.get((employment_id, run.scheme))
            if before:
                earlier = self.history.earlier(employment_id, run.scheme)
                outcome = schemes.nothing_due(
                    version_hash=run.version.hash, reason="not_delivered", earlier=earlier
                )
                told = before.qualification
                found = Computed(run, outcome, earlier, Money.zero(), NOTHING, before, told)
                computed.append(found)
        return computed

    def _acquired(
        self,
        run: SchemeRun,
        line: LineFacts,
        sums: tuple[Earliers, Money, Received],
        before: Before,
    ) -> Iterator[tuple[Outcome, bool]]:
        """Yield what the line gives under the version that gave the period before: acquired rights.

        With what is there now; and where there is a limit with what was there then, as far as that was
        given: then it is kept.
        """
        if before.line is None:
            return
        version = self.versions.get(before.version_hash) or schemes.version(before.version_hash)
        self.versions[before.version_hash] = version
        then = replace(run, version=version)
        knows = run.version.needs_received >= version.needs_received
        knows = knows and run.version.has_cap >= version.has_cap
        received = before.inputs.get("received")
        stored = (
            read_parts(before.inputs["earlier"]),
            Money(before.inputs["balance"]),
            Received.from_json(received) if received else NOTHING,
        )
        try:
            if knows:
                yield self._outcome(then, line, *sums), False
            if not (version.has_cap or version.needs_received):
                return
            kept = self._outcome(then, line, *stored)
        except schemes.UnableToComputeEntitlement:  # it looks at what was not delivered now
            return
        if kept.amount <= before.entitled:
            yield kept, True

    def _outcome(
        self,
        run: SchemeRun,
        line: LineFacts,
        earlier: Earliers,
        balance: Money,
        received: Received,
    ) -> Outcome:
        if not rules.employed_days(self.period, line.started_on, line.ended_on):
            return schemes.nothing_due(
                version_hash=run.version.hash, reason="not_employed", earlier=earlier
            )
        facts = rules.credit_facts(line, self.period, run.version.facts_needed)
        got = (tuple(received.ever.items()), received.year)
        key = (run.version.hash, tuple(facts.items()), tuple(earlier.items()), balance, got)
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = schemes.entitlement(
                version_hash=run.version.hash,
                facts=facts,
                period=self.period,
                earlier=earlier,
                balance=balance,
                received=received,
            )
        return found


def computation(
    employer_id: UUID,
    period: Period,
    runs: list[SchemeRun],
    people: Mapping[UUID, UUID],
    *,
    named: Collection[UUID],
    whole: bool = True,
) -> Computation:
    """Return a computation that knows the employer's history and, where it matters, balances.

    `people` has the person of each of the employer's employments, `named` those of them that the
    delivery names: what this period gave the others before counts no longer. Without `whole` only
    the history of `people` is read.
    """
    past = history(employer_id, period, None if whole else list(people))
    capped = [run.scheme for run in runs if run.version.has_cap]
    once = {run.scheme: run.version.again_after for run in runs if run.version.needs_received}
    counts_confided = any(run.version.counts_confided for run in runs)
    asks_files = capped or once or counts_confided
    files = people_queries.files_of_all(people.values()) if asks_files else {}
    humans = {file: own[0] for file, own in files.items()}
    gone = {one: file for one, file in people.items() if one not in named}
    return Computation(
        period,
        runs,
        past,
        {scheme: _balances(scheme, people, gone, past, humans) for scheme in capped},
        _received(once, period, gone, past, files),
        humans,
        people_queries.qualifications(files, period.end) if counts_confided else {},
    )


def _balances(
    scheme: str,
    people: Mapping[UUID, UUID],
    gone: Mapping[UUID, UUID],
    past: History,
    humans: Mapping[UUID, UUID],
) -> dict[UUID | str, Money]:
    """Return what each person has under a scheme, without what this period gave employments now gone."""
    found = budgets.balances_under_scheme(list(people.values()), scheme)
    left: dict[UUID | str, Money] = {humans[file]: balance for file, balance in found.items()}
    for employment_id, file in gone.items():
        before = past.before.get((employment_id, scheme))
        if before:
            left[humans[file]] -= before.entitled
    return left


def _received(
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
            got = got.with_amount(year, credit, earlier.amount)
        before = past.before.get((employment, scheme))
        if before and employment in gone and year == period.year:
            for credit, earlier in before.parts.items():
                got = got.with_amount(year, credit, -earlier.amount)
        gifts[scheme][human] = got
    return {
        scheme: {
            human: got.received(period.year, again_after[scheme]) for human, got in each.items()
        }
        for scheme, each in gifts.items()
    }


def write_inputs(computed: Computed) -> dict[str, Any]:
    """Write for a JSON column what the scheme looked at besides the line."""
    if computed.before and computed.is_kept:
        return {**computed.before.inputs, "before": computed.before.entitled.cents}
    inputs: dict[str, Any] = {
        "earlier": write_earlier(computed.earlier),
        "balance": computed.balance.cents,
        "before": computed.before.entitled.cents if computed.before else None,
    }
    if computed.run.version.needs_received:
        inputs["received"] = computed.received.to_json()
    if computed.run.version.counts_confided:
        inputs["qualification"] = computed.qualification
    return inputs
