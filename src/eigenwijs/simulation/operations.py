"""Writes: deliver the people of a table, ask for a long run, and compute it piece by piece in the job worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import FaultyImport, described
from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import NotPermitted
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import NegotiationView
from eigenwijs.simulation import long_runs, queries, types
from eigenwijs.simulation.lifecycle import LONG_RUN
from eigenwijs.simulation.marginals import SECTORS
from eigenwijs.simulation.models import LongRun, Workforce
from eigenwijs.simulation.proposals import SchemeProposal, UnableToSimulate
from eigenwijs.simulation.types import LongRunView, RunSize, WorkforceView
from eigenwijs.simulation.words import BROKEN
from eigenwijs.simulation.workforce import digest
from eigenwijs.simulation.workforce_file import read_workforce_file

SUBJECT = "simulation.longrun"
WORKFORCE = "simulation.workforce"
MOST_WORKFORCES = 50
ATTEMPTS = 5
MOST_AT_ONCE = 4
"""So many runs of one table wait for the worker or are computed: each holds up other work for a second."""

_log = logging.getLogger(__name__)


@transaction.atomic
def ask(
    *,
    negotiation_id: UUID,
    texts: Sequence[str],
    sector: str,
    first_year: int,
    size: RunSize,
    by: Actor,
    at: datetime,
    workforce: int | None = None,
) -> LongRunView:
    """Ask what texts on a table do with a whole population over years; the job worker computes it.

    The same question at one table is one run, whoever asks; one that failed, or of which nothing was heard
    for long, is begun again. No `sector` is all; a `workforce` is the number of a table of people, and has its
    own sector. Raises NotPermitted for who has no seat at the table, or UnableToSimulate (too_many, unknown_text,
    unknown_sector, unknown_workforce, fact_unknown, other_unit, not_in_force).
    """
    table = schemes.negotiation(negotiation_id, by=by)
    own = _own_people(negotiation_id, workforce)
    sector = own.sector if own else sector
    if sector and sector not in SECTORS:
        raise UnableToSimulate("unknown_sector", _("Deze sector kennen we niet."))
    on_table = [one for one in _texts(table) if one in texts]
    if len(on_table) < len(set(texts)) or not on_table:
        raise UnableToSimulate("unknown_text", _("Deze tekst ligt niet op tafel."))
    proposals = [SchemeProposal(text, sector) for text in on_table]
    for proposal in proposals:
        for year in range(first_year, first_year + size.years):
            proposal.prepare(year)
    hashes = [one.hash for one in proposals]
    question = long_runs.question(hashes, _people(sector, own), first_year, size)
    others = LongRun.objects.filter(negotiation=negotiation_id, state__in=["asked", "running"])
    if others.exclude(question=question).count() >= MOST_AT_ONCE:
        message = _("Aan deze tafel lopen al %(most)s berekeningen. Wacht tot er een klaar is.")
        raise UnableToSimulate("too_many", message, {"most": MOST_AT_ONCE})
    run, is_new = LongRun.objects.get_or_create(
        negotiation_id=negotiation_id,
        question=question,
        defaults={
            "id": new_id(at),
            "hashes": hashes,
            "sector": sector,
            "workforce": own,
            "first_year": first_year,
            "years": size.years,
            "persons": size.persons,
            "draws": size.draws,
            "persons_a_draw": size.persons_a_draw,
            "seed": size.seed,
            "asked_by": by.person_id,
            "asked_at": at,
            "moved_at": at,
        },
    )
    if is_new:
        audit.announce(by=by, at=at, event="simulation_asked", subject=(SUBJECT, run.pk))
    elif run.state == "failed" or queries.is_stuck(run, at):
        _begin_again(run.pk, by=by, at=at)
    return queries.long_run(run.pk, by=by, at=at)


def _own_people(negotiation_id: UUID, number: int | None) -> Workforce | None:
    if number is None:
        return None
    found = Workforce.objects.filter(negotiation=negotiation_id, number=number).first()
    if found is None:
        raise UnableToSimulate("unknown_workforce", _("Deze tabel ligt niet op tafel."))
    return found


def _begin_again(run_id: UUID, *, by: Actor, at: datetime) -> None:
    run = LongRun.objects.select_for_update().get(pk=run_id)
    if run.state == "failed":
        again: dict[str, object] = {"problem": "", "counted": None, "drawn": []}
        again |= {"asked_by": by.person_id, "asked_at": at, "moved_at": at}
        audit.move(run, "ask", by=by, at=at, lifecycle=LONG_RUN, values=again)
    elif queries.is_stuck(run, at):
        LongRun.objects.filter(pk=run_id).update(moved_at=at)
    else:
        return
    audit.announce(by=by, at=at, event="simulation_asked", subject=(SUBJECT, run.pk))


def compute_next(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `simulation_asked` and `simulation_continues`: compute the next piece of a run.

    The first piece is all people, each later one a draw; so other work waits for seconds, not for the
    whole run. Announces the next piece; after the last one it does nothing. What cannot be computed makes
    the run fail, with its reason.
    """
    run = LongRun.objects.select_for_update().get(pk=event.subject[1])
    if run.state not in ("asked", "running"):
        return
    try:
        sums = _computed(run, _texts_of(run, by=by))
    except Exception as error:  # a retry meets the same: say so instead of trying for ever
        _log.error("long run %s fails: %s", run.pk, described(error))
        problem = error.code if isinstance(error, UnableToSimulate) else BROKEN
        values = {"problem": problem, "moved_at": at}
        audit.move(run, "fail", by=by, at=at, lifecycle=LONG_RUN, values=values)
        return
    if run.counted is None:
        values = {"counted": sums, "moved_at": at}
        audit.move(run, "count", by=by, at=at, lifecycle=LONG_RUN, values=values)
    else:
        run.drawn.append(sums)
        run.moved_at = at
        run.save(update_fields=["drawn", "moved_at"])
    if len(run.drawn) == run.draws:
        audit.move(run, "finish", by=by, at=at, lifecycle=LONG_RUN)
    else:
        audit.announce(by=by, at=at, event="simulation_continues", subject=(SUBJECT, run.pk))


