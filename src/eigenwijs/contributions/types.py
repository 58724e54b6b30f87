"""What callers of contributions get."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from operator import add
from uuid import UUID

from eigenwijs.audit.types import ProgressView
from eigenwijs.budgets.types import TimeAccountView, TimeUseView
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.types import ACCOUNT_UNIT, Localised, SchemeVersionView, Step

STANDS_STILL_AFTER = timedelta(minutes=15)
"""Longer than what failed waits for its next try, and than a worker takes to start."""


@dataclass(frozen=True, slots=True)
class ParticipationView:
    """An employer's part in a scheme. `payment_term_days` are calendar days."""

    id: UUID
    employer_id: UUID
    scheme: str
    payer_id: UUID
    reverts_to: UUID | None
    payment_term_days: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SchemeTotal:
    """What a delivery or a nota comes to under one scheme.

    `people` counts employments with an amount, `without` those to whom nothing is due. In a
    correction `amount` is what changes. `advance` is what of a nota comes ahead of coming periods. `unit` is
    what it counts: nobody pays for time.
    """

    scheme: str
    title: Localised
    people: int
    without: int
    amount: Money
    advance: Money = field(default_factory=Money.zero)
    unit: str = ACCOUNT_UNIT


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A payroll file as delivered. `is_new` is whether this call made it."""

    id: UUID
    employer_id: UUID
    period: Period
    file_name: str
    ignored_columns: tuple[str, ...]
    line_count: int
    state: str
    corrects: UUID | None
    totals: tuple[SchemeTotal, ...]
    delivered_at: datetime
    confirmed_at: datetime | None
    faults: tuple[Fault, ...]
    is_new: bool = False

    @property
    def total(self) -> Money:
        """What it comes to in money, under all schemes together."""
        return sum((item.amount for item in self.totals if item.unit == ACCOUNT_UNIT), Money.zero())


@dataclass(frozen=True, slots=True)
class LineAmount:
    """What one scheme gives for one line, in its unit. `before` is what an earlier delivery of the period gave."""

    scheme: str
    title: Localised
    unit: str
    amount: Money
    before: Money
    eligible: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a payroll file with what is due for it."""

    number: int
    personnel_number: str
    employment_number: int
    name: str
    amounts: tuple[LineAmount, ...]


@dataclass(frozen=True, slots=True)
class LineChange:
    """How one employment differs from the delivery that is corrected.

    `kind` is added, removed or changed; `fields` names the facts that differ, with both values.
    """

    kind: str
    personnel_number: str
    employment_number: int
    name: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """How a correction differs from the delivery before it; `changes` are the first of them."""

    added: int
    removed: int
    changed: int
    changes: tuple[LineChange, ...]


