"""A scheme's text as something that credits a whole population, period by period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Protocol

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from eigenwijs.kernel.clock import months_touched
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.period import PERIODS_A_YEAR, Period, PeriodKind
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.queries import Bound
from eigenwijs.schemes.types import ACCOUNT_UNIT, FULL_TIME_HOURS
from eigenwijs.simulation.kinds import LARGEST_HELD, Backend, ByKind, Whole, are_few, one_of_each
from eigenwijs.simulation.marginals import CONTRACTS, SECTORS
from eigenwijs.simulation.population import Persons

Cents = NDArray[np.int64]

ON_CALL, EMPLOYEES = CONTRACTS.index("on_call"), 4
WEEKS_A_YEAR = 52
LONGEST_FIRST = (
    PeriodKind.YEAR,
    PeriodKind.QUARTER,
    PeriodKind.MONTH,
    PeriodKind.FOUR_WEEKS,
)


class UnableToSimulate(DomainError):
    """Codes: fact_unknown, other_unit, not_in_force, below_zero, too_much, unknown_text, unknown_sector,
    unknown_workforce, too_many."""


class Proposal(Protocol):
    """What the simulator needs of a scheme."""

    @property
    def portable(self) -> bool:
        """Whether money stays when a job ends."""

    @property
    def years_kept(self) -> int | None:
        """How many years after the year of crediting; None for no end."""

    @property
    def ends_in(self) -> int | None:
        """The year at whose end all money lapses; None for none."""

    @property
    def ends_at_age(self) -> int | None:
        """The age from which all money lapses at the end of a year; None for none."""

    def start(self, count: int) -> dict[str, Cents]:
        """Return the state of so many people before the first year."""

    def prepare(self, year: int) -> None:
        """Make ready to credit in a calendar year; whatever cannot be computed is refused here."""

    def credit(
        self,
        people: Persons,
        balance: Whole,
        state: dict[str, Cents],
        year: int,
        backend: Backend | None,
    ) -> Whole:
        """Return what people are credited in a prepared year, in cents; `state` is brought up to date."""


STATES = {"balance", "year", "ever", "earlier", "earlier_exact"}

QUALIFICATION_OF_LEVEL = np.array([0, 1, 1, 3, 4, 4, 6, 7], np.uint8)
"""Per level of education the place in the labels of the fact: mbo 2 and 3 were counted together, taken as 3."""

_Fact = Callable[[Persons, Period], Whole]


def _days_of(period: Period) -> int:
    return (period.end - period.start).days + 1


def _contract_hours(people: Persons, _period: Period) -> Whole:
    found: Whole = people.hours.astype(np.int32) * 100 * (people.contract != ON_CALL)
    return found


def _no_contract_hours(people: Persons, _period: Period) -> Whole:
    found: Whole = (people.contract == ON_CALL).view(np.uint8)
    return found


def _hours(people: Persons, period: Period) -> Whole:
    """Return paid hours in hundredths, rounded up: a week of them is never less than the hours a week.

    Whole hours a week stand for all from there to the next; on call, with no contract to say it, the
    middle is taken, so that nobody stands just on a limit of whole hours.
    """
    a_week = people.hours.astype(np.int32) * 100 + (people.contract == ON_CALL) * np.int32(50)
    found: Whole = -(-a_week * np.int32(_days_of(period)) // np.int32(7))
    return found


def yearly_wage(people: Persons) -> NDArray[np.int32]:
    """Return the gross wage of a year in cents; 0 without a job."""
    return people.hourly_wage.astype(np.int32) * people.hours * np.int32(WEEKS_A_YEAR)


FACTS: dict[str, _Fact] = {
    "contract_kind": lambda people, _period: people.contract,
    "contract_hours_week": _contract_hours,
    "absent:contract_hours_week": _no_contract_hours,
    "contract_hours_reference": _contract_hours,
    "absent:contract_hours_reference": _no_contract_hours,
    "full_time_hours_week": lambda people, _period: np.full(len(people), FULL_TIME_HOURS * 100),
    "leave_hours_period": lambda people, _period: np.zeros(len(people), np.int64),
    "hourly_wage": lambda people, _period: people.hourly_wage,
    "job_kind": lambda people, _period: np.zeros(len(people), np.int64),
    "training_programme": lambda people, _period: np.ones(len(people), np.int64),
    "paid_hours_period": _hours,
    "gross_wage_period": lambda people, period: yearly_wage(people) // np.int32(period.of_year),
    "age": lambda people, _period: people.age,
    "employed_days_period": lambda people, period: np.full(len(people), _days_of(period)),
    "employed_months_period": lambda people, period: np.full(
        len(people), months_touched(period.start, period.end)
    ),
    "service_years": lambda people, _period: people.tenure,
    "qualification": lambda people, _period: QUALIFICATION_OF_LEVEL.take(people.level),
    "absent:qualification": lambda people, _period: np.zeros(len(people), np.uint8),
}
"""What a synthetic person has of the dictionary of facts: employees, the same in every period of a year.

