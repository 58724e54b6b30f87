"""The law is a row: loaded, signed by every side, in force from a day, and never changed."""

from __future__ import annotations

import json
from datetime import date, datetime
from uuid import UUID

import pytest
from django.db import Error, connection, transaction

from eigenwijs.audit.queries import trail
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people.models import Organisation
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.types import (
    Conditions,
    Milestone,
    PayableSteps,
    SpendFacts,
    SpendMilestones,
    Step,
)
from tests.schemes.test_language import GOOD

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def organisation(at: datetime) -> UUID:
    return Organisation.objects.create(
        id=new_id(at), kind="agreement_party", name="Partij", recorded_at=at
    ).pk


def signed(text: str, at: datetime) -> str:
    version = operations.load(text=text, by=BY, at=at)
    for side in version.signed_by:
        operations.sign(
            version_hash=version.hash,
            side=side,
            organisation_id=organisation(at),
            document="akte 1",
            by=BY,
            at=at,
        )
    return version.hash


def refusal(call: object, **arguments: object) -> str:
    with pytest.raises(DomainError) as refused:
        call(by=BY, **arguments)  # type: ignore[operator]
    return refused.value.code


def test_the_same_text_is_kept_once(now: datetime) -> None:
    first = operations.load(text=GOOD, by=BY, at=now)
    assert operations.load(text=GOOD, by=BY, at=now) == first
    assert (first.version, first.valid_from) == (1, None)
    second = operations.load(text=GOOD + "# a remark\n", by=BY, at=now)
    assert second.version == 2
    assert [view.version for view in queries.versions("nl/proef")] == [2, 1]


def test_a_faulty_text_is_not_kept(now: datetime) -> None:
    with pytest.raises(queries.FaultyScheme):
        operations.load(text=GOOD.replace("per_year / 2", "half"), by=BY, at=now)
    assert queries.versions("nl/proef") == []


@pytest.mark.parametrize(
    "change",
    ["UPDATE {table} SET id = id", "DELETE FROM {table}"],
)
@pytest.mark.parametrize(
    "table", ["schemes_schemeversion", "schemes_schemesignature", "schemes_schemeactivation"]
)
def test_what_was_loaded_signed_or_activated_stands(now: datetime, table: str, change: str) -> None:
    operations.activate(version_hash=signed(GOOD, now), valid_from=date(2026, 1, 1), by=BY, at=now)
    with (
        pytest.raises(Error, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table=table))


def test_every_side_signs_once_and_for_itself(now: datetime) -> None:
    version = operations.load(text=GOOD, by=BY, at=now).hash
    ours = organisation(now)
    arguments = {"version_hash": version, "document": "akte 1", "at": now}
    assert refusal(operations.sign, side="state", organisation_id=ours, **arguments) == (
        "unknown_side"
    )
    operations.sign(side="workers", organisation_id=ours, by=BY, **arguments)  # type: ignore[arg-type]
    assert refusal(operations.sign, side="workers", organisation_id=ours, **arguments) == (
        "already_signed"
    )
    assert refusal(operations.sign, side="employers", organisation_id=ours, **arguments) == (
        "same_organisation"
    )
    activate = {"version_hash": version, "valid_from": date(2026, 1, 1), "at": now}
    assert refusal(operations.activate, **activate) == "unsigned"
    assert (
        refusal(
            operations.sign,
            side="workers",
            organisation_id=ours,
            **{**arguments, "version_hash": "0" * 64},
        )
        == "unknown_version"
    )


def test_versions_follow_each_other_and_the_day_decides(now: datetime) -> None:
    first, second = signed(GOOD, now), signed(GOOD + "# second\n", now)
    operations.activate(version_hash=first, valid_from=date(2025, 1, 1), by=BY, at=now)
    again = {"version_hash": first, "valid_from": date(2025, 1, 1), "at": now}
    operations.activate(by=BY, **again)  # type: ignore[arg-type]
    assert refusal(operations.activate, **{**again, "valid_from": date(2025, 2, 1)}) == (
        "already_active"
    )
    late = {"version_hash": second, "valid_from": date(2025, 1, 1), "at": now}
    assert refusal(operations.activate, **late) == "not_after_last"
    early = {**late, "valid_from": date(2023, 1, 1)}
    assert refusal(operations.activate, **early) == "before_start"
    operations.activate(version_hash=second, valid_from=date(2026, 7, 1), by=BY, at=now)
    assert queries.version_in_force("nl/proef", date(2026, 6, 30)).hash == first
    assert queries.version_in_force("nl/proef", date(2026, 7, 1)).hash == second
    assert [view.hash for view in queries.schemes(date(2026, 7, 1))] == [second]
    with pytest.raises(queries.UnableToFindVersion):
        queries.version_in_force("nl/proef", date(2024, 12, 31))
    actions = [row.action for row in trail(limit=10)]
    assert actions.count("schemes.activate") == 2


