"""Who may enter, in which group, and how often they drew in vain before. Reads, writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction
from uuid import UUID

from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.types import RoundRules, Standing
from eigenwijs.kernel.clock import local_date
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes

Facts = Mapping[str, Fraction | str]

_CHUNK = 2_000
_DRAWN = ("drawn", "settled")


def standings(person_ids: Collection[UUID], of: RoundRules) -> dict[UUID, Standing]:
    """Return for each person whether they may enter and their group, over all files that are theirs.

    Facts count as they are on the first day of the window, so that it is the same whenever somebody
    enters. Of several jobs one that meets a condition is enough. A few queries for some thousands.
    """
    listed = list(person_ids)
    if not of.when and not of.groups[0].when:  # only the last group has no condition
        return dict.fromkeys(listed, Standing(may_enter=True, group=of.groups[0]))
    found: dict[UUID, Standing] = {}
    for start in range(0, len(listed), _CHUNK):
        for person_id, facts in _facts(listed[start : start + _CHUNK], of.opens_on).items():
            found[person_id] = Standing(
                may_enter=_meets(of.when, facts),
                group=next(group for group in of.groups if _meets(group.when, facts)),
            )
    return found


def losses(person_ids: Collection[UUID], of: Round) -> dict[UUID, int]:
    """Return for each person how many rounds of this payer and scheme they drew in vain since they won.

    A place that was won counts as won, whatever became of it.
    """
    counts: dict[UUID, int] = {}
    listed = list(person_ids)
    for start in range(0, len(listed), _CHUNK):
        files = people.files_of_all(listed[start : start + _CHUNK])
        whose = {file: person_id for person_id, own in files.items() for file in own}
        before = (
            Ticket.objects.filter(
                person__in=whose,
                round__payer=of.payer_id,
                round__scheme=of.scheme,
                round__state__in=_DRAWN,
            )
            .exclude(outcome="")
            .exclude(round=of.pk)
            .order_by("round__drawn_at", "round__number")
        )
        for file, outcome, place in before.values_list("person", "outcome", "place"):
            has_won = outcome == "won" or place is not None
            counts[whose[file]] = 0 if has_won else counts.get(whose[file], 0) + 1
    return counts


def had_money(person_ids: Iterable[UUID], of: RoundRules) -> set[UUID]:
    """Return who said yes to money of another round of the scheme in the calendar year of its first day.

    Over all files of each person, whoever paid that round; nobody where the rules do not ask.
    """
    had: set[UUID] = set()
    listed = list(person_ids) if of.once_a_year else []
    for start in range(0, len(listed), _CHUNK):
        files = people.files_of_all(listed[start : start + _CHUNK])
        whose = {file: person_id for person_id, own in files.items() for file in own}
        yes = Place.objects.filter(
            state="accepted", ticket__person__in=whose, ticket__round__scheme=of.scheme
        ).exclude(ticket__round=of.round_id)
        rows = yes.values_list(
            "ticket__person", "ticket__round__opens_on", "ticket__round__serves_from"
        )
        for person, opens_on, serves_from in rows:
            first_day = local_date(serves_from) if serves_from else opens_on
            if first_day.year == of.first_day.year:
                had.add(whose[person])
    return had


def with_place(person_ids: Iterable[UUID], of: Round) -> set[UUID]:
    """Return who got a place in a round already, whatever became of it, over all files of each person."""
    files = people.files_of_all(person_ids)
    all_files = {file for own in files.values() for file in own}
    rows = Place.objects.filter(ticket__round=of, ticket__person__in=all_files)
    placed = set(rows.values_list("ticket__person", flat=True))
    return {person_id for person_id, own in files.items() if not placed.isdisjoint(own)}


def doubles(of: Round) -> set[UUID]:
    """Return the drawn tickets that give nothing: their person, whose files were joined since the list, has a
    better one. The most money won is best, then the first on the reserve list.
    """
    drawn = Ticket.objects.filter(round=of).exclude(outcome="")
    best_first = drawn.order_by("-outcome", "-won_cents", "reserve_rank", "number")
    tickets = list(best_first.values_list("pk", "person"))
    found: set[UUID] = set()
    seen: set[UUID] = set()
    first: dict[UUID, UUID] = {}
    for start in range(0, len(tickets), _CHUNK):
        files = people.files_of_all(person for _pk, person in tickets[start : start + _CHUNK])
        first |= {person_id: own[0] for person_id, own in files.items()}
    for ticket, person_id in tickets:
        if first[person_id] in seen:
            found.add(ticket)
        seen.add(first[person_id])
    return found


def _meets(condition: str, facts: Collection[Facts]) -> bool:
    return any(schemes.meets_person_condition(condition, one) for one in facts)


def _facts(person_ids: Collection[UUID], on: date) -> dict[UUID, list[Facts]]:
    """The facts of each person on a day: one set a job that runs, or what is known without a job."""
    files = people.files_of_all(person_ids)
    first = {person_id: own[0] for person_id, own in files.items()}
    born = {one.id: one.birth_date for one in people.persons(first.values()).values()}
    jobs = defaultdict(list)
    for job in people.employments_of_files(file for own in files.values() for file in own):
        if job.started_on <= on and (job.ended_on is None or job.ended_on >= on):
            jobs[job.person_id].append(job)
    found: dict[UUID, list[Facts]] = {}
    for person_id, own in files.items():
        base: dict[str, Fraction | str] = {}
        if birth_date := born.get(first[person_id]):
            base["age"] = Fraction(_age(birth_date, on))
        sets: list[Facts] = []
        for job in (job for file in own for job in jobs[file]):
            facts = {**base, "contract_kind": job.contract_kind.value}
            if job.contract_hours_week is not None:
                facts["contract_hours_week"] = Fraction(job.contract_hours_week, 100)
            sets.append(facts)
        found[person_id] = sets or [base]
    return found


def _age(birth_date: date, on: date) -> int:
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
