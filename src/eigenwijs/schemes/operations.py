"""Writes: load a text, sign it, make it the law from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import access as people_access
from eigenwijs.people.types import Permission, Role
from eigenwijs.schemes import queries
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import check, digest, inferred_places
from eigenwijs.schemes.facts import CONFIDED_FACTS
from eigenwijs.schemes.models import (
    Acceptance,
    Negotiation,
    Proposal,
    SchemeActivation,
    SchemeSignature,
    SchemeVersion,
)
from eigenwijs.schemes.types import (
    ACCOUNT_UNIT,
    TIME_UNITS,
    TWO_SIDES,
    NegotiationView,
    SchemeVersionView,
)

SUBJECT = "schemes.schemeversion"
TABLE = "schemes.negotiation"
MOST_YEARS_AWAY = 20


class UnableToSign(DomainError):
    """Codes: unknown_version, unknown_side, already_signed, same_organisation."""


class UnableToActivate(DomainError):
    """Codes: unknown_version, already_active, other_unit, unit_changes, inferred, unsigned, before_start, too_far,
    not_after_last, counts_confided."""


class UnableToNegotiate(DomainError):
    """Codes: not_for_two, other_unit, same_organisation, other_parties, too_far, other_scheme,
    nothing_new, signed_already, unknown_proposal, same_person, agreed."""


@transaction.atomic
def load(*, text: str, by: Actor, at: datetime) -> SchemeVersionView:
    """Keep a text as the next version of its scheme; the same text again changes nothing.

    Raises FaultyScheme with every fault in the text.
    """
    scheme = check(text)
    found = SchemeVersion.objects.filter(hash=digest(text)).first()
    if found is None:
        earlier = SchemeVersion.objects.select_for_update().filter(scheme=scheme.scheme)
        found = SchemeVersion.objects.create(
            id=new_id(at),
            hash=digest(text),
            scheme=scheme.scheme,
            number=len(earlier) + 1,
            text=text,
            loaded_at=at,
        )
        audit.record(
            by=by,
            at=at,
            action="schemes.load",
            subject=(SUBJECT, found.id),
            ids={"hash": found.hash, "number": found.number},
        )
    return queries.version(found.hash)


@transaction.atomic
def sign(
    *, version_hash: str, side: str, organisation_id: UUID, document: str, by: Actor, at: datetime
) -> SchemeVersionView:
    """Note that an organisation signed a version for one side; `document` names the signed paper.

    The sides that must sign are in the scheme (`signed_by`); an organisation signs for one side
    only. Raises UnableToSign.
    """
    row = _locked(version_hash, UnableToSign)
    scheme = check(row.text)
    if side not in scheme.signed_by:
        raise UnableToSign(
            "unknown_side",
            _("Deze regeling kent deze partij niet. Wel: %(allowed)s."),
            {"allowed": ", ".join(scheme.signed_by)},
        )
    for signature in row.signatures.all():
        if signature.side == side:
            raise UnableToSign("already_signed", _("Deze partij heeft al getekend."))
        if signature.organisation_id == organisation_id:
            raise UnableToSign(
                "same_organisation", _("Eén organisatie kan niet voor twee partijen tekenen.")
            )
    SchemeSignature.objects.create(
        id=new_id(at),
        version=row,
        side=side,
        organisation_id=organisation_id,
        document=document,
        signed_at=at,
    )
    audit.record(
        by=by,
        at=at,
        action="schemes.sign",
        subject=(SUBJECT, row.id),
        ids={"side": side, "organisation": str(organisation_id)},
    )
    return queries.version(version_hash)


@transaction.atomic
def activate(*, version_hash: str, valid_from: date, by: Actor, at: datetime) -> SchemeVersionView:
    """Make a version the law in force from `valid_from` on.

    It counts euros; every side must have signed; no figure may be inferred, unless this is a demonstration
    (`settings.DEMO`); the day lies on or after the scheme's start and after the day of the version
    before. The same activation again changes nothing. Raises UnableToActivate.
    """
    row = _locked(version_hash, UnableToActivate)
    scheme = check(row.text)
    active = SchemeActivation.objects.filter(scheme=row.scheme).order_by("-valid_from")
    mine = next((item for item in active if item.version_id == row.id), None)
    if mine:
        if mine.valid_from == valid_from:
            return queries.version(version_hash)
        raise UnableToActivate(
            "already_active",
            _("Deze versie geldt al vanaf %(valid_from)s."),
            {"valid_from": mine.valid_from.isoformat()},
        )
    _refuse_what_no_account_can_follow(scheme)
    signed = {signature.side for signature in row.signatures.all()}
    missing = [side for side in scheme.signed_by if side not in signed]
    if missing:
        raise UnableToActivate(
            "unsigned", _("Nog niet getekend door: %(sides)s."), {"sides": ", ".join(missing)}
        )
    if valid_from < scheme.starts:
        raise UnableToActivate(
            "before_start",
            _("Deze regeling begint op %(starts)s."),
            {"starts": scheme.starts.isoformat()},
        )
    if valid_from.year - at.year > MOST_YEARS_AWAY:
        raise UnableToActivate(
            "too_far", _("Kies een dag binnen %(most)s jaar."), {"most": MOST_YEARS_AWAY}
        )
    if active and valid_from <= active[0].valid_from:
        raise UnableToActivate(
            "not_after_last",
            _("De vorige versie geldt vanaf %(last)s. Kies een latere dag."),
            {"last": active[0].valid_from.isoformat()},
        )
    if active:
        before = check(active[0].version.text)
        _refuse_other_confidences(scheme, before)
        _refuse_change_of_unit(scheme, before)
    SchemeActivation.objects.create(
        id=new_id(at), version=row, scheme=row.scheme, valid_from=valid_from, activated_at=at
    )
    ids: dict[str, IdValue] = {"hash": row.hash, "valid_from": valid_from.isoformat()}
    if valid_from > local_date(at):  # people hear of it before it starts
        audit.announce(by=by, at=at, event="version_activated", subject=(SUBJECT, row.id), ids=ids)
    else:
        audit.record(by=by, at=at, action="schemes.activate", subject=(SUBJECT, row.id), ids=ids)
    return queries.version(version_hash)


def _refuse_what_no_account_can_follow(scheme: Scheme) -> None:
    """Refuse what accounts do not hold, and, outside a demonstration, what nobody published."""
    if scheme.unit != ACCOUNT_UNIT and scheme.unit not in TIME_UNITS:
        raise UnableToActivate(
            "other_unit",
            _(
                "Deze regeling telt %(unit)s. Rekeningen tellen euro, uren of dagen: ze kan nog niet gelden. "
                "Controleren, uitleggen en exporteren kan wel."
            ),
            {"unit": scheme.unit},
        )
    inferred = inferred_places(scheme)
    if inferred and not settings.DEMO:
        raise UnableToActivate(
            "inferred",
            _(
                "Deze regeling bevat waarden die niemand heeft gepubliceerd: %(places)s. Zo'n "
                "regeling kan alleen in een demonstratie gelden."
            ),
            {"places": ", ".join(inferred)},
        )


def _refuse_change_of_unit(scheme: Scheme, before: Scheme) -> None:
    """Refuse a version that counts something else: what was given under the name stays what it is."""
    if scheme.unit != before.unit:
        raise UnableToActivate(
            "unit_changes",
            _(
                "Deze versie telt %(unit)s, de versie ervoor %(before)s. Geef de regeling een andere naam."
            ),
            {"unit": scheme.unit, "before": before.unit},
        )


def _refuse_other_confidences(scheme: Scheme, before: Scheme) -> None:
    """Refuse a version that begins or stops to count what people tell about themselves."""
    now = scheme.facts_needed & CONFIDED_FACTS
    if now != before.facts_needed & CONFIDED_FACTS:
        raise UnableToActivate(
            "counts_confided",
            _(
                "Deze versie rekent met iets anders dat mensen over zichzelf vertellen (%(facts)s) dan "
                "de vorige. Geef haar een eigen naam: dan kiest iedereen opnieuw."
            ),
            {"facts": ", ".join(sorted(now)) or "–"},
        )


@transaction.atomic
def open_negotiation(
    *,
    title: str,
    base: str,
    parties: Mapping[str, UUID],
    starts_on: date,
    by: Actor,
    at: datetime,
) -> NegotiationView:
    """Open a table for a scheme of workers and employers; `base` is the text that both start from.

    `parties` holds the organisation per side; `starts_on` is from when the new figures count. Whoever opens it
    sits at it. Raises NotPermitted, FaultyScheme for the text, or UnableToNegotiate.
    """
    people_access.require(by, Permission.NEGOTIATE)
    scheme = check(base)
    if set(scheme.signed_by) != set(TWO_SIDES):
        raise UnableToNegotiate(
            "not_for_two",
            _("Deze regeling tekenen vakbonden en werkgevers niet samen. Kies een andere."),
        )
    _refuse_other_unit(scheme)
    if parties["workers"] == parties["employers"]:
        raise UnableToNegotiate(
            "same_organisation", _("Eén organisatie kan niet aan beide kanten zitten.")
        )
    if by.organisation_id not in parties.values():
        raise people_access.NotPermitted
    last = SchemeActivation.objects.filter(scheme=scheme.scheme).order_by("-valid_from").first()
    if last and _signers(last.version) != dict(parties):
        raise UnableToNegotiate(
            "other_parties", _("Deze regeling geldt al, en is van andere partijen.")
        )
    if abs(starts_on.year - at.year) > MOST_YEARS_AWAY:
        raise UnableToNegotiate(
            "too_far", _("Kies een dag binnen %(most)s jaar."), {"most": MOST_YEARS_AWAY}
        )
    row = Negotiation.objects.create(
        id=new_id(at),
        title=title,
        scheme=scheme.scheme,
        base=base,
        starts_on=starts_on,
        workers_id=parties["workers"],
        employers_id=parties["employers"],
        opened_at=at,
    )
    audit.record(by=by, at=at, action="schemes.open_negotiation", subject=(TABLE, row.id))
    return queries.negotiation(row.id, by=by)


@transaction.atomic
def propose(*, negotiation_id: UUID, text: str, by: Actor, at: datetime) -> NegotiationView:
    """Lay a text on the table for one's own side; the same as one's last changes nothing.

    It takes back the yes that the side said before. Raises NotPermitted, FaultyScheme with every fault in
    the text, or UnableToNegotiate.
    """
    found, side = _at_table(negotiation_id, by)
    scheme = check(text)
    if scheme.scheme != found.scheme or set(scheme.signed_by) != set(TWO_SIDES):
        raise UnableToNegotiate(
            "other_scheme",
            _("Een voorstel houdt de naam en de partijen van de regeling: %(scheme)s."),
            {"scheme": found.scheme},
        )
    _refuse_other_unit(scheme)
    if text == found.base:
        raise UnableToNegotiate("nothing_new", _("Dit is de tekst waarmee jullie begonnen."))
    _refuse_signed(digest(text))
    newest = found.newest(side)
    if newest and newest.text == text:
        return found
    if found.accepted.get(side):  # who proposes something else says yes no longer
        _say(found, side, "", by=by, at=at)
    row = Proposal.objects.create(
        id=new_id(at),
        negotiation_id=negotiation_id,
        side=side,
        number=newest.number + 1 if newest else 1,
        hash=digest(text),
        text=text,
        made_at=at,
    )
    audit.record(
        by=by,
        at=at,
        action="schemes.propose",
        subject=(TABLE, negotiation_id),
        ids={"side": side, "number": row.number, "hash": row.hash},
    )
    return queries.negotiation(negotiation_id, by=by)


@transaction.atomic
def accept(*, negotiation_id: UUID, text_hash: str, by: Actor, at: datetime) -> NegotiationView:
    """Say yes, for one's own side, to a text on the table; with a second proof of who one is.

    Once both sides said yes to the same text it is agreed: it becomes the next version of the scheme,
    signed by both, and the table is closed. Putting it in force is for another: the operator.
    Raises NotPermitted, SecondProofNeeded or UnableToNegotiate.
    """
    people_access.require_second_proof(by, at)
    found, side = _at_table(negotiation_id, by)
    proposal = next((one for one in found.proposals if one.hash == text_hash), None)
    if proposal is None:
        raise UnableToNegotiate("unknown_proposal", _("Dit voorstel ligt niet op tafel."))
    if found.accepted.get(side) == text_hash:
        return found
    others = Acceptance.objects.filter(negotiation=negotiation_id).exclude(side=side)
    if by.person_id in set(others.values_list("accepted_by", flat=True)):
        raise UnableToNegotiate(
            "same_person", _("Jij zei al ja voor de andere kant. Laat een ander dit doen.")
        )
    _refuse_signed(text_hash)
    _say(found, side, text_hash, by=by, at=at)
    agreed = queries.negotiation(negotiation_id, by=by)
    if agreed.agreed:
        load(text=proposal.text, by=by, at=at)
        for one, organisation_id in agreed.parties.items():
            said = Acceptance.objects.filter(negotiation=negotiation_id, side=one).latest("number")
            sign(
                version_hash=text_hash,
                side=one,
                organisation_id=organisation_id,
                document=agreed.title,
                by=Actor(ActorKind.PERSON, said.accepted_by, Role.NEGOTIATOR, organisation_id),
                at=at,
            )
    return agreed


@transaction.atomic
def take_back_yes(*, negotiation_id: UUID, by: Actor, at: datetime) -> NegotiationView:
    """Take back the yes of one's own side, whoever said it; without one, nothing changes.

    Once it is agreed it cannot be taken back. Raises NotPermitted or UnableToNegotiate (agreed).
    """
    found, side = _at_table(negotiation_id, by)
    if not found.accepted.get(side):
        return found
    _say(found, side, "", by=by, at=at)
    return queries.negotiation(negotiation_id, by=by)


def _say(found: NegotiationView, side: str, text_hash: str, *, by: Actor, at: datetime) -> None:
    """Write down to which text a side says yes; to none with an empty hash. Its last word counts."""
    if by.person_id is None:
        raise people_access.NotPermitted
    Acceptance.objects.create(
        id=new_id(at),
        negotiation_id=found.id,
        side=side,
        number=Acceptance.objects.filter(negotiation=found.id, side=side).count() + 1,
        hash=text_hash,
        accepted_by=by.person_id,
        accepted_at=at,
    )
    audit.record(
        by=by,
        at=at,
        action="schemes.accept" if text_hash else "schemes.take_back_yes",
        subject=(TABLE, found.id),
        ids={"side": side, "hash": text_hash},
    )


def _refuse_other_unit(scheme: Scheme) -> None:
    """Raise UnableToNegotiate where a scheme does not count what accounts hold."""
    if scheme.unit != ACCOUNT_UNIT:
        raise UnableToNegotiate(
            "other_unit",
            _("Deze regeling telt %(unit)s. Aan tafel kan alleen een regeling in euro."),
            {"unit": scheme.unit},
        )


def _refuse_signed(text_hash: str) -> None:
    """Raise UnableToNegotiate where a text was signed already: at another table, or on paper."""
    row = SchemeVersion.objects.filter(hash=text_hash).first()
    if row and row.signatures.exists():
        raise UnableToNegotiate("signed_already", _("Deze tekst is al eerder getekend."))


def _signers(version: SchemeVersion) -> dict[str, UUID]:
    return {one.side: one.organisation_id for one in version.signatures.all()}


def _at_table(negotiation_id: UUID, by: Actor) -> tuple[NegotiationView, str]:
    """Return a table that is open, locked, and the side for which the actor sits at it."""
    people_access.require(by, Permission.NEGOTIATE)
    Negotiation.objects.select_for_update().filter(pk=negotiation_id).first()
    found = queries.negotiation(negotiation_id, by=by)
    if found.agreed:
        raise UnableToNegotiate("agreed", _("Jullie zijn het al eens. Deze tafel is gesloten."))
    return found, found.side_of(by.organisation_id)


def lock_scheme(name: str) -> None:
    """Let whoever computes under a scheme that looks at all of a person's jobs wait for each other.

    Call it in the transaction that books, in the order of the names: two employers that book at once
    would each give what is given once.
    """
    SchemeVersion.objects.select_for_update().filter(scheme=name).order_by("number").first()


def _locked(version_hash: str, error: type[DomainError]) -> SchemeVersion:
    row = SchemeVersion.objects.select_for_update().filter(hash=version_hash).first()
    if row is None:
        raise error("unknown_version", _("Deze versie is er niet."))
    return row
