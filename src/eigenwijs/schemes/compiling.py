"""A checked scheme as a program on whole numbers: the same cents for one person and for a million.

`crediting.entitlement` says the same with every step in words; tests hold the two together, cent for cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from math import lcm, prod

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money, Rounding
from eigenwijs.kernel.period import PERIODS_A_YEAR, Period
from eigenwijs.schemes.blocks import Case, Credit, Scheme
from eigenwijs.schemes.crediting import CUMULATIVE_ROUNDING, reference_day
from eigenwijs.schemes.expressions import (
    Arithmetic,
    Both,
    Comparison,
    Expression,
    Membership,
    Name,
    Not,
    Number,
    parse,
)
from eigenwijs.schemes.facts import CALENDAR_FACTS, PERSON_FACTS, Kind, calendar_facts
from eigenwijs.schemes.integer_form import Operation, Program, Ratio, prove_bounds, results
from eigenwijs.schemes.types import CreditFacts, Earlier, Received

HUNDREDTHS = 100
MOST_CENTS_A_YEAR = 2 * 10**9
MOST_CENTS_EVER = 10**11
"""No pot holds a billion euros; within these bounds 64 bits are proven to suffice."""


class UnableToCompile(DomainError):
    """The scheme has no form on whole numbers, or not in this period.

    Codes: spread_by_fact, before_start, other_period, figure_missing.
    """


@dataclass(frozen=True, slots=True)
class Compiled:
    """A scheme as a program. `columns` are the values per person that it needs, whole numbers all.

    A fact has its own name: hours count in hundredths, euros in cents, a label by its place in the
    fact's list; `absent:FACT` is 1 where there is none (the fact itself then counts for nothing). What
    was before: `balance`, `year` and `ever:CREDIT` as in `crediting.entitlement`, in cents; of a credit
    that is spread `earlier:CREDIT` in cents and `earlier_exact:CREDIT` in the parts of `Bound.parts`.
    `outputs` names what it gives: `amount:CREDIT` in cents, `exact:CREDIT` in those parts, and
    `eligible`, 1 or 0.
    """

    scheme: Scheme
    operations: tuple[Operation, ...]
    columns: tuple[str, ...]
    outputs: Mapping[str, int]
    denominators: Mapping[str, tuple[int, ...]]
    needed: frozenset[int]
    """The steps that the outputs depend on."""

    def bind(self, period: Period, figures: Mapping[str, Fraction] | None = None) -> Bound:
        """Put in the figures and the calendar of a period, and prove that 64 bits suffice.

        `figures` go before those of the scheme (as it has them: euros), so that a figure can be
        tried without compiling. Raises UnableToCompile, or TooLarge.
        """
        if period.kind not in self.scheme.periods:
            raise UnableToCompile("other_period", params={"allowed": list(self.scheme.periods)})
        if reference_day(period) < self.scheme.starts:
            raise UnableToCompile("before_start", params={"starts": self.scheme.starts.isoformat()})
        figures = figures or {}
        arguments = self._arguments(period, figures)
        parts = self._parts(period, figures)
        given = dict(arguments)
        for credit, common in parts.items():
            given[f"common:{credit}"] = common
            own = prod(_whole(self._shared(arguments), self.denominators[credit]))
            given[f"scale:{credit}"] = common // own
        shared = self._shared(given)
        bounds = prove_bounds(self.operations, shared, _column_bounds(self.columns, parts))
        return Bound(self, period, tuple(shared), parts, tuple(bounds))

    def _shared(self, given: Mapping[str, int]) -> list[int | None]:
        return results(self.operations, given)

    def _parts(self, period: Period, figures: Mapping[str, Fraction]) -> dict[str, int]:
        """Return per spread credit one denominator for all periods of the year."""
        if not self.denominators:
            return {}
        found = dict.fromkeys(self.denominators, 1)
        for number in range(1, PERIODS_A_YEAR[period.kind] + 1):
            one = Period(period.year, number, period.kind)
            if reference_day(one) < self.scheme.starts:
                continue
            shared = self._shared(self._arguments(one, figures))
            for credit, factors in self.denominators.items():
                found[credit] = lcm(found[credit], prod(_whole(shared, factors)))
        return found

    def _arguments(self, period: Period, figures: Mapping[str, Fraction]) -> dict[str, int]:
        values = dict(calendar_facts(period))
        for name, parameter in self.scheme.parameters.items():
            figure = parameter.at(reference_day(period))
            if name in figures:
                figure = figures[name] * (100 if parameter.unit == "EUR" else 1)
            if figure is None:
                raise UnableToCompile("figure_missing", params={"parameter": name})
            values[name] = figure
        given = {"of_year": period.of_year}
        for name, figure in values.items():
            given[f"top:{name}"] = figure.numerator
            given[f"bottom:{name}"] = figure.denominator
        return given


@dataclass(frozen=True)
class Bound:
    """A compiled scheme in one period. `shared` holds what is the same for everybody.

    `parts` says per spread credit into how many parts a cent is divided in that year; `bounds` the least
    and most of every step.
    """

    compiled: Compiled
    period: Period
    shared: tuple[int | None, ...]
    parts: Mapping[str, int]
    bounds: tuple[tuple[int, int], ...]

    @cached_property
    def fits_floats(self) -> bool:
        """Whether no step leaves the whole numbers that a float of 64 bits holds exactly (IEEE 754)."""
        return all(max(-low, high) < 2**53 for low, high in self.bounds)

    def for_one(self, values: Mapping[str, int]) -> dict[str, int]:
        """Return the outputs for one person; exact, whatever the size."""
        found = results(self.compiled.operations, values, known=self.shared)
        return {
            name: result
            for name, place in self.compiled.outputs.items()
            if (result := found[place]) is not None
        }


def values_of(
    bound: Bound,
    *,
    facts: CreditFacts,
    earlier: Mapping[str, Earlier],
    balance: Money,
    received: Received,
) -> dict[str, int] | None:
    """Return one person's columns, from what `crediting.entitlement` takes.

    None where something is no whole number of parts: what another version of a scheme gave earlier in
    the year can have other parts of a cent.
    """
    exact: dict[str, Fraction] = {
        "balance": Fraction(balance.cents),
        "year": Fraction(received.year.cents),
    }
    for name in bound.compiled.scheme.facts_needed:
        given = facts.get(name)
        exact[f"absent:{name}"] = Fraction(given is None)
        if isinstance(given, str):
            exact[name] = Fraction(PERSON_FACTS[name].labels.index(given))
        else:
            exact[name] = (PERSON_FACTS[name].low if given is None else given) * fact_parts(name)
    for credit in bound.compiled.scheme.credit:
        before = earlier.get(credit.id, Earlier())
        exact[f"ever:{credit.id}"] = Fraction(received.ever.get(credit.id, Money.zero()).cents)
        exact[f"earlier:{credit.id}"] = Fraction(before.amount.cents)
        exact[f"earlier_exact:{credit.id}"] = before.exact * bound.parts.get(credit.id, 1)
    values = {name: exact[name] for name in bound.compiled.columns}
    if any(value.denominator != 1 for value in values.values()):
        return None
    return {name: value.numerator for name, value in values.items()}


def fact_parts(name: str) -> int:
    """Return in how many parts one unit of a fact is counted: hours in hundredths, cents whole."""
    return HUNDREDTHS if PERSON_FACTS[name].kind is Kind.HOURS else 1


def _column_bounds(columns: Sequence[str], parts: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    found = {}
    for column in columns:
        kind, _colon, credit = column.partition(":")
        if column in PERSON_FACTS:
            fact = PERSON_FACTS[column]
            scale = fact_parts(column)
            labels = (0, max(len(fact.labels) - 1, 0))
            is_label = fact.kind is Kind.LABEL
            found[column] = labels if is_label else (int(fact.low * scale), int(fact.high * scale))
        elif kind == "absent":
            found[column] = (0, 1)
        elif kind == "earlier_exact":
            most = MOST_CENTS_A_YEAR * parts[credit]
            found[column] = (-most, most)
        elif kind == "earlier":
            found[column] = (-MOST_CENTS_A_YEAR, MOST_CENTS_A_YEAR)
        else:
            found[column] = (-MOST_CENTS_EVER, MOST_CENTS_EVER)
    return found


def _whole(shared: Sequence[int | None], places: Sequence[int]) -> list[int]:
    found = [shared[place] for place in places]
    if any(one is None for one in found):
        raise AssertionError("a denominator of a spread credit is the same for everybody")
    return [one for one in found if one is not None]


def compiled(scheme: Scheme) -> Compiled:
    """Return a checked scheme as a program; raises UnableToCompile (spread_by_fact)."""
    return _Compiler(scheme).compiled()


def prove_it_runs(scheme: Scheme) -> None:
    """Compile a scheme and bind it once for every figure that it has, in every kind of period.

    Raises UnableToCompile (spread_by_fact) or TooLarge where it could not run for many people.
    """
    program = compiled(scheme)
    days = {scheme.starts, *(day for one in scheme.parameters.values() for day in one.values)}
    for kind in scheme.periods:
        periods = set()
        for day in days:
            period = Period.containing(max(day, scheme.starts), kind)
            periods.add(period.next() if reference_day(period) < day else period)
        for period in sorted(periods):
            if reference_day(period) >= scheme.starts:
                program.bind(period)


class _Compiler:
    """Writes the steps of `crediting` down, in its order."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.program = Program()
        self.names: dict[str, Ratio] = {}
        self.denominators: dict[str, tuple[int, ...]] = {}

    def compiled(self) -> Compiled:
        one = self.program.constant(1)
        for name in [*self.scheme.parameters, *CALENDAR_FACTS]:
            self.names[name] = self._argument(name)
        for name in sorted(self.scheme.facts_needed):
            self.names[name] = self._fact(name)
        eligible = one
        for condition in self._conditions():
            eligible = self.program.do("both", eligible, condition)
        outputs = {"eligible": eligible}
        due: dict[str, tuple[int, int | None]] = {}
        for credit in self.scheme.credit:
            due[credit.id] = self._credit(credit, eligible)
        for credit_id, (amount, exact) in self._capped(due, eligible).items():
            outputs[f"amount:{credit_id}"] = amount
            if exact is not None:
                outputs[f"exact:{credit_id}"] = exact
        operations = tuple(self.program.operations)
        needed = _needed(operations, outputs.values())
        columns = [
            one.name
            for place, one in enumerate(operations)
            if one.kind == "column" and place in needed
        ]
        return Compiled(
            self.scheme, operations, tuple(columns), outputs, dict(self.denominators), needed
        )

    def _argument(self, name: str) -> Ratio:
        top = self.program.argument(f"top:{name}")
        if name in self.scheme.parameters and self.scheme.parameters[name].unit == "EUR":
            return Ratio(top)  # whole cents
        return Ratio(top, (self.program.argument(f"bottom:{name}"),))

    def _fact(self, name: str) -> Ratio:
        parts = fact_parts(name)
        factors = (self.program.constant(parts),) if parts > 1 else ()
        return Ratio(self.program.column(name), factors)

    def _conditions(self) -> list[int]:
        """What must hold: no absent fact that rules a person out, then every condition.

        A condition on a fact that rules somebody out does not matter for them.
        """
        found = []
        for name, rule in self.scheme.absent.items():
            is_absent = self.program.column(f"absent:{name}")
            if rule.use:
                other = self._value(parse(rule.use))
                self.names[name] = self.program.chosen(is_absent, other, self.names[name])
            else:
                found.append(self.program.do("opposite", is_absent))
        return found + [self._holds(parse(rule.when)) for rule in self.scheme.eligible]

    def _credit(self, credit: Credit, eligible: int) -> tuple[int, int | None]:
        """Return the cents, and of a spread credit the exact amount in parts."""
        program, zero = self.program, self.program.constant(0)
        exact = self._exact(credit)
        if credit.round is not None:
            amount = program.rounded(exact, credit.round)
            return program.do("choose", eligible, amount, zero), None
        if not all(program.operations[place].shared for place in exact.factors):
            raise UnableToCompile(
                "spread_by_fact",
                _(
                    "‘%(id)s’ deelt door een feit van een persoon. Dat kan niet samen met spread: "
                    "cumulative. Deel door een vast getal of de kalender, of kies round."
                ),
                {"id": credit.id},
            )
        self.denominators[credit.id] = exact.factors
        scale = program.argument(f"scale:{credit.id}")
        parts = program.do("choose", eligible, program.do("multiply", exact.top, scale), zero)
        total = program.do("add", program.column(f"earlier_exact:{credit.id}"), parts)
        common = program.argument(f"common:{credit.id}")
        rounded = program.rounded(Ratio(total, (common,)), CUMULATIVE_ROUNDING)
        earlier = program.column(f"earlier:{credit.id}")
        return program.do("subtract", rounded, earlier), parts

    def _exact(self, credit: Credit) -> Ratio:
        program = self.program
        exact = self._first_case(credit.cases)
        if credit.prorate:
            rate = self._value(parse(credit.prorate.by))
            full = self._value(parse(credit.prorate.full_from))
            all_of_it = program.compared(">=", rate, full)
            whole = Ratio(program.constant(1))
            exact = program.times(exact, program.chosen(all_of_it, whole, rate))
        if credit.per == "year":
            exact = program.divided(exact, Ratio(program.argument("of_year")))
        if credit.per == "once":
            before = program.column(f"ever:{credit.id}")
            never = program.do("equal", before, program.constant(0))
            top = program.do("choose", never, exact.top, program.constant(0))
            exact = Ratio(top, exact.factors)
        return exact

    def _capped(
        self, due: Mapping[str, tuple[int, int | None]], eligible: int
    ) -> Mapping[str, tuple[int, int | None]]:
        program, zero = self.program, self.program.constant(0)
        if self.scheme.cap is None:
            return due
        there = {
            "balance": lambda: program.column("balance"),
            "year": lambda: program.column("year"),
            "ever": lambda: reduce(
                lambda x, y: program.do("add", x, y),
                [program.column(f"ever:{credit.id}") for credit in self.scheme.credit],
            ),
        }
        rooms = []
        for name, cases in self.scheme.cap.limits.items():
            cap = program.rounded(self._first_case(cases), Rounding.DOWN)
            left = program.do("subtract", cap, there[name]())
            rooms.append(program.do("maximum", left, zero))
        room = reduce(lambda x, y: program.do("minimum", x, y), rooms)
        found: dict[str, tuple[int, int | None]] = {}
        for credit, (amount, exact) in due.items():
            kept = program.do("minimum", amount, room)
            given = program.do("maximum", kept, zero)
            room = program.do("subtract", room, given)
            parts = exact
            if exact is not None:
                earlier = program.column(f"earlier:{credit}")
                common = program.argument(f"common:{credit}")
                total = program.do("multiply", program.do("add", earlier, kept), common)
                before = program.column(f"earlier_exact:{credit}")
                closed = program.do("subtract", total, before)
                is_less = program.do("less", kept, amount)
                is_less = program.do("both", is_less, eligible)
                parts = program.do("choose", is_less, closed, exact)
            found[credit] = (program.do("choose", eligible, kept, amount), parts)
        return found

    def _first_case(self, cases: Sequence[Case]) -> Ratio:
        found: Ratio | None = None
        for case in reversed(cases):
            if case.otherwise is not None:
                found = self._value(parse(case.otherwise))
            elif case.when and case.amount and found is not None:
                amount = self._value(parse(case.amount))
                found = self.program.chosen(self._holds(parse(case.when)), amount, found)
        if found is None:
            raise AssertionError("a checked list of cases ends with otherwise")
        return found

    def _value(self, tree: Expression) -> Ratio:
        match tree:
            case Number(_text, number):
                return self.program.exact(number)
            case Name(name):
                return self.names[name]
            case Arithmetic(sign, left, right):
                x, y = self._value(left), self._value(right)
                if sign in "+-":
                    return self.program.sum(x, y, sign=sign)
                return self.program.times(x, y) if sign == "*" else self.program.divided(x, y)
            case _:
                raise TypeError("a condition is no number")

    def _holds(self, tree: Expression) -> int:
        program = self.program
        match tree:
            case Not(inner):
                return program.do("opposite", self._holds(inner))
            case Both(either, left, right):
                kind = "either" if either else "both"
                return program.do(kind, self._holds(left), self._holds(right))
            case Membership(name, labels):
                return reduce(
                    lambda x, y: program.do("either", x, y),
                    [self._is_label(name, label) for label in labels],
                )
            case Comparison(sign, Name(name), Name(other)) if (
                name in PERSON_FACTS and PERSON_FACTS[name].kind is Kind.LABEL
            ):
                same = self._is_label(name, other)
                return same if sign == "==" else program.do("opposite", same)
            case Comparison(sign, left, right):
                return program.compared(sign, self._value(left), self._value(right))
            case _:
                raise TypeError("a number is no condition")

    def _is_label(self, name: str, label: str) -> int:
        place = PERSON_FACTS[name].labels.index(label)
        return self.program.do("equal", self.names[name].top, self.program.constant(place))


def _needed(operations: Sequence[Operation], outputs: Iterable[int]) -> frozenset[int]:
    """Return the places that the outputs depend on."""
    needed = set(outputs)
    for place in range(len(operations) - 1, -1, -1):
        if place in needed:
            needed |= set(operations[place].inputs)
    return frozenset(needed)
