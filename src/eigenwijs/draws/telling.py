"""What those in a round are told. Private to the room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from eigenwijs.draws.models import Place, Round, Ticket
from eigenwijs.draws.types import RoundRules
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices.types import NewNotice, ParamValue
from eigenwijs.people import queries as people

Params = dict[str, ParamValue]


def result_on(of: Round) -> date:
    """Return the first day on which the result can be there."""
    return local_date(of.falls_at or of.closes_at)


def last_day(place: Place) -> date:
    """Return the last day on which a place can be accepted."""
    return local_date(place.expires_at - timedelta(seconds=1))


def entered(row: Ticket, of: Round, rules: RoundRules, at: datetime) -> NewNotice:
    """Somebody is in."""
    params: Params = {
        **_about(of, rules, _languages([row.person_id])[row.person_id]),
        "ticket": row.number,
        "amount_cents": row.cents,
        "result_on": result_on(of).isoformat(),
    }
    key = derived_id(row.pk, f"round_entered.{at.isoformat()}")
    return NewNotice(key, row.person_id, "round_entered", params)


def withdrawn(rows: Iterable[Ticket], of: Round, rules: RoundRules) -> list[NewNotice]:
    """The round that they are in was withdrawn, and why."""
    told = list(rows)
    languages = _languages({row.person_id for row in told})
    reasons: Mapping[str, str] = of.withdrawn_for or {}
    notices = []
    for row in told:
        language = languages[row.person_id]
        params = {**_about(of, rules, language), "reason": reasons[language]}
        key = derived_id(row.pk, "round_withdrawn")
        notices.append(NewNotice(key, row.person_id, "round_withdrawn", params))
    return notices


def results(rows: Iterable[Ticket], of: Round, rules: RoundRules) -> list[NewNotice]:
    """What the draw gave everyone who did not win; winners hear of their place."""
    told = [row for row in rows if row.outcome != "won"]
    languages = _languages({row.person_id for row in told})
    notices = []
    for row in told:
        params = _about(of, rules, languages[row.person_id])
        kind = "round_lost" if rules.carry_over.step == 0 else "round_lost_counts_next_time"
        if row.reserve_rank is not None:
            kind = "round_reserve"
            params |= {"rank": row.reserve_rank, "until_on": rules.reserve_until.isoformat()}
        key = derived_id(row.pk, "round_result")
        notices.append(NewNotice(key, row.person_id, kind, params))
    return notices


def had_money(rows: Iterable[Ticket], of: Round, rules: RoundRules) -> list[NewNotice]:
    """They can get nothing in this round any more: they had money of the scheme this year."""
    told = list(rows)
    languages = _languages({row.person_id for row in told})
    return [  # the language is in the key: it may be told again, after a later yes or a joined file
        NewNotice(
            derived_id(row.pk, f"round_had_money.{languages[row.person_id]}"),
            row.person_id,
            "round_had_money",
            _about(of, rules, languages[row.person_id]),
        )
        for row in told
    ]


def places(
    rows: Iterable[Place], of: Round, rules: RoundRules, kind: str, label: str = ""
) -> list[NewNotice]:
    """Something about a won place; `label` keeps two of a kind apart."""
    told = list(rows)
    languages = _languages({row.ticket.person_id for row in told})
    about = {language: _about(of, rules, language) for language in set(languages.values())}
    ends = {row.expires_at: last_day(row).isoformat() for row in told}
    return [
        NewNotice(
            derived_id(row.pk, f"{kind}{label}"),
            row.ticket.person_id,
            kind,
            {
                **about[languages[row.ticket.person_id]],
                "amount_cents": row.cents,
                "until_on": ends[row.expires_at],
            },
        )
        for row in told
    ]


def _about(of: Round, rules: RoundRules, language: str) -> Params:
    return {"title": rules.title[language], "payer": rules.payer, "round": str(of.pk)}


def _languages(person_ids: Collection[UUID]) -> dict[UUID, str]:
    found = people.languages(person_ids)
    return {one: "nl" if found[one].startswith("nl") else "en" for one in person_ids}
