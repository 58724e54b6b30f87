"""Schemes that give more to who has less schooling: the fact that people tell of themselves."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from eigenwijs.contributions import operations as contributions
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.crediting import UnableToComputeEntitlement, entitlement
from eigenwijs.schemes.types import Outcome, Received
from tests.factories.contributions import SYSTEM, make_law
from tests.factories.people import make_organisation

CPF = (Path(__file__).resolve().parents[2] / "schemes/fr/cpf/scheme.yaml").read_text()
USE = "use: vocational  # who declares nothing has the ordinary right"
WITHOUT_ANSWER = CPF.replace(f"absent:\n  qualification:\n    {USE}\n    article: L6323-11-1\n", "")


def given(hours: int, qualification: str | None, text: str = CPF) -> Outcome:
    facts = {"paid_hours_period": Fraction(hours), "qualification": qualification}
    return entitlement(
        check(text),
        digest="",
        facts=facts,
        period=Period.parse("2024"),
        earlier={},
        balance=Money.zero(),
        received=Received(),
    )


def test_643_of_1607_hours_gives_320_10_of_800_without_a_diploma_of_level_3() -> None:
    """643 / 1,607 of € 800.00 is € 320.0996: up to a cent € 320.10; of € 500.00 it is € 200.07."""
    assert given(643, "lower_secondary").amount == Money(320_10)
    assert given(643, "vocational").amount == Money(200_07)


def test_who_said_nothing_is_reckoned_as_the_scheme_says_and_is_told_so() -> None:
    found = given(1607, None)
    assert found.amount == Money(500_00)
    assert "You did not tell us which qualification you have." in " ".join(
        queries.explain(found.steps, "en")
    )
    assert "Je vertelde ons je hoogste diploma: mbo 2." in queries.explain(
        given(1607, "basic_vocational").steps, "nl"
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("use: vocatoinal", "unknown_label"),
        ("use: amount", "unknown_label"),
        ("use: 3", "unknown_label"),
    ],
)
def test_what_stands_in_for_a_qualification_is_one_of_its_labels(answer: str, code: str) -> None:
    with pytest.raises(FaultyScheme) as refusal:
        check(CPF.replace(USE, answer))
    assert {fault.code for fault in refusal.value.faults} == {code}
    assert {fault.field_name for fault in refusal.value.faults} == {"absent.qualification.use"}


def test_a_scheme_must_say_what_happens_to_who_said_nothing() -> None:
    with pytest.raises(FaultyScheme) as refusal:
        check(WITHOUT_ANSWER)
    assert [fault.code for fault in refusal.value.faults] == ["absent_missing"]


@pytest.mark.parametrize(
    "text",
    [WITHOUT_ANSWER, CPF, CPF.replace(USE, "not_eligible: {nl: Nee., en: No.}")],
    ids=["no absent", "use", "not_eligible"],
)
def test_a_scheme_of_time_is_told_one_thing_of_a_qualification_that_it_cannot_count_it(
    text: str,
) -> None:
    with pytest.raises(FaultyScheme) as refusal:
        check(text.replace("starts:", "unit: hours\nstarts:", 1))
    said = [one for one in refusal.value.faults if one.params.get("name") == "qualification"]
    assert {fault.code for fault in said} == {"time_tells"}
    assert {"credit.1.cases.1.when", "cap.balance.1.when"} <= {one.field_name for one in said}


def test_no_other_word_is_a_qualification() -> None:
    with pytest.raises(UnableToComputeEntitlement) as refusal:
        given(1607, "phd")
    assert refusal.value.code == "fact_out_of_bounds"


@pytest.mark.django_db
def test_no_later_version_begins_or_stops_to_count_what_people_tell(now: datetime) -> None:
    """Who takes part chose under which eyes the money stands: another choice is another scheme."""
    make_law("fr/cpf", text=CPF)
    plain = WITHOUT_ANSWER.replace(
        "qualification in [primary, lower_secondary, basic_vocational]", "contract_kind == on_call"
    )
    version = operations.load(text=plain, by=SYSTEM, at=now)
    assert not version.counts_confided
    operations.sign(
        version_hash=version.hash,
        side="state",
        organisation_id=make_organisation(OrganisationKind.AGREEMENT_PARTY).id,
        document="akte",
        by=SYSTEM,
        at=now,
    )
    with pytest.raises(operations.UnableToActivate) as refusal:
        operations.activate(
            version_hash=version.hash, valid_from=date(2026, 1, 1), by=SYSTEM, at=now
        )
    assert refusal.value.code == "counts_confided"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", [one for one in OrganisationKind if one is not OrganisationKind.PAYER]
)
def test_only_a_fund_or_the_state_pays_a_scheme_over_what_people_tell(
    now: datetime, kind: OrganisationKind
) -> None:
    make_law("fr/cpf", text=CPF)
    employer = make_organisation()
    with pytest.raises(contributions.UnableToParticipate) as refusal:
        contributions.join_scheme(
            employer_id=employer.id,
            scheme="fr/cpf",
            payer_id=make_organisation(kind).id,
            starts_on=date(2026, 1, 1),
            by=SYSTEM,
            at=now,
        )
    assert refusal.value.code == "employer_would_see"
