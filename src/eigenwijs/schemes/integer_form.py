"""Computations on whole numbers alone, written down step after step, that any machine can run.

A *program* is a list of steps; each takes the results of earlier steps. Some steps are the same for
everybody in a period (`shared`: figures, the calendar), the others differ by person. A fraction is a
numerator with the factors of its denominator, so that nothing is ever rounded but where a rule says so.
The idea is that of a compiler's single assignment form (Cytron and others, 1991), its proof of bounds that
of interval arithmetic (Moore, 1966).
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Rounding

LARGEST = 2**63 - 1
"""The largest whole number of 64 bits with a sign."""


class TooLarge(DomainError):
    """A computation could leave 64 bits. Code: too_large."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step: `kind` says what is done with the results of the steps `inputs`.

    A `constant` has its number, a `column` (a value per person) and an `argument` (a value per period)
    their name. `shared` is whether the result is the same for everybody in a period.
    """

    kind: str
    inputs: tuple[int, ...] = ()
    number: int = 0
    name: str = ""
    shared: bool = True


OPERATORS: dict[str, Callable[..., int]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.floordiv,
    "minimum": min,
    "maximum": max,
    "less": lambda x, y: int(x < y),
    "at_most": lambda x, y: int(x <= y),
    "equal": lambda x, y: int(x == y),
    "both": operator.and_,
    "either": operator.or_,
    "opposite": lambda x: 1 - x,
    "choose": lambda condition, x, y: x if condition else y,
}
"""What a step does with whole numbers; a condition is 1 or 0, a division goes down."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact number: the result of the step `top`, divided by the product of the steps `factors`.

    Each factor is above zero.
    """

    top: int
    factors: tuple[int, ...] = ()


@dataclass(slots=True)
class Program:
    """The steps so far. The same step is written down once, and steps on constants are done at once."""

    operations: list[Operation] = field(default_factory=list)
    _places: dict[Operation, int] = field(default_factory=dict)

    def constant(self, number: int) -> int:
        return self._place(Operation("constant", number=number))

    def argument(self, name: str) -> int:
        """A value that is given per period."""
        return self._place(Operation("argument", name=name))

    def column(self, name: str) -> int:
        """A value that is given per person."""
        return self._place(Operation("column", name=name, shared=False))

    def do(self, kind: str, *inputs: int) -> int:
        """Write down one step and return its place."""
        given = [self.operations[place] for place in inputs]
        if all(one.kind == "constant" for one in given):
            return self.constant(OPERATORS[kind](*(one.number for one in given)))
        if (already := self._already(kind, inputs)) is not None:
            return already
        return self._place(Operation(kind, inputs, shared=all(one.shared for one in given)))

    def _already(self, kind: str, inputs: tuple[int, ...]) -> int | None:
        """Return the step that has the result already: times one, a choice that is settled."""
        one = Operation("constant", number=1)
        settled = [self.operations[place] == one for place in inputs]
        if kind == "choose" and self.operations[inputs[0]].kind == "constant":
            return inputs[1] if settled[0] else inputs[2]
        if kind == "divide" and settled[1]:
            return inputs[0]
        if kind in ("multiply", "both") and any(settled):
            return inputs[1] if settled[0] else inputs[0]
        return None

    def _place(self, operation: Operation) -> int:
        if operation not in self._places:
            self._places[operation] = len(self.operations)
            self.operations.append(operation)
        return self._places[operation]

    def product(self, places: Sequence[int]) -> int:
        """Return the product of steps; 1 where there is none."""
        result = self.constant(1)
        for place in places:
            result = self.do("multiply", result, place)
        return result

    def exact(self, number: Fraction) -> Ratio:
        """Write down a number that never changes."""
        factors = () if number.denominator == 1 else (self.constant(number.denominator),)
        return Ratio(self.constant(number.numerator), factors)

    def with_common_factors(self, x: Ratio, y: Ratio) -> tuple[int, int, tuple[int, ...]]:
        """Return both numerators over one denominator, and its factors."""
        mine, theirs = Counter(x.factors), Counter(y.factors)
        left = self.do("multiply", x.top, self.product(list((theirs - mine).elements())))
        right = self.do("multiply", y.top, self.product(list((mine - theirs).elements())))
        return left, right, tuple(sorted((mine | theirs).elements()))

    def sum(self, x: Ratio, y: Ratio, *, sign: str = "+") -> Ratio:
        left, right, factors = self.with_common_factors(x, y)
        return Ratio(self.do("add" if sign == "+" else "subtract", left, right), factors)

    def times(self, x: Ratio, y: Ratio) -> Ratio:
        return Ratio(self.do("multiply", x.top, y.top), tuple(sorted([*x.factors, *y.factors])))

    def divided(self, x: Ratio, y: Ratio) -> Ratio:
        """Divide by a number that is above zero."""
        mine, theirs = Counter(x.factors), Counter(y.factors)
        top = self.do("multiply", x.top, self.product(list((theirs - mine).elements())))
        return Ratio(top, tuple(sorted([*(mine - theirs).elements(), y.top])))

    def compared(self, sign: str, x: Ratio, y: Ratio) -> int:
        left, right, _factors = self.with_common_factors(x, y)
        if sign in (">", "<="):
            left, right = right, left
        if sign in ("<", ">"):
            return self.do("less", left, right)
        if sign in ("<=", ">="):
            return self.do("at_most", *self._without_multiple(right, left))
        same = self.do("equal", left, right)
        return same if sign == "==" else self.do("opposite", same)

    def _without_multiple(self, least: int, value: int) -> tuple[int, int]:
        """Return two numbers of which the first is at most the second where that is so of these.

        What is a multiple for each person then is none: x × 2 is at least 7 where x is at least 4.
        """
        multiple, least_is_shared = self.operations[value], self.operations[least].shared
        times = [one for one in multiple.inputs if self.operations[one].kind == "constant"]
        if multiple.kind != "multiply" or not times or not least_is_shared:
            return least, value
        (number,) = times
        if self.operations[number].number <= 0:
            return least, value
        raised = self.do("add", least, self.constant(self.operations[number].number - 1))
        one = multiple.inputs[1 - multiple.inputs.index(number)]
        return self.do("divide", raised, number), one

    def chosen(self, condition: int, x: Ratio, y: Ratio) -> Ratio:
        """Return `x` where the condition holds, else `y`."""
        left, right, factors = self.with_common_factors(x, y)
        return Ratio(self.do("choose", condition, left, right), factors)

    def rounded(self, x: Ratio, rounding: Rounding) -> int:
        """Return a whole number, as `kernel.money.round_fraction` rounds."""
        below = self.product(x.factors)
        one, two = self.constant(1), self.constant(2)
        if rounding is Rounding.DOWN:
            return self.do("divide", x.top, below)
        if rounding is Rounding.UP:
            return self.do("divide", self.do("add", x.top, self.do("subtract", below, one)), below)
        twice, halves = self.do("multiply", two, x.top), self.do("multiply", two, below)
        raised = self.do("add", twice, below)
        up = self.do("divide", raised, halves)
        if rounding is Rounding.HALF_UP:
            return up
        is_half = self.do("equal", self.do("multiply", up, halves), raised)
        half_of_up = self.do("divide", up, two)
        is_odd = self.do("subtract", up, self.do("multiply", half_of_up, two))
        return self.do("subtract", up, self.do("both", is_half, is_odd))


def results(operations: Sequence[Operation], given: Mapping[str, int]) -> list[int | None]:
    """Do the steps whose inputs are given, on Python's own whole numbers, which have no largest.

    `given` holds arguments and columns by name. A step that needs something which was not given has the
    result None.
    """
    found: list[int | None] = []
    for operation in operations:
        if operation.kind == "constant":
            found.append(operation.number)
        elif operation.kind in ("argument", "column"):
            found.append(given.get(operation.name))
        else:
            inputs = [found[one] for one in operation.inputs]
            if any(one is None for one in inputs):
                found.append(None)
            else:
                found.append(OPERATORS[operation.kind](*inputs))
    return found


def prove_bounds(
    operations: Sequence[Operation],
    shared: Sequence[int | None],
    columns: Mapping[str, tuple[int, int]],
) -> list[tuple[int, int]]:
    """Return the least and the most that each step can give; raises TooLarge outside 64 bits.

    `columns` holds the bounds of each value per person, `shared` the results that are the same for
    everybody.
    """
    bounds: list[tuple[int, int]] = []
    for operation, result in zip(operations, shared, strict=True):
        if result is not None:
            found = (result, result)
        elif operation.kind == "column":
            found = columns[operation.name]
        else:
            found = _BOUNDS[operation.kind](*(bounds[one] for one in operation.inputs))
        if max(abs(found[0]), abs(found[1])) > LARGEST:
            raise TooLarge(
                "too_large",
                _(
                    "De berekening past niet in hele getallen van 64 bits. Gebruik kleinere bedragen, "
                    "minder cijfers achter de komma of minder delingen."
                ),
            )
        bounds.append(found)
    return bounds


Bounds = tuple[int, int]


def _corners(calculate: Callable[[int, int], int]) -> Callable[[Bounds, Bounds], Bounds]:
    def of(x: Bounds, y: Bounds) -> Bounds:
        found = [calculate(a, b) for a in x for b in y]
        return min(found), max(found)

    return of


def _yes_or_no(*_inputs: Bounds) -> Bounds:
    return 0, 1


def _divided(x: Bounds, y: Bounds) -> Bounds:
    if y[0] <= 0:
        raise AssertionError("a divisor is above zero")
    return _corners(operator.floordiv)(x, y)


_BOUNDS: dict[str, Callable[..., Bounds]] = {
    "add": lambda x, y: (x[0] + y[0], x[1] + y[1]),
    "subtract": lambda x, y: (x[0] - y[1], x[1] - y[0]),
    "multiply": _corners(operator.mul),
    "divide": _divided,
    "minimum": lambda x, y: (min(x[0], y[0]), min(x[1], y[1])),
    "maximum": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
    "choose": lambda _condition, x, y: (min(x[0], y[0]), max(x[1], y[1])),
    **dict.fromkeys(("less", "at_most", "equal", "both", "either", "opposite"), _yes_or_no),
}
