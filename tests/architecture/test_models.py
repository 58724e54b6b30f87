"""Tables: who points at whom, what every field holds, and what may never change."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import ClassVar

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import isolate_apps

from eigenwijs.kernel.classification import PUBLIC, Classified
from tests.architecture.source import Module, assert_none, floors, modules, planted

Model = type[models.Model]
APPEND_ONLY = ("append-only", "never changed")
SIGNAL_MODULES = ("django.db.models.signals", "django.dispatch", "django.core.signals")


def our_models() -> list[Model]:
    """Every table of the house."""
    return [
        model
        for app in apps.get_app_configs()
        if app.name.startswith("eigenwijs.")
        for model in app.get_models()
    ]


def relations(tables: Iterable[Model]) -> Iterator[tuple[str, str, str]]:
    """Yield (field, its room, the room it points at) of every relation to one of our tables."""
    for model in tables:
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            target = field.related_model
            if isinstance(target, type) and target._meta.app_label in floors():
                yield str(field), model._meta.app_label, target._meta.app_label


def find_relations_upwards(found: Iterable[tuple[str, str, str]]) -> list[str]:
    """Name every relation to a room on the same floor or above."""
    floor = floors()
    return [
        f"{field} points at {target}"
        for field, room, target in found
        if room != target and floor[target] >= floor[room]
    ]


def find_unclassified(tables: Iterable[Model]) -> list[str]:
    """Name every column that FIELDS leaves out, and every name in FIELDS without a column."""
    breaches = []
    for model in tables:
        classified = vars(model).get("FIELDS", {})
        columns = {field.name for field in model._meta.concrete_fields}
        label = model._meta.label
        breaches += [
            f"{label}.{name} is not classified" for name in sorted(columns - set(classified))
        ]
        breaches += [f"{label}.{name} is no field" for name in sorted(set(classified) - columns)]
        breaches += [
            f"{label}.{name} is classified as {value!r}"
            for name, value in classified.items()
            if not isinstance(value, Classified)
        ]
    return breaches


def find_money_without_cents(tables: Iterable[Model]) -> list[str]:
    """Name every column that could hold euros with decimals, and amounts that are no bigint."""
    return [
        str(field)
        for model in tables
        for field in model._meta.concrete_fields
        if isinstance(field, models.DecimalField | models.FloatField)
        or (field.name.endswith("_cents") and not isinstance(field, models.BigIntegerField))
    ]


def find_side_effects(house: Iterable[Module]) -> list[str]:
    """Name every `save()` or `delete()` of our own, and every signal."""
    breaches = []
    for module in house:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "") in SIGNAL_MODULES:
                breaches.append(f"{module.name} line {node.lineno} uses {node.module}")
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "save_base"}:
                breaches.append(f"{module.name} line {node.lineno} defines {node.name}()")
    return breaches


def find_unprotected(tables: Iterable[Model], triggers: set[tuple[str, str]]) -> list[str]:
    """Name every table that calls itself append-only without a trigger for UPDATE and for DELETE.

    `triggers` holds (table, operation). A table is meant to be append-only if its docstring says so
    in one of the words of APPEND_ONLY.
    """
    breaches = []
    for model in tables:
        promise = (model.__doc__ or "").lower()
        if not any(words in promise for words in APPEND_ONLY):
            continue
        table = model._meta.db_table
        breaches += [
            f"{table} has no trigger against {operation}"
            for operation in ("UPDATE", "DELETE")
            if (table, operation) not in triggers
        ]
    return breaches


def find_triggers_not_installed(tables: Iterable[Model], installed: set[str]) -> list[str]:
    """Name every trigger that a model declares and the database does not have."""
    return [
        f"{model._meta.label}: {trigger.name}"
        for model in tables
        for trigger in getattr(model._meta, "triggers", ())
        if trigger.get_pgid(model) not in installed
    ]


def test_relations_point_downwards() -> None:
    assert_none(find_relations_upwards(relations(our_models())))


def test_every_field_is_classified() -> None:
    assert_none(find_unclassified(our_models()))


def test_amounts_are_whole_cents() -> None:
    assert_none(find_money_without_cents(our_models()))


def test_models_have_no_side_effects_and_there_are_no_signals() -> None:
    assert_none(find_side_effects(modules()))


@pytest.mark.django_db
def test_append_only_tables_are_protected_by_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers"
        )
        triggers = set(cursor.fetchall())
    assert_none(find_unprotected(our_models(), triggers))


@pytest.mark.django_db
def test_every_trigger_stands_in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger")
        installed = {name for (name,) in cursor.fetchall()}
    assert_none(find_triggers_not_installed(our_models(), installed))


def test_planted_trigger_that_was_forgotten() -> None:
    assert find_triggers_not_installed(our_models(), set())


def test_planted_relation_upwards() -> None:
    assert find_relations_upwards([("f", "ledger", "budgets")]) == ["f points at budgets"]
    assert find_relations_upwards([("f", "ledger", "people")]), "same floor, another room"
    assert not find_relations_upwards([("f", "budgets", "ledger"), ("f", "people", "people")])


@isolate_apps("eigenwijs.audit")
def test_planted_fields() -> None:
    class Row(models.Model):
        """Append-only."""

        amount_cents = models.IntegerField()
        price = models.DecimalField(max_digits=9, decimal_places=2)
        FIELDS: ClassVar = {"id": PUBLIC, "amount_cents": "money", "gone": PUBLIC}

        class Meta:
            app_label = "audit"

    class Heir(models.Model):
        class Meta:
            app_label = "audit"

    assert len(find_unclassified([Row])) == 3
    assert find_unclassified([Heir]) == ["audit.Heir.id is not classified"]
    assert len(find_money_without_cents([Row])) == 2
    assert len(find_unprotected([Row], {("audit_row", "UPDATE")})) == 1
    assert not find_unprotected([Heir], set())


def test_planted_side_effects() -> None:
    signal = "from django.db.models.signals import post_save\n"
    save = "class Row:\n    def save(self):\n        notify()\n"
    assert len(find_side_effects([planted(signal + save)])) == 2
