"""The schemes that an employer takes part in during a period, in the versions in force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.contributions.models import Delivery, Participation
from eigenwijs.contributions.payroll_sought import SOUGHT
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.period import Period
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView

WAGE = "gross_wage_period"


@dataclass(frozen=True, slots=True)
class SchemeRun:
    """A scheme that an employer takes part in, with the version in force in the period."""

    participation: Participation
    version: SchemeVersionView

    @property
    def scheme(self) -> str:
        """The scheme's name."""
        return self.version.scheme

    @property
    def counts_wage(self) -> bool:
        """Whether it looks at the wage, which is kept only for schemes that do."""
        return WAGE in self.version.facts_needed

    @property
    def sought(self) -> frozenset[str]:
        """The other facts that are kept only for schemes that look at them."""
        return frozenset(SOUGHT) & self.version.facts_needed

    @property
    def is_shown(self) -> bool:
        """Whether the employer sees what it gives; never of what people tell about themselves."""
        return not self.version.counts_confided


def scheme_runs(employer_id: UUID, period: Period) -> tuple[list[SchemeRun], list[Fault]]:
    """Return the schemes an employer takes part in during a period, or what stands in the way."""
    day = schemes.reference_day(period)
    participations = Participation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), employer_id=employer_id, starts_on__lte=day
    ).order_by("scheme")
    runs: list[SchemeRun] = []
    faults: list[Fault] = []
    for participation in participations:
        try:
            version = schemes.version_in_force(participation.scheme, day)
        except schemes.UnableToFindVersion:
            message = _("De regeling %(scheme)s geldt niet in deze periode.")
            faults.append(Fault("not_in_force", message, {"scheme": participation.scheme}))
            continue
        if period.kind not in version.periods:
            message = _("De regeling %(scheme)s kent deze soort periode niet. Wel: %(allowed)s.")
            allowed = ", ".join(version.periods)
            params = {"scheme": participation.scheme, "allowed": allowed}
            faults.append(Fault("other_period", message, params))
            continue
        if version.goes_back_to_employer and participation.payer_id != employer_id:
            message = _(
                "In de regeling %(scheme)s gaat geld terug naar de werkgever. Die moet zelf de betaler zijn."
            )
            faults.append(Fault("employer_pays_not", message, {"scheme": participation.scheme}))
            continue
        runs.append(SchemeRun(participation, version))
    if not runs and not faults:
        message = _("Je organisatie doet in deze periode aan geen regeling mee.")
        faults.append(Fault("no_scheme", message))
    return runs, faults


def lacks_facts(delivery: Delivery, runs: Collection[SchemeRun]) -> bool:
    """Whether a scheme counts what no scheme did when the file was read, so that it was not kept."""
    lacks = ~Q(sought__has_keys=sorted(frozenset().union(*(run.sought for run in runs))))
    if any(run.counts_wage for run in runs):
        lacks |= Q(gross_wage_cents=None)
    return delivery.lines.filter(lacks).exists()
