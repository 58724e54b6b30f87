"""The terms of booking, read from `terms.yaml`: data, in dated versions."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from eigenwijs.bookings.types import CostStep, Terms

_FILE = Path(__file__).with_name("terms.yaml")
_DAYS = (
    "answer_working_days",
    "withdrawal_days",
    "reminder_days",
    "work_item_days",
    "objection_days",
    "hold_days_after_start",
)

# What later versions say, too.
_LATER_DAYS = ("accept_working_days",)


def terms_in_force(on: date) -> Terms:
    """Return the version in force on a day; raises LookupError before the first one."""
    for terms in reversed(all_terms()):
        if terms.valid_from <= on:
            return terms
    raise LookupError(f"no terms are in force on {on}")


@cache
def all_terms() -> tuple[Terms, ...]:
    """Return every version, the oldest first; raises ValueError if the file breaks its own rules."""
    return read_terms(_FILE.read_text(encoding="utf-8"))


def read_terms(text: str) -> tuple[Terms, ...]:
    """Read versions; raises ValueError on a missing source, a wrong order or a gap in the steps."""
    versions = tuple(_version(values) for values in YAML(typ="safe").load(text))
    starts = [terms.valid_from for terms in versions]
    if not starts or starts != sorted(set(starts)):
        raise ValueError("versions must each start later than the one before")
    return versions


def _version(values: dict[str, Any]) -> Terms:
    names = [*_DAYS, *(name for name in _LATER_DAYS if name in values)]
    days = {name: _sourced(values, name) for name in names}
    if any(type(value) is not int or value < 1 for value in days.values()):
        raise ValueError(f"{values['version']}: days are whole numbers of 1 or more")
    if days["work_item_days"] <= days["reminder_days"]:
        raise ValueError(f"{values['version']}: a person calls after the reminder")
    steps = tuple(CostStep(**step) for step in _sourced(values, "cost_steps"))
    before = [step.days_before for step in steps]
    percents = [step.percent for step in steps]
    if before != sorted(set(before), reverse=True) or before[-1] != 0:
        raise ValueError(f"{values['version']}: cost steps go down to 0 days before the start")
    if percents != sorted(percents) or not 0 <= percents[0] <= percents[-1] <= 100:
        raise ValueError(f"{values['version']}: leaving later never costs less, nor more than all")
    return Terms(values["version"], values["valid_from"], cost_steps=steps, **days)


def _sourced(values: dict[str, Any], name: str) -> Any:
    entry = values[name]
    if not entry.get("source") and entry.get("status") != "inferred":
        raise ValueError(f"{values['version']}: {name} has no source")
    return entry["value"]