def _texts_of(run: LongRun, *, by: Actor) -> list[str]:
    table = schemes.negotiation(run.negotiation_id, by=by)
    by_hash = {schemes.check_text(text).hash: text for text in _texts(table)}
    return [by_hash[digest] for digest in run.hashes]


def _computed(run: LongRun, texts: list[str]) -> Any:
    size = queries.size_of(run)
    people = _people(run.sector, run.workforce)
    if run.counted is None:
        return long_runs.counted(texts, people, run.first_year, size)
    return long_runs.drawn(texts, people, run.first_year, size, len(run.drawn) + 1)


def _people(sector: str, own: Workforce | None) -> long_runs.People:
    return long_runs.People(sector, queries.workforce_view(own).workforce if own else None)


def _texts(table: NegotiationView) -> list[str]:
    """Return every text on a table once, in the order in which they were laid there."""
    return list(dict.fromkeys([table.base, *(one.text for one in table.proposals)]))


class UnableToDeliverWorkforce(FaultyImport):
    """Codes: faults (every one in `faults`), unknown_sector, closed, too_many, busy."""


@transaction.atomic
def deliver_workforce(
    *, negotiation_id: UUID, content: bytes, sector: str, by: Actor, at: datetime
) -> WorkforceView:
    """Lay a table of people on the table of a negotiation, for both sides to see and to compute with.

    Of the file only the counts are kept. The same counts for the same `sector` are there once, whoever
    delivers them. Raises NotPermitted for who has no seat at the table, or UnableToDeliverWorkforce.
    """
    table = schemes.negotiation(negotiation_id, by=by)
    if not table.side_of(by.organisation_id):
        raise NotPermitted
    if sector not in SECTORS:
        raise UnableToDeliverWorkforce("unknown_sector", (), _("Deze sector kennen we niet."))
    if table.agreed:
        message = _("Deze tafel is gesloten: jullie zijn het eens.")
        raise UnableToDeliverWorkforce("closed", (), message)
    read = read_workforce_file(content, sector)
    if read.faults:
        raise UnableToDeliverWorkforce("faults", read.faults)
    delivered = types.Workforce(sector, tuple(read.groups))
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _kept(table, delivered, by=by, at=at)
        except IntegrityError:  # somebody else delivered at the same moment
            continue
    raise UnableToDeliverWorkforce("busy", (), _("Dit lukte niet. Probeer het nog een keer."))


def _kept(
    table: NegotiationView, delivered: types.Workforce, *, by: Actor, at: datetime
) -> WorkforceView:
    if by.person_id is None:
        raise NotPermitted
    rows = Workforce.objects.filter(negotiation=table.id)
    known = rows.filter(digest=digest(delivered)).first()
    if known:
        return queries.workforce_view(known)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    if number > MOST_WORKFORCES:
        message = _("Op deze tafel liggen al %(most)s tabellen. Kies er een van.")
        raise UnableToDeliverWorkforce("too_many", (), message, most=MOST_WORKFORCES)
    row = Workforce.objects.create(
        id=new_id(at),
        negotiation_id=table.id,
        number=number,
        side=table.side_of(by.organisation_id),
        sector=delivered.sector,
        groups=[[one.count, one.told] for one in delivered.groups],
        digest=digest(delivered),
        delivered_by=by.person_id,
        delivered_at=at,
    )
    audit.record(
        by=by,
        at=at,
        action="simulation.deliver_workforce",
        subject=(WORKFORCE, row.pk),
        ids={"number": number, "people": delivered.people, "digest": row.digest},
    )
    return queries.workforce_view(row)
