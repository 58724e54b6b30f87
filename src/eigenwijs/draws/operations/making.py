"""A round is made, paid for and published; from then on its rules are fixed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.draws import agreed, published, reading, seeds, terms
from eigenwijs.draws.lifecycle import ROUND
from eigenwijs.draws.models import Round, RoundSeed
from eigenwijs.draws.operations.placing import pay_back
from eigenwijs.draws.terms import UnableToMakeRound
from eigenwijs.draws.types import RoundRules
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.treasury import operations as treasury

LABEL = "draws.round"


@transaction.atomic
def make_round(*, rules: RoundRules, payer_id: UUID, by: Actor, at: datetime) -> UUID:
    """Make a round with its secret seed, as a draft, and ask its payer for the money; return its id.

    The id is `rules.round_id`; the name of the payer and the version of the scheme are filled in
    here. The same round again changes nothing. Raises UnableToMakeRound, NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    if Round.objects.filter(pk=rules.round_id).exists():
        return rules.round_id
    payer = people.organisation(payer_id)
    if payer is None or payer.kind is not OrganisationKind.PAYER:
        raise UnableToMakeRound("not_a_fund")
    whole = _whole(replace(rules, payer=payer.name), at)
    sealed, seed_hash = seeds.make()
    row = Round(pk=rules.round_id, number=_next_number(), payer_id=payer_id, made_at=at)
    _fill(row, whole, seed_hash)
    row.save(force_insert=True)
    RoundSeed.objects.create(round=row, sealed=sealed)
    treasury.expect_receipt(
        reference=reading.reference(row.number),
        amount=whole.pot,
        payer_id=payer_id,
        due_on=whole.opens_on,
        owner=(LABEL, row.pk),
        by=by,
        at=at,
    )
    audit.record(
        by=by,
        at=at,
        action="draws.round.make",
        subject=(LABEL, row.pk),
        ids={"payer": str(payer_id), "cents": whole.pot.cents},
    )
    return row.pk


@transaction.atomic
def change_round(*, rules: RoundRules, by: Actor, at: datetime) -> None:
    """Change the rules of a draft; payer and pot stay as they were asked for.

    Raises UnableToMakeRound (also not_found, wrong_state), NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    row = _locked_draft(rules.round_id)
    before = published.read_rules(row.rules)
    whole = _whole(replace(rules, payer=before.payer, pot=before.pot), at)
    _fill(row, whole, json.loads(row.rules)["seed_sha256"])
    row.save()
    audit.record(
        by=by, at=at, action="draws.round.change", subject=(LABEL, row.pk), fields=["rules"]
    )


@transaction.atomic
def discard_round(*, round_id: UUID, by: Actor, at: datetime) -> None:
    """Drop a draft; money that was set apart for it goes back to its payer.

    A draft in a window of a scheme cannot be moved: paid too late, it would keep that money for ever.
    Raises UnableToMakeRound (money_received where a part came in), NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    row = _locked_draft(round_id)
    if row.funded_at is not None:
        pay_back(row, by=by, at=at)
    else:
        _withdraw_request(row, by=by, at=at)
    audit.move(row, "discard", by=by, at=at, lifecycle=ROUND)


def _withdraw_request(row: Round, *, by: Actor, at: datetime) -> None:
    try:
        treasury.withdraw_expected_receipt(reference=reading.reference(row.number), by=by, at=at)
    except treasury.UnableToExpectReceipt as error:
        raise UnableToMakeRound("money_received") from error


@transaction.atomic
def round_funded(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `receipt_matched`: set the money of a round apart, once all of it is there."""
    row = Round.objects.select_for_update().filter(pk=UUID(str(event.ids["owner"]))).first()
    if row is None or row.funded_at is not None or not event.ids["complete"]:
        return
    budgets.fund_round(
        round_id=row.pk, payer_id=row.payer_id, amount=Money(row.pot_cents), by=by, at=at
    )
    row.funded_at = at
    row.save(update_fields=["funded_at"])


@transaction.atomic
def publish_round(*, round_id: UUID, by: Actor, at: datetime) -> None:
    """Publish the rules, the hash of the seed and the name of the beacon. They are fixed from then on.

    Not before its money is there, and not after its first day. Raises UnableToMakeRound, NotPermitted.
    """
    access.require(by, Permission.MANAGE_ROUNDS)
    # One of two drafts for the same window: whoever publishes holds all rounds of the scheme.
    scheme = Round.objects.filter(pk=round_id).values("scheme")
    list(Round.objects.select_for_update().filter(scheme__in=scheme).order_by("pk"))
    row = _locked_draft(round_id)
    if row.funded_at is None:
        raise UnableToMakeRound("not_funded")
    rules = published.read_rules(row.rules)
    terms.check(rules, on=local_date(at))
    _require_free_window(rules)
    audit.move(row, "publish", by=by, at=at, lifecycle=ROUND, values={"published_at": at})


def _whole(rules: RoundRules, at: datetime) -> RoundRules:
    terms.check(rules, on=local_date(at))
    _require_free_window(rules)
    version = schemes.version_in_force(rules.scheme, rules.opens_on)
    if (
        rules.first_come
    ):  # whoever waited comes before whoever comes later: nobody falls off the list
        rules = replace(rules, reserve_places=terms.MOST_RESERVE)
    return replace(rules, scheme_hash=version.hash)


def _require_free_window(rules: RoundRules) -> None:
    """A pot that a scheme names is divided once: a second round over it would be money nobody agreed on."""
    version = schemes.version_in_force(rules.scheme, rules.opens_on)
    if agreed.windows(version) and rules.first_day in reading.taken_days(
        rules.scheme, apart_from=rules.round_id
    ):
        raise UnableToMakeRound("window_taken")


def _fill(row: Round, rules: RoundRules, seed_hash: str) -> None:
    row.scheme = rules.scheme
    row.rules = published.rules_text(rules, seed_hash)
    row.pot_cents = rules.pot.cents
    row.opens_on = rules.opens_on
    row.closes_at = start_of_day(rules.closes_on + timedelta(days=1))
    row.falls_at = rules.beacon.falls_at if rules.beacon else None
    row.serves_from = rules.first_come.opens_at if rules.first_come else None
    row.reserve_until = rules.reserve_until


def _locked_draft(round_id: UUID) -> Round:
    row = Round.objects.select_for_update().filter(pk=round_id).first()
    if row is None:
        raise UnableToMakeRound("not_found")
    if row.state != ROUND.initial:
        raise UnableToMakeRound("wrong_state")
    return row


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('draws_round_number')")
        (number,) = cursor.fetchone()
    return int(number)
