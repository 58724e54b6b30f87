"""Telling people what the next version of a scheme changes for them, before it starts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.contributions import ahead
from eigenwijs.contributions.ahead import PersonalChange
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices import operations as notices
from eigenwijs.notices.types import NewNotice
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView


@transaction.atomic
def tell_next_of_change(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `version_activated` and what this announces: tell one more employer's people what changes.

    Who gets as much as before, or of whom it is not known yet, is told nothing; nobody is once the version
    counts. Announces `telling_of_change_continues` while there may be more: one employer a transaction, as
    its deliveries are booked.
    """
    after = schemes.version(str(event.ids["hash"]))
    if after.valid_from is None or after.valid_from <= local_date(at):
        return
    told = UUID(str(event.ids["after"])) if "after" in event.ids else None
    employer_id = ahead.next_employer(after.scheme, told)
    if employer_id is None:
        return
    changes = list(ahead.changes_at(employer_id, after))
    languages = people.languages(one.person_id for one in changes)
    notices.tell_all(
        [_notice(one, after, languages.get(one.person_id, "nl")) for one in changes], by=by, at=at
    )
    ids: dict[str, IdValue] = {"hash": after.hash, "after": str(employer_id)}
    audit.announce(
        by=by, at=at, event="telling_of_change_continues", subject=event.subject, ids=ids
    )


def _notice(one: PersonalChange, after: SchemeVersionView, language: str) -> NewNotice:
    if after.valid_from is None:
        raise AssertionError("what is told has a day")
    return NewNotice(
        derived_id(one.employment_id, f"scheme_change.{after.hash}"),
        one.person_id,
        "scheme_gives_other_amount" if one.after else "scheme_gives_no_more",
        {
            "title": after.title[language],
            "starts_on": after.valid_from.isoformat(),
            "before_cents": one.before.cents,
            "after_cents": one.after.cents,
        },
    )
