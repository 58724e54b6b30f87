"""A compiled scheme for many people at once, in whole numbers of 64 bits: numpy, and numba where present.

Both do the steps of the program; `Bound` has proven that none leaves 64 bits. What numba compiles is
written here from the numbers of the steps alone; nothing of a scheme's text is in it.

Where no step reaches 2**53 numba computes with floats, which hold those whole numbers exactly and of which a
processor does several at once. Rounding a quotient x / d to a float never lifts it to a whole number k that it is
below: it lies at least 1 / d below, more than half the distance of floats there, as k × d < 2**53.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenwijs.schemes.binding import Bound, Compiled

HAS_NUMBA = find_spec("numba") is not None
ROWS_AT_ONCE = 16_384
"""So many people stay in the processor's own memory."""

Cents = NDArray[np.int64]
Backend = Literal["numpy", "numba"]

_IN_ARRAYS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.floor_divide,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "less": np.less,
    "at_most": np.less_equal,
    "equal": np.equal,
    "both": np.logical_and,
    "either": np.logical_or,
    "opposite": np.logical_not,
    "choose": np.where,
}
_IN_WORDS = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} // {}",
    "minimum": "({0} if {0} < {1} else {1})",
    "maximum": "({0} if {0} > {1} else {1})",
    "less": "{} < {}",
    "at_most": "{} <= {}",
    "equal": "{} == {}",
    "both": "{} & {}",
    "either": "{} | {}",
    "opposite": "not {}",
    "choose": "{1} if {0} else {2}",
}
_CONDITIONS = {"both": 2, "either": 2, "opposite": 1, "choose": 1}
"""How many of a step's first inputs are conditions: what is a number there, 1 or 0, is asked."""
_YES_OR_NO = frozenset({"less", "at_most", "equal", "both", "either", "opposite"})


def for_many(
    bound: Bound, columns: Mapping[str, Cents], *, backend: Backend | None = None
) -> dict[str, Cents]:
    """Return the outputs of a scheme in a period for every person.

    `columns` holds one value per person, in the units of `Compiled.columns`. A value outside the bounds of
    its fact is refused (ValueError): 64 bits were proven to suffice within them alone. Without a `backend`,
    numba where it is present.
    """
    names = bound.compiled.columns
    given = [np.ascontiguousarray(columns[name], dtype=np.int64) for name in names]
    count = len(next(iter(columns.values())))
    found = {name: np.empty(count, np.int64) for name in bound.compiled.outputs}
    run = (
        _with_numba if (backend or ("numba" if HAS_NUMBA else "numpy")) == "numba" else _with_numpy
    )
    for start in range(0, count, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        these = [column[rows] for column in given]
        for name, column in zip(names, these, strict=True):
            low, high = bound.bounds[bound.places[name]]
            if column.min() < low or column.max() > high:
                raise ValueError(f"{name} has a value outside {low} to {high}")
        run(bound, these, [one[rows] for one in found.values()])
    return found


def _with_numpy(bound: Bound, columns: list[Cents], outputs: list[Cents]) -> None:
    compiled, shared = bound.compiled, bound.shared
    given = dict(zip(compiled.columns, columns, strict=True))
    found: list[Any] = []
    for place, operation in enumerate(compiled.operations):
        if shared[place] is not None:
            found.append(shared[place])
        elif operation.kind == "column":
            found.append(given[operation.name])
        elif operation.kind == "multiply" and 1 in (
            factors := [shared[p] for p in operation.inputs]
        ):
            found.append(found[operation.inputs[1 - factors.index(1)]])
        else:
            inputs = [found[one] for one in operation.inputs]
            found.append(_IN_ARRAYS[operation.kind](*inputs))
    for output, place in zip(outputs, compiled.outputs.values(), strict=True):
        output[:] = found[place]


def _with_numba(bound: Bound, columns: list[Cents], outputs: list[Cents]) -> None:
    floats = bound.fits_floats
    run, places = _compiled_by_numba(*program_in_words(bound.compiled, floats=floats))
    shared = np.array([bound.shared[place] for place in places], np.float64 if floats else np.int64)
    run(len(outputs[0]), shared, *columns, *outputs)


def program_in_words(compiled: Compiled, *, floats: bool) -> tuple[str, tuple[int, ...]]:
    """Return a program as Python for numba, and the places of the shared results that it asks for."""
    words = _IN_WORDS | ({"divide": "floor({} / {})"} if floats else {})
    operations = compiled.operations
    places: dict[int, int] = {}
    lines: list[str] = []

    def word(place: int) -> str:
        one = operations[place]
        if one.kind == "constant":
            return f"({one.number}{'.0' if floats else ''})"
        if one.shared:
            return f"s{places.setdefault(place, len(places))}"
        if one.kind == "column":
            return f"c{compiled.columns.index(one.name)}[row]"
        return f"v{place}"

    for place, one in enumerate(operations):
        if not one.shared and one.kind != "column":
            inputs = [word(given) for given in one.inputs]
            for number in range(_CONDITIONS.get(one.kind, 0)):
                asked = operations[one.inputs[number]]
                if asked.shared or asked.kind not in _YES_OR_NO:
                    inputs[number] = f"({inputs[number]} != 0)"
            lines.append(f"v{place} = {words[one.kind].format(*inputs)}")
    ends = [
        f"o{number}[row] = {word(place)}" for number, place in enumerate(compiled.outputs.values())
    ]
    given = [f"c{number}" for number in range(len(compiled.columns))]
    given += [f"o{number}" for number in range(len(compiled.outputs))]
    text = "\n".join(
        [
            f"def run(count, shared, {', '.join(given)}):",
            *(f"    s{number} = shared[{number}]" for number in range(len(places))),
            "    for row in range(count):",
            *(f"        {line}" for line in [*lines, *ends]),
        ]
    )
    return text, tuple(places)


@lru_cache(maxsize=64)
def _compiled_by_numba(
    text: str, places: tuple[int, ...]
) -> tuple[Callable[..., None], tuple[int, ...]]:
    import numba

    names: dict[str, Any] = {"floor": math.floor}
    exec(text, names)  # noqa: S102  (written above from numbers alone)
    return numba.njit(names["run"], nogil=True, error_model="numpy"), places