def test_an_inferred_figure_cannot_be_law_outside_a_demonstration(
    now: datetime, settings: object
) -> None:
    text = GOOD.replace(
        "2026-01-01: 180.00", "2026-01-01: {value: 180.00, status: inferred, why: a guess}"
    )
    version = signed(text, now)
    activate = {"version_hash": version, "valid_from": date(2026, 1, 1), "at": now}
    settings.DEMO = False  # type: ignore[attr-defined]
    assert refusal(operations.activate, **activate) == "inferred"
    settings.DEMO = True  # type: ignore[attr-defined]
    assert operations.activate(by=BY, **activate).valid_from == date(2026, 1, 1)  # type: ignore[arg-type]


def test_conditions_are_frozen_and_survive_being_stored(now: datetime) -> None:
    version, fund = operations.load(text=GOOD, by=BY, at=now).hash, new_id(now)
    conditions = queries.conditions(
        version_hash=version, credited_on=date(2026, 11, 30), reverts_to=fund
    )
    assert conditions.expires_on == date(2031, 11, 30)
    assert (conditions.correctable_for_days, conditions.refund_grace_months) == (30, 6)
    assert conditions.spend[0].figures == {"per_year": "18000"}
    assert Conditions.from_json(conditions.to_json()) == conditions
    later = queries.conditions(
        version_hash=version, credited_on=date(2026, 12, 31), reverts_to=fund
    )
    assert later.pot_key() == conditions.pot_key()
    other = queries.conditions(
        version_hash=version, credited_on=date(2026, 12, 31), reverts_to=new_id(now)
    )
    assert other.pot_key() != conditions.pot_key()
    with pytest.raises(ValueError, match="receiver"):
        queries.conditions(version_hash=version, credited_on=date(2026, 1, 1), reverts_to=None)


@pytest.mark.parametrize(
    ("price", "online", "subjects", "refused"),
    [
        (900_00, False, ("0611",), []),
        (900_01, False, ("0611",), ["price"]),
        (100_00, False, ("0912",), ["price"]),
        (100_00, True, ("0912",), []),
        (100_00, False, ("0913",), []),
        (100_00, False, (), ["price"]),
    ],
)
def test_what_money_may_be_spent_on(
    now: datetime, price: int, online: bool, subjects: tuple[str, ...], refused: list[str]
) -> None:
    """At most five times 180.00, and online or about ICT (06) or nursing (0913)."""
    version = operations.load(text=GOOD, by=BY, at=now).hash
    conditions = queries.conditions(
        version_hash=version, credited_on=date(2026, 3, 1), reverts_to=new_id(now)
    )
    course = SpendFacts(Money(price), subjects, online, (), employed=True)
    refusals = queries.spending_refusals(conditions, course=course, work_related=False)
    assert [refusal.id for refusal in refusals] == refused


PAYS = """\
  pays:
    cases:
      - {when: "subject in [06]", amount: price}
      - otherwise: price * part - fee
    text: {nl: Een deel., en: A part.}
    article: "6"
"""
FIGURES = """\
  part: {unit: number, values: {2024-01-01: 2/3}, article: "6"}
  fee: {unit: EUR, values: {2024-01-01: 100.00, 2026-01-01: 103.20}, article: "6"}
"""


