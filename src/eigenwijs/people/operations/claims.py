"""One-time codes that open a file, and the claim that joins two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import rules
from eigenwijs.people.access import NotPermitted, can, look_at_many, require_second_proof
from eigenwijs.people.models import ClaimCode, Person, User
from eigenwijs.people.operations.roles import assign
from eigenwijs.people.operations.sign_in import end_sessions, end_ways_in, make_login
from eigenwijs.people.queries import files_of, roles, surviving
from eigenwijs.people.types import ClaimLetter, Looked, Permission, Role

_PURPOSE = "claim_code"


class UnableToIssueClaimCode(DomainError):
    """Code: already_claimed (its owner signs in, or the desk helps)."""


class UnableToClaim(DomainError):
    """Codes: mistyped (cannot be a code at all), not_accepted (one answer for all the rest),
    own_letter (signed in as who printed it), other_birth_date (signed in as someone with another
    birth date, or with none on file)."""


_NOT_ACCEPTED = _(
    "Deze code en geboortedatum horen niet bij elkaar, of de code werkt niet meer. "
    "Na vijf keer fout gaat een code op slot. Vraag dan een nieuwe."
)
_MISTYPED = _(
    "Je hebt je vertypt. Kijk nog eens op je brief. De code heeft drie groepjes van vier."
)
_REFUSALS = {
    "other_birth_date": _(
        "Deze brief is van iemand met een andere geboortedatum dan jij. Log uit als je de brief "
        "van iemand anders invult. Is de brief toch van jou? Dan klopt je geboortedatum ergens "
        "niet: bel ons."
    ),
    "own_letter": _(
        "Deze brief heb je zelf geprint. Daarmee kun je geen dossier bij het jouwe voegen. Is het "
        "dossier van jou? Vraag een collega om een nieuwe brief."
    ),
}


def issue_claim_code(person_id: UUID, *, by: Actor, at: datetime) -> str:
    """Return a new one-time code for a file that nobody has claimed, grouped for reading.

    Earlier codes of the file stop working. Shown once: only a digest is kept.
    Raises UnableToIssueClaimCode and access.NotPermitted.
    """
    first = surviving(person_id)
    letters = issue_claim_letters(person_ids=[first], by=by, at=at)
    if not letters:
        raise UnableToIssueClaimCode(
            "already_claimed", _("Dit dossier is al geopend. De eigenaar kan inloggen.")
        )
    return letters[0].code


@transaction.atomic
def issue_claim_letters(
    *, person_ids: Sequence[UUID], by: Actor, at: datetime
) -> list[ClaimLetter]:
    """Make a new code for each of these files and return what a letter shows: name and code only.

    Files that are claimed or joined another are left out, and so are those without a birth date,
    which no code can open. The operator and the desk print letters, an employer never does: it
    knows the birth date, so that a code would be all it needs. Whoever corrected a file prints no
    letter for it. Every letter stands in the person's own log. Raises access.NotPermitted.
    """
    if not (can(by, Permission.ISSUE_CLAIM_CODES) or can(by, Permission.PRINT_CLAIM_LETTERS)):
        raise NotPermitted
    wanted = list(dict.fromkeys(person_ids))
    files = Person.objects.select_for_update().filter(
        pk__in=wanted, claimed_at=None, merged_into=None, birth_date__isnull=False
    )
    if by.person_id:
        files = files.filter(~Q(corrected_by=by.person_id))
    by_id = {file.pk: file for file in files.order_by("id")}
    chosen = [by_id[one] for one in wanted if one in by_id]
    letters = issue_codes(chosen, by=by, at=at, for_recovery=False)
    look_at_many([one.pk for one in chosen], what=Looked.CLAIM_LETTER, by=by, at=at)
    for file in chosen:
        audit.record(
            by=by, at=at, action="people.claim_code.issue", subject=("people.person", file.pk)
        )
    return letters


def issue_codes(
    files: Sequence[Person], *, by: Actor, at: datetime, for_recovery: bool
) -> list[ClaimLetter]:
    """Make a code for each of these locked files; earlier ones stop working. For this room only."""
    life = rules.RECOVERY_CODE_LIFE if for_recovery else rules.CLAIM_CODE_LIFE
    ClaimCode.objects.filter(person__in=files, used_at=None, withdrawn_at=None).update(
        withdrawn_at=at
    )
    codes = _fresh_codes(len(files))
    ClaimCode.objects.bulk_create(
        ClaimCode(
            id=new_id(at),
            person=file,
            selector=code[: rules.SELECTOR_LENGTH],
            digest=rules.digest(code, _PURPOSE),
            for_recovery=for_recovery,
            issued_at=at,
            issued_by_id=by.person_id,
            expires_at=at + life,
        )
        for file, code in zip(files, codes, strict=True)
    )
    return [
        ClaimLetter(
            person_id=file.pk,
            name=file.name,
            address=file.address,
            language=file.language,
            for_recovery=for_recovery,
            code=rules.grouped(code),
            expires_at=at + life,
        )
        for file, code in zip(files, codes, strict=True)
    ]


def _fresh_codes(count: int) -> list[str]:
    """Return codes whose first parts nobody else's code has."""
    fresh: dict[str, str] = {}
    while len(fresh) < count:
        for code in (
            rules.new_code(rules.CLAIM_CODE_LENGTH) for _again in range(count - len(fresh))
        ):
            fresh.setdefault(code[: rules.SELECTOR_LENGTH], code)
        taken = ClaimCode.objects.filter(selector__in=fresh).values_list("selector", flat=True)
        for selector in taken:
            del fresh[selector]
    return list(fresh.values())


