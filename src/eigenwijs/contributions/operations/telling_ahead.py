"""Telling people that the next version of a scheme changes what they get, before it starts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.contributions import ahead
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices import operations as notices
from eigenwijs.notices.types import NewNotice
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes


@transaction.atomic
def announce_change(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `version_activated`: announce `change_ahead` for each employer that was delivered under it.

    So one employer that goes wrong keeps no other people from hearing of it.
    """
    digest = str(event.ids["hash"])
    for employer_id in ahead.employers_under(schemes.version(digest).scheme):
        subject = ("people.organisation", employer_id)
        audit.announce(by=by, at=at, event="change_ahead", subject=subject, ids={"hash": digest})


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
        # The language is in the key: who changed it meanwhile is told by the next employer in the other.
        key = derived_id(person, f"scheme_changes.{after.hash}.{language}")
        told[key] = NewNotice(key, person, "scheme_changes", params)
    notices.tell_all(list(told.values()), by=by, at=at)
