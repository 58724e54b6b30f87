"""Steps compiled by numba. Imported only where it is present.

Numba is given the walk past the people. What is done for one of them is handed to it as instructions of LLVM, a
step each: finding those itself, from Python, took it three times as long.

Where no step reaches 2**50 it computes with floats, which hold those whole numbers exactly and of which a
processor does several at once. It multiplies by 1 / d, computed once, instead of dividing by d: (x + 1/2) / d lies
at least 1 / 2d from every whole number, and three roundings move it by less, as 3 × (|x| + 1/2) × 2**-53 < 1/2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from eigenwijs.schemes.steps import Step, Steps

BIT, WHOLE, FLOAT = ir.IntType(1), ir.IntType(64), ir.DoubleType()


class _Person:
    """Writes down what is done for one person; `values` are the results of the steps so far."""

    def __init__(self, builder: Any, floats: bool) -> None:
        self.builder, self.floats = builder, floats
        self.number = FLOAT if floats else WHOLE
        self.values: list[Any] = []

    def step(self, one: Step, shared: list[Any], columns: list[Any]) -> None:
        """Write down one step."""
        if one.kind == "constant":
            self.values.append(self.number(one.number))
        elif one.kind in ("shared", "column"):
            self.values.append((shared if one.kind == "shared" else columns)[one.number])
        else:
            given = [self.values[place] for place in one.inputs]
            self.values.append(getattr(self, one.kind)(*given))

    def asked(self, value: Any) -> Any:
        """A condition: what is a number there, 1 or 0, is asked."""
        return value if value.type == BIT else self.compare("!=", value, self.number(0))

    def as_number(self, value: Any) -> Any:
        """A number: a condition counts for 1 or 0."""
        if value.type != BIT:
            return value
        return self.builder.select(value, self.number(1), self.number(0))

    def compare(self, sign: str, left: Any, right: Any) -> Any:
        left, right = self.as_number(left), self.as_number(right)
        if not self.floats:
            return self.builder.icmp_signed(sign, left, right)
        ordered = self.builder.fcmp_unordered if sign == "!=" else self.builder.fcmp_ordered
        return ordered(sign, left, right)

    def _do(self, of_floats: str, of_whole: str, left: Any, right: Any) -> Any:
        given = self.as_number(left), self.as_number(right)
        if not self.floats:
            return getattr(self.builder, of_whole)(*given)
        # Multiplying and adding may be one instruction, which rounds once instead of twice.
        return getattr(self.builder, of_floats)(*given, flags=("contract",))

    def add(self, left: Any, right: Any) -> Any:
        return self._do("fadd", "add", left, right)

    def subtract(self, left: Any, right: Any) -> Any:
        return self._do("fsub", "sub", left, right)

    def multiply(self, left: Any, right: Any) -> Any:
        return self._do("fmul", "mul", left, right)

    def divide(self, left: Any, right: Any) -> Any:
        """Down, also below zero, where a processor divides towards zero. By a number that is above zero."""
        build = self.builder
        if self.floats:
            floor = cgutils.get_or_insert_function(
                build.module, ir.FunctionType(FLOAT, [FLOAT]), "llvm.floor.f64"
            )
            part = build.fdiv(FLOAT(1), self.as_number(right))
            half = build.fmul(FLOAT(0.5), part)
            return build.call(floor, [self.add(self.multiply(left, part), half)])
        # It always is within the limits; a processor stops at zero also where the answer will be refused.
        right = self.maximum(right, WHOLE(1))
        left = self.as_number(left)
        is_below = build.icmp_signed("<", build.srem(left, right), WHOLE(0))
        return build.sub(build.sdiv(left, right), build.zext(is_below, WHOLE))

    def minimum(self, left: Any, right: Any) -> Any:
        return self.choose(self.less(left, right), left, right)

    def maximum(self, left: Any, right: Any) -> Any:
        return self.choose(self.less(right, left), left, right)

    def less(self, left: Any, right: Any) -> Any:
        return self.compare("<", left, right)

    def at_most(self, left: Any, right: Any) -> Any:
        return self.compare("<=", left, right)

    def equal(self, left: Any, right: Any) -> Any:
        return self.compare("==", left, right)

    def both(self, left: Any, right: Any) -> Any:
        return self.builder.and_(self.asked(left), self.asked(right))

    def either(self, left: Any, right: Any) -> Any:
        return self.builder.or_(self.asked(left), self.asked(right))

    def opposite(self, value: Any) -> Any:
        return self.builder.not_(self.asked(value))

    def choose(self, condition: Any, left: Any, right: Any) -> Any:
        left, right = self.as_number(left), self.as_number(right)
        return self.builder.select(self.asked(condition), left, right)

    def whole(self, value: Any) -> Any:
        """The result as it is written."""
        value = self.as_number(value)
        return self.builder.fptosi(value, WHOLE) if self.floats else value


def _for_one(steps: Steps, floats: bool) -> Any:
    """Return what numba calls for one person."""

    @intrinsic
    def for_one(_typing: Any, shared: Any, columns: Any) -> Any:
        result = types.UniTuple(types.int64, len(steps.outputs))

        def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            figures, values = (cgutils.unpack_tuple(builder, one) for one in given)
            person = _Person(builder, floats)
            for one in steps.steps:
                person.step(one, figures, values)
            outputs = []
            for places in steps.outputs:
                total = WHOLE(0)
                for place in places:
                    total = builder.add(total, person.whole(person.values[place]))
                outputs.append(total)
            return context.make_tuple(builder, signature.return_type, outputs)

        return result(shared, columns), write

    return for_one


def _all_of(count: int) -> Any:
    """Return what numba calls to read an array of a known length once, before the walk."""

    @intrinsic
    def all_of(_typing: Any, array: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data = context.make_array(array)(context, builder, given[0]).data
            values = [builder.load(builder.gep(data, [WHOLE(number)])) for number in range(count)]
            return context.make_tuple(builder, signature.return_type, values)

        return types.UniTuple(array.dtype, count)(array), write

    return all_of


@lru_cache(maxsize=64)
def run_of(steps: Steps, floats: bool) -> Callable[..., int]:
    """Return these steps for many people, compiled once: other figures are the same steps.

    It takes how many people, the shared figures, the least and most of each column and then of each output
    that is none, the columns that are no outputs and the outputs. It returns the first of those that had a value
    beyond its least or most, by number, or -1.
    """
    names: dict[str, Any] = {
        "number": np.float64 if floats else np.int64,
        "for_one": _for_one(steps, floats),
        "all_of_shared": _all_of(sum(one.kind == "shared" for one in steps.steps)),
    }
    sources = [
        f"c{place}" if output is None else f"o{output}"
        for place, output in enumerate(steps.columns)
    ]
    outputs = [f"o{place}" for place in range(len(steps.outputs))]
    given = [*(one for one in sources if one[0] == "c"), *outputs]
    looked_at = [*sources, *(one for one in outputs if steps.adds and one not in sources)]
    values = "".join(f"number({one}[row]), " for one in sources)
    sign = "+=" if steps.adds else "="
    text = "\n".join(
        [
            f"def run(count, shared, limits, {', '.join(given)}):",
            "    if count == 0:",
            "        return -1",
            "    shared = all_of_shared(shared)",
            # In the bits of the column itself, of which a processor compares more at once than of 64.
            *(f"    least_{one} = most_{one} = {one}[0]" for one in looked_at),
            "    for row in range(count):",
            *(f"        least_{one} = min(least_{one}, {one}[row])" for one in looked_at),
            *(f"        most_{one} = max(most_{one}, {one}[row])" for one in looked_at),
            f"        outputs = for_one(shared, ({values}))",
            *(f"        {one}[row] {sign} outputs[{place}]" for place, one in enumerate(outputs)),
            *(
                f"    if least_{one} < limits[{place}, 0] or most_{one} > limits[{place}, 1]:\n"
                f"        return {place}"
                for place, one in enumerate(looked_at)
            ),
            "    return -1",
        ]
    )
    exec(text, names)  # noqa: S102  (written above from numbers alone)
    found: Callable[..., int] = numba.njit(names["run"], nogil=True, error_model="numpy")
    return found
