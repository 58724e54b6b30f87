"""A checked scheme as a program on whole numbers: the same cents for one person and for a million.

`crediting.entitlement` says the same with every step in words; tests hold the two together, cent for cent.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.money import Rounding
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.schemes.binding import HUNDREDTHS, Compiled, UnableToCompile, fact_parts
from eigenwijs.schemes.block import Case
from eigenwijs.schemes.blocks import Credit, Scheme
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
from eigenwijs.schemes.integer_form import Operation, Program, Ratio

LAST_YEAR = 2200
"""Periods end before it."""


def compiled(scheme: Scheme) -> Compiled:
    """Return a checked scheme as a program; raises UnableToCompile (spread_by_fact)."""
    return _Compiler(scheme).compiled()


def prove_it_runs(scheme: Scheme) -> None:
    """Compile a scheme, and prove that 64 bits suffice for every figure that it has.

    Each time in a leap year and in a year of 53 weeks too, as the parts of a cent then are finer, and in a
    period of every length, as the quarter of 13 whole weeks counts none of their sevenths. Raises
    UnableToCompile (spread_by_fact) or TooLarge where it could not run for many people.
    """
    program = compiled(scheme)
    days = {scheme.starts, *(day for one in scheme.parameters.values() for day in one.values)}
    for kind in scheme.periods:
        periods = set()
        for day in days:
            period = Period.containing(max(day, scheme.starts), kind)
            first = period.next() if reference_day(period) < day else period
            for start in (first, *_odd_years_after(first)):
                periods |= set(_of_every_length(start))
        for period in sorted(periods):
            if reference_day(period) >= scheme.starts:
                program.bind(period).prove()


def _odd_years_after(first: Period) -> Iterator[Period]:
    """Yield the first period of the next leap year, and the first four weeks of the next long year."""
    years = range(first.year + 1, first.year + 9)
    leap = next((year for year in years if isleap(year)), None)
    if leap and leap < LAST_YEAR:
        yield Period(leap, 1, first.kind)
    long = next((year for year in years if date(year, 12, 28).isocalendar().week == 53), None)
    if long and long < LAST_YEAR and first.kind is PeriodKind.FOUR_WEEKS:
        yield Period(long, 1, first.kind)


def _of_every_length(start: Period) -> Iterator[Period]:
    """Yield the first of each length, in days and calendar months, of the periods of a year from `start` on."""
    seen, period = [], start
    for _number in range(start.of_year):
        if period.year >= LAST_YEAR:
            return
        length = calendar_facts(period)
        if length not in seen:
            seen.append(length)
            yield period
        period = period.next()


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
        limits = self._limits()
        outputs |= {f"limit:{name}": place for name, place in limits.items() if name == "balance"}
        for credit_id, (amount, exact) in self._capped(due, limits, eligible).items():
            outputs[f"amount:{credit_id}"] = amount
            if exact is not None:
                outputs[f"exact:{credit_id}"] = exact
        factors = [place for own in self.denominators.values() for place in own]
        operations, moved = _pruned(self.program.operations, [*outputs.values(), *factors])
        return Compiled(
            self.scheme,
            operations,
            tuple(one.name for one in operations if one.kind == "column"),
            {name: moved[place] for name, place in outputs.items()},
            {
                credit: tuple(moved[place] for place in own)
                for credit, own in self.denominators.items()
            },
        )

    def _argument(self, name: str) -> Ratio:
        parameter = self.scheme.parameters.get(name)
        if parameter and parameter.unit == "hours" and parameter.is_in_hundredths:
            # In the parts of people's hours, which then cancel out.
            hundredths = self.program.argument(f"hundredths:{name}")
            return Ratio(hundredths, (self.program.constant(HUNDREDTHS),))
        top = self.program.argument(f"top:{name}")
        if parameter and parameter.is_amount:
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
                is_label = PERSON_FACTS[name].kind is Kind.LABEL
                other = self._label(name, rule.use) if is_label else self._value(parse(rule.use))
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
        for extra in credit.extra:
            if extra.times is not None:
                changed = program.times(exact, self._value(parse(extra.times)))
            else:
                changed = program.sum(exact, self._value(parse(extra.plus or "0")))
            exact = program.chosen(self._holds(parse(extra.when)), changed, exact)
        if credit.prorate:
            rate = self._value(parse(credit.prorate.by))
            full = self._value(parse(credit.prorate.full_from))
            all_of_it = program.compared(">=", rate, full)
            whole = Ratio(program.constant(1))
            exact = program.times(exact, program.chosen(all_of_it, whole, rate))
        if credit.times_a_year:
            exact = program.times(exact, Ratio(program.constant(credit.times_a_year)))
            exact = program.divided(exact, Ratio(program.argument("of_year")))
        if credit.per == "once":
            before = program.column(f"ever:{credit.id}")
            never = program.do("equal", before, program.constant(0))
            top = program.do("choose", never, exact.top, program.constant(0))
            exact = Ratio(top, exact.factors)
        return exact

    def _limits(self) -> dict[str, int]:
        """Return the most in whole cents by what it is compared with, the name of a column too."""
        limits = self.scheme.cap.limits if self.scheme.cap else {}
        return {
            name: self.program.rounded(self._first_case(cases), Rounding.DOWN)
            for name, cases in limits.items()
        }

    def _capped(
        self,
        due: Mapping[str, tuple[int, int | None]],
        limits: Mapping[str, int],
        eligible: int,
    ) -> Mapping[str, tuple[int, int | None]]:
        program, zero = self.program, self.program.constant(0)
        if not limits:
            return due
        rooms = []
        for name, limit in limits.items():
            left = program.do("subtract", limit, program.column(name))
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
        return self.program.do("equal", self.names[name].top, self._label(name, label).top)

    def _label(self, name: str, label: str) -> Ratio:
        return Ratio(self.program.constant(PERSON_FACTS[name].labels.index(label)))


def _pruned(
    operations: Sequence[Operation], kept: Iterable[int]
) -> tuple[tuple[Operation, ...], dict[int, int]]:
    """Return the steps that some depend on, and where each of them stands then.

    A choice that is settled leaves steps behind that nothing asks for.
    """
    needed = set(kept)
    for place in range(len(operations) - 1, -1, -1):
        if place in needed:
            needed |= set(operations[place].inputs)
    moved = {place: number for number, place in enumerate(sorted(needed))}
    return (
        tuple(
            replace(operations[place], inputs=tuple(moved[one] for one in operations[place].inputs))
            for place in sorted(needed)
        ),
        moved,
    )
