"""Everything that says something about a person comes along in their own file, or a reason says why not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models

from eigenwijs.contributions.models import AdvanceAsk
from eigenwijs.kernel.classification import Classified, Sensitivity
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import queries as people
from eigenwijs.web.my_data.exports import everything_of
from tests.architecture.source import assert_none
from tests.architecture.test_models import our_models
from tests.factories.contributions import GIFT, deliver, worker
from tests.factories.draws import make_won
from tests.factories.time import make_refused_day
from tests.factories.travel import NAME, PAID_OUT, make_travel

# Field → where its value stands in the file.
COMES_ALONG = {
    "people.Person.id": "people.files.id",
    "people.Person.name": "people.files.name",
    "people.Person.birth_date": "people.files.birth_date",
    "people.Person.email": "people.files.email",
    "people.Person.phone": "people.files.phone",
    "people.Person.address": "people.files.address",
    "people.Person.language": "people.files.language",
    "people.Person.merged_into": "people.files.joined",
    "people.StatusChange.status": "people.statuses.status",
    "people.StatusChange.since": "people.statuses.since",
    "people.QualificationTold.level": "people.qualifications.level",
    "people.QualificationTold.told_on": "people.qualifications.told_on",
    "people.Employment.id": "people.employments.id",
    "people.Employment.personnel_number": "people.employments.personnel_number",
    "people.Employment.contract_kind": "people.employments.contract_kind",
    "people.Employment.contract_hours_week": "people.employments.contract_hours_week_hundredths",
    "people.Employment.started_on": "people.employments.started_on",
    "people.Employment.ended_on": "people.employments.ended_on",
    "people.Employment.delivered_birth_date": "people.employments.delivered_birth_date",
    "people.RoleAssignment.role": "people.roles.role",
    "people.Look.what": "people.who_looked.what",
    "people.Look.role": "people.who_looked.role",
    "budgets.Pot.id": "budgets.pots.id",
    "budgets.Credit.id": "budgets.credits.id",
    "budgets.Credit.pot": "budgets.credits.pot",
    "budgets.Credit.amount_cents": "budgets.credits.cents",
    "budgets.Credit.taken_back_cents": "budgets.credits.taken_back_cents",
    "budgets.Credit.usable_until": "budgets.credits.usable_until",
    "budgets.Credit.reason": "budgets.credits.reason",
    "budgets.ExpectedCredit.id": "budgets.expected.id",
    "budgets.ExpectedCredit.amount_cents": "budgets.expected.cents",
    "budgets.ExpectedCredit.conditions": "budgets.expected.conditions",
    "budgets.ExpectedCredit.reason": "budgets.expected.reason",
    "budgets.Reservation.id": "budgets.reservations.booking",
    "budgets.ReservationLine.pot": "budgets.reservations.lines.pot",
    "budgets.ReservationLine.amount_cents": "budgets.reservations.lines.cents",
    "budgets.ReservationLine.spent_cents": "budgets.reservations.lines.spent_cents",
    "budgets.ReservationLine.refunded_cents": "budgets.reservations.lines.refunded_cents",
    "budgets.TimeCredit.id": "budgets.time_to_learn.given.id",
    "budgets.TimeCredit.hundredths": "budgets.time_to_learn.given.hundredths",
    "budgets.TimeCredit.usable_until": "budgets.time_to_learn.given.usable_until",
    "budgets.TimeCredit.reason": "budgets.time_to_learn.given.reason",
    "budgets.TimeUse.id": "budgets.time_to_learn.days.id",
    "budgets.TimeUse.employment": "budgets.time_to_learn.days.employment",
    "budgets.TimeUse.hundredths": "budgets.time_to_learn.days.hundredths",
    "budgets.TimeUse.day": "budgets.time_to_learn.days.on",
    "budgets.TimeUse.refused_because": "budgets.time_to_learn.days.refused_because",
    "contributions.DeliveryLine.personnel_number": "contributions.delivered.personnel_number",
    "contributions.DeliveryLine.employment_number": "contributions.delivered.employment_number",
    "contributions.DeliveryLine.name": "contributions.delivered.name",
    "contributions.DeliveryLine.age": "contributions.delivered.age",
    "contributions.DeliveryLine.contract_kind": "contributions.delivered.contract_kind",
    "contributions.DeliveryLine.contract_hours_week": (
        "contributions.delivered.contract_hours_week_hundredths"
    ),
    "contributions.DeliveryLine.paid_hours_period": (
        "contributions.delivered.paid_hours_period_hundredths"
    ),
    "contributions.DeliveryLine.started_on": "contributions.delivered.started_on",
    "contributions.DeliveryLine.ended_on": "contributions.delivered.ended_on",
    "contributions.DeliveryLine.gross_wage_cents": "contributions.delivered.gross_wage_cents",
    "contributions.DeliveryLine.sought": "contributions.delivered.sought",
    "contributions.DeliveryLine.change_cents": "contributions.delivered.change_cents",
    "contributions.DeliveryLine.is_without": "contributions.delivered.is_without",
    "contributions.AmountDue.employment": "contributions.amounts_due.employment",
    "contributions.AmountDue.person": "contributions.amounts_due.file",
    "contributions.AmountDue.eligible": "contributions.amounts_due.eligible",
    "contributions.AmountDue.inputs": "contributions.amounts_due.inputs",
    "contributions.AmountDue.parts": "contributions.amounts_due.parts",
    "contributions.AmountDue.entitled_cents": "contributions.amounts_due.entitled_cents",
    "contributions.AmountDue.amount_cents": "contributions.amounts_due.amount_cents",
    "contributions.AmountDue.settled_cents": "contributions.amounts_due.settled_cents",
    "contributions.AmountDue.credited_cents": "contributions.amounts_due.credited_cents",
    "contributions.AdvanceAsk.employment": "contributions.advances_asked.employment",
    "contributions.AdvanceAsk.cents": "contributions.advances_asked.cents",
    "contributions.CreditedAmount.cents": "contributions.credited.cents",
    "contributions.SetOff.cents": "contributions.set_off.cents",
    "contributions.TakenBack.cents": "contributions.taken_back.cents",
    "contributions.YearTotal.employment": "contributions.year_totals.employment",
    "contributions.YearTotal.parts": "contributions.year_totals.parts",
    "draws.Ticket.id": "draws.id",
    "draws.Ticket.number": "draws.ticket",
    "draws.Ticket.cents": "draws.cents",
    "draws.Ticket.group": "draws.group",
    "draws.Ticket.losses": "draws.earlier_rounds_in_vain",
    "draws.Ticket.won_cents": "draws.won_cents",
    "draws.Place.id": "draws.place.id",
    "draws.Place.cents": "draws.place.cents",
    "bookings.Booking.id": "bookings.id",
    "bookings.Booking.offer": "bookings.offer",
    "bookings.Booking.price_cents": "bookings.price_cents",
    "bookings.Booking.from_account_cents": "bookings.from_account_cents",
    "bookings.Booking.pay_yourself_cents": "bookings.pay_yourself_cents",
    "bookings.Booking.cost_cents": "bookings.cost_cents",
    "bookings.Booking.work_related": "bookings.work_related",
    "bookings.Booking.early_start_requested": "bookings.early_start_requested",
    "bookings.Booking.answer": "bookings.answer",
    "bookings.Booking.attended": "bookings.attended",
    "bookings.Completion.amount_cents": "bookings.completion.cents",
    "bookings.Proposal.price_cents": "bookings.proposal.price_cents",
    "bookings.Halfway.amount_cents": "bookings.halfway.cents",
    "bookings.Completion.attended_percent": "bookings.completion.attended_percent",
    "bookings.Completion.certificate": "bookings.completion.certificate",
    "bookings.Decision.outcome": "bookings.decisions.outcome",
    "bookings.Decision.reason": "bookings.decisions.reason",
    "bookings.Decision.evidence": "bookings.decisions.evidence",
    "bookings.Objection.text": "bookings.decisions.objection",
    "notices.Notice.kind": "notices.kind",
    "notices.Notice.params": "notices.about",
}

WHOSE = "whose row it is: the file is that person's"
COLLEAGUE = "an id of somebody of the staff; who looked stands in the log by name"
SECRET = "would let who reads the file in; of no use to its person"
BY_NAME = "the file names the organisation or person instead of an id"
INNER = "an id of a row inside the house; what the row says comes along"
FIRM = (
    "of organisations or of the bank, in totals; of a person only what stands under contributions"
)

# Field, or whole table, → why it does not come along.
STAYS: dict[str, str] = {
    "audit.AuditRow": "ids only, of what happened; what a person may know of it is in the log and the rows",
    "ledger.Account": "knows no persons; the amounts come along with pots and statement",
    "ledger.Transfer": "knows no persons; the amounts come along with pots and statement",
    "ledger.Period.begun_by": COLLEAGUE,
    "ledger.Period.closed_by": COLLEAGUE,
    "people.Person.corrected_by": COLLEAGUE,
    "people.StatusChange.person": WHOSE,
    "people.QualificationTold.person": WHOSE,
    "people.User.id": INNER,
    "people.User.person": WHOSE,
    "people.User.email": "the same address as the file's, proven",
    "people.User.session_stamp": SECRET,
    "people.User.last_login": "never written: a session is no history of its person",
    "people.Employment.employer": BY_NAME,
    "people.Employment.person": WHOSE,
    "people.RoleAssignment.person": WHOSE,
    "people.RoleAssignment.organisation": BY_NAME,
    "people.ClaimCode": SECRET,
    "people.RecoveryRequest": "who asked and who answered stand in the log of who looked",
    "people.CodeList": SECRET,
    "people.ListCode": SECRET,
    "people.Look.person": WHOSE,
    "people.Look.at": "the last moment of the day comes along, as last_at",
    "people.Look.looker": BY_NAME,
    "people.Look.organisation": BY_NAME,
    "notices.Notice.person": WHOSE,
    "catalogue": "courses and starts, and which colleague of a provider wrote them; nothing of learners",
    "treasury": FIRM,
    "budgets.Pot.person": WHOSE,
    "budgets.Pot.employer": "stands in the conditions of the pot, which come along",
    "budgets.Pot.job_ended_on": "stands with the employment, as ended_on",
    "budgets.Pot.ends_on": "stands with each credit and its pot, under usable_until",
    "budgets.GraceLot": "stands with its pot, under usable_until",
    "budgets.ExpectedCredit.person": WHOSE,
    "budgets.ExpectedCredit.credited_cents": "what arrived is a credit; what is to come comes along",
    "budgets.Reservation.person": WHOSE,
    "budgets.Reservation.payee": BY_NAME,
    "budgets.ReservationLine.id": INNER,
    "budgets.ReservationLine.reservation": INNER,
    "budgets.Lapse": "stands in the statement, as money that lapsed",
    "budgets.Refund": "stands with its reservation, under refunded_cents, and in the statement",
    "budgets.TimeCredit.person": WHOSE,
    "budgets.TimeCredit.employer": BY_NAME,
    "budgets.TimeUse.person": WHOSE,
    "budgets.TimeUse.employer": BY_NAME,
    "contributions.Delivery": FIRM,
    "contributions.DeliveryLine.birth_date": "gone once the file counts; the person's own one comes along",
    "contributions.DeliveryLine.email": "gone once the file counts; the person's own one comes along",
    "contributions.PaymentRequest": FIRM,
    "contributions.CreditingRun": FIRM,
    "contributions.PlannedShare": "gone within minutes; what arrived is a credit, what is to come comes along",
    "draws.Round.pot_cents": "of the round as a whole, and public",
    "draws.Round.beacon_entered_by": COLLEAGUE,
    "schemes.Acceptance.accepted_by": COLLEAGUE,
    "simulation.LongRun.asked_by": COLLEAGUE,
    "simulation.Workforce.delivered_by": COLLEAGUE,
    "draws.RoundSeed": "a secret of the round; public once it is drawn",
    "draws.Ticket.person": WHOSE,
    "draws.Place.ticket": INNER,
    "bookings.Booking.person": WHOSE,
    "bookings.Completion.booking": INNER,
    "bookings.Halfway.booking": INNER,
    "bookings.Proposal.booking": INNER,
    "bookings.Proposal.id": INNER,
    "bookings.WorkItem": "that somebody has to call; the decision that follows comes along",
    "bookings.Decision.id": INNER,
    "bookings.Decision.booking": INNER,
    "bookings.Decision.decided_by": COLLEAGUE,
    "bookings.Objection.id": INNER,
    "bookings.Objection.decision": INNER,
    "bookings.Payout": "between the house and the provider; the cost of the course comes along",
}


def about_people(tables: Iterable[type[models.Model]]) -> Iterator[tuple[str, str, str]]:
    """Yield (room, table, field) of every field that is personal, sensitive or money."""
    for model in tables:
        classified: Mapping[str, Classified] = vars(model).get("FIELDS", {})
        for name, value in classified.items():
            if value.sensitivity is not Sensitivity.PUBLIC:
                label = model._meta.label
                yield model._meta.app_label, label, f"{label}.{name}"


def find_unsaid(found: Iterable[tuple[str, str, str]]) -> list[str]:
    """Name every field of which nobody said whether it comes along, or of which two things are said."""
    breaches = []
    for room, table, field in found:
        said = [one for one in (room, table, field) if one in STAYS]
        said += [field] if field in COMES_ALONG else []
        if len(said) != 1:
            breaches.append(f"{field}: say where it stands in the file, or why not ({said})")
    return breaches


def values_at(tree: Any, path: str) -> Iterator[Any]:
    """Yield every value at a dotted path, through lists."""
    if isinstance(tree, list):
        for one in tree:
            yield from values_at(one, path)
    elif not path:
        yield tree
    elif isinstance(tree, dict) and path.partition(".")[0] in tree:
        head, _dot, rest = path.partition(".")
        yield from values_at(tree[head], rest)


def plain(value: Any) -> Any:
    """Return a value of a column as the file writes it."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def find_missing(whole: Mapping[str, Any], promised: Mapping[str, str]) -> list[str]:
    """Name every field whose values in the database do not stand where the file should have them."""
    breaches = []
    for field, path in promised.items():
        label, _dot, name = field.rpartition(".")
        rows = apps.get_model(label)._default_manager.exclude(**{f"{name}__isnull": True})
        kept = [plain(one) for one in rows.values_list(name, flat=True)]
        shown = list(values_at(whole, path))
        if any(kept) and not any(one in shown for one in kept):
            breaches.append(f"{field} is not at {path}")
    return breaches


