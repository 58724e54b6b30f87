"""The one dictionary of facts that expressions may name: kind, bounds, labels and origin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.clock import months_touched
from eigenwijs.kernel.period import Period


class Kind(StrEnum):
    """What a value measures. Only values of one kind can be added or compared.

    EUR is money: in the scheme's own currency, where that is another. AMOUNT is what a scheme counts that
    counts no money, but hours or days.
    """

    EUR = "EUR"
    AMOUNT = "amount"
    HOURS = "hours"
    YEARS = "years"
    NUMBER = "number"
    YES_NO = "yes/no"
    LABEL = "label"
    CODES = "codes"
    MARKS = "marks"


class Origin(StrEnum):
    """Where a fact comes from."""

    PAYROLL = "payroll"
    PERSON = "person"
    CALENDAR = "calendar"
    COURSE = "course"
    BUYER = "buyer"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `low` and `high` are its bounds, `labels` its values where it is a label.

    A fact that `may_be_absent` can only be used by a scheme that says what happens without it.
    `sentence` tells the value to the person, with the place ``%(value)s``, or ``%(amount)s`` for euros
    (which count in cents); facts of the calendar, of courses and of their buyers are not told. `label` names
    the fact in a clause.
    """

    name: str
    kind: Kind
    origin: Origin
    sentence: str | Promise = ""
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    labels: tuple[str, ...] = ()
    may_be_absent: bool = False
    whole: bool = False
    label: str | Promise = ""


CONTRACT_KINDS = ("permanent", "fixed_term", "on_call", "agency")

QUALIFICATIONS = (
    "primary", "lower_secondary", "basic_vocational", "vocational", "upper_secondary",
    "short_cycle", "bachelor", "master", "doctorate",
)  # fmt: skip
"""The highest qualification, by level of the European Qualifications Framework: primary is none, then 1 or 2 from
school, 2 from a trade, 3, 4, 5, 6, 7, 8. In ISCED 2011 (UNESCO): 0-1, 2, 3 (three labels), 5, 6, 7, 8.
The Dutch framework (NLQF) has vmbo and mbo 1 at 1 and 2, mbo 2 at 2, mbo 3 at 3, mbo 4 and havo at 4."""

JOB_KINDS = ("ordinary", "student", "subsidised")
TRAINING_PROGRAMME = ("joins", "does_not_join")

COURSE_KINDS = (
    "course", "basic_skills", "language", "certificate", "skills_review", "driving_licence",
)  # fmt: skip
"""What a course is for, as its provider says; who says nothing has an ordinary `course`."""

LABEL_TEXTS: dict[str, str | Promise] = {
    "permanent": _("een vast contract"),
    "fixed_term": _("een tijdelijk contract"),
    "on_call": _("een oproepcontract"),
    "agency": _("een contract bij een uitzendbureau"),
    "primary": _("geen diploma na de basisschool"),
    "lower_secondary": _("vmbo, mavo, lbo of mbo 1"),
    "basic_vocational": _("mbo 2"),
    "vocational": _("mbo 3"),
    "upper_secondary": _("mbo 4, havo of vwo"),
    "short_cycle": _("associate degree"),
    "bachelor": _("bachelor (hbo of universiteit)"),
    "master": _("master (hbo of universiteit)"),
    "doctorate": _("doctor of PhD"),
    "ordinary": _("een gewone baan"),
    "student": _("een baan naast je studie of in je vakantie"),
    "subsidised": _("een gesubsidieerde baan"),
    "joins": _("je doet mee"),
    "does_not_join": _("je doet niet mee"),
    "course": _("een gewone cursus"),
    "basic_skills": _("een cursus taal, rekenen of computer als basis"),
    "language": _("een cursus om een andere taal te leren"),
    "certificate": _("een cursus voor een certificaat voor één vaardigheid, geen diploma"),
    "skills_review": _("een loopbaanonderzoek"),
    "driving_licence": _("een cursus voor een rijbewijs voor de auto (B)"),
}