@dataclass(frozen=True)
class _Answer:
    person_id: UUID | None = None
    refusal: str = ""


def claim(*, code: str, birth_date: date, by: Actor, at: datetime) -> UUID:
    """Open the file of this code, or join it to one's own; return the id of the surviving file.

    By a visitor: the file becomes claimed and gets a login and the role of worker (announces
    `person_claimed`); a recovery code opens the login that is there and ends its old ways in
    (of staff these stay: they need their passkey or app anyway, which only an operator takes away).
    Either way the login is not confirmed: a code shows what there is, and no second proof follows
    from it.
    By a person who is signed in: the file joins their own, with all its history (announces
    `person_merged`); nothing is rewritten, and there is no way back. That asks a second proof, and
    both files must have the same birth date, and nobody joins what they printed themselves.

    Knowing name, birth date and e-mail opens nothing. The fifth wrong birth date or wrong code
    locks the code. Wrong code, wrong date, used, expired and locked are one answer.
    Raises UnableToClaim and access.SecondProofNeeded.
    """
    if by.kind is ActorKind.PERSON:
        require_second_proof(by, at)
    read = rules.read_code(code, rules.CLAIM_CODE_LENGTH)
    if read is None:
        raise UnableToClaim("mistyped", _MISTYPED)
    with transaction.atomic():
        answer = _try(read, birth_date, by=by, at=at)
    if answer.refusal:
        raise UnableToClaim(answer.refusal, _REFUSALS[answer.refusal])
    if answer.person_id is None:
        raise UnableToClaim("not_accepted", _NOT_ACCEPTED)
    return answer.person_id


def _try(read: str, birth_date: date, *, by: Actor, at: datetime) -> _Answer:
    own = surviving(by.person_id) if by.kind is ActorKind.PERSON and by.person_id else None
    selector = read[: rules.SELECTOR_LENGTH]
    owner = ClaimCode.objects.filter(selector=selector).values_list("person", flat=True).first()
    # Files first, in the order of their ids, then the code: whoever issues codes locks the same way.
    locked = Person.objects.select_for_update().filter(pk__in={owner, own} - {None})
    files = {one.pk: one for one in locked.order_by("id")}
    found = (
        ClaimCode.objects.select_for_update().filter(selector=selector, person__in=files).first()
    )
    fits = rules.opens(
        code_digests=rules.digests(read, _PURPOSE),
        stored_digest=found.digest if found else rules.digest("", _PURPOSE),
        birth_date=birth_date,
        stored_birth_date=files[found.person_id].birth_date if found else None,
    )
    alive = found is not None and (
        found.used_at is None
        and found.withdrawn_at is None
        and found.wrong_tries < rules.TRIES
        and at < found.expires_at
    )
    if found is None or not alive:
        return _Answer()
    if not fits:
        _count_wrong_try(found, by=by, at=at)
        return _Answer()
    file = files[found.person_id]
    if own is None:
        return _Answer(_open(found, file, by=by, at=at))
    return _join(found, file, files[own], by=by, at=at)


def _count_wrong_try(code: ClaimCode, *, by: Actor, at: datetime) -> None:
    code.wrong_tries += 1
    code.save(update_fields=["wrong_tries"])
    if code.wrong_tries == rules.TRIES:
        audit.record(
            by=by, at=at, action="people.claim_code.lock", subject=("people.person", code.person_id)
        )


def _open(code: ClaimCode, person: Person, *, by: Actor, at: datetime) -> UUID:
    _use_up(code, at)
    user = User.objects.filter(person=person).first()
    if user is None:
        make_login(person, by=by, at=at, is_worker=True)
        audit.announce(by=by, at=at, event="person_claimed", subject=("people.person", person.pk))
        return person.pk
    is_staff = any(one.role.is_staff for one in roles(person.pk))
    (end_sessions if is_staff else end_ways_in)(user, at=at)
    audit.record(by=by, at=at, action="people.login.recover", subject=("people.person", person.pk))
    return person.pk


def _join(code: ClaimCode, file: Person, own: Person, *, by: Actor, at: datetime) -> _Answer:
    """Let `file` join `own`; both rows are locked."""
    if own.merged_into_id or file.merged_into_id not in (None, own.pk):
        return _Answer()  # a claim elsewhere was just ahead of this one
    if file.pk == own.pk or file.merged_into_id:
        _use_up(code, at)
        return _Answer(own.pk)
    if code.issued_by_id in files_of(own.pk):
        return _Answer(refusal="own_letter")
    if own.birth_date != file.birth_date:
        return _Answer(refusal="other_birth_date")
    _use_up(code, at)
    Person.objects.filter(pk__in=files_of(file.pk)).update(merged_into=own)
    Person.objects.filter(pk=file.pk, claimed_at=None).update(claimed_at=at)
    for closed in User.objects.filter(person=file):
        closed.is_active = False
        closed.save(update_fields=["is_active"])
        end_ways_in(closed, at=at)
    if not any(one.role is Role.WORKER for one in roles(own.pk)):
        assign(own.pk, Role.WORKER, None, by=by, at=at)
    audit.announce(
        by=by,
        at=at,
        event="person_merged",
        subject=("people.person", own.pk),
        ids={"file": str(file.pk)},
    )
    return _Answer(own.pk)


def _use_up(code: ClaimCode, at: datetime) -> None:
    code.used_at = at
    code.save(update_fields=["used_at"])
    ClaimCode.objects.filter(person=code.person_id, used_at=None, withdrawn_at=None).update(
        withdrawn_at=at
    )