Everybody has told their qualification: who tells it is not known, so a scheme that counts it is shown at its
largest. Nobody exchanges leave, follows a programme of the employer's or has a student's or a subsidised job; the
hours on a reference date are those of the contract.
"""

COLUMNS_OF = {
    "contract_kind": {"contract"},
    "contract_hours_week": {"hours", "contract"},
    "absent:contract_hours_week": {"contract"},
    "contract_hours_reference": {"hours", "contract"},
    "absent:contract_hours_reference": {"contract"},
    "hourly_wage": {"hourly_wage"},
    "paid_hours_period": {"hours", "contract"},
    "gross_wage_period": {"hourly_wage", "hours"},
    "age": {"age"},
    "service_years": {"tenure"},
    "qualification": {"level"},
}
"""The columns of `Persons` that a fact follows from; every other fact is the same for everybody."""
VARYING = frozenset({"employed_days_period", "employed_months_period", "paid_hours_period"})
"""What differs between the periods of a year."""


class SchemeProposal:
    """A checked scheme, run in the same form as the one that is explained to a worker.

    Employees alone are credited, in every period of a year, as payrolls would; money that a scheme keeps so
    many months lapses at the end of the year in which the last of a year's money would, and money until an
    age at the end of the year in which people reach it.
    """

    def __init__(self, text: str, sector: str = "") -> None:
        """Check and compile; with a `sector`, employees of that sector alone are credited.

        Raises FaultyScheme with every fault, or UnableToSimulate (fact_unknown, other_unit).
        """
        self._sector = SECTORS.index(sector) if sector else None
        checked = schemes.check_text(text)
        self.name, self.hash, self.inferred = checked.scheme, checked.hash, checked.inferred
        self.has_rounds = checked.has_rounds
        self._program = schemes.compiled(text)
        scheme = self._program.scheme
        if scheme.unit != ACCOUNT_UNIT:
            raise UnableToSimulate(
                "other_unit",
                _("De regeling telt %(unit)s. Rekenen met een bevolking kan alleen in euro."),
                {"unit": scheme.unit},
            )
        self.titles = {"nl": scheme.title.nl, "en": scheme.title.en}
        self.portable = not scheme.ends_with_job
        self.years_kept: int | None = None
        self.ends_in: int | None = None
        self.ends_at_age = scheme.expiry.at_age if scheme.expiry is not None else None
        if scheme.expiry is not None:
            if scheme.expiry.on is not None:
                self.ends_in = scheme.expiry.on.year
            elif scheme.expiry.after_months is not None:
                self.years_kept = ceil(scheme.expiry.after_months / 12)
            else:
                self.years_kept = scheme.expiry.end_of_year_after
        self._kind = next(kind for kind in LONGEST_FIRST if kind in scheme.periods)
        self._spread = [one.id for one in scheme.credit if one.spread is not None]
        self._again_after = scheme.again_after
        self._columns = set(self._program.columns)
        self._kinds = self._columns_of_kinds()
        self._by_kind: dict[int, ByKind | None] = {}
        self._bound: dict[int, list[Bound]] = {}
        for column in self._program.columns:
            if column not in FACTS and column.partition(":")[0] not in STATES:
                raise UnableToSimulate(
                    "fact_unknown",
                    _("De rekenbevolking heeft geen ‘%(fact)s’: hiermee kan niet worden gerekend."),
                    {"fact": column},
                )

    def start(self, count: int) -> dict[str, Cents]:
        """Return what people got so far of each credit, where the scheme asks for it."""
        names = [name for name in self._program.columns if name.split(":")[0] == "ever"]
        names += [f"given_in:{credit}" for credit in self._again_after]
        return {name: np.zeros(count, np.int64) for name in names}

    def _columns_of_kinds(self) -> tuple[str, ...]:
        """Return the columns of people that alone, or with what they have, decide what somebody gets in a year."""
        told = {"contract"}.union(*(COLUMNS_OF.get(name, ()) for name in self._columns))
        states = {name.split(":")[0] for name in self._columns} & STATES
        if "ever" in states or self._again_after:
            return ()
        if "balance" in states and states != {"balance"}:
            return ()
        return tuple(sorted(told)) if are_few(told) else ()

    def prepare(self, year: int) -> None:
        """Bind every period of a year; raises UnableToSimulate (not_in_force)."""
        self._by_kind.pop(year, None)
        try:
            self._bound[year] = [
                self._program.bind(Period(year, number, self._kind))
                for number in range(1, PERIODS_A_YEAR[self._kind] + 1)
            ]
        except DomainError as error:
            raise UnableToSimulate(
                "not_in_force",
                _("De regeling geldt niet in heel %(year)s (%(problem)s). Begin later."),
                {"year": year, "problem": error.code},
            ) from error

    def credit(
        self,
        people: Persons,
        balance: Whole,
        state: dict[str, Cents],
        year: int,
        backend: Backend | None,
    ) -> Whole:
        """Return what people are credited in a prepared year; `state` is brought up to date."""
        by_kind = self._of_kinds(year, backend) if self._kinds else None
        if by_kind is None:
            return self._one_by_one(people, balance, state, year, backend)
        given = by_kind.of(people, balance, backend)
        if self._sector is not None:
            given *= people.sector == self._sector
        return given

    def _of_kinds(self, year: int, backend: Backend | None) -> ByKind | None:
        """Return what every kind of person gets in a year, computed once.

        None where it follows from more than their kind and what they have at the start.
        """
        if year not in self._by_kind:
            kinds = one_of_each(self._kinds)
            if self._sector is not None:
                kinds.sector += np.uint8(self._sector)
            if "balance" in self._columns:
                self._by_kind[year] = self._under_a_limit(kinds, year)
            else:
                given = self._one_by_one(kinds, np.zeros(0, np.int64), {}, year, backend)
                self._by_kind[year] = ByKind(self._kinds, given)
        return self._by_kind[year]

    def _under_a_limit(self, kinds: Persons, year: int) -> ByKind | None:
        """Return what people get as long as there is room on their account, and the most that can be there.

        No amount is below zero, as the check of a text proves. So a year gives all of them, or what there was
        room for at its start. None where the limit changes in the year: then it matters what came before it.
        """
        rows = np.flatnonzero(kinds.contract < EMPLOYEES)
        given, most = np.zeros((2, len(kinds)), np.int64)
        limits = []
        for bound in self._bound[year]:
            columns = {
                name: FACTS[name](kinds, bound.period).take(rows)
                for name in self._columns & FACTS.keys()
            }
            columns["balance"] = np.full(len(rows), -LARGEST_HELD)  # so there is room for all
            outputs = schemes.for_many(bound, columns, backend="numpy")
            limits.append(outputs["limit:balance"])
            given[rows] += sum(outputs[name] for name in outputs if name.startswith("amount:"))
        most[rows] = limits[0]
        is_one_limit = all(np.array_equal(one, limits[0]) for one in limits)
        return ByKind(self._kinds, given, most) if is_one_limit else None

    def _one_by_one(
        self,
        people: Persons,
        balance: Whole,
        state: dict[str, Cents],
        year: int,
        backend: Backend | None,
    ) -> Cents:
        """Do what `credit` does for each person apart."""
        credited = people.contract < EMPLOYEES
        if self._sector is not None:
            credited &= people.sector == self._sector
        rows = np.flatnonzero(credited)
        whole = np.zeros(len(people), np.int64)
        if not rows.size:
            return whole
        kept = {name: values.take(rows) for name, values in state.items()}
        for credit, years in self._again_after.items():
            kept[f"ever:{credit}"][kept[f"given_in:{credit}"] <= year - years] = 0
        counted = {credit: kept[f"ever:{credit}"].copy() for credit in self._again_after}
        booked = {"year": np.zeros(len(rows), np.int64)}
        booked |= {name: values for name, values in kept.items() if name.startswith("ever")}
        if "balance" in self._columns:
            booked["balance"] = balance.take(rows).astype(np.int64)
        for credit in self._spread:
            booked[f"earlier:{credit}"] = np.zeros(len(rows), np.int64)
            booked[f"earlier_exact:{credit}"] = np.zeros(len(rows), np.int64)
        self._book(people, rows, booked, year, backend)
        for credit, before_this_year in counted.items():
            kept[f"given_in:{credit}"][kept[f"ever:{credit}"] > before_this_year] = year
        for name, values in state.items():
            values[rows] = kept[name]
        whole[rows] = booked["year"]
        return whole

    def _book(
        self,
        people: Persons,
        rows: NDArray[np.int64],
        booked: dict[str, Cents],
        year: int,
        backend: Backend | None,
    ) -> None:
        """Credit some people in every period of a year."""
        columns: dict[str, Whole] = {}
        for bounds in self._alike(self._bound[year]):
            wanted = self._columns & FACTS.keys()
            if columns:
                wanted &= VARYING
            for name in wanted:
                columns[name] = FACTS[name](people, bounds[0].period).take(rows)
            own = booked if len(bounds) == 1 else {"year": np.zeros(len(rows), np.int64)}
            schemes.book_for_many(bounds[0], columns, own, backend=backend)
            if own is not booked:
                booked["year"] += own["year"] * len(bounds)

    def _alike(self, periods: Sequence[Bound]) -> list[list[Bound]]:
        """Return periods after each other that give everybody the same: no state and the same figures."""
        found: list[list[Bound]] = []
        depends = self._columns - (FACTS.keys() - VARYING)
        for bound in periods:
            if found and not depends and found[-1][0].shared == bound.shared:
                found[-1].append(bound)
            else:
                found.append([bound])
        return found