@dataclass(frozen=True, slots=True)
class PaymentRequestView:
    """A nota: what is asked of a payer, and how far it is paid. Never a person.

    A correction took `lowered` off after the nota was made. `received` came in with the reference,
    net of what the bank took back; `credited` is on the workers' accounts.
    """

    id: UUID
    number: int
    reference: str
    employer_id: UUID
    payer_id: UUID
    delivery_id: UUID
    period: Period
    state: str
    total: Money
    taken_back: Money
    lowered: Money
    received: Money
    credited: Money
    totals: tuple[SchemeTotal, ...]
    counts_confided: bool
    requested_on: date
    due_on: date
    replaced_by: UUID | None

    @property
    def advance(self) -> Money:
        """What of it comes ahead of coming periods; not said of a nota that no employer sees."""
        return sum_money(one.advance for one in self.totals)

    @property
    def to_pay(self) -> Money:
        """What is to be paid with the reference, paid or not."""
        return self.total - self.taken_back - self.lowered

    @property
    def still_to_pay(self) -> Money:
        """What has not come in yet; nothing of a nota that was replaced."""
        return Money.zero() if self.state == "replaced" else self.to_pay - self.received

    @property
    def standing(self) -> str:
        """The state as the payer sees it: a short payment counts before it is handed on."""
        return "part_paid" if self.state == "open" and self.received else self.state

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked with it."""
        return self.state in ("paid", "replaced")


@dataclass(frozen=True, slots=True)
class WaitingView:
    """A payment of which amounts wait for the day from which they can stand on accounts."""

    number: int
    employer_id: UUID
    amounts: int
    begins_on: date

    def is_late(self, on: date) -> bool:
        """Whether the day was before `on` already: the bank took the payment back, or its money is not there."""
        return self.begins_on < on


@dataclass(frozen=True, slots=True)
class CreditingView:
    """A payment that is on its way to accounts: of which nota, how many amounts of how many.

    `moved_at` is when amounts reached accounts last, or when it began.
    """

    request_id: UUID
    number: int
    employer_id: UUID
    progress: ProgressView
    begun_at: datetime
    moved_at: datetime

    def stands_still(self, at: datetime) -> bool:
        """Whether nothing has moved for so long that somebody must look; a chunk takes seconds."""
        return at - self.moved_at > STANDS_STILL_AFTER


@dataclass(frozen=True, slots=True)
class LateRequest:
    """What was not paid in time or not in full, as the parties to an agreement see it.

    `amount` is what is still to pay of the nota, in proportion to its schemes; `days_late` is 0
    where it was short, not late.
    """

    scheme: str
    title: Localised
    employer_name: str
    payer_name: str
    period: Period
    amount: Money
    due_on: date
    days_late: int
    state: str


@dataclass(frozen=True, slots=True)
class TracedAmount:
    """What was due for one employment, as an auditor follows it: by which rule, and credited where.

    `set_off` went against lowerings; `credits` are keys of credits in budgets. Ids, never a name.
    """

    id: UUID
    delivery_id: UUID
    request_id: UUID | None
    person_id: UUID
    employment_id: UUID
    scheme: str
    version_hash: str
    period: Period
    amount: Money
    set_off: Money
    credited: Money
    credits: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class EmployerDryRun:
    """What a next version changes for the people of an employer's last delivery, in its first period.

    `people` are those that could be computed under both versions and `unknown` the others; `more`
    and `less` count whose amount changes, `lost` those of `less` who get nothing any more.
    `employer_id` is None for employers with few people, together.
    """

    employer_id: UUID | None
    last: Period
    period: Period
    people: int
    more: int
    less: int
    lost: int
    before: Money
    after: Money
    unknown: int

    def __add__(self, other: EmployerDryRun) -> EmployerDryRun:
        """Return both together, without a name."""
        return EmployerDryRun(
            employer_id=None,
            last=self.last,
            period=self.period,
            people=self.people + other.people,
            more=self.more + other.more,
            less=self.less + other.less,
            lost=self.lost + other.lost,
            before=self.before + other.before,
            after=self.after + other.after,
            unknown=self.unknown + other.unknown,
        )

    @property
    def difference(self) -> Money:
        """What the first period costs more, or less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a next version changes, employer by employer; `left_out` employers were too many to compute whole."""

    employers: tuple[EmployerDryRun, ...]
    left_out: int

    @property
    def total(self) -> EmployerDryRun | None:
        """All employers together; None where there is nobody."""
        return reduce(add, self.employers) if self.employers else None


@dataclass(frozen=True, slots=True)
class AdvanceView:
    """What came ahead in one job under one scheme, and what can still be asked.

    `open` came ahead and did not go off what comes yet; `most` is the most that may be open at once, zero
    where nothing can be asked now. `asked` waits for a delivery under `ask_id`, which is None where nothing
    does. `employer_sees` is whether the employer sees what comes ahead, `last` the last period that was
    delivered, `typical` what a period of the last year gave. `correctable_for_days` is how long a correction
    can take back what is unspent of money that came; None where it never can.
    """

    employment_id: UUID
    employer_name: str
    scheme: str
    title: Localised
    employer_sees: bool
    open: Money
    most: Money
    asked: Money
    ask_id: UUID | None
    last: Period | None
    typical: Money
    correctable_for_days: int | None

    @property
    def room(self) -> Money:
        """How much can be asked; nothing while something waits."""
        return Money.zero() if self.ask_id else max(self.most - self.open, Money.zero())

    def gone_after(self, amount: Money) -> Period | None:
        """Return in which period all will have gone off that is open and asked, if work stays the same.

        What is open goes off the period with which `amount` comes already. None where that cannot be said, or
        only after more than ten years.
        """
        if self.last is None or not self.typical:
            return None
        rest = self.open + amount - min(self.open, self.typical)
        count = -(-rest.cents // self.typical.cents)
        if count > 10 * self.last.of_year:
            return None
        period = self.last
        for _number in range(count + 1):  # one comes with the advance itself
            period = period.next()
        return period


@dataclass(frozen=True, slots=True)
class ChangeAhead:
    """What changes for somebody in one job when the next version of a scheme becomes law.

    The amounts are those of the first period it counts, with what was delivered last: under the
    version that counts for the period before it and under it; None where what was delivered is not enough to say.
    """

    employer_id: UUID
    before: SchemeVersionView
    after: SchemeVersionView
    period: Period
    old: Money | None
    new: Money | None


@dataclass(frozen=True, slots=True)
class TimeJob:
    """A job in which somebody can take time to learn."""

    employment_id: UUID
    employer_name: str


@dataclass(frozen=True, slots=True)
class TimeToLearn:
    """A person's time under one scheme, with the jobs in which it can be taken now."""

    account: TimeAccountView
    title: Localised
    jobs: tuple[TimeJob, ...]


@dataclass(frozen=True, slots=True)
class TimeAtWork:
    """A day on which somebody of an employer learns, with who it is as the payroll knows them."""

    use: TimeUseView
    personnel_number: str
    name: str
