"""What money may be spent on, and how much of a course it pays. Pure; no database.

The rules of a scheme are frozen on money when it is credited, with the figures of that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from eigenwijs.kernel.money import Money, Rounding, round_fraction
from eigenwijs.schemes.block import Case
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.conditions import (
    CancelPrice,
    Conditions,
    Contribution,
    Localised,
    OrderClocks,
    PayableSteps,
    Refusal,
    SpendAmount,
    SpendExemption,
    SpendFacts,
    SpendLimit,
    SpendMilestones,
    SpendOwn,
    most_at,
)
from eigenwijs.schemes.expressions import holds, names_in, parse, value
from eigenwijs.schemes.facts import FactValue
from eigenwijs.schemes.order_blocks import Orders
from eigenwijs.schemes.spend_blocks import (
    CoFunding,
    OwnContribution,
    Payment,
    Spend,
    SpendCondition,
)

WORK_RELATED = Refusal(
    id="work_related_only",
    texts={
        "nl": "Dit geld is alleen voor leren voor werk, nu of later.",
        "en": "This money is only for learning for work, now or later.",
    },
    article="",
)


def spending_on(scheme: Scheme, day: date) -> dict[str, Any]:
    """Return the part of `Conditions` about spending that a scheme puts on money of a day."""
    figures = {
        name: figure
        for name, parameter in scheme.parameters.items()
        if (figure := parameter.at(max(day, scheme.starts))) is not None
    }
    spend, asked = scheme.spend, scheme.spend.others_pay_at_least
    return {
        "work_related_only": spend.work_related_only,
        "spend": tuple(_limit(limit, figures) for limit in spend.only),
        "pays": _amount(spend.pays, figures) if spend.pays else None,
        "own": _own(spend.own, figures) if spend.own else None,
        "others_pay_at_least": _amount(asked, figures)
        if asked and _may_be_more_than_nothing(asked.cases, figures)
        else None,
        "orders": _clocks(scheme.orders) if scheme.orders else None,
        "milestones": _milestones(spend),
    }


def _clocks(orders: Orders) -> OrderClocks:
    steps = orders.cancel.steps if orders.cancel else ()
    return OrderClocks(
        answer_working_days=orders.answer.working_days if orders.answer else None,
        accept_working_days=orders.accept.working_days if orders.accept else None,
        withdrawal_days=orders.withdraw.days if orders.withdraw else None,
        withdrawal_working_days=orders.withdraw.working_days if orders.withdraw else None,
        cancel=tuple(
            CancelPrice(step.days, step.working_days_before is not None, step.percent)
            for step in steps
        ),
    )


def _milestones(spend: Spend) -> SpendMilestones | None:
    """Return what is paid later and what is asked for it; None where all is paid at the start."""
    block, test = spend.milestones, spend.completion
    if block is None or block.percent_at("started") == 100:
        return None
    return SpendMilestones(
        completed_percent=block.percent_at("completed"),
        halfway_percent=block.percent_at("halfway"),
        attended_at_least=test.attended_at_least if test else 0,
        certificate_suffices=bool(test and test.certificate_suffices),
        article=block.place,
    )


def _limit(limit: SpendCondition, figures: Mapping[str, Fraction]) -> SpendLimit:
    return SpendLimit(
        id=limit.id,
        when=limit.when,
        figures=_named(figures, [limit.when]),
        otherwise=limit.otherwise.model_dump(),
        article=limit.place,
    )


def _amount(block: Payment | CoFunding, figures: Mapping[str, Fraction]) -> SpendAmount:
    texts = [text for case in block.cases for text in case.formulas]
    return SpendAmount(
        cases=_cases(block.cases),
        figures=_named(figures, texts),
        text=block.text.model_dump(),
        article=block.place,
    )


def _own(own: OwnContribution, figures: Mapping[str, Fraction]) -> SpendOwn | None:
    """Return the contribution, None where the figures of the day make it nothing."""
    if not _may_be_more_than_nothing(own.cases, figures):
        return None
    texts = [text for case in own.cases for text in case.formulas]
    texts += [text for one in own.unless for text in one.formulas]
    return SpendOwn(
        cases=_cases(own.cases),
        unless=tuple(
            SpendExemption(one.when or "", one.others_pay_at_least or "", one.text.model_dump())
            for one in own.unless
        ),
        figures=_named(figures, texts),
        text=own.text.model_dump(),
        article=own.place,
    )


def _may_be_more_than_nothing(cases: Iterable[Case], figures: Mapping[str, Fraction]) -> bool:
    trees = [parse(amount) for _when, amount in _cases(cases)]
    return any(not names_in(tree) <= figures.keys() or value(tree, figures) > 0 for tree in trees)


def _cases(cases: Iterable[Case]) -> tuple[tuple[str, str], ...]:
    return tuple((case.when or "", case.amount or case.otherwise or "") for case in cases)


def _named(figures: Mapping[str, Fraction], texts: Iterable[str]) -> dict[str, str]:
    """Return the figures that formulas name, exact as text."""
    named = frozenset[str]().union(*(names_in(parse(text)) for text in texts))
    return {name: str(figures[name]) for name in sorted(named & figures.keys())}


def payable_steps(conditions: Conditions, *, course: SpendFacts) -> PayableSteps | None:
    """Return the most that money under `conditions` pays for a course, by what others pay; None: all of it.

    Others are the money of other schemes; what the worker pays is not theirs.
    """
    if not (conditions.pays or conditions.own or conditions.others_pay_at_least):
        return None
    most = course.price.cents
    if conditions.pays:
        values = _values(course, conditions.pays.figures)
        most = min(max(_first(conditions.pays.cases, values), 0), most)
    asked = _co_funding(conditions, course)
    own = conditions.own
    if own is None:
        return _after(asked, ((0, most),))
    less = min(most, course.price.cents - _contribution(own, course))
    waived = min((least for least, _text in _waivers(own, course)), default=None)
    if waived is None:
        return _after(asked, ((0, less),))
    return _after(asked, ((0, less), (waived, most)) if waived else ((0, most),))


def _after(asked: int, steps: PayableSteps) -> PayableSteps:
    """Return that nothing is paid before others pay what is asked, and the steps from there on."""
    if asked <= 0:
        return steps
    later = tuple((least, most) for least, most in steps if least > asked)
    return ((0, 0), (asked, most_at(steps, asked)), *later)


def _co_funding(conditions: Conditions, course: SpendFacts) -> int:
    """Return how many cents others must pay before money under `conditions` pays anything."""
    asked = conditions.others_pay_at_least
    return _first(asked.cases, _values(course, asked.figures), Rounding.UP) if asked else 0


def co_funding_refusal(
    conditions: Conditions, *, course: SpendFacts, others: Money
) -> Refusal | None:
    """Return why money cannot pay where the money of other schemes pays only `others`; None where it can."""
    asked = conditions.others_pay_at_least
    if asked is None or _co_funding(conditions, course) <= others.cents:
        return None
    return Refusal("others_pay_at_least", asked.text, asked.article)


def most_payable(
    conditions: Conditions, *, course: SpendFacts, others: Money | None = None
) -> Money | None:
    """Return the most that is paid where money of other schemes pays `others`; None: all of it."""
    steps = payable_steps(conditions, course=course)
    return None if steps is None else Money(most_at(steps, others.cents if others else 0))


def own_contribution(
    conditions: Conditions, *, course: SpendFacts, others: Money
) -> Contribution | None:
    """Return what money leaves of a price where the money of other schemes pays `others`.

    None where money under `conditions` leaves nothing of this price to pay.
    """
    own = conditions.own
    if own is None or not (cents := _contribution(own, course)):
        return None
    for least, text in _waivers(own, course):
        if least <= others.cents:
            return Contribution(Money.zero(), text)
    return Contribution(Money(cents), own.text)


def _contribution(own: SpendOwn, course: SpendFacts) -> int:
    cents = _first(own.cases, _values(course, own.figures))
    return min(max(cents, 0), course.price.cents)


def _waivers(own: SpendOwn, course: SpendFacts) -> Iterator[tuple[int, Localised]]:
    """Yield from how many cents of others on there is no contribution, and how that is said."""
    values = _values(course, own.figures)
    for one in own.unless:
        if not one.when:
            yield _cents(one.others_pay_at_least, values, Rounding.UP), one.text
        elif holds(parse(one.when), values):
            yield 0, one.text


def _first(
    cases: Iterable[tuple[str, str]],
    values: Mapping[str, FactValue],
    rounding: Rounding = Rounding.DOWN,
) -> int:
    """Return the amount of the first case that holds, in whole cents."""
    for when, amount in cases:
        if not when or holds(parse(when), values):
            return _cents(amount, values, rounding)
    raise AssertionError("a checked list of cases ends with one that always holds")


def _cents(text: str, values: Mapping[str, FactValue], rounding: Rounding) -> int:
    return round_fraction(value(parse(text), values), rounding)


def _values(course: SpendFacts, figures: Mapping[str, str]) -> dict[str, FactValue]:
    return {
        "price": Fraction(course.price.cents),
        "online": course.is_online,
        "subject": frozenset(course.subjects),
        "quality_mark": frozenset(course.quality_marks),
        "employed": course.employed,
        "course_kind": course.course_kind,
        **{name: Fraction(text) for name, text in figures.items()},
    }


def spending_refusals(
    conditions: Conditions, *, course: SpendFacts, work_related: bool
) -> list[Refusal]:
    """Return why money under `conditions` cannot pay for a course; nothing means that it can.

    `work_related` is the worker's own answer to the question whether they learn this for work.
    """
    refusals = [WORK_RELATED] if conditions.work_related_only and not work_related else []
    return refusals + [
        Refusal(limit.id, limit.otherwise, limit.article)
        for limit in conditions.spend
        if not holds(parse(limit.when), _values(course, limit.figures))
    ]
