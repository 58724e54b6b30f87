"""A published round that is withdrawn: only with a reason, and everyone who was in hears it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from eigenwijs.audit import queries as trail
from eigenwijs.draws import operations, queries
from eigenwijs.draws.models import Round
from eigenwijs.draws.operations import (
    UnableToEnter,
    UnableToWithdrawRound,
    withdrawing,
)
from eigenwijs.draws.types import RoundState
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people.access import NotPermitted
from tests.factories import treasury
from tests.factories.draws import (
    CLOSED,
    MADE,
    OPENED,
    assert_books_hold,
    enter_all,
    kinds_told,
    make_draft,
    make_fund,
    make_operator,
    make_published,
    make_rules,
    seen,
    told,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_person,
)

pytestmark = pytest.mark.django_db


REASON = {"nl": "De voorwaarde klopte niet.", "en": "The condition was wrong."}


def test_a_published_round_is_withdrawn_with_a_reason_and_everyone_who_is_in_hears_it(
    react: Callable[[datetime], int],
) -> None:
    """€ 300 goes back to the fund, a withdrawn ticket hears nothing, and nobody drew in vain."""
    fund, operator = make_fund(), make_operator()
    found = make_published(payer_id=fund)
    entered = enter_all(found.id, 3)
    operations.withdraw(round_id=found.id, person_id=entered[0], by=SYSTEM, at=OPENED)
    at = OPENED + timedelta(days=1)
    for _again in range(2):
        operations.withdraw_round(round_id=found.id, reason=REASON, by=operator, at=at)
    react(at)
    done = seen(found.id)
    assert (done.state, done.withdrawn_at, done.withdrawn_for) == (
        RoundState.WITHDRAWN,
        at,
        REASON,
    )
    assert done in queries.published_rounds()
    assert ["round_withdrawn" in kinds_told(one) for one in entered] == [False, True, True]
    notice = next(one for one in notices.inbox(entered[1]) if one.kind == "round_withdrawn")
    assert "De voorwaarde klopte niet." in str(notice.body)
    (waiting,) = treasury.queries.payable_orders(at.date())
    assert (waiting.order.amount, waiting.order.payee_id) == (Money(300_00), fund)
    assert queries.place_counts(found.id).left == Money.zero()
    assert_books_hold(at)
    with pytest.raises(UnableToEnter) as closed:
        operations.enter(round_id=found.id, person_id=make_person().id, by=SYSTEM, at=at)
    assert closed.value.code == "not_open"
    assert operations.list_due(by=SYSTEM, at=CLOSED) == 0
    assert operations.settle_due(by=SYSTEM, at=CLOSED + timedelta(days=365)) == 0
    again = make_published(make_rules(days=60), payer_id=fund, days=60)
    ticket = operations.enter(
        round_id=again.id, person_id=entered[1], by=SYSTEM, at=OPENED + timedelta(days=60)
    )
    assert ticket.weight == 1


def test_who_was_in_a_withdrawn_round_hears_it_two_by_two_after_the_request(
    react: Callable[[datetime], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six are in and one left: five messages in three events, each once, nothing within the request."""
    monkeypatch.setattr(withdrawing, "CHUNK", 2)
    found = make_published()
    entered = enter_all(found.id, 6)
    operations.withdraw(round_id=found.id, person_id=entered[0], by=SYSTEM, at=OPENED)
    react(OPENED)
    operations.withdraw_round(round_id=found.id, reason=REASON, by=make_operator(), at=OPENED)
    seen_after = []
    while waiting := trail.events_without_reaction():
        seen_after.append((waiting[0].event, len(told("round_withdrawn", entered))))
        jobs.react(event_id=waiting[0].id, at=OPENED)
    assert seen_after == [
        ("round_withdrawn", 0),
        ("telling_of_withdrawal_continues", 2),
        ("telling_of_withdrawal_continues", 4),
    ]
    assert told("round_withdrawn", entered) == [1, 2, 3, 4, 5]


def test_a_round_is_not_withdrawn_without_a_reason_or_by_others_or_once_its_window_closed() -> None:
    found, operator = make_published(), make_operator()
    draft = make_draft(make_rules())

    def refused(at: datetime, round_id: UUID = found.id, reason: dict[str, str] = REASON) -> str:
        with pytest.raises(UnableToWithdrawRound) as refusal:
            operations.withdraw_round(round_id=round_id, reason=reason, by=operator, at=at)
        return refusal.value.code

    assert refused(OPENED, reason={"nl": "Fout.", "en": " "}) == "reason_missing"
    assert refused(OPENED, round_id=draft.id) == "not_published"
    assert refused(OPENED, round_id=UUID(int=1)) == "not_found"
    assert refused(found.closes_at) == "window_closed"
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert refused(OPENED) == "not_published"
    with pytest.raises(NotPermitted):
        operations.withdraw_round(
            round_id=found.id, reason=REASON, by=actor_for(make_person()), at=OPENED
        )
    withdrawn = make_published()
    operations.withdraw_round(round_id=withdrawn.id, reason=REASON, by=operator, at=OPENED)
    for change in ({"withdrawn_for": {}}, {"withdrawn_at": MADE}, {"state": "published"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Round.objects.filter(pk=withdrawn.id).update(**change)
