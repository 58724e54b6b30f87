"""Why an amount is what it is: computed again from what was kept, exactly as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from eigenwijs.budgets.types import Reason
from eigenwijs.contributions import rules
from eigenwijs.contributions.lines import line_facts
from eigenwijs.contributions.models import AmountDue, PaymentRequest, SetOff
from eigenwijs.contributions.parts import Earliers, read_parts
from eigenwijs.contributions.past import NOTHING
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import (
    Conditions,
    CreditFacts,
    Outcome,
    Received,
    SchemeVersionView,
    Step,
)

Entitlement = Callable[..., Outcome]


def outcome(
    row: AmountDue, version: SchemeVersionView, entitlement: Entitlement = schemes.entitlement
) -> tuple[Outcome, CreditFacts]:
    """Return the outcome behind an amount due with the facts it used, computed again."""
    period = Period.parse(row.period)
    earlier = read_parts(row.inputs["earlier"])
    if row.line is None:
        return _nothing(version, "not_delivered", earlier), {}
    line = replace(line_facts(row.line), qualification=row.inputs.get("qualification"))
    if not rules.employed_days(period, line.started_on, line.ended_on):
        return _nothing(version, "not_employed", earlier), {}
    facts = rules.credit_facts(line, period, version.facts_needed)
    found = entitlement(
        version_hash=version.hash,
        facts=facts,
        period=period,
        earlier=earlier,
        balance=Money(row.inputs["balance"]),
        received=_received(row),
    )
    return found, facts


def _received(row: AmountDue) -> Received:
    """Return what the person got before, where the scheme looked at that."""
    kept = row.inputs.get("received")
    return Received.from_json(kept) if kept else NOTHING


def _nothing(version: SchemeVersionView, reason: str, earlier: Earliers) -> Outcome:
    return schemes.nothing_due(version_hash=version.hash, reason=reason, earlier=earlier)


def steps(
    row: AmountDue, version: SchemeVersionView, found: Outcome, lowered_cents: int = 0
) -> tuple[Step, ...]:
    """Return all steps to an amount due: the scheme's, an advance's, the correction's and what was set off."""
    all_steps = [*found.steps, *row.advance.steps(version.advance_place or "")]
    if row.inputs["before"] is not None:
        params = {"before": row.inputs["before"], "amount": row.amount_cents}
        all_steps.append(Step("corrected", params))
    if lowered_cents:
        all_steps.append(Step("set_off", {"amount": lowered_cents}))
    return tuple(all_steps)


class Reasons:
    """Reasons and conditions of many amounts of one payment request, or of time, for which there is none."""

    def __init__(self, request: PaymentRequest | None) -> None:
        self.request = request
        self.lowered: dict[UUID, int] = defaultdict(int)
        self.version = lru_cache(schemes.version)
        self.frozen = lru_cache(schemes.conditions)
        self.first_day = lru_cache(schemes.credited_from)
        self.answers: dict[tuple[object, ...], Outcome] = {}
        self.born: dict[UUID, date] = {}

    def read_set_offs(self, amounts: Iterable[AmountDue]) -> None:
        """Read at once what was set off against these amounts."""
        ids = [row.id for row in amounts if row.settled_cents]
        for amount, cents in SetOff.objects.filter(amount__in=ids).values_list("amount", "cents"):
            self.lowered[amount] += cents

    def read_birth_dates(self, amounts: Iterable[AmountDue]) -> None:
        """Read at once when the people of these amounts were born, where their money ends at an age."""
        ending = {row.person_id for row in amounts if schemes.ends_at_age(row.version_hash)}
        if ending:
            self.born |= people.birth_dates(ending)

    def reason(self, row: AmountDue) -> Reason:
        """Return the reason that goes with the money to the worker's account."""
        version = self.version(row.version_hash)
        found, facts = outcome(row, version, self._entitlement)
        sources = {"delivery": str(row.delivery_id)}
        if self.request is not None:
            sources["request"] = str(self.request.id)
        return Reason(
            scheme=row.scheme,
            version_hash=row.version_hash,
            article=found.article,
            period=row.period,
            steps=steps(row, version, found, self.lowered[row.id]),
            facts={name: _text(value) for name, value in facts.items()},
            sources=sources,
        )

    def credited_from(self, row: AmountDue) -> date | None:
        """Return from which day on an amount can stand on an account; None where it is as soon as paid."""
        return self.first_day(row.version_hash, Period.parse(row.period))

    def time_ends_on(self, row: AmountDue, day: date) -> date | None:
        """Return the last day of time that is given on a day; `read_birth_dates` comes before."""
        return schemes.time_ends_on(row.version_hash, day, self.born.get(row.person_id))

    def _entitlement(self, **question: Any) -> Outcome:
        """Answer equal questions once: many people have the same contract and history."""
        facts, earlier = question["facts"], question["earlier"]
        key = (
            question["version_hash"],
            tuple(facts.items()),
            question["period"],
            tuple(earlier.items()),
            question["balance"],
            str(question["received"]),
        )
        if key not in self.answers:
            self.answers[key] = schemes.entitlement(**question)
        return self.answers[key]

    def conditions(self, row: AmountDue, day: date) -> Conditions:
        """Return the conditions on money that is credited on a day; `read_birth_dates` comes before."""
        receiver = row.participation.reverts_to_id
        version = self.version(row.version_hash)
        ends_at_age = schemes.ends_at_age(row.version_hash)
        return self.frozen(
            version_hash=row.version_hash,
            credited_on=day,
            reverts_to=receiver if version.has_end else None,
            birth_date=self.born.get(row.person_id) if ends_at_age else None,
            employer_id=row.participation.employer_id,
        )


def _text(value: Fraction | str | None) -> str:
    return "" if value is None else str(value)
