"""What a scheme gives somebody in the coming years, when nothing changes and nothing is spent. Pure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import ceil

from eigenwijs.kernel.clock import months_touched
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.binding import Bound, values_of
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.crediting import reference_day
from eigenwijs.schemes.facts import PERSON_FACTS
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.types import (
    FULL_TIME_HOURS,
    CreditFacts,
    Earlier,
    Part,
    Received,
    TypicalPerson,
    YearFollowed,
)


@lru_cache(maxsize=64)
def followed(
    text: str, people: tuple[TypicalPerson, ...], first_year: int, years: int
) -> tuple[tuple[YearFollowed, ...], ...]:
    """Return for each person per year what is credited, what ends unspent and what is left after it.

    The figures are those that the text has for each year. All enter service as the first year begins. Money
    counts as credited on the last day of its period, also where the scheme credits it later (`credited`): what it
    amounts to is the same, up to two years earlier. Raises FaultyScheme.
    """
    scheme = check(text)
    program = compiled(scheme)
    followers = [_Follower(scheme, person, first_year) for person in people]
    for year in range(first_year, first_year + years):
        for one in followers:
            one.begin()
        period = Period(year, 1, scheme.periods[0])
        while period.year == year:
            if reference_day(period) >= scheme.starts:
                bound = program.bind(period)
                for one in followers:
                    one.live(bound)
            period = period.next()
        for one in followers:
            one.end(year)
    return tuple(tuple(one.years) for one in followers)


class _Follower:
    """One person on the way: lots of money with their last day, and what was given so far."""

    def __init__(self, scheme: Scheme, person: TypicalPerson, first_year: int) -> None:
        self.scheme, self.person, self.first_year = scheme, person, first_year
        self.lots: list[tuple[date | None, Money]] = []
        self.gifts = Gifts()
        self.years: list[YearFollowed] = []
        self.begin()

    def begin(self) -> None:
        """Begin a year."""
        self.earlier: dict[str, Earlier] = {}
        self.credited, self.ended, self.is_refused = Money.zero(), Money.zero(), True

    def live(self, bound: Bound) -> None:
        """Live a period: money ends, money comes."""
        day = bound.period.end
        self._let_end(day)
        held = sum_money(amount for _last, amount in self.lots)
        facts = _facts(self.person, bound.period, self.first_year)
        year = bound.period.year
        received = self.gifts.received(year, self.scheme.again_after)
        parts, is_eligible = _parts(bound, facts, self.earlier, held, received)
        self.is_refused = self.is_refused and not is_eligible
        self.earlier = {
            part.credit: self.earlier.get(part.credit, Earlier()).with_part(part) for part in parts
        }
        self.gifts = self.gifts.with_parts(year, parts)
        amount = sum_money(part.amount for part in parts)
        expiry = self.scheme.expiry
        grace, birthday = self.scheme.grace_months, date(self.person.born, 1, 1)
        last = expiry.last_day(day, grace, birthday) if expiry else None
        self.lots.append((last, amount))
        self.credited = self.credited + amount

    def end(self, year: int) -> None:
        """End a year: what has its last day in it is gone after it."""
        self._let_end(date(year + 1, 1, 1))
        held = sum_money(amount for _last, amount in self.lots)
        self.years.append(YearFollowed(year, self.credited, self.ended, held, self.is_refused))

    def _let_end(self, day: date) -> None:
        over = [amount for last, amount in self.lots if last is not None and last < day]
        self.lots = [lot for lot in self.lots if lot[0] is None or lot[0] >= day]
        self.ended = self.ended + sum_money(over)


def _parts(
    bound: Bound,
    facts: CreditFacts,
    earlier: dict[str, Earlier],
    balance: Money,
    received: Received,
) -> tuple[list[Part], bool]:
    values = values_of(
        bound,
        facts=facts,
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


def _facts(person: TypicalPerson, period: Period, first_year: int) -> CreditFacts:
    """The person's facts in a period; hours up to whole hundredths, as in a payroll, pay in whole cents."""
    days = (period.end - period.start).days + 1
    hours = Fraction(ceil(person.hours_week * days * 100 / Fraction(7)), 100)
    facts: dict[str, Fraction | str | None] = {
        "contract_kind": person.contract_kind,
        "contract_hours_week": None if person.on_call else person.hours_week,
        "contract_hours_reference": None if person.on_call else person.hours_week,
        "full_time_hours_week": Fraction(FULL_TIME_HOURS),
        "leave_hours_period": Fraction(0),
        "hourly_wage": Fraction(person.hourly_wage.cents),
        "job_kind": "ordinary",
        "training_programme": "does_not_join",
        "paid_hours_period": hours,
        "gross_wage_period": Fraction(int(hours * person.hourly_wage.cents)),
        "qualification": person.qualification,
        "age": Fraction(period.end.year - person.born),
        "employed_days_period": Fraction(days),
        "employed_months_period": Fraction(months_touched(period.start, period.end)),
        "service_years": Fraction(period.end.year - first_year),
    }
    return {name: facts.get(name) for name in PERSON_FACTS}
