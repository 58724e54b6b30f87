"""Reads: versions of schemes, what they give, and whether money may be spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes import ceiling_limits, compiling, crediting, editing, explaining
from eigenwijs.schemes import clauses as clauses_of
from eigenwijs.schemes.binding import Bound, Compiled, values_of
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.cases import check_examples
from eigenwijs.schemes.ceilings import CeilingTerms, ceiling
from eigenwijs.schemes.checking import FaultyScheme, check, digest, inferred_places
from eigenwijs.schemes.crediting import UnableToComputeEntitlement, reference_day
from eigenwijs.schemes.editing import with_choices
from eigenwijs.schemes.following import followed
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.json_schema import json_schema as schema_for_editors
from eigenwijs.schemes.many_people import book_for_many, for_many
from eigenwijs.schemes.models import SchemeVersion
from eigenwijs.schemes.negotiations import negotiation, negotiations
from eigenwijs.schemes.one_person import outcome_for
from eigenwijs.schemes.person_conditions import UnusableCondition
from eigenwijs.schemes.person_conditions import check as check_person_condition
from eigenwijs.schemes.person_conditions import meets as meets_person_condition
from eigenwijs.schemes.reference import put_in
from eigenwijs.schemes.spending import (
    co_funding_refusal,
    most_payable,
    own_contribution,
    payable_steps,
    spending_on,
    spending_refusals,
)
from eigenwijs.schemes.types import (
    ACCOUNT_UNIT,
    CheckedText,
    ClauseSection,
    Conditions,
    CreditFacts,
    Earlier,
    ExplainedPerson,
    Localised,
    Outcome,
    Received,
    SchemeChoices,
    SchemeVersionView,
    Step,
)
from eigenwijs.schemes.units import in_unit

__all__ = [
    "Bound",
    "CeilingTerms",
    "Compiled",
    "FaultyScheme",
    "Gifts",
    "UnableToComputeEntitlement",
    "UnableToFindVersion",
    "UnusableCondition",
    "all_versions",
    "book_for_many",
    "ceiling",
    "ceiling_limits",
    "check_person_condition",
    "check_text",
    "choices",
    "clauses",
    "clauses_written_out",
    "co_funding_refusal",
    "coming",
    "compiled",
    "conditions",
    "credited_from",
    "entitlement",
    "explain",
    "explain_person",
    "followed",
    "for_many",
    "json_schema",
    "meets_person_condition",
    "most_payable",
    "negotiation",
    "negotiations",
    "nothing_due",
    "own_contribution",
    "payable_steps",
    "place",
    "reference_day",
    "reference_page",
    "schemes",
    "spending_refusals",
    "time_ends_on",
    "version",
    "version_in_force",
    "versions",
    "with_advance",
    "with_choices",
]


class UnableToFindVersion(DomainError):
    """Codes: unknown_version, not_in_force."""


def check_text(text: str, examples: str | None = None) -> CheckedText:
    """Check a text, and run worked examples on it; nothing is kept.

    Raises FaultyScheme with every fault; its `in_examples` says which of the two texts it is about.
    """
    scheme = check(text)
    count = 0
    if examples is not None:
        try:
            count = check_examples(scheme, examples)
        except FaultyScheme as error:
            error.in_examples = True
            raise
    return CheckedText(
        scheme=scheme.scheme,
        hash=digest(text),
        inferred=inferred_places(scheme),
        examples=count,
        portable=scheme.portable,
        has_rounds=scheme.ceiling is not None,
    )


def clauses(text: str, language: str) -> tuple[ClauseSection, ...]:
    """Return a scheme's text as clauses in `language` (nl or en); raises FaultyScheme."""
    return clauses_of.sections(check(text), language)


def clauses_written_out(text: str, language: str) -> str:
    """Return the clauses as one plain text with the hash of what runs; raises FaultyScheme."""
    return clauses_of.written_out(check(text), digest(text), language)


def explain_person(
    text: str, *, person: str, period: Period | None, language: str
) -> ExplainedPerson:
    """Return what a scheme's text gives the person in another text, as if nothing was given before.

    `person` is YAML: `facts`, and if need be `balance` and `period`; `period` goes before that one.
    Raises FaultyScheme, or FaultyImport (faulty_facts) about the person's text.
    """
    scheme = check(text)
    on, outcome = outcome_for(scheme, digest=digest(text), text=person, period=period)
    sentences = explaining.explain(outcome.steps, language, unit=scheme.unit)
    title = scheme.title.in_language(language)
    with translation.override(language):
        amount = in_unit(outcome.amount.cents, scheme.unit)
    return ExplainedPerson(title, on, tuple(sentences), amount)


def json_schema() -> dict[str, Any]:
    """Return the language as a JSON Schema, for editors."""
    return schema_for_editors()


