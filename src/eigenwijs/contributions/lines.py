"""From a line of a delivery to what other rooms ask of it."""

from __future__ import annotations

from eigenwijs.contributions.models import DeliveryLine
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.contributions.rules import LineFacts
from eigenwijs.people.types import ContractKind, EmploymentRow


def line_facts(line: DeliveryLine, *, later: int = 0) -> LineFacts:
    """Return what schemes look at in a line; of people who are so many whole years older than then."""
    return LineFacts(
        age=line.age + later,
        contract_kind=line.contract_kind,
        contract_hours_week=line.contract_hours_week,
        paid_hours_period=line.paid_hours_period,
        started_on=line.started_on,
        ended_on=line.ended_on,
        gross_wage_period=line.gross_wage_cents,
        sought=tuple(sorted(line.sought.items())),
    )


def employment_row(row: PayrollRow | DeliveryLine) -> EmploymentRow:
    """Return a line, as read or as kept, as a row for `people`. It still has its birth date."""
    if row.birth_date is None:
        raise ValueError("the birth date is gone once a delivery is booked")
    return EmploymentRow(
        personnel_number=row.personnel_number,
        employment_number=row.employment_number,
        name=row.name,
        birth_date=row.birth_date,
        contact=row.email,
        contract_kind=ContractKind(row.contract_kind),
        contract_hours_week=row.contract_hours_week,
        started_on=row.started_on,
        ended_on=row.ended_on,
    )
