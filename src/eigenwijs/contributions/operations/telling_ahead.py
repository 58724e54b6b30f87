"""Telling people that the next version of a scheme changes what they get, before it starts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import TrailRow
from eigenwijs.contributions import ahead
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices import operations as notices
from eigenwijs.notices import queries as inboxes
from eigenwijs.notices.types import NewNotice
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView


@transaction.atomic
def announce_change(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `version_activated`: announce `change_ahead` for each employer whose last delivery is near enough.

    So one employer that goes wrong keeps no other people from hearing of it.
    """
    _announce(schemes.version(str(event.ids["hash"])), by, at)


@transaction.atomic
def announce_changes_ahead(*, by: Actor, at: datetime) -> int:
    """Announce `change_ahead` for employers that came near enough since, by versions to come; return how many.

    Once an employer and a version. Call it every day.
    """
    return sum(_announce(version, by, at) for version in schemes.coming(local_date(at)))


def _announce(after: SchemeVersionView, by: Actor, at: datetime) -> int:
    count = 0
    for employer_id in ahead.employers_within_reach(after):
        subject = ("people.organisation", employer_id)
        earlier = trail.trail(subject=subject, action="change_ahead")
        if all(row.ids["hash"] != after.hash for row in earlier):
            ids = {"hash": after.hash}
            audit.announce(by=by, at=at, event="change_ahead", subject=subject, ids=ids)
            count += 1
    return count


@transaction.atomic
def tell_of_change(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `change_ahead`: tell an employer's people for whom a version changes what they get.

    What they get stands on their own page, by job and as it is when they look. Whoever gets as much as
    before is told nothing, and nobody is once the version counts. Once a person, however many jobs.
    """
    after = schemes.version(str(event.ids["hash"]))
    if after.valid_from is None or after.valid_from <= local_date(at):
        return
    files = ahead.files_that_change(event.subject[1], after)
    languages = people.languages(files)
    told = {}
    for file in sorted(files):
        person, language = people.surviving(file), languages[file]
        params = {
            "title": after.title.get(language, after.title["nl"]),
            "starts_on": after.valid_from.isoformat(),
        }
        key = derived_id(person, f"scheme_changes.{after.hash}")
        told[key] = NewNotice(key, person, "scheme_changes", params)
    before = inboxes.told_before(told)  # by another employer, maybe in another language
    new = [notice for key, notice in told.items() if key not in before]
    notices.tell_all(new, by=by, at=at)
