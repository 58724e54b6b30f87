"""What a scheme gives one person in one period: exact, with every step. Pure; no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money, Rounding, round_fraction, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.block import Case
from eigenwijs.schemes.blocks import Credit, Expiry, Scheme
from eigenwijs.schemes.expressions import holds, names_in, parse, value
from eigenwijs.schemes.facts import (
    CALENDAR_FACTS,
    PERSON_FACTS,
    FactValue,
    Kind,
    calendar_facts,
)
from eigenwijs.schemes.types import (
    BETWEEN_PLACES,
    CreditFacts,
    Earlier,
    Outcome,
    Part,
    Received,
    Step,
)

CUMULATIVE_ROUNDING = Rounding.HALF_UP
_CAP_STEPS = {"balance": "cap_room", "year": "cap_year", "ever": "cap_ever"}


class UnableToComputeEntitlement(DomainError):
    """The facts do not fit the scheme.

    Codes: fact_missing, fact_unknown, fact_out_of_bounds, before_start, other_period.
    """


def reference_day(period: Period) -> date:
    """Return the day whose parameters and version count for a period.

    It is the first day of the period that lies in the period's own year: the first four weeks of
    2026 start on 29 December 2025 and take the figures of 1 January 2026.
    """
    return max(period.start, date(period.year, 1, 1))


def entitlement(
    scheme: Scheme,
    *,
    digest: str,
    facts: CreditFacts,
    period: Period,
    earlier: Mapping[str, Earlier],
    balance: Money,
    received: Received,
) -> Outcome:
    """Return what `scheme` gives in `period`, and why.

    `earlier` holds per credit what the other periods of the same year gave in this job; `balance` is
    what stands on the account under this scheme, expected money included; `received` is what the
    person got in all jobs. Raises UnableToComputeEntitlement where the facts do not fit.
    """
    if period.kind not in scheme.periods:
        raise UnableToComputeEntitlement(
            "other_period",
            _("Deze regeling kent deze soort periode niet."),
            {"allowed": ", ".join(scheme.periods)},
        )
    if reference_day(period) < scheme.starts:
        raise UnableToComputeEntitlement(
            "before_start",
            _("Deze regeling bestond toen nog niet."),
            {"starts": scheme.starts.isoformat()},
        )
    run = _Run(scheme, period, _checked_facts(scheme, facts, period), received)
    run.decide_eligibility()
    parts = [run.part(credit, earlier.get(credit.id, Earlier())) for credit in scheme.credit]
    if not run.refused:
        parts = run.capped(parts, balance, earlier)
        run.add_end()
    return Outcome(
        scheme=scheme.scheme,
        title=scheme.title.model_dump(),
        hash=digest,
        amount=sum_money(part.amount for part in parts),
        parts=tuple(parts),
        steps=tuple(run.steps),
        eligible=not run.refused,
        refused=tuple(run.refused),
        article=run.places(parts),
    )


def advance_most(scheme: Scheme, *, facts: CreditFacts, period: Period) -> Money:
    """Return the most of coming amounts that can have come ahead for somebody; nothing for who gets nothing."""
    if scheme.advance is None:
        return Money.zero()
    run = _Run(scheme, period, _checked_facts(scheme, facts, period), Received())
    run.decide_eligibility()
    if run.refused:
        return Money.zero()
    return Money(round_fraction(_first_case(scheme.advance.most, run.values), Rounding.DOWN))


def nothing_due(
    scheme: Scheme, *, digest: str, reason: str, earlier: Mapping[str, Earlier]
) -> Outcome:
    """Return that nothing is due in a period for a reason outside the scheme: its step's code.

    A running total stays exact: where the other periods of the year round differently without this
    one, a cent goes off or on.
    """
    parts = []
    for credit in scheme.credit:
        sums = earlier.get(credit.id, Earlier())
        amount = Money.zero()
        if credit.spread:
            amount = Money(round_fraction(sums.exact, CUMULATIVE_ROUNDING)) - sums.amount
        parts.append(Part(credit.id, Fraction(0), amount))
    return Outcome(
        scheme=scheme.scheme,
        title=scheme.title.model_dump(),
        hash=digest,
        amount=sum_money(part.amount for part in parts),
        parts=tuple(parts),
        steps=(Step(reason, {}),),
        eligible=False,
        refused=(reason,),
        article="",
    )


def _checked_facts(scheme: Scheme, facts: CreditFacts, period: Period) -> dict[str, FactValue]:
    """Return the facts the scheme needs, the calendar's added; absent ones are left out."""
    for name in facts:
        if name not in PERSON_FACTS:
            raise UnableToComputeEntitlement("fact_unknown", params={"fact": name})
    values: dict[str, FactValue] = dict(calendar_facts(period))
    for name in scheme.facts_needed:
        fact = PERSON_FACTS[name]
        given = facts.get(name)
        if given is None:
            if fact.may_be_absent and name in facts:
                continue
            raise UnableToComputeEntitlement("fact_missing", params={"fact": name})
        if fact.kind is Kind.LABEL:
            fits = given in fact.labels
        else:
            fits = isinstance(given, Fraction | int) and fact.low <= given <= fact.high
        if not fits:
            raise UnableToComputeEntitlement(
                "fact_out_of_bounds", params={"fact": name, "value": str(given)}
            )
        values[name] = given if isinstance(given, str) else Fraction(given)
    return values


