"""Places that go to others before their last day: of who had money of a scheme that gives once a year, and of
who has another place in the same round with a file that was joined."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.draws import published, standing, telling
from eigenwijs.draws.lifecycle import PLACE
from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.operations.placing import move_up
from eigenwijs.draws.types import RoundRules
from eigenwijs.kernel.actor import Actor
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people

_LISTED = ("listed", "fallen", "drawn")


@transaction.atomic
def pass_on_places(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `money_given_once_a_year`, `person_merged` and what this announces, for one more round.

    A place of who had money of the scheme that year goes to who is next on the reserve list; who is on that
    list hears that they are passed over. Of several places of one person in a round one stays.
    Announces `passing_on_continues` while there may be more: one round a transaction, so that nobody waits for
    another in a circle.
    """
    files = people.files_of(event.subject[1])
    rounds = Round.objects.filter(state__in=_LISTED, tickets__person__in=files).distinct()
    if after := event.ids.get("after"):
        rounds = rounds.filter(pk__gt=UUID(str(after)))
    round_ids = list(rounds.order_by("pk").values_list("pk", flat=True)[:2])
    if not round_ids:
        return
    of = Round.objects.select_for_update().get(pk=round_ids[0])  # whoever draws it now is done then
    terms = published.read_rules(of.rules)
    if of.state == "drawn" and standing.had_money(files[:1], terms):
        _pass_on(files, of, terms, by=by, at=at)
    elif of.state == "drawn":
        _keep_one(files, of, terms, by=by, at=at)
    if len(round_ids) > 1:
        ids: dict[str, IdValue] = {"after": str(of.pk)}
        audit.announce(by=by, at=at, event="passing_on_continues", subject=event.subject, ids=ids)


def _pass_on(files: list[UUID], of: Round, terms: RoundRules, *, by: Actor, at: datetime) -> None:
    own = Ticket.objects.filter(round=of, person__in=files)
    passed_over = list(own.filter(outcome="reserve", place=None))
    notices.tell_all(telling.had_money(passed_over, of, terms), by=by, at=at)
    _give_back(_open_places(own, at), of, terms, "place_passed_on", by=by, at=at)


def _keep_one(files: list[UUID], of: Round, terms: RoundRules, *, by: Actor, at: datetime) -> None:
    """Of the places that joined files have in one round keep that with a yes, or else that with most money."""
    own = Ticket.objects.filter(round=of, person__in=files)
    waiting = _open_places(own, at)
    if not Place.objects.filter(ticket__in=own, state="accepted").exists():
        waiting = sorted(waiting, key=lambda one: (-one.cents, one.ticket.number))[1:]
    _give_back(waiting, of, terms, "place_of_joined_file", by=by, at=at)


def _open_places(own: QuerySet[Ticket], at: datetime) -> list[Place]:
    return list(
        Place.objects.select_for_update(of=("self",))
        .filter(ticket__in=own, state=PLACE.initial, expires_at__gt=at)
        .select_related("ticket")
        .order_by("pk")
    )


def _give_back(
    places: Sequence[Place], of: Round, terms: RoundRules, kind: str, *, by: Actor, at: datetime
) -> None:
    """Free places before their last day, tell their winner why, and let the reserve list move up."""
    if not places:
        return
    budgets.withdraw_grants([one.pk for one in places], round_id=of.pk, by=by, at=at)
    for place in places:
        audit.move(place, "lapse", by=by, at=at, lifecycle=PLACE, values={"answered_at": at})
    notices.tell_all(telling.places(places, of, terms, kind), by=by, at=at)
    move_up(of, terms, by=by, at=at)
