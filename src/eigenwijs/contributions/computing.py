"""What all lines of a delivery come to under all schemes. Reads, writes nothing.

The running totals of the year and what an earlier delivery of the same period gave are read at
once, so that a hundred thousand lines take a handful of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from eigenwijs.contributions import rules
from eigenwijs.contributions.advances import NO_ADVANCE, Advance, advance_in
from eigenwijs.contributions.models import DeliveryLine
from eigenwijs.contributions.parts import Earliers, read_parts, write_earlier
from eigenwijs.contributions.past import (
    NOTHING,
    Before,
    History,
    asks_waiting,
    balances_now,
    history,
    received_now,
)
from eigenwijs.contributions.rules import LineFacts
from eigenwijs.contributions.scheme_runs import SchemeRun
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people_queries
from eigenwijs.people.types import EmploymentView
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import ADVANCE, Outcome, Part, Received, SchemeVersionView, Step


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
    advance: Advance = NO_ADVANCE

    @property
    def due(self) -> Money:
        """What the period gives, with what comes ahead and without what goes off that."""
        return self.outcome.amount + Money(self.advance.net)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What each credit gives, and under a key of its own what the advance changes."""
        net = self.advance.net
        own = (Part(ADVANCE, Fraction(net), Money(net)),) if self.advance != NO_ADVANCE else ()
        return self.outcome.parts + own

    @property
    def steps(self) -> tuple[Step, ...]:
        """How the amount comes about."""
        return (*self.outcome.steps, *self.advance.steps(self.run.version.advance_place or ""))

    @property
    def change(self) -> Money:
        """What this delivery makes due: what the scheme gives minus what it gave before."""
        return self.due - (self.before.due if self.before else Money.zero())


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
    asks: Mapping[tuple[UUID, str], int] = field(default_factory=dict)
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
                received = received.without(before.gifts)
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
            advance = self._advance(run, known, employment_id, outcome)
            computed.append(
                Computed(run, outcome, earlier, seen, received, before, counted, kept, advance)
            )
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
                own, _others = self._ahead(run, employment_id)
                advance = advance_in(
                    outcome.amount.cents,
                    others=own,
                    before=(before.entitled.cents, before.advance),
                    named=False,
                )
                found = Computed(
                    run, outcome, earlier, Money.zero(), NOTHING, before, told, advance=advance
                )
                computed.append(found)
        return computed

    def _advance(
        self, run: SchemeRun, line: LineFacts, employment_id: UUID | None, outcome: Outcome
    ) -> Advance:
        """What comes ahead in the period, and what goes off that; nothing for a new job."""
        if employment_id is None:
            return NO_ADVANCE
        job = (employment_id, run.scheme)
        before = self.history.before.get(job)
        own, of_other_payers = self._ahead(run, employment_id)
        asked, most = self.asks.get(job, 0), Money.zero()
        goes_on = line.ended_on is None or line.ended_on > self.period.end
        if asked and run.version.has_advance and goes_on and outcome.amount.cents > 0:
            facts = rules.credit_facts(line, self.period, run.version.facts_needed)
            most = schemes.advance_most(
                version_hash=run.version.hash, facts=facts, period=self.period
            )
        return advance_in(
            outcome.amount.cents,
            others=own,
            before=(before.entitled.cents, before.advance) if before else None,
            asked=asked,
            most=most.cents - of_other_payers,
        )

    def _ahead(self, run: SchemeRun, employment_id: UUID) -> tuple[int, int]:
        return self.history.ahead_elsewhere(employment_id, run.scheme, run.participation.payer_id)

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
    asked_by: datetime | None = None,
) -> Computation:
    """Return a computation that knows the employer's history and, where it matters, balances.

    `people` has the person of each of the employer's employments, `named` those of them that the
    delivery names: what this period gave the others before counts no longer. Without `whole` only
    the history of `people` is read.
    """
    past = history(employer_id, period, None if whole else list(people))
    today = max(period.end, local_date(asked_by)) if asked_by else period.end
    capped = {
        run.scheme: today if run.version.counts_time else None
        for run in runs
        if run.version.has_cap
    }
    once = {run.scheme: run.version.again_after for run in runs if run.version.needs_received}
    counts_confided = any(run.version.counts_confided for run in runs)
    asks_files = capped or once or counts_confided
    files = people_queries.files_of_all(people.values()) if asks_files else {}
    humans = {file: own[0] for own in files.values() for file in own}
    gone = {one: file for one, file in people.items() if one not in named}
    return Computation(
        period,
        runs,
        past,
        {
            scheme: balances_now(scheme, people, gone, past, humans, counts_time_on=day)
            for scheme, day in capped.items()
        },
        received_now(once, period, gone, past, files),
        humans,
        people_queries.qualifications(files, period.end) if counts_confided else {},
        asks_waiting(people, period, asked_by) if asked_by else {},
    )


def write_inputs(computed: Computed) -> dict[str, Any]:
    """Write for a JSON column what the scheme looked at besides the line."""
    if computed.before and computed.is_kept:
        kept = {key: one for key, one in computed.before.inputs.items() if key != ADVANCE}
        return {**kept, "before": computed.before.due.cents, **_plain(computed.advance)}
    inputs: dict[str, Any] = {
        "earlier": write_earlier(computed.earlier),
        "balance": computed.balance.cents,
        "before": computed.before.due.cents if computed.before else None,
        **_plain(computed.advance),
    }
    if computed.run.version.needs_received:
        inputs["received"] = computed.received.to_json()
    if computed.run.version.counts_confided:
        inputs["qualification"] = computed.qualification
    return inputs


def _plain(advance: Advance) -> dict[str, Any]:
    """An advance for a JSON column; nothing where there is none."""
    return {ADVANCE: asdict(advance)} if advance != NO_ADVANCE else {}