def _first_case(cases: Sequence[Case], values: Mapping[str, FactValue]) -> Fraction:
    """Return the amount in cents of the first case that holds; the last one always does."""
    for case in cases:
        if case.otherwise is not None:
            return value(parse(case.otherwise), values)
        if case.when and case.amount and holds(parse(case.when), values):
            return value(parse(case.amount), values)
    raise AssertionError("a checked list of cases ends with otherwise")


@dataclass
class _Run:
    """One computation: the values so far, the steps so far."""

    scheme: Scheme
    period: Period
    values: dict[str, FactValue]
    received: Received
    steps: list[Step] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        day = reference_day(self.period)
        for name in sorted(self.values.keys() - CALENDAR_FACTS):
            place = "amount" if PERSON_FACTS[name].kind is Kind.EUR else "value"
            self.add(f"fact_{name}", **{place: _plain(self.values[name])})
        for name, parameter in self.scheme.parameters.items():
            figure = parameter.at(day)
            if figure is None:
                raise UnableToComputeEntitlement("before_start", params={"parameter": name})
            self.values[name] = figure

    def add(self, code: str, place: str = "", **params: object) -> None:
        self.steps.append(Step(code, params, place))

    def decide_eligibility(self) -> None:
        """Settle what absent facts mean, then test every condition that can be tested."""
        unknown = set()
        for name, rule in self.scheme.absent.items():
            if name in self.values:
                continue
            if rule.use:
                is_label = PERSON_FACTS[name].kind is Kind.LABEL
                self.values[name] = rule.use if is_label else value(parse(rule.use), self.values)
                self.add(f"instead_{name}", rule.place, value=_plain(self.values[name]))
            elif rule.not_eligible:
                unknown.add(name)
                self._refuse(name, rule.not_eligible.model_dump(), rule.place)
        for condition in self.scheme.eligible:
            tree = parse(condition.when)
            if not names_in(tree) & unknown and not holds(tree, self.values):
                self._refuse(condition.id, condition.otherwise.model_dump(), condition.place)
        if not self.refused:
            self.add("eligible", _joined(rule.place for rule in self.scheme.eligible))

    def _refuse(self, identifier: str, texts: dict[str, str], place: str) -> None:
        self.refused.append(identifier)
        self.add("not_eligible", place, id=identifier, texts=texts)

    def places(self, parts: Iterable[Part]) -> str:
        """Return where the outcome stands: the credits that gave something, or the rules that were not met."""
        if self.refused:
            found = _joined(step.article for step in self.steps if step.code == "not_eligible")
            return found or self.scheme.source
        given = {part.credit for part in parts if part.amount}
        giving = [credit for credit in self.scheme.credit if credit.id in given]
        return _joined(
            credit.place or self.scheme.source for credit in giving or self.scheme.credit[:1]
        )

    def part(self, credit: Credit, earlier: Earlier) -> Part:
        """Compute one credit: case, extras, proration, part of the year, rounding."""
        exact = Fraction(0) if self.refused else self._exact(credit)
        if credit.round is None:  # then it says spread: cumulative
            total = Money(round_fraction(earlier.exact + exact, CUMULATIVE_ROUNDING))
            amount = total - earlier.amount
            if not self.refused or amount:
                self.add(
                    "spread",
                    credit.place,
                    total=total.cents,
                    earlier=earlier.amount.cents,
                    amount=amount.cents,
                )
            return Part(credit.id, exact, amount)
        amount = Money(round_fraction(exact, credit.round))
        if not self.refused:
            self.add(f"round_{credit.round}", credit.place, amount=amount.cents)
        return Part(credit.id, exact, amount)

    def _exact(self, credit: Credit) -> Fraction:
        before = self.received.ever.get(credit.id, Money.zero())
        if credit.per == "once" and before:
            again = credit.again_after_years
            code = "again_before" if again else "once_before"
            self.add(code, credit.place, amount=before.cents, **({"years": again} if again else {}))
            return Fraction(0)
        exact = _first_case(credit.cases, self.values)
        self.add(f"amount_{credit.per}", credit.place, amount=_plain(exact))
        for extra in credit.extra:
            if holds(parse(extra.when), self.values):
                if extra.times is not None:
                    exact *= value(parse(extra.times), self.values)
                else:
                    exact += value(parse(extra.plus or "0"), self.values)
                self.add("extra", extra.place, texts=extra.text.model_dump(), amount=_plain(exact))
        if credit.prorate:
            rate = value(parse(credit.prorate.by), self.values)
            full = value(parse(credit.prorate.full_from), self.values)
            place = credit.prorate.place
            if rate >= full:
                self.add("prorate_full", place, rate=_plain(rate), full_from=_plain(full))
            else:
                exact *= rate
                self.add("prorate", place, rate=_plain(rate), amount=_plain(exact))
        of_year = self.period.of_year
        if credit.times_a_year and credit.times_a_year != of_year:
            exact *= Fraction(credit.times_a_year, of_year)
            if credit.per == "year":
                number = self.period.number
                self.add("part_of_year", credit.place, number=number, of_year=of_year)
            else:
                amount = _plain(exact)
                self.add(f"share_{credit.per}", credit.place, of_year=of_year, amount=amount)
        return exact

    def capped(
        self, parts: list[Part], balance: Money, earlier: Mapping[str, Earlier]
    ) -> list[Part]:
        """Keep what is there and what was given under the caps: what does not fit is not due, now or later."""
        if self.scheme.cap is None:
            return parts
        there = {
            "balance": balance,
            "year": self.received.year,
            "ever": sum_money(self.received.ever.values()),
        }
        caps = {
            name: Money(round_fraction(_first_case(cases, self.values), Rounding.DOWN))
            for name, cases in self.scheme.cap.limits.items()
        }
        for name, cap in caps.items():
            code, stands = _CAP_STEPS[name], there[name].cents
            self.add(code, self.scheme.cap.place, cap=cap.cents, balance=stands)
        room = min(max(cap - there[name], Money.zero()) for name, cap in caps.items())
        kept = []
        for part in parts:
            amount = min(part.amount, room)
            room = room - max(amount, Money.zero())
            if amount < part.amount:
                before = earlier.get(part.credit, Earlier())
                exact = (before.amount + amount).cents - before.exact
                self.add("capped", self.scheme.cap.place, amount=amount.cents)
                kept.append(Part(part.credit, exact, amount))
            else:
                kept.append(part)
        return kept

    def add_end(self) -> None:
        """Say from day one from when and until when money can be used, and whether it can be corrected."""
        if credited := self.scheme.credited:
            day = credited.first_day(self.period)
            self.add("credited", credited.place, day=day.isoformat())
        if self.scheme.expiry:
            self._add_expiry(self.scheme.expiry)
        if self.scheme.correctable_for:
            self.add(
                "correctable",
                self.scheme.correctable_for.place,
                days=self.scheme.correctable_for.days,
            )

    def _add_expiry(self, expiry: Expiry) -> None:
        if expiry.after_months is not None:
            self.add("expiry", expiry.place, months=expiry.after_months)
        elif expiry.on is not None:
            months = self.scheme.grace_months
            self.add("expiry_on", expiry.place, day=expiry.on.isoformat(), months=months)
        elif expiry.at_age is not None:
            months = self.scheme.grace_months
            self.add("expiry_age", expiry.place, age=expiry.at_age, months=months)
        elif expiry.months_after_job is not None:
            self.add("expiry_job", expiry.place, months=expiry.months_after_job)
        elif expiry.end_of_year_after:
            self.add("expiry_years", expiry.place, years=expiry.end_of_year_after)
        else:
            self.add("expiry_year", expiry.place)


def _joined(places: Iterable[str]) -> str:
    """Return each place once, in order."""
    return BETWEEN_PLACES.join(dict.fromkeys(place for place in places if place))


def _plain(found: FactValue) -> str:
    """Return a value as text for a step: a label as it is, a number as an exact fraction."""
    return str(found)
