"""The tables of this room: whose people are counted at a table, what was asked, and what came out."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from eigenwijs.kernel.classification import PERSONAL_REFERENCE, Classified, public
from eigenwijs.simulation.lifecycle import LONG_RUN


class Workforce(models.Model):
    """An anonymous table of people that a side delivered at a table: counts of groups, never a person.

    `groups` is a list of [count, [[column, values], ...]], as `types.WorkforceGroup` has them. What was
    delivered stands; another table is another number.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    negotiation = models.ForeignKey(
        "schemes.Negotiation", on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=20)
    sector = models.CharField(max_length=10)
    groups = models.JSONField()
    digest = models.CharField(max_length=64)
    delivered_by = models.UUIDField()
    delivered_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public("id", "negotiation", "number", "side", "sector", "groups", "digest"),
        **public("delivered_at"),
        "delivered_by": PERSONAL_REFERENCE,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["negotiation", "number"], name="workforce_number_unique"
            ),
            models.UniqueConstraint(fields=["negotiation", "digest"], name="workforce_once"),
            models.CheckConstraint(
                condition=models.Q(side__in=["workers", "employers"]), name="workforce_side"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="workforce_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]


class LongRun(models.Model):
    """Some texts of a table over years, for a whole population. The same question is there once.

    `question` is the hash of all that decides the outcome. `counted` and `drawn` hold sums as `long_runs`
    makes them: of the whole population, and of each draw that is done. With a `workforce` the people of its
    sector are like those of that table.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    negotiation = models.ForeignKey(
        "schemes.Negotiation", on_delete=models.PROTECT, related_name="+"
    )
    question = models.CharField(max_length=64)
    hashes = ArrayField(models.CharField(max_length=64))
    sector = models.CharField(max_length=10)
    workforce = models.ForeignKey(
        "simulation.Workforce", on_delete=models.PROTECT, related_name="+", null=True
    )
    first_year = models.PositiveIntegerField()
    years = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    draws = models.PositiveIntegerField()
    persons_a_draw = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    state = models.CharField(max_length=10, default=LONG_RUN.initial)
    problem = models.CharField(max_length=40)
    counted = models.JSONField(null=True)
    drawn = models.JSONField(default=list)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public("id", "negotiation", "question", "hashes", "sector", "workforce"),
        **public("first_year", "years"),
        **public("persons", "draws", "persons_a_draw", "seed", "state", "problem"),
        **public("counted", "drawn", "asked_at", "moved_at"),
        "asked_by": PERSONAL_REFERENCE,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["negotiation", "question"], name="long_run_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(LONG_RUN.states)), name="long_run_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "failed"]) | models.Q(counted__isnull=False),
                name="long_run_counted",
            ),
            models.CheckConstraint(
                condition=models.Q(state="failed") ^ models.Q(problem=""),
                name="long_run_failed_says_why",
            ),
        ]
