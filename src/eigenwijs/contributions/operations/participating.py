"""An employer takes part in a scheme, or stops."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.contributions.models import Participation
from eigenwijs.contributions.queries import participation_view
from eigenwijs.contributions.types import ParticipationView
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, Permission
from eigenwijs.schemes import queries as schemes

LONGEST_TERM_DAYS = 90


class UnableToParticipate(DomainError):
    """Codes: unknown_employer, unknown_payer, not_in_force, employer_would_see, receiver_missing,
    receiver_is_employer, employer_pays_not, already_takes_part, wrong_term, does_not_take_part,
    ends_before_start."""


@transaction.atomic
def join_scheme(
    *,
    employer_id: UUID,
    scheme: str,
    payer_id: UUID,
    starts_on: date,
    payment_term_days: int = 14,
    reverts_to: UUID | None = None,
    by: Actor,
    at: datetime,
) -> ParticipationView:
    """Let an employer take part in a scheme from a day on; the payer may be the employer itself.

    `payment_term_days` are calendar days from the payment request. `reverts_to` receives what ends
    unspent; a scheme whose money ends needs one, and never the employer: where money goes back to the
    employer, `reverts_to` gets what is of too few people. The same call again changes nothing. Raises
    UnableToParticipate and access.NotPermitted.
    """
    _require(by)
    _check(
        employer_id=employer_id,
        scheme=scheme,
        payer_id=payer_id,
        starts_on=starts_on,
        payment_term_days=payment_term_days,
        reverts_to=reverts_to,
    )
    values = {
        "payer_id": payer_id,
        "reverts_to_id": reverts_to,
        "payment_term_days": payment_term_days,
    }
    overlapping = Participation.objects.select_for_update().filter(
        Q(ends_on=None) | Q(ends_on__gte=starts_on), employer_id=employer_id, scheme=scheme
    )
    known = overlapping.first()
    if known is not None:
        if known.starts_on == starts_on and all(
            getattr(known, name) == value for name, value in values.items()
        ):
            return participation_view(known)
        raise UnableToParticipate(
            "already_takes_part", _("Deze werkgever doet al mee aan deze regeling.")
        )
    row = Participation.objects.create(
        id=new_id(at),
        employer_id=employer_id,
        scheme=scheme,
        starts_on=starts_on,
        recorded_at=at,
        **values,
    )
    audit.record(
        by=by,
        at=at,
        action="contributions.participation.join",
        subject=(Participation._meta.label_lower, row.id),
        ids={"employer": str(employer_id), "scheme": scheme, "payer": str(payer_id)},
    )
    return participation_view(row)


@transaction.atomic
def leave_scheme(
    *, participation_id: UUID, ends_on: date, by: Actor, at: datetime
) -> ParticipationView:
    """End an employer's part in a scheme with `ends_on` as its last day.

    Raises UnableToParticipate and access.NotPermitted.
    """
    _require(by)
    row = Participation.objects.select_for_update().filter(pk=participation_id).first()
    if row is None or row.ends_on is not None:
        raise UnableToParticipate(
            "does_not_take_part", _("Deze werkgever doet niet mee aan deze regeling.")
        )
    if ends_on < row.starts_on:
        raise UnableToParticipate("ends_before_start", _("Het einde ligt voor het begin."))
    Participation.objects.filter(pk=row.pk).update(ends_on=ends_on)
    row.ends_on = ends_on
    audit.record(
        by=by,
        at=at,
        action="contributions.participation.leave",
        subject=(Participation._meta.label_lower, row.id),
        fields=["ends_on"],
    )
    return participation_view(row)


def _require(by: Actor) -> None:
    if not by.is_system:
        access.require(by, Permission.MANAGE_SCHEMES)


def _check(
    *,
    employer_id: UUID,
    scheme: str,
    payer_id: UUID,
    starts_on: date,
    payment_term_days: int,
    reverts_to: UUID | None,
) -> None:
    employer = people.organisation(employer_id)
    if employer is None or employer.kind is not OrganisationKind.EMPLOYER:
        raise UnableToParticipate("unknown_employer", _("Deze werkgever is er niet."))
    payer = people.organisation(payer_id)
    if payer is None:
        raise UnableToParticipate("unknown_payer", _("Deze betaler is er niet."))
    if not 1 <= payment_term_days <= LONGEST_TERM_DAYS:
        raise UnableToParticipate(
            "wrong_term",
            _("De betaaltermijn ligt tussen 1 en %(most)s dagen."),
            {"most": LONGEST_TERM_DAYS},
        )
    try:
        version = schemes.version_in_force(scheme, starts_on)
    except schemes.UnableToFindVersion as error:
        raise UnableToParticipate(
            "not_in_force", _("Deze regeling geldt niet op de dag dat je begint.")
        ) from error
    if version.counts_confided and payer.kind is not OrganisationKind.PAYER:
        raise UnableToParticipate(
            "employer_would_see",
            _(
                "Deze regeling rekent met iets wat mensen over zichzelf vertellen. Kies een fonds of "
                "de overheid als betaler: een ander zou het aan de bedragen zien."
            ),
        )
    if version.goes_back_to_employer and payer_id != employer_id:
        raise UnableToParticipate(
            "employer_pays_not",
            _(
                "In deze regeling gaat geld terug naar de werkgever. Dan moet de werkgever zelf de betaler "
                "zijn."
            ),
        )
    receiver = people.organisation(reverts_to) if reverts_to else None
    if version.has_end and not version.counts_time and receiver is None:
        raise UnableToParticipate(
            "receiver_missing", _("In deze regeling vervalt geld. Zeg wie het dan krijgt.")
        )
    if receiver is not None and receiver.kind is OrganisationKind.EMPLOYER:
        raise UnableToParticipate(
            "receiver_is_employer", _("Geld dat vervalt, kan niet terug naar een werkgever.")
        )