def reference_page(page: str, shipped: Iterable[str]) -> str:
    """Return the page about the language with its tables made anew, from the types and the schemes we ship."""
    return put_in(page, shipped)


def schemes(on: date) -> list[SchemeVersionView]:
    """Return the law in force on a day, one version a scheme, by name."""
    rows = (
        _rows()
        .filter(activation__valid_from__lte=on)
        .order_by("scheme", "-activation__valid_from")
        .distinct("scheme")
    )
    return [_view(row) for row in rows]


def coming(on: date) -> list[SchemeVersionView]:
    """Return the versions that become law after a day, the soonest first."""
    rows = _rows().filter(activation__valid_from__gt=on)
    return [_view(row) for row in rows.order_by("activation__valid_from", "scheme")]


def versions(scheme: str) -> list[SchemeVersionView]:
    """Return every version of a scheme, the newest first."""
    return [_view(row) for row in _rows().filter(scheme=scheme).order_by("-number")]


def all_versions() -> list[SchemeVersionView]:
    """Return every version of every scheme, by scheme, the newest first."""
    return [_view(row) for row in _rows().order_by("scheme", "-number")]


def with_advance() -> set[str]:
    """Return the schemes of which some version lets people use coming amounts; one query."""
    rows = SchemeVersion.objects.filter(text__contains="advance")
    return {name for name, text in rows.values_list("scheme", "text") if check(text).advance}


def version(version_hash: str) -> SchemeVersionView:
    """Return one version; raises UnableToFindVersion."""
    row = _rows().filter(hash=version_hash).first()
    if row is None:
        raise UnableToFindVersion("unknown_version", _("Deze versie is er niet."))
    return _view(row)


def title(version_hash: str) -> Localised:
    """Return the title in the text of a version; raises UnableToFindVersion."""
    return _scheme(version_hash).title.model_dump()


def version_in_force(scheme: str, on: date) -> SchemeVersionView:
    """Return the version of a scheme that is the law on a day; raises UnableToFindVersion."""
    row = (
        _rows()
        .filter(scheme=scheme, activation__valid_from__lte=on)
        .order_by("-activation__valid_from")
        .first()
    )
    if row is None:
        raise UnableToFindVersion(
            "not_in_force", _("Deze regeling geldt niet op %(on)s."), {"on": on.isoformat()}
        )
    return _view(row)


def entitlement(
    *,
    version_hash: str,
    facts: CreditFacts,
    period: Period,
    earlier: Mapping[str, Earlier],
    balance: Money,
    received: Received,
) -> Outcome:
    """Return what a version gives one person in one period, and why: computed in two ways, which must agree.

    `earlier` holds, per credit of the scheme, the sums of the other periods of the same year in this
    job; `balance` is what stands on the account under this scheme, expected money included;
    `received` what the person got in all jobs, for a version that `needs_received`. Raises
    UnableToFindVersion, or UnableToComputeEntitlement where the facts do not fit.
    """
    outcome = crediting.entitlement(
        _scheme(version_hash),
        digest=version_hash,
        facts=facts,
        period=period,
        earlier=earlier,
        balance=balance,
        received=received,
    )
    bound = _bound(version_hash, period)
    values = values_of(bound, facts=facts, earlier=earlier, balance=balance, received=received)
    if values is not None:
        found = bound.for_one(values)
        if any(found[f"amount:{part.credit}"] != part.amount.cents for part in outcome.parts):
            raise AssertionError(f"two computations by {version_hash} of {period} differ")
    return outcome


def advance_most(*, version_hash: str, facts: CreditFacts, period: Period) -> Money:
    """Return the most of coming amounts that a version lets come ahead; raises as `entitlement` does."""
    return crediting.advance_most(_scheme(version_hash), facts=facts, period=period)


def choices(text: str, on: date) -> SchemeChoices:
    """Return what can be chosen in a text without writing it, with the figures of a day; raises FaultyScheme."""
    return editing.choices(check(text), on)


def compiled(text: str) -> Compiled:
    """Return a scheme's text as a program for many people; raises FaultyScheme."""
    return compiling.compiled(check(text))


def nothing_due(*, version_hash: str, reason: str, earlier: Mapping[str, Earlier]) -> Outcome:
    """Return that nothing is due in a period, for a reason outside the scheme.

    `reason` is the code of a step: `not_employed` or `not_delivered`. Raises UnableToFindVersion.
    """
    return crediting.nothing_due(
        _scheme(version_hash), digest=version_hash, reason=reason, earlier=earlier
    )


