"""Writes: ask for a long run, and compute it piece by piece in the job worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import described
from eigenwijs.kernel.ids import new_id
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import NegotiationView
from eigenwijs.simulation import long_runs, queries
from eigenwijs.simulation.lifecycle import LONG_RUN
from eigenwijs.simulation.marginals import SECTORS
from eigenwijs.simulation.models import LongRun
from eigenwijs.simulation.proposals import SchemeProposal, UnableToSimulate
from eigenwijs.simulation.types import LongRunView, RunSize
from eigenwijs.simulation.words import BROKEN

SUBJECT = "simulation.longrun"
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
) -> LongRunView:
    """Ask what texts on a table do with a whole population over years; the job worker computes it.

    The same question at one table is one run, whoever asks; one that failed, or of which nothing was heard
    for long, is begun again. No `sector` is all. Raises NotPermitted for who has no seat at the table, or
    UnableToSimulate (too_many, unknown_text, unknown_sector, fact_unknown, other_unit, not_in_force).
    """
    table = schemes.negotiation(negotiation_id, by=by)
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
    question = long_runs.question(hashes, sector, first_year, size)
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
    if run.counted is None:
        return long_runs.counted(texts, run.sector, run.first_year, size)
    return long_runs.drawn(texts, run.sector, run.first_year, size, len(run.drawn) + 1)


def _texts(table: NegotiationView) -> list[str]:
    """Return every text on a table once, in the order in which they were laid there."""
    return list(dict.fromkeys([table.base, *(one.text for one in table.proposals)]))