@pytest.mark.parametrize(
    ("price", "subject", "most"),
    [
        (500_00, "0613", 500_00),  # ICT in full
        (500_00, "1012", 230_13),  # two thirds are € 333.33 1/3, less € 103.20, whole cents down
        (154_80, "1012", 0),
        (100_00, "1012", 0),  # below zero is nothing
    ],
)
def test_the_most_that_money_pays_is_frozen_with_the_figures_of_its_day(
    now: datetime, price: int, subject: str, most: int
) -> None:
    text = GOOD.replace("absent:\n", FIGURES + "absent:\n")
    text = text.replace('  article: "6"\ncorr', PAYS + '  article: "6"\ncorr')
    version = operations.load(text=text, by=BY, at=now).hash
    conditions = queries.conditions(
        version_hash=version, credited_on=date(2026, 3, 1), reverts_to=new_id(now)
    )
    kept = Conditions.from_json(json.loads(json.dumps(conditions.to_json())))
    assert (kept, kept.pot_key()) == (conditions, conditions.pot_key())
    course = SpendFacts(Money(price), (subject,), False, (), employed=True)
    assert queries.most_payable(kept, course=course) == Money(most)


OWN = """\
  own:
    cases:
      - {when: online, amount: price / 3}
      - otherwise: fee
    unless:
      - {id: jobless, when: not employed, text: {nl: Zonder werk., en: Without a job.}, article: "6"}
      - {id: top_up, others_pay_at_least: price * share, text: {nl: Met., en: With.}, article: "6"}
    text: {nl: Zelf., en: Yourself.}
    article: "6"
"""
OWN_FIGURES = """\
  fee: {unit: EUR, values: {2024-01-01: 0.00, 2025-01-01: 102.23, 2026-01-01: 103.20}, article: "6"}
  share: {unit: number, values: {2024-01-01: 0.1}, article: "6"}
"""


def own_conditions(now: datetime, credited_on: date, more: str = OWN) -> Conditions:
    figures = OWN_FIGURES if "fee" in more else OWN_FIGURES.split("\n", 1)[1]
    figures = figures if "share" in more else ""
    text = GOOD.replace("absent:\n", figures + "absent:\n")
    text = text.replace('  article: "6"\ncorr', more + '  article: "6"\ncorr')
    version = operations.load(text=text, by=BY, at=now).hash
    conditions = queries.conditions(
        version_hash=version, credited_on=credited_on, reverts_to=new_id(now)
    )
    kept = Conditions.from_json(json.loads(json.dumps(conditions.to_json())))
    assert (kept, kept.pot_key()) == (conditions, conditions.pot_key())
    return kept


@pytest.mark.parametrize(
    ("price", "online", "employed", "steps"),
    [
        (500_00, False, True, ((0, 396_80), (50_00, 500_00))),
        (500_01, False, True, ((0, 396_81), (50_01, 500_01))),  # from a tenth on: cents up
        (100_00, False, True, ((0, 0), (10_00, 100_00))),  # never more than the price
        (100_00, True, True, ((0, 66_67), (10_00, 100_00))),  # a third is € 33.33, cents down
        (500_00, False, False, ((0, 500_00),)),
    ],
)
def test_what_money_leaves_of_a_price_is_frozen_with_the_figures_of_its_day(
    now: datetime, price: int, online: bool, employed: bool, steps: PayableSteps
) -> None:
    conditions = own_conditions(now, date(2026, 3, 1))
    course = SpendFacts(Money(price), (), online, (), employed=employed)
    assert queries.payable_steps(conditions, course=course) == steps


def test_the_lower_of_what_money_pays_and_leaves_counts(now: datetime) -> None:
    """A third of € 600.00 is € 200.00, and € 496.80 is what the contribution leaves; of € 120.00 it is € 16.80."""
    part = "  pays: {cases: [{otherwise: price / 3}], text: {nl: x, en: x}, article: '6'}\n"
    conditions = own_conditions(now, date(2026, 3, 1), part + OWN)
    for price, steps in (
        (600_00, ((0, 200_00), (60_00, 200_00))),
        (120_00, ((0, 16_80), (12_00, 40_00))),
    ):
        course = SpendFacts(Money(price), (), False, (), employed=True)
        assert queries.payable_steps(conditions, course=course) == steps
    assert [rule["nl"] for rule in conditions.payment_rules] == [
        "x",
        "Zelf.",
        "Zonder werk.",
        "Met.",
    ]


CO_FUNDING = """\
  others_pay_at_least:
    cases:
      - {when: not employed, amount: "0"}
      - otherwise: price * share
    text: {nl: Eerst een ander., en: Another first.}
    article: "6"
"""


