"""The tables of this room. The order in which a round may be published is held by the database too."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eigenwijs.draws.lifecycle import PLACE, ROUND
from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    SENSITIVE_ERASED,
    Classified,
    public,
)

_AFTER_LISTING = ("listed", "fallen", "drawn", "settled")


class Round(models.Model):
    """One division of one pot. Its rules are the very text of `rules.json`, fixed once it is published.

    `closes_at` is the first moment after the window. `falls_at` is when the beacon falls, None
    without one. `serves_from` is the moment from which requests are dealt with in order of arrival,
    None where that is never. `seed` stays empty until it is revealed. `withdrawn_for` is the reason, by
    language, why it was withdrawn.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.IntegerField(unique=True)
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=100)
    state = models.CharField(max_length=10, default=ROUND.initial)
    rules = models.TextField()
    pot_cents = models.BigIntegerField()
    opens_on = models.DateField()
    closes_at = models.DateTimeField()
    falls_at = models.DateTimeField(null=True)
    serves_from = models.DateTimeField(null=True)
    reserve_until = models.DateField()
    made_at = models.DateTimeField()
    funded_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    tickets_sha256 = models.CharField(max_length=64, blank=True)
    beacon_value = models.CharField(max_length=200, blank=True)
    beacon_entered_at = models.DateTimeField(null=True)
    beacon_entered_by = models.UUIDField(null=True)
    seed = models.CharField(max_length=64, blank=True)
    drawn_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_for = models.JSONField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public(
            "id",
            "number",
            "payer",
            "scheme",
            "state",
            "rules",
            "opens_on",
            "closes_at",
            "falls_at",
            "serves_from",
            "reserve_until",
            "made_at",
            "funded_at",
            "published_at",
            "listed_at",
            "tickets_sha256",
            "beacon_value",
            "beacon_entered_at",
            "seed",
            "drawn_at",
            "settled_at",
            "withdrawn_at",
            "withdrawn_for",
        ),
        "pot_cents": MONEY,
        "beacon_entered_by": PERSONAL_REFERENCE,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="round_state_known", condition=Q(state__in=sorted(ROUND.states))
            ),
            models.CheckConstraint(name="round_is_money", condition=Q(pot_cents__gt=0)),
            models.CheckConstraint(
                name="round_published_with_its_money_before_it_opens",
                condition=Q(state__in=("draft", "discarded"))
                | Q(
                    published_at__isnull=False,
                    funded_at__isnull=False,
                    funded_at__lte=F("published_at"),
                ),
            ),
            models.CheckConstraint(
                name="round_listed_after_the_window",
                condition=~Q(state__in=_AFTER_LISTING)
                | Q(
                    listed_at__isnull=False,
                    listed_at__gte=F("closes_at"),
                    published_at__lte=F("listed_at"),
                )
                & ~Q(tickets_sha256=""),
            ),
            models.CheckConstraint(
                name="round_beacon_after_the_list",
                condition=Q(beacon_value="", beacon_entered_at=None, beacon_entered_by=None)
                | Q(
                    listed_at__isnull=False,
                    falls_at__isnull=False,
                    beacon_entered_at__isnull=False,
                    beacon_entered_by__isnull=False,
                    listed_at__lte=F("beacon_entered_at"),
                    falls_at__lte=F("beacon_entered_at"),
                )
                & ~Q(beacon_value=""),
            ),
            models.CheckConstraint(
                name="round_seed_after_the_beacon",
                condition=Q(seed="", drawn_at=None)
                | Q(drawn_at__isnull=False, listed_at__isnull=False, listed_at__lte=F("drawn_at"))
                & (
                    Q(falls_at=None)
                    | Q(beacon_entered_at__isnull=False, beacon_entered_at__lte=F("drawn_at"))
                )
                & ~Q(seed=""),
            ),
            models.CheckConstraint(
                name="round_drawn_with_its_seed",
                condition=Q(state__in=("drawn", "settled"), drawn_at__isnull=False)
                | ~Q(state__in=("drawn", "settled")) & Q(drawn_at=None),
            ),
            models.CheckConstraint(
                name="round_withdrawn_with_a_reason_while_open",
                condition=Q(
                    state="withdrawn",
                    withdrawn_at__isnull=False,
                    withdrawn_for__isnull=False,
                    listed_at=None,
                    published_at__lte=F("withdrawn_at"),
                    withdrawn_at__lt=F("closes_at"),
                )
                | ~Q(state="withdrawn") & Q(withdrawn_at=None, withdrawn_for__isnull=True),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="round_not_removed", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="round_rules_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="draft").__invert__()
                & (
                    pgtrigger.Q(old__rules__df=pgtrigger.F("new__rules"))
                    | pgtrigger.Q(old__pot_cents__df=pgtrigger.F("new__pot_cents"))
                    | pgtrigger.Q(old__closes_at__df=pgtrigger.F("new__closes_at"))
                    | pgtrigger.Q(old__falls_at__df=pgtrigger.F("new__falls_at"))
                    | pgtrigger.Q(old__serves_from__df=pgtrigger.F("new__serves_from"))
                    | pgtrigger.Q(old__published_at__df=pgtrigger.F("new__published_at"))
                ),
                func="RAISE EXCEPTION 'the rules of a published round are fixed';",
            ),
            pgtrigger.Trigger(
                name="round_steps_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=(
                    pgtrigger.Q(old__listed_at__isnull=False)
                    & (
                        pgtrigger.Q(old__listed_at__df=pgtrigger.F("new__listed_at"))
                        | pgtrigger.Q(old__tickets_sha256__df=pgtrigger.F("new__tickets_sha256"))
                    )
                )
                | (
                    pgtrigger.Q(old__beacon_entered_at__isnull=False)
                    & (
                        pgtrigger.Q(old__beacon_value__df=pgtrigger.F("new__beacon_value"))
                        | pgtrigger.Q(
                            old__beacon_entered_at__df=pgtrigger.F("new__beacon_entered_at")
                        )
                    )
                )
                | (
                    pgtrigger.Q(old__drawn_at__isnull=False)
                    & (
                        pgtrigger.Q(old__seed__df=pgtrigger.F("new__seed"))
                        | pgtrigger.Q(old__drawn_at__df=pgtrigger.F("new__drawn_at"))
                    )
                )
                | (
                    pgtrigger.Q(old__withdrawn_at__isnull=False)
                    & (
                        pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at"))
                        | pgtrigger.Q(old__withdrawn_for__df=pgtrigger.F("new__withdrawn_for"))
                    )
                ),
                func="RAISE EXCEPTION 'what a round has published is fixed';",
            ),
        ]


