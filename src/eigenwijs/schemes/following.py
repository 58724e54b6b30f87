"""What a scheme gives somebody in the coming years, when nothing changes and nothing is spent. Pure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import lru_cache

from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.binding import Bound, values_of
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.crediting import reference_day
from eigenwijs.schemes.facts import PERSON_FACTS
from eigenwijs.schemes.types import (
    CreditFacts,
    Earlier,
    Part,
    Received,
    TypicalPerson,
    YearFollowed,
)


@lru_cache(maxsize=256)
def followed(
    text: str, person: TypicalPerson, first_year: int, years: int
) -> tuple[YearFollowed, ...]:
    """Return per year what is credited, what ends unspent and what stands on the account at its end.

    The figures are those that the text has for each year. Money counts as credited on the last day of
    its period. Raises FaultyScheme, or UnableToCompile for years before the scheme.
    """
    scheme = check(text)
    program = compiled(scheme)
    lots: list[tuple[date | None, Money]] = []
    received = Received()
    found = []
    for year in range(first_year, first_year + years):
        earlier: dict[str, Earlier] = {}
        received = Received(received.ever)
        credited, ended, refused = Money.zero(), Money.zero(), True
        period = Period(year, 1, scheme.periods[0])
        while period.year == year:
            if reference_day(period) >= scheme.starts:
                over = [amount for last, amount in lots if last is not None and last < period.end]
                lots = [lot for lot in lots if lot[0] is None or lot[0] >= period.end]
                ended = ended + sum_money(over)
                bound = program.bind(period)
                parts, is_eligible = _parts(
                    bound, person, earlier, sum_money(amount for _last, amount in lots), received
                )
                refused = refused and not is_eligible
                earlier = {
                    part.credit: earlier.get(part.credit, Earlier()).with_part(part)
                    for part in parts
                }
                received = received.with_parts(parts)
                amount = sum_money(part.amount for part in parts)
                last = (
                    scheme.expiry.last_day(period.end, scheme.grace_months)
                    if scheme.expiry
                    else None
                )
                lots.append((last, amount))
                credited = credited + amount
            period = period.next()
        held = sum_money(amount for _last, amount in lots)
        found.append(YearFollowed(year, credited, ended, held, refused))
    return tuple(found)


def _parts(
    bound: Bound,
    person: TypicalPerson,
    earlier: dict[str, Earlier],
    balance: Money,
    received: Received,
) -> tuple[list[Part], bool]:
    values = values_of(
        bound,
        facts=_facts(person, bound.period),
        earlier=earlier,
        balance=balance,
        received=received,
    )
    if values is None:
        raise AssertionError("what one scheme gave has whole parts under that scheme")
    outputs = bound.for_one(values)
    parts = []
    for credit in bound.compiled.scheme.credit:
        exact = Fraction(outputs.get(f"exact:{credit.id}", 0), bound.parts.get(credit.id, 1))
        parts.append(Part(credit.id, exact, Money(outputs[f"amount:{credit.id}"])))
    return parts, bool(outputs["eligible"])


def _facts(person: TypicalPerson, period: Period) -> CreditFacts:
    """The person's facts in a period; hours and pay in whole hundredths and cents."""
    days = (period.end - period.start).days + 1
    hours = Fraction(person.hours_week * days * 100 // 7, 100)
    facts: dict[str, Fraction | str | None] = {
        "contract_kind": person.contract_kind,
        "contract_hours_week": None if person.on_call else Fraction(person.hours_week),
        "paid_hours_period": hours,
        "gross_wage_period": Fraction(int(hours * person.hourly_wage.cents)),
        "age": Fraction(period.end.year - person.born),
        "employed_days_period": Fraction(days),
    }
    return {name: facts.get(name) for name in PERSON_FACTS}