@pytest.mark.parametrize(
    ("price", "employed", "more", "steps"),
    [
        (500_01, True, CO_FUNDING, ((0, 0), (50_01, 500_01))),  # a tenth, parts of a cent up
        (500_00, False, CO_FUNDING, ((0, 500_00),)),
        (500_00, True, CO_FUNDING + OWN, ((0, 0), (50_00, 500_00))),  # what is asked waives the fee
        (
            500_00,
            True,
            (CO_FUNDING + OWN).replace("pay_at_least: price * share", "pay_at_least: price / 2"),
            ((0, 0), (50_00, 396_80), (250_00, 500_00)),
        ),
    ],
)
def test_money_that_asks_others_first_pays_nothing_before(
    now: datetime, price: int, employed: bool, more: str, steps: PayableSteps
) -> None:
    conditions = own_conditions(now, date(2026, 3, 1), more)
    course = SpendFacts(Money(price), (), False, (), employed=employed)
    assert queries.payable_steps(conditions, course=course) == steps
    asked = steps[1][0] if len(steps) > 1 else 0
    enough = queries.co_funding_refusal(conditions, course=course, others=Money(asked))
    assert enough is None
    if asked:
        refusal = queries.co_funding_refusal(conditions, course=course, others=Money(asked - 1))
        assert refusal
        assert (refusal.id, refusal.texts["nl"]) == ("others_pay_at_least", "Eerst een ander.")


MILESTONES = """\
  milestones:
    parts: [{at: started, percent: 40}, {at: completed, percent: 60}]
    article: "6"
  completion: {attended_at_least: 75, certificate_suffices: true, article: "6"}
"""


def test_a_scheme_that_pays_in_parts_freezes_them_on_its_money(now: datetime) -> None:
    conditions = own_conditions(now, date(2026, 3, 1), MILESTONES)
    assert conditions.parts(Money(100_01), has_halfway=True) == {
        Milestone.STARTED: Money(40_00),
        Milestone.COMPLETED: Money(60_01),
    }
    assert conditions.milestones == SpendMilestones(60, 75, True, "6")
    halved = MILESTONES.replace("started, percent: 40", "halfway, percent: 40")
    conditions = own_conditions(now, date(2026, 3, 1), halved)
    assert conditions.milestones == SpendMilestones(60, 75, True, "6", 40)
    at_once = "  milestones:\n    parts: [{at: started, percent: 100}]\n    article: '6'\n"
    assert own_conditions(now, date(2026, 3, 1), at_once).milestones is None


def test_money_of_a_day_without_a_contribution_says_nothing_of_one(now: datetime) -> None:
    only_fee = OWN.replace("      - {when: online, amount: price / 3}\n", "")
    conditions = own_conditions(now, date(2024, 12, 31), only_fee)
    assert conditions.own is None
    assert own_conditions(now, date(2025, 1, 1), only_fee).own is not None
    assert own_conditions(now, date(2024, 12, 31)).own is not None  # online a third of the price
    asked = CO_FUNDING.replace("price * share", "fee")
    figures = asked + OWN.replace("otherwise: fee", "otherwise: price * share")
    for day, is_asked in ((date(2024, 12, 31), False), (date(2025, 1, 1), True)):
        assert (own_conditions(now, day, figures).others_pay_at_least is not None) is is_asked


def test_money_that_pays_all_keeps_the_pots_of_before_that_could_be_said_otherwise() -> None:
    conditions = Conditions(scheme="nl/x", title={"nl": "x", "en": "x"}, work_related_only=True)
    assert not {"pays", "own", "others_pay_at_least"} & conditions.to_json().keys()
    assert Conditions.from_json(conditions.to_json()) == conditions
    assert conditions.payment_rules == ()
    assert (
        queries.most_payable(conditions, course=SpendFacts(Money(1), (), False, (), employed=True))
        is None
    )


def test_learning_for_oneself_is_refused_where_money_is_for_work() -> None:
    conditions = Conditions(scheme="nl/x", title={"nl": "x", "en": "x"}, work_related_only=True)
    course = SpendFacts(Money(1), (), False, (), employed=True)
    assert queries.spending_refusals(conditions, course=course, work_related=True) == []
    (refused,) = queries.spending_refusals(conditions, course=course, work_related=False)
    assert refused.id == "work_related_only"


def test_steps_survive_being_stored() -> None:
    step = Step("spread", {"total": 1346, "earlier": 0, "amount": 1346}, "1")
    assert Step.from_json(step.to_json()) == step