class RoundSeed(models.Model):
    """The secret seed of a round until it is revealed, encrypted. Never changed, shown or exported."""

    round = models.OneToOneField(
        Round, on_delete=models.PROTECT, related_name="secret", primary_key=True
    )
    sealed = models.TextField()

    FIELDS: ClassVar[dict[str, Classified]] = {"round": PUBLIC, "sealed": SENSITIVE_ERASED}

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="round_seed_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Ticket(models.Model):
    """One person's place in one round. Its number is random and says nothing of the person.

    `group`, `losses` and `weight` are those of the published list; until then what they would be if
    the window closed now. `outcome` is what the
    draw gave: won, reserve (at place `reserve_rank`, from 1) or lost; empty before. A ticket that was
    withdrawn, or that turned out to be a second one of the same person, is in no list. `arrival` is the
    place, from 1, of a request that came after opening and was granted; None of those that are drawn.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="tickets")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, unique=True)
    cents = models.BigIntegerField()
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    group = models.CharField(max_length=20, blank=True)
    losses = models.SmallIntegerField(null=True)
    weight = models.SmallIntegerField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    won_cents = models.BigIntegerField(null=True)
    reserve_rank = models.IntegerField(null=True)
    arrival = models.IntegerField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "round": PUBLIC,
        "person": PERSONAL_REFERENCE,
        "number": PERSONAL_REFERENCE,
        "cents": MONEY,
        "entered_at": PUBLIC,
        "withdrawn_at": PUBLIC,
        "group": PERSONAL_SCRUBBED,
        "losses": PERSONAL_SCRUBBED,
        "weight": PUBLIC,
        "outcome": PUBLIC,
        "won_cents": MONEY,
        "reserve_rank": PUBLIC,
        "arrival": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "person"], name="ticket_one_a_person"),
            models.UniqueConstraint(
                fields=["round", "arrival"],
                name="ticket_one_an_arrival",
                condition=Q(arrival__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_of_an_arrival_is_granted",
                condition=Q(arrival=None) | Q(arrival__gt=0, outcome="won", won_cents=F("cents")),
            ),
            models.CheckConstraint(name="ticket_is_money", condition=Q(cents__gt=0)),
            models.CheckConstraint(
                name="ticket_outcome_whole",
                condition=Q(outcome="won", won_cents__isnull=False, reserve_rank=None)
                & Q(won_cents__gt=0, won_cents__lte=F("cents"))
                | Q(outcome="reserve", won_cents=None, reserve_rank__isnull=False)
                & Q(reserve_rank__gt=0)
                | Q(outcome__in=("", "lost"), won_cents=None, reserve_rank=None),
            ),
            models.CheckConstraint(
                name="ticket_drawn_as_listed",
                condition=Q(outcome="")
                | Q(withdrawn_at=None, weight__isnull=False, losses__isnull=False)
                & Q(weight__gt=0, losses__gte=0)
                & ~Q(group=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], name="ticket_of_person"),
            models.Index(
                fields=["round", "reserve_rank"],
                name="ticket_on_reserve",
                condition=Q(reserve_rank__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="ticket_not_removed", operation=pgtrigger.Delete),
            # Waits for who closes the window at this moment, and then sees that it is closed. After
            # the draw a round takes only what it grants in order of arrival.
            pgtrigger.Trigger(
                name="ticket_only_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "IF NOT EXISTS (SELECT FROM draws_round WHERE id = NEW.round_id"
                    " AND (state = 'published' AND NEW.arrival IS NULL"
                    " OR state = 'drawn' AND NEW.arrival IS NOT NULL"
                    " AND serves_from <= NEW.entered_at) FOR KEY SHARE)"
                    " THEN RAISE EXCEPTION 'this round takes no such ticket now'"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
                ),
            ),
            pgtrigger.Trigger(
                name="ticket_changes_only_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__cents__df=pgtrigger.F("new__cents"))
                | pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at"))
                | pgtrigger.Q(old__number__df=pgtrigger.F("new__number"))
                | pgtrigger.Q(old__person_id__df=pgtrigger.F("new__person_id"))
                | pgtrigger.Q(old__group__df=pgtrigger.F("new__group"))
                | pgtrigger.Q(old__losses__df=pgtrigger.F("new__losses"))
                | pgtrigger.Q(old__weight__df=pgtrigger.F("new__weight"))
                | pgtrigger.Q(old__arrival__df=pgtrigger.F("new__arrival")),
                func=(
                    "IF (SELECT state FROM draws_round WHERE id = NEW.round_id FOR KEY SHARE)"
                    " <> 'published' THEN RAISE EXCEPTION 'the tickets of this round are listed'"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
                ),
            ),
        ]


class Place(models.Model):
    """Money won, that waits for its winner's yes. Its id is the key of the credit that it becomes."""

    id = models.UUIDField(primary_key=True, editable=False)
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="place")
    cents = models.BigIntegerField()
    state = models.CharField(max_length=10, default=PLACE.initial)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "ticket": PERSONAL_REFERENCE,
        "cents": MONEY,
        "state": PUBLIC,
        "offered_at": PUBLIC,
        "expires_at": PUBLIC,
        "answered_at": PUBLIC,
        "reminded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="place_state_known", condition=Q(state__in=sorted(PLACE.states))
            ),
            models.CheckConstraint(name="place_is_money", condition=Q(cents__gt=0)),
            models.CheckConstraint(
                name="place_answered_once",
                condition=Q(state="offered", answered_at=None)
                | ~Q(state="offered") & Q(answered_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], name="place_open", condition=Q(state="offered")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="place_not_removed", operation=pgtrigger.Delete),
        ]
