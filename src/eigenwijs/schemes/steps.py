"""A program for many people as numbers alone: equal where the same is done, whatever the text and its figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `kind` as of `integer_form.Operation`, with the results of the steps `inputs`.

    A `constant` has its number; a `column` and what is `shared` by everybody have theirs in what is given.
    """

    kind: str
    inputs: tuple[int, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Steps:
    """All of it, for one person. Each of `outputs` is the sum of those steps.

    `columns` says for each column which output holds it, or None where it is given apart. With
    `adds` an output is added to what is there.
    """

    steps: tuple[Step, ...]
    columns: tuple[int | None, ...]
    outputs: tuple[tuple[int, ...], ...]
    adds: bool
