"""A compiled scheme for many people at once, in whole numbers of 64 bits: numpy, and numba where present.

Both do the steps of the program; `Bound` has proven that none leaves 64 bits. For numba a program becomes `Steps`,
of numbers alone (nothing of a scheme's text is in it), that `steps_with_numba` compiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenwijs.schemes.binding import Bound, Compiled
from eigenwijs.schemes.integer_form import LARGEST
from eigenwijs.schemes.steps import Step, Steps

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


def for_many(
    bound: Bound, columns: Mapping[str, Whole], *, backend: Backend | None = None
) -> dict[str, Cents]:
    """Return the outputs of a scheme in a period for every person.

    `columns` holds one whole number per person, of any size of integer, in the units of `Compiled.columns`. A
    value outside the bounds of its fact is refused (ValueError): 64 bits were proven to suffice within them
    alone. Without a `backend`, numba where it is present.
    """
    if _backend(backend) == "numba":
        count = len(next(iter(columns.values())))
        found = {name: np.empty(count, np.int64) for name in bound.compiled.outputs}
        _with_numba(bound, columns, (), list(found.values()))
        return found
    _refuse_outside(_limits(bound, {}), columns)
    return _with_numpy(bound, columns)


def book_for_many(
    bound: Bound,
    columns: Mapping[str, Whole],
    state: Mapping[str, Whole],
    *,
    backend: Backend | None = None,
) -> None:
    """Credit everybody in a period: what they were given so far is brought up to date, in place.

    `state` holds columns of `Compiled.columns` that grow: `balance`, `year` and `ever` by every credit,
    `ever:CREDIT` and `earlier:CREDIT` by their own, `earlier_exact:CREDIT` by its parts. Whole numbers of fewer
    bits will do where they hold what is there and the most that a period could add, as proven; else they are
    refused (ValueError). Else as `for_many`. After a refusal `state` may have been changed.
    """
    if _backend(backend) == "numba":
        _with_numba(bound, {**columns, **state}, tuple(state), list(state.values()))
        return
    kinds = {name: values.dtype for name, values in state.items()}
    _refuse_outside(_limits(bound, kinds), {**columns, **state})
    outputs = _with_numpy(bound, {**columns, **state})
    for name, values in state.items():
        for output in _adds(bound.compiled, name):
            np.add(values, outputs[output].astype(values.dtype), out=values)


def _adds(compiled: Compiled, state: str) -> list[str]:
    """Return the outputs by which a column grows."""
    kind, _colon, credit = state.partition(":")
    if credit:
        return [f"exact:{credit}" if kind == "earlier_exact" else f"amount:{credit}"]
    return [name for name in compiled.outputs if name.startswith("amount:")]


def _backend(asked: Backend | None) -> Backend:
    return asked or ("numba" if HAS_NUMBA else "numpy")


def _limits(bound: Bound, state: Mapping[str, np.dtype[Any]]) -> dict[str, tuple[int, int]]:
    """Return the least and the most that a column may hold, those of the program first.

    That is what 64 bits were proven for, and of what grows no more than still fits afterwards.
    """
    limits = {name: bound.bounds[bound.places[name]] for name in bound.compiled.columns}
    for name, kind in state.items():
        holds = np.iinfo(kind)
        grows = [bound.bounds[bound.compiled.outputs[one]] for one in _adds(bound.compiled, name)]
        low, high = limits.get(name, (-LARGEST, LARGEST))
        low = max(low, int(holds.min) - sum(min(0, least) for least, _most in grows))
        high = min(high, int(holds.max) - sum(max(0, most) for _least, most in grows))
        # Numbers of 64 bits without a sign and those with one are compared as floats.
        if low > high or kind == np.uint64:
            raise ValueError(f"{name} cannot grow in {kind}")
        limits[name] = low, high
    return limits


def _refuse_outside(limits: Mapping[str, tuple[int, int]], columns: Mapping[str, Whole]) -> None:
    for name, (low, high) in limits.items():
        column = columns[name]
        if column.size and (column.min() < low or column.max() > high):
            raise _outside(name, low, high)


def _outside(name: str, low: int, high: int) -> ValueError:
    return ValueError(f"{name} has a value outside {low} to {high}")


def _with_numpy(bound: Bound, columns: Mapping[str, Whole]) -> dict[str, Cents]:
    count = len(next(iter(columns.values())))
    found = {name: np.empty(count, np.int64) for name in bound.compiled.outputs}
    for start in range(0, count, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        _some_with_numpy(bound, columns, rows, [one[rows] for one in found.values()])
    return found


def _some_with_numpy(
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
    bound: Bound, columns: Mapping[str, Whole], state: tuple[str, ...], written: list[Whole]
) -> None:
    run, shared, names, limits = _ready_for_numba(
        bound, tuple((name, columns[name].dtype) for name in state)
    )
    given = [columns[name] for name in bound.compiled.columns if name not in state]
    outside = run(len(written[0]), shared, limits, *given, *written)
    if outside >= 0:
        raise _outside(names[outside], *limits[outside])


@lru_cache(maxsize=256)
def _ready_for_numba(
    bound: Bound, state: tuple[tuple[str, np.dtype[Any]], ...]
) -> tuple[Callable[..., int], NDArray[Any], tuple[str, ...], NDArray[np.int64]]:
    """Return what is the same at every call: the steps, the shared figures, and whose limits are which."""
    floats = bound.fits_floats
    run, places = _compiled_by_numba(bound.compiled, tuple(name for name, _kind in state), floats)
    shared = [bound.shared[place] for place in places]
    limits = _limits(bound, dict(state))
    return (
        run,
        np.array(shared, np.float64 if floats else np.int64),
        tuple(limits),
        np.array([*limits.values()], np.int64),
    )


@lru_cache(maxsize=64)
def _compiled_by_numba(
    compiled: Compiled, state: tuple[str, ...], floats: bool
) -> tuple[Callable[..., int], tuple[int, ...]]:
    from eigenwijs.schemes import steps_with_numba

    steps, places = steps_of(compiled, state)
    return steps_with_numba.run_of(steps, floats), places


def steps_of(compiled: Compiled, state: tuple[str, ...] = ()) -> tuple[Steps, tuple[int, ...]]:
    """Return a program as numbers, and the places of the shared results that it asks for.

    It gives its outputs, or with a `state` adds to that.
    """
    operations = compiled.operations
    adds = [_adds(compiled, name) for name in state] or [[name] for name in compiled.outputs]
    needed = {compiled.outputs[name] for names in adds for name in names}
    # Columns also where nothing asks for them: their bounds are looked at.
    needed |= {place for place, one in enumerate(operations) if one.kind == "column"}
    for place in reversed(range(len(operations))):
        if place in needed and not operations[place].shared:
            needed |= set(operations[place].inputs)
    found = {place: number for number, place in enumerate(sorted(needed))}
    places: list[int] = []
    steps: list[Step] = []
    for place in found:
        one = operations[place]
        if one.kind == "constant":
            steps.append(Step("constant", number=one.number))
        elif one.kind == "column":
            steps.append(Step("column", number=compiled.columns.index(one.name)))
        elif one.shared:
            steps.append(Step("shared", number=len(places)))
            places.append(place)
        else:
            steps.append(Step(one.kind, tuple(found[given] for given in one.inputs)))
    outputs = tuple(tuple(found[compiled.outputs[name]] for name in names) for names in adds)
    sources = tuple(state.index(name) if name in state else None for name in compiled.columns)
    return Steps(tuple(steps), sources, outputs, bool(state)), tuple(places)
