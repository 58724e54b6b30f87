"""A compiled scheme, put into a period: figures and calendar filled in, 64 bits proven to suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import lcm, prod
from typing import Any

from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import PERIODS_A_YEAR, Period, PeriodKind
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.crediting import reference_day
from eigenwijs.schemes.facts import PERSON_FACTS, Kind, calendar_facts
from eigenwijs.schemes.integer_form import (
    OPERATORS,
    Operation,
    prove_bounds,
    results,
)
from eigenwijs.schemes.types import CreditFacts, Earlier, Received

HUNDREDTHS = 100
MOST_CENTS_A_YEAR = 2 * 10**9
MOST_CENTS_EVER = 10**11
"""No pot holds a billion euros; within these bounds 64 bits are proven to suffice."""


class UnableToCompile(DomainError):
    """The scheme has no form on whole numbers, or not in this period.

    Codes: spread_by_fact, before_start, other_period, figure_missing.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A scheme as a program. `columns` are the values per person that it needs, whole numbers all.

    A fact has its own name: hours count in hundredths, euros in cents, a label by its place in the
    fact's list; `absent:FACT` is 1 where there is none (the fact itself then counts for nothing). What
    was before, as in `crediting.entitlement`, in cents: `balance`, `year`, `ever` (of credits that former
    versions had too) and of it `ever:CREDIT`; of a credit that is spread `earlier:CREDIT` in cents and
    `earlier_exact:CREDIT` in the parts of `Bound.parts`. `outputs` names what it gives: `amount:CREDIT`
    in cents, `exact:CREDIT` in those parts, `eligible`, 1 or 0, and `limit:balance`, the most that can stand
    on the account, in cents, where the scheme has one.
    """

    scheme: Scheme
    operations: tuple[Operation, ...]
    columns: tuple[str, ...]
    outputs: Mapping[str, int]
    denominators: Mapping[str, tuple[int, ...]]

    def bind(self, period: Period) -> Bound:
        """Put in the figures and the calendar of a period; raises UnableToCompile."""
        if period.kind not in self.scheme.periods:
            raise UnableToCompile("other_period", params={"allowed": list(self.scheme.periods)})
        if reference_day(period) < self.scheme.starts:
            raise UnableToCompile("before_start", params={"starts": self.scheme.starts.isoformat()})
        arguments = self.arguments(period)
        parts = _parts(self, period.year, period.kind)
        given = dict(arguments)
        for credit, common in parts.items():
            given[f"common:{credit}"] = common
            own = prod(_whole(self.shared(arguments), self.denominators[credit]))
            given[f"scale:{credit}"] = common // own
        return Bound(self, period, self.shared(given), parts)

    def shared(self, given: Mapping[str, int]) -> tuple[int | None, ...]:
        """Return what is the same for everybody."""
        return _shared(self, tuple(given.get(name) for name in _arguments_of(self)))

    def arguments(self, period: Period) -> dict[str, int]:
        """Return the figures and the calendar of a period by the names of the program's arguments."""
        values, day = dict(calendar_facts(period)), reference_day(period)
        for name, parameter in self.scheme.parameters.items():
            figure = parameter.at(day)
            if figure is None:
                raise UnableToCompile("figure_missing", params={"parameter": name})
            values[name] = figure
        given = {"of_year": period.of_year}
        for argument in _arguments_of(self):
            part, _colon, name = argument.partition(":")
            if part in _FIGURES:
                given[argument] = _FIGURES[part](values[name])
        return given


