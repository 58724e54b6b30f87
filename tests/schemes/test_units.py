"""A scheme can count hours or days to learn, or another currency, which goes no further than words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.clauses import written_out
from eigenwijs.schemes.operations import UnableToActivate, UnableToNegotiate
from eigenwijs.schemes.units import in_unit
from eigenwijs.simulation.queries import SchemeProposal, UnableToSimulate
from tests.factories.budgets import NOW
from tests.factories.negotiations import make_negotiator
from tests.factories.people import SYSTEM, make_organisation
from tests.schemes.test_language import GOOD
from tests.schemes.test_operations import signed

HARD_SPACE = "\N{NO-BREAK SPACE}"
WITHOUT_PRICE = GOOD.replace("price <= per_year * 5 and (", "").replace("0913])", "0913]")

PAYS = "pays: {cases: [{otherwise: per_year}], text: {nl: x, en: x}, article: x}"


def counted(unit: str) -> str:
    """The good text, counting something else: 175 of it a year, 180 from 2026."""
    text = WITHOUT_PRICE.replace("unit: EUR", "unit: amount")
    if unit in ("hours", "days"):
        conditions = text[text.index("  only:") : text.index('  article: "6"\ncorrectable')]
        text = text.replace(conditions, "").replace(
            'correctable_for: {days: 30, article: "7"}\n', ""
        )
        text = text.replace('reversion: {to: sector_fund, article: "5"}\n', "")
    return text.replace("starts:", f"unit: {unit}\nstarts:")


def plain(text: str) -> str:
    return " ".join(text.split())


def facts(tmp_path: Path) -> Path:
    path = tmp_path / "person.yaml"
    path.write_text(
        "period: 2026-05\nbalance: 2.00\nfacts: {contract_kind: permanent, contract_hours_week: 38}\n"
    )
    return path


@pytest.mark.parametrize(
    ("unit", "hundredths", "nl", "en"),
    [
        ("EUR", 175_00, f"€{HARD_SPACE}175,00", "€175.00"),
        ("SGD", 1_500_00, f"SGD{HARD_SPACE}1.500,00", f"SGD{HARD_SPACE}1,500.00"),
        ("GBP", 200_50, f"GBP{HARD_SPACE}200,50", f"GBP{HARD_SPACE}200.50"),
        ("hours", 1_00, "1 uur", "1 hour"),
        ("hours", 25_00, "25 uur", "25 hours"),
        ("hours", 100_01, "100,01 uur", "100.01 hours"),
        ("days", 1_00, "1 dag", "1 day"),
        ("days", 2_50, "2,5 dagen", "2.5 days"),
        ("days", -50, "−0,5 dagen", "−0.5 days"),
    ],
)
def test_an_amount_is_written_with_what_it_counts(
    unit: str, hundredths: int, nl: str, en: str
) -> None:
    for language, expected in (("nl", nl), ("en", en)):
        with translation.override(language):
            assert in_unit(hundredths, unit) == expected


@pytest.mark.parametrize(
    ("unit", "year", "month", "part"),
    [
        ("SGD", "SGD 180.00", "SGD 15.00", "a whole cent"),
        ("GBP", "GBP 180.00", "GBP 15.00", "a whole penny"),
        ("hours", "180 hours", "15 hours", "a hundredth of an hour"),
        ("days", "180 days", "15 days", "a hundredth of a day"),
    ],
)
def test_clauses_and_steps_say_the_unit_and_no_euro(
    unit: str, year: str, month: str, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """180 a year of it is 15 a month; 2 of it stand on the account."""
    text = counted(unit).replace("spread: cumulative", "round: half_up")
    clauses = {one: plain(written_out(check(text), "", one)) for one in ("nl", "en")}
    assert f"{year} from 1 January 2026" in clauses["en"]
    assert part in clauses["en"]
    path = tmp_path / "scheme.yaml"
    path.write_text(text)
    for language in ("nl", "en"):
        call_command("scheme", "explain", str(path), facts=facts(tmp_path), language=language)
        told = plain(capsys.readouterr().out)
        assert "€" not in told + clauses[language]
        if unit in ("hours", "days"):
            assert not {"geld", "money", "cent"} & set(clauses[language].lower().split())
    assert f"The amount is {year} a year." in told
    assert f"Rounded to {part} that is {month}." in told
    assert told.endswith(f"You get {month} for this period.")


def test_an_example_that_differs_says_the_unit() -> None:
    person = "facts: {contract_kind: permanent, contract_hours_week: 38}"
    example = f"cases:\n  - {{name: x, period: 2026-05, {person}, amount: 14}}\n"
    with pytest.raises(FaultyScheme) as refused:
        queries.check_text(counted("days"), example)
    with translation.override("en"):
        assert "expected 14.00 days, found 15.00 days" in str(refused.value.faults[0])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("otherwise: per_year / 2", "otherwise: gross_wage_period", "money_fact"),
        ("{otherwise: per_year * 3}", "{otherwise: full_week}", "not_money"),
    ],
)
def test_what_counts_hours_says_nothing_of_money(old: str, new: str, code: str) -> None:
    with pytest.raises(FaultyScheme) as refused:
        check(counted("hours").replace(old, new))
    assert code in {fault.code for fault in refused.value.faults}


@pytest.mark.django_db
def test_it_can_be_loaded_and_not_put_in_force() -> None:
    version = operations.load(text=counted("GBP"), by=SYSTEM, at=NOW)
    assert version.unit == "GBP"
    with pytest.raises(UnableToActivate) as refused:
        operations.activate(
            version_hash=version.hash, valid_from=date(2026, 1, 1), by=SYSTEM, at=NOW
        )
    assert refused.value.code == "other_unit"


@pytest.mark.django_db
def test_time_can_be_law_and_a_next_version_counts_the_same() -> None:
    """Hours that were given stay hours: a version in days needs a name of its own."""
    hours, days = counted("hours"), counted("days").replace("starts: 2024", "starts: 2025")
    first, second = signed(hours, NOW), signed(days, NOW)
    operations.activate(version_hash=first, valid_from=date(2026, 1, 1), by=SYSTEM, at=NOW)
    with pytest.raises(UnableToActivate) as refused:
        operations.activate(version_hash=second, valid_from=date(2027, 1, 1), by=SYSTEM, at=NOW)
    assert refused.value.code == "unit_changes"


@pytest.mark.parametrize(
    "block",
    [
        "advance: {most: [{otherwise: per_year}], article: x}",
        "credited: {months_after: 2, article: x}",
        "reversion: {to: state, article: x}",
        "correctable_for: {days: 30, article: x}",
        "refund_grace: {months: 6, article: x}",
        "orders: {answer: {working_days: 3, article: x}, article: x}",
    ],
)
def test_time_has_no_block_about_money(block: str) -> None:
    with pytest.raises(FaultyScheme) as refused:
        check(f"{counted('hours')}{block}\n")
    name = block.partition(":")[0]
    assert [(one.code, one.field_name) for one in refused.value.faults] == [("only_money", name)]


@pytest.mark.django_db
def test_it_comes_on_no_table() -> None:
    union = make_negotiator(NOW)
    assert union.organisation_id
    parties = {"workers": union.organisation_id, "employers": make_organisation().id}
    given = {
        "title": "x",
        "parties": parties,
        "starts_on": date(2027, 1, 1),
        "by": union,
        "at": NOW,
    }
    with pytest.raises(UnableToNegotiate) as refused:
        operations.open_negotiation(base=counted("hours"), **given)  # type: ignore[arg-type]
    assert refused.value.code == "other_unit"
    table = operations.open_negotiation(base=GOOD, **given)  # type: ignore[arg-type]
    with pytest.raises(UnableToNegotiate) as refused:
        operations.propose(negotiation_id=table.id, text=counted("hours"), by=union, at=NOW)
    assert refused.value.code == "other_unit"


def test_it_is_not_simulated(tmp_path: Path) -> None:
    with pytest.raises(UnableToSimulate) as refused:
        SchemeProposal(counted("SGD"))
    assert refused.value.code == "other_unit"
    path = tmp_path / "scheme.yaml"
    path.write_text(counted("SGD"))
    with pytest.raises(CommandError, match="telt SGD"):
        call_command("scheme", "lint", str(path))


def test_a_formula_that_cannot_be_read_is_refused_in_a_scheme_of_time_too() -> None:
    text = counted("hours").replace("otherwise: per_year / 2", "otherwise: __import__('os')")
    with pytest.raises(FaultyScheme) as refused:
        check(text)
    assert [fault.code for fault in refused.value.faults] == ["syntax"]
