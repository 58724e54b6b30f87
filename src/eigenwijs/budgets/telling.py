"""What a worker is told about their money. Private to the room."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from eigenwijs.budgets.models import Pot
from eigenwijs.budgets.time_rules import TimeLot
from eigenwijs.budgets.types import NewCredit, NewTime, TimeAccountView, TimeUseView
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices.types import NewNotice, ParamValue
from eigenwijs.people import queries as people
from eigenwijs.schemes.types import Conditions

Params = dict[str, ParamValue]


def arrived(
    credits_: Sequence[NewCredit], ends: Mapping[UUID, date] | None = None
) -> list[NewNotice]:
    """Money is there, from whom, and until when; `ends` has the last day where a job ended already."""
    names = _names(
        {one.payer_id for one in credits_}
        | {one.conditions.employer for one in credits_ if one.conditions.employer}
    )
    notices = []
    for one in credits_:
        until = one.conditions.expires_on or (ends or {}).get(one.key)
        params: Params = {
            "payer": names[one.payer_id],
            "amount_cents": one.amount.cents,
            "credit": str(one.key),
        }
        kind = "money_arrived"
        if until is not None:
            kind = "money_arrived_with_end"
            params["until_on"] = until.isoformat()
        elif one.conditions.months_after_job and one.conditions.employer:
            kind = "money_arrived_with_job"
            params["employer"] = names[one.conditions.employer]
            params["months"] = one.conditions.months_after_job
        notices.append(NewNotice(derived_id(one.key, "money_arrived"), one.person_id, kind, params))
    return notices


def corrected(key: UUID, credit_id: UUID, pot: Pot, cents: int) -> NewNotice:
    """A credit was lowered within its term."""
    params: Params = {
        "payer": pot.payer.name,
        "amount_cents": cents,
        "credit": str(credit_id),
    }
    return NewNotice(derived_id(key, "money_corrected"), pot.person_id, "money_corrected", params)


def lapsing(pot: Pot, until: date, cents: int) -> NewNotice:
    """Money ends soon; said once for each end."""
    params: Params = {
        "payer": pot.payer.name,
        "amount_cents": cents,
        "until_on": until.isoformat(),
        "pot": str(pot.pk),
    }
    key = derived_id(pot.pk, f"money_lapsing.{until}")
    return NewNotice(key, pot.person_id, "money_lapsing", params)


def ends_with_job(pot: Pot, cents: int, at: datetime) -> NewNotice:
    """A job ended, or ends on another day than was known: until when its money can be used."""
    if pot.job_ended_on is None or pot.ends_on is None or pot.employer_id is None:
        raise AssertionError("only a job that ended ends money")
    params: Params = {
        "payer": pot.payer.name,
        "employer": _names({pot.employer_id})[pot.employer_id],
        "amount_cents": cents,
        "last_on": pot.job_ended_on.isoformat(),
        "until_on": pot.ends_on.isoformat(),
        "pot": str(pot.pk),
    }
    key = derived_id(pot.pk, f"money_ends_with_job.{at.isoformat()}")
    return NewNotice(key, pot.person_id, "money_ends_with_job", params)


def job_goes_on(pot: Pot, at: datetime) -> NewNotice:
    """A job did not end, or began again: its money has no last day any more."""
    if pot.employer_id is None:
        raise AssertionError("only money of a job has an employer")
    params: Params = {
        "payer": pot.payer.name,
        "employer": _names({pot.employer_id})[pot.employer_id],
        "pot": str(pot.pk),
    }
    key = derived_id(pot.pk, f"money_stays_with_job.{at.isoformat()}")
    return NewNotice(key, pot.person_id, "money_stays_with_job", params)


def lapsed(transfers: Sequence[tuple[UUID, Pot, UUID, int]]) -> list[NewNotice]:
    """Money has ended, and who has it now: key of the transfer, pot, receiver, cents."""
    going_back = {
        pot: fund
        for _key, pot, receiver, _cents in transfers
        if (fund := Conditions.from_json(pot.conditions).reverts_to) and fund != receiver
    }
    names = _names(
        {receiver for _key, _pot, receiver, _cents in transfers} | {*going_back.values()}
    )
    return [
        NewNotice(
            derived_id(key, "money_lapsed"),
            pot.person_id,
            "money_lapsed_to_employer" if pot in going_back else "money_lapsed",
            {
                "payer": pot.payer.name,
                "amount_cents": cents,
                "receiver": names[receiver],
                "pot": str(pot.pk),
                **({"fund": names[going_back[pot]]} if pot in going_back else {}),
            },
        )
        for key, pot, receiver, cents in transfers
    ]


def time_arrived(one: NewTime) -> NewNotice:
    """Time to learn is there, from whom, and until when."""
    params: Params = {
        "employer": one.employer_name,
        "amount_time": _time(one.unit, one.hundredths),
        "time_credit": str(one.key),
    }
    kind = "time_arrived"
    if one.usable_until is not None:
        kind = "time_arrived_with_end"
        params["until_on"] = one.usable_until.isoformat()
    return NewNotice(derived_id(one.key, "time_arrived"), one.person_id, kind, params)


def time_lapsing(person_id: UUID, account: TimeAccountView, lot: TimeLot) -> NewNotice:
    """Time ends soon; said once for each end and how much it is."""
    if lot.until is None:
        raise AssertionError("only what has an end ends")
    params: Params = {
        "amount_time": _time(account.unit, lot.hundredths),
        "until_on": lot.until.isoformat(),
    }
    key = derived_id(person_id, f"time_lapsing.{account.scheme}.{lot.until}.{lot.hundredths}")
    return NewNotice(key, person_id, "time_lapsing", params)


def time_answered(use: TimeUseView) -> NewNotice:
    """A day to learn stands, was refused, or is free again because the job is over."""
    kind = {"stands": "time_stands", "refused": "time_refused"}.get(use.state, "time_free_again")
    params: Params = {
        "employer": use.employer_name,
        "amount_time": _time(use.unit, use.hundredths),
        "day_on": use.day.isoformat(),
    }
    return NewNotice(derived_id(use.id, kind), use.person_id, kind, params)


def _time(unit: str, hundredths: int) -> str:
    return f"{unit}:{hundredths}"


def _names(organisations: Collection[UUID]) -> dict[UUID, str]:
    found = {one: people.organisation(one) for one in organisations}
    return {one: view.name for one, view in found.items() if view is not None}
