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
"""So many people stay in the processor's own memory, with numpy."""

Cents = NDArray[np.int64]
Whole = NDArray[np.integer[Any]]
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
    bound: Bound, columns: Mapping[str, Whole], *, backend: Backend | None = None
) -> dict[str, Cents]:
    """Return the outputs of a scheme in a period for every person.

    `columns` holds one whole number per person, of any size of integer, in the units of `Compiled.columns`. A
    value outside the bounds of its fact is refused (ValueError): 64 bits were proven to suffice within them
    alone. Without a `backend`, numba where it is present.
    """
    count = len(next(iter(columns.values())))
    found = {name: np.empty(count, np.int64) for name in bound.compiled.outputs}
    if _backend(backend) == "numba":
        _with_numba(bound, columns, (), list(found.values()))
        return found
    _refuse_outside(bound, columns)
    for start in range(0, count, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        _with_numpy(bound, columns, rows, [one[rows] for one in found.values()])
    return found


def book_for_many(
    bound: Bound,
    columns: Mapping[str, Whole],
    state: Mapping[str, Cents],
    *,
    backend: Backend | None = None,
) -> None:
    """Credit everybody in a period: what they were given so far is brought up to date, in place.

    `state` holds columns of `Compiled.columns` that grow: `balance` and `year` by every credit,
    `ever:CREDIT` and `earlier:CREDIT` by their own, `earlier_exact:CREDIT` by its parts. Else as `for_many`.
    """
    if _backend(backend) == "numba":
        _with_numba(bound, {**columns, **state}, tuple(state), list(state.values()))
        return
    outputs = for_many(bound, {**columns, **state}, backend="numpy")
    for name, values in state.items():
        for output in _adds(bound.compiled, name):
            np.add(values, outputs[output], out=values)


def _adds(compiled: Compiled, state: str) -> list[str]:
    """Return the outputs by which a column grows."""
    kind, _colon, credit = state.partition(":")
    if credit:
        return [f"exact:{credit}" if kind == "earlier_exact" else f"amount:{credit}"]
    return [name for name in compiled.outputs if name.startswith("amount:")]


def _backend(asked: Backend | None) -> Backend:
    return asked or ("numba" if HAS_NUMBA else "numpy")


def _refuse_outside(bound: Bound, columns: Mapping[str, Whole]) -> None:
    for name, place in bound.places.items():
        column, (low, high) = columns[name], bound.bounds[place]
        if column.size and (column.min() < low or column.max() > high):
            raise ValueError(f"{name} has a value outside {low} to {high}")


def _with_numpy(
    bound: Bound, columns: Mapping[str, Whole], rows: slice, outputs: list[Cents]
) -> None:
    compiled, shared = bound.compiled, bound.shared
    found: list[Any] = []
    for place, operation in enumerate(compiled.operations):
        if shared[place] is not None:
            found.append(shared[place])
        elif operation.kind == "column":
            found.append(columns[operation.name][rows].astype(np.int64, copy=False))
        elif operation.kind == "multiply" and 1 in (
            factors := [shared[p] for p in operation.inputs]
        ):
            found.append(found[operation.inputs[1 - factors.index(1)]])
        else:
            inputs = [found[one] for one in operation.inputs]
            found.append(_IN_ARRAYS[operation.kind](*inputs))
    for output, place in zip(outputs, compiled.outputs.values(), strict=True):
        output[:] = found[place]


def _with_numba(
    bound: Bound, columns: Mapping[str, Whole], state: tuple[str, ...], written: list[Cents]
) -> None:
    floats = bound.fits_floats
    run, places = _compiled_by_numba(bound.compiled, state, floats)
    number = np.float64 if floats else np.int64
    shared = np.array([bound.shared[place] for place in places], number)
    limits = np.array(
        [bound.bounds[bound.places[name]] for name in bound.compiled.columns], number
    ).reshape(-1, 2)
    given = [columns[name] for name in bound.compiled.columns if name not in state]
    if not run(len(written[0]), shared, limits, *given, *written):
        _refuse_outside(bound, columns)


def program_in_words(
    compiled: Compiled, state: tuple[str, ...] = (), *, floats: bool
) -> tuple[str, tuple[int, ...]]:
    """Return a program as Python for numba, and the places of the shared results that it asks for.

    It gives its outputs, or with a `state` adds to that. It returns whether all was within its bounds.
    """
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
        return f"v{place}"

    for place, one in enumerate(operations):
        if one.kind == "column":
            number = compiled.columns.index(one.name)
            source = f"o{state.index(one.name)}" if one.name in state else f"c{number}"
            lines.append(f"v{place} = number({source}[row])")
            lines.append(f"outside |= (v{place} < low{number}) | (v{place} > high{number})")
        elif not one.shared:
            inputs = [word(given) for given in one.inputs]
            for number in range(_CONDITIONS.get(one.kind, 0)):
                asked = operations[one.inputs[number]]
                if asked.shared or asked.kind not in _YES_OR_NO:
                    inputs[number] = f"({inputs[number]} != 0)"
            lines.append(f"v{place} = {words[one.kind].format(*inputs)}")
    ends = [
        f"o{number}[row] = {word(place)}"
        for number, place in enumerate([] if state else compiled.outputs.values())
    ] + [
        f"o{number}[row] += whole({word(compiled.outputs[output])})"
        for number, name in enumerate(state)
        for output in _adds(compiled, name)
    ]
    columns = range(len(compiled.columns))
    given = [f"c{number}" for number in columns if compiled.columns[number] not in state]
    given += [f"o{number}" for number in range(len(state or compiled.outputs))]
    text = "\n".join(
        [
            f"def run(count, shared, limits, {', '.join(given)}):",
            *(f"    s{number} = shared[{number}]" for number in range(len(places))),
            *(f"    low{number}, high{number} = limits[{number}]" for number in columns),
            "    outside = False",
            "    for row in range(count):",
            *(f"        {line}" for line in [*lines, *ends]),
            "    return not outside",
        ]
    )
    return text, tuple(places)


@lru_cache(maxsize=64)
def _compiled_by_numba(
    compiled: Compiled, state: tuple[str, ...], floats: bool
) -> tuple[Callable[..., bool], tuple[int, ...]]:
    text, places = program_in_words(compiled, state, floats=floats)
    return run_of(text, floats), places


@lru_cache(maxsize=64)
def run_of(text: str, floats: bool) -> Callable[..., bool]:
    """Return a program in words, compiled once: the same steps with other figures are the same words."""
    import numba

    number = np.float64 if floats else np.int64
    names: dict[str, Any] = {"floor": math.floor, "number": number, "whole": np.int64}
    exec(text, names)  # noqa: S102  (written above from numbers alone)
    found: Callable[..., bool] = numba.njit(names["run"], nogil=True, error_model="numpy")
    return found
