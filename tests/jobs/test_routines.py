"""What the clock must set in motion is set in motion."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from datetime import datetime

import pytest
from procrastinate.contrib.django import app

from eigenwijs.jobs import routines
from eigenwijs.jobs.routines import ROUTINES, Routine
from eigenwijs.kernel.actor import Actor
from tests.architecture.source import Module, assert_none, modules, planted

# An operation of a room whose name starts like this is the clock's work.
BY_THE_CLOCK = ("lapse_", "remind_", "warn_", "prove_client_money")


def find_forgotten(house: Iterable[Module], routines: str) -> list[str]:
    """Name every operation that waits for the clock and that `routines`, a source, does not run."""
    return [
        f"{module.room}.{node.name} is in no routine"
        for module in house
        if ".operations" in module.name and module.room != "jobs"
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith(BY_THE_CLOCK)
        and f"{module.room}.{node.name}" not in routines
    ]


def test_every_operation_that_waits_for_the_clock_is_in_a_routine() -> None:
    assert_none(find_forgotten(modules(), inspect.getsource(routines)))


def test_every_routine_is_a_task_of_the_queue_that_comes_back() -> None:
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {routine.name for routine in ROUTINES} <= periodic
    assert {"take_up_lost_jobs", "forget_old_jobs"} <= periodic
    assert "react" in app.tasks
    assert len({routine.name for routine in ROUTINES}) == len(ROUTINES)


@pytest.mark.django_db
@pytest.mark.parametrize("routine", ROUTINES, ids=lambda routine: routine.name)
def test_a_routine_with_nothing_to_do_does_nothing_twice(routine: Routine, now: datetime) -> None:
    for _ in range(2):
        assert not routine.work(by=Actor.system(routine.name), at=now)


def test_planted_operation_without_a_routine() -> None:
    module = planted("def lapse_due(*, by, at):\n    pass\n")
    assert find_forgotten([module], "") == ["bookings.lapse_due is in no routine"]
    assert not find_forgotten([module], "bookings.lapse_due(at=at)")