def test_of_every_field_about_people_somebody_said_whether_it_comes_along() -> None:
    found = list(about_people(our_models()))
    assert_none(find_unsaid(found))
    names = {name for row in found for name in row}
    assert_none(f"{name} is nothing about people" for name in {*COMES_ALONG, *STAYS} - names)


@pytest.mark.django_db
def test_what_comes_along_is_really_there(settings: Any) -> None:
    settings.DEMO = True
    travel = make_travel()
    shop = people.organisation(people.employments(travel.worker.id)[0].employer_id)
    assert shop
    deliver(shop, "2026-P02", [worker(1, name=NAME)], PAID_OUT)  # money that is still to come
    make_won(travel.worker.id)
    job = people.employments(travel.worker.id)[0].id
    AdvanceAsk.objects.create(
        id=new_id(PAID_OUT), employment_id=job, scheme=GIFT, cents=77, asked_at=PAID_OUT
    )
    make_refused_day(travel.worker.id, PAID_OUT)
    whole = json.loads(json.dumps(everything_of(travel.worker.id, PAID_OUT)))
    assert_none(find_missing(whole, COMES_ALONG))
    first, _second = whole["contributions"]["delivered"]
    assert (first["name"], first["change_cents"]) == (NAME, 13_46 + 10_26)
    assert {one["cents"] for one in whole["contributions"]["credited"]} == {13_46, 10_26}
    assert "money_arrived" in {one["kind"] for one in whole["notices"]}
    assert all(one["title"] and one["body"] for one in whole["notices"])
    assert find_missing({**whole, "notices": []}, COMES_ALONG), "a room that says nothing is seen"


def test_planted_field() -> None:
    assert find_unsaid([("voice", "voice.Wish", "voice.Wish.text")])
    assert find_unsaid([("treasury", "treasury.Entry", "people.Person.name")]), "said twice"