def conditions(
    *,
    version_hash: str,
    credited_on: date,
    reverts_to: UUID | None,
    birth_date: date | None = None,
    employer_id: UUID | None = None,
) -> Conditions:
    """Return the conditions that a version puts on money credited on a day.

    `reverts_to` is the organisation that receives what ends, given where the version has an end;
    `birth_date` is the person's, for a version of which money `ends_at_age`: without it that money
    has no end. `employer_id` is the employer whose job gave it, for money that is not portable.
    Raises UnableToFindVersion, and ValueError where money would end without a receiver, or with the job
    of nobody.
    """
    scheme = _scheme(version_hash)
    if scheme.expiry and reverts_to is None:
        raise ValueError("money that ends needs a receiver")
    if not scheme.portable and employer_id is None:
        raise ValueError("money that is not portable needs the employer whose job gave it")
    return Conditions(
        scheme=scheme.scheme,
        title=scheme.title.model_dump(),
        **spending_on(scheme, credited_on),
        expires_on=scheme.expiry.last_day(credited_on, scheme.grace_months, birth_date)
        if scheme.expiry
        else None,
        correctable_for_days=scheme.correctable_for.days if scheme.correctable_for else None,
        refund_grace_months=scheme.grace_months,
        portable=scheme.portable,
        reverts_to=reverts_to if scheme.expiry else None,
        employer=None if scheme.portable else employer_id,
        months_after_job=scheme.expiry.months_after_job if scheme.expiry else None,
        goes_back=scheme.goes_back_to_employer,
    )


def credited_from(version_hash: str, period: Period) -> date | None:
    """Return from which day on money of a period can stand on an account; None where it is as soon as paid.

    Raises UnableToFindVersion.
    """
    credited = _scheme(version_hash).credited
    return credited.first_day(period) if credited else None


def is_portable(version_hash: str) -> bool:
    """Return whether people keep money under a version after the job that gave it. Raises UnableToFindVersion."""
    return _scheme(version_hash).portable


def ends_at_age(version_hash: str) -> bool:
    """Return whether money under a version ends at an age, so that its end tells a birthday.

    Raises UnableToFindVersion.
    """
    expiry = _scheme(version_hash).expiry
    return expiry is not None and expiry.at_age is not None


def time_ends_on(version_hash: str, given_on: date, birth_date: date | None) -> date | None:
    """Return the last day on which time to learn that is given on a day can be taken; None for no end.

    `birth_date` is needed where it `ends_at_age`. Raises UnableToFindVersion.
    """
    scheme = _scheme(version_hash)
    if scheme.expiry is None:
        return None
    return scheme.expiry.last_day(given_on, scheme.grace_months, birth_date)


def explain(steps: Iterable[Step], language: str, unit: str = ACCOUNT_UNIT) -> list[str]:
    """Return the steps as sentences in `language` (nl or en), each with its article, in what they count."""
    return explaining.explain(steps, language, unit=unit)


def place(article: str) -> str:
    """Return where a rule stands, in the language in force: `artikel 4`, a site, or the text itself."""
    return explaining.place(article)


@lru_cache(maxsize=64)
def _scheme(version_hash: str) -> Scheme:
    """The text of a hash never changes, so neither does what is kept here."""
    row = SchemeVersion.objects.filter(hash=version_hash).only("text").first()
    if row is None:
        raise UnableToFindVersion("unknown_version", _("Deze versie is er niet."))
    return check(row.text)


@lru_cache(maxsize=256)
def _bound(version_hash: str, period: Period) -> Bound:
    return compiling.compiled(_scheme(version_hash)).bind(period)


@lru_cache(maxsize=64)
def _inferred(text: str) -> tuple[str, ...]:
    return inferred_places(check(text))


def _rows() -> QuerySet[SchemeVersion]:
    return SchemeVersion.objects.select_related("activation").prefetch_related("signatures")


def _view(row: SchemeVersion) -> SchemeVersionView:
    scheme = check(row.text)
    activation = getattr(row, "activation", None)
    return SchemeVersionView(
        id=row.id,
        scheme=row.scheme,
        title=scheme.title.model_dump(),
        version=row.number,
        hash=row.hash,
        text=row.text,
        source=scheme.source,
        unit=scheme.unit,
        periods=tuple(scheme.periods),
        facts_needed=scheme.facts_needed,
        inferred=_inferred(row.text),
        signed_by=tuple(scheme.signed_by),
        signatures={item.side: item.organisation_id for item in row.signatures.all()},
        loaded_at=row.loaded_at,
        valid_from=activation.valid_from if activation else None,
        has_end=scheme.expiry is not None,
        has_cap=scheme.cap is not None and scheme.cap.balance is not None,
        needs_received=scheme.needs_received,
        again_after=scheme.again_after,
        correctable_for_days=scheme.correctable_for.days if scheme.correctable_for else None,
        goes_back_to_employer=scheme.goes_back_to_employer,
        advance_place=(scheme.advance.place or scheme.source) if scheme.advance else None,
    )