_PERSON = (
    Fact(
        "contract_kind",
        Kind.LABEL,
        Origin.PAYROLL,
        _("Je hebt %(value)s."),
        labels=CONTRACT_KINDS,
        label=_("het soort contract"),
    ),
    Fact(
        "contract_hours_week",
        Kind.HOURS,
        Origin.PAYROLL,
        _("In je contract staat %(value)s uur per week."),
        high=Fraction(168),
        may_be_absent=True,
        label=_("contracturen per week"),
    ),
    Fact(
        "paid_hours_period",
        Kind.HOURS,
        Origin.PAYROLL,
        _("Je werkgever betaalde %(value)s uur in deze periode."),
        high=Fraction(8784),
        label=_("betaalde uren in de periode"),
    ),
    Fact(
        "gross_wage_period",
        Kind.EUR,
        Origin.PAYROLL,
        _("Je verdiende %(amount)s bruto in deze periode."),
        high=Fraction(100_000_000),
        label=_("het brutoloon in de periode"),
    ),
    Fact(
        "age",
        Kind.YEARS,
        Origin.PERSON,
        _("Je bent %(value)s jaar aan het einde van deze periode."),
        high=Fraction(120),
        whole=True,
        label=_("leeftijd aan het einde van de periode"),
    ),
    Fact(
        "qualification",
        Kind.LABEL,
        Origin.PERSON,
        _("Je vertelde ons je hoogste diploma: %(value)s."),
        labels=QUALIFICATIONS,
        may_be_absent=True,
        label=_("het hoogste diploma"),
    ),
    Fact(
        "employed_days_period",
        Kind.NUMBER,
        Origin.PAYROLL,
        _("Je was %(value)s dagen in dienst in deze periode."),
        high=Fraction(366),
        whole=True,
        label=_("dagen in dienst in de periode"),
    ),
    Fact(
        "employed_months_period",
        Kind.NUMBER,
        Origin.PAYROLL,
        _("Maanden van deze periode waarin je in dienst was, al was het een dag: %(value)s."),
        high=Fraction(12),
        whole=True,
        label=_("maanden waarin je in dienst was"),
    ),
    Fact(
        "service_years",
        Kind.YEARS,
        Origin.PAYROLL,
        _("Hele jaren dat je in dienst was aan het einde van deze periode: %(value)s."),
        high=Fraction(120),
        whole=True,
        label=_("hele jaren in dienst aan het einde van de periode"),
    ),
    Fact(
        "contract_hours_reference",
        Kind.HOURS,
        Origin.PAYROLL,
        _("Op de peildatum stond %(value)s uur per week in je contract."),
        high=Fraction(168),
        may_be_absent=True,
        label=_("contracturen per week op de peildatum"),
    ),
    Fact(
        "full_time_hours_week",
        Kind.HOURS,
        Origin.PAYROLL,
        _("Een volle werkweek is bij je werkgever %(value)s uur."),
        low=Fraction(1),
        high=Fraction(168),
        label=_("uren per week van een volle werkweek"),
    ),
    Fact(
        "leave_hours_period",
        Kind.HOURS,
        Origin.PAYROLL,
        _("Je ruilde in deze periode %(value)s uur verlof in."),
        high=Fraction(960),
        label=_("uren verlof die je inruilt in de periode"),
    ),
    Fact(
        "hourly_wage",
        Kind.EUR,
        Origin.PAYROLL,
        _("Je loon is %(amount)s bruto per uur."),
        high=Fraction(100_000),
        label=_("het brutoloon per uur"),
    ),
    Fact(
        "job_kind",
        Kind.LABEL,
        Origin.PAYROLL,
        _("Je hebt %(value)s."),
        labels=JOB_KINDS,
        label=_("het soort baan"),
    ),
    Fact(
        "training_programme",
        Kind.LABEL,
        Origin.PAYROLL,
        _("Het leerprogramma van je werkgever: %(value)s."),
        labels=TRAINING_PROGRAMME,
        label=_("meedoen met het leerprogramma van de werkgever"),
    ),
    Fact(
        "days_period",
        Kind.NUMBER,
        Origin.CALENDAR,
        low=Fraction(28),
        high=Fraction(366),
        whole=True,
        label=_("dagen van de periode"),
    ),
    Fact(
        "weeks_period",
        Kind.NUMBER,
        Origin.CALENDAR,
        low=Fraction(4),
        high=Fraction(366, 7),
        label=_("weken van de periode"),
    ),
    Fact(
        "months_period",
        Kind.NUMBER,
        Origin.CALENDAR,
        low=Fraction(1),
        high=Fraction(12),
        whole=True,
        label=_("maanden van de periode"),
    ),
    Fact(
        "periods_year",
        Kind.NUMBER,
        Origin.CALENDAR,
        low=Fraction(1),
        high=Fraction(13),
        whole=True,
        label=_("loonperioden in een jaar"),
    ),
)

_COURSE = (
    Fact("price", Kind.EUR, Origin.COURSE, high=Fraction(10**9), label=_("de prijs van de cursus")),
    Fact("online", Kind.YES_NO, Origin.COURSE, label=_("de cursus is online")),
    Fact("subject", Kind.CODES, Origin.COURSE, label=_("het onderwerp van de cursus")),
    Fact("quality_mark", Kind.MARKS, Origin.COURSE, label=_("het keurmerk van de opleider")),
    Fact(
        "course_kind",
        Kind.LABEL,
        Origin.COURSE,
        labels=COURSE_KINDS,
        label=_("het soort cursus"),
    ),
)

_BUYER = (
    Fact(
        "employed",
        Kind.YES_NO,
        Origin.BUYER,
        label=_("je hebt werk op de dag dat je boekt"),
    ),
)

PERSON_FACTS = {fact.name: fact for fact in _PERSON}
COURSE_FACTS = {fact.name: fact for fact in _COURSE}
SPEND_FACTS = COURSE_FACTS | {fact.name: fact for fact in _BUYER}
"""What is known when somebody books: the course, and who buys it."""

CALENDAR_FACTS = frozenset({"days_period", "weeks_period", "months_period", "periods_year"})

CONFIDED_FACTS = frozenset({"qualification"})
"""What people tell about themselves; no employer may learn it, nor what it does to an amount."""

FactValue = Fraction | str | frozenset[str] | bool
"""An exact number (euros count in cents), a label, codes or marks, or yes or no."""


def calendar_facts(period: Period) -> dict[str, Fraction]:
    """Return the facts that follow from the calendar alone.

    Days and weeks (days / 7) of the period, the calendar months that it touches (1, 3 or 12; four weeks touch
    one or two), and how many such periods a year has.
    """
    days = (period.end - period.start).days + 1
    return {
        "days_period": Fraction(days),
        "weeks_period": Fraction(days, 7),
        "months_period": Fraction(months_touched(period.start, period.end)),
        "periods_year": Fraction(period.of_year),
    }