_FIGURES: dict[str, Callable[[Fraction], int]] = {
    "top": lambda figure: figure.numerator,
    "bottom": lambda figure: figure.denominator,
    "hundredths": lambda figure: figure.numerator * (HUNDREDTHS // figure.denominator),
}
"""What a program asks of a figure; hundredths only where it is a whole number of them."""


@lru_cache(maxsize=64)
def _arguments_of(compiled: Compiled) -> tuple[str, ...]:
    """Return what a program asks that is the same for everybody."""
    return tuple(one.name for one in compiled.operations if one.kind == "argument")


@lru_cache(maxsize=64)
def _shared(compiled: Compiled, given: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Return what is the same for everybody: computed once for periods that are alike."""
    known = zip(_arguments_of(compiled), given, strict=True)
    found = results(
        compiled.operations, {name: value for name, value in known if value is not None}
    )
    return tuple(found)


@lru_cache(maxsize=64)
def _proven(
    compiled: Compiled, shared: tuple[int | None, ...], parts: tuple[tuple[str, int], ...]
) -> tuple[list[tuple[int, int]], bool]:
    """Return the bounds of every step, and whether floats hold them all: as `Bound` has them."""
    columns = _column_bounds(compiled.columns, dict(parts))
    bounds = prove_bounds(compiled.operations, shared, columns)
    return bounds, all(max(-low, high) < 2**50 for low, high in bounds)


@lru_cache(maxsize=64)
def _parts(compiled: Compiled, year: int, kind: PeriodKind) -> dict[str, int]:
    """Return per spread credit one denominator for all periods of a year."""
    found = dict.fromkeys(compiled.denominators, 1)
    for number in range(1, PERIODS_A_YEAR[kind] + 1) if found else ():
        one = Period(year, number, kind)
        if reference_day(one) < compiled.scheme.starts:
            continue
        shared = compiled.shared(compiled.arguments(one))
        for credit, factors in compiled.denominators.items():
            found[credit] = lcm(found[credit], prod(_whole(shared, factors)))
    return found


@dataclass(frozen=True, eq=False)
class Bound:
    """A compiled scheme in one period. `shared` holds what is the same for everybody.

    `parts` says per spread credit into how many parts a cent is divided in that year.
    """

    compiled: Compiled
    period: Period
    shared: tuple[int | None, ...]
    parts: Mapping[str, int]

    @cached_property
    def _proven(self) -> tuple[list[tuple[int, int]], bool]:
        return _proven(self.compiled, self.shared, tuple(self.parts.items()))

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """The least and the most of every step, for many people at once; raises TooLarge beyond 64 bits.

        One person needs no such proof: Python's whole numbers have no largest.
        """
        return self._proven[0]

    def prove(self) -> None:
        """Raise TooLarge where a step could leave 64 bits."""
        _ = self.bounds

    @property
    def fits_floats(self) -> bool:
        """Whether floats of 64 bits (IEEE 754) give every step exactly, as `steps_with_numba` does them."""
        return self._proven[1]

    @cached_property
    def _own_steps(self) -> list[tuple[int, Callable[..., int], tuple[int, ...]]]:
        """The steps that differ by person, columns apart."""
        operations = self.compiled.operations
        return [
            (place, OPERATORS[one.kind], one.inputs)
            for place, one in enumerate(operations)
            if not one.shared and one.kind != "column"
        ]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each column stands among the steps."""
        return {
            one.name: place
            for place, one in enumerate(self.compiled.operations)
            if one.kind == "column"
        }

    def for_one(self, values: Mapping[str, int]) -> dict[str, int]:
        """Return the outputs for one person, from a value for every column; exact, whatever the size."""
        found: list[Any] = list(self.shared)
        for name, place in self.places.items():
            found[place] = values[name]
        for place, do, inputs in self._own_steps:
            found[place] = do(*[found[one] for one in inputs])
        return {name: found[place] for name, place in self.compiled.outputs.items()}


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
    values = {}
    for column in bound.compiled.columns:
        kind, _colon, name = column.partition(":")
        exact: Fraction | int
        if kind == "absent":
            exact = int(facts.get(name) is None)
        elif kind == "balance":
            exact = balance.cents
        elif kind == "year":
            exact = received.year.cents
        elif column == "ever":
            exact = sum(one.cents for one in received.ever.values())
        elif kind == "ever":
            exact = received.ever[name].cents if name in received.ever else 0
        elif kind == "earlier":
            exact = earlier[name].amount.cents if name in earlier else 0
        elif kind == "earlier_exact":
            exact = earlier[name].exact * bound.parts[name] if name in earlier else 0
        else:
            exact = _fact_value(kind, facts.get(kind))
        if exact.denominator != 1:
            return None
        values[column] = exact.numerator
    return values


def _fact_value(name: str, given: Fraction | str | None) -> Fraction | int:
    """Return a fact in its parts; one that is not there counts as its least."""
    if isinstance(given, str):
        return PERSON_FACTS[name].labels.index(given)
    return (PERSON_FACTS[name].low if given is None else given) * fact_parts(name)


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
